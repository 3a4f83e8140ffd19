"""The truth of a case: exact outputs and gradients, the proof of the backward, and every entry's allowance.

Order of work: jets along a random direction and the backward in balls must give the same number (the
proof). Where they do, the backward's balls are the elementwise truth. Where they do not, or where the
backward does not run on exact numbers, the tape gives the truth of the forward itself. Where a comparison
met a tie and the two sides differ, the truth of the entries involved is the interval between the one-sided
derivatives along +e_i and -e_i, wide enough to hold one convention for all ties of the run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, ctx

from .exact_arrays import case_dtype
from .exact_results import PRECISIONS as PRECISIONS
from .exact_results import allowances, tape_arrays, too_wide, true_array
from .exact_runs import balls, inner, run_backward, run_jets, run_tape, working_dtype
from .exact_runs import guarded as guarded
from .jets import Ball
from .kinks import at_kinks
from .pair import Pair
from .rounding import Rounded, working_precision
from .true_values import CannotRun as CannotRun
from .true_values import Proof as Proof
from .true_values import Together as Together
from .true_values import TrueArray as TrueArray
from .true_values import Truth as Truth

PROVED_RADIUS = 1e-20  # the definition of "proved": the difference ball contains zero and is narrower than this
PROVED, FORWARD = "proved backward", "exact forward"  # where a truth comes from; the second has no derivative


# -- the proof -----------------------------------------------------------------------------------------------


def _direction(pair: Pair, inputs: Mapping[str, np.ndarray], rng: np.random.Generator) -> dict[str, list[float]]:
    """A generic direction: random dyadic numbers of both signs, none of them zero."""
    return {
        n: (rng.integers(1, 2**20, inputs[n].size) * rng.choice([-1, 1], inputs[n].size) / 2**20).tolist()
        for n in pair.differentiable
    }


def _identity(cotangents: list[list[arb]], slopes: Any, gradients: Any, direction: Any) -> tuple[str, float, arb]:
    """<dy, J v> against <backward(dy), v> for every cotangent: status, widest radius, worst difference."""
    radius, worst, status = 0.0, arb(0), "proved"
    for dy, by_input in zip(cotangents, gradients, strict=True):
        difference = inner(dy, slopes)
        for name, numbers in by_input.items():
            difference -= inner([g.v for g in numbers], [arb(v) for v in direction[name]])
        if not difference.is_finite():
            return "undecided", math.inf, difference
        radius = max(radius, float(difference.rad()))
        if not difference.contains(0):
            status = "refuted"
            worst = max(worst, difference, key=lambda d: float(abs(d)))
    if status == "proved" and radius >= PROVED_RADIUS:
        status = "undecided"
    return status, radius, worst


def find_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], seed: int = 0) -> Truth:
    """Truth, proof and allowances of one case.

    inputs: float32 or float64 arrays by name (integers and booleans pass through as they are);
    cotangents: arrays of the output's shape. Raises CannotRun where the forward does not run on exact numbers.
    """
    # sums and differences of balls between the runs lose nothing
    with ctx.workprec(PRECISIONS[-1]), case_dtype(working_dtype(pair, inputs)):
        return _find_truth(pair, inputs, cotangents, seed)


def _find_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], seed: int) -> Truth:
    direction = _direction(pair, inputs, np.random.default_rng([seed, 1]))
    for bits in PRECISIONS:
        values, slopes, ties = run_jets(pair, inputs, direction, bits)
        proof, gradients, smooth = _prove(pair, inputs, cotangents, direction, values, slopes, ties, bits)
        balls = [[g.v for g in numbers] for by_input in gradients or () for numbers in by_input.values()]
        settled = proof.status != "undecided" or gradients is None
        if settled and not any(too_wide(each, bits) for each in [values, *balls]):
            break
    if smooth is False:  # also where the proof held: a direction may happen to point to the side the backward chose
        return at_kinks(pair, inputs, cotangents, values, gradients, proof)
    if proof.status in ("proved", "not-asked"):
        return _from_backward(pair, inputs, cotangents, values, gradients, proof)
    return _from_tape(pair, inputs, cotangents, values, proof)


def _prove(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    cotangents: Sequence[np.ndarray],
    direction: Mapping[str, list[float]],
    values: list[arb],
    slopes: list[arb | None],
    ties: int,
    bits: int,
) -> tuple[Proof, Any, bool | None]:
    """The proof at this precision, the backward's balls if it ran, and whether ties (if any) were smooth."""
    smooth: bool | None = None
    if ties:
        back = {n: [-s for s in v] for n, v in direction.items()}
        _, reverse, _ = run_jets(pair, inputs, back, bits)
        smooth = all(
            both.is_finite() and both.contains(0)
            for a, b in zip(slopes, reverse, strict=True)
            for both in [(0 if a is None else a) + (arb(0) if b is None else b)]
        )
    try:
        _, gradients, _ = run_backward(pair, inputs, cotangents, Ball, bits)
    except CannotRun as stop:
        return (
            Proof("undecided", precision=bits, ties=ties, message=f"the backward did not run exactly: {stop}"),
            None,
            smooth,
        )
    except ValueError as error:
        return Proof("refuted", precision=bits, ties=ties, message=f"the backward returned {error}"), None, smooth
    if not pair.differentiable:
        return Proof("not-asked", precision=bits, ties=ties, message="no derivative asked"), gradients, smooth
    status, radius, worst = _identity([balls(dy) for dy in cotangents], slopes, gradients, direction)
    message = ""
    if status == "refuted":
        message = f"along a random direction the backward is off by {float(abs(worst.mid())):.3g}"
    return Proof(status, radius, bits, ties, message), gradients, smooth


