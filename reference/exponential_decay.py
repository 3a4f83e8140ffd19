"""Exponential decay: the learning rate falls by the same factor at each step."""

from ._op import Op
from ._schedules import INPUTS, SIZES, check_schedule, each
from ._steps import check_rates


def exponential_decay_forward(rate, step=0, over=1, factor=0.9):
    """Exponential decay: rate_new = rate factor^(step / over).

    rate: (K,), floating: initial learning rates. Returns the rates at the step and None; no derivative is asked for.
    step: how many steps were done before, from 0; over: the steps that the factor takes.
    ValueError where a number is out of range.
    """
    check_schedule(rate, step, over)
    check_rates(factor=factor)
    return rate * each(factor, rate) ** (step / over), None


OP = Op(
    name="exponential_decay",
    forward=exponential_decay_forward,
    backward=None,
    inputs=INPUTS,
    options={"step": (0, 3, 10), "over": (1, 4), "factor": (0.9, 0.25)},
    sizes=SIZES,
    output="rate_new",
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 8.3.1",
)
