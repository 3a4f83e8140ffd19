"""Subjects of upsampling2d: every entry becomes a block of equal ones."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, rows=2, columns=2):
    """One entry of y at a time."""
    n, c, h, w = x.shape
    y = np.zeros((n, c, rows * h, columns * w), dtype=x.dtype)
    for p in range(rows * h):
        for q in range(columns * w):
            y[:, :, p, q] = x[:, :, p // rows, q // columns]
    return y


def forward(x, rows, columns):
    return textbook(x, rows, columns), (rows, columns)


def backward(dy, cache):
    rows, columns = cache
    n, c, h, w = dy.shape
    return dy.reshape(n, c, h // rows, rows, w // columns, columns).sum(axis=5).sum(axis=3)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_mean(dy, cache):
    return backward(dy, cache) / (cache[0] * cache[1])


def backward_first_of_each_block(dy, cache):
    return dy[:, :, :: cache[0], :: cache[1]].copy()


def forward_tiled(x, rows, columns):
    return np.tile(x, (1, 1, rows, columns)), (rows, columns)


def backward_tiled(dy, cache):
    rows, columns = cache
    n, c, h, w = dy.shape
    return dy.reshape(n, c, rows, h // rows, columns, w // columns).sum(axis=(2, 4))


def backward_wrong_sign(dy, cache):
    return -backward(dy, cache)


BOTH = {"rows": 2, "columns": 3}
WRONG = [
    Wrong(
        "mean-of-each-block", "wrong n", forward, backward_mean, "dx", says="dx is the mean of each block, not its sum"
    ),
    Wrong(
        "first-of-each-block",
        "dropped term",
        forward,
        backward_first_of_each_block,
        "dx",
        says="dx is the first entry of each block only",
    ),
    Wrong(
        "tiled",
        "wrong forward",
        lambda x: forward_tiled(x, 2, 3),
        backward_tiled,
        "y dx",
        options=BOTH,
        says="the image is repeated as a whole, not each pixel",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_product(x, rows, columns):
    up, across = (np.eye(n, dtype=x.dtype).repeat(k, axis=0) for n, k in zip(x.shape[2:], (rows, columns), strict=True))
    return up @ x @ across.T, (up, across)


def backward_product(dy, cache):
    up, across = cache
    return up.T @ dy @ across


UNUSUAL = [
    Unusual("entry-by-entry", forward, backward),
    Unusual("as-two-matrices", forward_product, backward_product),
]
