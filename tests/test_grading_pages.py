"""The pages of a grading in a real browser: no complaint of the browser, nothing wider than a telephone, readable."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports.grading import render
from reports.grading.class_page import render as class_page
from tests import marks_synthetic as synthetic

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine's PATH")

PAGES = {
    "ordinary": lambda: render(synthetic.record(), "html"),
    "instructor": lambda: render(synthetic.record(), "html", everything=True),
    "hostile": lambda: render(synthetic.hostile(), "html"),
    "not graded": lambda: render(synthetic.not_graded(), "html"),
    "class": lambda: class_page(synthetic.many(30), changes=["s: 1 to 2"], notes=["a note"]),
    "hostile class": lambda: class_page([synthetic.hostile()], changes=[synthetic.HOSTILE]),
    "no class": lambda: class_page([]),
}


def opened(page: Path, *more: str) -> tuple[str, list[str]]:
    """The document as the browser has it, and what its console said."""
    assert CHROMIUM
    profile = f"--user-data-dir={page.parent / 'profile'}"
    command = [CHROMIUM, *FLAGS, profile, "--enable-logging=stderr", "--window-size=1200,1600", *more, "--dump-dom"]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def asked(page: str, script: str, folder: Path, *more: str) -> Any:
    """What a script finds in the page. The test's copy of the page lets this one script in."""
    probe = f"<script>addEventListener('load', () => {{ document.title = JSON.stringify({script}); }});</script>"
    path = folder / "probed.html"
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path.write_text(free.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    document, console = opened(path, *more)
    assert console == []
    found = re.search("<title>(.*?)</title>", document, re.S)
    assert found
    return json.loads(found.group(1).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


@pytest.mark.parametrize("name", PAGES)
def test_the_browser_does_not_complain_and_no_script_ran(name, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(PAGES[name](), encoding="utf-8")
    document, console = opened(path)
    assert console == []
    assert "<script" not in document and "This page asks nothing of the network." in document


@pytest.mark.parametrize("name", ["ordinary", "hostile", "class"])
def test_a_page_fits_a_narrow_window(name, tmp_path):
    script = "[document.documentElement.scrollWidth, innerWidth]"
    needed, there = asked(PAGES[name](), script, tmp_path, "--window-size=500,900")
    assert needed <= there


def test_the_links_lead_to_their_sections(tmp_path):
    script = (
        "[...document.querySelectorAll('a[href^=\"#\"]')].filter(a => !document.getElementById(a.hash.slice(1))).length"
    )
    for page in (PAGES["ordinary"](), PAGES["class"]()):
        assert asked(page, script, tmp_path) == 0
