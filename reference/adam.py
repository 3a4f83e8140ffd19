"""Adam: momentum divided by the root of the running average of squares, both corrected for their start at zero."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import bias_correction, check_arrays, check_count, check_fractions, check_rates

EPSILONS = ("corrected", "uncorrected")


def adam_forward(p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, epsilon="corrected"):
    """Adam: p_new = p - lr (m_new / c1) / (sqrt(v_new / c2) + eps) with c = 1 - beta^step.

    m_new = beta1 m + (1 - beta1) g and v_new = beta2 v + (1 - beta2) g^2.
    p, g, m, v: any one shape, floating: parameters, gradient, and the averages before; v is not negative.
    Returns p_new, m_new, v_new and None. step: the number of this step, from 1.
    epsilon: added to the root of the "corrected" average, as above (PyTorch), or to that of the "uncorrected" one:
    p_new = p - lr sqrt(c2) / c1 m_new / (sqrt(v_new) + eps) (Keras, TensorFlow).
    ValueError where a shape does not fit, a number is out of range or the form is unknown.
    """
    check_count("step", step)
    check_rates(lr=lr, eps=eps)
    check_fractions(beta1=beta1, beta2=beta2)
    check_option("epsilon", epsilon, EPSILONS)
    check_arrays(p, g=g, m=m, v=v)
    c1, c2 = bias_correction(beta1, step), bias_correction(beta2, step)
    m_new = beta1 * m + (1 - beta1) * g
    v_new = beta2 * v + (1 - beta2) * g * g
    if epsilon == "corrected":
        return p - lr / c1 * m_new / (np.sqrt(v_new / c2) + eps), m_new, v_new, None
    return p - lr * c2**0.5 / c1 * m_new / (np.sqrt(v_new) + eps), m_new, v_new, None


OP = Op(
    name="adam",
    forward=adam_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("m", "*S", differentiable=False),
        real("v", "*S", differentiable=False, low=0.0),
    ),
    options={
        "step": (1, 3, 1000),
        "lr": (0.001,),
        "beta1": (0.9,),
        "beta2": (0.999,),
        "eps": (1e-8, 1e-3),
        "epsilon": EPSILONS,
    },
    outputs=("p_new", "m_new", "v_new"),
    empty=("S",),
    cite="Kingma, Ba, Adam: a method for stochastic optimization (2015), algorithm 1 and the remark of section 2",
)
