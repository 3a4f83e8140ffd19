"""Zeros around an image."""

import numpy as np

from ._checks import check_rank
from ._domain import real
from ._op import Op
from ._windows import check_whole, crop


def zero_pad2d_forward(x, top=1, bottom=1, left=1, right=1):
    """Zeros around an image: so many rows above and below, so many columns on the left and on the right.

    x: (N, C, H, W), floating. Returns y (N, C, top + H + bottom, left + W + right) and the cache. ValueError where x
    has not four axes, and for a number of rows or columns below 0.
    """
    for name, value in (("top", top), ("bottom", bottom), ("left", left), ("right", right)):
        check_whole(name, value, 0)
    check_rank("x", x, 4, "(N, C, H, W)")
    around = [(top, bottom), (left, right)]
    return np.pad(x, [(0, 0), (0, 0), *around]), around


def zero_pad2d_backward(dy, cache):
    """dx (N, C, H, W): dy without its margins."""
    return (crop(dy, cache).copy(),)


OP = Op(
    name="zero_pad2d",
    forward=zero_pad2d_forward,
    backward=zero_pad2d_backward,
    inputs=(real("x", "N C H W"),),
    options={"top": (1, 0), "bottom": (1, 2), "left": (1, 0), "right": (1, 3)},
    empty=("N",),
    cite="CS231n, Convolutional Networks, 'Use of zero-padding'",
)
