"""What a grading writes: each format as its readers expect it, and no text of a student that does anything in one."""

from __future__ import annotations

import base64
import copy
import csv as csv_module
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.grading import CLASS, ONE, classroom, gradescope, render, render_class, text
from reports.grading import record as records
from reports.grading.class_page import render as class_page
from reports.grading.class_summary import summarize
from reports.grading.csv import cell
from reports.grading.markdown import escaped, fenced
from tests import marks_synthetic as synthetic

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def fault() -> dict[str, Any]:
    """A record in which one stage was lost by the grader."""
    stages = [synthetic.stage("affine", "forward", 2), synthetic.stage("affine", "dx", 1, "grader-fault")]
    return synthetic.record("student-007", stages)


# -- the record -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", [synthetic.record(), synthetic.not_graded(), fault(), *synthetic.many(8)])
def test_the_records_fit_the_schema(record):
    records.check(record)
    records.check(json.loads(json.dumps(record)))


def broken_records() -> list[tuple[str, dict[str, Any]]]:
    lost = synthetic.not_graded()
    right = synthetic.record()

    def changed(record: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {**copy.deepcopy(record), **more}

    stage = {**synthetic.stage("affine", "dx", 1), "status": "grader-fault", "score": 0}
    return [
        ("a zero for what was not graded", changed(lost, score=0)),
        ("no score for what was graded", changed(right, score=None)),
        ("a zero for a grader's fault", changed(lost, stages=[stage])),
        ("graded with a grader's fault in it", changed(right, stages=[{**stage, "score": None}])),
        ("an unknown verdict", changed(right, stages=[{**stage, "status": "bad", "score": 1}])),
        ("another version", changed(right, version=2)),
        ("a negative score", changed(right, score=-1)),
        ("no id", changed(right, submission={"name": "x"})),
        ("an unknown visibility", changed(right, stages=[{**synthetic.wrong_dw(), "visibility": "secret"}])),
        ("no record", {}),
    ]


@pytest.mark.parametrize("record", [pytest.param(r, id=name) for name, r in broken_records()])
def test_a_broken_record_is_refused_in_a_sentence(record):
    with pytest.raises(ValueError, match="marks record") as caught:
        records.check(record)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 700


def test_a_fault_in_a_stage_means_that_there_is_no_mark():
    assert not records.graded({**synthetic.record(), "stages": [synthetic.stage("a", "dx", 1, "grader-fault")]})


# -- Gradescope -------------------------------------------------------------------------------------------------

TOP = {"score", "execution_time", "output", "output_format", "visibility", "stdout_visibility", "extra_data", "tests"}
TEST = {"score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"}


def scores_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k in ("score", "max_score")] + scores_in(list(value.values()))
    return [s for item in value for s in scores_in(item)] if isinstance(value, list) else []


