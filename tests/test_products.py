"""Whole matrix products are what NumPy's object loop makes of the same numbers, term by term."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from gradproof import exact_arrays
from gradproof.effort import Counted
from gradproof.exact_arrays import exact, exact_run
from gradproof.jets import Ball, Jet
from gradproof.products import product
from gradproof.rounding import Rounded, as_inputs, working_precision

SCALES = (1e-30, 1e-20, 1e-3, 1.0, 1e3, 1e17, 1e30)


def matrices(seed: int, scale: float, dtype: str = "float64") -> list[np.ndarray]:
    """A (n, k), B (k, m) and C (m, 4), A with entries of very different sizes for odd seeds."""
    rng = np.random.default_rng(seed)
    n, k, m = rng.integers(1, 9, 3)
    a, b, c = rng.standard_normal((n, k)) * scale, rng.standard_normal((k, m)), rng.standard_normal((m, 4))
    if seed % 2:
        a *= 10.0 ** rng.uniform(-8, 8, a.shape)
    return [x.astype(dtype).astype(np.float64) for x in (a, b, c)]


def both_ways(run):
    """The numbers that `run` gives with products at once, and with every product term by term."""
    fast = run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact_arrays, "product", lambda a, b: None)
        return list(zip(fast, run(), strict=True))


@given(
    st.integers(0, 2**16), st.sampled_from(SCALES), st.sampled_from(("float32", "float64")), st.sampled_from((0.0, 1.0))
)
def test_bounds_of_rounded_numbers_are_the_same(seed, scale, dtype, floor):
    arrays = matrices(seed, scale, dtype)

    def run():
        with exact_run(Rounded, 128), working_precision(dtype, floor):
            a, b, c = (exact(as_inputs(x.ravel().tolist()), x.shape) for x in arrays)
            numbers = [*(np.tanh(a @ b) @ c).ravel(), *((a @ b).T @ a).ravel()]
        return numbers

    for at_once, term_by_term in both_ways(run):
        assert at_once.v.overlaps(term_by_term.v)
        assert (at_once.bits, at_once.n, at_once.q) == (term_by_term.bits, term_by_term.n, term_by_term.q)
        # Radii, through which a bound passes a function, have 30 bits; where a sum cancels, 128 bits no more of it.
        known = term_by_term.m * 2.0**-100
        for name in ("a", "e", "p", "m", "k"):
            assert getattr(at_once, name) == pytest.approx(getattr(term_by_term, name), rel=2.0**-28, abs=known)


@given(st.integers(0, 2**16), st.sampled_from(SCALES))
def test_balls_and_slopes_enclose_the_same_numbers(seed, scale):
    arrays = matrices(seed, scale)
    rng = np.random.default_rng(seed)
    slopes = [
        rng.standard_normal(x.size).tolist() if moving else [None] * x.size
        for moving, x in zip(rng.integers(0, 2, 3), arrays, strict=True)
    ]

    def jets():
        with exact_run(Jet, 128):
            a, b, c = (
                exact(
                    [Jet(arb(v), None if s is None else arb(s)) for v, s in zip(x.ravel().tolist(), each, strict=True)],
                    x.shape,
                )
                for x, each in zip(arrays, slopes, strict=True)
            )
            return list((np.tanh(a @ b) @ c).ravel())

    def balls():
        with exact_run(Ball, 128):
            a, b, c = (exact([Ball(arb(v)) for v in x.ravel().tolist()], x.shape) for x in arrays)
            return list((np.tanh(a @ b) @ c).ravel())

    for at_once, term_by_term in [*both_ways(jets), *both_ways(balls)]:
        assert at_once.v.overlaps(term_by_term.v)
        if isinstance(at_once, Jet):
            assert (at_once.s is None) == (term_by_term.s is None)
            assert at_once.s is None or at_once.s.overlaps(term_by_term.s)


def test_exact_products_stay_exact():
    x = np.random.default_rng(0).integers(-9, 10, (5, 6)).astype(np.float64)
    with exact_run(Ball, 128):
        a = exact([Ball(arb(v)) for v in x.ravel().tolist()], x.shape)
        square = a @ a.T
        assert product(a.view(np.ndarray), a.T.view(np.ndarray)) is not None
    assert all(
        ball.v.is_exact() and float(ball.v) == value
        for ball, value in zip(square.ravel(), (x @ x.T).ravel(), strict=True)
    )


def test_what_needs_rules_of_its_own_is_left_to_the_object_loop():
    with exact_run(Rounded, 128), working_precision("float64"):
        long, short = (exact(as_inputs(x), (2, 2)) for x in ([0.1, 0.2, 0.3, 0.4], [1.0, 0.5, 0.0, 3.0]))
        assert product(long.view(np.ndarray), long.view(np.ndarray)) is not None
        assert product(long.view(np.ndarray), short.view(np.ndarray)) is None
        mixed = long.copy().view(np.ndarray)
        mixed[0, 0] = 0
        assert product(mixed, long.view(np.ndarray)) is None
        huge = exact(as_inputs([1.1e300] * 4), (2, 2)).view(np.ndarray)
        assert product(huge, huge) is None
        assert product(long[0].view(np.ndarray), long.view(np.ndarray)) is None


def test_counted_operations_are_those_of_term_by_term():
    def run():
        with exact_run(Counted, 53):
            Counted.left = 10_000
            a, b = (exact([Counted(float(v)) for v in range(n * m)], (n, m)) for n, m in ((4, 5), (5, 3)))
            values = [number.v for number in (a @ b).ravel()]
            return [*values, Counted.left]

    for at_once, term_by_term in both_ways(run):
        assert at_once == term_by_term
