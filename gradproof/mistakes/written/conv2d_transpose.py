"""Subjects of conv2d_transpose: every entry of x lays a kernel onto y."""

import numpy as np

from ._convolutions import margins, padded
from ._records import Unusual, Wrong


def frame(x, w, stride, padding):
    """Rows and columns of y, and the first of them in what all kernels reach."""
    kernel = w.shape[2:]
    scaled = [n * stride for n in x.shape[2:]]
    around = margins(scaled, kernel, stride, padding)
    sizes = scaled if padding == "same" else [
        (n - 1) * stride + k - 2 * p[0] for n, k, p in zip(x.shape[2:], kernel, around, strict=True)
    ]  # fmt: skip
    return sizes, [first for first, _ in around]


def laid(x, w, stride, padding):
    """Rows and columns that all kernels reach, and the part of them that is y."""
    sizes, first = frame(x, w, stride, padding)
    reach = [max((n - 1) * stride + k, f + m)
             for n, k, f, m in zip(x.shape[2:], w.shape[2:], first, sizes, strict=True)]  # fmt: skip
    part = tuple(slice(f, f + m) for f, m in zip(first, sizes, strict=True))
    return reach, (slice(None), slice(None), *part)


def places(x, w, stride):
    for p in range(x.shape[2]):
        for q in range(x.shape[3]):
            rows = slice(p * stride, p * stride + w.shape[2])
            yield p, q, (slice(None), slice(None), rows, slice(q * stride, q * stride + w.shape[3]))


def textbook(x, w, b, stride=1, padding="valid"):
    """One entry of x at a time."""
    reach, part = laid(x, w, stride, padding)
    whole = np.zeros((len(x), w.shape[1], *reach), dtype=x.dtype)
    for p, q, at in places(x, w, stride):
        for c in range(len(w)):
            whole[at] += x[:, c, p, q][:, None, None, None] * w[c]
    return whole[part] + b[:, None, None]


def forward(x, w, b, **options):
    return textbook(x, w, b, **options), (x, w, options)


def gradients(dy, x, w, stride=1, padding="valid"):
    reach, part = laid(x, w, stride, padding)
    whole = np.zeros((len(x), w.shape[1], *reach), dtype=x.dtype)
    whole[part] = dy
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for p, q, at in places(x, w, stride):
        for c in range(len(w)):
            dx[:, c, p, q] = (whole[at] * w[c]).sum(axis=(1, 2, 3))
            dw[c] += (x[:, c, p, q][:, None, None, None] * whole[at]).sum(axis=0)
    return dx, dw, dy.sum(axis=(0, 2, 3))


def backward(dy, cache):
    x, w, options = cache
    return gradients(dy, x, w, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_turned_over(x, w, b, **options):
    return textbook(x, w[:, :, ::-1, ::-1], b, **options), (x, w, options)


def backward_turned_over(dy, cache):
    x, w, options = cache
    dx, dw, db = gradients(dy, x, w[:, :, ::-1, ::-1], **options)
    return dx, dw[:, :, ::-1, ::-1].copy(), db


def backward_dw_rows_for_columns(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw[:, :, ::-1].copy(), db


def backward_db_mean(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw, db / (dy.shape[2] * dy.shape[3])


def backward_dx_first_output(dy, cache):
    x, w, options = cache
    dx = gradients(dy[:, :1], x, w[:, :1], **options)[0]
    return dx, *backward(dy, cache)[1:]


WRONG = [
    Wrong("kernel-turned-over", "wrong forward", forward_turned_over, backward_turned_over, "y dx dw"),
    Wrong("dw-upside-down", "transposed", forward, backward_dw_rows_for_columns, "dw", says="dw is turned upside down"),
    Wrong(
        "db-mean-over-places",
        "wrong n",
        forward,
        backward_db_mean,
        "db",
        says="db is a mean over the places, not a sum",
    ),
    Wrong(
        "dx-of-one-output",
        "dropped term",
        forward,
        backward_dx_first_output,
        "dx",
        says="dx takes one output channel only",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_stretched(x, w, b):
    """The full convolution of x with the kernels turned over, for a stride of one."""
    around = padded(x, [(w.shape[2] - 1,) * 2, (w.shape[3] - 1,) * 2])
    windows = np.lib.stride_tricks.sliding_window_view(around, w.shape[2:], axis=(2, 3))
    return np.einsum("ncpqkl,cokl->nopq", windows, w[:, :, ::-1, ::-1]) + b[:, None, None], (x, w)


def backward_stretched(dy, cache):
    x, w = cache
    windows = np.lib.stride_tricks.sliding_window_view(dy, w.shape[2:], axis=(2, 3))
    dx = np.einsum("nopqkl,cokl->ncpq", windows, w)
    return dx, np.einsum("nopqkl,ncpq->cokl", windows, x), np.einsum("nopq->o", dy)


UNUSUAL = [
    Unusual("entry-by-entry", forward, backward),
    Unusual("full-convolution", forward_stretched, backward_stretched, options={"stride": 1, "padding": "valid"}),
]
