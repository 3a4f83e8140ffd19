"""Lengths of vectors, without the overflow and underflow of their squares."""

import numpy as np

# Nothing but zero is smaller. A comparison with zero itself would ask an exact number at zero where it is heading.
LEAST = 2.0**-1074


def lengths(x, axis):
    """The 2-norms of x along an axis, which stays with size one, and x divided by them: 0 where all of it is 0.

    x is first divided by its largest magnitude: squares of 1e-30 would vanish in float32, of 1e30 overflow.
    """
    magnitude = np.abs(x)
    largest = magnitude.max(axis=axis, keepdims=True)
    zero = largest <= LEAST
    part = x / (largest + zero)
    root = np.sqrt((part * part).sum(axis=axis, keepdims=True) + zero)
    # Where all is zero, the sum of the magnitudes has the norm's slopes along each axis, and is no 0 / 0.
    return np.where(zero, magnitude.sum(axis=axis, keepdims=True), largest * root), part / root
