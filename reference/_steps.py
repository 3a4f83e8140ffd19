"""What the steps of the optimisers share: checks of their arrays and numbers, and the bias correction."""

import math
from numbers import Real

from ._checks import check_number, check_shape


def check_arrays(p, **others):
    """Raise ValueError unless the gradient and every state have the shape of the parameters `p`."""
    for name, x in others.items():
        check_shape(name, x, p.shape, "the shape of p")


def check_rates(**numbers):
    """Raise ValueError unless every number is finite and at least 0."""
    for name, value in numbers.items():
        check_number(name, value)
        if value < 0:
            raise ValueError(f"{name}={value!r} is not allowed; expected a finite number from 0")


def check_fractions(**numbers):
    """Raise ValueError unless every number is at least 0 and below 1."""
    for name, value in numbers.items():
        if not (isinstance(value, Real) and 0 <= value < 1):
            raise ValueError(f"{name}={value!r} is not allowed; expected a number from 0 to below 1")


def check_count(name, value, least=1):
    """Raise ValueError unless `value` is a whole number from `least`."""
    if not (isinstance(value, Real) and value == int(value) and value >= least):
        raise ValueError(f"{name}={value!r} is not allowed; expected a whole number from {least}")


def bias_correction(beta, step):
    """1 - beta^step, as a Python float.

    Not by subtraction: 0.999^3 is so near to 1 that a float32 would keep four digits of the difference.
    """
    return -math.expm1(step * math.log1p(-(1 - beta))) if beta else 1.0
