"""What the learning-rate schedules share: their checks and their input, a vector of initial rates."""

from ._checks import check_rank
from ._domain import real
from ._steps import check_count

INPUTS = (real("rate", "K", low=0.0, differentiable=False),)
SIZES = {"K": (3, 2, 1, 4, 5)}


def each(number, rate):
    """The number once for each rate and in the rates' dtype, so that it counts as rounded where they are."""
    return 0 * rate + number


def check_schedule(rate, step, over):
    """Raise ValueError unless `rate` is a vector, `step` a whole number from 0 and `over` one from 1."""
    check_count("step", step, least=0)
    check_count("over", over)
    check_rank("rate", rate, 1, "(K,)")
