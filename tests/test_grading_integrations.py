"""The recipes for Gradescope and nbgrader, each tried on a folder that looks like the platform's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
GRADESCOPE = ROOT / "integrations" / "gradescope"
NBGRADER = ROOT / "integrations" / "nbgrader" / "grade_submitted.py"

ASSIGNMENT = """
format = 1
name = "layers"
title = "Layers by hand"
[cases]
public = 1
hidden = 1
pool = 2
[[task]]
name = "affine"
title = "Affine layer"
operation = "affine"
forward = "affine_forward(x, w, b) -> y, cache"
backward = "affine_backward(dy, cache) -> dx, dw, db"
points = {forward = 2, dx = 1, dw = 1, db = 1}
"""
RIGHT = """
def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)

def affine_backward(dy, cache):
    x, w, b = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
"""
WRONG = RIGHT.replace("dy.sum(axis=0)", "dy.mean(axis=0)")

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine's PATH")


def autograder(folder: Path, submission: str, python: str = sys.executable, **more: str) -> dict[str, Any]:
    """Run the autograder on a fake platform's folder; its results."""
    (folder / "source").mkdir()
    (folder / "submission").mkdir()
    (folder / "source" / "assignment.toml").write_text(ASSIGNMENT)
    (folder / "submission" / "layers.py").write_text(submission)
    about = {"id": 1, "users": [{"id": 42, "email": "b@school.example"}, {"id": 7, "email": "a@school.example"}]}
    (folder / "submission_metadata.json").write_text(json.dumps(about))
    environment = {
        **os.environ,
        "AUTOGRADER": str(folder),
        "GRADPROOF_PYTHON": python,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        **more,
    }
    done = subprocess.run(
        [str(GRADESCOPE / "run_autograder")], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads((folder / "results" / "results.json").read_text())
    return results


def scores_in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k in ("score", "max_score")] + scores_in(list(value.values()))
    return [s for item in value for s in scores_in(item)] if isinstance(value, list) else []


@needs_bash
def test_gradescope_gets_the_marks_of_a_submission(tmp_path):
    results = autograder(tmp_path, WRONG)
    assert results["score"] == 4
    assert {test["name"]: test["status"] for test in results["tests"]} == {
        "Affine layer: forward": "passed",
        "Affine layer: dx": "passed",
        "Affine layer: dw": "passed",
        "Affine layer: db": "failed",
    }
    assert results["extra_data"]["gradproof"]["submission"] == "42+7"


def stand_in(folder: Path, body: str) -> str:
    """A `python` that does something else when it is asked to grade."""
    path = folder / "python"
    path.write_text(f'#!/usr/bin/env bash\nif [ "$2" = gradproof ]; then {body}; fi\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


BROKEN = {
    "falls over": "echo it fell over >&2; exit 3",
    "is killed": "kill -9 $$",
    "prints half a file": 'printf \'{"score": 10, "tests": [\'; exit 0',
    "prints a score and then fails": 'printf \'{"score": 0, "tests": [{}]}\'; exit 1',
    "prints nothing": "exit 0",
}


@needs_bash
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_grader_that_breaks_gives_gradescope_a_note_for_instructors_and_no_score(body, tmp_path):
    results = autograder(tmp_path, RIGHT, stand_in(tmp_path, body))
    assert scores_in(results) == []
    assert "no mark yet" in results["output"]
    assert [test["visibility"] for test in results["tests"]] == ["hidden"]


@needs_bash
def test_even_without_python_gradescope_gets_a_note_and_no_score(tmp_path):
    results = autograder(tmp_path, RIGHT, str(tmp_path / "no-such-python"))
    assert scores_in(results) == [] and "no mark yet" in results["output"]


@needs_bash
def test_an_assignment_that_cannot_be_read_gives_gradescope_no_score(tmp_path):
    results = autograder(tmp_path, RIGHT, GRADPROOF_ASSIGNMENT=str(tmp_path / "missing.toml"))
    assert scores_in(results) == [] and "missing.toml" in results["tests"][0]["output"]


@needs_bash
@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_executable_and_parse(script):
    path = GRADESCOPE / script
    assert os.access(path, os.X_OK)
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True).returncode == 0


# -- nbgrader ---------------------------------------------------------------------------------------------------


def a_course(folder: Path, handed_in: dict[str, str]) -> Path:
    """A course with a notebook for each student, and another assignment that is none of ours."""
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    for student, code in handed_in.items():
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [nbformat.v4.new_markdown_cell("# Layers"), nbformat.v4.new_code_cell(code.strip())]
        nbformat.validate(notebook)
        place = folder / "submitted" / student / "ps1"
        place.mkdir(parents=True)
        nbformat.write(notebook, place / "layers.ipynb")
        (folder / "submitted" / student / "ps2").mkdir()
    (folder / "layers.toml").write_text(ASSIGNMENT)
    return folder


def graded(course: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(NBGRADER),
        str(course),
        "ps1",
        "--assignment",
        str(course / "layers.toml"),
        "--jobs",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, cwd=course, capture_output=True, text=True, timeout=300)


def test_nbgrader_gets_a_feedback_page_for_each_notebook_in_its_own_layout(tmp_path):
    course = a_course(tmp_path, {"ada": RIGHT, "bob": WRONG})
    (course / "submitted" / "bob" / "ps1" / "broken.ipynb").write_text('{"cells": 3}')
    done = graded(course)
    assert done.returncode == 0, done.stderr
    pages = sorted(path.relative_to(course / "feedback").as_posix() for path in course.glob("feedback/*/*/*"))
    assert pages == ["ada/ps1/layers.html", "bob/ps1/broken.html", "bob/ps1/layers.html"]
    assert "5 of 5 points" in (course / "feedback" / "ada" / "ps1" / "layers.html").read_text()
    assert "4 of 5 points" in (course / "feedback" / "bob" / "ps1" / "layers.html").read_text()
    assert "bob/ps1/broken.ipynb is no valid notebook" in done.stderr and "ada/ps1" not in done.stderr
    assert '"ada"' in (course / "gradproof" / "ps1" / "grades.csv").read_text()
    again = graded(course)
    assert again.returncode == 0 and "0 of 2 to mark" in again.stderr


def test_a_folder_that_is_no_course_is_said(tmp_path):
    done = graded(tmp_path)
    assert done.returncode != 0 and "submitted is not there" in done.stderr
