"""Subjects of embedding: rows of a table."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, w):
    """One word at a time."""
    y = np.empty((*x.shape, w.shape[1]))
    for n, t in np.ndindex(*x.shape):
        y[n, t] = w[x[n, t]]
    return y


def forward(x, w):
    return w[x], (x, w)


def backward(dy, cache):
    x, w = cache
    dw = np.zeros_like(w)
    np.add.at(dw, x, dy)
    return (dw,)


def backward_added_once(dy, cache):
    x, w = cache
    dw = np.zeros_like(w)
    dw[x] += dy
    return (dw,)


def backward_padding_word(dy, cache):
    (dw,) = backward(dy, cache)
    dw[0] = 0
    return (dw,)


def backward_by_frequency(dy, cache):
    (dw,) = backward(dy, cache)
    times = np.bincount(cache[0].ravel(), minlength=len(dw))
    return (dw / np.maximum(times, 1)[:, None].astype(dw.dtype),)


def backward_the_used_rows(dy, cache):
    (dw,) = backward(dy, cache)
    return (dw[: len(dw) - 1],)


WRONG = [
    Wrong(
        "added-once",
        "one row only",
        forward,
        backward_added_once,
        "dw",
        says="a word that stands twice is added once: dw[x] += dy in place of np.add.at",
    ),
    Wrong(
        "word-zero-is-padding",
        "wrong option",
        forward,
        backward_padding_word,
        "dw",
        says="word 0 gets no gradient, as if it were padding",
    ),
    Wrong(
        "averaged-by-frequency",
        "wrong n",
        forward,
        backward_by_frequency,
        "dw",
        says="each row is divided by how often its word occurs",
    ),
    Wrong(
        "a-row-lost",
        "wrong shape",
        forward,
        backward_the_used_rows,
        "dw",
        "wrong-shape",
        says="the table's gradient lacks its last row",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_one_hot(x, w):
    chosen = x[..., None] == np.arange(len(w))
    return chosen @ w, (chosen, w)


def backward_one_hot(dy, cache):
    chosen, w = cache
    return (chosen.reshape(-1, len(w)).T @ dy.reshape(-1, w.shape[1]),)


def backward_word_by_word(dy, cache):
    x, w = cache
    dw = np.zeros_like(w)
    for n, t in np.ndindex(*x.shape):
        dw[x[n, t]] += dy[n, t]
    return (dw,)


UNUSUAL = [
    Unusual("one-hot-product", forward_one_hot, backward_one_hot),
    Unusual("word-by-word", forward, backward_word_by_word),
]
