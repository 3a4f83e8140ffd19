"""Every page in a real browser: quiet, without network, readable by everybody, with links and filters that work.

The browser is Debian's Chromium, driven over a pipe (tests/browser.py); where there is none, these tests say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gradproof.matrix import drawing_cases, expected, merging, reading
from gradproof.reports.training import Run
from gradproof.reports.training import render as training_page
from reports import power, render
from reports.findings import collect
from reports.grading import render as marks_page
from reports.grading.class_page import render as class_page
from reports.matrix import render as matrix_page
from tests import marks_synthetic as marks
from tests import matrix_fakes as fakes
from tests import reports_synthetic as synthetic
from tests.browser import Browser, Page, needs_chromium
from tests.test_power_report import example as power_example

pytestmark = needs_chromium


def training() -> str:
    """A page of a made-up run: curves that leave the finite numbers, a picture of one pixel, foreign text."""
    records = [
        {"epoch": k, "loss": 2.0**-k, "test_loss": "nan" if k == 3 else 1.0, "accuracy": k / 9} for k in range(9)
    ]
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63b8fbee150005100285"
        "8b90b2600000000049454e44ae426082"
    )
    lines = ("loss 0.1", synthetic.HOSTILE)
    return training_page(
        Run("a_system", "what it is", "a slide", [("seed", "0")], ["proved"], lines, records, [("p", pixel)])
    )


def matrix(folder: Path) -> str:
    """Two cells that differ in Keras' version and in a pooling that is wrong in the older one; a third did not run."""
    drawing_cases.draw(folder / "cases.npz", {n: fakes.OPS[n] for n in ("max_pool2d", "softplus")}, 2, 0, ("float64",))
    for minor, plant in (("14", fakes.wrong_pooling), ("15", None)):
        name = f"{fakes.PY}-{fakes.NP}-keras3{minor}"
        fakes.fake_cell(name, folder / "cases.npz", folder / "cells", {"keras": f"3.{minor}.0"}, {"keras": plant})
    return matrix_page(merging.merge(reading.read([folder / "cells"]), expected.from_names("py310-bare")), "html")


PAGES: dict[str, Callable[[Path], str]] = {
    "findings": lambda _: render(collect(synthetic.run()), "html"),
    "hostile findings": lambda _: render(collect(synthetic.hostile()), "html"),
    "no findings": lambda _: render(collect([]), "html"),
    "power": lambda folder: power.render(power_example(folder / "power.jsonl"), "html"),
    "student": lambda _: marks_page(marks.record(), "html"),
    "instructor": lambda _: marks_page(marks.record(), "html", everything=True),
    "hostile student": lambda _: marks_page(marks.hostile(), "html"),
    "not graded": lambda _: marks_page(marks.not_graded(), "html"),
    "class": lambda _: class_page(marks.many(30), changes=["s: 1 to 2"], notes=["a note"], link=lambda i: f"{i}.html"),
    "hostile class": lambda _: class_page([marks.hostile()], changes=[marks.HOSTILE]),
    "no class": lambda _: class_page([]),
    "training": lambda _: training(),
    "matrix": matrix,
}

# The contrast of each text with what is behind it, as WCAG counts it: what is below 4.5 is not read by everybody.
PALE = """(() => {
  const numbers = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3]));
  const linear = (v) => v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
  const light = (c) => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const known = new Map();
  const behind = (e) => {
    if (!e) return dark ? [0, 0, 0] : [255, 255, 255];
    if (!known.has(e)) known.set(e, over(numbers(getComputedStyle(e).backgroundColor), behind(e.parentElement)));
    return known.get(e);
  };
  const found = {};
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const ink = e.ownerSVGElement ? getComputedStyle(e).fill : getComputedStyle(e).color;
    if (!ink.startsWith('rgb')) continue;
    const ground = behind(e);
    const [low, high] = [light(over(numbers(ink), ground)), light(ground)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) found[`${e.tagName} ${e.getAttribute('class')} "${e.textContent.slice(0, 20)}"`] = contrast;
  }
  return found;
})()"""

