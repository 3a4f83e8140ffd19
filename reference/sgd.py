"""Gradient descent: one step against the gradient."""

from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_rates


def sgd_forward(p, g, lr=0.01, weight_decay=0.0):
    """Gradient descent: p_new = p - lr (g + weight_decay p) = (1 - lr weight_decay) p - lr g.

    p, g: any one shape, floating: parameters and their gradient. Returns p_new and None; no derivative is asked for.
    lr: the learning rate; weight_decay: the factor of the parameters in the gradient of their penalty |p|^2 / 2.
    ValueError where a shape does not fit or a number is negative.
    """
    check_rates(lr=lr, weight_decay=weight_decay)
    check_arrays(p, g=g)
    return (1 - lr * weight_decay) * p - lr * g, None


OP = Op(
    name="sgd",
    forward=sgd_forward,
    backward=None,
    inputs=(real("p", "*S", differentiable=False), real("g", "*S", differentiable=False)),
    options={"lr": (0.01, 0.3), "weight_decay": (0.0, 0.1)},
    output="p_new",
    empty=("S",),
    cite="Robbins, Monro, A stochastic approximation method (1951); "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), algorithm 8.1",
)
