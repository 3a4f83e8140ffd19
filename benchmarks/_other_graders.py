"""Grade notebooks with otter-grader or nbgrader, in this process and one after another; a line of JSON for each.

A script for the interpreter that has that grader: `PYTHON _other_graders.py otter|nbgrader FOLDER NAME...`. Nothing
here needs gradproof. otter: `otter.api.grade_submission`, which is what `otter run` does: no Docker, the autograder is
FOLDER/autograder.zip, the submissions FOLDER/submissions/NAME.ipynb. nbgrader: `NbGraderAPI.autograde`, which is what
`nbgrader autograde` does; FOLDER is the course, with source/ and submitted/NAME/.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

ASSIGNMENT = "a"


def main() -> None:
    """Say the version, then grade."""
    grader, folder, names = sys.argv[1], Path(sys.argv[2]).resolve(), sys.argv[3:]
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the grader prints is no result
    package = {"otter": "otter-grader", "nbgrader": "nbgrader"}[grader]
    began = time.perf_counter()
    grade = {"otter": _otter, "nbgrader": _nbgrader}[grader](folder)
    ready = time.perf_counter() - began
    print(json.dumps({"version": importlib.metadata.version(package), "ready": ready}), file=out)
    for name in names:
        began = time.perf_counter()
        scores = grade(name)
        print(json.dumps({"name": name, "scores": scores, "seconds": time.perf_counter() - began}), file=out)


def _otter(folder: Path) -> Any:
    from otter.api import grade_submission

    def grade(name: str) -> dict[str, float]:
        path = folder / "submissions" / f"{name}.ipynb"
        found = grade_submission(str(path), str(folder / "autograder.zip"), quiet=True)
        return {
            f"{result.name}.{case.test_case.name}": float(case.test_case.points) if case.passed else 0.0
            for result in found.results.values()
            for case in result.test_case_results
        }

    return grade


def _nbgrader(folder: Path) -> Any:
    from nbgrader.api import Gradebook
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "course"
    config.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}"
    config.ExecutePreprocessor.timeout = 600
    os.chdir(folder)
    grader = NbGraderAPI(config=config)
    _succeed(grader.generate_assignment(ASSIGNMENT, force=True, create=True))

    def grade(name: str) -> dict[str, float]:
        _succeed(grader.autograde(ASSIGNMENT, name, force=True, create=True))
        with Gradebook(config.CourseDirectory.db_url, "course") as book:
            notebook = book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, name)
            return {grade.name.replace("__", "."): float(grade.auto_score or 0.0) for grade in notebook.grades}

    return grade


def _succeed(result: dict[str, Any]) -> None:
    if not result.get("success"):
        raise RuntimeError(f"{result.get('log')}\n{result.get('error')}"[-4000:])


if __name__ == "__main__":
    main()
