"""Subjects of gelu."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each

EXACT, TANH = {"approximate": "none"}, {"approximate": "tanh"}
INNER = math.sqrt(2 / math.pi)


def textbook(x, approximate):
    if approximate == "tanh":
        return each(lambda v: v / 2 * (1 + math.tanh(INNER * (v + 0.044715 * v**3))), x)
    return each(lambda v: v / 2 * (1 + math.erf(v / math.sqrt(2))), x)


def normal(x):
    """The normal distribution function."""
    return each(lambda v: math.erfc(-float(v) / math.sqrt(2)) / 2, x)


def density(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def forward(x):
    return x * normal(x), x


def backward(dy, x):
    return (dy * (normal(x) + x * density(x)),)


def tanh_form(x, cubic=0.044715):
    """The sigmoid of 2 u, that of -2 u, and 2 u', none of which overflows."""
    z = np.clip(x, -99, 99)
    u = INNER * (z + cubic * z**3)
    e = np.exp(-2 * np.abs(u))
    return np.where(x >= 0, 1, e) / (1 + e), np.where(x >= 0, e, 1) / (1 + e), 2 * INNER * (1 + 3 * cubic * z * z)


def forward_tanh(x):
    return x * tanh_form(x)[0], x


def backward_tanh(dy, x):
    p, rest, slope = tanh_form(x)
    return (dy * p * (1 + np.clip(x, -99, 99) * rest * slope),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_option_ignored(x, approximate="none"):
    return forward(x)


def backward_distribution_only(dy, x):
    return (dy * normal(x),)


def backward_density_only(dy, x):
    return (dy * x * density(x),)


def forward_one_plus_erf(x):
    return each(lambda v: v * (1 + np.asarray(math.erf(float(v) / math.sqrt(2)), dtype=x.dtype)) / 2, x), x


def forward_by_sigmoid(x):
    return x / (1 + np.exp(-1.702 * x)), x


def forward_cubic_off(x):
    return x * tanh_form(x, 0.0447)[0], x


def backward_cubic_of_float32(dy, x):
    p, rest, _ = tanh_form(x)
    slope = 2 * INNER * (1 + 3 * float(np.float32(0.044715)) * np.clip(x, -99, 99) ** 2)
    return (dy * p * (1 + np.clip(x, -99, 99) * rest * slope),)


WRONG = [
    Wrong(
        "option-ignored",
        "wrong option",
        forward_option_ignored,
        backward,
        "y dx",
        says="always the same form, whatever the option says",
    ),
    Wrong(
        "distribution-only",
        "dropped term",
        forward,
        backward_distribution_only,
        "dx",
        options=EXACT,
        says="the term x p'(x) is left out",
    ),
    Wrong(
        "density-only",
        "dropped term",
        forward,
        backward_density_only,
        "dx",
        options=EXACT,
        says="the term p(x) is left out",
    ),
    Wrong(
        "one-plus-erf",
        "unstable",
        forward_one_plus_erf,
        backward,
        "y",
        status="inaccurate",
        options=EXACT,
        says="1 + erf(x) loses every digit for large negative x; erfc keeps them",
    ),
    Wrong("sigmoid-of-1.702-x", "wrong forward", forward_by_sigmoid, backward, "y", options=EXACT),
    Wrong(
        "cubic-off",
        "constant slightly off",
        forward_cubic_off,
        backward_tanh,
        "y",
        options=TANH,
        says="the cubic's constant is off in its last digits",
    ),
    Wrong(
        "cubic-of-float32",
        "float32 inside",
        forward_tanh,
        backward_cubic_of_float32,
        "dx",
        options=TANH,
        cases=40,
        says="the cubic's constant is held in float32",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_loop(dy, x):
    return (each(lambda v, d: d * (normal(np.asarray(v)) + v * density(v)), x, dy),)


def backward_summed(dy, x):
    p, rest, slope = tanh_form(x)
    return {"dx": dy * (p + np.clip(x, -99, 99) * p * rest * slope)}


UNUSUAL = [
    Unusual("loop-over-erfc", forward, backward_loop, options=EXACT),
    Unusual("tanh-form-in-products", forward_tanh, backward_tanh, options=TANH),
    Unusual("tanh-form-in-a-dict", forward_tanh, backward_summed, options=TANH),
]
