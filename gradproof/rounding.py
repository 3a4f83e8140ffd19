"""Rounded numbers: the exact value plus a running bound of the rounding error at the working precision.

A forward or backward that runs on these yields, for each entry of its result, its *allowance*: how far a
float program that evaluates this formula may honestly be from the truth. The rules are the standard model
of floating-point arithmetic (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 2.2
and the running error analysis of section 3.3): fl(a op b) = (a op b)(1 + d), |d| <= u.

A sum is bounded for every order of its terms, since programs differ in it. A loop is a sum as well: where an
instruction adds to what the same instruction gave in an earlier round (total += term, total = total + term).

Three refinements make exact operations exact:
- *short* numbers (mantissas of at most half the precision: small integers, halves, quarters) are added and
  multiplied without any allowance as long as the result is short as well;
- a sum of short numbers has none as long as no partial sum, in whatever order, can need a longer mantissa;
- multiplying by a power of two, adding zero, taking a maximum, negating and gathering never round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flint import arb

from .elementary import POWER_ULP, RSQRT_ULP, TABLE, apply
from .exact_number import Current, Number, sign

LONG = 1 << 30  # mantissa length of a number that may already carry rounding


class Working:
    """The working precision of the run under way."""

    unit = 2.0**-53
    tiny = 2.0**-1022
    largest = math.ldexp(1 - 2.0**-53, 1024)
    short = 26
    column = 1  # of the ulp table
    floor = 0.0  # rounding is relative to at least this magnitude: 0, or the scale of the case (see truth.coarse)
    blurred = False  # inputs are known only up to a rounding at the scale of their array (see truth.coarse)


PRECISIONS = {
    "float32": {
        "unit": 2.0**-24,
        "tiny": 2.0**-126,
        "largest": math.ldexp(1 - 2.0**-24, 128),
        "short": 12,
        "column": 0,
    },
    "float64": {
        "unit": 2.0**-53,
        "tiny": 2.0**-1022,
        "largest": math.ldexp(1 - 2.0**-53, 1024),
        "short": 26,
        "column": 1,
    },
}


@contextmanager
def working_precision(dtype: str, floor: float = 0.0, blurred: bool = False) -> Iterator[None]:
    """Bound rounding errors at float32 or float64 inside this context.

    With floor=1 every rounding counts as if its result had magnitude one at least: the bound of a formula
    that is right but passes through quantities of order one (1 - y, log(1 + e), exp(x) - 1) and so keeps
    absolute, not relative accuracy. With blurred=True every input may be off by a rounding at the scale of its array.
    """
    chosen = {**PRECISIONS[dtype], "floor": floor, "blurred": blurred}
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
    q: of a sum of exact short terms, the power of two that all of them are multiples of; 0 of any other sum.
    k: the worst ulp of the library functions it was computed with.
    root: whether it is a square root as it came: dividing by it may be done with a library's 1 / sqrt(x).
    added: of the result of an addition, where it was done and the p, m, n, q that it has as the start of a sum.
    """

    __slots__ = ("a", "added", "bits", "e", "k", "m", "n", "p", "q", "root", "v")

    def __init__(self, v: arb, a: float, e: float, bits: int = LONG, k: float = 0.0) -> None:
        self.v = v
        self.a = a
        self.e = self.p = e
        self.bits = bits
        self.m = a
        self.n = 0
        self.q = 0.0
        self.k = k
        self.added: tuple[Any, ...] = ()
        self.root = False

    @classmethod
    def constant(cls, value: arb) -> Rounded:
        """A constant of the program: a long mantissa is the mark of a number that was rounded to fit."""
        a = _size(value)
        if 0 < a < Working.tiny or (a > Working.largest and value.is_finite()):
            return cls(value, a, a if a < 1 else math.inf)  # 1e-300 is zero in float32, 1e300 infinite
        bits = mantissa_length(value)
        return cls(value, a, 0.0 if bits != LONG or math.isinf(a) else Working.unit * max(a, Working.floor), bits)

    @classmethod
    def given(cls, value: float) -> Rounded:
        """An input, exact in the working precision; a subnormal may be flushed to zero before anything is computed."""
        v = arb(float(value))
        a = _size(v)
        return cls(v, a, a) if 0 < a < Working.tiny else cls(v, a, 0.0, mantissa_length(v))

    def faithful(self) -> float:
        """e; one of the two floats around a true value that is rounded at all is never held against anybody."""
        return max(self.e, 2 * Working.unit * self.a) if self.e else 0.0

    def allowance(self, k: float = 0.0) -> float:
        """e, and the error that a library's own function for the whole may have: that of the worst function in it.

        k: the worst ulp of the functions in the whole operation, where this number is one of its results. Where the
        result is rounded at all, it may be rounded once more: a right program may end in one operation more, as
        p - lr s - lr w p does beside (1 - lr w) p - lr s.
        """
        last = Working.unit * self.a
        return max(self.faithful(), self.e + 2 * max(k, self.k) * last + (last if self.e else 0.0))

    def add(self, o: Rounded) -> Rounded:
        if o.bits == 0 and not o.n:
            return self
        if self.bits == 0 and not self.n:
            return o
        k = max(self.k, o.k)
        site = None if Current.trace.reducing else Current.trace.site()
        left, right = _terms(self, site), _terms(o, site)
        terms = left[0] + right[0], left[1] + right[1], left[2] + right[2] + 1, min(left[3], right[3])
        if site is None or terms[2] > 1:
            whole = summed(self.v + o.v, *terms, k)
        else:
            whole = _rounded(self.v + o.v, self.e + o.e, self.bits != LONG and o.bits != LONG, k)
        whole.added = (site, terms)
        return whole

    def subtract(self, o: Rounded) -> Rounded:
        return self.add(-o)

    def multiply(self, o: Rounded) -> Rounded:
        if self.bits <= 1:
            self, o = o, self
        if o.bits <= 1:
            return _scaled(self, self.v * o.v, o.a)
        short = self.bits != LONG and o.bits != LONG
        return _rounded(self.v * o.v, self.a * o.e + o.a * self.e + self.e * o.e, short, max(self.k, o.k))

    def divide(self, o: Rounded) -> Rounded:
        if o.bits == 1:
            return _scaled(self, self.v / o.v, 1 / o.a)
        v = self.v / o.v
        margin = o.a - o.e
        if not margin > 0:
            return Rounded(v, _size(v), math.inf)
        if self.bits == 0:
            return self
        spread = (self.e + _size(v) * o.e) / margin
        # a / b is a * (1 / b) where a program divides many numbers by one: two roundings, and 49 * (1 / 49) is not 1
        inverse = 2 * RSQRT_ULP[Working.column] if o.root else 1
        return _bounded(v, spread, (inverse + 1) * Working.unit, max(self.k, o.k))

    def power(self, o: Rounded) -> Rounded:
        y = self.v**o.v
        if not math.isfinite(self.e + o.e):
            return Rounded(y, _size(y), math.inf)
        spread = 0.0 if self.e == 0 and o.e == 0 else _width(_box(self) ** _box(o) - y)
        return _library(y, spread, POWER_ULP[Working.column], max(self.k, o.k))

    def elementary(self, name: str) -> Rounded:
        y = apply(name, self.v)
        if self.bits == 0 and y.is_exact():
            return Rounded(y, _size(y), 0.0, mantissa_length(y))  # every library has exp(0) = 1, tanh(0) = 0
        if not math.isfinite(self.e):
            return Rounded(y, _size(y), math.inf)  # an argument that overflowed: sin(inf) is NaN
        spread = _width(apply(name, _box(self)) - y) if self.e else 0.0
        if name == "sqrt":
            root = _rounded(y, spread, self.bits != LONG, self.k)
            root.root = root.bits == LONG or root.bits > 1  # a power of two divides exactly, whoever does it
            return root
        return _library(y, spread, TABLE[name].ulp[Working.column], self.k)

    def compare(self, o: Rounded) -> int:
        difference = self.v - o.v
        order = sign(difference)
        doubt = self.e + o.e
        # A number equals itself, however it was rounded: a maximum looked for among the entries it was taken from.
        if doubt and self is not o and abs(float(difference)) <= doubt:
            Current.trace.uncertain += 1
        elif order == 0:
            Current.trace.tie(self, o)
        return order

    def order(self) -> int:
        """Sign of this number, as a comparison with zero."""
        return self.compare(Rounded(arb(0), 0.0, 0.0, 0))

    def _with_value(self, v: arb) -> Rounded:
        same = Rounded(v, self.a, self.e, self.bits, self.k)
        same.p, same.m, same.n, same.q, same.root = self.p, self.m, self.n, self.q, self.root
        same.added = self.added
        return same

    def __neg__(self) -> Rounded:
        return self._with_value(-self.v)

    def __abs__(self) -> Rounded:
        return self._with_value(abs(self.v))

    def __repr__(self) -> str:
        return f"Rounded({self.v.str(8)}, e={self.e:.2g})"


