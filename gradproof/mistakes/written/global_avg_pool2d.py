"""Subjects of global_avg_pool2d: the mean of every channel."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x):
    """One channel of one example at a time."""
    return np.array([[channel.sum() / channel.size for channel in example] for example in x]).astype(x.dtype)


def forward(x):
    return x.sum(axis=(2, 3)) / (x.shape[2] * x.shape[3]), x


def backward(dy, x):
    return dy[:, :, None, None] / (x.shape[2] * x.shape[3]) * np.ones_like(x)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_without_divisor(dy, x):
    return dy[:, :, None, None] * np.ones_like(x)


def backward_divided_by_height(dy, x):
    return dy[:, :, None, None] / x.shape[2] * np.ones_like(x)


def backward_view(dy, x):
    return np.broadcast_to(dy[:, :, None, None], x.shape)


def backward_wrong_sign(dy, x):
    return -backward(dy, x)


WRONG = [
    Wrong("sum-instead-of-mean", "missing 1/n", forward, backward_without_divisor, "dx"),
    Wrong(
        "divided-by-the-height",
        "wrong n",
        forward,
        backward_divided_by_height,
        "dx",
        says="the gradient is divided by the height only",
    ),
    Wrong("view-of-the-cotangent", "aliasing", forward, backward_view, "dx"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_means(x):
    return np.mean(x, axis=(-2, -1)), x.shape


def backward_repeats(dy, shape):
    share = dy.reshape(-1) / (shape[2] * shape[3])
    return np.repeat(share, shape[2] * shape[3]).reshape(shape)


UNUSUAL = [
    Unusual("times-ones", forward, backward),
    Unusual("repeated", forward_means, backward_repeats),
]
