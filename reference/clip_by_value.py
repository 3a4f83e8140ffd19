"""Gradient clipping by value: no entry larger than a bound."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op


def clip_by_value_forward(g, largest=1.0):
    """Gradient clipping by value: g_new = min(max(g, -largest), largest).

    g: any shape, floating: a gradient. Returns g_new and None; no derivative is asked for.
    ValueError where the bound is not positive.
    """
    check_number("largest", largest, above=0)
    return np.clip(g, -largest, largest), None


OP = Op(
    name="clip_by_value",
    forward=clip_by_value_forward,
    backward=None,
    inputs=(real("g", "*S", differentiable=False),),
    options={"largest": (1.0, 0.1)},
    output="g_new",
    empty=("S",),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.11.1",
)
