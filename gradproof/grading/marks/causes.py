"""Which known mistake explains what a submission returned: the catalogue's words for it, where there are any."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .answers import Answer
from .asking import Asked, TaskPlan
from .stages import Stage, TaskVerdict

if TYPE_CHECKING:
    import numpy as np

    from ...diagnosis import Observation
    from ...truth import TrueArray

MOST_OBSERVED = 4  # points whose answers the diagnosis is given


def cause_of(plan: TaskPlan, verdict: TaskVerdict, stage: Stage) -> dict[str, Any] | None:
    """The mistake that explains a stage's wrong values: id, sentence, and whether no other does; None where none is."""
    if plan.task.network:
        return None
    from ...diagnosis import CERTAIN, diagnose

    options = stage.failing[0].point.case.options
    points = _observed(verdict, stage, options)
    observations = list(_observations(points, stage))
    own = list(_observations(points, stage, only_own=True))
    try:
        found = diagnose(plan.op, options, observations) if observations else None
        alone = found is not None and not found.causes and 0 < len(own) < len(observations)
        if alone:  # a mistake whose other half was written rightly: likely, and never certain
            found = diagnose(plan.op, options, own)
    except Exception:  # a cause that cannot be looked for costs a sentence, not marks
        return None
    if found is None or not found.causes:
        return None
    certain = found.status == CERTAIN
    return {
        "id": found.causes[0].ids[0] if found.causes[0].ids else "",
        "sentence": found.causes[0].sentence if certain else found.sentence,
        "certain": certain and not alone,
    }


def _observed(verdict: TaskVerdict, stage: Stage, options: Mapping[str, Any]) -> list[Asked]:
    """Points with these options, failing ones first."""
    failing = {a.point.id for a in stage.failing}
    alike = [each for each in (*verdict.asked, *stage.latent) if each.point.case.options == options and each.answers]
    return sorted(alike, key=lambda each: each.point.id not in failing)[:MOST_OBSERVED]


def _observations(points: list[Asked], stage: Stage, only_own: bool = False) -> Iterator[Observation]:
    """What was returned under the catalogue's own names: the stage's, and of the other stages what is right there.

    only_own: the stage's alone.
    """
    from ...diagnosis import Observation

    stages = {a.returned.stage for a in stage.failing}  # other ones where this is the stage of latent cases
    for at in points:
        for answer in at.answers:
            if not (answer.returned.stage in stages or (answer.right and not only_own)):
                continue
            case, found = answer.point.case, _plain(answer)
            if found is not None:
                yield Observation(case.inputs, case.cotangents[0], *found)


def _plain(answer: Answer) -> tuple[str, np.ndarray, TrueArray] | None:
    """What was returned for a quantity of the catalogue, in the catalogue's own shape, and its truth."""
    expression, got = answer.returned.expression, answer.got
    if got is None or answer.true is None or got.dtype.kind not in "fiu":
        return None
    if isinstance(expression, ast.Name):
        return expression.id, got, answer.true
    if got.shape != answer.true.shape:
        return None
    if isinstance(expression, ast.Attribute) and expression.attr == "T" and isinstance(expression.value, ast.Name):
        name, turned = expression.value.id, got.T
    elif _is_reshape(expression):
        name, turned = expression.func.value.id, got  # type: ignore[attr-defined]
    else:
        return None
    true = answer.point.words(answer.point.truth).get(name)
    return None if true is None or math.prod(true.shape) != got.size else (name, turned.reshape(true.shape), true)


def _is_reshape(expression: ast.expr) -> bool:
    function = expression.func if isinstance(expression, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr == "reshape" and isinstance(function.value, ast.Name)
