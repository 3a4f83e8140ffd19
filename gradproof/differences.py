"""Central differences that estimate their own error, and notice a kink within reach of their steps.

Ridders' method (1982) extrapolates central differences to step zero and estimates its own error, but only for
smooth functions: where a step jumps over a kink, both the value and the estimate may be wrong. So two runs over
different steps must agree with each other and with plain differences at small steps; where they do not, the plain
ones are the answer, as inaccurate as they are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RIDDERS_SHRINK, RIDDERS_ROWS = 1.4, 10  # as in Ridders' paper
STARTS = (0.1, 0.02, 0.004, 2.0**-13)  # of the runs: each reaches down to a twentieth of its first step
PLAIN_STEPS = (2.0**-16, 2.0**-20, 2.0**-24)
NOISE_STEPS = tuple(
    np.array([2.0**-k for k in steps]) for steps in ((23, 24, 25), (40, 41, 42, 43))
)  # so small that little but rounding shows, in single precision and in double

Function = Callable[[float], np.ndarray]
Estimate = tuple[np.ndarray, np.ndarray]  # value and error


def derivative(f: Function, noise: np.ndarray) -> Estimate:
    """Derivative at 0 of a vector function, and an estimate of its error that holds across kinks."""
    plain, at_the_point = _plain(f, noise)
    best = np.argmin([error for _, error in plain], axis=0)
    value, error = (np.choose(best, [estimate[part] for estimate in plain]) for part in (0, 1))
    settled = np.zeros(noise.shape, dtype=bool)
    before: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    for start in STARTS:
        v, e = ridders(f, noise, start)
        fits = np.all([np.abs(v - p) <= e + q for p, q in plain], axis=0)
        if before is not None:
            good = ~settled & fits & before[2] & (np.abs(v - before[0]) <= e + before[1])
            value = np.where(good, np.where(before[1] <= e, before[0], v), value)
            error = np.where(good, np.maximum(before[1], e), error)
            settled |= good
        if settled.all():
            break
        before = v, e, fits
    return value, np.maximum(error, at_the_point)


def jump(f: Function, noise: np.ndarray) -> np.ndarray:
    """Half of what the slope of a vector function jumps by at 0 itself; 0 where it does not."""
    return _plain(f, noise)[1]


def rounding_noise(f: Function) -> np.ndarray:
    """How much rounding moves f's values: second differences over steps too small for anything else.

    Anything but a kink at the point: what it adds grows with the step, which rounding does not. So as much as grows
    over all the steps is left out.
    """
    middle, found = f(0.0), []
    for steps in NOISE_STEPS:
        second = np.array([np.abs(f(h) - 2 * middle + f(-h)) for h in steps])
        along = steps.reshape(-1, *[1] * (second.ndim - 1))
        found.append((second - (second / along).min(axis=0) * along).max(axis=0))
    return np.max(found, axis=0)


def _plain(f: Function, noise: np.ndarray) -> tuple[list[Estimate], np.ndarray]:
    """Central differences at small steps, and half the jump of the slope at the point itself.

    Half the difference of the one-sided ones bounds what a kink does to them. It shrinks with the step, except
    where the kink is at the point.
    """
    middle, slopes, gaps, roundings = f(0.0), [], [], []
    for h in PLAIN_STEPS:
        right, left = f(h), f(-h)
        slopes.append((right - left) / (2 * h))
        gaps.append(np.abs(right - 2 * middle + left) / (2 * h))
        roundings.append((noise + _of_values(right, left)) / h)
    # a coarser step leaves out what a finer one changes; the finest, less than its part of the last change
    left_out = [
        *(np.abs(s - slopes[-1]) for s in slopes[:-1]),
        np.abs(slopes[-2] - slopes[-1]) * (PLAIN_STEPS[-1] / PLAIN_STEPS[-2]),
    ]
    estimates = [
        (s, gap + rounding + out) for s, gap, rounding, out in zip(slopes, gaps, roundings, left_out, strict=True)
    ]
    return estimates, np.where(gaps[-1] > gaps[0] / 2 + roundings[-1], gaps[-1] + roundings[-1], 0.0)


def _of_values(right: np.ndarray, left: np.ndarray) -> np.ndarray:
    return 2.0**-52 * (np.abs(right) + np.abs(left))


def ridders(f: Function, noise: np.ndarray, start: float = STARTS[0]) -> Estimate:
    """Derivative at 0 of a smooth vector function and the estimate of its error, by extrapolated central differences.

    noise: the rounding error of f's values; no estimate is smaller than what it does to the difference quotient.
    """
    step = start
    table = [(f(step) - f(-step)) / (2 * step)]
    best, error = table[0], np.full_like(table[0], np.inf)
    for row in range(1, RIDDERS_ROWS):
        step /= RIDDERS_SHRINK
        right, left = f(step), f(-step)
        fresh, rounding = [(right - left) / (2 * step)], (noise + _of_values(right, left)) / step
        factor = RIDDERS_SHRINK**2
        for column in range(row):
            fresh.append((fresh[column] * factor - table[column]) / (factor - 1))
            factor *= RIDDERS_SHRINK**2
            estimate = np.maximum(np.abs(fresh[-1] - fresh[-2]), np.abs(fresh[-1] - table[column])) + rounding
            better = estimate <= error
            best, error = np.where(better, fresh[-1], best), np.where(better, estimate, error)
        table = fresh
    return best, error
