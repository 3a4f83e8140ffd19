"""What the losses of a prediction and a target of one shape share: their checks and what a reduction divides by."""

from ._checks import check_option, check_rank, check_shape

REDUCTIONS = ("mean", "sum")


def check_pair(prediction, target, reduction, reductions=REDUCTIONS):
    """Raise ValueError unless target has the shape (N, D) of prediction and the reduction is known."""
    check_option("reduction", reduction, reductions)
    check_rank("prediction", prediction, 2, "(N, D)")
    check_shape("target", target, prediction.shape, "the shape of prediction")


def divisor(shape, reduction):
    """N D for "mean", 1 for "sum", N for "batch_mean"."""
    n, d = shape
    return {"mean": n * d, "sum": 1, "batch_mean": n}[reduction]
