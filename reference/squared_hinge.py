"""Squared hinge loss of two classes: a margin of one, missed ones by their square."""

import numpy as np

from ._domain import binary, real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def squared_hinge_forward(prediction, target, reduction="mean"):
    """Squared hinge loss y = sum max(0, 1 - s prediction)^2 / n, with s = 2 target - 1 in {-1, 1}.

    prediction: (N, D), floating scores; target: (N, D), 0 or 1, floating. Returns the scalar y and the cache.
    reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the reduction is unknown.
    """
    check_pair(prediction, target, reduction)
    sign = 2 * target - 1
    short = np.maximum(1 - sign * prediction, 0)
    return reduced(short**2, reduction), (sign, short, reduction)


def squared_hinge_backward(dy, cache):
    """dprediction = -2 dy s max(0, 1 - s prediction) / n: no kink, only a change of branch."""
    sign, short, reduction = cache
    return (-2 * shared(dy, short.shape, reduction) * sign * short,)


OP = Op(
    name="squared_hinge",
    forward=squared_hinge_forward,
    backward=squared_hinge_backward,
    inputs=(real("prediction", "N D", kinks=(-1.0, 1.0)), binary("target", "N D")),
    options={"reduction": REDUCTIONS},
    cite="Tang, Deep learning using linear support vector machines (2013), eq. 10",
)
