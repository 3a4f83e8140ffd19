"""Subjects of clip_by_value."""

import numpy as np

from ._entries import entry_by_entry
from ._records import Unusual, Wrong


def textbook(g, largest):
    return entry_by_entry(lambda g: max(-largest, min(largest, g)), g)


def forward_above_only(g, largest=1.0):
    return np.minimum(g, largest), None


def forward_to_zero(g, largest=1.0):
    return np.where(np.abs(g) <= largest, g, 0 * g), None


def forward_squashed(g, largest=1.0):
    return largest * np.tanh(g / largest), None


WRONG = [
    Wrong("above-only", "wrong side", forward_above_only, None, "g_new", says="only the upper bound clips"),
    Wrong(
        "large-ones-dropped",
        "wrong forward",
        forward_to_zero,
        None,
        "g_new",
        says="what is beyond the bound is set to zero",
    ),
    Wrong(
        "squashed", "wrong forward", forward_squashed, None, "g_new", says="entries are squashed by tanh, not clipped"
    ),
]


def forward_where(g, largest=1.0):
    return np.where(g > largest, largest, np.where(g < -largest, -largest, g)).astype(g.dtype), None


UNUSUAL = [
    Unusual("two-wheres", forward_where, None),
    Unusual("maximum-of-minimum", lambda g, largest=1.0: (np.maximum(np.minimum(g, largest), -largest), None), None),
]
