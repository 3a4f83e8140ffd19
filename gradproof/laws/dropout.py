"""The law of dropout: how many entries are kept, what they are multiplied by, and that the gradient uses the same mask.

A framework's dropout draws its mask itself, so no reference can be given the same one. What can be checked from one
call in training: every output is exactly zero or its input times one number, that number is 1 / (1 - rate), the
gradient is the cotangent times exactly the same factors, the count of what was kept is one that a fair draw gives, and
so is the count of neighbours that share their fate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FALSE_ALARM = 1e-9


@dataclass(frozen=True)
class Law:
    """What was found on one call.

    holds:   whether all of the law does.
    message: the first part that does not, in one sentence; "" where all does.
    drawn:   independent draws: entries, or channels of an example.
    kept:    how many of them were kept.
    least, most: the counts between which a fair draw stays with probability 1 - false_alarm.
    scale:   what kept entries were multiplied by; NaN where that is no single number, or nothing was kept.
    """

    holds: bool
    message: str
    rate: float
    drawn: int
    kept: int
    least: int
    most: int
    scale: float
    false_alarm: float


def check_dropout(
    layer: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    rate: float,
    shape: tuple[int, ...] = (64, 128),
    dtype: str = "float32",
    drawn_axes: int | None = None,
    seed: int = 0,
    false_alarm: float = FALSE_ALARM,
) -> Law:
    """Judge one call of a dropout layer in training.

    layer:      (x, dy) -> (y, dx), arrays of `shape` and `dtype`: output, and gradient of <dy, y>, of the same call.
    rate:       the probability that an entry is dropped, in [0, 1).
    drawn_axes: how many leading axes the mask has; the others share a draw: 2 for spatial dropout of (N, C, H, W).
                All of them where None.
    seed:       of x and dy, which are powers of two, so that a product with them is exact.
    false_alarm: the probability that a fair layer is said to keep too many or too few.
    ValueError for a rate or probability out of range.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"rate={rate!r} is not allowed; expected a number of at least 0 and below 1")
    if not 0 < false_alarm < 1:
        raise ValueError(f"false_alarm={false_alarm!r} is not allowed; expected a probability between 0 and 1")
    rng = np.random.default_rng(seed)
    x, dy = _powers(rng, shape, dtype), _powers(rng, shape, dtype)
    y, dx = (np.asarray(result) for result in layer(x.copy(), dy.copy()))
    drawn = math.prod(shape[: len(shape) if drawn_axes is None else drawn_axes])
    least, most = binomial_bounds(drawn, 1 - rate, false_alarm)
    fault = _frame(y, dx, x)
    if fault:
        return Law(False, fault, rate, drawn, 0, least, most, math.nan, false_alarm)
    factors, backwards = y / x, dx / dy
    rows = factors.reshape(drawn, -1)
    kept = int((rows != 0).any(axis=1).sum())
    scales = np.unique(factors[factors != 0])
    scale = float(scales[0]) if len(scales) == 1 else math.nan
    fault = (
        _scaling(scales, rate, dtype)
        or _sharing(rows)
        or _gradient(factors, backwards)
        or _count(kept, drawn, least, most, rate, false_alarm)
        or _independence((rows[:, 0] != 0).reshape(shape[:drawn_axes]), rate, false_alarm)
    )
    return Law(not fault, fault, rate, drawn, kept, least, most, scale, false_alarm)


def binomial_bounds(draws: int, probability: float, false_alarm: float) -> tuple[int, int]:
    """The smallest and largest count of successes that leave at most false_alarm / 2 outside on each side."""
    if not 0 < probability < 1:
        return (draws, draws) if probability >= 1 else (0, 0)
    counts = np.arange(draws + 1)
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, draws + 1)))])
    chances = np.exp(
        factorials[-1]
        - factorials
        - factorials[::-1]
        + counts * math.log(probability)
        + (draws - counts) * math.log1p(-probability)
    )
    below, above = np.cumsum(chances), np.cumsum(chances[::-1])
    return int((below <= false_alarm / 2).sum()), draws - int((above <= false_alarm / 2).sum())


def _powers(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return (rng.choice([-1.0, 1.0], shape) * 2.0 ** rng.integers(-3, 4, shape)).astype(dtype)


def _frame(y: np.ndarray, dx: np.ndarray, x: np.ndarray) -> str:
    for name, got in (("output", y), ("gradient", dx)):
        if (got.shape, got.dtype) != (x.shape, x.dtype):
            return f"the {name} is {got.dtype} of shape {got.shape} where the input is {x.dtype} of shape {x.shape}"
        if not np.isfinite(got).all():
            return f"the {name} is not finite"
    return ""


def _scaling(scales: np.ndarray, rate: float, dtype: str) -> str:
    """Rate and scale may each be rounded to the dtype once, so the neighbours of the nearest number are right too."""
    if not len(scales):
        return ""  # nothing was kept: the count says whether that may be
    nearest = np.dtype(dtype).type(1 / (1 - rate))
    if len(scales) > 1:
        return f"kept entries are multiplied by {len(scales)} different numbers, {scales[0]!s} to {scales[-1]!s}"
    if not np.nextafter(nearest, nearest.dtype.type(0)) <= scales[0] <= np.nextafter(nearest, nearest.dtype.type(2e30)):
        return f"kept entries are multiplied by {scales[0]!s}; expected 1 / (1 - {rate:g}) = {nearest!s}"
    return ""


def _sharing(rows: np.ndarray) -> str:
    torn = (rows != rows[:, :1]).any(axis=1)
    return f"{int(torn.sum())} of {len(rows)} channels are kept in part; expected whole ones" if torn.any() else ""


def _gradient(factors: np.ndarray, backwards: np.ndarray) -> str:
    other = np.argwhere(factors != backwards)
    if not len(other):
        return ""
    index = tuple(int(i) for i in other[0])
    return (
        f"the gradient at {list(index)} is {backwards[index]!s} times its cotangent where the output is "
        f"{factors[index]!s} times its input; {len(other)} entries differ"
    )


def _count(kept: int, drawn: int, least: int, most: int, rate: float, false_alarm: float) -> str:
    if least <= kept <= most:
        return ""
    return (
        f"{kept} of {drawn} were kept; at a rate of {rate:g} a fair draw keeps {least} to {most} "
        f"with probability 1 - {false_alarm:g}"
    )


def _independence(kept: np.ndarray, rate: float, false_alarm: float) -> str:
    """Neighbours in separate pairs along an axis are both kept or both dropped with a probability known beforehand."""
    alike = rate * rate + (1 - rate) * (1 - rate)
    for axis in range(kept.ndim):
        pairs = np.moveaxis(kept, axis, 0)[: kept.shape[axis] // 2 * 2]
        agree = pairs[::2] == pairs[1::2]
        least, most = binomial_bounds(agree.size, alike, false_alarm)
        if not least <= agree.sum() <= most:
            return (
                f"{int(agree.sum())} of {agree.size} pairs of neighbours along axis {axis} share their fate; "
                f"independent draws do {least} to {most} times with probability 1 - {false_alarm:g}"
            )
    return ""
