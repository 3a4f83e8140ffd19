"""Binary cross-entropy of probabilities: the negative log-likelihood of a coin's tosses."""

import numpy as np

from ._domain import binary, probability
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def binary_cross_entropy_forward(p, target, reduction="mean"):
    """Binary cross-entropy y = -sum (t log p + (1 - t) log(1 - p)) / n of probabilities p and targets t.

    p: (N, D), floating, strictly between 0 and 1 (nothing is clipped); target: (N, D), 0 or 1, floating.
    Returns the scalar y and the cache. reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the option is unknown.
    """
    check_pair(p, target, reduction, name="p")
    likelihood = target * np.log(p) + (1 - target) * np.log1p(-p)
    return -reduced(likelihood, reduction), (p, target, reduction)


def binary_cross_entropy_backward(dy, cache):
    """dp = dy ((1 - t) / (1 - p) - t / p) / n."""
    p, t, reduction = cache
    dp = shared(dy, p.shape, reduction) * ((1 - t) / (1 - p) - t / p)
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
