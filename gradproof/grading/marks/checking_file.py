"""`gradproof check FILE --assignment A`: a student's own file at home, judged in the grader's words.

Public cases only, unless asked otherwise; a verdict is printed as soon as it is known. The file is the student's own,
so it runs with limits on time and memory, and not in the confinement of a class run.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from ..assignments.assignment import Assignment
    from ..reading.record import Source
    from .drawing_cases import Drawn
    from .marking import Plan

RIGHT, WRONG, FAULT, NOTHING = 0, 1, 3, 5
WATCHED = (".py", ".ipynb")
SECONDS_BETWEEN_LOOKS = 0.3
AT_HOME = "rlimits"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of judging a file by an assignment."""
    parser.add_argument("--assignment", metavar="A", help="judge it by this assignment: a file, or a ready-made name")
    parser.add_argument("--task", action="append", default=[], metavar="NAME", help="only this task (repeatable)")
    parser.add_argument("--case", metavar="ID", help="only this case, as a verdict names it")
    parser.add_argument("--hidden", action="store_true", help="also the cases drawn from the assignment's secret")
    parser.add_argument("--watch", action="store_true", help="judge again whenever the file is saved")
    parser.add_argument("--isolation", metavar="LEVEL", default=AT_HOME, help=argparse.SUPPRESS)


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Judge `args.path` by `args.assignment`; the exit code: 0 all right, 1 something wrong, 3 a fault of the grader,
    5 nothing judged. ValueError where the call makes no sense (AssignmentError for the assignment's own mistakes).
    """
    from ..assignments.assignment import read
    from .marking import plan_of
    from .truth_store import forget_old, truths_folder

    path = Path(args.path)
    if not path.exists():
        raise ValueError(f"there is no file {path}; give the file with your functions")
    assignment = read(args.assignment)
    _known(assignment, args.task)
    truths = truths_folder()
    if truths is not None:
        forget_old(truths)
    plan = plan_of(assignment, truths=truths)
    code = _once(args, path, plan, out)
    while args.watch:
        try:
            _wait(path)
            out.write(f"\n{time.strftime('%H:%M:%S')} {path.name} changed\n\n")
            code = _once(args, path, plan, out)
        except KeyboardInterrupt:
            break
    return code


def _known(assignment: Assignment, tasks: Sequence[str]) -> None:
    from ...naming import nearest

    names = [t.name for t in assignment.tasks]
    for name in tasks:
        if name not in names:
            near = nearest(name, names) or names
            raise ValueError(f"{assignment.name} has no task {name!r}; did you mean {' or '.join(near)}?")


def _once(args: argparse.Namespace, path: Path, plan: Plan, out: TextIO) -> int:
    """Read and judge the file once."""
    from ..reading import read_source
    from .marking import mark

    assignment = plan.assignment
    source = read_source(path, assignment.names, {name for task in assignment.tasks for name in task.called})
    text = getattr(args, "format", "text") == "text"
    if not (args.hidden or args.case or assignment.cases.public):
        out.write(f"{assignment.name} has no public cases, so nothing can be judged at home\n")
        return NOTHING
    printer = _Printer(out)
    if text:
        _opening(source, out)
    cases = _cases(plan, args.case, args.task) if args.case else None
    record = mark(
        source,
        assignment,
        source.name,
        plan=plan,
        level=args.isolation,
        public_only=not args.hidden,
        tasks=list(cases) if cases else args.task,
        cases=cases,
        file=str(args.path),
        staged=printer.stage if text else None,
    )
    if text:
        _closing(record, out)
    else:
        out.write(json.dumps(record, indent=2) + "\n")
    return _exit_code(record)


def _cases(plan: Plan, case: str, tasks: Sequence[str]) -> dict[str, tuple[Drawn, ...]]:
    """The tasks that a case id belongs to, with that case. ValueError where it belongs to none."""
    from ...cases import parse
    from .drawing_cases import Drawn

    problem = ""
    for task in plan.assignment.tasks:
        if tasks and task.name not in tasks:
            continue
        op = plan.task(task).op
        if op.name != case.split(":")[0]:
            continue
        try:
            return {task.name: (Drawn(parse(case, {op.name: op})),)}
        except ValueError as error:
            problem = str(error)
    raise ValueError(problem or f"the case {case!r} belongs to no task of {plan.assignment.name}; add --task NAME")


# -- words -----------------------------------------------------------------------------------------------------------


def _opening(source: Source, out: TextIO) -> None:
    for problem in source.problems:
        out.write(f"{problem}\n")
    for note in source.notes:
        out.write(f"note: {note}\n")
    out.flush()


@dataclass
class _Printer:
    """Prints stages as they come; what was just said in full is not said again.

    A task that is not written yet gets one line: at home most of a file is not there at first.
    """

    out: TextIO
    said: str = ""
    missing: set[str] = field(default_factory=set)

    def stage(self, row: dict[str, Any]) -> None:
        """One stage: a line, and where it is not right all that is to be said of it."""
        from ...reports.grading.telling import told

        if row["status"] == "missing-function" and row["task"] not in self.missing:
            self.missing.add(row["task"])
            self.out.write(f"{row['task']}: not there yet: {row['headline']}\n")
        if row["task"] in self.missing and row["status"] in ("missing-function", "blocked-by"):
            self.out.flush()
            return
        first, *rest = told(row).split("\n")
        again = row["status"] != "ok" and first == self.said
        self.out.write(f"{row['task']} {row['stage']}: {row['status']}: {'the same' if again else first}\n")
        if not again and (row["status"] != "ok" or row["explanation"]):
            self.out.writelines(f"    {line}\n" for line in rest)
            self.out.write("\n")
        self.out.flush()
        self.said = first


def _closing(record: dict[str, Any], out: TextIO) -> None:
    from ...reports.grading.sentences import sentences

    if record["status"] == "graded":
        out.write(" ".join(sentences(record, everything=True)) + "\n")
    else:
        out.write(f"not judged: {record['message']}\n")
    if record["output"]:
        out.write("\nwhat the code printed:\n" + "".join(f"    {line}\n" for line in record["output"].split("\n")))
    out.flush()


def _exit_code(record: dict[str, Any]) -> int:
    if record["status"] != "graded":
        return FAULT
    if not record["stages"]:
        return NOTHING
    return RIGHT if all(row["status"] == "ok" for row in record["stages"]) else WRONG


# -- watching --------------------------------------------------------------------------------------------------------


def _wait(path: Path) -> None:
    """Until something that belongs to the submission was saved."""
    before = _saved(path)
    while _saved(path) == before:
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _saved(path: Path) -> tuple[tuple[str, float, int], ...]:
    files = [p for p in path.rglob("*") if p.suffix in WATCHED] if path.is_dir() else [path]
    found = []
    for file in sorted(files):
        try:
            status = file.stat()
        except OSError:  # an editor that replaces the file when it saves
            continue
        found.append((str(file), status.st_mtime, status.st_size))
    return tuple(found)
