"""NAdam: Adam that looks one step of its momentum ahead, as Nesterov's method does."""

import math

import numpy as np

from ._domain import real
from ._op import Op
from ._steps import bias_correction, check_arrays, check_count, check_fractions, check_rates


def nadam_forward(p, g, m, v, step=1, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8, momentum_decay=0.004):
    """NAdam: p_new = p - lr (mu' m_new / (1 - M mu') + (1 - mu) g / (1 - M)) / (sqrt(v_new / c2) + eps).

    mu is momentum's factor at this step and mu' at the next, beta1 (1 - 0.96^(t momentum_decay) / 2) at step t;
    M is the product of the factors of all steps so far, c2 = 1 - beta2^step;
    m_new = beta1 m + (1 - beta1) g and v_new = beta2 v + (1 - beta2) g^2.
    p, g, m, v: any one shape, floating: parameters, gradient, and the averages before; v is not negative.
    Returns p_new, m_new, v_new and None. step: the number of this step, from 1.
    ValueError where a shape does not fit or a number is out of range.
    """
    check_count("step", step)
    check_rates(lr=lr, eps=eps, momentum_decay=momentum_decay)
    check_fractions(beta1=beta1, beta2=beta2)
    check_arrays(p, g=g, m=m, v=v)
    *earlier, mu, ahead = (beta1 * (1 - 0.96 ** (t * momentum_decay) / 2) for t in range(1, step + 2))
    product = math.prod(earlier) * mu
    m_new = beta1 * m + (1 - beta1) * g
    v_new = beta2 * v + (1 - beta2) * g * g
    root = np.sqrt(v_new / bias_correction(beta2, step)) + eps
    by_gradient, by_momentum = lr * (1 - mu) / (1 - product), lr * ahead / (1 - product * ahead)
    return p - by_gradient * g / root - by_momentum * m_new / root, m_new, v_new, None


OP = Op(
    name="nadam",
    forward=nadam_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("m", "*S", differentiable=False),
        real("v", "*S", differentiable=False, low=0.0),
    ),
    options={
        "step": (1, 3),
        "lr": (0.002, 0.1),
        "beta1": (0.9,),
        "beta2": (0.999,),
        "eps": (1e-8,),
        "momentum_decay": (0.004, 1.0),
    },
    outputs=("p_new", "m_new", "v_new"),
    empty=("S",),
    cite="Dozat, Incorporating Nesterov momentum into Adam (2016), algorithm 2 and section 4",
)
