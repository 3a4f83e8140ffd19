"""The HTML report in a real browser: it loads, its links lead somewhere, its filter and its pictures answer."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports import render
from reports.findings import collect
from tests import reports_synthetic as synthetic

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine's PATH")


def opened(page: Path, folder: Path, *more: str, fragment: str = "") -> tuple[str, list[str]]:
    """The document as it is after its scripts have run, and what the browser's console said."""
    assert CHROMIUM
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "--window-size=1280,1000", *more, "--dump-dom"]
    run = subprocess.run([*command, page.as_uri() + fragment], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


def asked(text: str, script: str, tmp_path: Path, *more: str) -> Any:
    """What a script finds in the page. The test's copy of the page lets this one more script in."""
    probe = f"<script>addEventListener('load', async () => {{ document.title = JSON.stringify({script}); }});</script>"
    page = tmp_path / "probed.html"
    page.write_text(
        re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text).replace("</body>", f"{probe}</body>"),
        encoding="utf-8",
    )
    document, console = opened(page, tmp_path / "profile", *more)
    assert console == []
    found = re.search("<title>(.*?)</title>", document, re.S)
    assert found
    return json.loads(found.group(1).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


@pytest.fixture(scope="module")
def text() -> str:
    return render(collect(synthetic.run()), "html")


@pytest.mark.parametrize("run", [synthetic.run, synthetic.hostile, list], ids=["ordinary", "hostile", "empty"])
def test_the_page_loads_without_a_complaint(run, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(render(collect(run()), "html"), encoding="utf-8")
    document, console = opened(page, tmp_path / "profile")
    assert console == []
    assert "This page asks nothing of the network." in document
    assert ('<form id="filter" role="search" aria-label="Filter the findings">' in document) == (run is not list)


def test_every_cell_of_the_grid_leads_to_its_section(text, tmp_path):
    script = """[...document.querySelectorAll('.grid td')].map((cell) => {
        const link = cell.querySelector('a');
        const target = link && document.querySelector('[id="' + link.hash.slice(1) + '"]');
        return [cell.innerText.split(/\\s/)[0], target && (target.closest('details') ? 'section' : target.id)];
    })"""
    cells = asked(text, script, tmp_path)
    assert len(cells) == len(synthetic.OPERATIONS) * len(synthetic.IMPLEMENTATIONS)
    assert {where for word, where in cells if word == "absent"} == {"gaps"}
    assert {where for word, where in cells if word != "absent"} == {"section"}


def test_a_link_opens_the_closed_section_it_leads_to(text, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(text, encoding="utf-8")
    anchors = re.findall(r'<details class="cell s-agree">.*?id="([^"]+)"', text, re.S)
    before, _ = opened(page, tmp_path / "profile")
    after, _ = opened(page, tmp_path / "profile", fragment=f"#{anchors[-1]}")
    assert after.count('<details class="cell s-agree" open="">') == 1 + before.count('s-agree" open="">')


def test_the_filter_shows_what_was_asked_for(text, tmp_path):
    script = """await (async () => {
        const form = document.getElementById('filter');
        const shown = () => [...document.querySelectorAll('#rows > tr')].filter((row) => !row.hidden);
        const all = shown().length;
        form.elements.status.value = 'wrong';
        form.elements.text.value = 'AFFINE factor';
        form.dispatchEvent(new Event('input'));
        const wrong = shown().map((row) => row.cells[1].textContent);
        const said = document.getElementById('shown').textContent;
        form.reset();
        await new Promise((done) => setTimeout(done, 50));
        return [all, wrong, said, shown().length];
    })()"""
    every, wrong, said, after = asked(text, script, tmp_path, "--virtual-time-budget=3000")
    assert every == after == len(collect(synthetic.run()).findings)
    assert wrong == ["affine"] * 4
    assert said.startswith("4 of 352 listed findings match.")


def test_arrow_keys_read_the_three_pictures_together(text, tmp_path):
    script = """(() => {
        const maps = document.querySelector('[data-maps]');
        const press = (key) => maps.dispatchEvent(new KeyboardEvent('keydown', {key, cancelable: true}));
        press('ArrowRight'); press('ArrowRight'); press('ArrowRight'); press('ArrowRight');
        return [maps.querySelectorAll('.here').length, maps.nextElementSibling.textContent];
    })()"""
    here, readout = asked(text, script, tmp_path)
    assert here == 3
    assert re.match(r"\[4\]  true \S+,  got \S+,  \S+x the allowance", readout)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_hangs_over_the_side_of_the_page(width, tmp_path):
    script = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    frame = json.dumps(render(collect(synthetic.run()), "html")).replace("</", "<\\/")
    outer = f"""<!DOCTYPE html><title>-</title><body><iframe width="{width}" height="800"></iframe><script>
        const frame = document.querySelector('iframe');
        frame.srcdoc = {frame};
        frame.onload = () => {{
            const document = frame.contentDocument;
            top.document.title = JSON.stringify({script});
        }};
        </script></body>"""
    page = tmp_path / "outer.html"
    page.write_text(outer, encoding="utf-8")
    document, _ = opened(page, tmp_path / "profile")
    found = re.search("<title>(.*?)</title>", document)
    assert found
    scroll, client = json.loads(found.group(1))
    assert scroll <= client


def test_a_page_of_ten_thousand_findings_opens_at_once(tmp_path):
    script = "performance.getEntriesByType('navigation')[0].domInteractive"
    milliseconds = asked(render(collect(synthetic.large(10_000)), "html"), script, tmp_path)
    # Two seconds are what a reader may wait; the rest is for a machine that is busy with other tests.
    assert milliseconds < 10_000
