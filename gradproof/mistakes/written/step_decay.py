"""Subjects of step_decay."""

import math

from ._records import Unusual, Wrong


def textbook(rate, step, over, factor):
    return rate * math.prod([factor] * (step // over))


def forward_falls_at_every_step(rate, step=0, over=4, factor=0.5):
    return rate * factor**step, None


def forward_smooth(rate, step=0, over=4, factor=0.5):
    return rate * factor ** (step / over), None


def forward_one_fall_late(rate, step=0, over=4, factor=0.5):
    return rate * factor ** ((step - 1) // over - 1), None


LATER = {"step": 10}
WRONG = [
    Wrong(
        "falls-at-every-step",
        "dropped term",
        forward_falls_at_every_step,
        None,
        "rate_new",
        options=LATER,
        says="the rate falls at every step, not after a number of them",
    ),
    Wrong(
        "smooth",
        "wrong forward",
        forward_smooth,
        None,
        "rate_new",
        options=LATER,
        says="the rate falls smoothly, not in steps",
    ),
    Wrong(
        "one-fall-late",
        "off by one",
        forward_one_fall_late,
        None,
        "rate_new",
        options=LATER,
        says="the falls come one too late",
    ),
]


def forward_divided(rate, step=0, over=4, factor=0.5):
    return rate / (1 / factor) ** (step // over), None


def forward_one_by_one(rate, step=0, over=4, factor=0.5):
    return rate * math.prod([factor] * (step // over)), None


UNUSUAL = [
    Unusual("divided", forward_divided, None, options=LATER),
    Unusual("one-by-one", forward_one_by_one, None, options=LATER),
]
