"""Absolute error: the loss of the median, with a kink wherever the prediction is right."""

import numpy as np

from ._checks import check_option, check_rank, check_shape
from ._domain import real
from ._op import Op

REDUCTIONS = ("mean", "sum")


def absolute_error_forward(prediction, target, reduction="mean"):
    """Absolute error y = sum |prediction - target| / n.

    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit or the option is unknown.
    """
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("prediction", prediction, 2, "(N, D)")
    check_shape("target", target, prediction.shape, "the shape of prediction")
    n = prediction.size if reduction == "mean" else 1
    error = prediction - target
    return np.abs(error).sum() / n, (error, n)


def absolute_error_backward(dy, cache):
    """dprediction = dy sign(prediction - target) / n; at the kink, prediction = target, it is taken as 0."""
    error, n = cache
    dprediction = dy * np.sign(error) / n
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
