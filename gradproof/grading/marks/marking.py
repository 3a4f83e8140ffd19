"""Marking one submission: from its source and an assignment to a marks record.

    record = mark(source, assignment, identity, plan=plan_of(assignment, secret))

Nothing here raises for what a submission does; what the grader itself cannot do is said loudly and costs no marks.
"""

from __future__ import annotations

import contextlib
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ... import __version__
from ..confinement.exchanged import Started
from .ahead import ask_ahead
from .asking import Box, Subject, TaskPlan
from .drawing_cases import Drawn, hidden_cases, public_cases, secret_of, task_op, variant_of
from .feedback import Place, stage_words
from .needing import charge_once
from .stages import LATENT, TaskVerdict, first_points, judge_task
from .truth_store import TruthStore

if TYPE_CHECKING:
    from reference._op import Op

    from ..assignments.assignment import Assignment, Limits, Task
    from ..reading.record import Source

FORMAT, VERSION = "gradproof-marks", 1
MOST_OUTPUT = 8000
MOST_NAMED = 6  # names that a sentence lists

Making = Callable[..., Box]
Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class How:
    """How a submission is marked: `mark`'s arguments of the same names, and where its student finds things."""

    identity: str
    public_only: bool
    cases: Mapping[str, Sequence[Drawn]]
    diagnosing: bool
    place: Place
    progress: Progress | None
    staged: Callable[[dict[str, Any]], None] | None


@dataclass
class Plan:
    """An assignment made ready: operations, cases and truths, shared by all submissions of a process."""

    assignment: Assignment
    secret: bytes
    store: TruthStore
    operations: Mapping[str, Op]
    tasks: dict[str, TaskPlan] = field(default_factory=dict)
    hidden: dict[tuple[str, int], tuple[Drawn, ...]] = field(default_factory=dict)

    def task(self, task: Task) -> TaskPlan:
        """A task made ready. ValueError where no case of it can be drawn."""
        if task.name not in self.tasks:
            op = task_op(task, self.operations)
            public = public_cases(self.assignment, task, op)
            self.tasks[task.name] = TaskPlan(task, op, self.store, public, lambda who: self._hidden(task, op, who))
        return self.tasks[task.name]

    def _hidden(self, task: Task, op: Op, identity: str) -> tuple[Drawn, ...]:
        variant = variant_of(self.assignment, self.secret, task, identity)
        key = task.name, variant
        if key not in self.hidden:
            self.hidden[key] = hidden_cases(self.assignment, task, op, self.secret, variant)
        return self.hidden[key]


def plan_of(assignment: Assignment, secret: str | bytes = "", truths: Path | None = None) -> Plan:
    """An assignment made ready to mark submissions.

    secret: in place of the assignment's own. truths: a folder that keeps truths between runs and processes.
    ValueError where the secret cannot be read.
    """
    from ...reference import operations

    own = (secret.encode() if isinstance(secret, str) else secret) or secret_of(assignment)
    return Plan(assignment, own, TruthStore(truths), operations())


