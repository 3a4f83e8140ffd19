"""Subjects of avg_pool2d: the mean of each window."""

import numpy as np

from ._poolings import averages, averages_gradient
from ._records import Unusual, Wrong

textbook = averages


def forward(x, **options):
    return averages(x, **options), (x, options)


def backward(dy, cache):
    x, options = cache
    return averages_gradient(dy, x, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_without_divisor(dy, cache):
    x, options = cache
    return averages_gradient(dy, x, **options) * options["size"] ** 2


def backward_wrong_sign(dy, cache):
    return -backward(dy, cache)


def forward_counts_padding(x, size, stride, padding):
    return averages(x, size, stride, padding, count_padding=True), (x, size, stride, padding)


def backward_counts_padding(dy, cache):
    return averages_gradient(dy, *cache, count_padding=True)


def backward_one_row_down(dy, cache):
    return np.roll(backward(dy, cache), 1, axis=2)


SAME = {"size": 3, "stride": 1, "padding": "same", "count_padding": False}
WRONG = [
    Wrong("sum-instead-of-mean", "missing 1/n", forward, backward_without_divisor, "dx"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
    Wrong(
        "padding-counted",
        "wrong option",
        lambda x: forward_counts_padding(x, 3, 1, "same"),
        backward_counts_padding,
        "y dx",
        options=SAME,
        says="the padding counts in the mean, whatever the option says",
    ),
    Wrong(
        "one-row-down", "off by one", forward, backward_one_row_down, "dx", says="the gradient arrives one row too low"
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def matrix(size, stride, n):
    """The mean of every window of a row of n, as a matrix (windows, n)."""
    count = (n - size) // stride + 1
    m = np.zeros((count, n))
    for p in range(count):
        m[p, p * stride : p * stride + size] = 1
    return m


def forward_as_matrices(x):
    rows, columns = (matrix(2, 2, n).astype(x.dtype) for n in x.shape[2:])
    return rows @ x @ columns.T / 4, (rows, columns)


def backward_as_matrices(dy, cache):
    rows, columns = cache
    return rows.T @ (dy / 4) @ columns


PLAIN = {"size": 2, "stride": 2, "padding": "valid", "count_padding": False}
UNUSUAL = [
    Unusual("windows-one-by-one", forward, backward),
    Unusual("as-two-matrices", forward_as_matrices, backward_as_matrices, options=PLAIN),
]
