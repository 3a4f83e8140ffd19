"""Squared error: the loss of least squares, in the three or four scalings that courses use."""

from ._checks import check_option, check_rank, check_shape
from ._domain import real
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
    check_option("reduction", reduction, REDUCTIONS)
    check_rank("prediction", prediction, 2, "(N, D)")
    check_shape("target", target, prediction.shape, "the shape of prediction")
    n = {"mean": prediction.size, "sum": 1, "batch_mean": prediction.shape[0]}[reduction]
    n = 2 * n if scale == "half" else n
    error = prediction - target
    return (error**2).sum() / n, (error, n)


def squared_error_backward(dy, cache):
    """dprediction = 2 dy (prediction - target) / n, with the 1/2 of scale "half" in n."""
    error, n = cache
    dprediction = 2 * dy * error / n
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
