"""Subjects of group_norm."""

import numpy as np

from ._records import Unusual, Wrong
from ._standardising import back, loops, over, shaped, standardised


def textbook(x, scale, shift, groups, epsilon):
    """One group of one example at a time, entry by entry."""
    xhat = np.array(loops(x.reshape(len(x) * groups, -1).tolist(), epsilon)).reshape(x.shape)
    return xhat * shaped(x, scale) + shaped(x, shift)


def grouped(x, groups):
    return x.reshape(len(x), groups, -1)


def forward(x, scale, shift, groups=2, epsilon=1e-5, spared=0):
    xhat, deviation = standardised(grouped(x, groups), -1, epsilon, spared=spared)
    xhat = xhat.reshape(x.shape)
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale, groups)


def gradients(dy, cache, mean=1, variance=1):
    xhat, deviation, scale, groups = cache
    g = grouped(dy * shaped(dy, scale), groups)
    dx = back(g, grouped(xhat, groups), deviation, -1, mean, variance).reshape(dy.shape)
    return dx, (dy * xhat).sum(axis=over(dy)), dy.sum(axis=over(dy))


def backward(dy, cache):
    return gradients(dy, cache)


def forward_interleaved(x, scale, shift, groups=2, epsilon=1e-5):
    parts = x.reshape(len(x), -1, groups, *x.shape[2:])
    xhat, _ = standardised(parts, (1, *range(3, parts.ndim)), epsilon)
    return xhat.reshape(x.shape) * shaped(x, scale) + shaped(x, shift), forward(x, scale, shift, groups, epsilon)[1]


def forward_one_group(x, scale, shift, groups=2, epsilon=1e-5):
    return forward(x, scale, shift, 1, epsilon)


def forward_unbiased(x, scale, shift, groups=2, epsilon=1e-5):
    return forward(x, scale, shift, groups, epsilon, spared=1)


def backward_statistics_constant(dy, cache):
    return gradients(dy, cache, 0, 0)


def backward_scale_after(dy, cache):
    xhat, deviation, scale, groups = cache
    dx = back(grouped(dy, groups), grouped(xhat, groups), deviation, -1).reshape(dy.shape) * shaped(dy, scale)
    return dx, *backward(dy, cache)[1:]


TWO = {"groups": 2}
WRONG = [
    Wrong(
        "channels-interleaved",
        "wrong axis",
        forward_interleaved,
        backward,
        "y",
        options=TWO,
        says="each group takes every so-many-th channel, not neighbours",
    ),
    Wrong(
        "groups-ignored",
        "wrong option",
        forward_one_group,
        backward,
        "y dx dscale",
        options=TWO,
        says="all channels are one group",
    ),
    Wrong("unbiased-variance", "off by one", forward_unbiased, backward, "y dx dscale"),
    Wrong("statistics-constant", "dropped term", forward, backward_statistics_constant, "dx"),
    Wrong("scale-after-the-statistics", "swapped", forward, backward_scale_after, "dx"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loops(x, scale, shift, groups=2, epsilon=1e-5):
    size = x.shape[1] // groups
    xhat, deviation = np.empty_like(x), np.empty_like(grouped(x, groups)[..., :1])
    for n in range(len(x)):
        for k in range(groups):
            part = x[n, k * size : (k + 1) * size]
            d = part - part.mean()
            deviation[n, k, 0] = np.sqrt((d * d).mean() + epsilon)
            xhat[n, k * size : (k + 1) * size] = d / deviation[n, k, 0]
    return xhat * shaped(x, scale) + shaped(x, shift), (xhat, deviation, scale, groups)


def backward_as_a_list(dy, cache):
    return list(backward(dy, cache))


UNUSUAL = [
    Unusual("loops-over-groups", forward_loops, backward),
    Unusual("a-list-of-gradients", forward, backward_as_a_list),
]