# -- where the truth comes from --------------------------------------------------------------------------------


def _from_backward(pair: Pair, inputs: Any, cotangents: Any, values: Any, gradients: Any, proof: Proof) -> Truth:
    """The proved backward's balls are the truth; the same code on rounded numbers gives the allowance."""
    dtype = working_dtype(pair, inputs)
    with working_precision(dtype):
        ys, rounded, trace = run_backward(pair, inputs, cotangents, Rounded, PRECISIONS[0])
        bounds = allowances(rounded, ys)
        y = true_array(values, [n.allowance() for n in ys], cotangents[0].shape)
    every = tuple(
        {n: true_array([g.v for g in by_input[n]], bound[n], inputs[n].shape) for n in by_input}
        for by_input, bound in zip(gradients, bounds, strict=True)
    )
    return Truth(y, every, proof, PROVED if pair.differentiable else FORWARD, trace.uncertain)


def coarse(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], truth: Truth) -> Truth:
    """The same truth with allowances at the scale of the case: what an inaccurate but right formula may be off by.

    Every input and cotangent may be off by a rounding at the scale of its own array, as in a backward error analysis
    (Higham, section 1.5): x - mean under a large offset. And every rounding counts as if its result had the magnitude
    of the cotangent, and one at least: 1 - y in a tail, log(1 + e). An entry whose own path is exact may be rounded
    too, where others of its array are: another formula of it is not exact there.
    """
    dtype = working_dtype(pair, inputs)
    scale = max(1.0, *map(_magnitude, cotangents))
    with (
        ctx.workprec(PRECISIONS[-1]),
        case_dtype(dtype),
        working_precision(dtype, floor=scale, blurred=True),
    ):
        if truth.source in (PROVED, FORWARD):
            ys, rounded, _ = run_backward(pair, inputs, cotangents, Rounded, PRECISIONS[0])
        else:
            ys, rounded, _, _ = run_tape(pair, inputs, cotangents, True, PRECISIONS[0])
        bounds, own = allowances(rounded, ys), [n.allowance() for n in ys]
    unit = float(np.finfo(dtype).eps) / 2

    def least(true: TrueArray) -> float:
        return unit * max(scale, _magnitude(true.nearest))

    every = tuple(
        {n: _rebounded(true[n], bound[n], least(true[n])) for n in true}
        for true, bound in zip(truth.gradients, bounds, strict=True)
    )
    return replace(truth, y=_rebounded(truth.y, own, least(truth.y)), gradients=every)


def _magnitude(x: np.ndarray) -> float:
    """The largest magnitude among the finite entries of an array."""
    return float(np.abs(x[np.isfinite(x)]).max(initial=0.0))


def _rebounded(true: TrueArray, allowance: Sequence[float], least: float) -> TrueArray:
    wide = np.array(allowance, dtype=np.float64).reshape(true.shape)
    return replace(true, allowance=np.maximum(true.allowance, np.maximum(wide, least) if wide.any() else wide))


def _from_tape(pair: Pair, inputs: Any, cotangents: Any, values: Any, proof: Proof) -> Truth:
    """The forward's own derivative, entry by entry: what a refuted backward is judged against."""
    y, every, trace = tape_arrays(pair, inputs, cotangents, values)
    return Truth(y, every, proof, "reverse mode of the forward", trace.uncertain)
