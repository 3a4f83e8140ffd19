"""Subjects of polynomial_decay."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(rate, step, over, power):
    return rate * (1 - min(step / over, 1)) ** power


def forward_rising(rate, step=0, over=10, power=1.0):
    return rate * (1 + step / over) ** power, None


def forward_one_step_late(rate, step=0, over=10, power=1.0):
    return rate * (1 - (step - 1) / over) ** power, None


def forward_cubic(rate, step=0, over=10, power=1.0):
    return rate * (1 - step / over) ** (power + 1), None


LATER = {"step": 3}
WRONG = [
    Wrong("rising", "wrong sign", forward_rising, None, "rate_new", options=LATER, says="the rate rises"),
    Wrong("one-step-late", "off by one", forward_one_step_late, None, "rate_new", options=LATER),
    Wrong(
        "cubic",
        "wrong option",
        forward_cubic,
        None,
        "rate_new",
        options=LATER,
        says="the power is 3, whatever the option says",
    ),
]


def forward_difference(rate, step=0, over=10, power=1.0):
    return rate * (1 - step / over) ** power, None


def forward_logarithm(rate, step=0, over=10, power=1.0):
    return rate * np.exp(power * np.log(1 - step / over)).item(), None


UNUSUAL = [
    Unusual("difference", forward_difference, None, options=LATER),
    Unusual("logarithm", forward_logarithm, None, options=LATER),
]
