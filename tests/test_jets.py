"""Balls and jets: every function's value and slope against python-flint's own series, branches, constants, exits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_series, ctx
from hypothesis import given
from hypothesis import strategies as st

from gradproof.elementary import TABLE, apply, slope
from gradproof.exact_arrays import exact, exact_run, flat
from gradproof.exact_number import Current, ExactStop, Number
from gradproof.jets import Ball, Jet
from gradproof.rounding import Rounded
from gradproof.tape import Traced, sweep

# Where each function lives, as dyadic multiples of 1/64 so that an argument is exact.
REACH = {
    "log": (1, 4096),
    "log2": (1, 4096),
    "log10": (1, 4096),
    "log1p": (-63, 4096),
    "sqrt": (1, 4096),
    "arcsin": (-63, 63),
    "arccos": (-63, 63),
    "arccosh": (65, 4096),
    "arctanh": (-63, 63),
    "tan": (-96, 96),
}
BITS = 256


def argument(name):
    low, high = REACH.get(name, (-640, 640))
    return st.integers(low, high).filter(lambda k: k != 0 or name not in ("cbrt",)).map(lambda k: k / 64)


def by_flint(name, x):
    """Value and derivative from flint's own power series, where it has one."""
    series = {
        "exp": lambda t: t.exp(),
        "log": lambda t: t.log(),
        "log1p": lambda t: (1 + t).log(),
        "sqrt": lambda t: t.sqrt(),
        "sin": lambda t: t.sin(),
        "cos": lambda t: t.cos(),
        "tan": lambda t: t.tan(),
        "arcsin": lambda t: t.asin(),
        "arccos": lambda t: t.acos(),
        "arctan": lambda t: t.atan(),
        "erf": lambda t: t.erf(),
        "erfc": lambda t: t.erfc(),
        "sinh": lambda t: (t.exp() - (-t).exp()) / 2,
        "cosh": lambda t: (t.exp() + (-t).exp()) / 2,
        "tanh": lambda t: 1 - 2 / (1 + (2 * t).exp()),
        "expit": lambda t: 1 / (1 + (-t).exp()),
        "expm1": lambda t: t.exp() - 1,
        "exp2": lambda t: (t * arb.const_log2()).exp(),
        "log2": lambda t: t.log() / arb.const_log2(),
        "log10": lambda t: t.log() / arb.const_log10(),
        "cbrt": lambda t: (t.log() / 3).exp() if x > 0 else -((-t).log() / 3).exp(),
        "arcsinh": lambda t: (t + (t * t + 1).sqrt()).log(),
        "arccosh": lambda t: (t + (t * t - 1).sqrt()).log(),
        "arctanh": lambda t: ((1 + t) / (1 - t)).log() / 2,
    }
    y = series[name](arb_series([arb(x), 1], 2))
    return y[0], y[1]


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_value_and_slope_agree_with_flints_series(name, data):
    x = data.draw(argument(name))
    with ctx.workprec(BITS):
        value, derivative = by_flint(name, x)
        with exact_run(Jet, BITS):
            got = Jet(arb(x), arb(1)).elementary(name)
        assert got.v.overlaps(value) and got.s.overlaps(derivative)
        # both are narrow, so overlapping says something
        assert float(got.v.rad()) < 1e-60 * (1 + abs(float(got.v.mid()))) and float(got.s.rad()) < 1e-60 * (
            1 + abs(float(got.s.mid()))
        )


@pytest.mark.parametrize("name", TABLE)
@given(data=st.data())
def test_slope_lies_in_the_symmetric_difference_widened_by_its_error(name, data):
    x = data.draw(argument(name))
    h = arb(2) ** -600
    with ctx.workprec(2000):
        difference = (apply(name, arb(x) + h) - apply(name, arb(x) - h)) / (2 * h)
        # the error is h^2 f'''/6, far below 2^-900 for arguments 1/64 away from every pole
        assert slope(name, arb(x), apply(name, arb(x))).overlaps(difference + arb(0, 2.0**-900))


@given(st.integers(-300, 300), st.integers(-3, 3).filter(bool), st.integers(-300, 300), st.integers(-3, 3).filter(bool))
def test_arithmetic_is_that_of_dual_numbers(a, da, b, db):
    b = b or 1
    with exact_run(Jet, BITS):
        x, y = Jet(arb(a), arb(da)), Jet(arb(b), arb(db))
        for got, v, s in [
            (x + y, Fraction(a + b), Fraction(da + db)),
            (x - y, Fraction(a - b), Fraction(da - db)),
            (x * y, Fraction(a * b), Fraction(da * b + a * db)),
            (x / y, Fraction(a, b), Fraction(da * b - a * db, b * b)),
            (x**2, Fraction(a * a), Fraction(2 * a * da)),
            (x**3.0, Fraction(a**3), Fraction(3 * a * a * da)),
            (y**-1, Fraction(1, b), Fraction(-db, b * b)),
            (2 - x, Fraction(2 - a), Fraction(-da)),
            (3 / y, Fraction(3, b), Fraction(-3 * db, b * b)),
            (-x, Fraction(-a), Fraction(-da)),
            (x.square(), Fraction(a * a), Fraction(2 * a * da)),
            (y.reciprocal(), Fraction(1, b), Fraction(-db, b * b)),
            (x**0, Fraction(1), Fraction(0)),
        ]:
            slope_ = arb(0) if got.s is None else got.s
            assert (got.v * v.denominator - v.numerator).contains(0) and (
                slope_ * s.denominator - s.numerator
            ).contains(0)


