"""Dropout in its plain form: entries dropped in training, everything scaled down at test time."""

from ._checks import check_fraction, check_option, check_shape
from ._domain import mask, real
from ._op import Op

MODES = ("train", "test")


def dropout_forward(x, keep, rate=0.5, mode="train"):
    """Plain dropout: y = x where kept and 0 elsewhere in training, y = (1 - rate) x at test time.

    x: floating, any shape. keep: booleans of the same shape, True where an entry stays (each with probability
    1 - rate); not used at test time. Returns y and the cache.
    ValueError where the shapes differ or an option is not allowed.
    """
    check_option("mode", mode, MODES)
    check_fraction("rate", rate)
    check_shape("keep", keep, x.shape, "as x has")
    factor = keep if mode == "train" else 1 - rate
    return x * factor, factor


def dropout_backward(dy, cache):
    """dx = dy times the same factor."""
    factor = cache
    return (dy * factor,)


OP = Op(
    name="dropout",
    forward=dropout_forward,
    backward=dropout_backward,
    inputs=(real("x", "*S"), mask("keep", "*S")),
    options={"rate": (0.5, 0.2), "mode": MODES},
    empty=("S",),
    cite="Srivastava et al., Dropout (2014), section 4",
)
