"""Which known mistake explains what a submission returned: the catalogue's words for it, where there are any."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .alone import Alone, alone_in
from .answers import Answer
from .asking import Asked, Subject, TaskPlan
from .repairs import Where, repair
from .stages import Stage, TaskVerdict

if TYPE_CHECKING:
    import numpy as np

    from ...diagnosis import Observation
    from ...truth import TrueArray

MOST_OBSERVED = 4  # points whose answers the diagnosis is given


def cause_of(
    plan: TaskPlan, verdict: TaskVerdict, stage: Stage, subject: Subject | None = None, where: Where | None = None
) -> dict[str, Any] | None:
    """The mistake that explains a stage's wrong values: id, sentence, and whether no other does; None where none is.

    First the catalogue of mistakes is asked, then where in the submission's own code a small change mends it.
    where: from a file of the sandbox and a line to the words of the handed-in file.
    """
    found = _of_catalogue(plan, verdict, stage)
    if subject is None or (found is not None and (_settled(found) or _written(found))):
        return found
    mended = None
    try:
        mended = repair(plan, subject, verdict, stage, where)
    except Exception as error:  # costs a sentence and no marks; but a grader that fails says so
        stage.remarks.append(f"the grader could not look for the cause further ({type(error).__name__}: {error})")
    if mended is None and found is not None and _vague(found):
        return {**found, "certain": False}  # what says little by itself, and nothing else has borne out
    if mended is None or (found is not None and not mended.certain):
        return found or _of_the_forward(plan, verdict, stage)
    name = f"{plan.task.name}/{mended.kind.replace(' ', '-')}"
    return {"id": name, "sentence": mended.sentence, "certain": mended.certain}


VAGUE = ("another-cached", "another-value", "option-ignored", "whole-number", "factor-two")
"""Operators that say little by themselves, or in the words of a function that the student has not seen."""


def _of_the_forward(plan: TaskPlan, verdict: TaskVerdict, stage: Stage) -> dict[str, Any] | None:
    """Where nothing else is known of a backward: what is wrong in its forward, which it is given the outcome of."""
    if stage is verdict.forward or not verdict.forward.failing:
        return None
    known = _of_catalogue(plan, verdict, verdict.forward)
    if known is None:
        return None
    return {**known, "sentence": f"perhaps the forward's mistake shows here: {known['sentence']}", "certain": False}


def _settled(found: Mapping[str, Any]) -> bool:
    """Does the catalogue say what a small change of the submission's own code would say no better?"""
    return bool(found["certain"]) and " + " not in found["id"] and not _vague(found)


def _vague(found: Mapping[str, Any]) -> bool:
    return "/" in found["id"] and found["id"].split("/")[1] in VAGUE


def _written(found: Mapping[str, Any]) -> bool:
    """Are the catalogue's words those of somebody who has seen the mistake made? They say more than a place does."""
    return not found["certain"] and found["id"].count("/") == 1


def _of_catalogue(plan: TaskPlan, verdict: TaskVerdict, stage: Stage) -> dict[str, Any] | None:
    """What the catalogue of mistakes says: of the task's operation, or of the only one that its network calls."""
    from ...diagnosis import CERTAIN, diagnose

    known = alone_in(plan.task, stage.failing[0].point) if plan.task.network else Alone(plan.op, {}, None)
    if known is None:
        return None
    options = stage.failing[0].point.case.options if known.options is None else known.options
    points = _points(verdict, stage, stage.failing[0].point.case.options)
    observations = [known.renamed(o) for o in _observations(points, stage)]
    own = [known.renamed(o) for o in _observations(points, stage, only_own=True)]
    try:
        found = diagnose(known.op, options, observations) if observations else None
        alone = found is not None and not found.causes and 0 < len(own) < len(observations)
        if alone:  # a mistake whose other half was written rightly: likely, and never certain
            found = diagnose(known.op, options, own)
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


def _points(verdict: TaskVerdict, stage: Stage, options: Mapping[str, Any]) -> list[Asked]:
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
