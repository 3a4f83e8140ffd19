"""Subjects of sigmoid."""

import numpy as np

from ._records import EXP_OF_LOG, Unusual, Wrong


def forward(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e)), x


def backward(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * e / (1 + e) ** 2,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_keeps_output(x):
    y, _ = forward(x)
    return y, y


def backward_one_minus_y(dy, y):
    return (dy * y * (1 - y),)


def backward_y_as_input(dy, y):
    return backward(dy, y)


def backward_x_as_output(dy, x):
    return (dy * x * (1 - x),)


def backward_wrong_sign(dy, y):
    return (dy * y * (y - 1),)


def backward_dropped_factor(dy, y):
    return (dy * (1 - y),)


def backward_ignores_upstream(dy, x):
    return backward(np.ones_like(dy), x)


def forward_tanh(x):
    return 0.5 * (1 + np.tanh(x / 2)), x


def backward_stable_tanh(dy, x):
    return backward(dy, x)


def forward_clipped(x):
    z = np.clip(x, -15, 15)
    return 1 / (1 + np.exp(-z)), x


def forward_grows(x):
    e = np.exp(x)
    return e / (1 + e), x


def forward_in_place(x):
    kept = x.copy()
    np.negative(x, out=x)
    np.exp(x, out=x)
    return 1 / (1 + x), kept


def forward_base_two(x):
    e = np.exp2(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e)), x


def backward_base_two(dy, x):
    e = np.exp2(-np.abs(x))
    return (dy * (np.log(2.0) * e / (1 + e) ** 2).astype(x.dtype),)


def forward_in_float32(x):
    y, _ = forward(x.astype(np.float32))
    return np.asarray(y, dtype=x.dtype), x


def forward_float64(x):
    y, _ = forward(x)
    return np.asarray(y, dtype=np.float64), x


def forward_another_squashing(x):
    y = np.tanh(x)
    return y, y


def backward_another_squashing(dy, y):
    return (dy * (1 - y) * (1 + y),)


WRONG = [
    Wrong(
        "tanh-in-its-place",
        "wrong forward",
        forward_another_squashing,
        backward_another_squashing,
        "y dx",
        says="tanh is computed, not the sigmoid",
    ),
    Wrong(
        "y-times-one-minus-y",
        "unstable",
        forward_keeps_output,
        backward_one_minus_y,
        "dx",
        status="inaccurate",
        says="y (1 - y) loses its digits where y is near 1",
    ),
    Wrong("backward-of-y", "derivative at the output", forward_keeps_output, backward_y_as_input, "dx"),
    Wrong(
        "x-times-one-minus-x",
        "derivative at the output",
        forward,
        backward_x_as_output,
        "dx",
        says="x (1 - x) stands for y (1 - y)",
    ),
    Wrong("wrong-sign", "wrong sign", forward_keeps_output, backward_wrong_sign, "dx"),
    Wrong(
        "factor-y-dropped",
        "dropped term",
        forward_keeps_output,
        backward_dropped_factor,
        "dx",
        says="dx is dy (1 - y): the factor y is left out",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx", "not-linear"),
    Wrong(
        "half-of-one-plus-tanh",
        "unstable",
        forward_tanh,
        backward_stable_tanh,
        "y",
        status="inaccurate",
        says="(1 + tanh) / 2 loses its digits for negative x",
    ),
    Wrong("input-clipped-at-15", "wrong forward", forward_clipped, backward, "y", says="the input is clipped at 15"),
    Wrong("exp-overflows", "unstable", forward_grows, backward, "y", "non-finite"),
    Wrong("in-place", "changes in place", forward_in_place, backward, "y", "mutated-input", besides="dx"),
    Wrong("to-base-two", "wrong base", forward_base_two, backward_base_two, "y dx"),
    Wrong("in-float32", "float32 inside", forward_in_float32, backward, "y"),
    Wrong("always-float64", "wrong dtype", forward_float64, backward, "y", "wrong-dtype"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_masked(x):
    y = np.empty(x.shape, dtype=x.dtype)
    right = x >= 0
    y[right] = 1 / (1 + np.exp(-x[right]))
    grown = np.exp(x[~right])
    y[~right] = grown / (1 + grown)
    return y, (y, x)


def forward_masked_alone(x):
    return forward_masked(x)[0], x


def backward_both_tails(dy, cache):
    y, x = cache
    return (dy * y * forward_masked(-x)[0],)


def forward_loop(x):
    out = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        v = x[index]
        out[index] = 1 / (1 + np.exp(-v)) if v > 0 else np.exp(v) / (1 + np.exp(v))
    return out, {"x": x}


def backward_where(dy, cache):
    x = cache["x"]
    e = np.ones_like(x)
    np.exp(x, where=x < 0, out=e)
    np.exp(-x, where=x > 0, out=e)
    return (np.asarray(dy * (e / np.square(1.0 + e)), order="F"),)


def forward_logaddexp(x):
    return np.exp(-np.logaddexp(0, -x)), x


def backward_cosh(dy, x):
    e = np.exp(-np.abs(x) / 2)
    return (dy * (e / (1 + e * e)) ** 2,)


UNUSUAL = [
    Unusual("half-exponents", forward_masked_alone, backward_cosh),
    Unusual("boolean-masks", forward_masked, backward_both_tails),
    Unusual("loop-and-where", forward_loop, backward_where),
    Unusual("logaddexp-and-half-exponents", forward_logaddexp, backward_cosh, cases=120, loses=EXP_OF_LOG),
]
