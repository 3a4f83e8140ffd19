"""Subjects of lion."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, m, lr, beta1, beta2, weight_decay):
    def one(p, g, m):
        c = beta1 * m + (1 - beta1) * g
        return p - lr * ((math.copysign(1, c) if c else 0) + weight_decay * p), beta2 * m + (1 - beta2) * g

    return entry_by_entry(one, p, g, m)


def forward(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * g
    return p - lr * np.sign(c) - lr * weight_decay * p, beta2 * m + (1 - beta2) * g, None


def forward_without_sign(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * g
    return p - lr * c - lr * weight_decay * p, beta2 * m + (1 - beta2) * g, None


def forward_one_beta(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * g
    return p - lr * np.sign(c) - lr * weight_decay * p, c, None


def forward_sign_of_the_gradient(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    return p - lr * np.sign(g) - lr * weight_decay * p, beta2 * m + (1 - beta2) * g, None


WRONG = [
    Wrong("sign-forgotten", "dropped term", forward_without_sign, None, "p_new"),
    Wrong(
        "one-beta-for-both", "wrong option", forward_one_beta, None, "m_new", says="one beta serves for step and memory"
    ),
    Wrong(
        "gradients-own-sign",
        "wrong forward",
        forward_sign_of_the_gradient,
        None,
        "p_new",
        says="the sign is that of the gradient, not of its mixture with the memory",
    ),
]


def forward_decayed_first(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    c = beta1 * m + (1 - beta1) * g
    up, down = c > 0, c < 0
    return (1 - lr * weight_decay) * p - (lr * up - lr * down).astype(p.dtype), beta2 * m + (1 - beta2) * g, None


UNUSUAL = [
    Unusual("decay-last", forward, None),
    Unusual("two-masks-for-the-sign", forward_decayed_first, None),
]
