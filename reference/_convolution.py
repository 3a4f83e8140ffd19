"""Convolution as courses use the word (cross-correlation, no kernel is turned over) by one matrix product, and back.

x: (N, C, *S); w: (O, C / groups, *kernel), the layout of PyTorch and CS231n; y: (N, O, *windows).
"""

from math import prod

from ._checks import check_rank, check_shape
from ._windows import check_padding, check_reach, check_whole, columns, crop, from_columns, margins, pad

AXES = {3: ("(N, C, W)", "(O, C / groups, L)"), 4: ("(N, C, H, W)", "(O, C / groups, K, L)")}


def check_convolution(x, w, b, stride, padding, dilation, groups, rank=4):
    """Raise ValueError for options that are not allowed and shapes that do not fit."""
    for name, value in (("stride", stride), ("dilation", dilation), ("groups", groups)):
        check_whole(name, value, 1)
    check_padding(padding)
    check_rank("x", x, rank, AXES[rank][0])
    check_rank("w", w, rank, AXES[rank][1])
    outputs, channels = len(w), x.shape[1]
    if channels % groups or outputs % groups:
        raise ValueError(f"groups={groups} divides not both the {channels} channels of x and the {outputs} of w")
    check_shape("w", w, (outputs, channels // groups, *w.shape[2:]), f"since x has {channels} channels")
    check_shape("b", b, (outputs,), f"since w has shape {w.shape}")


def convolve(x, w, stride=1, padding="valid", dilation=1, groups=1):
    """y (N, O, *windows) without a bias, and the cache."""
    kernel = w.shape[2:]
    around = margins(x.shape[2:], kernel, stride, padding, dilation)
    check_reach(x, around, kernel, dilation)
    padded = pad(x, around)
    parts = columns(padded, kernel, stride, dilation)
    windows = parts.shape[2 + len(kernel) :]
    parts = parts.reshape(len(x), groups, prod(w.shape[1:]), prod(windows))
    y = (_grouped(w, groups) @ parts).reshape(len(x), len(w), *windows)
    return y, (parts, w, padded.shape[2:], around, stride, dilation, groups)


def convolve_gradients(dy, cache):
    """dx and dw from dy (N, O, *windows)."""
    _, w, sizes, around, stride, dilation, groups = cache
    return crop(spread(dy, w, sizes, stride, dilation, groups), around), weight_gradient(dy, cache)


def weight_gradient(dy, cache):
    """dw alone."""
    parts, w, *_, groups = cache
    upstream = dy.reshape(len(dy), groups, len(w) // groups, parts.shape[3])
    return (upstream @ parts.swapaxes(2, 3)).sum(axis=0).reshape(w.shape)


def spread(y, w, sizes, stride=1, dilation=1, groups=1):
    """The transposed convolution: y (N, O, *windows) onto (N, C, *sizes), `sizes` being those of the padded array."""
    windows, kernel = y.shape[2:], w.shape[2:]
    upstream = y.reshape(len(y), groups, len(w) // groups, prod(windows))
    parts = _grouped(w, groups).swapaxes(1, 2) @ upstream
    return from_columns(parts.reshape(len(y), groups * w.shape[1], *kernel, *windows), sizes, stride, dilation)


def add_bias(y, b):
    """y (N, O, *windows) with b (O,) added to each channel."""
    return y + b.reshape(-1, *[1] * (y.ndim - 2))


def bias_gradient(dy):
    """db (O,) from dy (N, O, *windows)."""
    return dy.sum(axis=(0, *range(2, dy.ndim)))


def _grouped(w, groups):
    return w.reshape(groups, len(w) // groups, prod(w.shape[1:]))
