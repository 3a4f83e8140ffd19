"""Subjects of clip_by_norm."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(g, largest, eps):
    norm = math.sqrt(sum(float(x) ** 2 for x in g.ravel()))
    return g * min(1, largest / (norm + eps))


def forward_always(g, largest=1.0, eps=0.0):
    return g * largest / (np.sqrt((g * g).sum()) + eps), None


def forward_of_the_largest(g, largest=1.0, eps=0.0):
    return g * largest / np.maximum(np.abs(g).max() + eps, largest), None


def forward_of_the_square(g, largest=1.0, eps=0.0):
    return g * largest / np.maximum((g * g).sum() + eps, largest), None


def forward_rms(g, largest=1.0, eps=0.0):
    return g * largest / np.maximum(np.sqrt((g * g).mean()) + eps, largest), None


WRONG = [
    Wrong(
        "short-ones-stretched",
        "wrong side",
        forward_always,
        None,
        "g_new",
        status="wrong",
        cases=24,
        says="gradients that are short enough are stretched to the norm",
    ),
    Wrong(
        "largest-entry",
        "wrong forward",
        forward_of_the_largest,
        None,
        "g_new",
        says="the largest entry stands for the norm",
    ),
    Wrong("root-forgotten", "dropped term", forward_of_the_square, None, "g_new"),
    Wrong(
        "root-mean-square",
        "wrong n",
        forward_rms,
        None,
        "g_new",
        says="the root of the mean of squares stands for the norm",
    ),
]


def forward_branch(g, largest=1.0, eps=0.0):
    norm = np.sqrt((g * g).sum()) + eps
    return (g * (largest / norm) if norm > largest else g * 1), None


def forward_quotient(g, largest=1.0, eps=0.0):
    return g * largest / np.maximum(np.sqrt(np.sum(np.square(g))) + eps, largest), None


UNUSUAL = [
    Unusual("branch-on-the-norm", forward_branch, None),
    Unusual("product-first", forward_quotient, None),
]
