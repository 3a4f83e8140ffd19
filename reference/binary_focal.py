"""Focal loss: binary cross-entropy that turns away from the examples that are easy already."""

import numpy as np

from ._checks import check_option
from ._domain import binary, real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op
from ._steps import check_fractions, check_rates
from .sigmoid import sigmoid_forward
from .softplus import softplus_forward


def binary_focal_forward(logits, target, gamma=2.0, alpha=0.25, balanced=False, reduction="mean"):
    """Focal loss y = -sum a (1 - q)^gamma log q / n, q the probability of the right answer, sigmoid(+-logit).

    logits: (N, D), floating; target: (N, D), 0 or 1, floating. Returns the scalar y and the cache.
    gamma: how far easy examples are turned down, from 0. balanced: True weighs by a, alpha for the ones and
    1 - alpha for the zeros; False takes a = 1. reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit, a number is out of range or an option is unknown.
    """
    check_rates(gamma=gamma)
    check_fractions(alpha=alpha)
    check_option("balanced", balanced, (False, True))
    check_pair(logits, target, reduction, name="logits")
    sign = 2 * target - 1
    doubt, _ = sigmoid_forward(-sign * logits)
    surprise, _ = softplus_forward(-sign * logits)
    factor = np.exp(-gamma * softplus_forward(sign * logits)[0])  # doubt^gamma, also where doubt underflows
    weight = (target * alpha + (1 - target) * (1 - alpha)) * factor if balanced else factor
    cache = (sign, sign * logits, doubt, surprise, weight, gamma, reduction)
    return reduced(weight * surprise, reduction), cache


def binary_focal_backward(dy, cache):
    """dlogits = -+dy a (1 - q)^gamma (gamma q (-log q) + 1 - q) / n, with the sign of the answer."""
    sign, right, doubt, surprise, weight, gamma, reduction = cache
    sure, _ = sigmoid_forward(right)
    return (-shared(dy, sign.shape, reduction) * sign * weight * (gamma * sure * surprise + doubt),)


OP = Op(
    name="binary_focal",
    forward=binary_focal_forward,
    backward=binary_focal_backward,
    inputs=(real("logits", "N D"), binary("target", "N D")),
    options={"gamma": (2.0, 0.5), "alpha": (0.25,), "balanced": (False, True), "reduction": REDUCTIONS},
    cite="Lin, Goyal, Girshick, He, Dollar, Focal loss for dense object detection (2017), eq. 4 and 5",
)
