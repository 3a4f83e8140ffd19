"""Gradient descent with momentum: the heavy ball, in the forms of PyTorch and of Keras, and Nesterov's."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_fractions, check_rates

RATES = ("outside", "inside")


def momentum_forward(p, g, v, lr=0.125, momentum=0.9, rate="outside", nesterov=False):
    """Gradient descent with momentum: v_new = mu v + g, p_new = p - lr v_new; Nesterov's p_new = p - lr (g + mu v_new).

    p, g, v: any one shape, floating: parameters, gradient, and the velocity before. Returns p_new, v_new and None.
    rate: "outside" the velocity, as above (PyTorch), or "inside" it: v_new = mu v - lr g, p_new = p + v_new,
    Nesterov's p_new = p + mu v_new - lr g (Keras). The two differ as soon as the learning rate changes.
    ValueError where a shape does not fit, a number is out of range or the form is unknown.
    """
    check_rates(lr=lr)
    check_fractions(momentum=momentum)
    check_option("rate", rate, RATES)
    check_option("nesterov", nesterov, (False, True))
    check_arrays(p, g=g, v=v)
    v_new = momentum * v + (g if rate == "outside" else -lr * g)
    scale = -lr if rate == "outside" else 1
    if not nesterov:
        return p + scale * v_new, v_new, None
    # a sum of three, since no order of adding them is better than another
    return np.stack((p, -lr * g, scale * momentum * v_new)).sum(axis=0), v_new, None


OP = Op(
    name="momentum",
    forward=momentum_forward,
    backward=None,
    inputs=tuple(real(name, "*S", differentiable=False) for name in ("p", "g", "v")),
    options={"lr": (0.125,), "momentum": (0.9, 0.5), "rate": RATES, "nesterov": (False, True)},
    outputs=("p_new", "v_new"),
    empty=("S",),
    cite="Polyak, Some methods of speeding up the convergence of iteration methods (1964); "
    "Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum in deep learning (2013)",
)
