"""The hard sigmoid: a straight line from 0 at -3 to 1 at 3."""

import numpy as np

from ._domain import real
from ._op import Op


def hard_sigmoid_forward(x):
    """Hard sigmoid y = min(max(x + 3, 0), 6) / 6, elementwise, any shape."""
    return np.clip(x + 3, 0, 6) / 6, x


def hard_sigmoid_backward(dy, cache):
    """dx = dy / 6 where -3 < x < 3, else 0, at both kinks as well."""
    x = cache
    dx = dy * ((x > -3) & (x < 3)) / 6
    return (dx,)


OP = Op(
    name="hard_sigmoid",
    forward=hard_sigmoid_forward,
    backward=hard_sigmoid_backward,
    inputs=(real("x", "*S", kinks=(-3.0, 3.0)),),
    empty=("S",),
    cite="Howard et al., Searching for MobileNetV3 (2019), section 5.2",
)
