"""AdamW: Adam whose weights decay by themselves, not through the gradient."""

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._steps import check_arrays, check_rates
from .adam import EPSILONS, adam_forward


def adamw_forward(
    p, g, m, v, step=1, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01, epsilon="corrected"
):
    """AdamW: Adam's step from (1 - lr weight_decay) p, where Adam itself steps from p.

    p, g, m, v: any one shape, floating: parameters, gradient, and the averages before; v is not negative.
    Returns p_new, m_new, v_new and None. step: the number of this step, from 1; epsilon: as in Adam.
    ValueError where a shape does not fit, a number is out of range or the form is unknown.
    """
    check_rates(lr=lr, weight_decay=weight_decay)
    check_option("epsilon", epsilon, EPSILONS)
    check_arrays(p, g=g, m=m, v=v)
    return adam_forward((1 - lr * weight_decay) * p, g, m, v, step, lr, beta1, beta2, eps, epsilon)


OP = Op(
    name="adamw",
    forward=adamw_forward,
    backward=None,
    inputs=(
        real("p", "*S", differentiable=False),
        real("g", "*S", differentiable=False),
        real("m", "*S", differentiable=False),
        real("v", "*S", differentiable=False, low=0.0),
    ),
    options={
        "step": (1, 3),
        "lr": (0.001, 0.1),
        "beta1": (0.9,),
        "beta2": (0.999,),
        "eps": (1e-8,),
        "weight_decay": (0.01, 0.1),
        "epsilon": EPSILONS,
    },
    outputs=("p_new", "m_new", "v_new"),
    empty=("S",),
    cite="Loshchilov, Hutter, Decoupled weight decay regularization (2019), algorithm 2",
)
