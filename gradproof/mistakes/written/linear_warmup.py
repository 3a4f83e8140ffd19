"""Subjects of linear_warmup."""

from ._records import Unusual, Wrong


def textbook(rate, step, over, start):
    return rate * start + (rate - rate * start) * min(step / over, 1)


def forward_from_zero(rate, step=0, over=5, start=0.3):
    return rate * min(step / over, 1), None


def forward_one_step_early(rate, step=0, over=5, start=0.3):
    return rate * (start + (1 - start) * min((step + 1) / over, 1)), None


def forward_never_whole(rate, step=0, over=5, start=0.3):
    return rate * (start + (1 - start) * min(step / over, 1) * start), None


LATER = {"step": 2}
WRONG = [
    Wrong(
        "from-zero",
        "wrong option",
        forward_from_zero,
        None,
        "rate_new",
        options=LATER,
        says="the rate rises from zero, not from where it should start",
    ),
    Wrong(
        "one-step-early",
        "off by one",
        forward_one_step_early,
        None,
        "rate_new",
        options=LATER,
        says="the rise is over one step too early",
    ),
    Wrong(
        "never-whole",
        "dropped term",
        forward_never_whole,
        None,
        "rate_new",
        options=LATER,
        says="the rate never reaches its full value",
    ),
]


def forward_counted_back(rate, step=0, over=5, start=0.3):
    return rate * (1 - (1 - start) * (over - step) / over), None


def forward_one_quotient(rate, step=0, over=5, start=0.3):
    return rate * ((start * (over - step) + step) / over), None


UNUSUAL = [
    Unusual("counted-back", forward_counted_back, None, options=LATER),
    Unusual("one-quotient", forward_one_quotient, None, options=LATER),
]
