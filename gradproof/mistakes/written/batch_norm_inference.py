"""Subjects of batch_norm_inference."""

import numpy as np

from ._records import Unusual, Wrong
from ._standardising import over, shaped


def textbook(x, scale, shift, running_mean, running_var, epsilon):
    """One channel at a time."""
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        y[:, c] = scale[c] * (x[:, c] - running_mean[c]) / np.sqrt(running_var[c] + epsilon) + shift[c]
    return y


def forward(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    deviation = np.sqrt(running_var + epsilon)
    xhat = (x - shaped(x, running_mean)) / shaped(x, deviation)
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale)


def backward(dy, cache):
    xhat, deviation, scale = cache
    return dy * shaped(dy, scale / deviation), (dy * xhat).sum(axis=over(dy)), dy.sum(axis=over(dy))


def forward_epsilon_outside(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    deviation = np.sqrt(running_var) + epsilon
    xhat = (x - shaped(x, running_mean)) / shaped(x, deviation)
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale)


def forward_no_root(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    deviation = running_var + epsilon
    xhat = (x - shaped(x, running_mean)) / shaped(x, deviation)
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale)


def backward_of_training(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return dx - dx.mean(axis=over(dy), keepdims=True), dscale, dshift


def backward_scale_forgotten(dy, cache):
    return dy / shaped(dy, cache[1]), *backward(dy, cache)[1:]


def backward_swapped(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return dx, dshift, dscale


WRONG = [
    Wrong("epsilon-outside-the-root", "wrong forward", forward_epsilon_outside, backward, "y dx dscale"),
    Wrong(
        "variance-for-deviation",
        "wrong forward",
        forward_no_root,
        backward,
        "y dx dscale",
        says="it is divided by the variance, not by its root",
    ),
    Wrong(
        "gradient-of-training",
        "wrong option",
        forward,
        backward_of_training,
        "dx",
        says="the gradient is that of training, where mean and variance depend on x",
    ),
    Wrong("dx-without-scale", "dropped term", forward, backward_scale_forgotten, "dx"),
    Wrong(
        "scale-and-shift-swapped",
        "swapped",
        forward,
        backward_swapped,
        "dscale dshift",
        says="dscale and dshift are swapped",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_in_float64(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    wide = (a.astype(np.float64) for a in (x, scale, shift, running_mean, running_var))
    y, cache = forward(*wide, epsilon)
    return y.astype(x.dtype), cache


def backward_in_float64(dy, cache):
    return tuple(g.astype(dy.dtype) for g in backward(dy.astype(np.float64), cache))


def forward_channels_first(x, scale, shift, running_mean, running_var, epsilon=1e-5):
    t = np.moveaxis(x, 1, -1)
    xhat = (t - running_mean) * (1 / np.sqrt(running_var + epsilon))
    return np.moveaxis(xhat * scale + shift, -1, 1), (np.moveaxis(xhat, -1, 1), np.sqrt(running_var + epsilon), scale)


UNUSUAL = [
    Unusual("in-float64-and-back", forward_in_float64, backward_in_float64),
    Unusual("channels-last", forward_channels_first, backward),
]
