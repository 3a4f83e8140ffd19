"""The hard hyperbolic tangent: the identity between -1 and 1, and cut off there."""

import numpy as np

from ._domain import real
from ._op import Op


def hard_tanh_forward(x):
    """Hard hyperbolic tangent y = min(max(x, -1), 1), elementwise, any shape."""
    return np.clip(x, -1, 1), x


def hard_tanh_backward(dy, cache):
    """dx = dy where -1 < x < 1, else 0, at both kinks as well."""
    x = cache
    dx = dy * ((x > -1) & (x < 1))
    return (dx,)


OP = Op(
    name="hard_tanh",
    forward=hard_tanh_forward,
    backward=hard_tanh_backward,
    inputs=(real("x", "*S", kinks=(-1.0, 1.0)),),
    empty=("S",),
    cite="Collobert, Large scale machine learning (2004)",
)
