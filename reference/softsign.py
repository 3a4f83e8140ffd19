"""Softsign: a sigmoid that nears its ends as slowly as 1 / x."""

import numpy as np

from ._domain import real
from ._op import Op


def softsign_forward(x):
    """Softsign y = x / (1 + |x|), elementwise, any shape."""
    return x / (1 + np.abs(x)), x


def softsign_backward(dy, cache):
    """dx = dy / (1 + |x|)^2: the absolute value leaves no kink at zero."""
    x = cache
    dx = dy * (1 / (1 + np.abs(x))) ** 2
    return (dx,)


OP = Op(
    name="softsign",
    forward=softsign_forward,
    backward=softsign_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    empty=("S",),
    cite="Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks (2010)",
)
