"""What a mistake must cost, found out without the grader: the mistaken pair and the reference, run in plain floats.

A stage is "ok", "bad", or "either" where rounding, a tie or an accepted habit decides. A wrong forward does not make
a backward wrong that is its right derivative: seen by differences of the mistaken forward.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradproof.grading.marks.marking import Plan
from gradproof.mistakes.catalogue import Mistake
from gradproof.mistakes.fitting import Point, run
from gradproof.pair import of_operation
from tests.wrong_submissions import Made

OK, BAD, EITHER = "ok", "bad", "either"
ALIKE, APART = 1e-13, 1e-6  # of float64 results, relative to the largest entry: rounding, and no rounding
DIFFERENCES_ALIKE, DIFFERENCES_APART = 1e-5, 1e-2
STEP = 1e-5
STATEFUL = (
    "stale cache", "changes in place", "aliasing", "not repeatable", "one layout only", "not an array", "wrong dtype",
    "float32 inside", "missing gradient", "wrong side", "memory", "alias", "in-place", "cast", "side",
    "strictness",
)  # fmt: skip
"""Kinds of mistakes that show in something else than numbers, or only at ties."""


@dataclass(frozen=True)
class Seen:
    """Results of the reference and of the mistake at one case, by quantity."""

    right: Mapping[str, np.ndarray]
    got: Mapping[str, np.ndarray]
    point: Point
    options: Mapping[str, Any]
    regime: str


def expected(plan: Plan, made: Made, identity: str) -> dict[str, str]:
    """What each stage of the task must be, "ok", "bad" or "either"; nothing where the mistake holds other options."""
    task = next(t for t in plan.assignment.tasks if t.name == made.task)
    if made.mistake.kind in STATEFUL:
        return dict.fromkeys(task.points, EITHER)
    prepared = plan.task(task)
    drawn = [*prepared.public, *prepared.hidden(identity)]
    own = {name: values[0] for name, values in task.accept.items()}  # the submission's choice
    if not all(made.mistake.applies({**dict(d.spec.options), **own}) for d in drawn if not d.latent):
        return {}
    every = []
    for variant in _variants(task.accept):

        def seen(latent: bool, variant: Mapping[str, Any] = variant) -> list[Seen]:
            points = [prepared.point(d.spec, variant, d.public, latent) for d in drawn if d.latent == latent]
            return [_seen(point, made.mistake, own) for point in points]

        main = seen(False)
        stages = _stages(task, main)
        if "latent" in task.points:
            usual = [stages[s] for s in stages]
            if BAD in usual:
                stages["latent"] = BAD
            else:
                other = seen(True)
                found = list(_stages(task, other).values())
                found = [EITHER if EITHER in usual and f == OK else f for f in found]
                stages["latent"] = BAD if BAD in found else EITHER if EITHER in found else OK
        every.append(stages)
    merged = {}
    for stage in task.points:
        said = {stages.get(stage, OK) for stages in every}
        merged[stage] = said.pop() if len(said) == 1 else EITHER
    whole_ok = any(all(s == OK for s in stages.values()) for stages in every)
    return dict.fromkeys(task.points, OK) if whole_ok else merged


def _variants(accept: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*accept.values()):
        yield dict(zip(accept, values, strict=True))


def _seen(at: Any, mistake: Mistake, own: Mapping[str, Any]) -> Seen:
    point = Point(at.case.inputs, at.case.cotangents[0])
    options = {**at.case.options, **{n: v for n, v in own.items() if n in at.op.options}}
    right = run(at.op, of_operation(at.op, at.case.options), point)
    try:
        got = run(mistake.op, mistake.pair(options, dict(point.inputs)), point)
    except Exception:
        got = {}
    for q, true in at.words(at.truth).items():
        if q in got and got[q].shape == true.shape == right[q].shape:
            got[q] = np.where(true.undefined | true.kinks, right[q], got[q])  # at a tie nobody is wrong
    return Seen(right, got, point, options | {"pair": mistake, "op": at.op}, at.case.spec.regime)


def _stages(task: Any, seen: list[Seen]) -> dict[str, str]:
    found: dict[str, str] = {}
    forward_bad = False
    judged: dict[str, set[str]] = {}
    for each in task.judged():
        judged.setdefault(each.stage, set()).update(each.words)
    # a function that returns output and gradients together returns neither where one of them raises
    together = {q for j in task.judged() if j.step.phase == "forward" for q in j.words}
    for stage in sorted(judged, key=lambda s: s != "forward"):
        wanted = judged[stage] | (together if stage == "forward" else set())
        said = [_compared(s, q) for s in seen for q in judged[stage] if q in s.right]
        said += [BAD for s in seen if any(q in s.right and q not in s.got for q in wanted)]
        verdict = BAD if BAD in said else EITHER if EITHER in said else OK
        if stage == "forward":
            forward_bad = verdict != OK
        elif verdict == BAD and forward_bad:
            verdict = _own(seen, judged[stage])
        found[stage] = verdict
    return {s: v for s, v in found.items() if s in task.points}


def _compared(seen: Seen, quantity: str) -> str:
    right, got = seen.right[quantity], seen.got.get(quantity)
    if got is None:
        return BAD
    said = _apart(right, got, ALIKE, APART)
    return EITHER if said == BAD and seen.regime in ("kinks", "ties") else said


def _apart(right: np.ndarray, got: np.ndarray, alike: float, apart: float) -> str:
    if right.shape != got.shape:
        if [n for n in right.shape if n != 1] != [n for n in got.shape if n != 1]:
            return BAD
        one_more = abs(got.ndim - right.ndim) <= 1
        return EITHER if one_more and _apart(right.ravel(), got.ravel(), alike, apart) != BAD else BAD
    if not np.array_equal(np.isfinite(right), np.isfinite(got)):
        return BAD
    if got.dtype.kind != "f":
        return EITHER
    with np.errstate(all="ignore"):
        size = np.nanmax(np.abs(right), initial=0.0)
        worst = np.nanmax(np.abs(right - got), initial=0.0)
    if worst <= alike * size:
        return OK
    return BAD if worst > apart * max(size, 1e-30) else EITHER


def _own(seen: list[Seen], quantities: set[str]) -> str:
    """Is the backward that of the mistaken forward? "either" where the differences do not tell."""
    said = []
    for each in seen:
        if all(_compared(each, q) == OK for q in quantities if q in each.right):
            continue
        for q in quantities:
            if q not in each.right or not q.startswith("d"):
                continue
            if q not in each.got or not each.got:
                return EITHER
            numeric = _differences(each, q[1:])
            if numeric is None or not np.any(each.got[q]):
                return EITHER
            said.append(_apart(numeric, each.got[q], DIFFERENCES_ALIKE, DIFFERENCES_APART))
    return BAD if BAD in said else EITHER if EITHER in said or not said else OK


def _differences(seen: Seen, name: str) -> np.ndarray | None:
    """The derivative of the mistaken forward by an input, by central differences."""
    mistake, op = seen.options["pair"], seen.options["op"]
    options = {n: v for n, v in seen.options.items() if n not in ("pair", "op")}
    outputs = op.outputs or (op.output,)

    def value(inputs: Mapping[str, np.ndarray]) -> float:
        point = replace(seen.point, inputs=inputs)
        got = run(mistake.op, mistake.pair(options, dict(inputs)), point)
        flat = np.concatenate([np.ravel(got[n]) for n in outputs])
        return float(flat @ np.ravel(seen.point.cotangent))

    x = seen.point.inputs[name]
    found = np.zeros(x.shape)
    for at in np.ndindex(*x.shape):
        both = []
        for step in (STEP, -STEP):
            moved = x.copy()
            moved[at] += step
            try:
                both.append(value({**seen.point.inputs, name: moved}))
            except Exception:
                return None
        found[at] = (both[0] - both[1]) / (2 * STEP)
    return found