@given(st.integers(1, 400), st.integers(-200, 200), st.integers(-3, 3), st.integers(-3, 3))
def test_powers_with_both_base_and_exponent_moving(a, b, da, db):
    a, b = a / 16, b / 64
    with exact_run(Jet, BITS):
        got = Jet(arb(a), arb(da)) ** Jet(arb(b), arb(db))
        series = ((arb_series([arb(a), da], 2).log()) * arb_series([arb(b), db], 2)).exp()
        assert got.v.overlaps(series[0]) and got.s.overlaps(series[1])


# -- branches at ties: the exact one-sided derivative --------------------------------


def one_sided(function, x, direction):
    """The one-sided derivative by a difference quotient: exact for functions that are piecewise linear near x."""
    with exact_run(Ball, 400):
        h = arb(2) ** -64

        def at(t):
            numbers = [
                Ball(arb(v) + t * arb(d)) for v, d in zip(x.ravel().tolist(), direction.ravel().tolist(), strict=True)
            ]
            return [n.v for n in flat(function(exact(numbers, x.shape)))]

        return [(later - now) / h for now, later in zip(at(arb(0)), at(h), strict=True)]


KINKED = {
    "relu": lambda x: np.maximum(x, 0),
    "relu by where": lambda x: np.where(x > 0, x, 0),
    "relu by where, closed": lambda x: np.where(x >= 0, x, 0),
    "relu by mask": lambda x: x * (x > 0),
    "leaky relu": lambda x: np.where(x > 0, x, x / 8),
    "abs": lambda x: np.abs(x),
    "fabs": lambda x: np.fabs(x),
    "sign times": lambda x: np.sign(x) * x,
    "max": lambda x: x.max(axis=-1),
    "min of all": lambda x: x.min(),
    "argmax": lambda x: x[np.arange(len(x)), np.argmax(x, axis=1)],
    "argmin": lambda x: x[np.arange(len(x)), np.argmin(x, axis=1)],
    "clip": lambda x: np.clip(x, -1, 1),
    "clip by minimum": lambda x: np.minimum(np.maximum(x, -1), 1),
    "sort": lambda x: np.sort(x, axis=1),
    "argsort": lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1),
    "median": lambda x: np.median(x, axis=1),
    "maximum of two": lambda x: np.maximum(x[0], x[1]),
    "minimum of rows": lambda x: np.minimum(x[0], x[1] * 2),
    "hinge": lambda x: np.maximum(0, x - x[:, :1] + 1).sum(axis=1),
    "nested": lambda x: np.maximum(np.abs(x) - 1, 0),
    "pooled": lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=1).max(axis=-1),
    "if": lambda x: x[0] if x[0, 0] > x[0, 1] else x[1],
    "built-in max": lambda x: max(x[0]) - min(x[1]),
}


@pytest.mark.parametrize("name", KINKED)
@given(
    st.lists(st.integers(-2, 2), min_size=8, max_size=8),
    st.lists(st.sampled_from([-3, -2, -1, -0.5, 0.25, 1, 2, 5]), min_size=8, max_size=8),
)
def test_at_ties_every_branch_takes_the_side_that_the_direction_points_to(name, values, directions):
    function = KINKED[name]
    x, d = np.array(values, dtype=float).reshape(2, 4), np.array(directions, dtype=float).reshape(2, 4)
    if name == "if" and values[0] == values[1]:
        return  # not continuous there: no derivative to agree with
    expected = one_sided(function, x, d)
    with exact_run(Jet, 128) as trace:
        jets = flat(function(exact([Jet(arb(v), arb(s)) for v, s in zip(values, directions, strict=True)], (2, 4))))
    assert [(arb(0) if n.s is None else n.s) == e for n, e in zip(jets, expected, strict=True)] == [True] * len(
        expected
    )
    if not any(values) and name.startswith(("relu", "leaky", "abs", "fabs")):
        assert trace.ties


