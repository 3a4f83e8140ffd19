"""Polynomial decay: the learning rate falls to zero along a line or a power of it, and stays there."""

from ._op import Op
from ._schedules import INPUTS, SIZES, check_schedule, each
from ._steps import check_rates


def polynomial_decay_forward(rate, step=0, over=10, power=1.0):
    """Polynomial decay: rate_new = rate (1 - t)^power with t = min(step / over, 1).

    rate: (K,), floating: initial learning rates. Returns the rates at the step and None; no derivative is asked for.
    step: how many steps were done before, from 0; over: the steps down to zero.
    ValueError where a number is out of range.
    """
    check_schedule(rate, step, over)
    check_rates(power=power)
    return rate * each((over - min(step, over)) / over, rate) ** power, None


OP = Op(
    name="polynomial_decay",
    forward=polynomial_decay_forward,
    backward=None,
    inputs=INPUTS,
    options={"step": (0, 3, 9, 12), "over": (10,), "power": (1.0, 2.0)},
    sizes=SIZES,
    output="rate_new",
    cite="Chen et al., DeepLab: semantic image segmentation (2018), section 4.1",
)