def mark(
    source: Source,
    assignment: Assignment,
    identity: str,
    *,
    plan: Plan | None = None,
    box: Making | None = None,
    level: str | None = None,
    limits: Limits | None = None,
    public_only: bool = False,
    tasks: Sequence[str] = (),
    cases: Mapping[str, Sequence[Drawn]] | None = None,
    diagnosing: bool = True,
    file: str = "",
    progress: Progress | None = None,
    staged: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """The marks record of one submission.

    source: as `reading` gives it. identity: whose cases it gets. plan: shared between submissions; made here where
    there is none. box: makes the sandbox, `Sandbox` by default, called with (files, entries, limits, level).
    limits: in place of the assignment's. public_only: judge the public cases alone. tasks: only these, by name.
    cases: by task, those to judge instead of its own. diagnosing: look for the cause in the catalogue of mistakes.
    file: what the commands in the feedback name. progress: called with a task's name and "started" or "judged".
    staged: called with each stage of the record as soon as it is known.
    """
    start, broken = time.perf_counter(), ""
    plan = plan or plan_of(assignment)
    chosen = [t for t in assignment.tasks if not tasks or t.name in tasks]
    record = _frame(source, assignment, identity, chosen)
    problems = tuple(map(str, source.problems))
    called = frozenset(name for task in assignment.tasks for name in task.called)
    place = Place(file or _file(source), _named(assignment), source.where, problems, called)
    how = How(identity, public_only, cases or {}, diagnosing, place, progress, staged)
    try:
        made = box or _sandbox
        with _opened(made(source.files, source.entries, _limits(limits or assignment.limits), level)) as opened:
            record["isolation"] = str(getattr(opened, "level", level) or "")
            started = opened.start()
            stopped = [f"the import stopped: {started.message}"] if started.verdict == "import-failed" else []
            record["notes"] = [*source.notes, *map(str, source.problems), *started.notes, *stopped]
            subject = Subject(opened, assignment.accept, started)
            if not _usable(started):
                _not_started(record, started, chosen, source, how)
            else:
                _mark_tasks(record, plan, subject, chosen, how)
            record["output"] = "\n".join([started.stdout, *subject.output]).strip()[:MOST_OUTPUT]
            record["programs"] = subject.programs
    except BrokenPipeError:  # whoever was told of each stage has gone
        raise
    except Exception as error:  # a fault of the grader must never look like the submission's
        broken = f"the grader failed: {type(error).__name__}: {error}"
    _total(record, broken)
    record["seconds"] = round(time.perf_counter() - start, 3)
    return record


def _sandbox(files: Mapping[str, str], entries: tuple[str, ...], limits: Any, level: str | None) -> Box:
    from ..confinement.sandbox import Sandbox

    return Sandbox(files, entries, limits, level)


class _opened:
    """Closes a sandbox whatever happens."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def __enter__(self) -> Box:
        return self.box

    def __exit__(self, *raised: object) -> None:
        self.box.close()


def _limits(limits: Any) -> Any:
    """An assignment's limits as the sandbox's."""
    from ..confinement.exchanged import Limits as Sandboxed

    known = vars(limits)
    return Sandboxed(**{n: v for n, v in known.items() if n in Sandboxed.__dataclass_fields__})


def _frame(source: Source, assignment: Assignment, identity: str, tasks: Sequence[Task]) -> dict[str, Any]:
    """The record before anything is judged."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "assignment": {
            "name": assignment.name, "title": assignment.title, "digest": assignment.digest,
            "max_score": assignment.max_score,
        },
        "submission": {
            "id": identity, "name": source.name, "files": sorted(source.files), "digest": source.digest,
        },
        "isolation": "",
        "versions": {"gradproof": __version__, "numpy": np.__version__, "python": platform.python_version()},
        "seconds": 0.0,
        "score": None,
        "max_score": sum(t.max_score for t in tasks),
        "status": "not-graded",
        "message": "",
        "notes": [],
        "output": "",
        "stages": [],
    }  # fmt: skip


def _file(source: Source) -> str:
    """The handed-in file that a command names."""
    names = {str(origin.file) for origins in source.origins.values() for origin in origins[:1]}
    names = names or {str(problem.file) for problem in source.problems}
    return next(iter(sorted(names)), source.entries[-1] if source.entries else source.name)


def _named(assignment: Assignment) -> str:
    """An assignment as the command line takes it: a ready-made one by name, another by its file."""
    from ..assignments.assignment import ready_made

    known = ready_made().get(assignment.path.stem)
    return assignment.path.stem if known == assignment.path else assignment.path.name


def _usable(started: Started) -> bool:
    """Can anything of it be called? What was defined before an import failed can."""
    return started.verdict in ("ok", "import-failed") and bool(started.names)


# -- tasks -----------------------------------------------------------------------------------------------------------


def _mark_tasks(record: dict[str, Any], plan: Plan, subject: Subject, tasks: Sequence[Task], how: How) -> None:
    before: dict[str, TaskVerdict] = {}
    if how.progress is None and how.staged is None:  # who waits for each task gets the first one first
        _ask_ahead(plan, subject, tasks, how)
    for task in tasks:
        if how.progress:
            how.progress(task.name, "started")
        try:
            rows = _judged(plan, subject, task, how, before)
        except Exception as error:  # a fault of the grader at one task spoils no other
            said = f"the grader failed at {task.name}: {type(error).__name__}: {error}"
            rows = [_row(task, name, "grader-fault", said) for name in task.points]
        for row in rows:
            record["stages"].append(row)
            if how.staged:
                how.staged(row)
        if how.progress:
            how.progress(task.name, "judged")


