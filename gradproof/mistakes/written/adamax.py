"""Subjects of adamax."""

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(p, g, m, u, step, lr, beta1, beta2, eps, epsilon):
    def one(p, g, m, u):
        m = beta1 * m + (1 - beta1) * g
        u = max(beta2 * u, abs(g) + (eps if epsilon == "gradient" else 0))
        return p - lr / (1 - beta1**step) * m / (u + (eps if epsilon == "norm" else 0)), m, u

    return entry_by_entry(one, p, g, m, u)


def forward(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g))
    return p - lr / (1 - beta1**step) * m / (u + eps), m, u, None


def forward_never_forgets(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(u, np.abs(g))
    return p - lr / (1 - beta1**step) * m / (u + eps), m, u, None


def forward_signed(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, g)
    return p - lr / (1 - beta1**step) * m / (u + eps), m, u, None


def forward_norm_corrected(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g))
    return p - lr / (1 - beta1**step) * m / (u / (1 - beta2**step) + eps), m, u, None


def forward_no_correction(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g))
    return p - lr * m / (u + eps), m, u, None


NORM = {"epsilon": "norm"}
WRONG = [
    Wrong(
        "never-forgets",
        "dropped term",
        forward_never_forgets,
        None,
        "p_new u_new",
        options=NORM,
        says="the old maximum is not multiplied by beta2",
    ),
    Wrong(
        "signed-gradient",
        "wrong side",
        forward_signed,
        None,
        "p_new u_new",
        options=NORM,
        says="the maximum is taken with g, not with |g|",
    ),
    Wrong(
        "norm-corrected-too",
        "wrong forward",
        forward_norm_corrected,
        None,
        "p_new",
        options=NORM,
        says="the infinity norm is bias-corrected too",
    ),
    Wrong("no-correction", "dropped term", forward_no_correction, None, "p_new", options=NORM),
]


def forward_where(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (g - m)
    faded, size = beta2 * u, np.abs(g)
    u = np.where(faded > size, faded, size)
    return p - lr * m / ((1 - beta1**step) * (u + eps)), m, u, None


UNUSUAL = [
    Unusual("rate-first", forward, None, options=NORM),
    Unusual("where-for-maximum", forward_where, None, options=NORM),
]
