"""Softmax cross-entropy: the loss of classification, from scores to a number in one step."""

from ._checks import check_option, check_rank
from ._classes import LABELS, at_target, check_target, class_target, indicator
from ._domain import real
from ._op import Op
from .log_softmax import log_softmax_forward

REDUCTIONS = ("mean", "sum")


def softmax_cross_entropy_forward(logits, target, labels="integer", reduction="mean"):
    """Softmax cross-entropy y = -sum_i log softmax(logits_i)[target_i] / n.

    logits: (N, C), floating. Returns the scalar y and the cache.
    labels: "integer", target (N,) of 0 to C - 1; or "one_hot", target (N, C), floating, rows that sum to one.
    reduction: n is N for "mean", 1 for "sum".
    ValueError where a shape or a label does not fit or an option is unknown.
    """
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("logits", logits, 2, "(N, C)")
    check_target(target, labels, logits.shape)
    n = logits.shape[0] if reduction == "mean" else 1
    log_p, (p, _) = log_softmax_forward(logits, axis=1)
    return -at_target(log_p, target, labels).sum() / n, (p, target, labels, n)


def softmax_cross_entropy_backward(dy, cache):
    """dlogits = dy (p - t) / n with p = softmax(logits) and t one-hot."""
    p, target, labels, n = cache
    t = indicator(target, labels, p.shape[1])
    dlogits = dy * (p - t) / n
    return (dlogits,)


def _inputs(**options):
    return (real("logits", "N C"), class_target(options))


OP = Op(
    name="softmax_cross_entropy",
    forward=softmax_cross_entropy_forward,
    backward=softmax_cross_entropy_backward,
    inputs=_inputs,
    options={"labels": LABELS, "reduction": REDUCTIONS},
    cite="Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation, "
    "'Feedforward propagation with softmax activation'; "
    "Wu, Training of Multi-Layer Neural Network, 'Derivative of the Categorical Cross-Entropy Loss'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.3",
)
