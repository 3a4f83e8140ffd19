"""Subjects of clip_by_global_norm."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(gw, gb, largest, eps):
    norm = math.sqrt(sum(float(x) ** 2 for g in (gw, gb) for x in g.ravel()))
    return gw * min(1, largest / (norm + eps)), gb * min(1, largest / (norm + eps))


def factor(squares, largest, eps):
    return largest / np.maximum(np.sqrt(squares) + eps, largest)


def forward_each_by_itself(gw, gb, largest=1.0, eps=0.0):
    return gw * factor((gw * gw).sum(), largest, eps), gb * factor((gb * gb).sum(), largest, eps), None


def forward_sum_of_norms(gw, gb, largest=1.0, eps=0.0):
    norms = np.sqrt((gw * gw).sum()) + np.sqrt((gb * gb).sum())
    scale = largest / np.maximum(norms + eps, largest)
    return gw * scale, gb * scale, None


def forward_bias_left(gw, gb, largest=1.0, eps=0.0):
    return gw * factor((gw * gw).sum() + (gb * gb).sum(), largest, eps), gb * 1, None


WRONG = [
    Wrong(
        "each-by-itself",
        "wrong forward",
        forward_each_by_itself,
        None,
        "gw_new gb_new",
        says="each array is clipped by its own norm",
    ),
    Wrong(
        "sum-of-the-norms",
        "wrong forward",
        forward_sum_of_norms,
        None,
        "gw_new gb_new",
        says="the norms are added, not their squares",
    ),
    Wrong(
        "bias-not-clipped", "dropped term", forward_bias_left, None, "gb_new", says="the bias's gradient is not clipped"
    ),
]


def forward_joined(gw, gb, largest=1.0, eps=0.0):
    every = np.concatenate([gw.ravel(), gb])
    norm = np.sqrt(every @ every) + eps
    scale = largest / norm if norm > largest else 1
    return gw * scale, gb * scale, None


def forward_inverse(gw, gb, largest=1.0, eps=0.0):
    norm = np.sqrt((gw * gw).sum() + (gb * gb).sum()) + eps
    scale = np.minimum(1 / np.maximum(norm, largest), 1 / largest)
    return gw * largest * scale, gb * largest * scale, None


UNUSUAL = [
    Unusual("all-in-one-vector", forward_joined, None),
    Unusual("product-first", forward_inverse, None),
]
