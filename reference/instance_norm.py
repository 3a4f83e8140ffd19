"""Instance normalisation: each channel of one example standardised over its positions."""

from ._checks import check_at_least, check_number
from ._domain import real
from ._op import Op
from ._standardised import check_channels
from .group_norm import group_norm_backward, group_norm_forward


def instance_norm_forward(x, scale, shift, epsilon=1e-5):
    """Instance normalisation y = scale xhat + shift; mean and variance of one channel of one example.

    x: (N, C, L, ...), floating, channels on axis 1 and one axis of positions at least; scale, shift: (C,).
    It is group normalisation with a group for each channel. Returns y, of x's shape, and the cache.
    ValueError where a shape does not fit or epsilon is not a positive number.
    """
    check_number("epsilon", epsilon, above=0)
    check_at_least("x", x, 3, "(N, C, L, ...)")
    check_channels(x, scale=scale, shift=shift)
    return group_norm_forward(x, scale, shift, x.shape[1], epsilon)


def instance_norm_backward(dy, cache):
    """dx through mean and variance of each channel of each example, dscale = sum dy xhat, dshift = sum dy."""
    return group_norm_backward(dy, cache)


OP = Op(
    name="instance_norm",
    forward=instance_norm_forward,
    backward=instance_norm_backward,
    inputs=(real("x", "N C L *S"), real("scale", "C"), real("shift", "C")),
    options={"epsilon": (1e-5, 1e-3)},
    sizes={"L": (3, 2, 4, 7, 8, 9, 16, 17)},
    cite="Ulyanov, Vedaldi, Lempitsky, Instance Normalization (2016), eq. 3",
)
