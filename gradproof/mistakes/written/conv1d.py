"""Subjects of conv1d: one-dimensional convolution."""

import numpy as np

from ._records import Unusual, Wrong


def before(size, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    total = max((int(np.ceil(size / stride)) - 1) * stride + reach - size, 0)
    return {"valid": (0, 0), "same": (total // 2, total - total // 2)}.get(padding, (padding, padding))


def padded(x, left, right):
    zeros = [np.zeros((*x.shape[:2], n), dtype=x.dtype) for n in (left, right)]
    return np.concatenate([zeros[0], x, zeros[1]], axis=2)


def taps(row, w, stride, dilation):
    """Each place q with the entries of the row that the kernel meets there."""
    reach = dilation * (w.shape[2] - 1) + 1
    for q in range((row.shape[2] - reach) // stride + 1):
        yield q, slice(q * stride, q * stride + reach, dilation)


def textbook(x, w, b, stride=1, padding="valid", dilation=1, groups=1):
    """One place and one kernel at a time."""
    row = padded(x, *before(x.shape[2], w.shape[2], stride, padding, dilation))
    places = list(taps(row, w, stride, dilation))
    y = np.zeros((len(x), len(w), len(places)), dtype=x.dtype)
    outputs, channels = len(w) // groups, w.shape[1]
    for q, at in places:
        for o in range(len(w)):
            first = o // outputs * channels
            y[:, o, q] = (row[:, first : first + channels, at] * w[o]).sum(axis=(1, 2)) + b[o]
    return y


def forward(x, w, b, **options):
    return textbook(x, w, b, **options), (x, w, options)


def gradients(dy, x, w, stride=1, padding="valid", dilation=1, groups=1):
    left, right = before(x.shape[2], w.shape[2], stride, padding, dilation)
    row = padded(x, left, right)
    drow, dw = np.zeros_like(row), np.zeros_like(w)
    outputs, channels = len(w) // groups, w.shape[1]
    for q, at in taps(row, w, stride, dilation):
        for o in range(len(w)):
            part = (slice(None), slice(o // outputs * channels, (o // outputs + 1) * channels), at)
            drow[part] += dy[:, o, q][:, None, None] * w[o]
            dw[o] += (dy[:, o, q][:, None, None] * row[part]).sum(axis=0)
    return drow[:, :, left : left + x.shape[2]].copy(), dw, dy.sum(axis=(0, 2))


def backward(dy, cache):
    x, w, options = cache
    return gradients(dy, x, w, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_turned_over(dy, cache):
    x, w, options = cache
    dx, dw, db = gradients(dy, x, w, **options)
    return dx, dw[:, :, ::-1].copy(), db


def backward_db_of_one_place(dy, cache):
    dx, dw, _ = backward(dy, cache)
    return dx, dw, dy[:, :, 0].sum(axis=0)


def backward_negative_dx(dy, cache):
    dx, dw, db = backward(dy, cache)
    return -dx, dw, db


def forward_causal(x, w, b):
    reach = w.shape[2] - 1
    row = padded(x, reach, 0)
    return textbook(row, w, b), (row, w, reach)


def backward_causal(dy, cache):
    row, w, reach = cache
    dx, dw, db = gradients(dy, row, w)
    return dx[:, :, reach:].copy(), dw, db


PLAIN = {"stride": 1, "padding": "valid", "dilation": 1, "groups": 1}
SAME = {**PLAIN, "padding": "same"}
WRONG = [
    Wrong(
        "dw-turned-over", "transposed", forward, backward_turned_over, "dw", says="dw is turned over along the kernel"
    ),
    Wrong(
        "db-of-the-first-place",
        "one row only",
        forward,
        backward_db_of_one_place,
        "db",
        says="db is that of the first place only",
    ),
    Wrong("dx-with-the-wrong-sign", "wrong sign", forward, backward_negative_dx, "dx", says="dx has the wrong sign"),
    Wrong(
        "causal-for-same",
        "wrong option",
        forward_causal,
        backward_causal,
        "y dx dw",
        options=SAME,
        says="all of the padding stands before, as in a causal convolution",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def matrix(w, width):
    """The convolution as a dense matrix from (C, W) to (O, Q)."""
    places = width - w.shape[2] + 1
    m = np.zeros((w.shape[1], width, len(w), places), dtype=w.dtype)
    for q in range(places):
        m[:, q : q + w.shape[2], :, q] = w.transpose(1, 2, 0)
    return m


def forward_as_a_matrix(x, w, b):
    m = matrix(w, x.shape[2])
    return np.einsum("ncw,cwoq->noq", x, m) + b[:, None], (x, w, m)


def backward_as_a_matrix(dy, cache):
    x, w, m = cache
    dm = np.einsum("ncw,noq->cwoq", x, dy)
    dw = sum(dm[:, q : q + w.shape[2], :, q] for q in range(dy.shape[2]))
    return np.einsum("noq,cwoq->ncw", dy, m), dw.transpose(2, 0, 1).copy(), dy.sum(axis=2).sum(axis=0)


UNUSUAL = [
    Unusual("places-one-by-one", forward, backward),
    Unusual("as-a-dense-matrix", forward_as_a_matrix, backward_as_a_matrix, options=PLAIN),
]
