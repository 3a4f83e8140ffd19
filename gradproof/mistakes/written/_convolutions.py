"""Convolutions by loops over every window, in two dimensions: what the subjects of all convolutions are made of."""

import numpy as np


def margins(sizes, kernel, stride, padding, dilation=1):
    """Zeros before and after the rows, and before and after the columns."""
    around = []
    for n, k in zip(sizes, kernel, strict=True):
        reach = dilation * (k - 1) + 1
        total = max((int(np.ceil(n / stride)) - 1) * stride + reach - n, 0)
        around.append({"valid": (0, 0), "same": (total // 2, total - total // 2)}.get(padding, (padding, padding)))
    return around


def padded(x, around, value=0.0):
    """x in the middle of an array full of `value`."""
    (top, bottom), (left, right) = around
    n, c, h, w = x.shape
    whole = np.full((n, c, top + h + bottom, left + w + right), value, dtype=x.dtype)
    whole[:, :, top : top + h, left : left + w] = x
    return whole


def places(sizes, kernel, stride, dilation=1):
    """Each window as (p, q, its slice of rows, its slice of columns)."""
    reach = [dilation * (k - 1) + 1 for k in kernel]
    for p in range((sizes[0] - reach[0]) // stride + 1):
        for q in range((sizes[1] - reach[1]) // stride + 1):
            rows = slice(p * stride, p * stride + reach[0], dilation)
            yield p, q, rows, slice(q * stride, q * stride + reach[1], dilation)


def convolved(x, w, b, stride=1, padding="valid", dilation=1, groups=1):
    """One window and one kernel at a time."""
    image = padded(x, margins(x.shape[2:], w.shape[2:], stride, padding, dilation))
    windows = list(places(image.shape[2:], w.shape[2:], stride, dilation))
    y = np.zeros((len(x), len(w), windows[-1][0] + 1, windows[-1][1] + 1), dtype=x.dtype)
    outputs, channels = len(w) // groups, w.shape[1]
    for p, q, rows, columns in windows:
        for o in range(len(w)):
            first = o // outputs * channels
            y[:, o, p, q] = (image[:, first : first + channels, rows, columns] * w[o]).sum(axis=(1, 2, 3)) + b[o]
    return y


def gradients(dy, x, w, stride=1, padding="valid", dilation=1, groups=1):
    """dx, dw, db: one window and one kernel at a time."""
    around = margins(x.shape[2:], w.shape[2:], stride, padding, dilation)
    image = padded(x, around)
    dimage, dw = np.zeros_like(image), np.zeros_like(w)
    outputs, channels = len(w) // groups, w.shape[1]
    for p, q, rows, columns in places(image.shape[2:], w.shape[2:], stride, dilation):
        for o in range(len(w)):
            part = (slice(None), slice(o // outputs * channels, (o // outputs + 1) * channels), rows, columns)
            dimage[part] += dy[:, o, p, q][:, None, None, None] * w[o]
            dw[o] += (dy[:, o, p, q][:, None, None, None] * image[part]).sum(axis=0)
    (top, _), (left, _) = around
    dx = dimage[:, :, top : top + x.shape[2], left : left + x.shape[3]].copy()
    return dx, dw, dy.sum(axis=(0, 2, 3))