def summed(v: arb, p: float, m: float, n: int, q: float, k: float) -> Rounded:
    """The sum v of n + 1 terms; p, m, q and k as `Rounded` has them."""
    if Working.tiny <= q and m <= min(q / Working.unit, Working.largest):
        whole = Rounded(v, _size(v), 0.0, mantissa_length(v))
    else:
        # A sum of many terms is done in any order by one program or another. No partial sum exceeds that of the
        # terms of one sign, (m + |v|) / 2, so n additions err by at most n u / (1 - n u) of it (Higham, section 4.2).
        whole = _bounded(v, p, Working.unit, k)
        if n > 1 and math.isfinite(whole.e):
            share = n * Working.unit
            spread = share / (1 - share) * max((m + whole.a) / 2 + p, Working.floor) if share < 1 else math.inf
            whole.e = max(whole.e, p + spread + n * Working.tiny)
    whole.p, whole.m, whole.n, whole.q, whole.k = p, m, n, q, k
    return whole


def _terms(x: Rounded, site: tuple[int, int] | None) -> tuple[float, float, int, float]:
    """p, m, n and q of a number as part of a sum: those of its terms, where it was added up at this very place."""
    if not x.n and x.added and x.added[0] == site:
        return x.added[1]
    return x.p, x.m, x.n, _quantum(x)


