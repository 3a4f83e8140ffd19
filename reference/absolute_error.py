"""Absolute error: the loss of the median, with a kink wherever the prediction is right."""

import numpy as np

from ._domain import real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def absolute_error_forward(prediction, target, reduction="mean"):
    """Absolute error y = sum |prediction - target| / n.

    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the option is unknown.
    """
    check_pair(prediction, target, reduction)
    error = prediction - target
    return reduced(np.abs(error), reduction), (error, reduction)


def absolute_error_backward(dy, cache):
    """dprediction = dy sign(prediction - target) / n; at the kink, prediction = target, it is taken as 0."""
    error, reduction = cache
    dprediction = shared(dy, error.shape, reduction) * np.sign(error)
    return (dprediction,)


OP = Op(
    name="absolute_error",
    forward=absolute_error_forward,
    backward=absolute_error_backward,
    inputs=(
        real("prediction", "N D", kinks=(0.0,), ties_with="target"),
        real("target", "N D", differentiable=False),
    ),
    options={"reduction": REDUCTIONS},
    cite="Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax, 'Error calculation'; "
    "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 10.6",
)
