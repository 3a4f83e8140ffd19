"""What NumPy lacks and an operation needs: erfc, and constants that exact numbers hold to all their digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_own_erfc = np.frompyfunc(lambda number: number.erfc(), 1, 1)


def erfc(x: Any) -> Any:
    """Complementary error function 2/sqrt(pi) times the integral of exp(-t^2) from x on, elementwise, any shape.

    Floats go through `math.erfc`, in double precision, and come back in x's dtype; of exact numbers each computes
    its own.
    """
    dtype = np.asarray(x).dtype  # of a single number too, which is no array
    return _own_erfc(x) if dtype.kind == "O" else np.vectorize(math.erfc, otypes=[dtype])(x)


def square_root(value: float, x: Any) -> Any:
    """The root of a constant in the numbers of array `x`: a float that keeps x's dtype, exact among exact numbers."""
    one = _one(x)
    return math.sqrt(value) if one is None else (value * one).sqrt()


def pi(x: Any) -> Any:
    """The circle's constant in the numbers of array `x`: a float that keeps x's dtype, exact among exact numbers."""
    one = _one(x)
    if one is None:
        return math.pi
    nearly = math.pi * one
    for _ in range(NEWTON_STEPS):
        nearly = nearly + nearly.sin()
    return nearly


# x + sin(x) is a step of Newton's method towards pi that triples the digits: 16 become more than 1200.
NEWTON_STEPS = 4


def _one(x: Any) -> Any:
    """One, as the exact numbers in `x` write it; None where x holds floats, or nothing."""
    return np.asarray(x, dtype=object).flat[0] * 0 + 1 if x.dtype == object and x.size else None
