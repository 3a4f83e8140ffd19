"""Squared error: the loss of least squares, in the three or four scalings that courses use."""

from ._checks import check_option
from ._domain import real
from ._losses import check_pair, reduced, shared
from ._op import Op

SCALES = ("one", "half")
REDUCTIONS = ("mean", "sum", "batch_mean")


def squared_error_forward(prediction, target, scale="one", reduction="mean"):
    """Squared error y = sum (prediction - target)^2 / n, or half of that.

    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    scale: "one", or "half" for the factor 1/2 that cancels the 2 of the gradient.
    reduction: n is N D for "mean", 1 for "sum", N for "batch_mean".
    ValueError where a shape does not fit or an option is unknown.
    """
    check_option("scale", scale, SCALES)
    check_pair(prediction, target, reduction, REDUCTIONS)
    error = prediction - target
    y = reduced(error**2, reduction)
    return y / 2 if scale == "half" else y, (error, scale, reduction)


def squared_error_backward(dy, cache):
    """dprediction = 2 dy (prediction - target) / n, or half of that."""
    error, scale, reduction = cache
    factor = 1 if scale == "half" else 2
    dprediction = factor * shared(dy, error.shape, reduction) * error
    return (dprediction,)


OP = Op(
    name="squared_error",
    forward=squared_error_forward,
    backward=squared_error_backward,
    inputs=(real("prediction", "N D"), real("target", "N D", differentiable=False)),
    options={"scale": SCALES, "reduction": REDUCTIONS},
    cite="ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation, 'Loss Score'; "
    "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax, 'Error calculation'; "
    "Module 2: Artificial Neural Networks, '2. Calculate Error (2)'",
)
