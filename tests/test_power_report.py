"""`gradproof power` as a command, its records, and the page made of them."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gradproof import cli
from reports import power as reports
from reports.power import plot, summary
from reports.power.record import Power, Writer, check_record, read, validate

SMALL = ("--mutants", 4, "--cases", 6, "--compared", 2, "--shared", 1, "--variants", 2, "--sizes", "10", "--jobs", 1)


def power(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = cli.main(["power", *map(str, arguments)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


# -- synthetic records ------------------------------------------------------------------------------------------------

HOW = {"call": "f(x)", "why": "because <b>", "dtype": "float64"}


def header(**checkers: str) -> dict[str, Any]:
    return {
        "record": "header", "format": "gradproof-power", "version": 1, "created": "2030-01-01T00:00:00+00:00",
        "environment": {"python": {"version": "3.11"}},
        "settings": {"mutants": None, "cases": 50, "compared": 6, "shared": 4, "variants": 100, "seed": 0,
                     "checkers": list(checkers), "sizes": [10, 100], "operations": ["tanh"]},
        "checkers": {name: {"title": name, "address": "https://example.org", "told": "as it is", "versions": {},
                            "status": status, "message": "torch is not installed" if status == "absent" else "",
                            "settings": {"default": HOW, "best": HOW}} for name, status in checkers.items()},
        "operations": {"tanh": {"mistakes": 3}},
    }  # fmt: skip


def mutant(name: str, outcome: str, inputs: int = 1, **others: str) -> dict[str, Any]:
    said = {
        "record": "mutant", "mutant": f"tanh/{name}", "op": "tanh", "origin": "derived", "kind": "sign",
        "function": "backward", "sentence": f"the <sign> of {name}", "place": "tanh.py", "line": 3, "before": "a",
        "after": "-a", "outcome": outcome, "inputs": inputs, "status": "", "reason": "", "quantity": "dx", "case": "c",
        "message": "dx differs from the reference's by 1e-30" if outcome == "survived" else "", "seconds": 0.1,
    }  # fmt: skip
    said["others"] = [
        {"checker": c, "setting": "default", "outcome": o, "inputs": 4, "unfair": 0, "stand_in": 0, "seconds": 0.2,
         "message": ""} for c, o in others.items()
    ]  # fmt: skip
    return said


def variant(alarms: int, of: int = 10, checker: str = "gradproof") -> dict[str, Any]:
    checked = {"checker": checker, "setting": "default", "inputs": of, "alarms": alarms, "inaccurate": 0, "case": "c",
               "message": "dx: wrong"}  # fmt: skip
    return {"record": "variant", "op": "tanh", "variant": "strided", "origin": "general", "loses": "",
            "checked": [checked], "seconds": 1.0}  # fmt: skip


def smallest(checker: str, error: float | None, entries: int = 10, seed: int = 0, why: str = "") -> dict[str, Any]:
    return {"record": "smallest", "op": "tanh", "checker": checker, "setting": "default", "dtype": "float64",
            "entries": entries, "seed": seed, "error": error, "why": why, "seconds": 0.1}  # fmt: skip


def written(path: Path, *records: dict[str, Any]) -> Power:
    with Writer(path) as out:
        for record in records:
            check_record(record)
            out.write(record)
    return read(path)


def example(path: Path) -> Power:
    return written(
        path,
        header(lax="ready", gone="absent", fussy="ready"),
        mutant("one", "killed", 1, lax="killed", fussy="unfair"),
        mutant("two", "killed", 6, lax="survived", fussy="killed"),
        mutant("three", "survived", 50, lax="survived", fussy="survived"),
        mutant("four", "equivalent", 50, lax="survived"),
        mutant("five", "raises", 1, lax="killed"),
        mutant("six", "rounding", 50, lax="survived"),
        variant(0),
        *(smallest("gradproof", 10.0**-e, seed=k) for k, e in enumerate((15, 14, 13))),
        smallest("lax", None, why="passes an entry that is 10,000 times too large"),
        smallest("lax", 0.5, entries=100),
    )


# -- numbers ----------------------------------------------------------------------------------------------------------


def test_scores_are_of_the_same_mistakes_and_the_same_inputs(tmp_path: Path):
    """What is no mistake, and what raises by itself, is in nobody's score; the judge has no more inputs than others."""
    found = {(s.checker, s.setting): s for s in summary.scores(example(tmp_path / "p.jsonl"))}
    judge, lax, fussy = (found[name, "default"] for name in ("gradproof", "lax", "fussy"))
    assert (judge.mutants, judge.killed, judge.survived) == (3, 1, 2)
    assert (lax.mutants, lax.killed, lax.survived) == (3, 1, 2)
    assert (fussy.killed, fussy.survived, fussy.unfair) == (1, 1, 1)


def test_an_absent_checker_is_absent_and_has_passed_nothing(tmp_path: Path):
    kept = example(tmp_path / "p.jsonl")
    gone = next(s for s in summary.scores(kept) if s.checker == "gone")
    assert gone.status == "absent" and gone.mutants == 0
    assert re.search(r"gone\s+default\s+absent", reports.render(kept, "text", width=120))


