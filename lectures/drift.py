"""How far apart honest float programs may end that train the same network from the same weights on the same batches.

One step. `allowed_step` runs the network's step on whole arrays that carry a bound of the rounding error beside their
values, by the rules of `gradproof.rounding` (the running error analysis that the judge's allowances come from; Higham,
Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.3 and 4.2): sums in whatever order, functions with
their published errors, and the sigmoid's derivative as e / (1 + e)^2 or as y (1 - y), whichever errs by more. What it
yields for each new weight is its *one-step allowance*: how far a float program that started from exactly these weights
may be from the exact step F. Every step of every program is judged by it, from the program's own weights.

Many steps. Let a program's weights be within a of the exact run's, in the 2-norm over all weights. After the next step
they are within g a + r, where r is the rounding of that step, |new weights - F(weights)|, and g is what F multiplies
distances by. F is I - rate H, H the batch's Hessian: directions in which the loss does not curve keep their errors, so
g is one at least, and in some it is more. `Growth` measures that: a displaced exact run is carried along, and after
each step its displacement becomes the next one's direction. That turns into the direction that grows most over the run
(the leading Lyapunov vector; Benettin et al., 1980). So the *accumulated allowance* is the sum of the roundings of all
steps, each with the growth of the steps after it, where

- in float32, r is measured against a step in float64, and has been found within the one-step allowance;
- in float64, r is the one-step allowance itself, in the 2-norm: the bound for every honest program.

The one-step allowances are proved bounds. The growth is measured, not proved. The bounds allow for the worst order of
hundreds of roundings, all in one direction, and real roundings are some thousand times smaller. So a float32 run shows
that the programs do the same up to rounding, and a float64 run shows it to nine digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradproof.elementary import POWER_ULP, TABLE
from gradproof.rounding import Working, working_precision

from .systems._digits_100 import Step

Weights = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Bounded:
    """v: values, in float64; e: bounds of |computed at the working precision - v|, entry by entry."""

    v: np.ndarray
    e: np.ndarray

    @staticmethod
    def given(x: np.ndarray) -> Bounded:
        v = np.asarray(x, dtype=np.float64)
        return Bounded(v, np.zeros_like(v))

    @property
    def T(self) -> Bounded:
        return Bounded(self.v.T, self.e.T)

    def __neg__(self) -> Bounded:
        return Bounded(-self.v, self.e)

    def __add__(self, o: Bounded) -> Bounded:
        return _rounded(self.v + o.v, self.e + o.e)

    def __sub__(self, o: Bounded) -> Bounded:
        return self + -o

    def __mul__(self, o: Bounded) -> Bounded:
        return _rounded(self.v * o.v, np.abs(self.v) * o.e + np.abs(o.v) * self.e + self.e * o.e)

    def __truediv__(self, o: Bounded) -> Bounded:
        v, margin = self.v / o.v, np.abs(o.v) - o.e
        if not (margin > 0).all():
            raise ValueError("a divisor is not known to differ from zero within its rounding error")
        return _rounded(v, (self.e + np.abs(v) * o.e) / margin, 2)  # as a quotient, or times the reciprocal

    def __matmul__(self, o: Bounded) -> Bounded:
        a, b = np.abs(self.v), np.abs(o.v)
        size, spread = a @ b, 0.0
        if o.e.any():
            spread = spread + (a + self.e) @ o.e
        if self.e.any():
            spread = spread + self.e @ b
        terms = self.v.shape[1]
        return _summed(self.v @ o.v, spread + Working.unit * (size + spread) + terms * Working.tiny, size, terms)

    def sum(self, axis: int, keepdims: bool = False) -> Bounded:
        totals = (each.sum(axis=axis, keepdims=keepdims) for each in (self.v, self.e, np.abs(self.v)))
        return _summed(*totals, self.v.shape[axis])

    def exp(self) -> Bounded:
        v = np.exp(self.v)
        return _rounded(v, v * np.expm1(self.e), 2 * TABLE["exp"].ulp[Working.column])

    def square(self) -> Bounded:
        return _rounded(self.v**2, (2 * np.abs(self.v) + self.e) * self.e, 2 * POWER_ULP[Working.column])

    def __getitem__(self, index: Any) -> Bounded:
        return Bounded(self.v[index], self.e[index])

    def allowance(self) -> np.ndarray:
        """e, and the error that a library's own function for the whole may have: of its worst one, exp or log1p."""
        worst = max(TABLE[name].ulp[Working.column] for name in ("exp", "log1p"))
        return self.e + 2 * worst * Working.unit * np.abs(self.v)


def _rounded(v: np.ndarray, propagated: np.ndarray, units: float = 1) -> Bounded:
    return Bounded(v, propagated + units * Working.unit * (np.abs(v) + propagated) + Working.tiny)


def _summed(v: np.ndarray, terms_err: np.ndarray, size: np.ndarray, terms: int) -> Bounded:
    """A sum of `terms` terms of total magnitude `size`, in any order; their own errors sum to terms_err."""
    share = (terms - 1) * Working.unit
    spread = share / (1 - share) * ((size + np.abs(v)) / 2 + terms_err)
    once = Working.unit * (np.abs(v) + terms_err)
    return Bounded(v, terms_err + np.maximum(spread, once) + terms * Working.tiny)


def _larger(a: Bounded, b: Bounded) -> Bounded:
    """One quantity computed in two ways: the larger bound of both."""
    return Bounded(a.v, np.maximum(a.e, b.e))


