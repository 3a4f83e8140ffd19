"""Subjects of depthwise_conv2d: every channel has kernels of its own."""

import numpy as np

from ._convolutions import convolved, gradients
from ._records import Unusual, Wrong


def textbook(x, w, b, **options):
    """One channel and one of its kernels at a time."""
    channels, multiplier = w.shape[:2]
    parts = []
    for c in range(channels):
        for m in range(multiplier):
            at = c * multiplier + m
            parts.append(convolved(x[:, c : c + 1], w[c : c + 1, m : m + 1], b[at : at + 1], **options))
    return np.concatenate(parts, axis=1)


def forward(x, w, b, **options):
    return textbook(x, w, b, **options), (x, w, options)


def backward(dy, cache):
    x, w, options = cache
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for c in range(w.shape[0]):
        for m in range(w.shape[1]):
            one = dy[:, c * w.shape[1] + m][:, None]
            part = gradients(one, x[:, c : c + 1], w[c : c + 1, m : m + 1], **options)
            dx[:, c : c + 1] += part[0]
            dw[c, m] = part[1][0, 0]
    return dx, dw, dy.sum(axis=(0, 2, 3))


# -- wrong -------------------------------------------------------------------------------------------------


def forward_channels_interleaved(x, w, b, **options):
    y = textbook(x, w, b, **options)
    n, _, rows, columns = y.shape
    turned = y.reshape(n, *w.shape[:2], rows, columns).swapaxes(1, 2)
    return turned.reshape(y.shape), (x, w, options)


def backward_channels_interleaved(dy, cache):
    _, w, _ = cache
    turned = dy.reshape(len(dy), w.shape[1], w.shape[0], *dy.shape[2:]).swapaxes(1, 2)
    dx, dw, _ = backward(turned.reshape(dy.shape), cache)
    return dx, dw, dy.reshape(len(dy), w.shape[1], w.shape[0], -1).sum(axis=(0, 3)).T.ravel()


def backward_first_kernel_only(dy, cache):
    x, w, options = cache
    _, dw, db = backward(dy, cache)
    dx = [gradients(dy[:, c * w.shape[1]][:, None], x[:, c : c + 1], w[c : c + 1, :1], **options)[0]
          for c in range(len(w))]  # fmt: skip
    return np.concatenate(dx, axis=1), dw, db


def backward_dw_of_one_example(dy, cache):
    x, w, options = cache
    dx, _, db = backward(dy, cache)
    return dx, backward(dy[:1], (x[:1], w, options))[1], db


def backward_db_wrong_sign(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw, -db


WRONG = [
    Wrong(
        "kernels-outermost",
        "swapped",
        forward_channels_interleaved,
        backward_channels_interleaved,
        "y dx dw db",
        says="the output channels are ordered with the kernels outermost",
    ),
    Wrong(
        "dx-of-the-first-kernels",
        "dropped term",
        forward,
        backward_first_kernel_only,
        "dx",
        says="dx takes each channel's first kernel only",
    ),
    Wrong(
        "dw-of-one-example",
        "one row only",
        forward,
        backward_dw_of_one_example,
        "dw",
        says="dw is that of one example only",
    ),
    Wrong("db-wrong-sign", "wrong sign", forward, backward_db_wrong_sign, "db"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def as_full_kernels(w):
    """Zeros where a kernel does not look: (C M, C, K, L)."""
    channels = len(w)
    return np.concatenate([np.eye(channels, dtype=w.dtype)[c][None, :, None, None] * w[c][:, None]
                           for c in range(channels)])  # fmt: skip


def forward_full(x, w, b, **options):
    return convolved(x, as_full_kernels(w), b, **options), (x, w, options)


def backward_full(dy, cache):
    x, w, options = cache
    dx, full, db = gradients(dy, x, as_full_kernels(w), **options)
    m = w.shape[1]
    return dx, np.stack([full[c * m : (c + 1) * m, c] for c in range(len(w))]), db


UNUSUAL = [
    Unusual("channel-by-channel", forward, backward),
    Unusual("kernels-filled-with-zeros", forward_full, backward_full),
]
