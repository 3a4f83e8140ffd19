"""The law of an initialiser: the distribution that its rule, fans and gain call for, checked on one array of weights.

A weight's place in the distribution, F(w) - 1/2 with F its distribution function, is uniform between -1/2 and 1/2.
Every check is a mean of bounded independent numbers made of places, and the bounds hold for arrays of every size:
Bernstein's inequality for the mean, variance and fourth moment of the places and for products of neighbours,
Dvoretzky, Kiefer, Wolfowitz and Massart's for the whole distribution. Together they see a wrong fan, gain or bound,
a missing correction of a truncated normal, another distribution, and repeated rows or columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FALSE_ALARM = 1e-9
KINDS = ("uniform", "normal", "truncated_normal")
# The standard deviation of a standard normal number that is drawn again until it is within 2.
TRUNCATED = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


@dataclass(frozen=True)
class Distribution:
    """What weights are drawn from, around zero.

    kind: "uniform", "normal", or "truncated_normal": normal, and drawn again outside two of its own deviations.
    std:  the standard deviation of the weights themselves, after any truncation.
    """

    kind: str
    std: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind={self.kind!r} is not known; one of {', '.join(map(repr, KINDS))}")
        if not 0 < self.std < math.inf:
            raise ValueError(f"std={self.std!r} is not allowed; expected a finite number above 0")

    @property
    def bound(self) -> float:
        """No weight is larger."""
        return {"uniform": math.sqrt(3), "normal": math.inf, "truncated_normal": 2 / TRUNCATED}[self.kind] * self.std

    def places(self, w: np.ndarray) -> np.ndarray:
        """F(w) - 1/2 by entry, F the distribution function."""
        if self.kind == "uniform":
            return np.clip(w / (2 * self.bound), -0.5, 0.5)
        if self.kind == "normal":
            return _erf(w / (self.std * math.sqrt(2))) / 2
        inner = _erf(w * (TRUNCATED / (self.std * math.sqrt(2)))) / (2 * math.erf(math.sqrt(2)))
        return np.clip(inner, -0.5, 0.5)


@dataclass(frozen=True)
class Moment:
    """A mean of bounded numbers: what it is, found and expected, and how far the two may be from each other."""

    name: str
    found: float
    expected: float
    allowed: float

    @property
    def holds(self) -> bool:
        return abs(self.found - self.expected) <= self.allowed


@dataclass(frozen=True)
class Law:
    """What was found on one array of weights.

    holds:   whether all of the law does.
    message: the first part that does not, in one sentence; "" where all does.
    mean, variance, fourth: the weights' own moments, the last two divided by what the distribution has.
    largest, bound: the largest weight, and what none may exceed.
    moments: those that were judged.
    """

    holds: bool
    message: str
    drawn: int
    mean: float
    variance: float
    fourth: float
    largest: float
    bound: float
    moments: tuple[Moment, ...]
    false_alarm: float


def check_initialiser(
    draw: Callable[[], np.ndarray], distribution: Distribution, false_alarm: float = FALSE_ALARM
) -> Law:
    """Judge the weights that one call of `draw` returns against the distribution that they should have.

    draw:        () -> a float array of two axes or more, of some ten thousand entries.
    false_alarm: the probability that right weights are said to be wrong, all checks together.
    ValueError where the weights are no such array, or for a probability out of range.
    """
    if not 0 < false_alarm < 1:
        raise ValueError(f"false_alarm={false_alarm!r} is not allowed; expected a probability between 0 and 1")
    w = np.asarray(draw())
    if w.dtype.kind != "f" or w.ndim < 2 or w.size < 2:
        raise ValueError(f"the weights are {w.dtype} of shape {w.shape}; expected floats, two axes or more")
    unit = float(np.finfo(w.dtype).eps)
    w = w.astype(np.float64)
    places = distribution.places(w)
    neighbours = [k for k in range(w.ndim) if w.shape[k] > 1]
    share = false_alarm / (4 + len(neighbours))
    moments = (
        _moment("the mean of the places", places, 0.0, 1 / 12, 0.5, share),
        _moment("the mean of the squared places", places**2, 1 / 12, 1 / 180, 1 / 6, share),
        _moment("the mean of the fourth powers of the places", places**4, 1 / 80, 1 / 225 / 16, 1 / 20, share),
        _distance(places, share),
        *(_moment(f"the product of neighbours along axis {k}", _pairs(places, k), 0.0, 1 / 144, 0.25, share)
          for k in neighbours),
    )  # fmt: skip
    largest = float(np.abs(w).max()) if np.isfinite(w).all() else math.nan
    message = _fault(distribution, largest, moments, unit)
    fourth = {"uniform": 9 / 5, "normal": 3.0, "truncated_normal": _truncated_fourth()}[distribution.kind]
    return Law(
        not message, message, w.size, float(w.mean()), float((w**2).mean() / distribution.std**2),
        float((w**4).mean() / distribution.std**4 / fourth), largest, distribution.bound, moments, false_alarm,
    )  # fmt: skip


def check_orthogonal(draw: Callable[[], np.ndarray], gain: float = 1.0) -> Law:
    """Judge one matrix: its rows or columns, whichever are fewer, are orthogonal and of length `gain`.

    The error of Householder's Q is bounded by sqrt(n) m n roundings (Higham, Accuracy and Stability of Numerical
    Algorithms, 2nd ed., theorem 19.4), so there is no false alarm. That all such matrices are equally likely is not
    checked. ValueError where the weights are no floating matrix.
    """
    w = np.asarray(draw())
    if w.dtype.kind != "f" or w.ndim != 2:
        raise ValueError(f"the weights are {w.dtype} of shape {w.shape}; expected a floating matrix")
    m, n = max(w.shape), min(w.shape)
    allowed = math.sqrt(n) * m * n * float(np.finfo(w.dtype).eps)
    wide = w.astype(np.float64) / gain
    inner = wide.T @ wide if w.shape[0] >= w.shape[1] else wide @ wide.T
    lengths = Moment("the squared length of a row or column", _farthest(np.diag(inner), 1.0), 1.0, allowed)
    apart = Moment("the product of two rows or columns", _farthest(inner[~np.eye(n, dtype=bool)], 0.0), 0.0, allowed)
    message = next((_said(moment) for moment in (lengths, apart) if not moment.holds), "")
    largest = float(np.abs(wide).max())
    return Law(not message, message, w.size, float(wide.mean()), float((wide**2).mean() * m), math.nan,
               largest, 1.0, (lengths, apart), 0.0)  # fmt: skip


def _moment(name: str, values: np.ndarray, expected: float, variance: float, reach: float, chance: float) -> Moment:
    """Bernstein: the mean of n numbers within r of theirs is t off with a chance 2 exp(-n t^2 / (2 v + 2 r t / 3))."""
    n, log = values.size, math.log(2 / chance)
    half = reach * log / (3 * n)
    return Moment(name, float(values.mean()), expected, half + math.sqrt(half**2 + 2 * variance * log / n))


def _distance(places: np.ndarray, chance: float) -> Moment:
    """The largest distance of the found distribution function from the true one (Massart 1990)."""
    n = places.size
    ordered = np.sort(places, axis=None) + 0.5
    ranks = np.arange(n + 1) / n
    found = float(max((ranks[1:] - ordered).max(), (ordered - ranks[:-1]).max()))
    return Moment("the distance of the distributions", found, 0.0, math.sqrt(math.log(2 / chance) / (2 * n)))


def _pairs(places: np.ndarray, axis: int) -> np.ndarray:
    """Products of disjoint neighbours along an axis: independent of each other where the places are."""
    along = np.moveaxis(places, axis, 0)
    even = len(along) // 2 * 2
    return along[0:even:2] * along[1:even:2]


def _fault(distribution: Distribution, largest: float, moments: tuple[Moment, ...], unit: float) -> str:
    if math.isnan(largest):
        return "a weight is not finite"
    if largest > distribution.bound * (1 + 2 * unit):
        return f"a weight is {largest:.6g}; none may exceed {distribution.bound:.6g}"
    return next((_said(moment) for moment in moments if not moment.holds), "")


def _said(moment: Moment) -> str:
    return f"{moment.name} is {moment.found:.6g}; expected {moment.expected:.6g}, within {moment.allowed:.2g}"


def _farthest(values: np.ndarray, expected: float) -> float:
    return float(values.flat[int(np.abs(values - expected).argmax())]) if values.size else expected


def _truncated_fourth() -> float:
    """E x^4 / (E x^2)^2 of a standard normal number within 2."""
    density, mass = math.exp(-2) / math.sqrt(2 * math.pi), math.erf(math.sqrt(2))
    return (3 - (2 * 2**3 + 6 * 2) * density / mass) / TRUNCATED**4


def _erf(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=np.float64)
