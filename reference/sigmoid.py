"""The logistic sigmoid 1 / (1 + exp(-x)): a number squashed into (0, 1)."""

import numpy as np

from ._domain import real
from ._op import Op


def sigmoid_forward(x):
    """Logistic sigmoid y = 1 / (1 + exp(-x)), elementwise, any shape.

    With the exponential always of -|x|: it cannot overflow, and y keeps its digits in both tails.
    """
    e = np.exp(-np.abs(x))
    return (e * (x < 0) + (x >= 0)) / (1 + e), e


def sigmoid_backward(dy, cache):
    """dx = dy y (1 - y), written as dy e / (1 + e)^2 with e = exp(-|x|).

    1 - y has lost every digit once x passes 37 (17 in float32); e has not.
    """
    e = cache
    dx = dy * (e / (1 + e) ** 2)
    return (dx,)


OP = Op(
    name="sigmoid",
    forward=sigmoid_forward,
    backward=sigmoid_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation, "
    "'Multiclass classification with logistic regression'; "
    "Wu, Training of Multi-Layer Neural Network, 'Derivative of the sigmoid function'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 3.10",
)
