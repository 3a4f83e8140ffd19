"""Subjects of rms_norm."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, scale, epsilon):
    """One row at a time."""
    y = np.empty_like(x)
    for at in np.ndindex(x.shape[:-1]):
        y[at] = scale * x[at] / np.sqrt(sum(entry**2 for entry in x[at]) / x.shape[-1] + epsilon)
    return y


def rows(x):
    return x.reshape(-1, x.shape[-1])


def forward(x, scale, epsilon=1e-6):
    size = np.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon)
    return x / size * scale, (x, size, scale)


def gradients(dy, cache, share=1):
    x, size, scale = cache
    unit, g = x / size, dy * scale
    dx = (g - share * unit * (g * unit).mean(axis=-1, keepdims=True)) / size
    return dx, rows(dy * unit).sum(axis=0)


def backward(dy, cache):
    return gradients(dy, cache)


def forward_centred(x, scale, epsilon=1e-6):
    return forward(x - x.mean(axis=-1, keepdims=True), scale, epsilon)


def forward_norm(x, scale, epsilon=1e-6):
    size = np.sqrt((x * x).sum(axis=-1, keepdims=True) + epsilon)
    return x / size * scale, (x, size, scale)


def forward_epsilon_fixed(x, scale, epsilon=1e-6):
    return forward(x, scale, 1e-6)


def backward_size_constant(dy, cache):
    return gradients(dy, cache, 0)


def backward_size_twice(dy, cache):
    return gradients(dy, cache, 2)


def backward_of_x(dy, cache):
    x, _, _ = cache
    return backward(dy, cache)[0], rows(dy * x).sum(axis=0)


WRONG = [
    Wrong(
        "mean-removed",
        "wrong forward",
        forward_centred,
        backward,
        "y dx dscale",
        says="the mean is subtracted first, as in layer normalisation",
    ),
    Wrong(
        "sum-for-mean",
        "missing 1/n",
        forward_norm,
        backward,
        "y dx dscale",
        says="the squares are summed, not averaged",
    ),
    Wrong("epsilon-fixed", "wrong option", forward_epsilon_fixed, backward, "y dx dscale", options={"epsilon": 1e-3}),
    Wrong(
        "size-constant",
        "dropped term",
        forward,
        backward_size_constant,
        "dx",
        says="the root mean square is treated as a constant",
    ),
    Wrong(
        "size-twice",
        "constant slightly off",
        forward,
        backward_size_twice,
        "dx",
        says="the root mean square's part of the gradient is counted twice",
    ),
    Wrong("dscale-of-x", "dropped term", forward, backward_of_x, "dscale", says="dscale takes x, not the normalised x"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loops(x, scale, epsilon=1e-6):
    size = np.empty_like(x[..., :1])
    for at in np.ndindex(x.shape[:-1]):
        size[at] = np.sqrt(x[at] @ x[at] / x.shape[-1] + epsilon)
    return scale * (x / size), (x, size, scale)


def backward_by_name(dy, cache):
    dx, dscale = backward(dy, cache)
    return {"scale": dscale, "x": dx}


def forward_in_float64(x, scale, epsilon=1e-6):
    y, cache = forward(x.astype(np.float64), scale.astype(np.float64), epsilon)
    return y.astype(x.dtype), cache


def backward_in_float64(dy, cache):
    return tuple(g.astype(dy.dtype) for g in backward(dy.astype(np.float64), cache))


UNUSUAL = [
    Unusual("loops-over-rows", forward_loops, backward_by_name),
    Unusual("in-float64-and-back", forward_in_float64, backward_in_float64),
]
