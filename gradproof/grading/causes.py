"""Which known mistake explains what a submission returned: the catalogue's words for it, where there are any."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .answers import Answer
from .asking import Asked, TaskPlan
from .stages import Stage, TaskVerdict

if TYPE_CHECKING:
    from ..diagnosis import Observation

MOST_OBSERVED = 4  # points whose answers the diagnosis is given


def cause_of(plan: TaskPlan, verdict: TaskVerdict, stage: Stage) -> dict[str, Any] | None:
    """The mistake that explains a stage's wrong values: id, sentence, and whether no other does; None where none is."""
    if plan.task.network:
        return None
    from ..diagnosis import CERTAIN, diagnose

    options = stage.failing[0].point.case.options
    observations = list(_observations(_observed(verdict, stage, options), stage))
    if not observations:
        return None
    try:
        found = diagnose(plan.op, options, observations)
    except Exception:  # a cause that cannot be looked for costs a sentence, not marks
        return None
    if found is None or not found.causes:
        return None
    certain = found.status == CERTAIN
    return {
        "id": found.causes[0].ids[0] if found.causes[0].ids else "",
        "sentence": found.causes[0].sentence if certain else found.sentence,
        "certain": certain,
    }


def _observed(verdict: TaskVerdict, stage: Stage, options: Mapping[str, Any]) -> list[Asked]:
    """Points with these options, failing ones first."""
    failing = {a.point.id for a in stage.failing}
    alike = [each for each in verdict.asked if each.point.case.options == options and each.answers]
    return sorted(alike, key=lambda each: each.point.id not in failing)[:MOST_OBSERVED]


def _observations(points: list[Asked], stage: Stage) -> Iterator[Observation]:
    """What was returned under the catalogue's own names: the stage's, and of the other stages what is right there."""
    from ..diagnosis import Observation

    for at in points:
        for answer in at.answers:
            own = answer.returned.stage == stage.name
            if not (own or answer.right) or not _plain(answer):
                continue
            case = answer.point.case
            if answer.got is not None and answer.true is not None:
                yield Observation(case.inputs, case.cotangents[0], answer.quantity, answer.got, answer.true)


def _plain(answer: Answer) -> bool:
    numbers = answer.got is not None and answer.got.dtype.kind in "fiu"
    return isinstance(answer.returned.expression, ast.Name) and numbers
