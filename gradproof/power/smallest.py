"""The smallest relative error in one gradient entry that a checker notices, by dtype and by the gradient's size."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..cases import Spec
from ..pair import Pair
from ..reference import operations
from ..verdict import About, Results, judge
from .checkers import CHECKERS, fair, verdict_of
from .patience import TimedOut, patience
from .points import Point

JUDGE = "gradproof"
STEPS = 4  # a factor of ten
LEAST, MOST = -17, 4  # powers of ten between which is searched
SECONDS = 120.0  # for the truth of the largest arrays
MOST_JACOBIAN = 30_000_000  # entries: a checker that holds it whole is not asked beyond
WHOLE_JACOBIAN = ("gradcheck", "compute_gradient")
ENTRY_BY_ENTRY = (
    *WHOLE_JACOBIAN,
    "cs231n",
)  # slow, and no random direction decides what they notice: one array will do
# Operation: shape of the sizes, and the quantity whose entry is made wrong.
SHAPES: dict[str, tuple[Callable[[int], dict[str, Any]], str]] = {
    "affine": (lambda n: {"N": 2, **dict(zip("DM", _sides(n), strict=True))}, "w"),
    "tanh": (lambda n: {"S": (n,)}, "x"),
}


def _sides(n: int) -> tuple[int, int]:
    """Two factors of n, as near to each other as they can be, not equal."""
    d = next(d for d in range(max(int(math.sqrt(n)) - (math.isqrt(n) ** 2 == n), 1), 0, -1) if n % d == 0)
    return d, n // d


def point_of(operation: str, dtype: str, entries: int, seed: int) -> Point:
    """An ordinary case with that many entries in the gradient, and one cotangent."""
    op = operations()[operation]
    sizes = SHAPES[operation][0](entries)
    point = Point(op, Spec(operation, dtype, tuple(sizes.items()), (), "ordinary", "contiguous", seed))
    point.__dict__["case"] = replace(point.case, cotangents=point.case.cotangents[:1])
    return point


def planted(point: Point, error: float) -> Pair:
    """The reference with one gradient entry, of middling size, multiplied by 1 + error."""
    quantity = SHAPES[point.op.name][1]
    at = point.kept.setdefault("entry", _middling(point, quantity))

    def backward(dy: Any, saved: Any) -> tuple[Any, ...]:
        gradients = [np.array(g) for g in point.pair.backward(dy, saved)]
        wrong = gradients[point.pair.differentiable.index(quantity)].reshape(-1)
        wrong[at] = wrong[at] * wrong.dtype.type(1 + error)
        return tuple(gradients)

    return replace(point.pair, backward=backward)


def _middling(point: Point, quantity: str) -> int:
    gradient = np.abs(np.asarray(point.reference.gradients[0][quantity])).ravel()
    return int(np.argsort(gradient)[gradient.size // 2])


def smallest(operation: str, checker: str, setting: str, dtype: str, entries: int, seed: int) -> dict[str, Any]:
    """A record of what was found: error (None where even the largest one passes, or nothing could be asked), why."""
    start = time.process_time()
    point = point_of(operation, dtype, entries, seed)
    error, why = _found(point, checker, setting)
    return {
        "record": "smallest", "op": operation, "checker": checker, "setting": setting, "dtype": dtype,
        "entries": entries, "seed": seed, "error": error, "why": why, "seconds": round(time.process_time() - start, 3),
    }  # fmt: skip


def _found(point: Point, checker: str, setting: str) -> tuple[float | None, str]:
    if checker in WHOLE_JACOBIAN and (n := _jacobian(point)) > MOST_JACOBIAN:
        return None, f"not asked: its Jacobian would have {n:,} entries"
    try:
        noticed = _judges(point) if checker == JUDGE else _asks(point, checker, setting)
        return (None, noticed) if isinstance(noticed, str) else _searched(noticed)
    except TimedOut as late:
        return None, str(late)


def _searched(noticed: Callable[[float], bool]) -> tuple[float | None, str]:
    """The smallest error that is noticed, by halving; None where not even the largest is."""
    if not noticed(10.0**MOST):
        return None, f"passes an entry that is {10**MOST:,} times too large"
    low, high = LEAST * STEPS, MOST * STEPS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if noticed(10.0 ** (middle / STEPS)) else (middle, high)
    return 10.0 ** (high / STEPS), ""


def _jacobian(point: Point) -> int:
    return int(np.size(point.reference.y)) * sum(point.case.inputs[n].size for n in point.pair.differentiable)


def _judges(point: Point) -> Callable[[float], bool] | str:
    case = point.case
    about = About(case.id, point.op.name, point.spec.dtype, "ordinary", "program", point.op.output)
    with patience(SECONDS):
        truth = point.truth

    def noticed(error: float) -> bool:
        pair = planted(point, error)
        y, saved = pair.forward(*case.inputs.values())
        gradients = dict(zip(pair.differentiable, pair.backward(case.cotangents[0], saved), strict=True))
        found = judge(about, truth, Results(y, (gradients,)), None, point.reference)
        return any(f.failed for f in found)

    return "rejects the right gradient too" if noticed(0.0) else noticed


def _asks(point: Point, checker: str, setting: str) -> Callable[[float], bool] | str:
    asked = CHECKERS[checker]
    if missing := asked.missing():
        return f"absent: {missing} is not installed"
    how = next(s for s in asked.settings if s.name == setting)
    right = fair(asked, how, point)
    if right.status == "times-out":
        return right.message
    if right.status != "passes":
        return "rejects the right gradient too"

    def noticed(error: float) -> bool:
        found = verdict_of(asked, how, point, lambda p: planted(p, error))
        if found.status == "times-out":  # nothing was said of this error
            raise TimedOut(found.message)
        return found.against

    return noticed
