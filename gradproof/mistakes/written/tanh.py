"""Subjects of tanh."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x):
    return np.tanh(x), x


def backward(dy, x):
    e = np.exp(-2 * np.abs(x))
    return (dy * (4 * e / (1 + e) ** 2),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_keeps_output(x):
    y = np.tanh(x)
    return y, y


def backward_one_minus_y_squared(dy, y):
    return (dy * (1 - y**2),)


def backward_of_y(dy, y):
    return backward(dy, y)


def backward_one_minus_y(dy, y):
    return (dy * (1 - y),)


def backward_wrong_sign(dy, x):
    return backward(-dy, x)


def backward_ones(dy, x):
    return backward(np.ones_like(dy), x)


def backward_sigmoid(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * (e / (1 + e) ** 2),)


def forward_exponentials(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)), x


def forward_lecun(x):
    return 1.7159 * np.tanh(2 / 3 * x), x


def backward_lecun(dy, x):
    return (1.7159 * 2 / 3 * backward(dy, 2 / 3 * x)[0],)


def forward_slightly_off(x):
    return 1.00001 * np.tanh(x), x


def backward_slightly_off(dy, x):
    return (1.00001 * backward(dy, x)[0],)


def forward_in_place(x):
    return np.tanh(x, out=x), x.copy()


def backward_from_mutated(dy, y):
    return (dy * (1 - y) * (1 + y),)


_noise = np.random.default_rng(0)


def forward_noisy(x):
    y = np.tanh(x)
    return y + np.spacing(np.abs(y)) * _noise.integers(0, 2, x.shape).astype(x.dtype), x


def backward_mutates_dy(dy, y):
    dy *= 1 - y * y
    return (dy,)


WRONG = [
    Wrong(
        "one-minus-y-squared",
        "unstable",
        forward_keeps_output,
        backward_one_minus_y_squared,
        "dx",
        status="inaccurate",
        says="1 - y^2 loses its digits where y is near 1",
    ),
    Wrong("backward-of-y", "derivative at the output", forward_keeps_output, backward_of_y, "dx"),
    Wrong(
        "one-minus-y",
        "dropped term",
        forward_keeps_output,
        backward_one_minus_y,
        "dx",
        says="dx is dy (1 - y): the square is forgotten",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ones, "dx", "not-linear"),
    Wrong(
        "sigmoids-derivative", "swapped", forward, backward_sigmoid, "dx", says="y (1 - y) is the sigmoid's derivative"
    ),
    Wrong(
        "four-exponentials",
        "unstable",
        forward_exponentials,
        backward,
        "y",
        "non-finite",
        says="the quotient of exponentials overflows, and loses small x",
    ),
    Wrong(
        "scaled-as-lecun-does", "wrong forward", forward_lecun, backward_lecun, "y dx", says="it is 1.7159 tanh(2/3 x)"
    ),
    Wrong(
        "scale-off-by-1e-5",
        "constant slightly off",
        forward_slightly_off,
        backward_slightly_off,
        "y dx",
        says="the result is off in the fifth digit",
    ),
    Wrong("into-its-input", "changes in place", forward_in_place, backward_from_mutated, "y dx", "mutated-input"),
    Wrong(
        "noise-in-the-last-place",
        "not repeatable",
        forward_noisy,
        backward,
        "y",
        "not-repeatable",
        says="random noise is added in the last place",
    ),
    Wrong(
        "into-the-cotangent", "changes in place", forward_keeps_output, backward_mutates_dy, "dx", "mutated-cotangent"
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_expm1(x):
    t = np.expm1(-2 * np.abs(x))
    return np.copysign(-t / (2 + t), x), {"e": 1 + t, "x": x}


def backward_cosh(dy, cache):
    with np.errstate(over="ignore"):
        return (dy / np.cosh(cache["x"]) ** 2,)


def forward_loop(x):
    y = np.zeros(x.shape, dtype=x.dtype)
    for index, value in np.ndenumerate(x):
        y[index] = np.tanh(value)
    return y, x


def backward_half_exponents(dy, x):
    e = np.exp(-np.abs(x))
    sech = 2.0 * e / (1.0 + e * e)
    sech *= sech
    sech *= dy
    return (np.array(sech, order="F"),)


UNUSUAL = [
    Unusual("expm1-and-cosh", forward_expm1, backward_cosh),
    Unusual("loop-and-augmented-assignment", forward_loop, backward_half_exponents),
]
