"""Where a forward cannot run on exact numbers: complex step, then adaptive central differences.

Neither is a proof, and every finding that rests on one says so. The complex step (Squire and Trapp 1998) needs
a forward that is analytic code; it is believed only where it agrees with central differences along a random
direction, and an entry that it calls wrong is looked at by differences as well. Central differences estimate their
own error (see `differences`): that estimate is the allowance.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .differences import derivative, jump, rounding_noise
from .elementary import POWER_ULP
from .pair import Pair
from .truth import Proof, TrueArray, Truth
from .verdict import Results

STEP = 2.0**-300  # of the complex step: no subtraction, so as small as the numbers allow
MOST_ENTRIES, FEWEST_ENTRIES = 2000, 20  # to judge one by one; the others are left undecided, and said so
CONFIRMATIONS = 12  # of the complex step by differences, after which it is believed alone
SECONDS = 4.0  # of evaluating the forward, after which no more entries are judged one by one

Direction = Mapping[str, np.ndarray]
Estimate = tuple[np.ndarray, np.ndarray]  # by cotangent: derivative, error


@dataclass(frozen=True)
class Problem:
    """<dy, y(x)> for every cotangent, as a function of all inputs moved along a direction."""

    pair: Pair
    inputs: Mapping[str, np.ndarray]
    cotangents: Sequence[np.ndarray]

    def noise(self, direction: Direction) -> np.ndarray:
        """Rounding error to expect in each <dy, y>: some ulp of every term, or what is seen."""
        y = np.asarray(self.pair.forward(*(self.inputs[n] for n in self.pair.inputs))[0])
        unit = 2.0**-24 if y.dtype == np.float32 else 2.0**-53  # a forward may compute in float32 by itself
        magnitude = np.array([np.abs(dy.astype(np.float64) * y).sum() for dy in self.cotangents])
        return np.maximum(
            2 * POWER_ULP[1] * unit * np.nan_to_num(magnitude, posinf=0.0),
            2 * rounding_noise(lambda t: self.along(direction, t)),
        )

    def along(self, direction: Direction, t: complex) -> np.ndarray:
        """The function, t along the direction."""
        moved = {n: x.astype(np.float64) + t * direction[n] if n in direction else x for n, x in self.inputs.items()}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of casts from complex: whether they spoil the step is found out below
            y = np.asarray(self.pair.forward(*(moved[n] for n in self.pair.inputs))[0])
        return np.array([(dy.astype(np.float64) * y).sum() for dy in self.cotangents])

    def differences(self, direction: Direction, noise: np.ndarray) -> Estimate:
        """Its derivative along the direction, by central differences."""
        return derivative(lambda t: self.along(direction, t), noise)

    def bends(self, direction: Direction, noise: np.ndarray) -> bool:
        """Is the point itself at a kink along the direction?"""
        return bool((jump(lambda t: self.along(direction, t), noise) > 0).any())

    def stepped(self, direction: Direction) -> np.ndarray | None:
        """The same by the complex step; None where the forward does not take complex numbers."""
        try:
            values = self.along(direction, 1j * STEP)
        except Exception:  # whatever a forward raises on complex numbers: it is not analytic code
            return None
        return values.imag / STEP if np.iscomplexobj(values) else None


@dataclass
class Method:
    """How the derivative along a direction is found; by the complex step where it was found to be right."""

    problem: Problem
    noise: np.ndarray
    analytic: bool
    confirmed: int = 0  # how often differences sided with the complex step against the backward

    @property
    def name(self) -> str:
        return "complex step" if self.analytic else "central differences"

    def __call__(self, direction: Direction, claimed: np.ndarray) -> Estimate:
        """Derivative and error. claimed: what the backward says; where the complex step differs, differences decide."""
        stepped = self.problem.stepped(direction) if self.analytic else None
        if stepped is not None:
            error = self.noise + 2 * POWER_ULP[1] * 2.0**-53 * np.abs(stepped)
            if self.confirmed >= CONFIRMATIONS or (np.abs(stepped - claimed) <= error).all():
                return stepped, error
            value, wide = self.problem.differences(direction, self.noise)
            if self.problem.bends(direction, self.noise):
                return value, wide  # the complex step sees one side of a kink only
            if (np.abs(stepped - value) <= wide + error).all():
                self.confirmed += 1
                return stepped, error
            return value, wide
        return self.problem.differences(direction, self.noise)


def numeric_truth(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    cotangents: Sequence[np.ndarray],
    results: Results,
    why: str,
    seed: int = 0,
) -> Truth:
    """Gradients of the forward by the best fallback that works; `why` says what stopped the exact run.

    inputs and results: in float64. Entries are judged as far as time goes, spread over each input; where that
    leaves some out, a wrong one among them is looked for by halving along random directions, with the results' help.
    """
    problem, rng = Problem(pair, inputs, cotangents), np.random.default_rng([seed, 3])
    direction = {n: rng.standard_normal(inputs[n].shape) for n in pair.differentiable}
    noise = problem.noise(direction)
    start = time.perf_counter()
    expected, error = problem.differences(direction, noise)
    stepped = problem.stepped(direction)
    method = Method(problem, noise, stepped is not None and bool((np.abs(stepped - expected) <= error).all()))
    seconds = max(time.perf_counter() - start, 1e-9) / (30 if method.analytic else 1)  # one evaluation against the many
    most = min(MOST_ENTRIES, max(FEWEST_ENTRIES, int(SECONDS / seconds)))
    chosen = _chosen(problem, results, method, most, rng)
    gradients = _by_entry(problem, results, method, chosen)
    total, some = (
        sum(inputs[n].size for n in chosen),
        sum(int(np.isfinite(true.allowance).sum()) for true in gradients[0].values()),
    )
    sample = f", at {some} of {total} entries and along random directions" if some < total else ""
    message = f"not a proof: {why}; fallback: {method.name}{sample}"
    return Truth(
        unknown_truth(pair, inputs, cotangents).y,
        gradients,
        Proof("undecided", message=message),
        method.name,
        notes=(message,),
    )


def unknown_truth(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> Truth:
    """Nothing is known but the shapes."""

    def unknown(shape: tuple[int, ...]) -> TrueArray:
        zero = np.zeros(shape)
        return TrueArray((zero, zero), (zero, zero), np.full(shape, math.inf))

    gradients = tuple({n: unknown(inputs[n].shape) for n in pair.differentiable} for _ in cotangents)
    return Truth(unknown(cotangents[0].shape), gradients, Proof("undecided"), "nothing")


def _claimed(results: Results, name: str) -> np.ndarray:
    """One gradient as the backward gave it: by cotangent, then entry."""
    return np.array([np.asarray(by_input[name], dtype=np.float64).ravel() for by_input in results.gradients])


# -- which entries, and what is true there -------------------------------------------------------------------------


def _chosen(
    problem: Problem, results: Results, method: Method, most: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The entries of each input to judge: all of them, or a sample with the wrong one that halving finds."""
    names = problem.pair.differentiable
    if sum(problem.inputs[n].size for n in names) <= most:
        return {n: np.arange(problem.inputs[n].size) for n in names}
    chosen = {}
    for n in names:
        size = problem.inputs[n].size
        sample = rng.choice(size, min(size, max(1, most // len(names))), replace=False)
        suspect = _halved(problem, n, _claimed(results, n), method, rng)
        chosen[n] = sample if suspect is None else np.append(suspect, sample[sample != suspect])
    return chosen


def _halved(problem: Problem, name: str, gradient: np.ndarray, method: Method, rng: np.random.Generator) -> int | None:
    """An entry of one gradient that is wrong, found by halving; None where a random direction shows none."""
    entries = np.arange(gradient.shape[1])
    while len(entries):
        off, error = _off(problem, name, gradient, method, entries, rng)
        if not off > error:
            return None
        if len(entries) == 1:
            return int(entries[0])
        middle = len(entries) // 2
        halves = entries[:middle], entries[middle:]
        entries = max(halves, key=lambda half: _off(problem, name, gradient, method, half, rng)[0])
    return None


def _off(
    problem: Problem, name: str, gradient: np.ndarray, method: Method, entries: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """How far one gradient is off along a random direction of some entries, and the error to expect."""
    direction = np.zeros(gradient.shape[1])
    direction[entries] = rng.standard_normal(len(entries))
    claimed = gradient @ direction
    value, error = method({name: direction.reshape(problem.inputs[name].shape)}, claimed)
    rounding = 2.0**-53 * len(entries) * np.abs(direction * gradient[0]).sum()
    return float(abs(value[0] - claimed[0])), float(error[0] + rounding)


def _by_entry(
    problem: Problem, results: Results, method: Method, chosen: Mapping[str, np.ndarray]
) -> tuple[dict[str, TrueArray], ...]:
    """The derivative along the chosen unit directions, as one true array an input and cotangent; unknown elsewhere."""
    count = len(problem.cotangents)
    arrays = {n: np.full((2, count, problem.inputs[n].size), math.nan) for n in chosen}
    for name, known in arrays.items():
        shape, claimed = problem.inputs[name].shape, _claimed(results, name)
        deadline = time.perf_counter() + 3 * SECONDS / len(arrays)
        for done, i in enumerate(chosen[name]):
            if done >= FEWEST_ENTRIES and time.perf_counter() > deadline:
                break  # the evaluations took longer than the first ones did
            unit = np.zeros(known.shape[2])
            unit[i] = 1
            known[0, :, i], known[1, :, i] = method({name: unit.reshape(shape)}, claimed[:, i])
    return tuple(
        {
            n: _true(known[0, k].reshape(problem.inputs[n].shape), known[1, k].reshape(problem.inputs[n].shape))
            for n, known in arrays.items()
        }
        for k in range(count)
    )


def _true(value: np.ndarray, allowance: np.ndarray) -> TrueArray:
    return TrueArray(
        (value, np.zeros_like(value)),
        (value.copy(), np.zeros_like(value)),
        np.where(np.isfinite(value), allowance, math.inf),
    )
