"""Windows of images: padding, columns for one matrix product, and their way back. Any number of spatial axes.

Arrays are (N, C, *S): examples, channels, then the spatial axes (NCHW). A kernel of size k at dilation d reaches over
(k - 1) d + 1 entries. No loop is longer than a kernel.
"""

from itertools import product
from math import prod
from numbers import Integral

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

PADDINGS = ("valid", "same", 1)


def check_whole(name, value, least):
    """Raise ValueError unless option `name` is a whole number of at least `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}={value!r} is not allowed; expected a whole number of at least {least}")


def check_padding(padding):
    """Raise ValueError unless `padding` is "valid", "same" or a whole number."""
    if isinstance(padding, str) and padding in ("valid", "same"):
        return
    if not isinstance(padding, Integral) or isinstance(padding, bool) or padding < 0:
        expected = "'valid', 'same' or a whole number of at least 0"
        raise ValueError(f"padding={padding!r} is not allowed; expected {expected}")


def margins(sizes, kernel, stride, padding, dilation=1):
    """Entries to add before and after each spatial axis.

    "valid": none. "same": as many as give ceil(size / stride) windows, the odd one after. A number: that many each.
    """
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    if padding != "same":
        return [(padding, padding)] * len(sizes)
    reach = [(k - 1) * dilation + 1 for k in kernel]
    missing = [max((-(-n // stride) - 1) * stride + r - n, 0) for n, r in zip(sizes, reach, strict=True)]
    return [(m // 2, m - m // 2) for m in missing]


def pad(x, around, value=0):
    """x with `value` around its spatial axes."""
    return np.pad(x, [(0, 0), (0, 0), *around], constant_values=value) if any(map(any, around)) else x


def crop(x, around):
    """What `pad` was given, from what it returned."""
    inside = [slice(before, n - after) for n, (before, after) in zip(x.shape[2:], around, strict=True)]
    index = (..., *inside)
    return x[index]


def check_reach(x, around, kernel, dilation=1):
    """Raise ValueError where a kernel is empty or does not fit into the padded array even once."""
    if min(kernel) < 1:
        raise ValueError(f"w has kernels of shape {tuple(kernel)}; expected at least 1 entry along each axis")
    padded = [n + sum(each) for n, each in zip(x.shape[2:], around, strict=True)]
    reach = [(k - 1) * dilation + 1 for k in kernel]
    if any(n < r for n, r in zip(padded, reach, strict=True)):
        least = ", ".join(str(r - sum(each)) for r, each in zip(reach, around, strict=True))
        raise ValueError(f"x has shape {x.shape}; expected spatial axes of at least ({least}), which the windows need")


def columns(x, kernel, stride, dilation):
    """Every window of x (N, C, *S) at each kernel position: (N, C, *kernel, *windows).

    Axis by axis, the last one first: the copies then run over long pieces of memory.
    """
    for axis in reversed(range(len(kernel))):
        at = x.ndim - len(kernel) + axis
        windows = sliding_window_view(x, (kernel[axis] - 1) * dilation + 1, axis=at)
        x = np.moveaxis(windows[_along(at, slice(None, None, stride))][..., ::dilation], -1, 2).copy()
    return x


def from_columns(columns, sizes, stride, dilation):
    """The transpose of `columns`: every entry of columns (N, C, *kernel, *windows) added where it came from.

    Each position of the kernel has a layer of its own, and the sum over them comes last.
    """
    for axis, size in enumerate(sizes):
        at = columns.ndim - len(sizes) + axis
        shape = (*columns.shape[:2], *columns.shape[3:at], size, *columns.shape[at + 1 :])
        layers = np.zeros((columns.shape[2], *shape), columns.dtype)
        for k, layer in enumerate(layers):
            layer[_along(at - 1, _every(k * dilation, stride, columns.shape[at]))] = columns[:, :, k]
        columns = layers.sum(axis=0)
    return columns


def corners(sizes, kernel, stride):
    """For each position in a window, row by row, the index of that position in all windows: (N, C, *windows)."""
    windows = [(n - k) // stride + 1 for n, k in zip(sizes, kernel, strict=True)]
    for offsets in product(*map(range, kernel)):
        yield (..., *(_every(k, stride, count) for k, count in zip(offsets, windows, strict=True)))


def from_corners(pieces, shape, dtype, kernel, stride):
    """The sum of the pieces, one (N, C, *windows) for each of the `corners`, laid where they came from: `shape`.

    Pieces that cannot meet share a layer; the sum over the layers comes last.
    """
    overlaps = [-(-k // stride) for k in kernel]
    layers = np.zeros((prod(overlaps), *shape), dtype)
    offsets = product(*map(range, kernel))
    for piece, corner, offset in zip(pieces, corners(shape[2:], kernel, stride), offsets, strict=True):
        layer = 0
        for k, count in zip(offset, overlaps, strict=True):
            layer = layer * count + k // stride
        layers[layer][corner] = piece
    return layers[0] if len(layers) == 1 else layers.sum(axis=0)


def _every(first, stride, count):
    return slice(first, first + (count - 1) * stride + 1, stride)


def _along(axis, index):
    return (*[slice(None)] * axis, index)
