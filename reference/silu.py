"""SiLU, also called swish: each number times its own sigmoid."""

import numpy as np

from ._domain import real
from ._op import Op


def silu_forward(x):
    """Sigmoid linear unit y = x / (1 + exp(-x)), elementwise, any shape; the exponential is always of -|x|."""
    e = np.exp(-np.abs(x))
    return x * np.where(x >= 0, 1, e) / (1 + e), (x, e)


def silu_backward(dy, cache):
    """dx = dy s (1 + x (1 - s)) with s = sigmoid(x); 1 - s is computed as sigmoid(-x), which keeps its digits."""
    x, e = cache
    s = np.where(x >= 0, 1, e) / (1 + e)
    rest = np.where(x >= 0, e, 1) / (1 + e)
    dx = dy * s * (1 + x * rest)
    return (dx,)


OP = Op(
    name="silu",
    forward=silu_forward,
    backward=silu_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="Elfwing, Uchibe, Doya, Sigmoid-weighted linear units for neural network function approximation (2018); "
    "Ramachandran, Zoph, Le, Searching for activation functions (2017)",
)
