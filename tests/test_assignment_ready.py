"""The ready-made assignments: right as they stand, with answers that have every name that their lines call."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from gradproof.grading.assignments.assignment import STAGES, read, ready_made

READY = ready_made()
ANSWERS = Path(__file__).parents[1] / "assignments" / "answers"


ready = functools.cache(read)


@pytest.fixture(params=READY, ids=str)
def assignment(request):
    return ready(request.param)


def answers(name: str) -> ast.Module:
    return ast.parse((ANSWERS / f"{name}.py").read_text(encoding="utf-8"))


def test_there_is_one_for_each_lecture_and_each_assignment_of_the_course():
    assert set(READY) == {f"lecture-00{k}" for k in range(5)} | {f"cs231n-a{k}" for k in (1, 2, 3)}


def test_it_reads_and_its_points_are_declared(assignment):
    assert assignment.name == assignment.path.stem
    assert re.search(rf"^points = {assignment.max_score:g}$", assignment.path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(assignment.digest) == 64


def test_every_task_judges_something_in_every_stage_with_points(assignment):
    for task in assignment.tasks:
        stages = {j.stage for j in task.judged()}
        assert stages == set(task.points) - {"latent"}, task.name
        assert all(stage in STAGES or stage in task.words.gradients for stage in task.points)


def test_the_answers_define_every_name_that_is_called(assignment):
    defined = {n.name for n in answers(assignment.name).body if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    for task in assignment.tasks:
        assert set(task.called) <= defined, task.name


def test_the_answers_define_every_method_that_is_called(assignment):
    methods = {
        f.name
        for n in answers(assignment.name).body
        if isinstance(n, ast.ClassDef)
        for f in n.body
        if isinstance(f, ast.FunctionDef)
    }
    for task in assignment.tasks:
        for step in task.steps():
            called = {name for base, name in step.line.methods if not task.words.kind(base.split(".")[0])}
            assert called <= methods, (task.name, step.line.text)


def test_the_answers_import_numpy_and_nothing_else(assignment):
    for node in ast.walk(answers(assignment.name)):
        assert not isinstance(node, ast.ImportFrom)
        if isinstance(node, ast.Import):
            assert [alias.name for alias in node.names] == ["numpy"]


def test_no_answers_without_an_assignment():
    assert {path.stem for path in ANSWERS.glob("*.py")} == set(READY)


def test_conventions_that_the_ready_made_ones_show():
    """Each way of calling that the language was made for is in use, so that marking meets all of them."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in READY.values())
    for convention in (
        "-> y, cache", "MultiplyLayer() -> layer", "rows(b1, w1)", ".T", "- lr * dW1", 'net.params["W1"] ' .strip(),
        '{"W1": dw1', "draws =", "mutable =", "maps =", "accept =", "values =", "latent_sizes", "latent_options",
        "latent_axes", "reshape(1, -1, 1, 1)", "bn_param[", "not_judged", "axes = { S = 0 }", "identity(",
    ):  # fmt: skip
        assert convention in texts, convention
