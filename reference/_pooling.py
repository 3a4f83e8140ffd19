"""Pooling over windows of any number of spatial axes: the largest entry, or the mean. x: (N, C, *S)."""

from itertools import repeat
from math import prod

import numpy as np

from ._checks import check_rank
from ._windows import check_padding, check_reach, check_whole, columns, corners, crop, from_corners, margins, pad


def check_pooling(x, size, stride, padding, rank):
    """Raise ValueError for options that are not allowed and a shape that does not fit."""
    check_whole("size", size, 1)
    check_whole("stride", stride, 1)
    check_padding(padding)
    if padding not in ("valid", "same") and 2 * padding > size:
        raise ValueError(f"padding={padding} is not allowed; expected at most half of size={size}")
    check_rank("x", x, rank, {3: "(N, C, W)", 4: "(N, C, H, W)"}[rank])


def check_image(x):
    """Raise ValueError unless x is (N, C, H, W) with an entry in each channel."""
    check_rank("x", x, 4, "(N, C, H, W)")
    if 0 in x.shape[2:]:
        raise ValueError(f"x has shape {x.shape}; expected at least one row and one column")


def pooled(x, size, stride, padding):
    """Kernel and margins of a pooling."""
    kernel = (size,) * (x.ndim - 2)
    around = margins(x.shape[2:], kernel, stride, padding)
    check_reach(x, around, kernel)
    return kernel, around


def max_pool(x, size, stride, padding):
    """y (N, C, *windows) and the cache; padding never wins."""
    kernel, around = pooled(x, size, stride, padding)
    padded = pad(x, around, -np.inf)
    first, *others = corners(padded.shape[2:], kernel, stride)
    y = padded[first].copy()
    for corner in others:
        y = np.maximum(y, padded[corner])
    return y, (padded, y, around, kernel, stride)


def max_pool_gradient(dy, cache):
    """dx: each dy goes to the first entry of its window, row by row, that is the largest."""
    padded, y, around, kernel, stride = cache
    pieces = (dy * chosen for chosen in _first(padded, y, kernel, stride))
    return crop(from_corners(pieces, padded.shape, dy.dtype, kernel, stride), around)


def _first(padded, y, kernel, stride):
    """For each corner, in which windows it is the first of the largest entries."""
    free = np.ones(y.shape, bool)
    for corner in corners(padded.shape[2:], kernel, stride):
        chosen = free & (padded[corner] == y)
        free ^= chosen
        yield chosen


def average_pool(x, size, stride, padding, count_padding):
    """y (N, C, *windows) and the cache. count_padding: whether the zeros around x count in the divisor."""
    kernel, around = pooled(x, size, stride, padding)
    padded = pad(x, around)
    divisor = prod(kernel)
    if not count_padding and any(map(any, around)):
        divisor = _sums(pad(np.ones_like(x[:1, :1]), around), kernel, stride)
    return _sums(padded, kernel, stride) / divisor, (padded.shape, around, kernel, stride, divisor)


def average_pool_gradient(dy, cache):
    """dx: each dy is shared out equally among the entries that its window counts."""
    shape, around, kernel, stride, divisor = cache
    share = dy / divisor
    return crop(from_corners(repeat(share, prod(kernel)), shape, dy.dtype, kernel, stride), around)


def _sums(x, kernel, stride):
    return columns(x, kernel, stride, 1).sum(axis=tuple(range(2, 2 + len(kernel))))
