"""Subjects of instance_norm."""

import numpy as np

from ._records import Unusual, Wrong
from ._standardising import back, loops, over, shaped, standardised


def textbook(x, scale, shift, epsilon):
    """One channel of one example at a time, entry by entry."""
    n, channels = x.shape[:2]
    xhat = np.array(loops(x.reshape(n * channels, -1).tolist(), epsilon)).reshape(x.shape)
    return xhat * shaped(x, scale) + shaped(x, shift)


def positions(x):
    return tuple(range(2, x.ndim))


def forward(x, scale, shift, epsilon=1e-5, spared=0):
    xhat, deviation = standardised(x, positions(x), epsilon, spared=spared)
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale)


def gradients(dy, cache, mean=1, variance=1):
    xhat, deviation, scale = cache
    dx = back(dy * shaped(dy, scale), xhat, deviation, positions(dy), mean, variance)
    return dx, (dy * xhat).sum(axis=over(dy)), dy.sum(axis=over(dy))


def backward(dy, cache):
    return gradients(dy, cache)


def forward_of_the_batch(x, scale, shift, epsilon=1e-5):
    xhat, _ = standardised(x, over(x), epsilon)
    return xhat * shaped(x, scale) + shaped(x, shift), forward(x, scale, shift, epsilon)[1]


def forward_unbiased(x, scale, shift, epsilon=1e-5):
    return forward(x, scale, shift, epsilon, spared=1)


def backward_statistics_constant(dy, cache):
    return gradients(dy, cache, 0, 0)


def backward_variance_twice(dy, cache):
    return gradients(dy, cache, 1, 2)


def backward_of_the_first_example(dy, cache):
    dx, _, dshift = backward(dy, cache)
    return dx, (dy * cache[0])[0].sum(axis=tuple(range(1, dy.ndim - 1))), dshift


WRONG = [
    Wrong(
        "over-the-batch",
        "wrong axis",
        forward_of_the_batch,
        backward,
        "y",
        says="mean and variance are taken over the batch too",
    ),
    Wrong("unbiased-variance", "off by one", forward_unbiased, backward, "y dx dscale"),
    Wrong("statistics-constant", "dropped term", forward, backward_statistics_constant, "dx"),
    Wrong(
        "variance-twice",
        "constant slightly off",
        forward,
        backward_variance_twice,
        "dx",
        says="the variance's part of the gradient is counted twice",
    ),
    Wrong(
        "dscale-of-the-first-example",
        "one row only",
        forward,
        backward_of_the_first_example,
        "dscale",
        says="dscale is that of the first example only",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_flat(x, scale, shift, epsilon=1e-5):
    rows = x.reshape(x.shape[0], x.shape[1], -1)
    d = rows - rows.sum(axis=2, keepdims=True) / rows.shape[2]
    deviation = np.sqrt(np.einsum("ncs,ncs->nc", d, d)[..., None] / rows.shape[2] + epsilon)
    y = (d / deviation) * scale[:, None] + shift[:, None]
    return y.reshape(x.shape), ((d / deviation).reshape(x.shape), deviation.reshape(*x.shape[:2], *(1,) * (x.ndim - 2)),
                                scale)  # fmt: skip


def backward_by_name(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return {"dshift": dshift, "dscale": dscale, "dx": dx}


UNUSUAL = [
    Unusual("flattened-positions", forward_flat, backward),
    Unusual("gradients-by-name", forward, backward_by_name),
]