def _ask_ahead(plan: Plan, subject: Subject, tasks: Sequence[Task], how: How) -> None:
    """Ask for all tasks at once; whatever is at fault there is found again, and said, at its own task."""
    points = []
    for task in tasks:
        with contextlib.suppress(Exception):
            points.append(first_points(plan.task(task), _drawn(plan.task(task), task, how)))
    with contextlib.suppress(Exception):
        ask_ahead(subject, points)


def _drawn(prepared: TaskPlan, task: Task, how: How) -> Sequence[Drawn]:
    """The cases on which a task is judged."""
    drawn = how.cases.get(task.name) or prepared.public
    if task.name not in how.cases and not how.public_only:
        drawn = (*prepared.public, *prepared.hidden(how.identity))
    return drawn


def _judged(plan: Plan, subject: Subject, task: Task, how: How, before: dict[str, TaskVerdict]) -> list[dict[str, Any]]:
    prepared = plan.task(task)
    drawn = _drawn(prepared, task, how)
    if not drawn:
        said = f"{task.name} has no {'public ' if how.public_only else ''}cases, so nothing was judged"
        return [_row(task, name, "grader-fault", said) for name in task.points]
    verdict = judge_task(prepared, subject, drawn)
    before[task.name] = verdict
    charge_once(verdict, before)
    if all(stage.passed for stage in verdict.stages):
        subject.trusted |= {name.partition(".")[0] for name in task.called}
    rows = []
    for stage in verdict.stages:
        row = _row(task, stage.name, stage.status, stage.message)
        try:
            row |= stage_words(prepared, subject, verdict, stage, how.place, how.diagnosing)
        except Exception as error:  # the verdict stands; only its explanation is lost, and that is said
            row["explanation"] = f"the grader could not explain this further ({type(error).__name__}: {error})"
        rows.append(row)
    return rows


def _row(task: Task, stage: str, status: str, headline: str) -> dict[str, Any]:
    """A stage of the record with its points, and no words yet."""
    most = task.points.get(stage, 0)
    return {
        "task": task.name,
        "title": task.title,
        "stage": stage,
        "status": status,
        "score": None if status == "grader-fault" else most if status == "ok" else 0,
        "max_score": most,
        "visibility": task.visibility,
        "quantity": "",
        "headline": headline,
        "explanation": "",
        "pattern": "",
        "mistake": None,
        "variant": None,
        "case": "",
        "public": True,
        "example": None,
        "reproduce": "",
        "right": [],
        "not_judged": [],
        "blocked_by": "",
        "charged": "",
    }


# -- what could not be judged ----------------------------------------------------------------------------------------


def _not_started(record: dict[str, Any], started: Started, tasks: Sequence[Task], source: Source, how: How) -> None:
    """Every stage of a submission that cannot be imported, or that holds nothing to import."""
    verdict = started.verdict if started.verdict != "ok" else "import-failed"
    where = f" ({source.where(*started.where)})" if started.where else ""
    short = said = f"{started.message}{where}"
    if not started.message:
        wanted = sorted(how.place.called)
        named = ", ".join(wanted[:MOST_NAMED]) + (" and others" if len(wanted) > MOST_NAMED else "")
        nothing = f"{how.place.file} defines no function and no class; asked for are {named}"
        # Said once at the top, with what else is wrong: every stage would repeat it.
        said = "; ".join(dict.fromkeys(map(str, source.problems))) or nothing
        file = how.place.file
        short = f"nothing in {file} can be run" if source.problems else f"{file} defines nothing that could be called"
        record["notes"] = [note for note in record["notes"] if note not in set(map(str, source.problems))]
    for task in tasks:
        for name in task.points:
            row = _row(task, name, verdict, short)
            row["explanation"] = "\n".join(str(p) for p in source.problems) if started.message else ""
            row["reproduce"] = how.place.command(task.name)
            record["stages"].append(row)
            if how.staged:
                how.staged(row)
    record["message"] = said


def _total(record: dict[str, Any], broken: str) -> None:
    """The score, where every stage has one. broken: what the grader failed in altogether."""
    faults = [s for s in record["stages"] if s["status"] == "grader-fault"]
    if broken or faults:
        record["message"] = broken or record["message"] or faults[0]["headline"] or "the grader failed in a stage"
        return
    record["status"] = "graded"
    record["score"] = sum(s["score"] for s in record["stages"])


__all__ = ["LATENT", "Plan", "mark", "plan_of"]
