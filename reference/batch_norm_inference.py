"""Batch normalisation at inference: an affine map of each channel, fixed by the running statistics."""

import math

import numpy as np

from ._checks import check_at_least, check_number
from ._domain import real
from ._op import Op
from ._standardised import check_channels


def batch_norm_inference_forward(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    """Batch normalisation at inference, y = scale (x - running_mean) / sqrt(running_var + epsilon) + shift.

    x: (N, C, ...), floating, channels on axis 1. scale, shift, running_mean, running_var: (C,), the last at least 0;
    the running statistics are constants here. Returns y, of x's shape, and the cache.
    ValueError where a shape does not fit or epsilon is not a positive number.
    """
    check_number("epsilon", epsilon, above=0)
    check_at_least("x", x, 2, "(N, C, ...)")
    check_channels(x, scale=scale, shift=shift, running_mean=running_mean, running_var=running_var)
    n, channels, *rest = x.shape
    inverse = 1 / np.sqrt(running_var + epsilon)
    xhat = (x.reshape(n, channels, math.prod(rest)) - running_mean[:, None]) * inverse[:, None]
    y = xhat * scale[:, None]
    y += shift[:, None]
    return y.reshape(x.shape), (xhat, inverse, scale)


def batch_norm_inference_backward(dy, cache):
    """dx = dy scale / sqrt(running_var + epsilon), dscale = sum dy xhat, dshift = sum dy."""
    xhat, inverse, scale = cache
    flat = dy.reshape(xhat.shape)
    dx = flat * (scale * inverse)[:, None]
    dscale = (flat * xhat).sum(axis=(0, 2))  # einsum reads beyond an empty operand (numpy issue 4539): NaN by chance
    dshift = flat.sum(axis=(0, 2))
    return dx.reshape(dy.shape), dscale, dshift


OP = Op(
    name="batch_norm_inference",
    forward=batch_norm_inference_forward,
    backward=batch_norm_inference_backward,
    inputs=(
        real("x", "N C *S"),
        real("scale", "C"),
        real("shift", "C"),
        real("running_mean", "C", differentiable=False),
        real("running_var", "C", low=0.0, differentiable=False),
    ),
    options={"epsilon": (1e-5, 1e-3)},
    empty=("N", "S"),
    cite="Ioffe, Szegedy, Batch Normalization (2015), algorithm 2, step 11",
)
