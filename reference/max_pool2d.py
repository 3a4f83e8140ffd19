"""Two-dimensional max pooling: the largest entry of each window."""

from ._domain import real
from ._op import Op
from ._pooling import check_pooling, max_pool, max_pool_gradient
from ._windows import PADDINGS


def max_pool2d_forward(x, size=2, stride=2, padding="valid"):
    """Two-dimensional max pooling: the largest entry of each window of size x size, in every channel.

    x: (N, C, H, W), floating. padding: "valid" for none, "same" for ceil(H / stride) rows of windows, the odd row or
    column of padding below and on the right, or a number for every side, at most half of size. Padding is never the
    largest. Rows and columns at the end that fill no window are left out. Returns y (N, C, P, Q) and the cache.
    ValueError where x has not four axes or is smaller than a window, and for an option out of range.
    """
    check_pooling(x, size, stride, padding, rank=4)
    return max_pool(x, size, stride, padding)


def max_pool2d_backward(dy, cache):
    """dx (N, C, H, W) from dy (N, C, P, Q); of equal entries the first of the window, row by row, gets all of it."""
    return (max_pool_gradient(dy, cache),)


OP = Op(
    name="max_pool2d",
    forward=max_pool2d_forward,
    backward=max_pool2d_backward,
    inputs=(real("x", "N C H W"),),
    options={"size": (2, 3), "stride": (2, 1, 3), "padding": PADDINGS},
    sizes={"H": (5, 4, 6, 7), "W": (4, 6, 5, 7)},
    empty=("N",),
    cite="CS231n, Convolutional Networks, 'Pooling Layer'; Goodfellow, Bengio, Courville, Deep Learning (2016), "
    "section 9.3",
)
