"""Subjects of separable_conv2d: a depthwise convolution and a mixture of its channels."""

import numpy as np

from . import depthwise_conv2d
from ._convolutions import convolved, gradients
from ._records import Unusual, Wrong


def inner_of(x, depthwise, options):
    none = np.zeros(depthwise.shape[0] * depthwise.shape[1], dtype=x.dtype)
    return depthwise_conv2d.textbook(x, depthwise, none, **options)


def textbook(x, depthwise, pointwise, b, **options):
    """Channel by channel, then one output at a time."""
    inner = inner_of(x, depthwise, options)
    return np.stack([(row[:, None, None] * inner).sum(axis=1) + b[o] for o, row in enumerate(pointwise)], axis=1)


def forward(x, depthwise, pointwise, b, **options):
    inner = inner_of(x, depthwise, options)
    y = np.einsum("nihw,oi->nohw", inner, pointwise) + b[:, None, None]
    return y, (x, depthwise, pointwise, inner, options)


def backward(dy, cache):
    x, depthwise, pointwise, inner, options = cache
    dinner = np.einsum("nohw,oi->nihw", dy, pointwise)
    dx, ddepthwise, _ = depthwise_conv2d.backward(dinner, (x, depthwise, options))
    return dx, ddepthwise, np.einsum("nohw,nihw->oi", dy, inner), dy.sum(axis=(0, 2, 3))


# -- wrong -------------------------------------------------------------------------------------------------


def backward_pointwise_of_x(dy, cache):
    dx, ddepthwise, dpointwise, db = backward(dy, cache)
    return dx, ddepthwise, np.roll(dpointwise, 1, axis=1), db


def backward_ignores_pointwise(dy, cache):
    x, depthwise, pointwise, _, options = cache
    dinner = np.repeat(dy.sum(axis=1, keepdims=True), pointwise.shape[1], axis=1)
    return *depthwise_conv2d.backward(dinner, (x, depthwise, options))[:2], *backward(dy, cache)[2:]


def backward_means(dy, cache):
    return tuple(g / max(len(dy), 1) for g in backward(dy, cache))


def backward_db_wrong_sign(dy, cache):
    dx, ddepthwise, dpointwise, db = backward(dy, cache)
    return dx, ddepthwise, dpointwise, -db


WRONG = [
    Wrong(
        "dpointwise-one-channel-on",
        "off by one",
        forward,
        backward_pointwise_of_x,
        "dpointwise",
        says="dpointwise takes the channel after",
    ),
    Wrong(
        "pointwise-not-passed",
        "dropped term",
        forward,
        backward_ignores_pointwise,
        "dx ddepthwise",
        says="the gradient does not pass through the pointwise weights",
    ),
    Wrong(
        "divided-by-the-batch",
        "wrong n",
        forward,
        backward_means,
        "dx ddepthwise dpointwise db",
        says="the gradients are divided by the size of the batch",
    ),
    Wrong("db-wrong-sign", "wrong sign", forward, backward_db_wrong_sign, "db"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def merged(depthwise, pointwise):
    """The kernels of the one ordinary convolution that it is: (O, C, K, L)."""
    channels, multiplier = depthwise.shape[:2]
    return np.einsum("cmkl,ocm->ockl", depthwise, pointwise.reshape(len(pointwise), channels, multiplier))


def forward_merged(x, depthwise, pointwise, b, **options):
    return convolved(x, merged(depthwise, pointwise), b, **options), (x, depthwise, pointwise, options)


def backward_merged(dy, cache):
    x, depthwise, pointwise, options = cache
    dx, dw, db = gradients(dy, x, merged(depthwise, pointwise), **options)
    mixing = pointwise.reshape(len(pointwise), *depthwise.shape[:2])
    dpointwise = np.einsum("ockl,cmkl->ocm", dw, depthwise).reshape(pointwise.shape)
    return dx, np.einsum("ockl,ocm->cmkl", dw, mixing), dpointwise, db


UNUSUAL = [
    Unusual("einsum-over-the-channels", forward, backward),
    Unusual(
        "merged-into-one-convolution",
        forward_merged,
        backward_merged,
        cases=20,
        seed=9,
        loses="each product of the two kernels is rounded before the channels cancel",
    ),
]
