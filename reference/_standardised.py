"""What layer, group and instance normalisation share: rows brought to mean 0 and variance 1, and channels' checks."""

import numpy as np

from ._checks import check_shape


def standardise(x, epsilon):
    """Rows x (R, B) brought to mean 0 and variance 1, and 1 / sqrt(variance + epsilon) of each, (R, 1).

    In two passes: the variance is that of the deviations, so a large common offset costs no digits of it.
    """
    xhat = x - x.sum(axis=1, keepdims=True) / x.shape[1]
    variance = np.einsum("rb,rb->r", xhat, xhat)[:, None] / x.shape[1]
    inverse = 1 / np.sqrt(variance + epsilon)
    xhat *= inverse
    return xhat, inverse


def standardise_backward(g, xhat, inverse):
    """dx = inverse (g - mean g - xhat mean(g xhat)), by row, from xhat's cotangent g (R, B)."""
    count = xhat.shape[1]
    dx = xhat * (np.einsum("rb,rb->r", g, xhat)[:, None] / count)
    dx += g.sum(axis=1, keepdims=True) / count
    dx -= g
    dx *= -inverse
    return dx


def per_channel(x, values):
    """One value for each channel, (C,), shaped to broadcast over x (N, C, ...)."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


def over_channels(x):
    """Sums of x (N, C, ...) over everything but the channels, (C,)."""
    return x.sum(axis=(0, *range(2, x.ndim)))


def check_channels(x, **of_channels):
    """Raise ValueError unless each of these arrays has one entry for every channel of x (N, C, ...)."""
    for name, values in of_channels.items():
        check_shape(name, values, (x.shape[1],), f"one a channel, since x has shape {x.shape}")
