"""Batch normalisation in training: each channel standardised over the batch, and the running statistics it leaves."""

import math

import numpy as np

from ._checks import check_at_least, check_fraction, check_number, check_option
from ._domain import real
from ._op import Op
from ._standardised import check_channels

CONVENTIONS = ("unbiased", "biased")


def batch_norm_forward(x, scale, shift, running_mean, running_var, epsilon=1e-5, momentum=0.9, running="unbiased"):
    """Batch normalisation y = scale (x - mean) / sqrt(variance + epsilon) + shift, by channel, in training.

    x: (N, C, ...), floating, channels on axis 1: (N, C) of a fully connected layer, (N, C, H, W) of a convolution, the
    spatial form. scale, shift, running_mean, running_var: (C,). Mean and (biased) variance are those of a channel's
    entries, at least two. Returns y, of x's shape, the new running statistics (C,), and the cache.
    momentum: the share of the old running value that stays: new = momentum old + (1 - momentum) batch.
    running: whether the variance that enters the running one divides by the count less one, "unbiased" as in PyTorch,
    or by the count, "biased" as in Keras. ValueError where a shape does not fit or an option is not allowed.
    """
    check_option("running", running, CONVENTIONS)
    check_number("epsilon", epsilon, above=0)
    check_fraction("momentum", momentum)
    check_at_least("x", x, 2, "(N, C, ...)")
    check_channels(x, scale=scale, shift=shift, running_mean=running_mean, running_var=running_var)
    n, channels, *rest = x.shape
    count = n * math.prod(rest)
    if count < 2:
        raise ValueError(f"x has shape {x.shape}; expected at least two entries a channel, which have a variance")
    flat = x.reshape(n, channels, -1)
    mean = flat.sum(axis=(0, 2)) / count
    xhat = flat - mean[:, None]
    variance = np.einsum("ncs,ncs->c", xhat, xhat) / count
    inverse = 1 / np.sqrt(variance + epsilon)
    xhat *= inverse[:, None]
    y = xhat * scale[:, None]
    y += shift[:, None]
    spread = variance * (count / (count - 1)) if running == "unbiased" else variance
    new_mean = momentum * running_mean + (1 - momentum) * mean
    new_var = momentum * running_var + (1 - momentum) * spread
    return y.reshape(x.shape), new_mean, new_var, (xhat, inverse, scale, count)


def batch_norm_backward(dy, cache):
    """dx, dscale, dshift from dy: the gradient flows through mean and variance too.

    dshift = sum dy, dscale = sum dy xhat, dx = scale / sqrt(variance + epsilon) (dy - dshift / n - xhat dscale / n).
    """
    xhat, inverse, scale, count = cache
    flat = dy.reshape(xhat.shape)
    dshift = flat.sum(axis=(0, 2))
    dscale = np.einsum("ncs,ncs->c", flat, xhat)
    dx = xhat * (dscale / count)[:, None]
    dx += (dshift / count)[:, None]
    dx -= flat
    dx *= -(scale * inverse)[:, None]
    return dx.reshape(dy.shape), dscale, dshift


OP = Op(
    name="batch_norm",
    forward=batch_norm_forward,
    backward=batch_norm_backward,
    inputs=(
        real("x", "N C *S"),
        real("scale", "C"),
        real("shift", "C"),
        real("running_mean", "C", differentiable=False),
        real("running_var", "C", low=0.0, differentiable=False),
    ),
    options={"epsilon": (1e-5, 1e-3), "momentum": (0.9, 0.99), "running": CONVENTIONS},
    outputs=("y", "new_mean", "new_var"),
    buffers=("new_mean", "new_var"),
    sizes={"N": (3, 2, 4, 5, 7, 8, 9, 16, 17)},
    cite="Ioffe, Szegedy, Batch Normalization (2015), algorithm 1 and section 3",
)
