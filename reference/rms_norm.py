"""Root mean square normalisation: each row of features divided by its root mean square, its mean left alone."""

import numpy as np

from ._checks import check_at_least, check_number, check_shape
from ._domain import real
from ._op import Op


def rms_norm_forward(x, scale, epsilon=1e-6):
    """RMS normalisation y = scale x / sqrt(mean(x^2) + epsilon) over the last axis.

    x: (..., D), floating; scale: (D,). Returns y, of x's shape, and the cache.
    ValueError where a shape does not fit or epsilon is not a positive number.
    """
    check_number("epsilon", epsilon, above=0)
    check_at_least("x", x, 1, "(..., D)")
    check_shape("scale", scale, x.shape[-1:], f"since x has shape {x.shape}")
    rows = x.reshape(-1, x.shape[-1])
    square = np.einsum("rd,rd->r", rows, rows)[:, None] / rows.shape[1]
    inverse = 1 / np.sqrt(square + epsilon)
    unit = rows * inverse
    return (unit * scale).reshape(x.shape), (unit, inverse, scale)


def rms_norm_backward(dy, cache):
    """With r = 1 / sqrt(mean(x^2) + epsilon) and g = dy scale: dx = r (g - r x mean(g r x)), dscale = sum dy r x."""
    unit, inverse, scale = cache
    rows = dy.reshape(unit.shape)
    g = rows * scale
    dx = inverse * (g - unit * (np.einsum("rd,rd->r", g, unit)[:, None] / unit.shape[1]))
    dscale = np.einsum("rd,rd->d", rows, unit)
    return dx.reshape(dy.shape), dscale


OP = Op(
    name="rms_norm",
    forward=rms_norm_forward,
    backward=rms_norm_backward,
    inputs=(real("x", "*S D"), real("scale", "D")),
    options={"epsilon": (1e-6, 1e-3)},
    empty=("S",),
    cite="Zhang, Sennrich, Root Mean Square Layer Normalization (2019), eq. 4",
)
