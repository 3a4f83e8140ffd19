"""Subjects of temporal_affine."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, w, b):
    """One step of one sequence at a time."""
    y = np.empty((*x.shape[:2], len(b)))
    for n, t in np.ndindex(*x.shape[:2]):
        y[n, t] = [sum(x[n, t] * w[:, m]) + b[m] for m in range(len(b))]
    return y


def forward(x, w, b):
    return np.einsum("ntd,dm->ntm", x, w) + b, (x, w)


def backward(dy, cache):
    x, w = cache
    return np.einsum("ntm,dm->ntd", dy, w), np.einsum("ntd,ntm->dm", x, dy), dy.sum(axis=(0, 1))


def backward_last_step_only(dy, cache):
    x, _ = cache
    dx, _, db = backward(dy, cache)
    return dx, x[:, -1].T @ dy[:, -1], db


def backward_mean_over_steps(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw / dy.shape[1], db / dy.shape[1]


def backward_one_sequence(dy, cache):
    dx, dw, _ = backward(dy, cache)
    return dx, dw, dy[0].sum(axis=0)


def backward_of_ones(dy, cache):
    return backward(np.ones_like(dy), cache)


WRONG = [
    Wrong(
        "last-step-only",
        "one row only",
        forward,
        backward_last_step_only,
        "dw",
        says="dw is that of the last step only",
    ),
    Wrong(
        "averaged-over-steps",
        "wrong n",
        forward,
        backward_mean_over_steps,
        "dw db",
        says="dw and db are averaged over the steps",
    ),
    Wrong("one-sequence", "one row only", forward, backward_one_sequence, "db", says="db is that of one sequence only"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_of_ones, "dx dw db"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_step_by_step(x, w, b):
    return np.stack([x[:, t] @ w + b for t in range(x.shape[1])], axis=1), (x, w)


def backward_by_tensordot(dy, cache):
    x, w = cache
    return np.tensordot(dy, w, axes=(2, 1)), np.tensordot(x, dy, axes=((0, 1), (0, 1))), dy.sum(axis=0).sum(axis=0)


UNUSUAL = [
    Unusual("step-by-step", forward_step_by_step, backward),
    Unusual("tensordot", forward, backward_by_tensordot),
]
