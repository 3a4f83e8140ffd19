"""Subjects of batch_norm."""

import numpy as np

from ._records import Unusual, Wrong
from ._standardising import back, loops, over, shaped, standardised


def textbook(x, scale, shift, running_mean, running_var, epsilon, momentum, running):
    """One channel at a time."""
    y, means, variances = np.empty_like(x), [], []
    for c in range(x.shape[1]):
        values = list(x[:, c].ravel())
        y[:, c] = (np.array(loops([values], epsilon)) * scale[c] + shift[c]).reshape(x[:, c].shape)
        mean, less = sum(values) / len(values), 1 if running == "unbiased" else 0
        variance = sum((value - mean) ** 2 for value in values) / (len(values) - less)
        means.append(momentum * running_mean[c] + (1 - momentum) * mean)
        variances.append(momentum * running_var[c] + (1 - momentum) * variance)
    return y, np.array(means), np.array(variances)


def forward(
    x, scale, shift, running_mean, running_var, epsilon=1e-5, momentum=0.9, running="unbiased", outside=False, spared=0
):
    xhat, deviation = standardised(x, over(x), epsilon, outside, spared)
    mean = x.mean(axis=over(x))
    count = x.size // x.shape[1]
    variance = ((x - shaped(x, mean)) ** 2).sum(axis=over(x)) / (count - (running == "unbiased"))
    new_mean = momentum * running_mean + (1 - momentum) * mean
    new_var = momentum * running_var + (1 - momentum) * variance
    return xhat * shaped(x, scale) + shaped(x, shift), new_mean, new_var, (xhat, deviation, scale)


def gradients(dy, cache, mean=1, variance=1):
    xhat, deviation, scale = cache
    dx = back(dy * shaped(dy, scale), xhat, deviation, over(dy), mean, variance)
    return dx, (dy * xhat).sum(axis=over(dy)), dy.sum(axis=over(dy))


def backward(dy, cache):
    return gradients(dy, cache)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_statistics_constant(dy, cache):
    return gradients(dy, cache, 0, 0)


def backward_variance_constant(dy, cache):
    return gradients(dy, cache, 1, 0)


def backward_zero(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return 0 * dx, dscale, dshift


def backward_negative(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return -dx, dscale, dshift


def backward_scale_forgotten(dy, cache):
    xhat, deviation, _ = cache
    return back(dy, xhat, deviation, over(dy)), *backward(dy, cache)[1:]


def backward_shift_mean(dy, cache):
    dx, dscale, _ = backward(dy, cache)
    return dx, dscale, dy.mean(axis=over(dy))


def forward_other_convention(x, scale, shift, running_mean, running_var, epsilon=1e-5, momentum=0.9, running="biased"):
    other = "biased" if running == "unbiased" else "unbiased"
    return forward(x, scale, shift, running_mean, running_var, epsilon, momentum, other)


def forward_momentum_of_the_new(x, scale, shift, mean, var, epsilon=1e-5, momentum=0.9, running="unbiased"):
    return forward(x, scale, shift, mean, var, epsilon, 1 - momentum, running)


def forward_statistics_left(x, scale, shift, running_mean, running_var, epsilon=1e-5, momentum=0.9, running="biased"):
    y, _, _, cache = forward(x, scale, shift, running_mean, running_var, epsilon, momentum, running)
    return y, running_mean * 1, running_var * 1, cache


def forward_unbiased(x, scale, shift, mean, var, epsilon=1e-5, momentum=0.9, running="unbiased"):
    return forward(x, scale, shift, mean, var, epsilon, momentum, running, spared=1)


def forward_epsilon_outside(x, scale, shift, mean, var, epsilon=1e-5, momentum=0.9, running="unbiased"):
    return forward(x, scale, shift, mean, var, epsilon, momentum, running, outside=True)


BUFFERS = "new_mean new_var"
WRONG = [
    Wrong("statistics-constant", "dropped term", forward, backward_statistics_constant, "dx"),
    Wrong(
        "variance-constant",
        "dropped term",
        forward,
        backward_variance_constant,
        "dx",
        says="the variance is treated as a constant",
    ),
    Wrong("dx-zero", "dropped term", forward, backward_zero, "dx", says="dx is zero"),
    Wrong("dx-negative", "wrong sign", forward, backward_negative, "dx", says="dx has the wrong sign"),
    Wrong("dx-without-scale", "dropped term", forward, backward_scale_forgotten, "dx"),
    Wrong(
        "dshift-a-mean", "wrong n", forward, backward_shift_mean, "dshift", says="dshift (dbeta) is a mean, not a sum"
    ),
    Wrong(
        "other-running-variance",
        "wrong option",
        forward_other_convention,
        backward,
        "new_var",
        says="the running variance takes the other estimate: divided by n, or by n - 1",
    ),
    Wrong(
        "momentum-of-the-new-value",
        "wrong option",
        forward_momentum_of_the_new,
        backward,
        BUFFERS,
        says="momentum weighs the new value, not the old one",
    ),
    Wrong(
        "running-statistics-left",
        "dropped term",
        forward_statistics_left,
        backward,
        BUFFERS,
        says="the running statistics are not updated",
    ),
    Wrong(
        "unbiased-in-the-output",
        "off by one",
        forward_unbiased,
        backward,
        "y dx dscale",
        says="the output is divided by the unbiased standard deviation",
    ),
    Wrong("epsilon-outside-the-root", "wrong forward", forward_epsilon_outside, backward, "y dx", besides="dscale"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_channels_last(x, scale, shift, running_mean, running_var, epsilon=1e-5, momentum=0.9, running="unbiased"):
    last = np.moveaxis(x, 1, -1)
    rows = last.reshape(-1, last.shape[-1])
    mean = rows.sum(axis=0) / len(rows)
    d = rows - mean
    square = (d * d).sum(axis=0)
    deviation = np.sqrt(square / len(rows) + epsilon)
    xhat = d / deviation
    y = np.moveaxis((xhat * scale + shift).reshape(last.shape), -1, 1)
    new_var = square / (len(rows) - 1 if running == "unbiased" else len(rows))
    buffers = momentum * running_mean + (1 - momentum) * mean, momentum * running_var + (1 - momentum) * new_var
    return y, *buffers, (xhat, deviation, scale, last.shape)


def backward_channels_last(dy, cache):
    xhat, deviation, scale, shape = cache
    rows = np.moveaxis(dy, 1, -1).reshape(xhat.shape)
    dshift, dscale = rows.sum(axis=0), (rows * xhat).sum(axis=0)
    dx = scale * (rows - (dshift + xhat * dscale) / len(rows)) / deviation
    return np.moveaxis(dx.reshape(shape), -1, 1), dscale, dshift


def backward_by_name(dy, cache):
    dx, dscale, dshift = backward(dy, cache)
    return {"dscale": dscale, "dshift": dshift, "dx": np.asfortranarray(dx)}


UNUSUAL = [
    Unusual("channels-last", forward_channels_last, backward_channels_last),
    Unusual("gradients-by-name", forward, backward_by_name),
]
