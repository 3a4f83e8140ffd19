"""Gradient clipping by norm: the direction stays, the length is bounded."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op
from ._steps import check_rates


def clip_by_norm_forward(g, largest=1.0, eps=0.0):
    """Gradient clipping by norm: g_new = g min(1, largest / (|g| + eps)) with |g| the Euclidean norm of all entries.

    g: any shape, floating: a gradient. Returns g_new and None; no derivative is asked for.
    eps: 0 (Keras, TensorFlow) or a small number against division by zero (PyTorch's 1e-6).
    ValueError where the bound is not positive.
    """
    check_number("largest", largest, above=0)
    check_rates(eps=eps)
    return g * largest / clip_divisor(np.sum(g * g), largest, eps), None


def clip_divisor(squares, largest, eps):
    """max(norm + eps, largest) of a sum of squares: what a gradient times `largest` is divided by."""
    return np.maximum(np.sqrt(squares) + eps, largest)


OP = Op(
    name="clip_by_norm",
    forward=clip_by_norm_forward,
    backward=None,
    inputs=(real("g", "*S", differentiable=False),),
    options={"largest": (1.0, 0.1), "eps": (0.0, 1e-6)},
    output="g_new",
    cite="Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks (2013), algorithm 1",
)
