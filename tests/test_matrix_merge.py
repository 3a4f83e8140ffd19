"""The merged matrix: what changed is told first and truly, what did not run is told too, and lies are not merged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from gradproof.cli import main
from gradproof.matrix import drawing_cases, expected, merging, neighbours, reading
from gradproof.reports.matrix import render, schema
from gradproof.reports.matrix.markdown import LIMIT
from gradproof.workers.pool import Reply
from tests.matrix_fakes import NP, OPS, PY, fake_cell, next_double, wrong_pooling

CHOSEN = {name: OPS[name] for name in ("affine", "max_pool2d", "softplus")}
OLD, NEW = f"{PY}-{NP}-keras314-torch213", f"{PY}-{NP}-keras315-torch213"
BARE = f"{PY}-{NP}-bare"


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "cases.npz"
    drawing_cases.draw(path, CHOSEN, 4, 0, ("float32", "float64"))
    return path


@pytest.fixture(scope="module")
def cells(cases, tmp_path_factory) -> Path:
    """Keras 3.14 whose pooling is wrong, Keras 3.15 whose softplus has other bits, one PyTorch, and a bare cell."""
    output = tmp_path_factory.mktemp("cells")
    torch = {"torch": "2.13.0"}
    assert fake_cell(OLD, cases, output, {**torch, "keras": "3.14.1"}, {"keras": wrong_pooling}) == 1
    assert fake_cell(NEW, cases, output, {**torch, "keras": "3.15.1"}, {"keras": next_double}) == 0
    assert fake_cell(BARE, cases, output) == 0
    return output


def merged_of(*paths: Path, **wanted: object) -> dict:
    return merging.merge(reading.read(paths), expected.Expected(**wanted))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def merged(cells) -> dict:
    return merged_of(cells)


@pytest.fixture
def copies(cells, tmp_path) -> Path:
    shutil.copytree(cells, tmp_path / "cells")
    return tmp_path / "cells"


# -- what changed ---------------------------------------------------------------------------------------------------


def test_a_planted_difference_is_told_with_entry_values_truth_and_who_is_right(merged):
    (change,) = merged["changes"]
    assert (change["kind"], change["op"], change["implementation"], change["quantity"]) == (
        "better", "max_pool2d", "keras", "dx"
    )  # fmt: skip
    assert change["steps"] == [{"title": "Keras", "before": "3.14.1", "after": "3.15.1"}]
    assert change["right"] == "Keras 3.15.1 is right, Keras 3.14.1 is not."
    assert (change["before"]["status"], change["after"]["status"]) == ("wrong", "agree")
    entry = change["entry"]
    true, before, after = (float(entry[key]) for key in ("true", "before", "after"))
    assert entry["index"] and after == np.float32(true) and before == pytest.approx(2 * true, rel=1e-6)
    assert change["detail"]["reproducer"]


def test_bits_of_right_results_are_counted_and_not_told_as_changes(merged):
    bits = {(each["implementation"], tuple(each["cells"])): each for each in merged["bits"]}
    keras = bits["keras", (OLD, NEW)]
    assert keras["operations"] == ["softplus"] and keras["changed"] == 4 and keras["entries"] > 4
    assert bits["pytorch", (OLD, NEW)]["changed"] == 0 and bits["pytorch", (OLD, NEW)]["quantities"] > 10
    assert all(change["op"] != "softplus" for change in merged["changes"])


def test_the_other_way_round_it_is_worse(cases, tmp_path):
    keras = {"torch": "2.13.0"}
    fake_cell(OLD, cases, tmp_path, {**keras, "keras": "3.14.1"})
    fake_cell(NEW, cases, tmp_path, {**keras, "keras": "3.15.1"}, {"keras": wrong_pooling})
    found = merged_of(tmp_path)
    assert [change["kind"] for change in found["changes"]] == ["worse"]
    assert found["changes"][0]["right"] == "Keras 3.14.1 is right, Keras 3.15.1 is not."
    assert render(found, "markdown").startswith("# 1 verdict changed between neighbouring versions: 1 worse.")


def test_wrong_in_both_at_another_value_is_told_and_at_the_same_value_is_not(cases, tmp_path):
    def other(request, reply):
        wrong = wrong_pooling(request, reply)
        if request.op != "max_pool2d":
            return reply
        return Reply("ok", wrong.y, tuple({"x": 3 * g["x"]} for g in wrong.gradients))

    versions = {"torch": "2.13.0"}
    fake_cell(OLD, cases, tmp_path / "a", {**versions, "keras": "3.14.1"}, {"keras": wrong_pooling})
    fake_cell(NEW, cases, tmp_path / "a", {**versions, "keras": "3.15.1"}, {"keras": other})
    (change,) = merged_of(tmp_path / "a")["changes"]
    assert (change["kind"], change["right"]) == ("moved", "Neither is right.")
    fake_cell(NEW, cases, tmp_path / "b", {**versions, "keras": "3.15.1"}, {"keras": wrong_pooling})
    same = merged_of(tmp_path / "a" / OLD, tmp_path / "b")
    assert same["changes"] == []
    assert "No verdict changed between neighbouring versions." in render(same, "text")


def test_a_function_that_appears_is_told_quietly(cases, tmp_path):
    def lacking(request, reply):
        return Reply("absent", message="Keras has no such function") if request.op == "softplus" else reply

    versions = {"torch": "2.13.0"}
    fake_cell(OLD, cases, tmp_path, {**versions, "keras": "3.14.1"}, {"keras": lacking})
    fake_cell(NEW, cases, tmp_path, {**versions, "keras": "3.15.1"})
    found = merged_of(tmp_path)
    assert [(c["kind"], c["op"]) for c in found["changes"]] == [("appeared", "softplus")]
    assert found["changes"][0]["right"] == "Keras 3.15.1 has it (agree); Keras 3.14.1 has no such function."
    text = render(found, "text")
    assert "No verdict changed" in text and "1 function is new" in text


def test_without_kept_results_the_other_value_is_said_to_be_unknown(copies):
    (copies / NEW / "results.bin").unlink()
    (change,) = merged_of(copies)["changes"]
    assert change["entry"]["before"] is not None and change["entry"]["after"] is None
    assert "not kept by" in render(merged_of(copies), "text")


def test_cut_results_are_read_as_far_as_whole(copies):
    path = copies / NEW / "results.bin"
    path.write_bytes(path.read_bytes()[:-100])
    cell = next(cell for cell in reading.read([copies]) if cell.name == NEW)
    assert 0 < len(cell.kept.operations) < 3


# -- neighbours -----------------------------------------------------------------------------------------------------


def points(*versions: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return neighbours._edges(sorted(versions, key=neighbours._order))


def test_neighbours_are_next_to_each_other_in_one_version():
    old, mid, new = ("3.9.0", "2.4.6"), ("3.14.1", "2.4.6"), ("3.15.1", "2.4.6")
    other = ("3.15.1", "2.2.6")
    assert points(new, mid, old, other) == [(old, mid), (mid, new), (other, new)]


def test_a_point_left_alone_is_compared_with_the_nearest():
    a, b, c = ("1.0", "1.0", "3.10"), ("2.0", "2.0", "3.10"), ("3.0", "3.0", "3.11")
    assert points(a, b, c) == [(a, b), (b, c)]
    assert points(a) == [] and points() == []


def test_an_implementation_is_compared_in_its_own_versions_only(merged):
    pairs = {(each["implementation"], tuple(s["title"] for s in each["steps"])) for each in merged["bits"]}
    assert pairs == {("keras", ("Keras",)), ("pytorch", ()), ("numpy", ())}


# -- what did not run -----------------------------------------------------------------------------------------------


def test_killed_and_half_written_cells_are_read_as_far_as_whole(copies):
    path = copies / OLD / "findings.jsonl"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = merged_of(copies)
    (cut,) = [cell for cell in found["cells"] if cell["name"] == OLD]
    assert cut["state"] == "did not finish" and "it was killed, or still runs" in cut["why"]
    assert cut["cases"] > 0 and found["exit"] in (1, 3)
    path.write_bytes(b'{"record":"hea')
    (cut,) = [cell for cell in merged_of(copies)["cells"] if cell["name"] == OLD]
    assert (cut["state"], cut["cases"]) == ("did not finish", 0)
    assert "did not finish" in render(merged_of(copies), "text")


def test_a_lying_cell_is_listed_and_judges_nothing(cases, copies):
    name = f"{PY}-{NP}-keras310"
    assert fake_cell(name, cases, copies, {"keras": "3.15.1"}) == 1
    found = merged_of(copies)
    (lying,) = [cell for cell in found["cells"] if cell["name"] == name]
    assert lying["state"] == "its name lies" and "and Keras is 3.15.1" in lying["why"]
    assert found["exit"] == 1 and name not in found["grid"]


TOX = """
[tox]
env_list =
    lint, py3{10,11}-np{24}-bare
    py39-x  # a typo is a cell that nobody would miss
