"""Spatial dropout: whole channels dropped at once, the kept ones scaled up."""

from ._checks import check_at_least, check_fraction, check_shape
from ._domain import mask, real
from ._op import Op


def spatial_dropout_forward(x, keep, rate=0.5):
    """Spatial dropout y = x / (1 - rate) in the channels that are kept, 0 in the others.

    x: (N, C, ...), floating, channels on axis 1. keep: booleans (N, C), True where a channel of an example stays (each
    with probability 1 - rate). Returns y, of x's shape, and the cache.
    ValueError where a shape does not fit or the rate is not in [0, 1).
    """
    check_fraction("rate", rate)
    check_at_least("x", x, 2, "(N, C, ...)")
    check_shape("keep", keep, x.shape[:2], f"one a channel of each example, since x has shape {x.shape}")
    whole = keep.reshape(*keep.shape, *(1,) * (x.ndim - 2))
    return x * whole / (1 - rate), (whole, rate)


def spatial_dropout_backward(dy, cache):
    """dx = dy / (1 - rate) in the kept channels, 0 in the others."""
    whole, rate = cache
    return (dy * whole / (1 - rate),)


OP = Op(
    name="spatial_dropout",
    forward=spatial_dropout_forward,
    backward=spatial_dropout_backward,
    inputs=(real("x", "N C *S"), mask("keep", "N C")),
    options={"rate": (0.5, 0.2)},
    empty=("N", "S"),
    cite="Tompson et al., Efficient Object Localization Using Convolutional Networks (2015), section 3.2",
)
