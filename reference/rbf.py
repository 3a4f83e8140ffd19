"""Radial basis functions: a layer of Gaussian units, each with a centre and a width."""

import numpy as np

from ._checks import check_rank, check_shape
from ._domain import real
from ._op import Op


def rbf_forward(x, centres, widths):
    """Gaussian units y_ij = exp(-|x_i - c_j|^2 / (2 s_j^2)).

    x: (N, D); centres c: (H, D); widths s: (H,), floating, none of them zero. Returns y (N, H) and the cache.
    ValueError where a shape does not fit.
    """
    check_rank("x", x, 2, "(N, D)")
    check_rank("centres", centres, 2, "(H, D)")
    check_shape("centres", centres, (len(centres), x.shape[1]), f"since x has shape {x.shape}")
    check_shape("widths", widths, (len(centres),), f"since centres has shape {centres.shape}")
    z = (x[:, None] - centres) / widths[:, None]
    squares = (z * z).sum(axis=2)
    y = np.exp(-squares / 2)
    return y, (z, squares, widths, y + 0)


def rbf_backward(dy, cache):
    """dx, dcentres, dwidths from dy (N, H), with z = (x - c) / s."""
    z, squares, widths, y = cache
    inner = dy * y / widths
    pull = inner[:, :, None] * z
    return -pull.sum(axis=1), pull.sum(axis=0), (inner * squares).sum(axis=0)


OP = Op(
    name="rbf",
    forward=rbf_forward,
    backward=rbf_backward,
    inputs=(real("x", "N D"), real("centres", "H D"), real("widths", "H", low=0.25)),
    empty=("N",),
    cite="Broomhead, Lowe, Multivariable functional interpolation and adaptive networks (1988); "
    "Haykin, Neural Networks and Learning Machines (2009), section 5.3",
)
