"""Two-dimensional average pooling: the mean of each window."""

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._pooling import average_pool, average_pool_gradient, check_pooling
from ._windows import PADDINGS


def avg_pool2d_forward(x, size=2, stride=2, padding="valid", count_padding=False):
    """Two-dimensional average pooling: the mean of each window of size x size, in every channel.

    x: (N, C, H, W), floating. padding: "valid" for none, "same" for ceil(H / stride) rows of windows, the odd row or
    column of zeros below and on the right, or a number of zeros on every side, at most half of size. count_padding:
    whether those zeros count as entries of the mean (PyTorch's default) or not (Keras). Rows and columns at the end
    that fill no window are left out. Returns y (N, C, P, Q) and the cache. ValueError where x has not four axes or is
    smaller than a window, and for an option out of range.
    """
    check_option("count_padding", count_padding, (False, True))
    check_pooling(x, size, stride, padding, rank=4)
    return average_pool(x, size, stride, padding, count_padding)


def avg_pool2d_backward(dy, cache):
    """dx (N, C, H, W) from dy (N, C, P, Q): every entry that a mean counts gets an equal share."""
    return (average_pool_gradient(dy, cache),)


OP = Op(
    name="avg_pool2d",
    forward=avg_pool2d_forward,
    backward=avg_pool2d_backward,
    inputs=(real("x", "N C H W"),),
    options={"size": (2, 3), "stride": (2, 1, 3), "padding": PADDINGS, "count_padding": (False, True)},
    sizes={"H": (5, 4, 6, 7), "W": (4, 6, 5, 7)},
    empty=("N",),
    cite="LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition (1998), section "
    "II.B; CS231n, Convolutional Networks, 'Pooling Layer'",
)
