"""Subjects of zero_pad2d: zeros around an image."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, top=1, bottom=1, left=1, right=1):
    """Row by row of zeros."""
    n, c, h, w = x.shape
    y = np.zeros((n, c, top + h + bottom, left + w + right), dtype=x.dtype)
    for p in range(h):
        y[:, :, top + p, left : left + w] = x[:, :, p]
    return y


def forward(x, **sides):
    return textbook(x, **sides), (x.shape, sides)


def backward(dy, cache):
    (_, _, h, w), sides = cache
    return dy[:, :, sides["top"] : sides["top"] + h, sides["left"] : sides["left"] + w].copy()


# -- wrong -------------------------------------------------------------------------------------------------


def backward_from_the_corner(dy, cache):
    (_, _, h, w), _ = cache
    return dy[:, :, :h, :w].copy()


def backward_from_the_end(dy, cache):
    (_, _, h, w), _ = cache
    return dy[:, :, dy.shape[2] - h :, dy.shape[3] - w :].copy()


def backward_view(dy, cache):
    (_, _, h, w), sides = cache
    return dy[:, :, sides["top"] : sides["top"] + h, sides["left"] : sides["left"] + w]


def forward_edges(x, top, bottom, left, right):
    return np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)], mode="edge"), (x.shape, {"top": top, "left": left})


WRONG = [
    Wrong(
        "margins-after-only",
        "off by one",
        forward,
        backward_from_the_corner,
        "dx",
        says="the backward takes off the margins at the end only",
    ),
    Wrong(
        "margins-before-only",
        "wrong side",
        forward,
        backward_from_the_end,
        "dx",
        says="the backward takes off the margins at the start only",
    ),
    Wrong("view-of-the-cotangent", "aliasing", forward, backward_view, "dx"),
    Wrong("edges-repeated", "wrong forward", forward_edges, backward, "y", says="the edges are repeated, not zeros"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_stacked(x, top, bottom, left, right):
    n, c, _, w = x.shape
    rows = [np.zeros((n, c, k, w), dtype=x.dtype) for k in (top, bottom)]
    tall = np.concatenate([rows[0], x, rows[1]], axis=2)
    sides = [np.zeros((*tall.shape[:3], k), dtype=x.dtype) for k in (left, right)]
    return np.concatenate([sides[0], tall, sides[1]], axis=3), (top, bottom, left, right)


def backward_deletes(dy, cache):
    top, bottom, left, right = cache
    rows, columns = dy.shape[2:]
    tall = np.delete(dy, [*range(top), *range(rows - bottom, rows)], axis=2)
    return np.delete(tall, [*range(left), *range(columns - right, columns)], axis=3)


UNUSUAL = [
    Unusual("row-by-row", forward, backward),
    Unusual("stacked-and-deleted", forward_stacked, backward_deletes),
]
