"""RMSprop: the gradient divided by the root of a running average of its squares."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_fractions, check_rates

EPSILONS = ("outside", "inside")


def rmsprop_forward(p, g, v, lr=0.001, rho=0.9, eps=1e-7, epsilon="outside"):
    """RMSprop: v_new = rho v + (1 - rho) g^2, p_new = p - lr g / (sqrt(v_new) + eps).

    p, g, v: any one shape, floating: parameters, gradient, and the average of squares before, not negative.
    Returns p_new, v_new and None.
    epsilon: "outside" the square root, as above (PyTorch), or "inside" it: sqrt(v_new + eps) (Keras, TensorFlow).
    ValueError where a shape does not fit, a number is out of range or the form is unknown.
    """
    check_rates(lr=lr, eps=eps)
    check_fractions(rho=rho)
    check_option("epsilon", epsilon, EPSILONS)
    check_arrays(p, g=g, v=v)
    v_new = rho * v + (1 - rho) * g * g
    root = np.sqrt(v_new) + eps if epsilon == "outside" else np.sqrt(v_new + eps)
    return p - lr * g / root, v_new, None


OP = Op(
    name="rmsprop",
    forward=rmsprop_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("v", "*S", differentiable=False, low=0.0),
    ),
    options={"lr": (0.001,), "rho": (0.9, 0.99), "eps": (1e-7, 1e-3), "epsilon": EPSILONS},
    outputs=("p_new", "v_new"),
    empty=("S",),
    cite="Tieleman, Hinton, Neural Networks for Machine Learning, lecture 6.5 (2012)",
)