def test_a_tie_of_value_and_slope_is_equality():
    with exact_run(Jet, 128):
        x, y = Jet(arb(1), arb(2)), Jet(arb(1), arb(2))
        assert [x == y, x <= y, x >= y] == [True] * 3
        assert [x < y, x > y, x != y] == [False] * 3
        assert Jet(arb(1)) == 1 and Jet(arb(0), arb(1)) > 0 and Jet(arb(0), arb(-1)) < 0
        assert bool(Jet(arb(0), arb(1))) and not bool(Jet(arb(0)))
        assert Jet(arb(1), arb(2)) > Jet(arb(1)) > Jet(arb(1), arb(-2))


def test_numbers_are_no_constants_of_other_kinds():
    with exact_run(Ball, 128):
        x = Ball(arb(1))
        assert [x != other for other in ("1", None, [1])] == [True] * 3
        assert [x == other for other in ("1", None, [1])] == [False] * 3
        for wrong in ("1", None, 1j, [1], np.array(1j)):
            with pytest.raises((TypeError, AttributeError)):
                _ = x + wrong
            with pytest.raises(TypeError):
                _ = x < wrong
        with pytest.raises(TypeError, match="unhashable"):
            hash(x)


# -- constants --------------------------------


@pytest.mark.parametrize("number", [Ball, Jet, Traced, Rounded], ids=lambda n: n.__name__)
@given(
    st.one_of(
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.floats(width=32, allow_nan=False, allow_infinity=False).map(np.float32),
        st.floats(width=16, allow_nan=False, allow_infinity=False).map(np.float16),
        st.floats(allow_nan=False, allow_infinity=False).map(np.float64),
        st.floats(allow_nan=False, allow_infinity=False).map(np.longdouble),
        st.integers(-128, 127).map(np.int8),
        st.integers(0, 2**64 - 1).map(np.uint64),
        st.booleans(),
        st.booleans().map(np.bool_),
    )
)
def test_constants_are_lifted_exactly(number, c):
    exactly = Fraction(int(c)) if isinstance(c, (bool, int, np.integer, np.bool_)) else Fraction(float(c))
    with exact_run(number, 128):
        lifted = number.lift(c)
    assert type(lifted) is number
    value = lifted.v if isinstance(lifted.v, arb) else lifted.v.v
    assert value.is_exact()
    mantissa, exponent = value.man_exp()
    assert Fraction(int(mantissa)) * Fraction(2) ** int(exponent) == exactly


def test_a_tenth_in_float32_and_float64_are_different_constants():
    with exact_run(Ball, 128):
        assert (Ball(arb(0)) + np.float32(0.1) - 0.1).v > 0
        assert (Ball(arb(0)) + 0.1 - np.float64(0.1)).v == 0


# -- leaving --------------------------------


@pytest.mark.parametrize(
    "number", [lambda: Ball(arb(2)), lambda: Jet(arb(2), arb(1)), lambda: Traced(arb(2)), lambda: Rounded.given(2.0)]
)
def test_leaving_the_exact_numbers_stops_in_words(number):
    with exact_run(Ball, 128):
        x = number()
        Current.number = type(x)
        leaving = {
            "float()": [float, math.exp],
            "int()": [int, lambda v: [1, 2, 3][v], lambda v: range(v), complex],
            "rounding": [round, math.floor, math.ceil, np.floor, np.rint, np.trunc],
            "%": [lambda v: v % 1, lambda v: v // 1, lambda v: 3 % v, lambda v: np.mod(v, 1)],
        }
        for word, functions in leaving.items():
            for function in functions:
                with pytest.raises(ExactStop) as stop:
                    function(x)
                assert word in str(stop.value) and "\n" not in str(stop.value)


@pytest.mark.parametrize("number", [Ball, Jet, Traced, Rounded], ids=lambda n: n.__name__)
def test_a_number_alone_has_what_numpys_scalars_have(number):
    with exact_run(number, 128):
        x = number.given(-2.0) if number is Rounded else number(arb(-2))
        for same in (
            x.T,
            x.real,
            x.conj(),
            x.copy(),
            x.squeeze(),
            x.item(),
            x.sum(),
            x.mean(axis=0),
            x.max(),
            x.astype(float),
            x[()],
            +x,
            x.reshape(()),
            x.reshape(1)[0],
            x[None][0],
            np.asarray(x)[()],
            np.array([x])[0],
        ):
            assert isinstance(same, Number) and same == -2
        assert (x.shape, x.ndim, x.size, x.dtype) == ((), 0, 1, np.dtype(object))
        assert abs(x) == 2 and x.imag == 0 and x.fabs() == 2
        assert np.hypot(x, 0) == 2 and np.hypot(x * 0, x * 0) == 0
        assert repr(x).startswith(number.__name__)


def test_a_sweep_after_a_run_of_jets_needs_no_tape():
    with exact_run(Traced, 128):
        x = Traced(arb(3))
        (g,) = sweep([x * x], [arb(1)], [x])
        assert g == 6
