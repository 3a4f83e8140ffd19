"""Subjects of spectral_norm."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(w, u, v):
    """The sum over every entry."""
    sigma = sum(u[i] * w[i, j] * v[j] for i in range(len(u)) for j in range(len(v)))
    return np.array([[entry / sigma for entry in row] for row in w])


def forward(w, u, v):
    sigma = u @ (w @ v)
    return w / sigma, (w, sigma, u, v)


def gradients(dy, cache, share=1):
    w, sigma, u, v = cache
    return ((dy - share * (dy * (w / sigma)).sum() * np.outer(u, v)) / sigma,)


def backward(dy, cache):
    return gradients(dy, cache)


def forward_frobenius(w, u, v):
    return w / np.sqrt((w * w).sum()), (w, u @ (w @ v), u, v)


def backward_sigma_constant(dy, cache):
    return gradients(dy, cache, 0)


def backward_wrong_sign(dy, cache):
    return gradients(dy, cache, -1)


def backward_constant_upstream(dy, cache):
    w, sigma, u, v = cache
    return ((dy - (w / sigma).sum() * np.outer(u, v)) / sigma,)


WRONG = [
    Wrong(
        "frobenius-norm", "wrong forward", forward_frobenius, backward, "y", says="it is divided by the Frobenius norm"
    ),
    Wrong(
        "sigma-constant",
        "dropped term",
        forward,
        backward_sigma_constant,
        "dw",
        says="the largest singular value is treated as a constant",
    ),
    Wrong("plus-instead-of-minus", "wrong sign", forward, backward_wrong_sign, "dw"),
    Wrong(
        "upstream-of-ones", "ignores upstream", forward, backward_constant_upstream, "dw", says="dy is taken as ones"
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_einsum(w, u, v):
    sigma = np.einsum("m,md,d->", u, w, v)
    return w / sigma, (w, sigma, u, v)


def backward_by_name(dy, cache):
    return {"dw": backward(dy, cache)[0]}


def forward_left_first(w, u, v):
    sigma = (u @ w) @ v
    return w * (1 / sigma), (w, sigma, u, v)


UNUSUAL = [
    Unusual("einsum", forward_einsum, backward_by_name),
    Unusual("left-first", forward_left_first, backward),
]
