"""Smooth L1: Huber's loss divided by its threshold, so that its slope far away is one."""

from ._checks import check_number
from ._domain import real
from ._losses import REDUCTIONS
from ._op import Op
from .huber import huber_backward, huber_forward


def smooth_l1_forward(prediction, target, beta=1.0, reduction="mean"):
    """Smooth L1 loss y = sum h(prediction - target) / n, h(r) = r^2 / (2 beta) where |r| <= beta, else |r| - beta / 2.

    prediction, target: (N, D), floating. Returns the scalar y and the cache.
    beta: where the parabola becomes a line, above 0. reduction: n is N D for "mean", 1 for "sum".
    ValueError where a shape does not fit, beta is not positive or the reduction is unknown.
    """
    check_number("beta", beta, above=0)
    y, cache = huber_forward(prediction, target, beta, reduction)
    return y / beta, (cache, beta)


def smooth_l1_backward(dy, cache):
    """dprediction = dy clip((prediction - target) / beta, -1, 1) / n."""
    huber, beta = cache
    return huber_backward(dy / beta, huber)


def _inputs(beta=1.0, **_):
    return (
        real("prediction", "N D", kinks=(-beta, beta), ties_with="target"),
        real("target", "N D", differentiable=False),
    )


OP = Op(
    name="smooth_l1",
    forward=smooth_l1_forward,
    backward=smooth_l1_backward,
    inputs=_inputs,
    options={"beta": (1.0, 0.25), "reduction": REDUCTIONS},
    cite="Girshick, Fast R-CNN (2015), eq. 3",
)
