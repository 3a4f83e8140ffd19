"""Multiclass hinge loss: every wrong class must stay a margin below the right one."""

import numpy as np

from ._checks import check_labels, check_number, check_option, check_rank
from ._classes import at_target, indicator
from ._domain import labels, real
from ._op import Op

REDUCTIONS = ("mean", "sum")


def hinge_forward(scores, target, margin=1.0, reduction="mean", per_class=False):
    """Multiclass hinge loss y = sum_i sum_(j != t_i) max(0, s[i, j] - s[i, t_i] + margin) / n of scores s and labels t.

    scores: (N, C), floating; target: (N,), labels 0 to C - 1. Returns the scalar y and the cache.
    margin: how far below the right class the others must stay. reduction: n is N for "mean", 1 for "sum".
    per_class: True divides by the number of classes C as well, as PyTorch's multi_margin_loss does.
    ValueError where a shape or a label does not fit, margin is not a number or the reduction is unknown.
    """
    check_number("margin", margin)
    check_option("reduction", reduction, REDUCTIONS)
    check_option("per_class", per_class, (False, True))
    check_rank("scores", scores, 2, "(N, C)")
    check_labels("target", target, *scores.shape)
    n = (scores.shape[0] if reduction == "mean" else 1) * (scores.shape[1] if per_class else 1)
    right = indicator(target, "integer", scores.shape[1])
    excess = scores - at_target(scores, target, "integer")[:, None] + margin
    return (np.maximum(excess, 0) * ~right).sum() / n, (excess, right, n)


def hinge_backward(dy, cache):
    """dscores = dy / n for each violating class, less the sum of these at the right class.

    At a kink, a wrong class exactly a margin below, the class does not count as violating.
    """
    excess, right, n = cache
    up = dy * ((excess > 0) & ~right) / n
    dscores = up - right * up.sum(axis=1, keepdims=True)
    return (dscores,)


OP = Op(
    name="hinge",
    forward=hinge_forward,
    backward=hinge_backward,
    inputs=(real("scores", "N C"), labels("target", "N", classes="C")),
    options={"margin": (1.0,), "reduction": REDUCTIONS, "per_class": (False, True)},
    cite="Stanford CS231n, Linear Classification, 'Multiclass Support Vector Machine loss'; "
    "Weston and Watkins, Support vector machines for multi-class pattern recognition (1999)",
)
