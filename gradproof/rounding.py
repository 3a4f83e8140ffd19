"""Rounded numbers: the exact value plus a running bound of the rounding error at the working precision.

A forward or backward that runs on these yields, for each entry of its result, its *allowance*: how far a
float program that evaluates this formula may honestly be from the truth. The rules are the standard model
of floating-point arithmetic (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2
and the running error analysis of section 3.3): fl(a op b) = (a op b)(1 + d), |d| <= u.

A sum is bounded for every order of its terms, since programs differ in it.

Two refinements make exact operations exact:
- *short* numbers (mantissas of at most half the precision: small integers, halves, quarters) are added,
  multiplied and divided without any allowance as long as the result is short as well, whatever the order;
- multiplying by a power of two, adding zero, taking a maximum, negating and gathering never round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flint import arb

from .elementary import POWER_ULP, TABLE, apply
from .exact_number import Current, Number, sign

LONG = 1 << 30  # mantissa length of a number that may already carry rounding


class Working:
    """The working precision of the run under way."""

    unit = 2.0**-53
    tiny = 2.0**-1022
    largest = math.ldexp(1 - 2.0**-53, 1024)
    short = 26
    column = 1  # of the ulp table
    floor = 0.0  # rounding is relative to at least this magnitude: 0, or 1 to ask what rounding at unit scale explains


PRECISIONS = {
    "float32": {"unit": 2.0**-24, "tiny": 2.0**-126, "largest": math.ldexp(1 - 2.0**-24, 128), "short": 12, "column": 0},
    "float64": {
        "unit": 2.0**-53,
        "tiny": 2.0**-1022,
        "largest": math.ldexp(1 - 2.0**-53, 1024),
        "short": 26,
        "column": 1,
    },
}


@contextmanager
def working_precision(dtype: str, floor: float = 0.0) -> Iterator[None]:
    """Bound rounding errors at float32 or float64 inside this context.

    With floor=1 every rounding counts as if its result had magnitude one at least: the bound of a formula
    that is right but passes through quantities of order one (1 - y, log(1 + e), exp(x) - 1) and so keeps
    absolute, not relative accuracy.
    """
    chosen = {**PRECISIONS[dtype], "floor": floor}
    before = {name: getattr(Working, name) for name in chosen}
    for name, value in chosen.items():
        setattr(Working, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(Working, name, value)


def mantissa_length(v: arb) -> int:
    """Bits of an exact value's mantissa (0 for zero, 1 for powers of two); LONG where long or not exact."""
    if v.is_zero():
        return 0
    if not v.is_exact() or not v.is_finite():
        return LONG
    bits = abs(int(v.man_exp()[0])).bit_length()
    return bits if bits <= Working.short else LONG


