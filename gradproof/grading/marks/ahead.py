"""All tasks of a submission in one fork, before any is judged by itself: where a task is right, that is all it costs.

A fork costs more than all that a right task computes. So only what is right there counts: a task in which anything is
not goes its own way, in forks of its own, as if it had never been asked. State that one task leaves can therefore cost
another no mark. What is right only once something else was called is met by the task that calls it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .asking import TOGETHER_SECONDS, Subject, compiled_at, joined_at
from .together import apart, one_after_another, suspicions, under

if TYPE_CHECKING:
    from ..confinement.exchanged import Outcome, Program
    from .answers import Answered
    from .points import Point


MOST_WHOLE = 4  # programs of all tasks that are kept


def ask_ahead(subject: Subject, tasks: Sequence[Sequence[Point]]) -> None:
    """Ask at the points of several tasks in one fork, and remember the answers of those tasks in which all is right.

    Nothing is remembered where the program does not run to its end in TOGETHER_SECONDS, or where it prints: what is
    printed belongs to a task.
    """
    able = [points for points in tasks if points and _able(subject, points)]
    if len(able) < 2:
        return
    programs = [joined_at(points, [compiled_at(at) for at in points]) for points in able]
    outcome = subject.run(_whole(able, programs), keeping=False)
    if outcome.verdict != "ok" or outcome.stdout:
        return
    for points, own in zip(able, apart(outcome, programs), strict=True):
        if own is not None and (answers := _all_right(subject, points, own)) is not None:
            subject.memo.update(answers)


def _all_right(subject: Subject, points: Sequence[Point], outcome: Outcome) -> dict[int, Answered] | None:
    """A task's answers by their programs; None where anything is not right at any of its points."""
    every = [compiled_at(at) for at in points]
    found: dict[int, Answered] = {}
    for at, compiled, own in zip(points, every, apart(outcome, [c.program for c in every]), strict=True):
        answers = None if own is None else subject.judged(at, compiled, own)
        if answers is None or suspicions(answers):
            return None
        found[id(compiled)] = answers
    return found


def _whole(able: Sequence[Sequence[Point]], programs: Sequence[Program]) -> Program:
    """The programs of several tasks as one, made once for all submissions that can run the same ones."""
    known = able[0][0].programs.setdefault("whole", {})
    key = tuple(map(id, programs))
    if key not in known:
        if len(known) == MOST_WHOLE:
            known.pop(next(iter(known)))
        placed = [_at_place(points[0], p, k) for k, (points, p) in enumerate(zip(able, programs, strict=True))]
        # the programs are kept too: an id is one's own as long as its object lives
        known[key] = replace(one_after_another(placed), cpu_seconds=TOGETHER_SECONDS), programs
    made: Program = known[key][0]
    return made


def _at_place(first: Point, program: Program, place: int) -> Program:
    """A task's program as the one at this place of all tasks, made once for all submissions."""
    known = first.programs.setdefault("ahead", {})
    if (id(program), place) not in known:
        known[id(program), place] = under(program, place)
    made: Program = known[id(program), place]
    return made


def _able(subject: Subject, points: Sequence[Point]) -> bool:
    """Whether the submission defines what the task calls, and the task draws nothing by chance."""
    task = points[0].task
    return not task.draws and {name.partition(".")[0] for name in task.called} <= set(subject.started.names)
