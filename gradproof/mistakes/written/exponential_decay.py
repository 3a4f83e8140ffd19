"""Subjects of exponential_decay."""

import math

from ._records import Unusual, Wrong


def textbook(rate, step, over, factor):
    return rate * math.exp(step / over * math.log(factor))


def forward_linear(rate, step=0, over=1, factor=0.9):
    return rate * factor * step / over, None


def forward_one_step_late(rate, step=0, over=1, factor=0.9):
    return rate * factor ** ((step - 1) / over), None


def forward_time_inverse(rate, step=0, over=1, factor=0.9):
    return rate / (1 + step * factor / over), None


LATER = {"step": 3}
WRONG = [
    Wrong(
        "linear",
        "wrong forward",
        forward_linear,
        None,
        "rate_new",
        options=LATER,
        says="the rate falls in a straight line",
    ),
    Wrong("one-step-late", "off by one", forward_one_step_late, None, "rate_new", options=LATER),
    Wrong(
        "time-inverse",
        "wrong forward",
        forward_time_inverse,
        None,
        "rate_new",
        options=LATER,
        says="the rate falls as 1 / t",
    ),
]


def forward_power_of_a_root(rate, step=0, over=1, factor=0.9):
    return rate * (factor ** (1 / over)) ** step, None


def forward_logarithm(rate, step=0, over=1, factor=0.9):
    return rate * math.exp(step / over * math.log(factor)), None


UNUSUAL = [
    Unusual("power-of-a-root", forward_power_of_a_root, None, options=LATER),
    Unusual("logarithm", forward_logarithm, None, options=LATER),
]
