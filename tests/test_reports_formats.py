"""HTML, Markdown, JUnit and JSON reports: made from any findings file, and safe whatever its texts are."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

import reports
from reports import table
from reports.findings import Findings, collect
from reports.html import MOST_LISTED
from reports.pictures import picture
from tests import reports_synthetic as synthetic

VOID = {"meta", "link", "br", "col", "input", "wbr", "hr", "img"}


class Page(HTMLParser):
    """A page's elements; refuses tags that do not nest."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def attributes(self, name: str) -> list[str]:
        return [value for _, attrs in self.elements for key, value in attrs.items() if key == name and value]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def page(records: list[dict[str, Any]]) -> Page:
    return Page(reports.render(collect(records), "html"))


def bare_records() -> list[dict[str, Any]]:
    """Findings with nothing but what a reader insists on: no header, case or detail."""
    keys = ("record", "case", "op", "implementation", "quantity", "status")
    of = synthetic.case()
    return [
        {k: synthetic.wrong(of)[k] for k in keys},
        {k: synthetic.detail(synthetic.wrong(of))[k] for k in keys},
        {k: synthetic.uncompared(of, "jax", "y", "broken", "")[k] for k in keys},
        {"record": "case", "case": "lonely", "op": "softmax"},
        {"record": "vacuous", "op": "softmax"},
    ]


RUNS = {
    "ordinary": synthetic.run,
    "hostile": synthetic.hostile,
    "empty": list,
    "header only": lambda: [synthetic.header()],
    "bare": bare_records,
}


@pytest.mark.parametrize("format", reports.FORMATS)
@pytest.mark.parametrize("run", RUNS)
def test_every_format_is_made_of_every_run(format, run):
    report = reports.render(collect(RUNS[run]()), format)
    assert report.endswith("\n")
    assert report.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", report)


def test_an_unknown_format_is_refused_by_name():
    with pytest.raises(ValueError, match="unknown report format 'pdf'; known are text, json"):
        reports.render(Findings(), "pdf")


