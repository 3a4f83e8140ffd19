"""Gradient clipping by the norm of all gradients together: the direction of the whole step stays."""

from ._checks import check_number, check_rank
from ._domain import real
from ._op import Op
from ._steps import check_rates
from .clip_by_norm import clip_divisor


def clip_by_global_norm_forward(gw, gb, largest=1.0, eps=0.0):
    """Gradient clipping by the norm of all: each gradient times min(1, largest / (norm + eps)).

    gw: (N, D); gb: (M,), floating: the gradients of a matrix and of a vector; norm: of all their entries together.
    Returns gw_new, gb_new and None; no derivative is asked for.
    eps: 0 (Keras, TensorFlow) or a small number against division by zero (PyTorch's 1e-6).
    ValueError where the bound is not positive or a gradient has another rank.
    """
    check_number("largest", largest, above=0)
    check_rates(eps=eps)
    check_rank("gw", gw, 2, "(N, D)")
    check_rank("gb", gb, 1, "(M,)")
    divisor = clip_divisor((gw * gw).sum() + (gb * gb).sum(), largest, eps)
    return gw * largest / divisor, gb * largest / divisor, None


OP = Op(
    name="clip_by_global_norm",
    forward=clip_by_global_norm_forward,
    backward=None,
    inputs=(real("gw", "N D", differentiable=False), real("gb", "M", differentiable=False)),
    options={"largest": (1.0, 0.1), "eps": (0.0, 1e-6)},
    outputs=("gw_new", "gb_new"),
    empty=("N",),
    cite="Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks (2013), section 3.2",
)
