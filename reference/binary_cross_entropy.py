"""Binary cross-entropy of probabilities: the negative log-likelihood of a coin's tosses."""

import numpy as np

from ._checks import check_option, check_rank, check_shape
from ._domain import binary, probability
from ._op import Op

REDUCTIONS = ("mean", "sum")


def binary_cross_entropy_forward(p, target, reduction="mean"):
    """Binary cross-entropy y = -sum (t log p + (1 - t) log(1 - p)) / n of probabilities p and targets t.

    p: (N, D), floating, strictly between 0 and 1 (nothing is clipped); target: (N, D), 0 or 1, floating.
    Returns the scalar y and the cache. reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the option is unknown.
    """
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("p", p, 2, "(N, D)")
    check_shape("target", target, p.shape, "the shape of p")
    n = p.size if reduction == "mean" else 1
    likelihood = target * np.log(p) + (1 - target) * np.log1p(-p)
    return -likelihood.sum() / n, (p, target, n)


def binary_cross_entropy_backward(dy, cache):
    """dp = dy ((1 - t) / (1 - p) - t / p) / n."""
    p, t, n = cache
    dp = dy * ((1 - t) / (1 - p) - t / p) / n
    return (dp,)


OP = Op(
    name="binary_cross_entropy",
    forward=binary_cross_entropy_forward,
    backward=binary_cross_entropy_backward,
    inputs=(probability("p", "N D"), binary("target", "N D")),
    options={"reduction": REDUCTIONS},
    excluded={
        "integers": "no integer lies strictly between 0 and 1",
        "tails": "a probability is below 1",
        "huge": "a probability is below 1",
        "offset": "a probability is below 1",
    },
    cite="Wu, Training of Multi-Layer Neural Network, 'Derivative of the Binary Cross-Entropy Loss'; "
    "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax, 'Error calculation'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.2",
)
