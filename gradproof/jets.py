"""Balls and jets: the truth's numbers.

`Ball` is a real number enclosed by python-flint's Arb: every ball provably contains the true value.
`Jet` is a ball with a directional slope, also a ball: a forward that runs on jets gives, in one pass,
its exact value and its exact derivative along the direction that the inputs carry.

Jets compare lexicographically, value first and slope second, so at a tie every branch takes the side
that the direction points to: the result is the exact *one-sided* directional derivative, at a kink as well.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from .elementary import apply, slope
from .exact_number import Current, Number, sign


class Ball(Number):
    """A real number in a ball, without a slope: what a backward runs on."""

    __slots__ = ("v",)

    def __init__(self, v: arb) -> None:
        self.v = v

    @classmethod
    def constant(cls, value: arb) -> Ball:
        return cls(value)

    def add(self, o: Ball) -> Ball:
        return Ball(self.v + o.v)

    def subtract(self, o: Ball) -> Ball:
        return Ball(self.v - o.v)

    def multiply(self, o: Ball) -> Ball:
        return Ball(self.v * o.v)

    def divide(self, o: Ball) -> Ball:
        return Ball(self.v / o.v)

    def power(self, o: Ball) -> Ball:
        return Ball(self.v**o.v)

    def elementary(self, name: str) -> Ball:
        return Ball(apply(name, self.v))

    def compare(self, o: Ball) -> int:
        order = sign(self.v - o.v)
        if order == 0:
            Current.trace.tie(self, o)
        return order

    def __repr__(self) -> str:
        return f"Ball({self.v.str(8)})"


class Jet(Number):
    """A value and its slope along one direction; the scalars are balls, or rounded numbers (see `rounding`).

    A slope of None is exactly zero: constants cost nothing.
    """

    __slots__ = ("s", "v")

    def __init__(self, v: Any, s: Any = None) -> None:
        self.v = v
        self.s = s

    @classmethod
    def constant(cls, value: arb) -> Jet:
        return cls(value)

    def add(self, o: Jet) -> Jet:
        s = o.s if self.s is None else self.s if o.s is None else self.s + o.s
        return type(self)(self.v + o.v, s)

    def subtract(self, o: Jet) -> Jet:
        s = self.s if o.s is None else -o.s if self.s is None else self.s - o.s
        return type(self)(self.v - o.v, s)

    def multiply(self, o: Jet) -> Jet:
        v, s, t = self.v * o.v, self.s, o.s
        if s is None:
            return type(self)(v, None if t is None else self.v * t)
        return type(self)(v, s * o.v if t is None else s * o.v + self.v * t)

    def divide(self, o: Jet) -> Jet:
        v, s, t = self.v / o.v, self.s, o.s
        if t is None:
            return type(self)(v, None if s is None else s / o.v)
        return type(self)(v, (-v * t if s is None else s - v * t) / o.v)

    def power(self, o: Jet) -> Jet:
        v = self.v**o.v
        s = None if self.s is None else o.v * self.v ** (o.v - 1) * self.s
        if o.s is not None:
            by_exponent = v * apply("log", self.v) * o.s
            s = by_exponent if s is None else s + by_exponent
        return type(self)(v, s)

    def elementary(self, name: str) -> Jet:
        v = apply(name, self.v)
        return type(self)(v, None if self.s is None else slope(name, self.v, v) * self.s)

    def compare(self, o: Jet) -> int:
        difference = self.v - o.v
        order = sign(difference) if isinstance(difference, arb) else difference.order()
        if order:
            return order
        Current.trace.tie(self, o)
        if self.s is o.s:
            return 0
        s: Any = (0 if self.s is None else self.s) - (0 if o.s is None else o.s)
        return sign(s) if isinstance(s, arb) else s.order()

    def __repr__(self) -> str:
        return f"Jet({self.v}, {self.s})"
