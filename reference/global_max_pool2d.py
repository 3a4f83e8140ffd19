"""Global max pooling: one number for a channel, its largest entry."""

import numpy as np

from ._domain import real
from ._op import Op
from ._pooling import check_image


def global_max_pool2d_forward(x):
    """Global max pooling: the largest entry of every channel.

    x: (N, C, H, W), floating. Returns y (N, C) and the cache. ValueError where x has not four axes or no entry in a
    channel.
    """
    check_image(x)
    entries = x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])
    return entries.max(axis=2), (x.shape, entries)


def global_max_pool2d_backward(dy, cache):
    """dx (N, C, H, W) from dy (N, C); of equal entries the first of the channel, row by row, gets all of it."""
    shape, entries = cache
    chosen = np.arange(shape[2] * shape[3]) == entries.argmax(axis=2)[:, :, None]
    return ((dy[:, :, None] * chosen).reshape(shape),)


OP = Op(
    name="global_max_pool2d",
    forward=global_max_pool2d_forward,
    backward=global_max_pool2d_backward,
    inputs=(real("x", "N C H W"),),
    empty=("N",),
    cite="Oquab, Bottou, Laptev, Sivic, Is object localization for free? Weakly-supervised learning with convolutional "
    "neural networks (2015), section 3",
)
