"""Subjects of rbf."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, centres, widths):
    y = np.empty((len(x), len(centres)))
    for i, row in enumerate(x):
        for j, (centre, s) in enumerate(zip(centres, widths, strict=True)):
            y[i, j] = math.exp(-sum((p - q) ** 2 for p, q in zip(row, centre, strict=True)) / (2 * s**2))
    return y


def forward(x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    y = np.exp(-(z * z).sum(axis=2) / 2)
    return y, (z, widths, 1 * y)


def gradients(dy, cache, factor=1.0, squares=2):
    z, widths, y = cache
    inner = factor * dy * y / widths
    pull = inner[:, :, None] * z
    return -pull.sum(axis=1), pull.sum(axis=0), (inner * (np.abs(z) ** squares).sum(axis=2)).sum(axis=0)


def backward(dy, cache):
    return gradients(dy, cache)


def forward_without_half(x, centres, widths):
    z = (x[:, None] - centres) / widths[:, None]
    y = np.exp(-(z * z).sum(axis=2))
    return y, (z, widths, 1 * y)


def backward_without_half(dy, cache):
    return gradients(dy, cache, factor=2.0)


def backward_wrong_sign(dy, cache):
    dx, dcentres, dwidths = gradients(dy, cache)
    return -dx, -dcentres, dwidths


def backward_widths_fixed(dy, cache):
    dx, dcentres, dwidths = gradients(dy, cache)
    return dx, dcentres, 0 * dwidths


def backward_of_the_exponent(dy, cache):
    z, widths, y = cache
    return gradients(dy, (z, widths, 0 * y + 1))


EVERY = "dx dcentres dwidths"
WRONG = [
    Wrong(
        "half-forgotten",
        "wrong forward",
        forward_without_half,
        backward_without_half,
        f"y {EVERY}",
        says="the factor 1/2 in the exponent is forgotten",
    ),
    Wrong(
        "away-from-the-centre",
        "wrong sign",
        forward,
        backward_wrong_sign,
        "dx dcentres",
        says="the gradient points away from the centre",
    ),
    Wrong(
        "widths-fixed", "missing gradient", forward, backward_widths_fixed, "dwidths", says="the widths get no gradient"
    ),
    Wrong(
        "exponential-forgotten",
        "dropped term",
        forward,
        backward_of_the_exponent,
        EVERY,
        says="the factor exp(...) is left out",
    ),
]


def forward_by_rows(x, centres, widths):
    z = np.stack([(row - centres) / widths[:, None] for row in x]) if len(x) else x[:, None] - centres
    y = np.exp(-np.einsum("nhd,nhd->nh", z, z) / 2)
    return y, (z, widths, y + 0)


def backward_dict(dy, cache):
    return dict(zip(EVERY.split(), gradients(dy, cache), strict=True))


UNUSUAL = [
    Unusual("a-row-at-a-time", forward_by_rows, backward),
    Unusual("gradients-by-name", forward, backward_dict),
]
