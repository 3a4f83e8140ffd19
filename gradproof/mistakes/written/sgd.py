"""Subjects of sgd: a step of gradient descent."""

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, lr, weight_decay):
    return entry_by_entry(lambda p, g: p - lr * g - lr * weight_decay * p, p, g)


def forward_uphill(p, g, lr=0.01, weight_decay=0.0):
    return p + lr * (g + weight_decay * p), None


def forward_decay_undone(p, g, lr=0.01, weight_decay=0.0):
    return p - lr * (g - weight_decay * p), None


def forward_no_decay(p, g, lr=0.01, weight_decay=0.0):
    return p - lr * g, None


def forward_in_place(p, g, lr=0.01, weight_decay=0.0):
    p -= lr * (g + weight_decay * p)
    return p, None


def forward_decay_without_rate(p, g, lr=0.01, weight_decay=0.0):
    return (1 - weight_decay) * p - lr * g, None


WRONG = [
    Wrong("uphill", "wrong sign", forward_uphill, None, "p_new"),
    Wrong(
        "weights-grow",
        "wrong sign",
        forward_decay_undone,
        None,
        "p_new",
        options={"weight_decay": 0.1},
        says="the weight decay has the wrong sign",
    ),
    Wrong("decay-ignored", "wrong option", forward_no_decay, None, "p_new", options={"weight_decay": 0.1}),
    Wrong(
        "decay-without-the-rate",
        "dropped term",
        forward_decay_without_rate,
        None,
        "p_new",
        options={"weight_decay": 0.1},
    ),
    Wrong("in-place", "changes in place", forward_in_place, None, "p_new", "mutated-input"),
]


def forward_decays_apart(p, g, lr=0.01, weight_decay=0.0):
    return (p - lr * weight_decay * p) - lr * g, None


def forward_on_a_copy(p, g, lr=0.01, weight_decay=0.0):
    new = p.copy()
    new *= 1 - lr * weight_decay
    new -= lr * g
    return new, {"lr": lr}


UNUSUAL = [
    Unusual("decays-apart", forward_decays_apart, None),
    Unusual("on-a-copy", forward_on_a_copy, None),
]
