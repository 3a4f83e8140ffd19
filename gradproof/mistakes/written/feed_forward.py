"""Subjects of feed_forward: affine, activation, affine."""

import math

import numpy as np

from . import temporal_affine
from ._records import Unusual, Wrong


def textbook(x, w1, b1, w2, b2, activation):
    """The textbook of the affine map, an activation one number at a time, and the map again."""

    def active(a):
        return max(a, 0.0) if activation == "relu" else a * (1 + math.erf(a / math.sqrt(2))) / 2

    hidden = np.vectorize(active)(temporal_affine.textbook(x, w1, b1))
    return temporal_affine.textbook(hidden, w2, b2)


def forward(x, w1, b1, w2, b2):
    """With relu."""
    a, at_first = temporal_affine.forward(x, w1, b1)
    y, at_second = temporal_affine.forward(a * (a > 0), w2, b2)
    return y, (at_first, a, at_second)


def gradients(dy, cache, gate=lambda a: a > 0):
    at_first, a, at_second = cache
    dhidden, dw2, db2 = temporal_affine.backward(dy, at_second)
    dx, dw1, db1 = temporal_affine.backward(dhidden * gate(a), at_first)
    return dx, dw1, db1, dw2, db2


def backward(dy, cache):
    return gradients(dy, cache)


def backward_activation_forgotten(dy, cache):
    return gradients(dy, cache, gate=np.ones_like)


def backward_gate_turned(dy, cache):
    return gradients(dy, cache, gate=lambda a: a < 0)


def backward_before_the_activation(dy, cache):
    (_, w2), a = cache[2], cache[1]
    dx, dw1, db1, _, db2 = gradients(dy, cache)
    return dx, dw1, db1, gradients(dy, (cache[0], a, (a, w2)))[3], db2


def backward_bias_of_one_sequence(dy, cache):
    *rest, _ = gradients(dy, cache)
    return *rest, dy[0].sum(axis=0)


RELU = {"activation": "relu"}
WRONG = [
    Wrong(
        "activation-forgotten",
        "dropped term",
        forward,
        backward_activation_forgotten,
        "dx dw1 db1",
        options=RELU,
        says="the derivative of ReLU is left out",
    ),
    Wrong(
        "gate-turned",
        "wrong side",
        forward,
        backward_gate_turned,
        "dx dw1 db1",
        options=RELU,
        says="the gradient passes where ReLU's input was negative",
    ),
    Wrong(
        "before-the-activation",
        "derivative at the output",
        forward,
        backward_before_the_activation,
        "dw2",
        options=RELU,
        says="dw2 takes the value before the activation",
    ),
    Wrong(
        "bias-of-one-sequence",
        "one row only",
        forward,
        backward_bias_of_one_sequence,
        "db2",
        options=RELU,
        says="db2 is that of one sequence only",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_half_of_the_sum(x, w1, b1, w2, b2):
    _, cache = forward(x, w1, b1, w2, b2)
    a = cache[1]
    return ((a + np.abs(a)) / 2) @ w2 + b2, cache


def backward_as_a_dict(dy, cache):
    return dict(zip(("dx", "dw1", "db1", "dw2", "db2"), gradients(dy, cache), strict=True))


UNUSUAL = [
    Unusual("half-of-the-sum", forward_half_of_the_sum, backward, options=RELU),
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=RELU),
]
