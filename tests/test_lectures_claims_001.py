"""The helpers of lecture 001's claims can fail: digits cut off, derivatives at chosen points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from gradproof.lectures.claims._exact import derivative_at
from gradproof.lectures.claims.lecture_001._pieces import (
    PROBABILITIES,
    cross_entropy,
    cuts_to,
    hidden_sums,
)


@pytest.mark.parametrize(
    ("printed", "value", "holds"),
    [
        ("0.68", Fraction(689, 1000), True),
        ("0.68", Fraction(68, 100), True),
        ("0.68", Fraction(69, 100), False),
        ("0.68", Fraction(679999, 1000000), False),
        ("0.8", Fraction(899, 1000), True),
    ],
)
def test_digits_that_are_cut_off(printed: str, value: Fraction, holds: bool):
    assert cuts_to(printed, value).holds is holds


@pytest.mark.parametrize(
    "wrong",
    [
        lambda g, y: (y - g) / (g * (1 - g)),
        lambda g, y: (g - y) / g,
        lambda g, y: (g - y) / (g * (1 - g)) * (1 + 1e-9),
        lambda g, y: (g - y) / (g * (1 - g)) / np.log(10.0),
    ],
)
def test_a_wrong_derivative_at_chosen_points_is_refuted(wrong):
    def right(dy, g, y):
        return dy * (g - y) / (g * (1 - g))

    assert derivative_at(cross_entropy, right, PROBABILITIES, by="g").holds
    assert derivative_at(cross_entropy, lambda dy, g, y: dy * wrong(g, y), PROBABILITIES, by="g").holds is False


def test_the_sums_of_the_example_are_those_printed():
    assert hidden_sums() == tuple(Fraction(n, 10) for n in (8, 6, 11, 14))
