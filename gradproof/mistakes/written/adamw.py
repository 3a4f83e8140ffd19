"""Subjects of adamw."""

import numpy as np

from . import adam
from ._records import Unusual, Wrong


def textbook(p, g, m, v, step, lr, beta1, beta2, eps, weight_decay, epsilon):
    moved, m, v = adam.textbook(p, g, m, v, step, lr, beta1, beta2, eps, epsilon)
    return moved - lr * weight_decay * p, m, v


def stepped(p, g, m, v, step, lr, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    return p - lr / (1 - beta1**step) * m / (np.sqrt(v / (1 - beta2**step)) + eps), m, v


def forward(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    p, m, v = stepped((1 - lr * weight_decay) * p, g, m, v, step, lr, beta1, beta2, eps)
    return p, m, v, None


def forward_coupled(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    p, m, v = stepped(p, g + weight_decay * p, m, v, step, lr, beta1, beta2, eps)
    return p, m, v, None


def forward_decay_without_rate(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    p, m, v = stepped((1 - weight_decay) * p, g, m, v, step, lr, beta1, beta2, eps)
    return p, m, v, None


def forward_no_decay(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    p, m, v = stepped(p, g, m, v, step, lr, beta1, beta2, eps)
    return p, m, v, None


FIRST = {"step": 1, "epsilon": "corrected"}
WRONG = [
    Wrong(
        "decay-through-the-gradient",
        "wrong forward",
        forward_coupled,
        None,
        "p_new m_new v_new",
        options=FIRST,
        says="the weight decay is added to the gradient, as in Adam with L2, and passes through the averages",
    ),
    Wrong("decay-without-the-rate", "dropped term", forward_decay_without_rate, None, "p_new", options=FIRST),
    Wrong("decay-ignored", "wrong option", forward_no_decay, None, "p_new", options=FIRST),
]


def forward_decays_apart(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
    decayed = p - lr * weight_decay * p
    new, m, v = stepped(decayed, g, m, v, step, lr, beta1, beta2, eps)
    return new, m, v, {"decayed": decayed}


UNUSUAL = [
    Unusual("decayed-first", forward, None, options=FIRST),
    Unusual("decay-as-a-difference", forward_decays_apart, None, options=FIRST),
]
