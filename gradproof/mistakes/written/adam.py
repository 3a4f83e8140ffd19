"""Subjects of adam."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, m, v, step, lr, beta1, beta2, eps, epsilon):
    def one(p, g, m, v):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        c1, c2 = 1 - beta1**step, 1 - beta2**step
        if epsilon == "corrected":
            return p - lr * (m / c1) / (math.sqrt(v / c2) + eps), m, v
        return p - lr * math.sqrt(c2) / c1 * m / (math.sqrt(v) + eps), m, v

    return entry_by_entry(one, p, g, m, v)


def averages(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def forward_uncorrected(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return p - lr * m / (np.sqrt(v) + eps), m, v, None


def forward_steps_from_zero(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    c1, c2 = 1 - beta1 ** (step + 1), 1 - beta2 ** (step + 1)
    return p - lr * m / c1 / (np.sqrt(v / c2) + eps), m, v, None


def forward_remembers_corrected(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    m, v = m / (1 - beta1**step), v / (1 - beta2**step)
    return p - lr * m / (np.sqrt(v) + eps), m, v, None


def forward_gradient_not_squared(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * np.abs(g)
    return p - lr * m / (1 - beta1**step) / (np.sqrt(v / (1 - beta2**step)) + eps), m, v, None


def forward_betas_swapped(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta2, beta1)
    return p - lr * m / (1 - beta2**step) / (np.sqrt(v / (1 - beta1**step)) + eps), m, v, None


FIRST = {"step": 1, "epsilon": "corrected"}
WRONG = [
    Wrong("no-correction", "dropped term", forward_uncorrected, None, "p_new", options=FIRST),
    Wrong(
        "counts-from-zero",
        "off by one",
        forward_steps_from_zero,
        None,
        "p_new",
        options=FIRST,
        says="the bias correction is that of the next step",
    ),
    Wrong(
        "corrected-state",
        "wrong forward",
        forward_remembers_corrected,
        None,
        "m_new v_new",
        options=FIRST,
        says="the corrected averages are kept for the next step, so they are corrected twice",
    ),
    Wrong(
        "size-for-square",
        "wrong forward",
        forward_gradient_not_squared,
        None,
        "p_new v_new",
        options=FIRST,
        says="the second average takes |g|, not its square",
    ),
    Wrong(
        "betas-swapped",
        "swapped",
        forward_betas_swapped,
        None,
        "p_new m_new v_new",
        options=FIRST,
        says="beta1 and beta2 are swapped",
    ),
]


def forward_lerp(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (g - m) * (1 - beta1)
    v = beta2 * v + (1 - beta2) * np.square(g)
    denominator = np.sqrt(v) / (1 - beta2**step) ** 0.5 + eps
    return p - lr / (1 - beta1**step) * (m / denominator), m, v, None


def forward_textbook(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
    return p - lr * m_hat / (v_hat**0.5 + eps), m, v, (m_hat, v_hat)


UNUSUAL = [
    Unusual("interpolated", forward_lerp, None, options=FIRST),
    Unusual("textbook", forward_textbook, None, options=FIRST),
]
