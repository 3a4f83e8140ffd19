"""Step decay: the learning rate falls by a factor every so many steps."""

from ._op import Op
from ._schedules import INPUTS, SIZES, check_schedule, each
from ._steps import check_rates


def step_decay_forward(rate, step=0, over=4, factor=0.5):
    """Step decay: rate_new = rate factor^(step // over).

    rate: (K,), floating: initial learning rates. Returns the rates at the step and None; no derivative is asked for.
    step: how many steps were done before, from 0; over: the steps between two falls.
    ValueError where a number is out of range.
    """
    check_schedule(rate, step, over)
    check_rates(factor=factor)
    return rate * each(factor, rate) ** (step // over), None


OP = Op(
    name="step_decay",
    forward=step_decay_forward,
    backward=None,
    inputs=INPUTS,
    options={"step": (0, 3, 10), "over": (4,), "factor": (0.5, 0.1)},
    sizes=SIZES,
    output="rate_new",
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 8.3.1",
)
