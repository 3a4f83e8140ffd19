"""Softmax cross-entropy with a weight for each class and with smoothed labels."""

import numpy as np

from ._checks import check_labels, check_option, check_rank, check_shape
from ._domain import labels, real
from ._op import Op
from ._steps import check_fractions
from .log_softmax import log_softmax_forward

REDUCTIONS = ("mean", "weighted_mean", "sum")


def weighted_cross_entropy_forward(logits, target, weights, smoothing=0.0, reduction="mean"):
    """Weighted softmax cross-entropy y = -sum_ij w_j s_ij log softmax(logits_i)[j] / n with smoothed labels s.

    s_ij is smoothing / C, and 1 - smoothing more where j is the label.
    logits: (N, C), floating; target: (N,), labels 0 to C - 1; weights w: (C,), floating, not negative.
    Returns the scalar y and the cache.
    reduction: n is N for "mean" (Keras), the sum of the labels' weights for "weighted_mean" (PyTorch), 1 for "sum".
    ValueError where a shape or a label does not fit or an option is out of range.
    """
    check_fractions(smoothing=smoothing)
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("logits", logits, 2, "(N, C)")
    check_labels("target", target, *logits.shape)
    check_shape("weights", weights, (logits.shape[1],), f"one for each class, since logits has shape {logits.shape}")
    classes = logits.shape[1]
    right = target[:, None] == np.arange(classes)
    share = (1 - smoothing) * (weights * right) + smoothing / classes * weights
    n = {"mean": len(logits), "weighted_mean": weights[target].sum(), "sum": 1}[reduction]
    log_p, (p, _) = log_softmax_forward(logits, axis=1)
    return -(share * log_p).sum() / n, (p, share, n)


def weighted_cross_entropy_backward(dy, cache):
    """dlogits = dy (p sum_j share_j - share) / n with share = w s and p = softmax(logits)."""
    p, share, n = cache
    return (dy * (p * share.sum(axis=1, keepdims=True) - share) / n,)


OP = Op(
    name="weighted_cross_entropy",
    forward=weighted_cross_entropy_forward,
    backward=weighted_cross_entropy_backward,
    inputs=(
        real("logits", "N C"),
        labels("target", "N", classes="C"),
        real("weights", "C", low=0.125, differentiable=False),
    ),
    options={"smoothing": (0.0, 0.1), "reduction": REDUCTIONS},
    cite="Szegedy et al., Rethinking the inception architecture for computer vision (2016), section 7; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 7.5.1",
)
