"""Subjects of global_max_pool2d: the largest entry of every channel."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x):
    """One channel of one example at a time."""
    return np.array([[max(channel.ravel().tolist()) for channel in example] for example in x]).astype(x.dtype)


def forward(x):
    return x.max(axis=(2, 3)), x


def backward(dy, x):
    dx = np.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            dx[n, c].flat[x[n, c].argmax()] = dy[n, c]
    return dx


# -- wrong -------------------------------------------------------------------------------------------------


def backward_to_the_smallest(dy, x):
    return backward(dy, -x)


def backward_ones(dy, x):
    return backward(np.ones_like(dy), x)


def backward_wrong_sign(dy, x):
    return -backward(dy, x)


WRONG = [
    Wrong("to-the-smallest", "swapped", forward, backward_to_the_smallest, "dx"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ones, "dx"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_shared_among_ties(dy, x):
    ties = (x == x.max(axis=(2, 3), keepdims=True)).astype(x.dtype)
    return dy[:, :, None, None] * (ties / ties.sum(axis=(2, 3), keepdims=True))


UNUSUAL = [
    Unusual("channel-by-channel", forward, backward),
    Unusual("equals-share", forward, backward_shared_among_ties),
]
