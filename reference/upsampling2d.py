"""Upsampling by the nearest entry: every entry becomes a block of equal ones."""

import numpy as np

from ._checks import check_rank
from ._domain import real
from ._op import Op
from ._windows import check_whole


def upsampling2d_forward(x, rows=2, columns=2):
    """Upsampling by the nearest entry: every row is repeated `rows` times, every column `columns` times.

    x: (N, C, H, W), floating. Returns y (N, C, rows H, columns W) and the cache. ValueError where x has not four axes,
    and for a factor that is no whole number of at least 1.
    """
    check_whole("rows", rows, 1)
    check_whole("columns", columns, 1)
    check_rank("x", x, 4, "(N, C, H, W)")
    return np.repeat(np.repeat(x, rows, axis=2), columns, axis=3), (x.shape, rows, columns)


def upsampling2d_backward(dy, cache):
    """dx (N, C, H, W) from dy: the sum of each block."""
    (n, channels, height, width), rows, columns = cache
    return (dy.reshape(n, channels, height, rows, width, columns).sum(axis=(3, 5)),)


OP = Op(
    name="upsampling2d",
    forward=upsampling2d_forward,
    backward=upsampling2d_backward,
    inputs=(real("x", "N C H W"),),
    options={"rows": (2, 1, 3), "columns": (2, 1, 3)},
    empty=("N",),
    cite="Long, Shelhamer, Darrell, Fully convolutional networks for semantic segmentation (2015), section 3.3",
)