@pytest.mark.parametrize("run", RUNS)
def test_the_page_asks_nothing_of_the_network(run):
    found = page(RUNS[run]())
    links = [*found.attributes("href"), *found.attributes("src"), *found.attributes("action")]
    assert all(link.startswith(("#", "data:")) for link in links)
    (policy,) = [a["content"] for tag, a in found.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None and policy.startswith("default-src 'none'")
    assert not [a for _, a in found.elements if any(name.startswith("on") or name == "style" for name in a)]


@pytest.mark.parametrize("run", RUNS)
def test_every_link_of_the_page_has_its_target_and_no_id_is_used_twice(run):
    found = page(RUNS[run]())
    ids = found.attributes("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in found.attributes("href") if link.startswith("#")} <= set(ids)


def test_the_page_escapes_everything():
    findings = collect(synthetic.hostile())
    text = reports.render(findings, "html")
    assert "<script>alert" not in text
    assert "{{" not in re.sub(r"\{\{ (7\*7|…)", "", text)
    assert text.count("<script") == 1
    assert "\x1b" not in text and "\u202e" not in text
    assert "<script>alert('x')</script>\\x1b[31mred" in Page(text).text


def test_the_page_holds_what_a_reader_needs():
    text = page(synthetic.run()).text
    for part in (
        "numpy is wrong in 1 operation and keras in 1.",
        "wrong 6e15×",
        "partly not-applicable",
        "softplus:f64:ordinary:0000",
        "Proved: the hand-written backward is the derivative of the forward here; radius 1.2e-30 at 128 bits.",
        "-2.3504023872876028",
        "truncated to rows 23 to 38 of 40 and columns 7 to 22 of 23",
        "There are no entries to show: shape (0, 4).",
        "section 6.5.2",
        "dx should be",
        "jax is not installed in this Python",
        "torch 2.13.0",
        "composed of several calls",
        "no case in the regimes integers, ties and empty",
    ):
        assert part in text


def test_the_page_of_nothing_says_so():
    assert "Nothing was compared: the file holds no findings." in page([]).text


def test_the_page_says_what_is_missing():
    text = page(bare_records()).text
    assert "the findings file holds no record of this case" in text
    assert "The findings file holds no arrays for this cell." in text
    assert "The findings file holds no reproducer for this cell." in text


def test_a_page_of_ten_thousand_findings_is_light_and_says_that_it_is_truncated():
    findings = collect(synthetic.large(10_000))
    text = reports.render(findings, "html")
    assert len(text.encode()) < 10e6
    assert f"Truncated: the worst {MOST_LISTED:,} of 10,000 findings" in text
    assert Page(text)


def test_a_reproducer_that_is_too_long_is_left_out_and_said():
    of = synthetic.case()
    found = synthetic.wrong(of)
    about = {**synthetic.detail(found), "reproducer": "x = 1\n" * 100_000}
    assert "The reproducer is too long for this page." in page([synthetic.header(), of, found, about]).text


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [((), 1, 1), ((5,), 1, 5), ((3, 4), 3, 4), ((2, 3, 4, 5), 16, 5), ((40, 23), 16, 16), ((1, 1, 1), 1, 1)],
)
def test_pictures_of_every_number_of_axes(shape, rows, columns):
    drawn = picture(synthetic.detail(synthetic.wrong(synthetic.case()), shape))
    assert drawn is not None
    assert [m.name for m in drawn.maps] == ["true", "got", "ratio"]
    for each in drawn.maps:
        assert len(each.rows) == rows
        assert {len(tiles) for _, tiles in each.rows} == {columns}
        assert sum(tile.worst for _, tiles in each.rows for tile in tiles) == 1
    assert ("truncated" in drawn.note) == (rows * columns < max(1, len_of(shape)))


def len_of(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


def test_the_window_of_a_large_array_holds_its_worst_entry():
    drawn = picture(synthetic.detail(synthetic.wrong(synthetic.case()), (40, 30), (39, 0)))
    assert drawn is not None
    (worst,) = [tile for _, tiles in drawn.maps[2].rows for tile in tiles if tile.worst]
    assert worst.title.startswith("[39, 0] ")
    assert worst.shade == "r4"


def test_what_is_not_finite_is_written_into_the_tile():
    about = synthetic.hostile()[3]
    drawn = picture(about)
    assert drawn is not None
    assert [tile.text for tile in drawn.maps[0].rows[0][1]][:3] == ["nan", "inf", "−inf"]
    assert [tile.shade for tile in drawn.maps[2].rows[0][1]] == ["x", "x", "z", "x", "z", "g2"]


@pytest.mark.parametrize("missing", ["true", "got", "ratio", "shape"])
def test_a_picture_lacks_what_its_record_lacks(missing):
    about = synthetic.detail(synthetic.wrong(synthetic.case()))
    del about[missing]
    drawn = picture(about)
    assert drawn is not None
    assert missing not in [m.name for m in drawn.maps]
    about["ratio"] = [0.5]
    assert picture(about)


def test_a_wrong_shape_is_drawn_on_the_true_one_and_said():
    about = synthetic.detail(synthetic.wrong(synthetic.case()), (3, 4))
    about["got"] = [1.0, 2.0]
    drawn = picture(about)
    assert drawn is not None
    assert "what was got has 2 entries instead of 12" in drawn.note
    assert [tile.text for tile in drawn.maps[1].rows[0][1]] == ["1", "2", "–", "–"]


def test_no_arrays_are_no_picture():
    assert picture({}) is None
    assert picture({"true": [], "got": [[]], "ratio": [], "shape": [0]}) is None


def test_junit_maps_every_status():
    of = synthetic.case()
    statuses = table.STATUSES
    records = [synthetic.finding(of, s, "y", status=s, ratio=None) for s in statuses]
    root = ElementTree.fromstring(reports.render(collect(records), "junit"))
    kinds = {case.get("name", "").split()[0]: [e.tag for e in case] for case in root.iter("testcase")}
    assert kinds == {
        "wrong": ["failure"],
        "inaccurate": ["failure"],
        "broken": ["error"],
        "undecided": ["skipped"],
        "absent": ["skipped"],
        "not-applicable": ["skipped"],
        "kink-convention": ["system-out"],
        "known-difference": ["system-out"],
        "agree": [],
    }
    counts = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "9", "failures": "2", "errors": "1", "skipped": "3"}


def test_junit_shows_what_did_not_run_as_skipped_and_nothing_as_an_error():
    root = ElementTree.fromstring(reports.render(collect(synthetic.run()), "junit"))
    skipped = [case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None]
    assert skipped.count("jax") == len(synthetic.OPERATIONS)
    nothing = ElementTree.fromstring(reports.render(collect([synthetic.header()]), "junit"))
    assert int(nothing.get("errors", "0")) == 1


def test_junit_of_hostile_text_parses_without_control_characters():
    report = reports.render(collect(synthetic.hostile()), "junit")
    root = ElementTree.fromstring(report)
    assert [suite.get("name", "").startswith("op<script>") for suite in root] == [True]
    assert not re.search("[\x00-\x08\x0b-\x1f]|&#", report)


def test_markdown_is_a_table_and_keeps_hostile_text_in_its_cells():
    report = reports.render(collect(synthetic.hostile()), "markdown")
    assert "<script" not in report
    rows = [line for line in report.splitlines() if line.startswith("|")]
    columns = [len(re.findall(r"(?<!\\)\|", line)) - 1 for line in rows]
    assert columns[:3] == [2, 2, 2]
    assert set(columns) == {2, 6, 7}
    assert "| affine | agree" in reports.render(collect(synthetic.run()), "markdown")


def test_json_is_strict_and_says_the_same_as_the_grid():
    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    findings = collect(synthetic.run())
    document = json.loads(reports.render(findings, "json"), parse_constant=refuse)
    cells = table.grid(findings)
    assert document["headline"] == table.headline(findings)
    assert document["counts"]["wrong"] == cells.counts["wrong"]
    assert len(document["grid"]) == len(cells.cells)
    assert document["grid"][0]["ratio"] == "inf"
    assert {"subject": "softmax", "sentence": "no case with axis=0"} in document["not_exercised"]
