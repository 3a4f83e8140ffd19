"""Subjects of rnn_cell: one step of a plain recurrent layer."""

import numpy as np

from ._records import Unusual, Wrong
from ._recurrent import flat


def textbook(x, h0, wx, wh, b):
    """One unit of one row at a time."""
    h = np.empty_like(h0)
    for n, m in np.ndindex(*h.shape):
        h[n, m] = np.tanh(sum(x[n] * wx[:, m]) + sum(h0[n] * wh[:, m]) + b[m])
    return h


def forward(x, h0, wx, wh, b):
    a = x @ wx + h0 @ wh + b
    return np.tanh(a), (x, h0, wx, wh, a)


def gradients(da, cache):
    x, h0, wx, wh, _ = cache
    return da @ wx.T, da @ wh.T, x.T @ da, h0.T @ da, da.sum(axis=0)


def backward(dh, cache):
    return gradients(dh * flat(cache[-1]), cache)


def backward_of_the_affine_part(dh, cache):
    return gradients(dh, cache)


def backward_slope_of_the_output(dh, cache):
    return gradients(dh * flat(np.tanh(cache[-1])), cache)


def backward_slope_not_squared(dh, cache):
    return gradients(dh * (1 - np.tanh(cache[-1])), cache)


def backward_recurrent_weights_transposed(dh, cache):
    x, h0, wx, wh, a = cache
    da = dh * flat(a)
    return da @ wx.T, da @ wh, x.T @ da, h0.T @ da, da.sum(axis=0)


def backward_mean_over_the_batch(dh, cache):
    dx, dh0, dwx, dwh, db = backward(dh, cache)
    return dx, dh0, dwx, dwh, db / len(dx)


EVERY = "dx dh0 dwx dwh db"
WRONG = [
    Wrong(
        "no-tanh",
        "dropped term",
        forward,
        backward_of_the_affine_part,
        EVERY,
        says="the derivative of tanh is left out",
    ),
    Wrong("slope-at-the-output", "derivative at the output", forward, backward_slope_of_the_output, EVERY),
    Wrong(
        "slope-not-squared",
        "dropped term",
        forward,
        backward_slope_not_squared,
        EVERY,
        says="the derivative of tanh is taken as 1 - h, not as 1 - h^2",
    ),
    Wrong(
        "wh-transposed",
        "transposed",
        forward,
        backward_recurrent_weights_transposed,
        "dh0",
        says="dh0 uses wh, not its transpose",
    ),
    Wrong(
        "bias-averaged", "wrong n", forward, backward_mean_over_the_batch, "db", says="db is a mean over the examples"
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_by_stacking(x, h0, wx, wh, b):
    a = np.concatenate([x, h0], axis=1) @ np.concatenate([wx, wh], axis=0) + b
    return np.tanh(a), (x, h0, wx, wh, a)


def backward_with_one_minus_the_square(dh, cache):
    y = np.tanh(cache[-1])
    return gradients(dh * (1 - y * y), cache)


UNUSUAL = [
    Unusual("stacked-weights", forward_by_stacking, backward),
    Unusual(
        "one-minus-the-square",
        forward,
        backward_with_one_minus_the_square,
        cases=40,
        loses="1 - y^2 has no digit left in the tails",
    ),
]
