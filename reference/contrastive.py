"""Contrastive loss: like pairs are drawn together, unlike ones pushed a margin apart."""

import numpy as np

from ._checks import check_number, check_option, check_rank, check_shape
from ._distance import distance
from ._domain import binary, real
from ._op import Op

REDUCTIONS = ("mean", "sum")


def contrastive_forward(first, second, target, margin=1.0, eps=1e-6, reduction="mean"):
    """Contrastive loss y = sum_i (t_i d_i^2 + (1 - t_i) max(0, margin - d_i)^2) / n, d_i = |first_i - second_i|.

    first, second: (N, D), floating; target: (N,), floating, 1 for a like pair, 0 for an unlike one.
    Returns the scalar y and the cache. eps: added to every difference, so that no distance is zero.
    reduction: n is N for "mean", 1 for "sum". ValueError where a shape does not fit or a number is out of range.
    """
    check_number("margin", margin, above=0)
    check_number("eps", eps, above=0)
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("first", first, 2, "(N, D)")
    check_shape("second", second, first.shape, "the shape of first")
    check_shape("target", target, (len(first),), f"since first has shape {first.shape}")
    n = len(first) if reduction == "mean" else 1
    d, unit = distance(first - second + eps)
    short = np.maximum(margin - d, 0)
    return (target * d**2 + (1 - target) * short**2).sum() / n, (target, d, unit, short, n)


def contrastive_backward(dy, cache):
    """dfirst = 2 dy (t d - (1 - t) max(0, margin - d)) / n times the unit vector between them, dsecond = -dfirst."""
    target, d, unit, short, n = cache
    dfirst = (2 * dy * (target * d - (1 - target) * short) / n)[:, None] * unit
    return dfirst, -dfirst


OP = Op(
    name="contrastive",
    forward=contrastive_forward,
    backward=contrastive_backward,
    inputs=(real("first", "N D"), real("second", "N D"), binary("target", "N")),
    options={"margin": (1.0, 4.0), "eps": (1e-6,), "reduction": REDUCTIONS},
    cite="Hadsell, Chopra, LeCun, Dimensionality reduction by learning an invariant mapping (2006), eq. 4",
)
