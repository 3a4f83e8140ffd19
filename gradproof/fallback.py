"""Where a forward cannot run on exact numbers: complex step, then adaptive central differences.

Neither is a proof, and every finding that rests on one says so. The complex step (Squire and Trapp 1998) needs
a forward that is analytic code; it is believed only where it agrees with central differences along a random
direction. Central differences are extrapolated by Ridders' method (1982), which estimates its own error: that
estimate is the allowance.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .elementary import POWER_ULP
from .pair import Pair
from .truth import Proof, TrueArray, Truth
from .verdict import Results

STEP = 2.0**-300  # of the complex step: no subtraction, so as small as the numbers allow
RIDDERS_SHRINK, RIDDERS_ROWS = 1.4, 10  # as in Ridders' paper
MOST_ENTRIES, FEWEST_ENTRIES = 2000, 20  # to judge one by one; the others are left undecided, and said so
SECONDS = 4.0  # of evaluating the forward, after which no more entries are judged one by one


@dataclass(frozen=True)
class Problem:
    """<dy, y(x)> for every cotangent, as a function of all inputs moved along a direction."""

    pair: Pair
    inputs: Mapping[str, np.ndarray]
    cotangents: Sequence[np.ndarray]

    def noise(self) -> np.ndarray:
        """Rounding error to expect in each <dy, y>: some ulp of every term, as for a library function."""
        y = np.asarray(self.pair.forward(*(self.inputs[n] for n in self.pair.inputs))[0])
        unit = 2.0**-24 if y.dtype == np.float32 else 2.0**-53  # a forward may compute in float32 by itself
        magnitude = np.array([np.abs(dy.astype(np.float64) * y).sum() for dy in self.cotangents])
        return 2 * POWER_ULP[1] * unit * np.nan_to_num(magnitude, posinf=0.0)

    def along(self, direction: Mapping[str, np.ndarray], t: complex) -> np.ndarray:
        moved = {n: x.astype(np.float64) + t * direction[n] if n in direction else x for n, x in self.inputs.items()}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of casts from complex: whether they spoil the step is found out below
            y = np.asarray(self.pair.forward(*(moved[n] for n in self.pair.inputs))[0])
        return np.array([(dy.astype(np.float64) * y).sum() for dy in self.cotangents])


def numeric_truth(
    pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], results: Results, why: str, seed: int = 0
) -> Truth:
    """Gradients of the forward by the best fallback that works; `why` says what stopped the exact run.

    inputs and results: in float64. Entries are judged as far as time goes, spread over each input; where that
    leaves some out, a wrong one among them is looked for by halving along random directions, with the results' help.
    """
    problem = Problem(pair, inputs, cotangents)
    rng = np.random.default_rng([seed, 3])
    direction = {n: rng.standard_normal(inputs[n].shape) for n in pair.differentiable}
    noise = problem.noise()
    start = time.perf_counter()
    expected, error = ridders(lambda t: problem.along(direction, t), noise)
    seconds = time.perf_counter() - start
    name, derivative = "central differences", lambda unit: ridders(lambda t: problem.along(unit, t), noise)
    stepped = _complex_step(problem, direction)
    if stepped is not None and (np.abs(stepped - expected) <= error).all():
        relative = float(np.max(error / np.maximum(np.abs(expected), np.finfo(np.float64).tiny)))
        name, derivative = "complex step", lambda unit: _with_relative_error(_complex_step(problem, unit), relative)
        seconds /= 2 * RIDDERS_ROWS
    most = min(MOST_ENTRIES, max(FEWEST_ENTRIES, int(SECONDS / max(seconds, 1e-9))))
    chosen = _chosen(problem, results, derivative, most, rng)
    gradients = _by_entry(problem, derivative, chosen)
    total, some = sum(inputs[n].size for n in chosen), sum(len(entries) for entries in chosen.values())
    sample = f", at {some} of {total} entries and along random directions" if some < total else ""
    message = f"not a proof: {why}; fallback: {name}{sample}"
    y = unknown_truth(pair, inputs, cotangents).y
    return Truth(y, gradients, Proof("undecided", message=message), name, notes=(message,))


def unknown_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> Truth:
    """Nothing is known but the shapes."""

    def unknown(shape: tuple[int, ...]) -> TrueArray:
        zero = np.zeros(shape)
        return TrueArray((zero, zero), (zero, zero), np.full(shape, math.inf))

    gradients = tuple({n: unknown(inputs[n].shape) for n in pair.differentiable} for _ in cotangents)
    return Truth(unknown(cotangents[0].shape), gradients, Proof("undecided"), "nothing")


Derivative = Callable[[Mapping[str, np.ndarray]], tuple[np.ndarray, np.ndarray]]


def _chosen(problem: Problem, results: Results, derivative: Derivative, most: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The entries of each input to judge: all of them, or a sample with the wrong one that halving finds."""
    names = problem.pair.differentiable
    if sum(problem.inputs[n].size for n in names) <= most:
        return {n: np.arange(problem.inputs[n].size) for n in names}
    chosen = {}
    for n in names:
        size = problem.inputs[n].size
        sample = rng.choice(size, min(size, max(1, most // len(names))), replace=False)
        gradient = np.asarray(results.gradients[0][n], dtype=np.float64).ravel()
        suspect = _halved(problem, n, gradient, derivative, rng)
        chosen[n] = np.unique(np.append(sample, [] if suspect is None else [suspect])).astype(int)
    return chosen


def _halved(problem: Problem, name: str, gradient: np.ndarray, derivative: Derivative, rng: np.random.Generator) -> int | None:
    """An entry of one gradient that disagrees with the derivative, found by halving; None where a direction shows none."""
    entries = np.arange(gradient.size)
    while True:
        direction = np.zeros(gradient.size)
        direction[entries] = rng.standard_normal(len(entries))
        value, error = derivative({name: direction.reshape(problem.inputs[name].shape)})
        rounding = 2.0**-53 * len(entries) * np.abs(direction * gradient).sum()
        if not abs(value[0] - direction @ gradient) > 4 * error[0] + rounding:
            return None
        if len(entries) == 1:
            return int(entries[0])
        middle = len(entries) // 2
        halves = entries[:middle], entries[middle:]
        entries = max(halves, key=lambda half: _off(problem, name, gradient, derivative, half, rng))


def _off(problem: Problem, name: str, gradient: np.ndarray, derivative: Derivative, entries: np.ndarray, rng: np.random.Generator) -> float:
    direction = np.zeros(gradient.size)
    direction[entries] = rng.standard_normal(len(entries))
    value, _ = derivative({name: direction.reshape(problem.inputs[name].shape)})
    return float(abs(value[0] - direction @ gradient))


def _complex_step(problem: Problem, direction: Mapping[str, np.ndarray]) -> np.ndarray | None:
    try:
        with np.errstate(all="ignore"):
            values = problem.along(direction, 1j * STEP)
    except Exception:  # whatever a forward raises on complex numbers: it is not analytic code
        return None
    return values.imag / STEP if np.iscomplexobj(values) else None


def _with_relative_error(values: np.ndarray | None, relative: float) -> tuple[np.ndarray, np.ndarray]:
    known = np.full(1, math.nan) if values is None else values
    return known, np.abs(known) * relative + np.max(np.abs(known), initial=0.0) * relative


def ridders(f: Callable[[float], np.ndarray], noise: np.ndarray, start: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Derivative at 0 of a vector function and the estimate of its error, by extrapolated central differences.

    noise: the rounding error of f's values; no estimate is smaller than what it does to the difference quotient.
    """
    step = start
    table = [(f(step) - f(-step)) / (2 * step)]
    best, error = table[0], np.full_like(table[0], math.inf)
    for row in range(1, RIDDERS_ROWS):
        step /= RIDDERS_SHRINK
        fresh = [(f(step) - f(-step)) / (2 * step)]
        factor = RIDDERS_SHRINK**2
        for column in range(row):
            fresh.append((fresh[column] * factor - table[column]) / (factor - 1))
            factor *= RIDDERS_SHRINK**2
            estimate = np.maximum(np.abs(fresh[-1] - fresh[-2]), np.abs(fresh[-1] - table[column])) + noise / step
            better = estimate <= error
            best, error = np.where(better, fresh[-1], best), np.where(better, estimate, error)
        table = fresh
    return best, error


def _by_entry(problem: Problem, derivative: Derivative, chosen: Mapping[str, np.ndarray]) -> tuple[dict[str, TrueArray], ...]:
    """The derivative along the chosen unit directions, as one true array an input and cotangent; unknown elsewhere."""
    count = len(problem.cotangents)
    arrays = {n: np.full((2, count, problem.inputs[n].size), math.nan) for n in chosen}
    for name, known in arrays.items():
        shape = problem.inputs[name].shape
        for i in chosen[name]:
            unit = np.zeros(known.shape[2])
            unit[i] = 1
            known[0, :, i], known[1, :, i] = derivative({name: unit.reshape(shape)})
    return tuple(
        {n: _true(known[0, k].reshape(problem.inputs[n].shape), known[1, k].reshape(problem.inputs[n].shape)) for n, known in arrays.items()}
        for k in range(count)
    )


def _true(value: np.ndarray, allowance: np.ndarray) -> TrueArray:
    return TrueArray((value, np.zeros_like(value)), (value.copy(), np.zeros_like(value)), np.where(np.isfinite(value), allowance, math.inf))