def _quantum(x: Rounded) -> float:
    """The largest power of two that an exact short number, or all terms of a sum of such, are multiples of; else 0."""
    if x.n:
        return x.q
    return 0.0 if x.bits == LONG else math.inf if x.bits == 0 else math.ldexp(1.0, int(x.v.man_exp()[1]))


def _rounded(v: arb, propagated: float, short: bool, k: float) -> Rounded:
    """The correctly rounded result of one operation whose operands' errors contribute `propagated`."""
    if short:
        bits, a = mantissa_length(v), _size(v)
        if bits != LONG and (a == 0 or Working.tiny <= a <= Working.largest):
            return Rounded(v, a, 0.0, bits)
    return _bounded(v, propagated, Working.unit, k)


def _scaled(x: Rounded, v: arb, factor: float) -> Rounded:
    """x times a power of two (or zero): exact while nothing leaves the normal range."""
    a = _size(v)
    if not (math.isfinite(x.e) and a + x.e * factor <= Working.largest):
        return Rounded(v, a, math.inf)  # also times zero: an overflow on the way gives NaN
    e = x.e * factor
    lost = _flushed(a, e)
    return Rounded(v, a, e + lost, 0 if not factor else LONG if lost else x.bits, x.k if factor else 0.0)


def _library(y: arb, spread: float, ulp: float, k: float) -> Rounded:
    """The result of a library function with a worst error of `ulp` units in the last place (1 ulp <= 2 u |y|)."""
    return _bounded(y, spread, 2 * ulp * Working.unit, max(ulp, k))


def _bounded(v: arb, propagated: float, relative: float, k: float) -> Rounded:
    a = _size(v)
    reach = a + propagated  # no computed result is larger, before it is rounded
    if not reach * (1 + relative) <= Working.largest:
        masked = v.is_exact() and not v.is_finite() and not v.is_nan() and math.isfinite(propagated)
        return Rounded(v, a, 0.0 if masked else math.inf)  # a constant -inf stays one, whatever is added to it
    return Rounded(v, a, propagated + relative * max(reach, Working.floor) + _flushed(a, propagated), k=k)


def _size(v: arb) -> float:
    """|v|, as a float; infinite where v is not a finite number, and not zero where v only underflows to it."""
    if not v.is_finite():
        return math.inf
    return abs(float(v)) or (0.0 if v.is_zero() else math.ulp(0.0))


def _flushed(a: float, e: float) -> float:
    """What is lost where the computed number may be subnormal: XLA and TensorFlow flush these to zero on CPUs.

    Never less than the smallest normal number, unless the result is zero by itself: another way to compute it may
    pass through several such numbers.
    """
    return Working.tiny if a + e > 0 and a - e < Working.tiny else 0.0


def _box(x: Rounded) -> arb:
    return x.v + arb(0, x.e) if math.isfinite(x.e) else arb(0, math.inf)


def _width(difference: arb) -> float:
    width = float(difference.abs_upper())
    return math.inf if math.isnan(width) else width


def as_inputs(values: Any) -> list[Rounded]:
    """Rounded numbers for a flat sequence of floats of the working precision, the entries of one array."""
    numbers = [Rounded.given(value) for value in values]
    if Working.blurred:
        blur = Working.unit * max((n.a for n in numbers if math.isfinite(n.a)), default=0.0)
        # By no more than a quarter of itself: its sign and size stay known.
        return [Rounded(n.v, n.a, max(n.e, min(blur, n.a / 4))) if n.a else n for n in numbers]
    return numbers
