"""One-dimensional max pooling: the largest entry of each window."""

from ._domain import real
from ._op import Op
from ._pooling import check_pooling, max_pool, max_pool_gradient
from ._windows import PADDINGS


def max_pool1d_forward(x, size=2, stride=2, padding="valid"):
    """One-dimensional max pooling: the largest of `size` neighbours, in every channel.

    x: (N, C, W), floating. padding: "valid" for none, "same" for ceil(W / stride) windows, the odd column of padding on
    the right, or a number for either side, at most half of size. Padding is never the largest. Columns at the end that
    fill no window are left out. Returns y (N, C, Q) and the cache. ValueError where x has not three axes or is smaller
    than a window, and for an option out of range.
    """
    check_pooling(x, size, stride, padding, rank=3)
    return max_pool(x, size, stride, padding)


def max_pool1d_backward(dy, cache):
    """dx (N, C, W) from dy (N, C, Q); of equal entries the first of the window gets all of it."""
    return (max_pool_gradient(dy, cache),)


OP = Op(
    name="max_pool1d",
    forward=max_pool1d_forward,
    backward=max_pool1d_backward,
    inputs=(real("x", "N C W"),),
    options={"size": (2, 3), "stride": (2, 1, 3), "padding": PADDINGS},
    sizes={"W": (7, 6, 5, 8, 9, 16)},
    empty=("N",),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.3",
)
