"""A stage's verdict in words: what was asked, what came back, the pattern, the cause, the smallest case, the command.

The example is the smallest case in round numbers that fails in the same way; the pattern and the cause are read from
the case that failed first, whose sizes tell the axes apart.
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..confinement.exchanged import Outcome
from .answers import Answer
from .asking import Subject, TaskPlan
from .causes import cause_of
from .examples import example, nested, pattern_of, smallest, smallest_stop
from .stages import LATENT, Stage, TaskVerdict

if TYPE_CHECKING:
    from ..assignments.assignment import Task
    from .points import Point


LONGEST = 200  # characters of an exception's message in a headline


@dataclass(frozen=True)
class Place:
    """How a student gets back here. file: the one to check; assignment: as the command takes it.

    where: from a module of the sandbox and a line to the words of the handed-in file. problems: what is wrong with
    the file as such. called: every name that some task of the assignment calls.
    """

    file: str
    assignment: str
    where: Any = None
    problems: tuple[str, ...] = ()
    called: frozenset[str] = frozenset()

    def command(self, task: str, case: str = "") -> str:
        """The command that judges this case again."""
        words = ["gradproof", "check", self.file, "--assignment", self.assignment, "--task", task]
        return shlex.join([*words, "--case", case] if case else words)


def stage_words(
    plan: TaskPlan, subject: Subject, verdict: TaskVerdict, stage: Stage, place: Place, diagnosing: bool = True
) -> dict[str, Any]:
    """The fields of a stage's record that are words, numbers and arrays for the student."""
    task = verdict.task
    words: dict[str, Any] = {
        "quantity": _quantities(task, stage),
        "headline": "",
        "explanation": "",
        "pattern": "",
        "mistake": None,
        "variant": dict(verdict.variant) or None if stage.passed or stage.failing else None,
        "case": "",
        "public": True,
        "example": None,
        "reproduce": "",
        "right": stage.right,
        "not_judged": list(stage.unjudged),
        "blocked_by": stage.blocked_by,
        "charged": stage.charged,
    }
    if stage.passed:
        return words | {"headline": _right_headline(stage), "explanation": _joined(stage.remarks)}
    if stage.status == "blocked-by":
        said = f"not judged: {stage.message}"
        command = place.command(task.name)
        return words | {"headline": said, "explanation": _joined(stage.remarks), "reproduce": command}
    if stage.outcome is not None:
        return words | _stopped(plan, subject, verdict, stage, place)
    if stage.failing:
        return words | _wrong(plan, subject, verdict, stage, place, diagnosing)
    at = stage.asked.point if stage.asked else None
    return words | {
        "headline": stage.message,
        "explanation": _joined([_line_of(task, stage.name), *stage.remarks]),
        "case": at.id if at else "",
        "public": at.public if at else True,
        "reproduce": place.command(task.name, at.id if at and at.public else ""),
    }


def _quantities(task: Task, stage: Stage) -> str:
    if stage.failing:
        return stage.failing[0].quantity
    own = [ast.unparse(_inside(j.pattern)) for j in task.judged() if j.stage == stage.name]
    return ", ".join(dict.fromkeys(own))


def _inside(pattern: ast.expr) -> ast.expr:
    return pattern.value if isinstance(pattern, ast.NamedExpr) else pattern


def _right_headline(stage: Stage) -> str:
    if stage.own:
        return stage.message
    return f"right on {stage.cases} case{'s' if stage.cases != 1 else ''}" if stage.cases else "right"


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(dict.fromkeys(p for p in parts if p))


def _line_of(task: Task, stage: str) -> str:
    """The line that asks for what this stage judges."""
    lines = [j.step.line.text for j in task.judged() if j.stage == stage]
    return f"asked for: {'; '.join(dict.fromkeys(lines))}" if lines else ""


# -- a program that did not run ------------------------------------------------------------------------------------


def _stopped(plan: TaskPlan, subject: Subject, verdict: TaskVerdict, stage: Stage, place: Place) -> dict[str, Any]:
    """Words for an exception, a limit, a missing function."""
    task, outcome = verdict.task, stage.outcome
    if outcome is None or stage.asked is None:
        return {}
    if outcome.verdict == "missing-function":
        return _missing(outcome, subject, task, stage, place)
    at = smallest_stop(plan, subject, verdict, stage)
    where = _where(outcome.where, place) if outcome.where else ""
    message = outcome.message if len(outcome.message) <= LONGEST else f"{outcome.message[:LONGEST]}..."
    headline = f"{message} ({where})" if where else message
    known = [problem for problem in place.problems if where and problem.startswith(f"{where}:")]
    if stage.status == LATENT:
        headline = f"right on what the course exercises, but with {_circumstances(at, verdict)}: {headline}"
    shapes = ", ".join(f"{n} {x.shape}" for n, x in at.case.inputs.items())
    raised = outcome.verdict == "raised"
    return {
        "headline": headline,
        "explanation": _joined([*known, _line_of(task, stage.name), f"the inputs were: {shapes}", *stage.remarks]),
        "case": at.id,
        "public": at.public,
        "example": {"inputs": {n: nested(x) for n, x in at.case.inputs.items()}} if raised else None,
        "reproduce": place.command(task.name, at.id if at.public else ""),
    }