@pytest.mark.parametrize("record", [synthetic.record(), synthetic.hostile(), fault(), synthetic.not_graded()])
def test_gradescope_gets_only_fields_and_values_of_its_format(record):
    results = json.loads(render(record, "gradescope"))
    assert set(results) <= TOP
    assert results["output_format"] == "text" and results["stdout_visibility"] == "hidden"
    for test in results["tests"]:
        assert set(test) <= TEST
        assert test.get("status", "passed") in ("passed", "failed")
        assert test["output_format"] == "text"
        assert test["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
        assert isinstance(test["number"], str) and all(isinstance(tag, str) for tag in test.get("tags", []))


def test_gradescope_gets_the_scores_and_the_hidden_stages_as_hidden():
    results = json.loads(render(synthetic.record(), "gradescope"))
    assert results["score"] == 6 == sum(test["score"] for test in results["tests"])
    assert [test["visibility"] for test in results["tests"]] == ["visible"] * 4 + ["hidden"]
    assert [test["status"] for test in results["tests"]] == ["passed", "passed", "failed", "passed", "passed"]
    assert "The cause: dw is multiplied by the batch size once more." in results["tests"][2]["output"]
    assert "  x = [[1, 2],\n       [0, 1]]" in results["tests"][2]["output"]


@pytest.mark.parametrize("record", [fault(), synthetic.not_graded()])
def test_gradescope_gets_no_score_at_all_for_what_was_not_graded(record):
    results = json.loads(render(record, "gradescope"))
    assert scores_in(results) == []
    note = results["tests"][-1]
    assert note["visibility"] == "hidden" and records.why_not_graded(record) in note["output"]
    assert "was not graded" in results["output"]


def test_a_broken_grader_gives_gradescope_a_note_and_no_score():
    results = json.loads(gradescope.broken("it fell over", "Traceback\n\x1b[31mred"))
    assert scores_in(results) == []
    assert "it fell over" in results["tests"][0]["output"] and results["tests"][0]["visibility"] == "hidden"
    assert "it fell over" not in results["output"] and "no mark yet" in results["output"]
    assert not UNSEEN.search(results["tests"][0]["output"])


# -- Classroom, JUnit, CSV, Markdown ----------------------------------------------------------------------------


def test_classroom_adds_up_and_hides_what_is_hidden():
    result = json.loads(render(synthetic.record(), "classroom"))
    assert result["version"] == 1 and result["status"] == "fail" and result["max_score"] == 7
    assert sum(test["score"] for test in result["tests"]) == 6
    assert "ReLU" not in json.dumps(result)
    assert {test["status"] for test in result["tests"]} <= {"pass", "fail", "error"}
    assert json.loads(base64.b64decode(classroom.encoded(synthetic.record()))) == result
    full = synthetic.record(stages=[synthetic.stage("affine", "dx", 1)])
    assert json.loads(render(full, "classroom"))["status"] == "pass"


@pytest.mark.parametrize("record", [fault(), synthetic.not_graded()])
def test_classroom_reports_no_points_for_what_was_not_graded(record):
    result = json.loads(render(record, "classroom"))
    assert result["status"] == "error" and scores_in(result) == []


def test_classroom_holds_no_workflow_command():
    message = "fine\n  ::set-output name=x::y\n::error::z\na[::2] stays ##[group]x"
    record = synthetic.record(stages=[synthetic.stage("a", "dx", 1, "wrong", explanation=message)])
    said = json.loads(render(record, "classroom"))["tests"][0]["message"]
    assert not re.search(r"(?m)^\s*::", said) and "##[" not in said and "a[::2] stays" in said


def test_junit_has_failures_errors_and_skips_where_they_belong():
    kinds = {"wrong": "failure", "latent": "failure", "raised": "error", "memory": "error", "blocked-by": "skipped"}
    stages = [synthetic.stage("t", kind, 1, kind) for kind in kinds] + [synthetic.stage("t", "dx", 1)]
    root = ElementTree.fromstring(render(synthetic.record(stages=stages), "junit"))
    found = {case.get("name"): next((child.tag for child in case), "") for case in root.iter("testcase")}
    assert found == {f"t: {kind}": tag for kind, tag in kinds.items()} | {"t: dx": ""}
    assert (root.get("tests"), root.get("failures"), root.get("errors"), root.get("skipped")) == ("6", "2", "2", "1")


@pytest.mark.parametrize("chosen", [[fault()], [synthetic.not_graded()], []])
def test_junit_never_passes_on_what_was_not_graded(chosen):
    root = ElementTree.fromstring(render_class(chosen, "junit"))
    assert int(root.get("errors", "0")) >= 1


def cells(chosen: list[dict[str, Any]]) -> list[list[str]]:
    return list(csv_module.reader(io.StringIO(render_class(chosen, "csv"), newline="")))


def test_csv_has_a_row_for_each_submission_and_an_empty_cell_for_no_mark():
    rows = cells([synthetic.record(), fault(), synthetic.not_graded()])
    assert len({len(row) for row in rows}) == 1 and len(rows) == 4
    score = rows[0].index("score")
    assert [row[score] for row in rows[1:]] == ["6", "", ""]
    assert rows[1][rows[0].index("affine.dw verdict")] == "wrong"
    assert rows[2][rows[0].index("affine.dx points")] == ""


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1", "=cmd|' /C calc'!A0", "\x00=1"]
)
def test_csv_cells_are_no_formulas(formula):
    said = cell(formula)
    assert not said.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    record = synthetic.record(formula)
    record["submission"]["name"] = formula
    for row in cells([record])[1:]:
        assert not any(c.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for c in row)


