"""Huber's loss: squared error for small errors, absolute error for large ones."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._losses import REDUCTIONS, check_pair, reduced, shared
from ._op import Op


def huber_forward(prediction, target, delta=1.0, reduction="mean"):
    """Huber loss y = sum h(prediction - target) / n, h(r) = r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2).

    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    delta: where the parabola becomes a line, above 0. reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit, delta is not positive or the reduction is unknown.
    """
    check_number("delta", delta, above=0)
    check_pair(prediction, target, reduction)
    error = prediction - target
    size = np.abs(error)
    losses = np.where(size <= delta, error**2 / 2, delta * (size - delta / 2))
    return reduced(losses, reduction), (error, delta, reduction)


def huber_backward(dy, cache):
    """dprediction = dy clip(prediction - target, -delta, delta) / n: no kink, only a change of branch."""
    error, delta, reduction = cache
    dprediction = shared(dy, error.shape, reduction) * np.clip(error, -delta, delta)
    return (dprediction,)


def _inputs(delta=1.0, **_):
    return (
        real("prediction", "N D", kinks=(-delta, delta), ties_with="target"),
        real("target", "N D", differentiable=False),
    )


OP = Op(
    name="huber",
    forward=huber_forward,
    backward=huber_backward,
    inputs=_inputs,
    options={"delta": (1.0, 0.5), "reduction": REDUCTIONS},
    cite="Huber, Robust estimation of a location parameter (1964); "
    "Hastie, Tibshirani, Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 10.6",
)
