"""Subjects of momentum: a step of the heavy ball."""

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, v, lr, momentum, rate, nesterov):
    def step(p, g, v):
        v = momentum * v + (g if rate == "outside" else -lr * g)
        move = -lr * v if rate == "outside" else v
        return (p + momentum * move - lr * g if nesterov else p + move), v

    return entry_by_entry(step, p, g, v)


def forward(p, g, v, lr=0.125, momentum=0.9):
    v = momentum * v + g
    return p - lr * v, v, None


def rates(lr, rate):
    """What the gradient is multiplied by in the velocity, and the velocity, to be subtracted, in the step."""
    return (1, lr) if rate == "outside" else (-lr, -1)


def forward_old_velocity(p, g, v, lr=0.125, momentum=0.9, rate="outside"):
    inner, outer = rates(lr, rate)
    return p - outer * v, momentum * v + inner * g, None


def forward_averaged(p, g, v, lr=0.125, momentum=0.9, rate="outside"):
    inner, outer = rates(lr, rate)
    v = momentum * v + (1 - momentum) * inner * g
    return p - outer * v, v, None


def forward_rate_inside(p, g, v, lr=0.125, momentum=0.9):
    v = momentum * v - lr * g
    return p + v, v, None


def forward_velocity_kept(p, g, v, lr=0.125, momentum=0.9, rate="outside"):
    inner, outer = rates(lr, rate)
    return p - outer * (momentum * v + inner * g), 1 * v, None


def forward_nesterov(p, g, v, lr=0.125, momentum=0.9, rate="outside"):
    inner, outer = rates(lr, rate)
    v = momentum * v + inner * g
    return p - lr * g - outer * momentum * v, v, None


OUTSIDE = {"rate": "outside", "nesterov": False}
WRONG = [
    Wrong(
        "velocity-of-the-step-before",
        "stale cache",
        forward_old_velocity,
        None,
        "p_new",
        options=OUTSIDE,
        says="the step uses the old velocity",
    ),
    Wrong(
        "averaged-gradient",
        "wrong forward",
        forward_averaged,
        None,
        "p_new v_new",
        options=OUTSIDE,
        says="the gradient is weighted by 1 - momentum",
    ),
    Wrong(
        "rate-inside",
        "wrong option",
        forward_rate_inside,
        None,
        "p_new v_new",
        options=OUTSIDE,
        says="the learning rate is multiplied into the velocity",
    ),
    Wrong(
        "velocity-never-moves",
        "dropped term",
        forward_velocity_kept,
        None,
        "v_new",
        options=OUTSIDE,
        says="the velocity is returned as it was",
    ),
    Wrong(
        "nesterov-unasked",
        "wrong option",
        forward_nesterov,
        None,
        "p_new",
        options=OUTSIDE,
        says="the step looks ahead, as Nesterov's does",
    ),
]


def forward_in_place_on_a_copy(p, g, v, lr=0.125, momentum=0.9):
    new = v * momentum
    new += g
    return p - lr * new, new, None


def forward_from_inside(p, g, v, lr=0.125, momentum=0.9):
    move = momentum * (-lr * v) - lr * g
    return p + move, -move / lr, None


UNUSUAL = [
    Unusual("velocity-on-a-copy", forward_in_place_on_a_copy, None, options=OUTSIDE),
    Unusual("through-the-form-with-the-rate-inside", forward_from_inside, None, options=OUTSIDE),
]
