"""From balls and rounded numbers to true arrays: midpoints, radii, allowances, and whether a ball is too wide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb

from .exact_runs import run_tape, working_dtype
from .pair import Pair
from .rounding import Rounded, working_precision
from .true_values import FIRST_PRECISION, TrueArray

PRECISIONS = (FIRST_PRECISION, 256, 512, 1024, 2048)  # bits; each is tried where the one before left a ball too wide
DEFINED_BY = 512  # bits; what is undefined here (log of a ball around zero) stays so at more


def split_balls(values: Sequence[arb]) -> tuple[np.ndarray, np.ndarray]:
    """Double-double midpoints: hi + lo holds 106 bits of each value. What may be zero is zero."""
    hi = [(0.0 if v.contains(0) else float(v.mid())) if v.is_finite() else math.nan for v in values]
    lo = [float(v.mid() - arb(h)) if h and math.isfinite(h) else 0.0 for v, h in zip(values, hi, strict=True)]
    return np.array(hi, dtype=np.float64), np.array(lo, dtype=np.float64)


def _radii(values: Sequence[arb]) -> np.ndarray:
    """How far a value may be from its midpoint in `split_balls`."""
    return np.array(
        [float(abs(v).upper() if v.contains(0) else v.rad()) if v.is_finite() else math.inf for v in values],
        dtype=np.float64,
    )


def true_array(values: Sequence[arb], allowance: Sequence[float], shape: tuple[int, ...]) -> TrueArray:
    hi, lo = (part.reshape(shape) for part in split_balls(values))
    return TrueArray(
        (hi, lo), (hi.copy(), lo.copy()), (np.array(allowance, dtype=np.float64) + _radii(values)).reshape(shape)
    )


def too_wide(values: Sequence[arb], bits: int) -> bool:
    """Is some ball too wide to judge float64 against, relative to itself and to the array it stands in?"""
    if bits > PRECISIONS[0] and all(v.contains(0) for v in values):
        return False  # all of them zero, as far as twice the precision can tell
    radii, size = _radii(values), np.abs(split_balls(values)[0])
    defined = np.isfinite(size)
    if not defined.all() and bits < DEFINED_BY:
        return True
    reach = np.maximum(size, size.max(where=defined, initial=0.0) * 2.0**-53)
    return bool((radii > reach * 2.0**-64)[defined].any())


def allowances(gradients: Any, ys: Sequence[Rounded]) -> list[dict[str, list[float]]]:
    """Allowances of gradients: a program may find them through whatever functions the output needs (log, exp, ...)."""
    k = max((n.k for n in ys), default=0.0)
    return [
        {n: [0.0 if g is None else g.allowance(k) for g in numbers] for n, numbers in by.items()} for by in gradients
    ]


def tape_arrays(pair: Pair, inputs: Any, cotangents: Any, values: Any) -> Any:
    dtype = working_dtype(pair, inputs)
    for bits in PRECISIONS:
        _, gradients, _, _ = run_tape(pair, inputs, cotangents, False, bits)
        known = [
            [arb(0) if g is None else g for g in numbers] for by_input in gradients for numbers in by_input.values()
        ]
        if not any(too_wide(each, bits) for each in known):
            break
    with working_precision(dtype):
        ys, rounded, _, trace = run_tape(pair, inputs, cotangents, True, PRECISIONS[0])
        bounds = allowances(rounded, ys)
        y = true_array(values, [n.allowance() for n in ys], cotangents[0].shape)
    every = tuple(
        {n: true_array([arb(0) if g is None else g for g in by[n]], bound[n], inputs[n].shape) for n in by}
        for by, bound in zip(gradients, bounds, strict=True)
    )
    return y, every, trace
