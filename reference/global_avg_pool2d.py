"""Global average pooling: one number for a channel, its mean."""

import numpy as np

from ._domain import real
from ._op import Op
from ._pooling import check_image


def global_avg_pool2d_forward(x):
    """Global average pooling: the mean of every channel.

    x: (N, C, H, W), floating. Returns y (N, C) and the cache. ValueError where x has not four axes or no entry in a
    channel.
    """
    check_image(x)
    return x.sum(axis=(2, 3)) / (x.shape[2] * x.shape[3]), x.shape


def global_avg_pool2d_backward(dy, cache):
    """dx (N, C, H, W) from dy (N, C): every entry of a channel gets an equal share."""
    height, width = cache[2:]
    share = dy / (height * width)
    return (np.broadcast_to(share[:, :, None, None], cache).copy(),)


OP = Op(
    name="global_avg_pool2d",
    forward=global_avg_pool2d_forward,
    backward=global_avg_pool2d_backward,
    inputs=(real("x", "N C H W"),),
    empty=("N",),
    cite="Lin, Chen, Yan, Network in network (2014), section 3.2",
)
