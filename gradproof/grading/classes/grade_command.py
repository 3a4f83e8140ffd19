"""`gradproof grade`: mark a class's submissions."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

FORMATS = ("text", "csv", "json", "junit", "markdown", "html", "gradescope", "classroom")


def add_parser(commands: Any) -> None:
    """Add the command to the parser's commands."""
    grade = commands.add_parser(
        "grade",
        help="mark a class's submissions of an assignment",
        description="Mark submissions, each in its own sandbox. Exit codes: 0 all have their marks, whatever the marks;"
        " 2 interrupted; 3 some have no mark through a fault of the grader, or the run stopped; 4 usage; 5 nothing to"
        " grade.",
    )
    grade.add_argument("assignment", help="an assignment file, or the name of a ready-made one")
    grade.add_argument("submissions", nargs="+", type=Path, help="files, folders, zips, a platform's export")
    grade.add_argument("--output", type=Path, default=Path("grades"), help="folder of the grades (default grades)")
    grade.add_argument("--jobs", type=_positive, default=_processors(), help="processes (default: one a processor)")
    grade.add_argument("--resume", action="store_true", help="go on with the grades that the folder holds")
    grade.add_argument("--only", default="", metavar="ID,..", help="only these submissions")
    grade.add_argument(
        "--rerun",
        default="",
        metavar="STATUS,..",
        help="mark again: graded, not-graded, all, or a verdict (timeout-wall)",
    )
    grade.add_argument(
        "--layout",
        default="auto",
        help="how submissions lie in the paths, where that is guessed wrongly: one, files, folders",
    )
    grade.add_argument("--scheduler", default="", metavar="ADDRESS", help="mark on a dask.distributed cluster")
    grade.add_argument("--require-isolation", default="", metavar="LEVEL", help="refuse to run below this level")
    grade.add_argument("--student", default="", metavar="ID", help="SUBMISSIONS is the one submission of this student")
    secret = grade.add_mutually_exclusive_group()
    secret.add_argument("--secret-file", type=Path, help="file with the secret that hidden cases are drawn from")
    secret.add_argument("--seed", type=int, help="draw hidden cases from this number: repeatable, and no secret")
    grade.add_argument(
        "--timeout", type=_seconds, metavar="SECONDS", help="longest time for one submission (default 1800)"
    )
    grade.add_argument(
        "--format", choices=FORMATS, default="text", help="what stdout gets; the last four are of one submission"
    )
    grade.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grade; the exit code."""
    _forget_working_folder()
    from ...reports.grading import render_class
    from .class_run import Settings, grade
    from .job import PATIENCE_SECONDS

    settings = Settings(
        assignment=args.assignment,
        submissions=tuple(args.submissions),
        output=args.output,
        jobs=args.jobs,
        layout=args.layout,
        resume=args.resume,
        only=_list(args.only),
        rerun=_list(args.rerun),
        scheduler=args.scheduler,
        require=args.require_isolation,
        secret=_secret(args),
        student=args.student,
        patience=args.timeout or PATIENCE_SECONDS,
    )
    outcome = grade(settings, sys.stderr)
    chosen = (settings.student,) if settings.student else settings.only
    wanted = [r for r in outcome.records if not chosen or r["submission"]["id"] in chosen]
    if wanted:
        sys.stdout.write(render_class(wanted, args.format, outcome.changes))
    _notes(outcome.notes, settings.output if outcome.records else None)
    return outcome.code


def _notes(notes: tuple[str, ...], folder: Path | None) -> None:
    from ...reports.grading.text import line

    for note in notes:
        print(line(note, 2000), file=sys.stderr)
    if folder is not None:
        print(
            f"class:    {folder / 'class.html'}\nstudents: {folder / 'students'}\ntable:    {folder / 'grades.csv'}",
            file=sys.stderr,
        )


def _secret(args: argparse.Namespace) -> str:
    if args.seed is not None:
        return f"seed {args.seed}"
    if args.secret_file is None:
        return ""
    try:
        secret = str(args.secret_file.read_text(encoding="utf-8")).strip()
    except UnicodeDecodeError:
        raise ValueError(f"--secret-file: {args.secret_file} is no UTF-8 text; write the secret as text") from None
    if not secret:
        raise ValueError(f"--secret-file: {args.secret_file} is empty; write the secret into it")
    return secret


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _forget_working_folder() -> None:
    """Import nothing from the folder that the command stands in: it may be full of submissions.

    `python -m gradproof` puts that folder in front of everything; it stays only where gradproof itself lies in it.
    """
    from .processes import import_path

    sys.path[:] = import_path()
