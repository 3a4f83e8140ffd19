"""Lion: every parameter moves by the same length, in the direction of the sign of its momentum."""

import numpy as np

from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_fractions, check_rates


def lion_forward(p, g, m, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Lion: p_new = (1 - lr weight_decay) p - lr sign(beta1 m + (1 - beta1) g), m_new = beta2 m + (1 - beta2) g.

    p, g, m: any one shape, floating: parameters, gradient, and the average before. Returns p_new, m_new and None.
    ValueError where a shape does not fit or a number is out of range.
    """
    check_rates(lr=lr, weight_decay=weight_decay)
    check_fractions(beta1=beta1, beta2=beta2)
    check_arrays(p, g=g, m=m)
    direction = np.sign(beta1 * m + (1 - beta1) * g)
    return (1 - lr * weight_decay) * p - lr * direction, beta2 * m + (1 - beta2) * g, None


OP = Op(
    name="lion",
    forward=lion_forward,
    backward=None,
    inputs=tuple(real(name, "*S", differentiable=False) for name in ("p", "g", "m")),
    options={"lr": (0.001, 0.1), "beta1": (0.9,), "beta2": (0.99,), "weight_decay": (0.0, 0.1)},
    outputs=("p_new", "m_new"),
    empty=("S",),
    cite="Chen et al., Symbolic discovery of optimization algorithms (2023), algorithm 2",
)