def test_markdown_escapes_and_fences():
    assert (
        escaped("<b>x</b> [a](http://b) *c* @d | e")
        == "&lt;b\\>x&lt;/b\\> \\[a\\](http:\u200b//b) \\*c\\* @\u200bd \\| e"
    )
    assert escaped("- item") == "\\- item" and escaped("1. item") == "1\\. item" and escaped("1.5") == "1.5"
    assert escaped("# no title") == "\\# no title"
    block = fenced("a\n````\nb\n```")
    assert block.startswith("`````text\n") and block.endswith("\n`````")


def test_markdown_tells_what_a_student_needs():
    said = render(synthetic.record(), "markdown")
    for part in (
        "4 of 5 points",
        "The cause: dw is multiplied",
        "x = [[1, 2],\n     [0, 1]]",
        "gradproof replay",
        "Right:",
        "Not judged:",
    ):
        assert part in said, part
    assert "ReLU" not in said and "ReLU" in render(synthetic.record(), "markdown", everything=True)


# -- pages ------------------------------------------------------------------------------------------------------


def test_the_students_page_hides_what_is_hidden_and_the_instructors_does_not():
    page = render(synthetic.record(), "html")
    assert "ReLU" not in page and "1 more check worth 2 points is not shown" in page
    assert "ReLU" in render(synthetic.record(), "html", everything=True)


def test_a_page_is_whole_without_network_or_script():
    for page in (render(synthetic.record(), "html"), class_page(synthetic.many(20))):
        assert "default-src 'none'" in page and "<script" not in page
        assert not re.search(r"(src|href)=\"(?!#|data:,|students/)", page)
        assert not re.search(r"url\((?!#)", page) and "@import" not in page  # url(#...) is a part of the page itself


def test_a_page_is_readable_without_colour():
    page = render(synthetic.record(), "html")
    for word in (">wrong<", ">ok<", ">6<", ">nan<", "6.8e15"):
        assert word in page, word


def test_a_page_without_a_mark_says_so_first_and_names_no_score():
    page = render(synthetic.not_graded(), "html")
    assert "<h1>Not graded yet. This is no zero" in page and "the instructors can see why" in page
    assert "0 of 7" not in page and "signal 9" not in page
    assert "the marking process died (signal 9)" in render(synthetic.not_graded(), "html", everything=True)


def test_the_class_page_leads_with_what_was_not_graded():
    page = class_page([*synthetic.many(20), fault()])
    assert (
        page.index('id="missing"') < page.index('id="mistakes"') < page.index('id="tasks"') < page.index('id="scores"')
    )
    assert "2 of 22 submissions have no mark" in page
    assert "student-007" in page and "student-900" in page
    assert "The discrimination index of a stage is the correlation" in page


@pytest.mark.parametrize("chosen", [[], [synthetic.not_graded()], [synthetic.record()]])
def test_a_class_of_none_or_one_still_makes_every_output(chosen):
    assert class_page(chosen)
    for format in CLASS:
        assert render_class(chosen, format) or format == "json"


# -- the summary ------------------------------------------------------------------------------------------------


def scored(rows: list[tuple[int, ...]]) -> list[dict[str, Any]]:
    """Records with a stage for each number: right where it is 1."""
    return [
        synthetic.record(
            f"s{n:02}", [synthetic.stage("t", f"d{k}", 1, "ok" if v else "wrong") for k, v in enumerate(row)]
        )
        for n, row in enumerate(rows)
    ]


