"""What is known of a case before any implementation is heard: plain arrays, to be stored and judged against anywhere.

`truth` finds it with python-flint; nothing here needs that, so a Python without it judges against a stored truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

FIRST_PRECISION = 128  # bits


class CannotRun(Exception):
    """The forward or backward does not run on exact numbers; the message says what stopped it, and where."""


@dataclass(frozen=True)
class Proof:
    """Is the backward the derivative of the forward at this point, for every cotangent of the case?"""

    status: str  # proved, refuted, undecided; not-asked where no input has a derivative (an optimiser's step)
    radius: float = math.inf
    precision: int = FIRST_PRECISION
    ties: int = 0
    message: str = ""


@dataclass(frozen=True)
class TrueArray:
    """True values as double-doubles, the interval of right answers where there is one, and the allowance, by entry."""

    low: tuple[np.ndarray, np.ndarray]
    high: tuple[np.ndarray, np.ndarray]
    allowance: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.low[0].shape

    @property
    def kinks(self) -> np.ndarray:
        """Entries where more than one value is right."""
        return (self.low[0] != self.high[0]) | (self.low[1] != self.high[1])

    @property
    def nearest(self) -> np.ndarray:
        """One true value an entry, as float64: the middle of the interval at a kink."""
        return (
            self.low[0] if not self.kinks.any() else np.where(self.kinks, (self.low[0] + self.high[0]) / 2, self.low[0])
        )

    @property
    def undefined(self) -> np.ndarray:
        """Entries without a finite truth (log 0), or whose allowance is not finite (overflow on the way)."""
        return ~np.isfinite(self.low[0] + self.high[0] + self.allowance)

    def part(self, of: slice, shape: tuple[int, ...]) -> TrueArray:
        """Some entries of a vector, in another shape."""
        (low, lower), (high, higher) = self.low, self.high
        low, lower, high, higher, allowance = (x[of].reshape(shape) for x in (low, lower, high, higher, self.allowance))
        return TrueArray((low, lower), (high, higher), allowance)

    def error(self, got: np.ndarray) -> np.ndarray:
        """Distance of `got` from the truth, by entry, exact to about 2^-53 of itself."""
        got = got.astype(np.float64)
        with np.errstate(all="ignore"):
            below = (self.low[0] - got) + self.low[1]
            above = (got - self.high[0]) - self.high[1]
            return np.maximum(np.maximum(below, above), np.where(np.isnan(got), np.nan, 0.0))


@dataclass(frozen=True)
class Together:
    """What a gradient at a kink must be as a whole: <g, direction>, added up over the inputs named, in an interval.

    direction: float64 by input name; ends: lowest and highest right value for each cotangent.
    """

    direction: dict[str, np.ndarray]
    ends: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Truth:
    """Everything known about one case before any implementation is heard."""

    y: TrueArray
    gradients: tuple[dict[str, TrueArray], ...]
    proof: Proof
    source: str
    uncertain: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)
    together: tuple[Together, ...] = ()
