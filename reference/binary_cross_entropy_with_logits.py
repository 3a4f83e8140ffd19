"""Binary cross-entropy of logits: sigmoid and log in one, so that neither can saturate."""

import numpy as np

from ._domain import binary, real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def binary_cross_entropy_with_logits_forward(logits, target, reduction="mean"):
    """Binary cross-entropy y = sum (log(1 + exp(z)) - z t) / n of logits z, p = sigmoid(z), and targets t.

    logits: (N, D), floating; target: (N, D), 0 or 1, floating. Returns the scalar y and the cache.
    Written as max(z, 0) - z t + log1p(exp(-|z|)): no overflow, no log of a rounded zero.
    reduction: n is N D for "mean", 1 for "sum". ValueError where a shape does not fit or the option is unknown.
    """
    check_pair(logits, target, reduction, name="logits")
    e = np.exp(-np.abs(logits))
    losses = np.maximum(logits, 0) - logits * target + np.log1p(e)
    return reduced(losses, reduction), (logits, target, e, reduction)


def binary_cross_entropy_with_logits_backward(dy, cache):
    """dlogits = dy (sigmoid(z) - t) / n, with s = sigmoid(-|z|) so that 1 - t comes before anything rounds.

    sigmoid(z) - t is (1 - t) - s where z >= 0 and s - t elsewhere: at t = 1 and z = 40 it is -4e-18, not 0.
    """
    z, t, e, reduction = cache
    s = e / (1 + e)
    dlogits = shared(dy, z.shape, reduction) * np.where(z >= 0, (1 - t) - s, s - t)
    return (dlogits,)


OP = Op(
    name="binary_cross_entropy_with_logits",
    forward=binary_cross_entropy_with_logits_forward,
    backward=binary_cross_entropy_with_logits_backward,
    inputs=(real("logits", "N D"), binary("target", "N D")),
    options={"reduction": REDUCTIONS},
    cite="Wu, Training of Multi-Layer Neural Network, 'Derivative of the Binary Cross-Entropy Loss'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.2",
)
