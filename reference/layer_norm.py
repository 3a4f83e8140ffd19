"""Layer normalisation: each row of features standardised by itself."""

import numpy as np

from ._checks import check_at_least, check_number, check_shape
from ._domain import real
from ._op import Op
from ._standardised import standardise, standardise_backward


def layer_norm_forward(x, scale, shift, epsilon=1e-5):
    """Layer normalisation y = scale (x - mean) / sqrt(variance + epsilon) + shift over the last axis.

    x: (..., D), floating; scale, shift: (D,). Mean and (biased) variance are those of a row. Returns y, of x's shape,
    and the cache. ValueError where a shape does not fit or epsilon is not a positive number.
    """
    check_number("epsilon", epsilon, above=0)
    check_at_least("x", x, 1, "(..., D)")
    check_shape("scale", scale, x.shape[-1:], f"since x has shape {x.shape}")
    check_shape("shift", shift, x.shape[-1:], f"since x has shape {x.shape}")
    xhat, inverse = standardise(x.reshape(-1, x.shape[-1]), epsilon)
    y = xhat * scale
    y += shift
    return y.reshape(x.shape), (xhat, inverse, scale)


def layer_norm_backward(dy, cache):
    """dx through mean and variance of each row, dscale = sum dy xhat and dshift = sum dy over the rows."""
    xhat, inverse, scale = cache
    rows = dy.reshape(xhat.shape)
    dx = standardise_backward(rows * scale, xhat, inverse)
    dscale = np.einsum("rd,rd->d", rows, xhat)
    dshift = rows.sum(axis=0)
    return dx.reshape(dy.shape), dscale, dshift


OP = Op(
    name="layer_norm",
    forward=layer_norm_forward,
    backward=layer_norm_backward,
    inputs=(real("x", "*S D"), real("scale", "D"), real("shift", "D")),
    options={"epsilon": (1e-5, 1e-3)},
    empty=("S",),
    cite="Ba, Kiros, Hinton, Layer Normalization (2016), eq. 3 and 4",
)
