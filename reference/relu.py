"""The rectified linear unit: what is positive passes, the rest is zero."""

import numpy as np

from ._domain import real
from ._op import Op


def relu_forward(x):
    """Rectified linear unit y = max(x, 0), elementwise, any shape."""
    return np.maximum(x, 0), x


def relu_backward(dy, cache):
    """dx = dy where x > 0, else 0; at the kink x = 0 the derivative is taken as 0, as the lectures do."""
    x = cache
    dx = dy * (x > 0)
    return (dx,)


OP = Op(
    name="relu",
    forward=relu_forward,
    backward=relu_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    empty=("S",),
    cite="Wu, Training of Multi-Layer Neural Network, 'Vanishing Gradient : ReLU'; "
    "Module 2: Artificial Neural Networks, 'Backpropagation Gradient Descent Example (2)'; "
    "Nair and Hinton, Rectified linear units improve restricted Boltzmann machines (2010)",
)