class Rounded(Number):
    """The exact value of a computed number, and how far the computed one may be from it.

    v: the value, a ball; a: |v|; e: bound of |computed - v|; bits: mantissa length where e is 0 and short, else LONG.
    p, m, n: of a sum, what its terms contribute to e, the sum of the terms' magnitudes, and the number of additions.
    k: the worst ulp of the library functions it was computed with.
    """

    __slots__ = ("a", "bits", "e", "k", "m", "n", "p", "v")

    def __init__(self, v: arb, a: float, e: float, bits: int = LONG, k: float = 0.0) -> None:
        self.v = v
        self.a = a
        self.e = self.p = e
        self.bits = bits
        self.m = a
        self.n = 0
        self.k = k

    @classmethod
    def constant(cls, value: arb) -> Rounded:
        """A constant of the program: a long mantissa is the mark of a number that was rounded to fit."""
        bits = mantissa_length(value)
        a = abs(float(value))
        return cls(value, a, 0.0 if bits != LONG else Working.unit * a, bits)

    @classmethod
    def given(cls, value: float) -> Rounded:
        """An input, exact in the working precision; a subnormal may be flushed to zero before anything is computed."""
        v = arb(float(value))
        a = abs(float(value))
        return cls(v, a, a if 0 < a < Working.tiny else 0.0, mantissa_length(v))

    def allowance(self, k: float = 0.0) -> float:
        """e, and the error that a library's own function for the whole may have: that of the worst function in it.

        k: the worst ulp of the functions in the whole operation, where this number is one of its results.
        """
        return self.e + 2 * max(k, self.k) * Working.unit * self.a

    def add(self, o: Rounded) -> Rounded:
        if o.bits == 0:
            return self
        if self.bits == 0:
            return o
        k = max(self.k, o.k)
        if not (self.n or o.n or Current.trace.reducing):
            return _rounded(self.v + o.v, self.e + o.e, self.bits != LONG and o.bits != LONG, k)
        # A sum of many terms is done in any order by one program or another: no partial sum exceeds the sum of
        # magnitudes m, so n additions err by at most n u m (Higham, section 4.2).
        v, p, m, n = self.v + o.v, self.p + o.p, self.m + o.m, self.n + o.n + 1
        whole = _rounded(v, p, self.bits != LONG and o.bits != LONG, k)
        if whole.bits == LONG and math.isfinite(whole.e):
            whole.e = max(whole.e, p + n * Working.unit * max(m, Working.floor)) if n > 1 else whole.e
        whole.p, whole.m, whole.n = p, m, n
        return whole

    def subtract(self, o: Rounded) -> Rounded:
        return self.add(-o)

    def multiply(self, o: Rounded) -> Rounded:
        if self.bits == 1:
            self, o = o, self
        if o.bits <= 1:
            return _scaled(self, self.v * o.v, o.a)
        short = self.bits != LONG and o.bits != LONG
        return _rounded(self.v * o.v, self.a * o.e + o.a * self.e + self.e * o.e, short, max(self.k, o.k))

    def divide(self, o: Rounded) -> Rounded:
        if o.bits == 1:
            return _scaled(self, self.v / o.v, 1 / o.a)
        if self.bits == 0:
            return self
        v = self.v / o.v
        margin = o.a - o.e
        if not margin > 0:
            return Rounded(v, abs(float(v)), math.inf)
        spread = (self.e + abs(float(v)) * o.e) / margin
        # a / b is a * (1 / b) where a program divides many numbers by one: two roundings
        return _rounded(v, spread, self.bits != LONG and o.bits != LONG, max(self.k, o.k), roundings=2)

    def power(self, o: Rounded) -> Rounded:
        y = self.v**o.v
        spread = 0.0 if self.e == 0 and o.e == 0 else _width(_box(self) ** _box(o) - y)
        return _library(y, spread, POWER_ULP[Working.column], max(self.k, o.k))

    def elementary(self, name: str) -> Rounded:
        y = apply(name, self.v)
        if self.bits == 0 and y.is_exact():
            return Rounded(y, abs(float(y)), 0.0, mantissa_length(y))  # every library has exp(0) = 1, tanh(0) = 0
        spread = _width(apply(name, _box(self)) - y) if self.e else 0.0
        if name == "sqrt":
            return _rounded(y, spread, self.bits != LONG, self.k)
        return _library(y, spread, TABLE[name].ulp[Working.column], self.k)

    def compare(self, o: Rounded) -> int:
        difference = self.v - o.v
        order = sign(difference)
        doubt = self.e + o.e
        if doubt and abs(float(difference)) <= doubt:
            Current.trace.uncertain += 1
        elif order == 0:
            Current.trace.tie(self, o)
        return order

    def order(self) -> int:
        """Sign of this number, as a comparison with zero."""
        return self.compare(Rounded(arb(0), 0.0, 0.0, 0))

    def _with_value(self, v: arb) -> Rounded:
        same = Rounded(v, self.a, self.e, self.bits, self.k)
        same.p, same.m, same.n = self.p, self.m, self.n
        return same

    def __neg__(self) -> Rounded:
        return self._with_value(-self.v)

    def __abs__(self) -> Rounded:
        return self._with_value(abs(self.v))

    def __repr__(self) -> str:
        return f"Rounded({self.v.str(8)}, e={self.e:.2g})"


def _rounded(v: arb, propagated: float, short: bool, k: float, roundings: int = 1) -> Rounded:
    """The correctly rounded result of one operation whose operands' errors contribute `propagated`."""
    if short:
        bits = mantissa_length(v)
        if bits != LONG:
            return Rounded(v, abs(float(v)), 0.0, bits)
    return _bounded(v, propagated, roundings * Working.unit, k)


def _scaled(x: Rounded, v: arb, factor: float) -> Rounded:
    """x times a power of two (or zero): exact while nothing leaves the normal range."""
    a = abs(float(v))
    e = x.e * factor if factor else 0.0
    if 0 < a + e < Working.tiny:
        return Rounded(v, a, e + a)
    if a + e > Working.largest:
        return Rounded(v, a, math.inf)
    return Rounded(v, a, e, x.bits if factor else 0, x.k if factor else 0.0)


def _library(y: arb, spread: float, ulp: float, k: float) -> Rounded:
    """The result of a library function with a worst error of `ulp` units in the last place (1 ulp <= 2 u |y|)."""
    return _bounded(y, spread, 2 * ulp * Working.unit, max(ulp, k))


def _bounded(v: arb, propagated: float, relative: float, k: float) -> Rounded:
    a = abs(float(v))
    reach = a + propagated  # no computed result is larger
    if reach < Working.tiny and not Working.floor:
        return Rounded(v, a, propagated + reach)  # may be flushed to zero (XLA and TensorFlow do so on CPUs)
    if not reach <= Working.largest:
        return Rounded(v, a, math.inf)
    return Rounded(v, a, propagated + relative * max(reach, Working.floor), k=k)


def _box(x: Rounded) -> arb:
    return arb(x.v.mid(), x.e) if math.isfinite(x.e) else arb(0, math.inf)


def _width(difference: arb) -> float:
    width = float(difference.abs_upper())
    return math.inf if math.isnan(width) else width


def as_inputs(values: Any) -> list[Rounded]:
    """Rounded numbers for a flat sequence of floats of the working precision."""
    return [Rounded.given(value) for value in values]
