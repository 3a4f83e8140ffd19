"""What holds nothing that could be run: said once, in words, with a command that works."""

from __future__ import annotations

import io

import pytest

from gradproof.grading.classes.class_run import NOTHING, Settings, grade
from gradproof.grading.confinement.exchanged import Program
from gradproof.grading.confinement.sandbox import Sandbox
from gradproof.grading.marks.marking import mark
from gradproof.grading.reading import read_source
from gradproof.naming import misspelt
from gradproof.reports.grading.record import check as hold_against_schema
from gradproof.reports.grading.sentences import sentences
from tests.marking_cases import AFFINE, AFFINE_SPLIT, RIGHT_AFFINE, marked, plan_for, stage_of
from tests.marking_fake import FakeSandbox

UNREADABLE = {
    "python2.py": (b"def affine_forward(x, w, b):\n    print 'x'\n", "Python 2"),
    "empty.py": (b"", "the file is empty"),
    "binary.py": (b"\x00\x01\x02\xff", "null bytes"),
    "comments.py": (b"# to do\n", "only comments"),
    "framework.py": (b"import torch\n", "defines no function"),
    "exits.py": (b"import sys\nsys.exit()\n", "defines no function"),
}


def handed_in(folder, name, content):
    (folder / name).write_bytes(content)
    plan = plan_for(AFFINE_SPLIT)
    return mark(read_source(folder / name), plan.assignment, "x", plan=plan, box=FakeSandbox)


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_reason_is_said_once(name, tmp_path):
    content, why = UNREADABLE[name]
    record = handed_in(tmp_path, name, content)
    hold_against_schema(record)
    assert (record["status"], record["score"]) == ("graded", 0)
    assert {stage["status"] for stage in record["stages"]} == {"import-failed"}
    assert why in record["message"] and why in " ".join(sentences(record))
    for stage in record["stages"]:
        assert why not in stage["headline"] + stage["explanation"] and name in stage["headline"]
    assert all(why not in note for note in record["notes"])


@pytest.mark.parametrize("name", UNREADABLE)
def test_the_command_names_the_file_as_it_is_called(name, tmp_path):
    record = handed_in(tmp_path, name, UNREADABLE[name][0])
    assert all(f"gradproof check {name} " in stage["reproduce"] for stage in record["stages"])


def test_a_library_that_is_not_there_is_named(tmp_path):
    record = handed_in(tmp_path, "framework.py", b"import torch\n")
    assert any("`torch`" in note and "not available" in note for note in record["notes"])


def test_a_program_for_nothing_to_call_is_not_well():
    with Sandbox({"a.py": "pass\n"}, ("a.py",), level="rlimits") as sandbox:
        outcome = sandbox.run(Program(({"do": "call", "function": "f", "args": [], "to": {"name": "y"}},), {}, ("y",)))
    assert outcome.verdict == "missing-function" and outcome.message


def test_a_folder_without_code_alone_is_nothing_to_grade(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_text("{}")
    settings = Settings("lecture-003", (tmp_path / "data",), tmp_path / "grades")
    outcome = grade(settings, io.StringIO())
    assert outcome.code == NOTHING and "no submission was found" in outcome.notes[0]
    assert not (tmp_path / "grades").exists()


# -- names that are nearly right -------------------------------------------------------------------------------------

CALLED = ("affine_forward", "affine_backward", "net_forward", "net_backward", "MultiplyLayer")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("affine_forwrd", ["affine_forward"]),
        ("afine_backward", ["affine_backward"]),
        ("forward_affine", ["affine_forward"]),
        ("affineForward", ["affine_forward"]),
        ("multiply_layer", ["MultiplyLayer"]),
        ("linear_forward", []),
        ("helper", []),
    ],
)
def test_a_name_is_offered_for_the_one_that_it_is_meant_as(written, meant):
    assert [name for name in CALLED if misspelt(name, [written], CALLED)] == meant


def test_a_misspelt_name_is_not_offered_to_another_task():
    text = AFFINE + '[[task]]\nname = "net"\noperation = "affine"\nforward = "net_forward(x, w, b) -> y"\n'
    record = marked(text + "points = {forward = 1}\n", RIGHT_AFFINE.replace("def affine_forward", "def affine_forwrd"))
    assert "affine_forwrd" in stage_of(record, "affine", "forward")["explanation"]
    assert "affine_forwrd" not in stage_of(record, "net", "forward")["explanation"]
