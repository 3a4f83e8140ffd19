"""Cosine decay: the learning rate follows half a wave down to a floor, and stays there."""

import math

import numpy as np

from ._op import Op
from ._schedules import INPUTS, SIZES, check_schedule, each
from ._steps import check_fractions


def cosine_decay_forward(rate, step=0, over=10, floor=0.0):
    """Cosine decay: rate_new = rate (floor + (1 - floor) (1 + cos(pi t)) / 2) with t = min(step / over, 1).

    rate: (K,), floating: initial learning rates. Returns the rates at the step and None; no derivative is asked for.
    step: how many steps were done before, from 0; over: the steps down to the floor.
    ValueError where a number is out of range.
    """
    check_schedule(rate, step, over)
    check_fractions(floor=floor)
    left = 1 - min(step, over) / over
    wave = np.sin(each(math.pi / 2 * left, rate)) ** 2  # (1 + cos(pi t)) / 2, without the cancellation near t = 1
    return rate * (floor + (1 - floor) * wave), None


OP = Op(
    name="cosine_decay",
    forward=cosine_decay_forward,
    backward=None,
    inputs=INPUTS,
    options={"step": (0, 3, 9, 10), "over": (10,), "floor": (0.0, 0.125)},
    sizes=SIZES,
    output="rate_new",
    cite="Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts (2017), eq. 5",
)
