"""At ties: do the entries of a gradient together form one subgradient?

Each entry of a gradient may lie between its own one-sided derivatives, and the whole be wrong all the same: a max
pooling that hands the whole of dy to every one of two equal largest entries. So the gradient is asked along a
direction v too. `Span` carries the interval of the slopes that any choice among equal numbers may have; what comes out
contains <g, v> for every subgradient g that the chain rule gives, whichever side each tie takes, and each its own.
That is an enclosure, not the smallest one: a gradient outside it is wrong for sure.

Where the forward takes a branch at a tie by other means than a maximum, a minimum, an absolute value or a clip
(a mask, an argmax), both sides are not at hand, and nothing is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb

from .exact_number import Current, ExactStop, sign
from .jets import Jet
from .true_values import Together

STEP = 2**-10  # directions are multiples of it: their products with a float32 are exact in float64


class BranchedAtTie(ExactStop):
    """A branch was taken at a tie, so the slopes of the other side are not known."""


class Span(Jet):
    """A jet whose slope is an interval: all slopes that the choices at the ties behind it may give."""

    __slots__ = ()

    def compare(self, o: Jet) -> int:
        order = sign(self.v - o.v)
        if order == 0 and self.s is not o.s:
            raise BranchedAtTie("a branch was taken at a tie")
        return order

    def larger(self, o: Span) -> Span:
        """The larger of two numbers; of equal ones, with the slopes of both and all between."""
        order = sign(self.v - o.v)
        return self._either(o) if order == 0 else self if order > 0 else o

    def smaller(self, o: Span) -> Span:
        """The smaller of two numbers; of equal ones, with the slopes of both and all between."""
        order = sign(self.v - o.v)
        return self._either(o) if order == 0 else self if order < 0 else o

    def _either(self, o: Span) -> Span:
        if self.s is o.s:
            return self
        zero = arb(0)
        return Span(self.v, (zero if self.s is None else self.s).union(zero if o.s is None else o.s))

    def __abs__(self) -> Span:
        return self.larger(-self)


def directions(shapes: Mapping[str, tuple[int, ...]], rng: np.random.Generator) -> list[dict[str, np.ndarray]]:
    """Directions to ask along: in each input alone, then in all together; ones, nearly ones, and of both signs.

    Along ones a maximum's slope is known exactly, whatever the ties; what is given out twice shows at once.
    """
    groups = [[name] for name in shapes] + ([list(shapes)] if len(shapes) > 1 else [])
    found: list[dict[str, np.ndarray]] = []
    for group in groups:
        found.append({n: np.ones(shapes[n]) for n in group})
        found.append({n: 1 + STEP * rng.integers(-16, 17, shapes[n]) for n in group})
        found.append({n: STEP * rng.integers(1, 1024, shapes[n]) * rng.choice([-1, 1], shapes[n]) for n in group})
    return found


def enclosed(direction: Mapping[str, np.ndarray], cotangents: Sequence[Sequence[arb]], slopes: Any) -> Together:
    """<dy, J v> for every choice at the ties: its ends for each cotangent, rounded outward."""
    ends = []
    for dy in cotangents:
        total = arb(0)
        for d, s in zip(dy, slopes, strict=True):
            if s is not None:
                total += d * s
        finite = total.is_finite()
        low = math.nextafter(float(total.lower()), -math.inf) if finite else -math.inf
        high = math.nextafter(float(total.upper()), math.inf) if finite else math.inf
        ends.append((low, high))
    return Together(dict(direction), tuple(ends))


def contained(together: Sequence[Together], gradients: Sequence[Mapping[str, Sequence[Any]]]) -> bool:
    """May gradients in balls, one for each cotangent, be such that <g, v> lies in every interval?"""
    for asked in together:
        for (low, high), by_input in zip(asked.ends, gradients, strict=True):
            total = arb(0)
            for name, v in asked.direction.items():
                for g, step in zip(by_input[name], v.ravel().tolist(), strict=True):
                    total += g.v * arb(step)
            if total < low or total > high:
                return False
    return True


def both_sides(name: str) -> Any:
    """How a ufunc that chooses among equal numbers runs on spans; None for any other, and for any other number."""
    return _CHOOSING.get(name) if Current.number is Span else None


_CHOOSING = {
    "maximum": lambda a, b: a.larger(b),
    "fmax": lambda a, b: a.larger(b),
    "minimum": lambda a, b: a.smaller(b),
    "fmin": lambda a, b: a.smaller(b),
    "clip": lambda x, low, high: x.larger(low).smaller(high),
    "absolute": lambda x: abs(x),
    "fabs": lambda x: abs(x),
}
