"""Linear warm-up: the learning rate grows from a small share of itself to the whole, and stays there."""

from ._op import Op
from ._schedules import INPUTS, SIZES, check_schedule, each
from ._steps import check_fractions


def linear_warmup_forward(rate, step=0, over=5, start=0.3):
    """Linear warm-up: rate_new = rate (start + (1 - start) t) with t = min(step / over, 1).

    rate: (K,), floating: initial learning rates. Returns the rates at the step and None; no derivative is asked for.
    step: how many steps were done before, from 0; over: the steps up to the whole rate.
    ValueError where a number is out of range.
    """
    check_schedule(rate, step, over)
    check_fractions(start=start)
    share = each(start, rate)
    return rate * (share + (1 - share) * (min(step, over) / over)), None


OP = Op(
    name="linear_warmup",
    forward=linear_warmup_forward,
    backward=None,
    inputs=INPUTS,
    options={"step": (0, 2, 5, 7), "over": (5,), "start": (0.3, 0.1)},
    sizes=SIZES,
    output="rate_new",
    cite="Goyal et al., Accurate, large minibatch SGD (2017), section 2.2",
)
