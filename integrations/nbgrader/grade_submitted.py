"""Grade an assignment of an nbgrader course with gradproof, and write each student's feedback where nbgrader looks.

    python grade_submitted.py COURSE ASSIGNMENT_ID --assignment layers.toml

reads COURSE/submitted/STUDENT/ASSIGNMENT_ID/ and writes COURSE/feedback/STUDENT/ASSIGNMENT_ID/NOTEBOOK.html, one for
each notebook handed in. The grades, the class page and grades.csv go to COURSE/gradproof/ASSIGNMENT_ID/. Exit codes
are those of `gradproof grade`. A submission that could not be graded gets no feedback page, and an old one is removed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    args = _arguments()
    from gradproof.grading.classes.class_run import Settings, Surroundings, grade

    submitted = args.course / "submitted"
    if not submitted.is_dir():
        sys.exit(f"{submitted} is not there; name the course's folder, the one that holds submitted/")
    output = args.output or args.course / "gradproof" / args.assignment_id
    settings = Settings(
        assignment=args.assignment,
        submissions=(submitted,),
        output=output,
        jobs=args.jobs,
        resume=True,
        require=args.require_isolation,
    )
    found = Surroundings(find=lambda paths, layout: submissions(submitted, args.assignment_id))
    try:
        outcome = grade(settings, sys.stderr, found)
    except ValueError as error:
        print(f"grade_submitted: {error}", file=sys.stderr)
        return 4
    for note in (*outcome.notes, *invalid(submitted, args.assignment_id)):
        print(note, file=sys.stderr)
    written = write_feedback(args.course, args.assignment_id, outcome.records)
    print(f"{written} feedback pages in {args.course / 'feedback'}; the class page is {output / 'class.html'}")
    return int(outcome.code)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("course", type=Path, help="the course's folder, which holds submitted/")
    parser.add_argument("assignment_id", help="the assignment's name in nbgrader")
    parser.add_argument("--assignment", required=True, help="gradproof's assignment file, or a ready-made one's name")
    parser.add_argument("--output", type=Path, help="folder of the grades (default COURSE/gradproof/ASSIGNMENT_ID)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--require-isolation", default="", metavar="LEVEL")
    args = parser.parse_args()
    if Path(args.assignment_id).name != args.assignment_id:
        parser.error(f"{args.assignment_id!r} is no assignment's name")
    return args


def submissions(submitted: Path, assignment: str) -> list[Any]:
    """One submission for each student's folder of this assignment; nbgrader's own names are the ids."""
    from gradproof.grading.reading import Submission

    folders = sorted(path / assignment for path in submitted.iterdir() if not path.is_symlink())
    return [Submission(path.parent.name, path.parent.name, path) for path in folders if path.is_dir()]


def invalid(submitted: Path, assignment: str) -> list[str]:
    """A sentence for each notebook that is no valid notebook by nbformat; it is graded as far as it can be read."""
    try:
        import nbformat
    except ModuleNotFoundError:
        return ["nbformat is not installed, so the notebooks were not validated: pip install nbformat"]
    said = []
    for path in sorted(submitted.glob(f"*/{assignment}/*.ipynb")):
        if path.is_symlink():
            continue
        try:
            nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))
        except Exception as error:  # nbformat raises many kinds for a file that a student broke
            reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
            said.append(f"{path.relative_to(submitted)} is no valid notebook: {reason[0][:200]!a}")
    return said


def write_feedback(course: Path, assignment: str, records: Any) -> int:
    """feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html for each notebook of each graded submission; how many there are."""
    from gradproof.reports.grading import render
    from gradproof.reports.grading.record import graded

    number = 0
    for record in records:
        student = str(record["submission"]["id"])
        handed_in = course / "submitted" / student / assignment
        if Path(student).name != student or not handed_in.is_dir():
            continue
        folder = course / "feedback" / student / assignment
        notebooks = sorted(path.stem for path in handed_in.glob("*.ipynb")) or [assignment]
        for name in notebooks:
            page = folder / f"{name}.html"
            page.unlink(missing_ok=True)
            if graded(record):
                folder.mkdir(parents=True, exist_ok=True)
                page.write_text(render(record, "html"), encoding="utf-8")
                number += 1
    return number


if __name__ == "__main__":
    sys.exit(main())
