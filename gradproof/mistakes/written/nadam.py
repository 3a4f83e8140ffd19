"""Subjects of nadam."""

import math

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def factor(t, beta1, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


def textbook(p, g, m, v, step, lr, beta1, beta2, eps, momentum_decay):
    mu, ahead = factor(step, beta1, momentum_decay), factor(step + 1, beta1, momentum_decay)
    product = math.prod(factor(t, beta1, momentum_decay) for t in range(1, step + 1))

    def one(p, g, m, v):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat = ahead * m / (1 - product * ahead) + (1 - mu) * g / (1 - product)
        return p - lr * m_hat / (math.sqrt(v / (1 - beta2**step)) + eps), m, v

    return entry_by_entry(one, p, g, m, v)


def stepped(p, g, m, v, step, lr, beta1, beta2, eps, mu, ahead, product, through_g=1.0):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat = ahead * m / (1 - product * ahead) + through_g * (1 - mu) * g / (1 - product)
    return p - lr * m_hat / (np.sqrt(v / (1 - beta2**step)) + eps), m, v, None


def forward(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    mu, ahead = factor(step, beta1, momentum_decay), factor(step + 1, beta1, momentum_decay)
    return stepped(p, g, m, v, step, lr, beta1, beta2, eps, mu, ahead, mu)


def forward_not_ahead(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    mu = factor(step, beta1, momentum_decay)
    return stepped(p, g, m, v, step, lr, beta1, beta2, eps, mu, mu, mu)


def forward_constant_factor(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    return stepped(p, g, m, v, step, lr, beta1, beta2, eps, beta1, beta1, beta1**step)


def forward_without_gradient(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    mu, ahead = factor(step, beta1, momentum_decay), factor(step + 1, beta1, momentum_decay)
    return stepped(p, g, m, v, step, lr, beta1, beta2, eps, mu, ahead, mu, through_g=0.0)


FIRST = {"step": 1}
WRONG = [
    Wrong(
        "not-one-step-ahead",
        "off by one",
        forward_not_ahead,
        None,
        "p_new",
        options=FIRST,
        says="the momentum is not taken one step ahead",
    ),
    Wrong(
        "no-schedule-of-the-momentum",
        "wrong option",
        forward_constant_factor,
        None,
        "p_new",
        options=FIRST,
        says="the momentum's schedule is ignored",
    ),
    Wrong(
        "own-gradient-forgotten",
        "dropped term",
        forward_without_gradient,
        None,
        "p_new",
        options=FIRST,
        says="the present gradient's own term is left out",
    ),
]


def forward_two_moves(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    mu, ahead = factor(1, beta1, momentum_decay), factor(2, beta1, momentum_decay)
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    root = np.sqrt(v / (1 - beta2)) + eps
    by_momentum, by_gradient = lr * ahead / (1 - mu * ahead), lr * (1 - mu) / (1 - mu)
    return p - (by_momentum * m + by_gradient * g) / root, m, v, root


UNUSUAL = [
    Unusual("at-the-first-step", forward, None, options=FIRST),
    Unusual("rates-first", forward_two_moves, None, options=FIRST),
]
