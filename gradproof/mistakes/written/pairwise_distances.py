"""Subjects of pairwise_distances."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(a, b, kind):
    y = np.empty((len(a), len(b)))
    for i, row in enumerate(a):
        for j, other in enumerate(b):
            y[i, j] = sum((p - q) ** 2 for p, q in zip(row, other, strict=True))
    return y if kind == "squared" else np.sqrt(y)


def forward(a, b):
    apart = a[:, None] - b
    return (apart**2).sum(axis=2), apart


def backward(dy, apart):
    up = 2 * dy[:, :, None] * apart
    return up.sum(axis=1), -up.sum(axis=0)


def forward_expanded(a, b):
    return (a * a).sum(axis=1)[:, None] - 2 * a @ b.T + (b * b).sum(axis=1), a[:, None] - b


def backward_same_sign(dy, apart):
    up = 2 * dy[:, :, None] * apart
    return up.sum(axis=1), up.sum(axis=0)


def backward_two_forgotten(dy, apart):
    up = dy[:, :, None] * apart
    return up.sum(axis=1), -up.sum(axis=0)


def backward_first_row(dy, apart):
    up = 2 * dy[:, :, None] * apart
    return up.sum(axis=1), -up[0] if len(up) else 0 * apart.sum(axis=0)


def forward_manhattan(a, b):
    apart = a[:, None] - b
    return np.abs(apart).sum(axis=2), apart


SQUARED = {"kind": "squared"}
WRONG = [
    Wrong(
        "both-with-one-sign",
        "wrong sign",
        forward,
        backward_same_sign,
        "db",
        options=SQUARED,
        says="da and db have the same sign; the second's minus is missing",
    ),
    Wrong("two-forgotten", "dropped term", forward, backward_two_forgotten, "da db", options=SQUARED),
    Wrong(
        "first-row-only",
        "one row only",
        forward,
        backward_first_row,
        "db",
        options=SQUARED,
        says="db collects the first row of a only",
    ),
    Wrong(
        "expanded-square",
        "unstable",
        forward_expanded,
        backward,
        "y",
        options=SQUARED,
        cases=40,
        status="inaccurate",
        says="|a|^2 - 2 a b + |b|^2 loses its digits where a and b are close",
    ),
    Wrong("sum-of-sizes", "wrong forward", forward_manhattan, backward, "y", options=SQUARED),
]


def backward_einsum(dy, apart):
    return 2 * np.einsum("nm,nmd->nd", dy, apart), -2 * np.einsum("nm,nmd->md", dy, apart)


def forward_by_rows(a, b):
    apart = np.stack([row - b for row in a]) if len(a) else a[:, None] - b
    return np.einsum("nmd,nmd->nm", apart, apart), apart


UNUSUAL = [
    Unusual("einsum", forward, backward_einsum, options=SQUARED),
    Unusual("a-row-at-a-time", forward_by_rows, backward, options=SQUARED),
]
