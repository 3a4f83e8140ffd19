"""Subjects of max_pool1d: the largest of neighbours."""

import numpy as np

from ._records import Unusual, Wrong


def framed(x, size, stride, padding):
    """The row with -inf around it, and how many there are before it."""
    total = max((-(-x.shape[2] // stride) - 1) * stride + size - x.shape[2], 0)
    before, after = {"valid": (0, 0), "same": (total // 2, total - total // 2)}.get(padding, (padding, padding))
    ends = [np.full((*x.shape[:2], n), -np.inf, dtype=x.dtype) for n in (before, after)]
    return np.concatenate([ends[0], x, ends[1]], axis=2), before


def textbook(x, size=2, stride=2, padding="valid"):
    """One window at a time."""
    row, _ = framed(x, size, stride, padding)
    return np.stack([row[:, :, q : q + size].max(axis=2) for q in range(0, row.shape[2] - size + 1, stride)], axis=2)


def forward(x, **options):
    return textbook(x, **options), (x, options)


def gradient(dy, x, size, stride, padding, last=False):
    row, before = framed(x, size, stride, padding)
    drow = np.zeros_like(row)
    n, c = np.indices(x.shape[:2])
    for q in range(dy.shape[2]):
        part = row[:, :, q * stride : q * stride + size]
        at = size - 1 - part[:, :, ::-1].argmax(axis=2) if last else part.argmax(axis=2)
        drow[n, c, q * stride + at] += dy[:, :, q]
    return drow[:, :, before : before + x.shape[2]].copy()


def backward(dy, cache):
    x, options = cache
    return gradient(dy, x, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_one_late(dy, cache):
    return np.roll(backward(dy, cache), 1, axis=2)


def backward_wrong_sign(dy, cache):
    return -backward(dy, cache)


def backward_overwrites(dy, cache):
    x, options = cache
    row, before = framed(x, **options)
    drow = np.zeros_like(row)
    n, c = np.indices(x.shape[:2])
    for q in range(dy.shape[2]):
        at = row[:, :, q * options["stride"] : q * options["stride"] + options["size"]].argmax(axis=2)
        drow[n, c, q * options["stride"] + at] = dy[:, :, q]
    return drow[:, :, before : before + x.shape[2]].copy()


def forward_means(x, **options):
    row, _ = framed(x, **options)
    size, stride = options["size"], options["stride"]
    y = np.stack([row[:, :, q : q + size].sum(axis=2) for q in range(0, row.shape[2] - size + 1, stride)], axis=2)
    return y, (x, options)


OVERLAPS = {"size": 3, "stride": 1, "padding": "valid"}
WRONG = [
    Wrong(
        "one-column-late",
        "off by one",
        forward,
        backward_one_late,
        "dx",
        says="the gradient arrives one column too far to the right",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
    Wrong(
        "overlaps-overwritten",
        "dropped term",
        lambda x: forward(x, **OVERLAPS),
        backward_overwrites,
        "dx",
        options=OVERLAPS,
        cases=18,
        says="where windows overlap, the gradient is overwritten, not added up",
    ),
    Wrong("sum-for-maximum", "wrong forward", forward_means, backward, "y", besides="dx", says="the window is summed"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_to_the_last(dy, cache):
    x, options = cache
    return gradient(dy, x, last=True, **options)


UNUSUAL = [
    Unusual("windows-one-by-one", forward, backward),
    Unusual("the-last-of-equals", forward, backward_to_the_last),
]
