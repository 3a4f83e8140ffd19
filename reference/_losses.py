"""What the losses of a prediction and a target of one shape share: their checks and what a reduction divides by."""

from ._checks import check_option, check_rank, check_shape

REDUCTIONS = ("mean", "sum")


def check_pair(prediction, target, reduction, reductions=REDUCTIONS):
    """Raise ValueError unless target has the shape (N, D) of prediction and the reduction is known."""
    check_option("reduction", reduction, reductions)
    check_rank("prediction", prediction, 2, "(N, D)")
    check_shape("target", target, prediction.shape, "the shape of prediction")


def reduced(entries, reduction):
    """The mean or the sum of all entries (N, D); the mean over each row first, then over the rows, as Keras has it."""
    n, d = entries.shape
    return (entries.sum(axis=1) / d).sum() / n if reduction == "mean" else entries.sum()


def shared(dy, shape, reduction):
    """What of dy reaches each entry before its reduction: dy / N / D for "mean", all of it for "sum"."""
    n, d = shape
    return dy / n / d if reduction == "mean" else dy


def divisor(shape, reduction):
    """N D for "mean", 1 for "sum", N for "batch_mean"."""
    n, d = shape
    return {"mean": n * d, "sum": 1, "batch_mean": n}[reduction]
