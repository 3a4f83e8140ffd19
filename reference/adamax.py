"""Adamax: Adam with the largest gradient so far, slowly forgotten, in place of the root of the squares."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import bias_correction, check_arrays, check_count, check_fractions, check_rates

EPSILONS = ("gradient", "norm")


def adamax_forward(p, g, m, u, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, epsilon="gradient"):
    """Adamax: p_new = p - lr / (1 - beta1^step) m_new / u_new with u_new = max(beta2 u, |g| + eps).

    m_new = beta1 m + (1 - beta1) g.
    p, g, m, u: any one shape, floating: parameters, gradient, average and norm before; u is not negative.
    Returns p_new, m_new, u_new and None. step: the number of this step, from 1.
    epsilon: added to the "gradient", as above (PyTorch), or to the "norm" when it divides: u_new = max(beta2 u, |g|),
    p_new = p - lr / (1 - beta1^step) m_new / (u_new + eps) (Keras, TensorFlow).
    ValueError where a shape does not fit, a number is out of range or the form is unknown.
    """
    check_count("step", step)
    check_rates(lr=lr, eps=eps)
    check_fractions(beta1=beta1, beta2=beta2)
    check_option("epsilon", epsilon, EPSILONS)
    check_arrays(p, g=g, m=m, u=u)
    rate = lr / bias_correction(beta1, step)
    m_new = beta1 * m + (1 - beta1) * g
    if epsilon == "gradient":
        u_new = np.maximum(beta2 * u, np.abs(g) + eps)
        return p - rate * m_new / u_new, m_new, u_new, None
    u_new = np.maximum(beta2 * u, np.abs(g))
    return p - rate * m_new / (u_new + eps), m_new, u_new, None


OP = Op(
    name="adamax",
    forward=adamax_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("m", "*S", differentiable=False),
        real("u", "*S", differentiable=False, low=0.0),
    ),
    options={
        "step": (1, 3),
        "lr": (0.001, 0.1),
        "beta1": (0.9,),
        "beta2": (0.999,),
        "eps": (1e-8, 1e-3),
        "epsilon": EPSILONS,
    },
    outputs=("p_new", "m_new", "u_new"),
    empty=("S",),
    cite="Kingma, Ba, Adam: a method for stochastic optimization (2015), algorithm 2",
)