def test_the_discrimination_index_is_the_correlation_with_the_rest():
    rows = [(1, 1, 1, 0), (1, 1, 1, 1), (1, 1, 1, 0), (0, 0, 1, 1), (0, 0, 1, 1), (0, 1, 1, 0)]
    first, _, same, against = summarize(scored(rows)).stages
    assert first.discrimination is not None and against.discrimination is not None
    # By hand: stage 0 is (1 1 1 0 0 0), the rest (2 3 2 2 2 2): covariance 1/6 * 1/2, deviations 1/2 and sqrt(5)/6.
    assert abs(first.discrimination - (1 / 12) / ((1 / 2) * (5**0.5 / 6))) < 1e-12
    assert same.discrimination is None and same.separates == "not defined"
    assert against.discrimination < 0 and against.separates == "against"
    assert summarize(scored(rows[:4])).stages[0].discrimination is None


def test_the_summary_counts_graded_submissions_alone():
    summary = summarize([*scored([(1, 1), (1, 0), (0, 0), (1, 1), (1, 1)]), synthetic.not_graded()])
    assert summary.graded == 5 and summary.full == 3 and len(summary.not_graded) == 1
    assert summary.quantile(0.5) == 2 and summary.quantile(0.25) == 1
    assert sum(n for _, n in summary.bins()) == 5 and summary.bins()[-1] == ("all 2", 3)
    assert [stage.number for stage in summary.stages] == [5, 5]


def test_a_mistake_is_counted_once_for_a_submission_and_a_stage():
    twice = synthetic.record("a", [synthetic.wrong_dw(), synthetic.wrong_dw()])
    summary = summarize([twice, synthetic.record("b"), synthetic.record("c", [])])
    assert [(m.stage, m.students, m.certain) for m in summary.mistakes] == [("affine.dw", ("a", "b"), True)]


# -- hostile text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", [*ONE, *CLASS])
def test_no_format_lets_a_control_or_direction_character_through(format):
    said = render(synthetic.hostile(), format)
    said = said.replace("\r\n", "\n") if format == "csv" else said
    assert not UNSEEN.search(said.replace("\n", ""))
    if format in ("gradescope", "classroom"):
        assert not UNSEEN.search("".join(texts_of(json.loads(said))).replace("\n", ""))


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [said for item in inner for said in texts_of(item)]


def test_no_page_holds_markup_of_a_student():
    for page in (
        render(synthetic.hostile(), "html"),
        render(synthetic.hostile(), "html", everything=True),
        class_page([synthetic.hostile()], changes=[synthetic.HOSTILE], notes=[synthetic.HOSTILE]),
    ):
        assert "<script" not in page and "&lt;script&gt;" in page
        assert "http://a.example" not in re.sub(r">[^<]*<", "><", page)


def test_markdown_of_a_hostile_record_has_no_html_link_or_mention_outside_code():
    said = render(synthetic.hostile(), "markdown")
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", said)
    assert "<script" not in outside
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert "@someone" not in outside and "://" not in outside
    assert not re.search(r"(?<!\\)`", outside)


def test_junit_of_a_hostile_record_is_xml():
    root = ElementTree.fromstring(render(synthetic.hostile(), "junit"))
    assert len(list(root.iter("testcase"))) == 1


@pytest.mark.parametrize("format", [*ONE, "text", "csv", "junit"])
def test_very_long_text_is_cut_and_said_to_be(format):
    said = render(synthetic.hostile(), format)
    assert len(said) < 200_000
    assert max(map(len, said.split("\n"))) < 20_000 or format in ("gradescope", "classroom", "csv", "html")


def test_deep_and_large_examples_do_no_harm():
    deep: Any = 1.0
    for _ in range(60):
        deep = [deep]
    stage = synthetic.wrong_dw()
    stage["example"] = {
        "inputs": {"x": deep, "big": [[1.0] * 200] * 200},
        "true": deep,
        "got": [[1.0] * 300] * 300,
        "ratio": None,
    }
    record = synthetic.record(stages=[stage])
    for format in (*ONE, *CLASS):
        if format != "json":
            said = render(record, format)
            assert len(said) < 200_000, format
    assert "40,000 entries, too many to print here" in render(record, "markdown")


def test_points_are_written_short():
    assert [text.points(v) for v in (0, 2, 2.5, 1 / 3, None, True, 10.0)] == ["0", "2", "2.5", "0.33", "–", "–", "10"]
