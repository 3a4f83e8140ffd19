"""Adagrad: each parameter's rate falls with the squares of all its gradients so far."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_rates

EPSILONS = ("outside", "inside")


def adagrad_forward(p, g, s, lr=0.01, eps=1e-7, epsilon="outside"):
    """Adagrad: s_new = s + g^2, p_new = p - lr g / (sqrt(s_new) + eps).

    p, g, s: any one shape, floating: parameters, gradient, and the sum of squares before, not negative.
    Returns p_new, s_new and None.
    epsilon: "outside" the square root, as above (PyTorch), or "inside" it: sqrt(s_new + eps) (Keras).
    ValueError where a shape does not fit, a number is negative or the form is unknown.
    """
    check_rates(lr=lr, eps=eps)
    check_option("epsilon", epsilon, EPSILONS)
    check_arrays(p, g=g, s=s)
    s_new = s + g * g
    root = np.sqrt(s_new) + eps if epsilon == "outside" else np.sqrt(s_new + eps)
    return p - lr * g / root, s_new, None


OP = Op(
    name="adagrad",
    forward=adagrad_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("s", "*S", differentiable=False, low=0.0),
    ),
    options={"lr": (0.01,), "eps": (1e-7, 1e-3), "epsilon": EPSILONS},
    outputs=("p_new", "s_new"),
    empty=("S",),
    cite="Duchi, Hazan, Singer, Adaptive subgradient methods for online learning (2011)",
)
