"""Adadelta: steps in the unit of the steps before, without a learning rate of its own."""

import numpy as np

from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_fractions, check_rates


def adadelta_forward(p, g, v, d, lr=1.0, rho=0.95, eps=1e-6):
    """Adadelta: p_new = p - lr u with u = g sqrt(d + eps) / sqrt(v_new + eps).

    v_new = rho v + (1 - rho) g^2 and d_new = rho d + (1 - rho) u^2.
    p, g, v, d: any one shape, floating: parameters, gradient, and the averages before, of the squares of the
    gradients and of the steps, not negative. Returns p_new, v_new, d_new and None.
    ValueError where a shape does not fit or a number is out of range.
    """
    check_rates(lr=lr, eps=eps)
    check_fractions(rho=rho)
    check_arrays(p, g=g, v=v, d=d)
    v_new = rho * v + (1 - rho) * g * g
    u = g * (np.sqrt(d + eps) / np.sqrt(v_new + eps))
    return p - lr * u, v_new, rho * d + (1 - rho) * u * u, None


OP = Op(
    name="adadelta",
    forward=adadelta_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("v", "*S", differentiable=False, low=0.0),
        real("d", "*S", differentiable=False, low=0.0),
    ),
    options={"lr": (1.0, 0.01), "rho": (0.95, 0.9), "eps": (1e-6,)},
    outputs=("p_new", "v_new", "d_new"),
    empty=("S",),
    cite="Zeiler, ADADELTA: an adaptive learning rate method (2012), algorithm 1",
)
