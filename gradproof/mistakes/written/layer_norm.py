"""Subjects of layer_norm."""

import numpy as np

from ._records import Unusual, Wrong
from ._standardising import back, loops, standardised


def textbook(x, scale, shift, epsilon):
    """One row at a time, entry by entry."""
    xhat = np.array(loops(x.reshape(-1, x.shape[-1]).tolist(), epsilon)).reshape(x.shape)
    return xhat * scale + shift


def forward(x, scale, shift, epsilon=1e-5, outside=False, spared=0):
    xhat, deviation = standardised(x, -1, epsilon, outside, spared)
    return xhat * scale + shift, (xhat, deviation, scale)


def rows(x):
    return x.reshape(-1, x.shape[-1])


def gradients(dy, cache, mean=1, variance=1):
    xhat, deviation, scale = cache
    dx = back(dy * scale, xhat, deviation, -1, mean, variance)
    return dx, rows(dy * xhat).sum(axis=0), rows(dy).sum(axis=0)


def backward(dy, cache):
    return gradients(dy, cache)


def forward_of_the_batch(x, scale, shift, epsilon=1e-5):
    xhat, _ = standardised(rows(x), 0, epsilon)
    return xhat.reshape(x.shape) * scale + shift, forward(x, scale, shift, epsilon)[1]


def forward_unbiased(x, scale, shift, epsilon=1e-5):
    return forward(x, scale, shift, epsilon, spared=1)


def forward_epsilon_fixed(x, scale, shift, epsilon=1e-5):
    return forward(x, scale, shift, 1e-5)


def backward_statistics_constant(dy, cache):
    return gradients(dy, cache, 0, 0)


def backward_mean_constant(dy, cache):
    return gradients(dy, cache, 0, 1)


def backward_scale_last(dy, cache):
    xhat, deviation, scale = cache
    return scale * back(dy, xhat, deviation, -1), *backward(dy, cache)[1:]


def backward_first_row(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return dx, dscale, rows(dy)[0] * 1 if dy.size else dshift


WRONG = [
    Wrong("over-the-batch", "wrong axis", forward_of_the_batch, backward, "y"),
    Wrong("unbiased-variance", "off by one", forward_unbiased, backward, "y dx dscale"),
    Wrong("epsilon-fixed", "wrong option", forward_epsilon_fixed, backward, "y dx dscale", options={"epsilon": 1e-3}),
    Wrong("statistics-constant", "dropped term", forward, backward_statistics_constant, "dx"),
    Wrong(
        "mean-constant", "dropped term", forward, backward_mean_constant, "dx", says="the mean is treated as a constant"
    ),
    Wrong("scale-after-the-statistics", "swapped", forward, backward_scale_last, "dx"),
    Wrong(
        "dshift-of-the-first-row",
        "one row only",
        forward,
        backward_first_row,
        "dshift",
        says="dshift is that of the first row only",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_projected(x, scale, shift, epsilon=1e-5):
    count = x.shape[-1]
    centre = np.eye(count, dtype=x.dtype) - np.ones((count, count), dtype=x.dtype) / count
    d = x @ centre
    deviation = np.sqrt((d * d).sum(axis=-1, keepdims=True) / count + epsilon)
    return d / deviation * scale + shift, (d / deviation, deviation, scale)


def backward_by_name(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return {"shift": dshift, "x": np.asfortranarray(dx), "scale": dscale}


def forward_in_float64(x, scale, shift, epsilon=1e-5):
    y, cache = forward(x.astype(np.float64), scale.astype(np.float64), shift.astype(np.float64), epsilon)
    return y.astype(x.dtype), cache


def backward_in_float64(dy, cache):
    return tuple(g.astype(dy.dtype) for g in backward(dy.astype(np.float64), cache))


UNUSUAL = [
    Unusual("in-float64-and-back", forward_in_float64, backward_in_float64),
    Unusual("gradients-by-name", forward, backward_by_name),
    Unusual(
        "centred-by-a-projection",
        forward_projected,
        backward,
        cases=60,
        seed=2,
        loses="1 / n is rounded in the projection, so a constant row is not quite zero when centred",
    ),
]
