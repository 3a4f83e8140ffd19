"""What the losses of a prediction and a target of one shape share: their checks and what a reduction divides by."""

from ._checks import check_option, check_rank, check_shape

REDUCTIONS = ("mean", "sum")


def check_pair(prediction, target, reduction, reductions=REDUCTIONS, name="prediction"):
    """Raise ValueError unless target has the shape (N, D) of prediction, called `name`, and the reduction is known."""
    check_option("reduction", reduction, reductions)
    check_rank(name, prediction, 2, "(N, D)")
    check_shape("target", target, prediction.shape, f"the shape of {name}")


def reduced(entries, reduction):
    """The mean or the sum of all entries (N, D), or for "batch_mean" their sum divided by N.

    The mean is that over each row first, then over the rows: two divisions, as Keras has it.
    """
    n, d = entries.shape
    if reduction == "mean":
        return (entries.sum(axis=1) / d).sum() / n
    return entries.sum() / n if reduction == "batch_mean" else entries.sum()


def shared(dy, shape, reduction):
    """What of dy reaches each entry before its reduction: dy / N / D for "mean", dy / N for "batch_mean", else dy."""
    n, d = shape
    if reduction == "mean":
        return dy / n / d
    return dy / n if reduction == "batch_mean" else dy
