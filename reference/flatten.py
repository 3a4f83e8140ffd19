"""Flattening: every example of a batch as one row, as a dense layer takes it."""

from math import prod

from ._domain import real
from ._op import Op


def flatten_forward(x):
    """Every example of a batch as one row, its last axis running fastest.

    x: (N, *S), any number of further axes, floating. Returns y (N, product of S) and the cache. ValueError where x is
    a single number.
    """
    if x.ndim == 0:
        raise ValueError(f"x has shape {x.shape}; expected at least 1 axis (N, *S)")
    return x.reshape(len(x), prod(x.shape[1:])).copy(), x.shape


def flatten_backward(dy, cache):
    """dx (N, *S): dy in the shape of x."""
    return (dy.reshape(cache).copy(),)


OP = Op(
    name="flatten",
    forward=flatten_forward,
    backward=flatten_backward,
    inputs=(real("x", "N *S"),),
    empty=("N", "S"),
    cite="Chollet, Deep Learning with Python (2021), section 8.1",
)
