"""Subjects of weight_norm."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(v, g):
    """One row at a time."""
    return np.array([[g[m] * entry / np.sqrt(sum(e**2 for e in v[m])) for entry in v[m]] for m in range(len(v))])


def forward(v, g, axis=1):
    largest = np.abs(v).max(axis=axis, keepdims=True)
    part = v / largest
    root = np.sqrt((part * part).sum(axis=axis, keepdims=True))
    return part / root * g[:, None], (part / root, largest * root, g)


def gradients(dw, cache, share=1):
    unit, length, g = cache
    dg = (dw * unit).sum(axis=1)
    return g[:, None] / length * (dw - share * dg[:, None] * unit), dg


def backward(dw, cache):
    return gradients(dw, cache)


def forward_of_everything(v, g):
    return forward(v, g, axis=(0, 1))


def forward_squares_plain(v, g):
    length = np.sqrt((v * v).sum(axis=1, keepdims=True))
    return v / length * g[:, None], (v / length, length, g)


def forward_manhattan(v, g):
    length = np.abs(v).sum(axis=1, keepdims=True)
    return v / length * g[:, None], (v / length, length, g)


def backward_length_constant(dw, cache):
    return gradients(dw, cache, 0)


def backward_wrong_sign(dw, cache):
    return gradients(dw, cache, -1)


def backward_of_v(dw, cache):
    unit, length, _ = cache
    return backward(dw, cache)[0], (dw * unit * length).sum(axis=1)


WRONG = [
    Wrong(
        "norm-of-everything",
        "wrong axis",
        forward_of_everything,
        backward,
        "w dv dg",
        says="one norm of the whole matrix is taken, not one a row",
    ),
    Wrong("squares-underflow", "unstable", forward_squares_plain, backward, "w", besides="dv dg"),
    Wrong(
        "manhattan-length",
        "wrong forward",
        forward_manhattan,
        backward,
        "w dv dg",
        says="the length is the sum of absolute values",
    ),
    Wrong("length-constant", "dropped term", forward, backward_length_constant, "dv"),
    Wrong(
        "plus-the-projection",
        "wrong sign",
        forward,
        backward_wrong_sign,
        "dv",
        says="the projection is added, not subtracted",
    ),
    Wrong("dg-of-v", "dropped term", forward, backward_of_v, "dg", says="dg takes v, not its unit vector"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_rows(v, g):
    units, sizes = [], []
    for row in v:
        part = row / np.abs(row).max()
        units.append(part / np.sqrt(part @ part))
        sizes.append(np.abs(row).max() * np.sqrt(part @ part))
    unit = np.stack(units)
    return g[:, None] * unit, (unit, np.stack(sizes)[:, None], g)


def backward_jacobians(dw, cache):
    unit, length, g = cache
    project = np.eye(unit.shape[1], dtype=dw.dtype) - unit[:, :, None] * unit[:, None, :]
    return np.einsum("md,mde->me", dw, project) * (g[:, None] / length), np.einsum("md,md->m", dw, unit)


UNUSUAL = [
    Unusual("row-by-row", forward_rows, backward),
    Unusual("projection-matrices", forward, backward_jacobians),
]
