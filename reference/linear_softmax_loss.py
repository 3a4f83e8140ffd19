"""Softmax classifier: the mean loss of linear scores with an L2 penalty, as CS231n assigns it."""

from ._linear_classifier import INPUTS, OPTIONS, linear_loss_backward, linear_loss_forward
from ._op import Op
from .softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward


def linear_softmax_loss_forward(x, w, target, reg=0.0):
    """Softmax classifier y = softmax_cross_entropy(x w, target) + reg sum w^2, the mean over rows.

    x: (N, D), w: (D, C), floating; target: (N,), labels 0 to C - 1; reg: the strength of the penalty, from 0.
    Returns the scalar y and the cache. ValueError where a shape or a label does not fit or reg is negative.
    """
    return linear_loss_forward(softmax_cross_entropy_forward, x, w, target, reg)


def linear_softmax_loss_backward(dy, cache):
    """dx (N, D) and dw (D, C), the penalty's 2 reg w in it."""
    return linear_loss_backward(softmax_cross_entropy_backward, dy, cache)


OP = Op(
    name="linear_softmax_loss",
    forward=linear_softmax_loss_forward,
    backward=linear_softmax_loss_backward,
    inputs=INPUTS,
    options=OPTIONS,
    excluded={
        "huge": "the scores are rounded by more than the differences that decide the softmax",
        "offset": "the scores are rounded by more than the differences that decide the softmax",
    },
    cite="Stanford CS231n, Linear Classification, 'Softmax classifier' and 'Regularization'",
)
