"""Categorical cross-entropy of probabilities: the negative log of the probability of the right class."""

import numpy as np

from ._checks import check_option, check_rank
from ._classes import LABELS, at_target, check_target, class_target, indicator
from ._domain import probability as positive_rows
from ._domain import simplex
from ._op import Op

REDUCTIONS = ("mean", "sum")


def categorical_cross_entropy_forward(p, target, labels="integer", reduction="mean", normalize=False):
    """Categorical cross-entropy y = -sum_i log p[i, target_i] / n of probabilities p.

    p: (N, C), floating, positive (nothing is clipped). Returns the scalar y and the cache.
    labels: "integer", target (N,) of 0 to C - 1; or "one_hot", target (N, C), floating, rows that sum to one.
    reduction: n is N for "mean", 1 for "sum". normalize: True divides each row of p by its sum first.
    ValueError where a shape or a label does not fit or an option is unknown.
    """
    check_option("reduction", reduction, REDUCTIONS)
    check_option("normalize", normalize, (False, True))
    check_rank("p", p, 2, "(N, C)")
    check_target(target, labels, p.shape)
    n = p.shape[0] if reduction == "mean" else 1
    total = p.sum(axis=1, keepdims=True)
    log_p = np.log(p / total) if normalize else np.log(p)
    return -at_target(log_p, target, labels).sum() / n, (p, target, labels, total, normalize, n)


def categorical_cross_entropy_backward(dy, cache):
    """dp = -dy t / p / n with t one-hot; after normalising, dp = dy (1 / sum(p) - t / p) / n."""
    p, target, labels, total, normalize, n = cache
    t = indicator(target, labels, p.shape[1])
    dp = dy * (1 / total - t / p) / n if normalize else -dy * (t / p) / n
    return (dp,)


def _inputs(**options):
    p = positive_rows if options.get("normalize") else simplex  # what is normalised need not sum to one before
    return (p("p", "N C"), class_target(options))


OP = Op(
    name="categorical_cross_entropy",
    forward=categorical_cross_entropy_forward,
    backward=categorical_cross_entropy_backward,
    inputs=_inputs,
    options={"labels": LABELS, "reduction": REDUCTIONS, "normalize": (False, True)},
    excluded={
        "integers": "a row of positive integers does not sum to one",
        "tails": "a probability is at most 1",
        "huge": "a probability is at most 1",
        "offset": "a row that sums to one has the mean 1 / C",
    },
    cite="Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation, "
    "'Lost function – cross entropy'; "
    "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax, 'Multi-class Classification; example'; "
    "Wu, Training of Multi-Layer Neural Network, 'Derivative of the Categorical Cross-Entropy Loss'",
)
