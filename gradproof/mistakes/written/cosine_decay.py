"""Subjects of cosine_decay."""

import math

from ._records import Unusual, Wrong


def textbook(rate, step, over, floor):
    return rate * (floor + (1 - floor) * (1 + math.cos(math.pi * min(step / over, 1))) / 2)


def forward_whole_wave(rate, step=0, over=10, floor=0.0):
    return rate * (floor + (1 - floor) * (1 + math.cos(2 * math.pi * step / over)) / 2), None


def forward_floor_added(rate, step=0, over=10, floor=0.0):
    return rate * (floor + (1 + math.cos(math.pi * step / over)) / 2 + 0.25), None


def forward_straight(rate, step=0, over=10, floor=0.0):
    return rate * (floor + (1 - floor) * (1 - step / over)), None


LATER = {"step": 3}
WRONG = [
    Wrong(
        "whole-wave",
        "dropped term",
        forward_whole_wave,
        None,
        "rate_new",
        options=LATER,
        says="the cosine runs through a whole wave, not half of one",
    ),
    Wrong(
        "floor-added",
        "wrong option",
        forward_floor_added,
        None,
        "rate_new",
        options=LATER,
        says="the final rate is added, not mixed in",
    ),
    Wrong(
        "straight",
        "wrong forward",
        forward_straight,
        None,
        "rate_new",
        options=LATER,
        says="the rate falls in a straight line",
    ),
]


def forward_square_of_the_half_angle(rate, step=0, over=10, floor=0.0):
    return rate * (floor + (1 - floor) * math.cos(math.pi * step / over / 2) ** 2), None


def forward_plain(rate, step=0, over=10, floor=0.0):
    return rate * (floor + (1 - floor) * (1 + math.cos(math.pi * step / over)) / 2), None


UNUSUAL = [
    Unusual("square-of-the-half-angle", forward_square_of_the_half_angle, None, options=LATER),
    Unusual("plain", forward_plain, None, options=LATER),
]