def test_the_smallest_error_is_a_median_and_a_checker_that_passes_all_has_none(tmp_path: Path):
    found = {(x.checker, x.entries): x for x in summary.least(example(tmp_path / "p.jsonl"))}
    assert found["gradproof", 10].error == 1e-14
    assert found["lax", 10].error is None and found["lax", 10].why.startswith("passes")


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], 5),
        ([mutant("a", "killed"), mutant("b", "equivalent"), variant(0)], 0),
        ([mutant("a", "survived")], 1),
        ([mutant("a", "killed"), variant(1)], 1),
        ([mutant("a", "killed"), {"record": "fault", "kind": "mutants", "op": "x", "item": "y", "message": "died"}], 3),
    ],
)
def test_exit_codes(tmp_path: Path, records: list[dict[str, Any]], code: int):
    assert summary.exit_code(written(tmp_path / "p.jsonl", header(), *records)) == code


# -- the page ---------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Every tag, and every address that a browser would fetch by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)
        self.fetched += [v for n, v in attrs if n in ("src", "srcset", "data") or (tag == "link" and n == "href")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_fetches_nothing_and_escapes_what_is_foreign(tmp_path: Path):
    text = reports.render(example(tmp_path / "p.jsonl"), "html")
    page = Page(text)
    assert page.open == [] and page.fetched == ["data:,"] and "script" not in page.seen
    assert "prefers-color-scheme: dark" in text and 'style="' not in text
    assert "the &lt;sign&gt; of three" in text and "because &lt;b&gt;" in text
    for said in ("tanh/three", "dx differs from the reference", "absent", "<b>tanh/six</b>", "not asked"):
        assert said in text, said


def test_the_plot_puts_what_passes_everything_on_its_own_line(tmp_path: Path):
    drawn = plot.panels(summary.least(example(tmp_path / "p.jsonl")))
    (title, svg), *_ = drawn
    assert title == "tanh, defaults" and "never" in svg and svg.count("<title>") == 3
    assert "passes an entry that is 10,000 times too large" in svg


@pytest.mark.parametrize("format", reports.FORMATS)
def test_an_empty_run_says_so(tmp_path: Path, format: str):
    assert "Nothing was measured." in reports.render(written(tmp_path / "p.jsonl", header()), format)


def test_json_holds_the_survivors_and_scores(tmp_path: Path):
    found = json.loads(reports.render(example(tmp_path / "p.jsonl"), "json"))
    assert [m["mutant"] for m in found["survivors"]] == ["tanh/three"]
    assert found["outcomes"] == {
        "killed": 2,
        "raises": 1,
        "equivalent": 1,
        "rounding": 1,
        "convention": 0,
        "survived": 1,
    }


# -- the command ------------------------------------------------------------------------------------------------------


def test_a_run_is_written_resumed_after_a_cut_and_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    arguments = ("tanh", *SMALL, "--checkers", "cs231n", "--output", tmp_path)
    code, out, err = power(capsys, *arguments)
    assert code == 0 and "gradproof killed 4 of 4 mistakes within 6 inputs." in out and str(tmp_path) in err
    path = tmp_path / "power.jsonl"
    assert validate(path) == len(path.read_bytes().splitlines())
    whole, lines = read(path), path.read_bytes().splitlines(keepends=True)
    kept = next(k for k, line in enumerate(lines) if b'"record": "mutant"' in line) + 2
    path.write_bytes(b"".join(lines[:kept]) + lines[kept][:30])
    cut = read(path)
    assert cut.cut and cut.end is None and len(cut.done) < len(whole.done)
    code, _, _ = power(capsys, *arguments, "--resume")
    assert code == 0 and path.read_bytes().startswith(b"".join(lines[:kept]))
    assert read(path).done == whole.done and len(path.read_bytes().splitlines()) == len(lines)
    assert [m["outcome"] for m in read(path).mutants] == [m["outcome"] for m in whole.mutants]
    assert (tmp_path / "power.html").read_text(encoding="utf-8").count("<svg") >= 1
    _, said, _ = power(capsys, *arguments, "--resume", "--format", "json")
    assert json.loads(said)["end"]["status"] == "finished"
    code, _, err = power(capsys, *arguments, "--resume", "--seed", 1)
    assert code == 4 and "was made with seed=0, now 1" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tahn",), "tanh"),
        (("tanh", "--checkers", "gradchek"), "--checkers: 'gradchek' is not known"),
        (("tanh", "--sizes", "10,many"), "--sizes: 'many' is not a number of entries"),
        (("tanh", "--sizes", "1"), "--sizes: '1' is not a number of entries"),
        (("tanh", "--mutants", "-1"), "'-1' is not a whole number"),
        (("tanh", "--cases", "0"), "0 is too few; give 1 or more"),
        (("tanh", "--output", "/dev/null/x"), "--output: cannot write in /dev/null/x"),
    ],
)
def test_bad_input_is_refused_in_words(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str):
    code, out, err = power(capsys, *arguments)
    assert code == 4 and out == "" and said in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"record": "header", "format": "gradproof-findings", "version": 1}\n', "not the records of a power run"),
        ('{"record": "header", "format": "gradproof-power", "version": 2}\n', "version 2 is not known"),
        (
            '{"record": "header", "format": "gradproof-power", "version": 1}\n{"record": "x"}\n',
            "line 2: unknown record",
        ),
        ("nonsense\n", "line 1: not a record"),
        ('{"record": "header", "format": "gradproof-power", "version": 1}\n{"record": "mutant"}\n', "needs 'mutant'"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path, text: str, said: str):
    (tmp_path / "power.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read(tmp_path / "power.jsonl")


def test_a_record_that_breaks_the_schema_names_the_field():
    with pytest.raises(ValueError, match="mutant field outcome: "):
        check_record(mutant("a", "vanished"))
