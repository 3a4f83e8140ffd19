"""Tanhshrink: what the hyperbolic tangent leaves of a number."""

import numpy as np

from ._domain import real
from ._op import Op


def tanhshrink_forward(x):
    """Tanhshrink y = x - tanh(x), elementwise, any shape.

    Near zero y is x^3 / 3 and the difference keeps few of its digits: none of the usual functions has more of them.
    """
    return x - np.tanh(x), x


def tanhshrink_backward(dy, cache):
    """dx = dy tanh(x)^2: 1 - (1 - tanh(x)^2) without the two subtractions."""
    x = cache
    dx = dy * np.tanh(x) ** 2
    return (dx,)


OP = Op(
    name="tanhshrink",
    forward=tanhshrink_forward,
    backward=tanhshrink_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="PyTorch documentation, torch.nn.Tanhshrink; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3.2, for the derivative of tanh",
)