labels =
    quick = lint, \\
        py310-np24-bare, \\
        merge
    all = py3{11-13}-np22, merge
[testenv:lint]
[testenv:merge]
"""


def tox_ini(tmp_path: Path, text: str = TOX) -> Path:
    path = tmp_path / "tox.ini"
    path.write_text(text.replace("  # a typo is a cell that nobody would miss", ""))
    return path


def test_tox_ini_says_which_cells_are_expected(tmp_path):
    wanted = expected.from_tox(tox_ini(tmp_path))
    assert wanted.cells == ("py310-np24-bare", "py311-np24-bare", "py39-x")
    assert wanted.unasked == ("py311-np22", "py312-np22", "py313-np22")
    assert expected.from_tox(tox_ini(tmp_path), "quick").cells == ("py310-np24-bare",)
    for text, words in ((TOX.replace("[tox]", "[other]"), "no section"), ("x", "is not a tox.ini")):
        with pytest.raises(ValueError, match=words):
            expected.from_tox(tox_ini(tmp_path, text))
    with pytest.raises(ValueError, match="has no label 'none'; it has quick, all"):
        expected.from_tox(tox_ini(tmp_path), "none")
    assert expected.from_names("a, py3{9-10}-x").cells == ("a", "py39-x", "py310-x")


def test_what_tox_recorded_as_a_success_is_not_one(tmp_path, cells):
    result = {
        "testenvs": {
            "py39-x": {"result": {"success": True, "exit_code": 0, "skipped": True}},
            "py310-y": {
                "result": {"success": False, "exit_code": 1, "skipped": False},
                "setup": [{"retcode": 1, "output": "ERROR: No matching distribution for torch==9", "err": ""}],
            },
            "py311-z": {
                "result": {"success": False, "exit_code": 3},
                "test": [{"retcode": 3, "output": "", "err": ""}],
            },
            BARE: {"result": {"success": True, "exit_code": 0, "skipped": True}},
        }
    }
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result))
    said = expected.tox_says(path)
    found = merged_of(cells, cells=("py39-x", "py310-y", "py311-z", "py312-w", BARE), said=said)
    why = {each["name"]: each["why"] for each in found["missing"]}
    assert "its interpreter is missing" in why["py39-x"]
    assert why["py310-y"] == "tox failed setting up it (exit code 1): ERROR: No matching distribution for torch==9"
    assert why["py311-z"] == "tox failed running it (exit code 3)"
    assert why["py312-w"] == "there is no folder of it, and nothing says why"
    (bare,) = [cell for cell in found["cells"] if cell["name"] == BARE]
    assert "may be of an earlier run" in bare["note"]
    assert found["exit"] == 1
    for text in ("{", "[]", '{"testenvs": 3}'):
        path.write_text(text)
        with pytest.raises(ValueError, match="is not what"):
            expected.tox_says(path)


# -- what is not merged ---------------------------------------------------------------------------------------------


def test_cells_of_different_case_files_are_refused_in_words(copies, tmp_path, capsys):
    other = tmp_path / "other.npz"
    drawing_cases.draw(other, {"affine": OPS["affine"]}, 2, 1, ("float64",))
    fake_cell(f"{PY}-{NP}-keras312", other, copies, {"keras": "3.12.0"})
    assert main(["matrix", str(copies)]) == 4
    said = capsys.readouterr().err
    assert "cannot be merged: they judged different case files" in said and said.count("\n") == 1


def test_cells_that_nobody_asked_for_on_another_case_file_are_left_aside(copies, tmp_path, capsys):
    """What an earlier run with other cases left in the folder does not stop the merge of those that are asked for."""
    other = tmp_path / "other.npz"
    drawing_cases.draw(other, {"affine": OPS["affine"]}, 2, 1, ("float64",))
    stale = f"{PY}-{NP}-keras312"
    fake_cell(stale, other, copies, {"keras": "3.12.0"})
    assert main(["matrix", str(copies), "--expect", f"{OLD},{NEW}", "--format", "json"]) == 1
    assert stale not in {cell["name"] for cell in json.loads(capsys.readouterr().out)["cells"]}
    assert main(["matrix", str(copies), "--expect", f"{OLD},{stale}"]) == 4


def test_another_format_and_another_run_are_refused_in_words(copies, capsys):
    path = copies / OLD / "findings.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0].replace('"version":1', '"version":2') + "".join(lines[1:]))
    assert main(["matrix", str(copies)]) == 4
    assert "findings version 2 is not known" in capsys.readouterr().err
    header = json.loads(lines[0])
    del header["environment"]["cell"]
    path.write_text(json.dumps(header) + "\n")
    assert main(["matrix", str(path)]) == 4
    assert "`gradproof cell` makes cells" in capsys.readouterr().err


def test_the_same_cell_twice_is_refused(cells, copies, capsys):
    assert main(["matrix", str(cells), str(copies)]) == 4
    assert "is there twice" in capsys.readouterr().err
    assert main(["matrix", str(cells), str(cells / OLD)]) == 1


def test_usage(cells, tmp_path, capsys):
    for arguments, words in (
        ([str(tmp_path / "none")], "there is no folder or file"),
        ([str(tmp_path)], "no cell is in"),
        ([str(cells), "--label", "quick"], "--label goes with --tox"),
        ([str(cells), "--tox", str(tmp_path / "tox.ini")], "cannot read"),
        ([str(cells), "--tox-result", str(tmp_path / "r.json")], "cannot read"),
    ):
        assert main(["matrix", *arguments]) == 4
        assert words in capsys.readouterr().err


def test_exit_codes(cells, cases, tmp_path):
    both = [cells / NEW, cells / BARE]
    assert merged_of(*both)["exit"] == 0
    assert merged_of(cells)["exit"] == 1
    assert merging.merge(reading.read([cells]), expected.Expected(), record=True)["exit"] == 0
    assert merged_of(*both, cells=("py39-x",))["exit"] == 3
    assert merging.merge(reading.read(both), expected.Expected(("py39-x",)), record=True)["exit"] == 3

    def lacking(_request, _reply):
        return Reply("absent", message="no such function")

    name = f"{PY}-{NP}-keras311"
    fake_cell(name, cases, tmp_path, {"keras": "3.11.0"}, {"keras": lacking})
    path = tmp_path / name / "findings.jsonl"
    lines = [
        line for line in path.read_text().splitlines(keepends=True) if '"implementation":"numpy"' not in line[:200]
    ]
    path.write_text("".join(lines))
    assert merged_of(tmp_path)["exit"] in (0, 5)


# -- the reports ----------------------------------------------------------------------------------------------------


def test_the_record_fits_its_schema(merged, copies):
    validator = Draft202012Validator(schema())
    (copies / OLD / "results.bin").unlink()
    for record in (
        merged,
        merged_of(copies, cells=("a",), unasked=("b",)),
        merging.merge([], expected.Expected(("a",))),
    ):
        assert list(validator.iter_errors(json.loads(render(record, "json")))) == []


def test_every_format_leads_with_what_changed(cells, tmp_path, capsys):
    assert main(["matrix", str(cells), "--output", str(tmp_path), "--expect", f"{BARE},py39-x"]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("1 verdict changed between neighbouring versions: 1 better.")
    assert "py39-x: did not run" in shown.out
    assert {path.name for path in tmp_path.iterdir()} == {"matrix.html", "matrix.md", "matrix.json"}
    again = merging.load(tmp_path / "matrix.json")
    page = (tmp_path / "matrix.html").read_text()
    assert render(again, "html") == page
    first = page.index("max_pool2d")
    assert page.index("<h1>1 verdict changed") < first < page.index('id="grid"')
    markdown = (tmp_path / "matrix.md").read_text()
    assert markdown.index("max_pool2d") < markdown.index("## Cells and operations")
    for text in (page, markdown):
        assert "Keras 3.15.1 is right, Keras 3.14.1 is not." in text
    for format in ("json", "markdown", "html"):
        assert main(["matrix", str(cells), "--format", format]) == 1
    assert json.loads(render(again, "json"))["format"] == "gradproof-matrix"
    with pytest.raises(ValueError, match="unknown report format"):
        render(again, "junit")


def test_the_page_asks_nothing_of_the_network_and_its_links_lead_somewhere(merged):
    import re

    page = render(merged, "html")
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    targets = re.findall(r'href="([^"]*)"', page)
    assert all(target[1:] in ids for target in targets if target.startswith("#")), set(targets)
    assert [t for t in targets if not t.startswith(("#", "data:"))] == []
    assert "://" not in re.sub(r"<pre.*?</pre>|<p class=.cite.*?</p>", "", page, flags=re.S)
    assert not re.search(r"\bsrc=|@import|url\((?!#)", page)


def test_foreign_text_is_escaped(merged):
    evil = json.loads(json.dumps(merged))
    evil["changes"][0]["op"] = "<script>alert(1)</script>"
    evil["cells"][0]["name"] = "<img src=x onerror=alert(1)>\x1b[2J"
    evil["missing"] = [{"name": "[x](http://evil)", "why": "|a|\n# b @user"}]
    page, markdown, text = (render(evil, format) for format in ("html", "markdown", "text"))
    assert "<script>alert" not in page and "<img" not in page
    assert "[x](" not in markdown.replace("\\[x\\](", "") and "\n# b" not in markdown
    assert "\x1b" not in text + page + markdown


def test_markdown_stays_below_the_limit_and_says_what_was_cut(merged):
    many = json.loads(json.dumps(merged))
    many["changes"] = [{**many["changes"][0], "op": f"operation_{k}"} for k in range(2_000)]
    text = render(many, "markdown")
    assert len(text) < LIMIT and "Truncated: " in text and "the page has them" in text
    assert text.splitlines()[-1].startswith("Truncated")
    page = render(many, "html")
    assert len(page) < 10_000_000 and "Truncated: 1,600 more changes" in page


def test_nothing_at_all_is_said(tmp_path):
    nothing = merging.merge([], expected.Expected(("py39-x",)))
    assert nothing["exit"] == 3
    for format in ("text", "markdown", "html"):
        text = render(nothing, format).replace("<wbr>", "")
        assert "No two cells can be compared" in text and "py39-x" in text
    with pytest.raises(ValueError, match="is not a merged matrix"):
        merging.load(tmp_path / "none.json")


def test_two_failures_of_one_implementation_stand_on_the_page(cells):
    """Each with its cells; the reproducer is the first one's."""
    found = json.loads(json.dumps(merged_of(cells)))
    failing = [(op, name) for grid in found["grid"].values() for op, of in grid.items() for name, each in of.items()
               if each["status"] == "wrong"]  # fmt: skip
    op, name = failing[0]
    for k, grid in enumerate(found["grid"].values()):
        grid.setdefault(op, {})[name] = {
            "status": "wrong", "ratio": 9.0, "quantity": "dx", "case": f"{op}:f64:{k}", "reason": "beyond-allowance",
            "message": f"failure {k}", "worst": None, "native": True,
        }  # fmt: skip
    page = render(found, "html")
    assert all(f"failure {k}" in page for k in range(len(found["grid"])))