def _where(where: tuple[str, int], place: Place) -> str:
    if place.where is not None:
        return str(place.where(*where))
    return f"{where[0]}, line {where[1]}"


def _missing(outcome: Outcome, subject: Subject, task: Task, stage: Stage, place: Place) -> dict[str, Any]:
    """Words for a function that the file does not define, and for one that it calls nearly so."""
    from ...naming import misspelt

    known = list(subject.started.names) if subject.started else []
    missing = [n for n in task.called if n not in known]
    free = [n for n in known if n not in place.called]
    near = {name: misspelt(name, free, place.called) for name in missing}
    hints = [f"if {' or '.join(found)} is what you mean, call it {name}" for name, found in near.items() if found]
    failed = subject.started is not None and subject.started.verdict == "import-failed"
    stopped = [f"the import stopped before its end: {subject.started.message}"] if failed else []
    return {
        "headline": outcome.message,
        "explanation": _joined([*hints, _line_of(task, stage.name), *stopped, *place.problems[:3]]),
        "reproduce": place.command(task.name),
        "variant": None,
    }


# -- wrong values --------------------------------------------------------------------------------------------------


def _wrong(
    plan: TaskPlan, subject: Subject, verdict: TaskVerdict, stage: Stage, place: Place, diagnosing: bool
) -> dict[str, Any]:
    """Words for values, shapes and dtypes that are not right."""
    first = stage.failing[0]
    pattern = pattern_of(stage.failing)
    shown = smallest(plan, subject, verdict, first, pattern)
    mistake = cause_of(plan, verdict, stage, subject, place.where) if diagnosing else None
    quantities = list(dict.fromkeys(a.quantity for a in stage.failing))
    headline = _headline(shown, quantities, pattern)
    if stage.status == LATENT:
        headline = f"right on what the course exercises, but with {_circumstances(first.point, verdict)}: {headline}"
    failing = list(dict.fromkeys(a.point.id for a in stage.failing))
    judged = first.returned.stage if stage.name == LATENT else stage.name
    cases = f"{len(failing)} of {max(stage.cases, len(failing))} cases fail" if stage.cases else ""
    return {
        "headline": headline,
        "explanation": _joined(
            [_line_of(verdict.task, judged), cases, *stage.remarks]
        ),
        "pattern": pattern,
        "mistake": mistake,
        "case": shown.point.id,
        "public": shown.point.public,
        "example": example(shown),
        "reproduce": place.command(verdict.task.name, shown.point.id if shown.point.public else ""),
    }  # fmt: skip


def _headline(answer: Answer, quantities: Sequence[str], pattern: str) -> str:
    if answer.status in ("wrong-shape", "wrong-dtype", "wrong-return"):
        return answer.message
    if answer.status == "non-finite":
        return f"{answer.quantity} holds {answer.message}"
    named = ", ".join(quantities[:-1]) + " and " * (len(quantities) > 1) + quantities[-1]
    subject = named + (" is wrong" if len(quantities) == 1 else " are wrong")
    return f"{subject}: {pattern}" if pattern else f"{subject}{_by(answer)}"


def _by(answer: Answer) -> str:
    """The worst entry, with as many digits as tell both numbers apart."""
    worst = answer.finding.worst if answer.finding else None
    if worst is None:
        return ""
    plain = answer.quantity.isidentifier()
    name = answer.quantity if plain else f"({answer.quantity})"
    at = f"{name}[{', '.join(map(str, worst.index))}]" if worst.index else name
    true, got = _short(worst.true), _short(worst.got)
    if true == got:
        true, got = worst.true, worst.got
    return f": {at} should be {true}, yours is {got}"


def _short(number: str) -> str:
    try:
        return f"{float(number):.6g}"
    except ValueError:
        return number


def _circumstances(at: Point, verdict: TaskVerdict) -> str:
    """What is unusual about a latent case: its sizes and options."""
    spec = at.case.spec
    usual = {s for each in verdict.asked for s in each.point.case.spec.options}
    options = [f"{n}={v}" for n, v in spec.options if (n, v) not in usual]
    if options:
        return ", ".join(options)
    return ", ".join(f"{n} = {'x'.join(map(str, s)) if isinstance(s, tuple) else s}" for n, s in spec.sizes)
