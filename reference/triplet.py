"""Triplet loss: an anchor lies nearer to its like than to another, by a margin."""

import numpy as np

from ._checks import check_number, check_option, check_rank, check_shape
from ._distance import distance
from ._domain import real
from ._op import Op

REDUCTIONS = ("mean", "sum")


def triplet_forward(anchor, positive, negative, margin=1.0, eps=1e-6, reduction="mean"):
    """Triplet loss y = sum_i max(0, |a_i - p_i| - |a_i - n_i| + margin) / n, with Euclidean distances of rows.

    anchor, positive, negative: (N, D), floating. Returns the scalar y and the cache.
    eps: added to every difference, so that no distance is zero (PyTorch). reduction: n is N for "mean", 1 for "sum".
    ValueError where a shape does not fit or a number is out of range.
    """
    check_number("margin", margin)
    check_number("eps", eps, above=0)
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("anchor", anchor, 2, "(N, D)")
    check_shape("positive", positive, anchor.shape, "the shape of anchor")
    check_shape("negative", negative, anchor.shape, "the shape of anchor")
    n = len(anchor) if reduction == "mean" else 1
    near, to_near = distance(anchor - positive + eps)
    far, to_far = distance(anchor - negative + eps)
    excess = margin + near - far
    return np.maximum(excess, 0).sum() / n, (to_near, to_far, excess > 0, n)


def triplet_backward(dy, cache):
    """danchor, dpositive, dnegative from the unit vectors; a row exactly at the margin does not count as violating."""
    to_near, to_far, violated, n = cache
    up = (dy * violated / n)[:, None]
    return up * (to_near - to_far), -up * to_near, up * to_far


OP = Op(
    name="triplet",
    forward=triplet_forward,
    backward=triplet_backward,
    inputs=(real("anchor", "N D"), real("positive", "N D"), real("negative", "N D")),
    options={"margin": (1.0, 2.0), "eps": (1e-6,), "reduction": REDUCTIONS},
    cite="Schroff, Kalenichenko, Philbin, FaceNet (2015), section 3.1; "
    "Balntas et al., Learning local feature descriptors with triplets (2016)",
)
