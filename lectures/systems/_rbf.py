"""The radial basis function network: Gaussian units whose centres and widths are learned, a linear output."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

NAMES = ("centres", "widths", "w", "b")


def rbf_forward(x, centres, widths, w, b):
    """y = Phi w + b with Phi_ij = exp(-|x_i - c_j|^2 / (2 s_j^2)).

    x: (N, D); centres: (H, D); widths: (H,), s_j, none of them zero, either sign means the same; w: (H, C); b: (C,).
    """
    apart = x[:, None, :] - centres
    squares = (apart**2).sum(axis=2)
    phi = np.exp(-squares / (2 * widths**2))
    y, at_affine = affine_forward(phi, w, b)
    return y, (apart, squares, widths, phi, at_affine)


def rbf_backward(dy, cache):
    """dx, dcentres, dwidths, dw, db."""
    apart, squares, widths, phi, at_affine = cache
    dphi, dw, db = affine_backward(dy, at_affine)
    inner = dphi * phi  # at the exponent
    pull = (inner / widths**2)[:, :, None] * apart
    dwidths = (inner * squares).sum(axis=0) / widths**3
    return -pull.sum(axis=1), pull.sum(axis=0), dwidths, dw, db


def rbf_regression_forward(x, centres, widths, w, b, target):
    """1/2 the mean of (y - target)^2; target: (N, C)."""
    y, at_rbf = rbf_forward(x, centres, widths, w, b)
    loss, at_loss = squared_error_forward(y, target, scale="half", reduction="mean")
    return loss, (at_rbf, at_loss)


def rbf_regression_backward(dloss, cache):
    """dx, dcentres, dwidths, dw, db."""
    at_rbf, at_loss = cache
    (dy,) = squared_error_backward(dloss, at_loss)
    return rbf_backward(dy, at_rbf)


def regression(p, x, target):
    """Loss and gradients of the parameters, as `training.fit` takes them."""
    loss, cache = rbf_regression_forward(x, *(p[n] for n in NAMES), target)
    return loss, dict(zip(NAMES, rbf_regression_backward(1.0, cache)[1:], strict=True))


def held(network):
    """The same network with centres and widths held where they start: only the linear output learns."""

    def linear(p, x, target):
        loss, gradients = network(p, x, target)
        return loss, {name: gradients[name] for name in ("w", "b")}

    return linear


def outputs(p, x):
    """(N, C) from x (N, D)."""
    return rbf_forward(x, *(p[n] for n in NAMES))[0]


def initial(x, units, rng, width=None):
    """Centres at `units` different rows of x, one width for all, one output that is zero everywhere.

    width: by default the largest distance of two centres over sqrt(2 units) (Haykin, Neural Networks and Learning
    Machines, 2009, section 5.11).
    """
    centres = x[rng.choice(len(x), units, replace=False)]
    if width is None:
        apart = centres[:, None] - centres
        width = np.sqrt((apart**2).sum(axis=2).max() / (2 * units))
    return {"centres": centres, "widths": np.full(units, width), "w": np.zeros((units, 1)), "b": np.zeros(1)}
