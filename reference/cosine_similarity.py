"""Cosine similarity as a loss: minus the cosine of the angle between prediction and target."""

import numpy as np

from ._domain import real
from ._losses import check_pair
from ._op import Op

REDUCTIONS = ("mean", "sum")


def cosine_similarity_forward(prediction, target, reduction="mean"):
    """Cosine similarity as a loss y = -sum_i cos(prediction_i, target_i) / n, over rows; -1 is the best.

    prediction, target: (N, D), floating; a row of zeros counts as orthogonal to everything.
    Returns the scalar y and the cache. reduction: n is N for "mean", 1 for "sum".
    ValueError where a shape does not fit or the reduction is unknown.
    """
    check_pair(prediction, target, reduction)
    n = len(prediction) if reduction == "mean" else 1
    length = _lengths(prediction)
    to, toward = prediction / length, target / _lengths(target)
    cosine = (to * toward).sum(axis=1, keepdims=True)
    return -cosine.sum() / n, (length, to, toward, cosine, n)


def cosine_similarity_backward(dy, cache):
    """dprediction = -dy (u - cos v) / (|prediction| n) with the unit vectors u of the target, v of the prediction."""
    length, to, toward, cosine, n = cache
    return (-dy * (toward - cosine * to) / length / n,)


def _lengths(x):
    """Each row's Euclidean length (N, 1), and 1 for a row of zeros."""
    squares = (x * x).sum(axis=1, keepdims=True)
    return np.sqrt(squares + (squares == 0))


OP = Op(
    name="cosine_similarity",
    forward=cosine_similarity_forward,
    backward=cosine_similarity_backward,
    inputs=(real("prediction", "N D"), real("target", "N D", differentiable=False)),
    options={"reduction": REDUCTIONS},
    excluded={
        "integers": "rows of zeros, which point nowhere",
        "tiny": "each framework bounds a row's length from below by a small number of its own",
    },
    cite="Salton, McGill, Introduction to Modern Information Retrieval (1983)",
)