def allowed_step(
    w1: np.ndarray, w2: np.ndarray, x: np.ndarray, labels: np.ndarray, rate: float, dtype: str
) -> tuple[Weights, Weights]:
    """The step from these weights in float64, and the one-step allowance of every new weight for programs in `dtype`.

    w1: (D + 1, H), w2: (H + 1, C); x: (N, D); labels: (N,). Returns (new w1, new w2) and the bounds, of the same
    shapes. The step in float64 has an error of its own, within the allowance for float64; the bounds include it.
    """
    with working_precision(dtype):
        new = _bounded_step(w1, w2, x, labels, rate)
        own = 1 + 2.0**-53 / Working.unit
    return tuple(w.v for w in new), tuple(own * w.e for w in new)


def _bounded_step(w1: np.ndarray, w2: np.ndarray, x: np.ndarray, labels: np.ndarray, rate: float) -> list[Bounded]:
    first, second, inputs = Bounded.given(w1), Bounded.given(w2), _with_ones(Bounded.given(x))
    one, n = Bounded.given(np.ones(1)), Bounded.given(np.array([float(len(x))]))
    v = inputs @ first  # the bias is one more term of the sum
    e = Bounded(-np.abs(v.v), v.e).exp()
    whole = one + e
    positive = v.v >= 0
    h = Bounded(np.where(positive, 1.0, e.v), np.where(positive, 0.0, e.e)) / whole
    slope = _larger(e / whole.square(), h * (one - h))
    hidden = _with_ones(h)
    scores = hidden @ second
    top = scores.v.argmax(axis=1)[:, None]
    highest = Bounded(np.take_along_axis(scores.v, top, 1), np.take_along_axis(scores.e, top, 1))
    powers = (scores - highest).exp()
    p = powers / powers.sum(axis=1, keepdims=True)
    target = Bounded.given(labels[:, None] == np.arange(second.v.shape[1]))
    dscores = (p - target) / n
    dv = (dscores @ second[1:].T) * slope
    gradients = ((first, inputs, dv), (second, hidden, dscores))
    return [_descended(w, below, above, rate) for w, below, above in gradients]


def _with_ones(x: Bounded) -> Bounded:
    """[1 x]: what the biases in the first rows of the weights are multiplied with."""
    return Bounded(np.insert(x.v, 0, 1, axis=1), np.insert(x.e, 0, 0, axis=1))


def _descended(w: Bounded, below: Bounded, above: Bounded, rate: float) -> Bounded:
    """w - rate below^T above."""
    dw = below.T @ above
    gradient = Bounded(dw.v, dw.allowance())
    return w - (gradient if rate == 1 else gradient * Bounded.given(np.array([rate])))


def distance(a: Weights, b: Weights) -> float:
    """The 2-norm of the difference over all weights."""
    return _norm(tuple(np.asarray(p, np.float64) - q for p, q in zip(a, b, strict=True)))


def _norm(a: Weights) -> float:
    return float(np.sqrt(sum(np.square(part).sum() for part in a)))


class Account:
    """What one program's steps have rounded away so far.

    worst: the largest |new weight - its exact step| / one-step allowance, over all weights and steps; above one, a
    step was wrong, and `wrong_at` is the first such. allowance: accumulated, as the module's text has it.
    """

    def __init__(self, weights: Weights, dtype: str) -> None:
        self.dtype, self.weights = dtype, tuple(np.array(w) for w in weights)
        self.worst = self.allowance = 0.0
        self.steps = 0
        self.wrong_at: int | None = None

    def step(self, new: Weights, x: np.ndarray, labels: np.ndarray, rate: float, growth: float) -> None:
        """The program has come to `new` from the weights before, on this batch."""
        exact, allowed = allowed_step(*self.weights, x, labels, rate, self.dtype)
        self.steps += 1
        ratio = max(float((np.abs(n - e) / a).max()) for n, e, a in zip(new, exact, allowed, strict=True))
        self.worst = max(self.worst, ratio)
        if not ratio <= 1 and self.wrong_at is None:
            self.wrong_at = self.steps
        rounding = distance(new, exact) if self.dtype == "float32" else _norm(allowed)
        self.allowance = growth * self.allowance + rounding
        self.weights = tuple(np.array(w) for w in new)


class Growth:
    """The exact run, in float64, and what each of its steps multiplies a distance by, at least one.

    weights: so far. last: of the last step. total: of all steps together.
    """

    FIRST_TURNS = 5  # of the first direction, which is drawn, towards what grows most
    SIZE = 1e-6  # of the displacement, relative to the weights: the slope, with half of float64's digits left

    def __init__(self, weights: Weights, seed: int = 0) -> None:
        self.weights: Weights = tuple(np.array(w, dtype=np.float64) for w in weights)
        rng = np.random.default_rng([seed, 17])
        self._direction: Weights = tuple(rng.standard_normal(w.shape) for w in self.weights)
        self._turns = self.FIRST_TURNS
        self.last = self.total = 1.0

    def step(self, x: np.ndarray, labels: np.ndarray, rate: float) -> None:
        """Advance by one batch."""
        x, new = x.astype(np.float64), tuple(w.copy() for w in self.weights)
        Step(*new)(x, labels, rate)
        for _ in range(self._turns):
            size = self.SIZE * _norm(self.weights) / _norm(self._direction)
            displaced = tuple(w + size * d for w, d in zip(self.weights, self._direction, strict=True))
            before = distance(displaced, self.weights)
            Step(*displaced)(x, labels, rate)
            self._direction = tuple(d - n for d, n in zip(displaced, new, strict=True))
        self.last = max(1.0, _norm(self._direction) / before)
        self._turns, self.total, self.weights = 1, self.total * self.last, new
