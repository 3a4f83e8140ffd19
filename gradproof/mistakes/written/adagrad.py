"""Subjects of adagrad."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, s, lr, eps, epsilon):
    def step(p, g, s):
        s += g**2
        return p - lr * g / (math.sqrt(s) + eps if epsilon == "outside" else math.sqrt(s + eps)), s

    return entry_by_entry(step, p, g, s)


def forward(p, g, s, lr=0.01, eps=1e-7):
    s = s + g**2
    return p - lr * g / (np.sqrt(s) + eps), s, None


def forward_old_sum(p, g, s, lr=0.01, eps=1e-7):
    return p - lr * g / (np.sqrt(s) + eps), s + g**2, None


def forward_without_root(p, g, s, lr=0.01, eps=1e-7):
    s = s + g**2
    return p - lr * g / (s + eps), s, None


def forward_sizes(p, g, s, lr=0.01, eps=1e-7):
    s = s + np.abs(g)
    return p - lr * g / (np.sqrt(s) + eps), s, None


def forward_epsilon_inside(p, g, s, lr=0.01, eps=1e-7):
    s = s + g**2
    return p - lr * g / np.sqrt(s + eps), s, None


def forward_in_place(p, g, s, lr=0.01, eps=1e-7):
    s += g**2
    return p - lr * g / (np.sqrt(s) + eps), s, None


OUTSIDE = {"epsilon": "outside"}
WRONG = [
    Wrong(
        "sum-of-the-step-before",
        "stale cache",
        forward_old_sum,
        None,
        "p_new",
        options=OUTSIDE,
        besides="s_new",
        says="the step is divided by the sum of squares of the step before",
    ),
    Wrong("root-forgotten", "dropped term", forward_without_root, None, "p_new", options=OUTSIDE),
    Wrong(
        "sizes-for-squares",
        "wrong forward",
        forward_sizes,
        None,
        "p_new s_new",
        options=OUTSIDE,
        says="absolute values are summed, not squares",
    ),
    Wrong(
        "epsilon-under-the-root",
        "wrong option",
        forward_epsilon_inside,
        None,
        "p_new",
        options=OUTSIDE,
        says="epsilon stands under the root",
    ),
    Wrong(
        "sum-in-place",
        "changes in place",
        forward_in_place,
        None,
        "p_new",
        "mutated-input",
        options=OUTSIDE,
        besides="s_new",
        says="the sum of squares that was passed in is written over",
    ),
]


def forward_power(p, g, s, lr=0.01, eps=1e-7):
    s = s + np.square(g)
    return p - lr * (g / (s**0.5 + eps)), s, None


def forward_rate_first(p, g, s, lr=0.01, eps=1e-7):
    s = g * g + s
    rates = lr / (np.sqrt(s) + eps)
    return p - rates * g, s, rates


UNUSUAL = [
    Unusual("power-of-a-half", forward_power, None, options=OUTSIDE),
    Unusual("rates-first", forward_rate_first, None, options=OUTSIDE),
]
