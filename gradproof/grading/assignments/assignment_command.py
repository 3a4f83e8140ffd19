"""`gradproof assignment`: check an assignment file, begin one, and write the students' skeleton.

Exit codes: 0 the file is right; 4 it is not, or the command was misused.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

USAGE = 4
NEW = Path(__file__).with_name("new_assignment.toml")


def add_parser(commands: Any) -> None:
    """Add `assignment` to the subparsers of the command line."""
    top = commands.add_parser("assignment", help="assignment files: check, begin, students' skeleton")
    of = top.add_subparsers(dest="what", required=True, metavar="WHAT", parser_class=type(top))
    check = of.add_parser("check", help="every mistake of an assignment file, or its tasks and points")
    check.add_argument("assignment", help="a TOML file, or the name of a ready-made assignment")
    check.add_argument("--format", choices=("text", "json"), default="text")
    check.set_defaults(run=_check)
    new = of.add_parser("new", help="write a commented assignment file to begin with")
    new.add_argument("name", nargs="?", default="assignment", help="of the file without .toml (default assignment)")
    new.add_argument("--output", type=Path, default=Path(), metavar="FOLDER", help="where (default: here)")
    new.set_defaults(run=_new)
    starter = of.add_parser("starter", help="write the students' skeleton, a .py and a .ipynb")
    starter.add_argument("assignment", help="a TOML file, or the name of a ready-made assignment")
    starter.add_argument("--output", type=Path, default=Path(), metavar="FOLDER", help="where (default: here)")
    starter.set_defaults(run=_starter)
    listing = of.add_parser("list", help="the ready-made assignments")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    listing.set_defaults(run=_list)


def _check(args: argparse.Namespace, out: TextIO | None = None) -> int:
    from .assignment import AssignmentError, read

    out = out or sys.stdout
    try:
        assignment = read(args.assignment)
    except AssignmentError as error:
        if args.format == "json":
            out.write(json.dumps({"right": False, "problems": list(error.problems)}, indent=2) + "\n")
        for problem in error.problems if args.format == "text" else ():
            print(problem, file=sys.stderr)
        return USAGE
    if args.format == "json":
        out.write(json.dumps(_record(assignment), indent=2) + "\n")
    else:
        out.writelines(f"{line}\n" for line in _table(assignment))
    return 0


def _record(assignment: Any) -> dict[str, Any]:
    return {
        "right": True,
        "name": assignment.name,
        "title": assignment.title,
        "digest": assignment.digest,
        "max_score": assignment.max_score,
        "tasks": [
            {
                "name": task.name,
                "operation": task.operation or [line.text for line in task.network],
                "functions": list(task.called),
                "points": dict(task.points),
                "after": list(task.after),
                "visibility": task.visibility,
            }
            for task in assignment.tasks
        ],
    }


def _table(assignment: Any) -> Iterator[str]:
    """Tasks, what they are judged as, their stages and points."""
    rows: list[Sequence[str]] = [("task", "judged as", "functions", "stages and points", "points")]
    for task in assignment.tasks:
        stages = ", ".join(f"{stage} {points:g}" for stage, points in task.points.items())
        what = task.operation or "network"
        rows.append((task.name, what, ", ".join(task.called), stages, f"{task.max_score:g}"))
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    yield f"{assignment.title} ({assignment.name})"
    yield ""
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip()
    yield ""
    cases = assignment.cases
    many = f"{len(assignment.tasks)} tasks, {assignment.max_score:g} points"
    yield f"{many}; {cases.public} public and {cases.hidden} hidden cases each"


def _new(args: argparse.Namespace) -> int:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,63}", args.name):
        raise ValueError(f"{args.name!r} is no name; begin with a letter, then letters, digits, - and _")
    path = args.output / f"{args.name}.toml"
    text = NEW.read_text(encoding="utf-8").replace('name = "assignment"', f'name = "{args.name}"', 1)
    _written({path: text})
    print(f"next: edit it, then gradproof assignment check {path}", file=sys.stderr)
    return 0


def _starter(args: argparse.Namespace) -> int:
    from .assignment import AssignmentError, read
    from .starter import module, notebook

    try:
        assignment = read(args.assignment)
    except AssignmentError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return USAGE
    _written(
        {
            args.output / f"{assignment.name}.py": module(assignment),
            args.output / f"{assignment.name}.ipynb": notebook(assignment),
        }
    )
    return 0


def _written(files: dict[Path, str]) -> None:
    """Write new files and say so. ValueError, before anything is written, where one is there already."""
    for path in files:
        if path.exists() or path.is_symlink():
            raise ValueError(f"{path} exists and is left as it is; give another name or --output")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path)


def _list(args: argparse.Namespace) -> int:
    from .assignment import read, ready_made

    every = {name: read(path) for name, path in ready_made().items()}
    if args.format == "json":
        print(json.dumps([_record(assignment) for assignment in every.values()], indent=2))
        return 0
    width = max(map(len, every), default=0)
    for name, assignment in every.items():
        print(f"{name:{width}}  {assignment.title}; {len(assignment.tasks)} tasks, {assignment.max_score:g} points")
    return 0