# Links that lead nowhere, ids that stand twice, pictures without words, and what the keyboard reaches without a name.
UNSOUND = """(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map((e) => e.id);
  return {
    nowhere: all('a[href^="#"]').map((a) => a.hash.slice(1)).filter((id) => !ids.includes(decodeURIComponent(id))),
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
    mute: all('img:not([alt]), svg:not([aria-hidden]):not([role=img]), [role=img]:not([aria-label])').length,
    unnamed: all('a, button, input, select').filter((e) =>
      !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))).length,
    headings: all('h1').length,
    language: document.documentElement.lang,
  };
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def text() -> str:
    return render(collect(synthetic.run()), "html")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page's text in a tab that is closed after the test."""
    tabs: list[Page] = []

    def one(text: str, **how: object) -> Page:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        tabs.append(browser.open(path, **how))  # type: ignore[arg-type]
        return tabs[-1]

    yield one
    for tab in tabs:
        tab.close()


# -- every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_sound_and_readable(name: str, opened: Callable[..., Page], tmp_path: Path):
    text = PAGES[name](tmp_path)
    hidden = re.findall(r"<(\w+)[^>]* hidden[ >]", text)
    assert set(hidden) <= {"form", "button", "p"}, "without scripts, only the filter and what copies is missing"
    page = opened(text)
    assert page.asked("document.body.innerText").rstrip().endswith("This page asks nothing of the network.")
    sound = {"nowhere": [], "twice": [], "mute": 0, "unnamed": 0, "headings": 1, "language": "en"}
    assert page.asked(UNSOUND) == sound
    assert page.asked(PALE) == {}
    page.scheme(dark=True)
    light = page.asked("getComputedStyle(document.body).color").strip("rgb()").split(",")[0]
    assert int(light) > 200, "dark where the reader's system is"
    assert page.asked(PALE) == {}
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=800, deviceScaleFactor=1, mobile=False)
    wide, there = page.asked("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= there, "nothing hangs over the side of a telephone"
    assert page.complaints == [] and page.requests == []


# -- the page of findings ---------------------------------------------------------------------------------------------


def test_every_cell_of_the_grid_leads_to_its_section(text: str, opened: Callable[..., Page]):
    script = """[...document.querySelectorAll('.grid td')].map((cell) => {
        const link = cell.querySelector('a');
        const target = link && document.getElementById(link.hash.slice(1));
        return [cell.innerText.split(/\\s/)[0], target && (target.closest('details') ? 'section' : target.id)];
    })"""
    cells = opened(text).asked(script)
    assert len(cells) == len(synthetic.OPERATIONS) * len(synthetic.IMPLEMENTATIONS)
    assert {where for word, where in cells if word == "absent"} == {"gaps"}
    assert {where for word, where in cells if word != "absent"} == {"section"}


def test_from_the_grid_to_a_finding_to_its_reproducer_by_keyboard_alone(text: str, opened: Callable[..., Page]):
    page = opened(text)
    page.press("Tab")
    assert page.asked("document.activeElement.textContent") == "Skip to the grid"
    page.press("Enter")
    page.press("Tab")
    where = "[document.activeElement.closest('tr').cells[0].innerText, document.activeElement.closest('td').cellIndex]"
    assert page.asked(where) == ["softplus", 1]
    page.press("ArrowDown")
    page.press("ArrowRight", times=2)
    assert page.asked(where) == ["affine", 3]
    page.press("Enter")
    told = """(() => { const body = document.activeElement.closest('.body'); return [body.closest('details').open,
        body.closest('details').querySelector('h3').textContent, document.activeElement.tagName]; })()"""
    page.until(lambda: page.asked("!!document.activeElement.closest('.body')"), "the section")
    assert page.asked(told) == [True, "affine keras", "DIV"]
    page.press("Tab", times=2)
    assert page.asked("document.activeElement.innerText") == "Reproducer"
    page.press("Enter")
    page.until(lambda: page.asked("document.activeElement.tagName") == "PRE", "the reproducer")
    assert page.asked("document.activeElement.textContent").startswith("import numpy as np")
    page.press("Escape")
    assert page.asked("document.activeElement.tagName") in ("A", "SUMMARY")
    assert page.asked("document.querySelector('[id*=affine-keras]').closest('details').open") is False
    assert page.complaints == []


def test_escape_goes_back_to_the_cell_that_led_here(text: str, opened: Callable[..., Page]):
    page = opened(text)
    page.asked("document.querySelector('.grid tbody tr:nth-child(2) td:nth-child(4) a').focus()")
    for _ in range(2):  # also a second time, when the address does not change
        page.press("Enter")
        page.until(lambda: page.asked("!!document.activeElement.closest('.body')"), "the section")
        page.press("Escape")
        assert page.asked("document.activeElement.closest('td')?.cellIndex") == 3


def test_a_link_opens_the_closed_section_it_leads_to(text: str, opened: Callable[..., Page]):
    anchors = re.findall(r'<details class="cell s-agree">.*?class="body" id="([^"]+)"', text, re.S)
    page = opened(text, fragment=f"#{anchors[-1]}")
    assert page.asked("[...document.querySelectorAll('.s-agree[open] .body')].map((b) => b.id)") == [anchors[-1]]


def test_the_filter_shows_what_was_asked_for(text: str, opened: Callable[..., Page]):
    page = opened(text)
    rows = "[...document.querySelectorAll('#rows > tr')].filter((row) => !row.hidden)"
    every = page.asked(f"{rows}.length")
    assert every == len(collect(synthetic.run()).findings)
    page.asked("document.querySelector('#filter [name=text]').focus()")
    page.type("AFFINE factor")
    assert page.asked(f"{rows}.map((row) => row.cells[1].textContent)") == ["affine"] * 4
    assert page.asked("document.getElementById('shown').textContent").startswith("4 of 352 listed findings match.")
    page.press("Escape")
    page.until(lambda: page.asked(f"{rows}.length") == every, "all rows")
    choose = """((name, value) => { const select = document.querySelector(`#filter [name=${name}]`);
        select.value = value; select.dispatchEvent(new Event('input', {bubbles: true})); })"""
    page.asked(f"{choose}('dtype', 'float32')")
    page.asked(f"{choose}('regime', 'tails')")
    cases = page.asked(f"{rows}.map((row) => row.querySelector('.mono:not(td)').textContent)")
    assert cases and all(":f32:tails:" in case for case in cases)


def test_a_cells_findings_and_a_status_are_links_into_the_list(text: str, opened: Callable[..., Page]):
    page = opened(text)
    rows = """[...new Set([...document.querySelectorAll('#rows > tr')].filter((row) => !row.hidden)
        .map((row) => [0, 1, 2].map((k) => row.cells[k].textContent).join(' ')))].sort()"""
    page.asked("document.querySelector('[id*=affine-keras] a[data-op]').click()")
    page.until(lambda: page.asked("location.hash") == "#findings", "the list")
    page.until(lambda: len(page.asked(rows)) == 2, "the filter")
    assert page.asked(rows) == ["agree affine keras", "wrong affine keras"]
    page.asked("document.querySelector('.tally a[data-status=broken]').click()")
    page.until(lambda: page.asked(rows) == ["broken conv2d tensorflow"], "the filter")


def test_a_row_leads_to_the_reproducer_that_is_its_own(text: str, opened: Callable[..., Page]):
    script = """[...document.querySelectorAll('#rows a[href$="-program"]')].map((a) => {
        const row = a.closest('tr');
        const section = document.getElementById(a.hash.slice(1)).closest('details').querySelector('h3').textContent;
        return [section, row.cells[3].textContent, row.querySelector('.mono:not(td)').textContent];
    })"""
    details = collect(synthetic.run()).details.values()
    own = [[f"{d['op']} {d['implementation']}", d["quantity"], d["case"]] for d in details if d["status"] != "absent"]
    assert sorted(opened(text).asked(script)) == sorted(own)


def test_arrow_keys_read_the_three_pictures_together(text: str, opened: Callable[..., Page]):
    page = opened(text)
    page.asked("document.querySelector('[data-maps]').focus()")
    page.press("ArrowRight", times=4)
    assert page.asked("document.querySelectorAll('.here').length") == 3
    readout = page.asked("document.querySelector('[data-maps] + .readout').textContent")
    assert re.match(r"\[4\]  true \S+,  got \S+,  \S+x the allowance", readout)


def test_pictures_and_histogram_are_read_without_colour(text: str, opened: Callable[..., Page]):
    """Where a map has no room for numbers, signs mark what is negative and what is wrong; bars beyond are hatched."""
    script = """(() => {
        const section = document.querySelector('[id*=softmax-pytorch]');
        const maps = [...section.querySelectorAll('.heat')];
        const texts = (map) => [...new Set([...map.querySelectorAll('tbody td')].map((td) => td.textContent))].sort();
        const bar = section.querySelector('.histogram .beyond');
        return [texts(maps[0]), texts(maps[2]), getComputedStyle(bar).fill,
          section.querySelector('.histogram').getAttribute('aria-label')];
    })()"""
    values, ratios, fill, said = opened(text).asked(script)
    assert values == ["", "−"] and ratios == ["", "×"] and "#hatch" in fill
    assert said.startswith("Histogram of errors in ulp: 920 entries in float64: ") and "1 beyond the allowance" in said


# -- the page of a matrix ---------------------------------------------------------------------------------------------


def test_the_matrix_leads_from_what_changed_to_its_reproducer(opened: Callable[..., Page], tmp_path: Path):
    page = opened(matrix(tmp_path))
    rows = "[...document.querySelectorAll('#rows > tr')].filter((row) => !row.hidden).map((row) => row.dataset.op)"
    assert page.asked(rows) == ["max_pool2d", "softplus"]
    page.asked("document.querySelector('#filter [name=changed]').focus()")
    page.press(" ")
    assert page.asked(rows) == ["max_pool2d"]
    page.asked("document.querySelector('#rows th a').focus()")
    page.press("Enter")
    page.until(lambda: page.asked("document.activeElement.id") == "op-max-pool2d", "the operation")
    page.asked("new Promise((done) => setTimeout(done, 100))")  # this page opens what a link leads to a task later
    page.press("Tab")
    assert page.asked("document.activeElement.innerText").startswith("Changed: keras dx")
    page.press("Enter")
    page.until(lambda: page.asked("document.activeElement.id") == "change-1", "the change")
    assert page.asked("document.activeElement.querySelectorAll('.heat').length") == 3
    assert page.asked("document.activeElement.querySelector('.program code').textContent").startswith(
        "# max_pool2d: dx"
    )
    assert page.complaints == []


# -- large pages ------------------------------------------------------------------------------------------------------


def cells_without_number() -> str:
    """10,000 findings, each of them in a cell of its own, with texts as long as they come."""
    records = [synthetic.header(operations={})]
    records[0]["settings"]["operations"] = []
    picture = synthetic.detail(synthetic.wrong(synthetic.case()), (20, 20))
    for number in range(2_500):
        of = synthetic.case(f"operation_{number}")
        records.append(of)
        for implementation in synthetic.IMPLEMENTATIONS[:4]:
            found = synthetic.wrong(of, implementation, "dx", message="m" * 3000)
            own = {key: found[key] for key in ("case", "op", "implementation", "quantity", "status")}
            records += [found, {**picture, **own, "explanation": "e" * 9000, "reproducer": "r" * 9000}]
    return render(collect(records), "html")


@pytest.mark.parametrize(
    ("made", "announced", "listed"),
    [
        (lambda: render(collect(synthetic.large(10_000)), "html"), ["the worst 2,000 of 10,000 findings"], 40 * 4),
        (cells_without_number, ["the worst 300 of 2,500 operations", "the worst 300 of 10,000 cells"], 2_000),
    ],
    ids=["findings", "cells"],
)
def test_ten_thousand_findings_open(
    made: Callable[[], str],
    announced: list[str],
    listed: int,
    opened: Callable[..., Page],
    record_property: Callable[..., None],
):
    """Under 10 MB, with no more elements than a browser lays out at once; the time is printed, not judged."""
    text = made()
    page = opened(text)
    timing = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
    elements, milliseconds = page.asked(f"[document.querySelectorAll('*').length, {timing}]")
    print(f"{len(text.encode()) / 1e6:.1f} MB, {elements:,} elements, ready after {milliseconds:.0f} ms")
    record_property("milliseconds", milliseconds)
    assert len(text.encode()) < 10_000_000 and elements < 150_000
    for words in announced:
        assert f"Truncated: {words}" in text
    cells = "[...document.querySelectorAll('#rows > tr')].map((r) => r.cells[1].textContent + r.cells[2].textContent)"
    assert page.asked(f"new Set({cells}).size") == listed, "a truncated list still has a finding of every cell"
    assert page.complaints == [] and page.requests == []
