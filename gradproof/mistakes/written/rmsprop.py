"""Subjects of rmsprop."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, v, lr, rho, eps, epsilon):
    def step(p, g, v):
        v = rho * v + (1 - rho) * g**2
        return p - lr * g / (math.sqrt(v) + eps if epsilon == "outside" else math.sqrt(v + eps)), v

    return entry_by_entry(step, p, g, v)


def root(v, eps, epsilon="inside"):
    return np.sqrt(v + eps) if epsilon == "inside" else np.sqrt(v) + eps


def forward_sum(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = rho * v + g**2
    return p - lr * g / root(v, eps, epsilon), v, None


def forward_rates_swapped(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = (1 - rho) * v + rho * g**2
    return p - lr * g / root(v, eps, epsilon), v, None


def forward_epsilon_outside(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = rho * v + (1 - rho) * g**2
    return p - lr * g / root(v, eps, "outside" if epsilon == "inside" else "inside"), v, None


def forward_uphill(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = rho * v + (1 - rho) * g**2
    return p + lr * g / root(v, eps, epsilon), v, None


def forward_not_squared(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = rho * v + (1 - rho) * g
    return p - lr * g / root(v, eps, epsilon), v, None


def forward_not_squared_but_positive(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="inside"):
    v = rho * v + (1 - rho) * g
    return p - lr * g / root(np.abs(v), eps, epsilon), v, None


INSIDE = {"epsilon": "inside"}
WRONG = [
    Wrong(
        "sum-for-average",
        "dropped term",
        forward_sum,
        None,
        "p_new v_new",
        options=INSIDE,
        says="squares are summed, not averaged",
    ),
    Wrong(
        "weights-swapped",
        "swapped",
        forward_rates_swapped,
        None,
        "p_new v_new",
        options=INSIDE,
        says="rho and 1 - rho are swapped",
    ),
    Wrong(
        "epsilon-beside-the-root",
        "wrong option",
        forward_epsilon_outside,
        None,
        "p_new",
        options=INSIDE,
        says="epsilon stands on the other side of the root",
    ),
    Wrong(
        "not-squared",
        "dropped term",
        forward_not_squared,
        None,
        "p_new v_new",
        options=INSIDE,
        says="the average is one of g, not of its square",
    ),
    Wrong(
        "not-squared-but-positive",
        "dropped term",
        forward_not_squared_but_positive,
        None,
        "p_new v_new",
        options=INSIDE,
        says="the average is one of g, not of its square, and its sign is taken away",
    ),
    Wrong("uphill", "wrong sign", forward_uphill, None, "p_new", options=INSIDE),
]


def forward_increment(p, g, v, lr=0.001, rho=0.9, eps=1e-7):
    v = rho * v + (1 - rho) * np.square(g)
    increment = lr * g / (v + eps) ** 0.5
    return p - increment, v, increment


def forward_scaled_gradient(p, g, v, lr=0.001, rho=0.9, eps=1e-7):
    v = (1 - rho) * (g * g) + rho * v
    return p - lr * (g / np.sqrt(v + eps)), v, None


UNUSUAL = [
    Unusual("increment-first", forward_increment, None, options=INSIDE),
    Unusual("scaled-gradient", forward_scaled_gradient, None, options=INSIDE),
]
