"""Subjects of leaky_relu."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x, slope=0.01):
    return np.where(x > 0, x, slope * x), (x, slope)


def backward(dy, cache):
    x, slope = cache
    return (np.where(x > 0, dy, slope * dy),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_always_one_percent(x, slope=0.01):
    return forward(x)


def backward_always_one_percent(dy, cache):
    x, _ = cache
    return (np.where(x > 0, dy, 0.01 * dy),)


def backward_plain_relu(dy, cache):
    x, _ = cache
    return (dy * (x > 0),)


def backward_slope_everywhere(dy, cache):
    x, slope = cache
    return (np.where(x > 0, 1, slope).astype(dy.dtype) * slope * dy,)


def backward_negative_slope(dy, cache):
    x, slope = cache
    return (np.where(x > 0, dy, -slope * dy),)


def backward_sides_swapped(dy, cache):
    x, slope = cache
    return (np.where(x > 0, slope * dy, dy),)


def backward_ignores_upstream(dy, cache):
    x, slope = cache
    return (np.where(x > 0, 1, slope).astype(x.dtype),)


def forward_slightly_off(x, slope=0.01):
    return forward(x, slope * 1.00001)


def backward_scales_cotangent(dy, cache):
    x, slope = cache
    np.multiply(dy, slope, out=dy, where=x <= 0)
    return (dy.copy(),)


def forward_forgets_slope(x, slope=0.01):
    return forward(x, slope)[0], (x, 1 - slope)


def forward_maximum(x, slope=0.01):
    y = np.maximum(slope * x, x)
    return y, (y, slope)


def backward_at_zero_beyond(dy, cache):
    x, slope = cache
    return (np.where(x > 0, dy, np.where(x < 0, slope * dy, 0)),)


def forward_in_float64(x, slope=0.01):
    return np.where(x > 0, x, np.float64(slope) * x), (x, slope)


WRONG = [
    Wrong(
        "slope-option-ignored",
        "wrong option",
        forward_always_one_percent,
        backward_always_one_percent,
        "y dx",
        says="the slope is a fixed number, whatever the option says",
    ),
    Wrong(
        "slope-ignored-in-backward",
        "wrong option",
        forward,
        backward_always_one_percent,
        "dx",
        says="the backward uses a fixed slope",
    ),
    Wrong(
        "plain-relu-derivative",
        "dropped term",
        forward,
        backward_plain_relu,
        "dx",
        says="the gradient is zero for negative x, as in plain ReLU",
    ),
    Wrong("slope-twice", "wrong option", forward, backward_slope_everywhere, "dx", says="the slope is applied twice"),
    Wrong("negative-slope", "wrong sign", forward, backward_negative_slope, "dx", says="the slope has a minus"),
    Wrong("sides-swapped", "swapped", forward, backward_sides_swapped, "dx"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx", "not-linear"),
    Wrong(
        "slope-off-by-1e-5",
        "constant slightly off",
        forward_slightly_off,
        backward,
        "y dx",
        says="the slope is off in the fifth digit",
    ),
    Wrong(
        "scales-the-cotangent",
        "changes in place",
        forward,
        backward_scales_cotangent,
        "dx",
        "mutated-cotangent",
        says="the upstream gradient is scaled in place",
    ),
    Wrong(
        "one-less-slope", "wrong option", forward_forgets_slope, backward, "dx", says="the negative side gets 1 - slope"
    ),
    Wrong("zero-at-zero", "wrong side", forward, backward_at_zero_beyond, "dx"),
    Wrong(
        "slope-of-float64",
        "wrong dtype",
        forward_in_float64,
        backward,
        "y",
        "wrong-dtype",
        says="the slope is a float64 array, so the result is float64",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def backward_sign_of_the_output(dy, cache):
    y, slope = cache
    factor = np.full_like(y, slope)
    np.copyto(factor, 1.0, where=y > 0)
    return (factor * dy,)


def forward_two_ramps(x, slope=0.01):
    return np.maximum(x, 0) + slope * np.minimum(x, 0), {"positive": x >= 0, "slope": slope}


def backward_two_ramps(dy, cache):
    dx = np.array(dy)
    dx[~cache["positive"]] *= cache["slope"]
    return dx


def forward_loop(x, slope=0.01):
    y = [v if v >= 0 else v * slope for v in x.flat]
    return np.reshape(np.array(y, dtype=x.dtype), x.shape), (x, slope)


def forward_default_slope(x):
    return np.where(x < 0, 0.01 * x, x)


def backward_default_slope(dy, x):
    return np.where(x < 0, 0.01 * dy, dy)


UNUSUAL = [
    Unusual("without-the-option", forward_default_slope, backward_default_slope),
    Unusual("derivative-from-the-outputs-sign", forward_maximum, backward_sign_of_the_output),
    Unusual("two-ramps-and-masked-product", forward_two_ramps, backward_two_ramps),
    Unusual("loop-over-flat", forward_loop, backward),
]
