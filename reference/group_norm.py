"""Group normalisation: the channels of one example in groups, each group standardised by itself."""

from ._checks import check_at_least, check_number
from ._domain import real
from ._op import Op
from ._standardised import check_channels, over_channels, per_channel, standardise, standardise_backward


def group_norm_forward(x, scale, shift, groups=2, epsilon=1e-5):
    """Group normalisation y = scale xhat + shift; mean and variance of a group of channels of one example.

    x: (N, C, ...), floating, channels on axis 1, the first C / groups of them in the first group. scale, shift: (C,).
    Returns y, of x's shape, and the cache.
    ValueError where a shape does not fit, groups does not divide C, or epsilon is not a positive number.
    """
    check_number("epsilon", epsilon, above=0)
    check_at_least("x", x, 2, "(N, C, ...)")
    if not (isinstance(groups, int) and groups > 0 and x.shape[1] % groups == 0):
        raise ValueError(f"groups={groups!r} is not allowed; expected a divisor of the {x.shape[1]} channels of x")
    check_channels(x, scale=scale, shift=shift)
    rows, inverse = standardise(x.reshape(len(x) * groups, -1), epsilon)
    y = rows.reshape(x.shape) * per_channel(x, scale)
    y += per_channel(x, shift)
    return y, (rows, inverse, scale)


def group_norm_backward(dy, cache):
    """dx through mean and variance of each group, dscale = sum dy xhat and dshift = sum dy by channel."""
    rows, inverse, scale = cache
    g = (dy * per_channel(dy, scale)).reshape(rows.shape)
    dx = standardise_backward(g, rows, inverse)
    return dx.reshape(dy.shape), over_channels(dy * rows.reshape(dy.shape)), over_channels(dy)


def _inputs(groups=2, **options):
    channels = f"{groups}C"
    return (real("x", f"N {channels} *S"), real("scale", channels), real("shift", channels))


OP = Op(
    name="group_norm",
    forward=group_norm_forward,
    backward=group_norm_backward,
    inputs=_inputs,
    options={"groups": (2, 1, 3), "epsilon": (1e-5, 1e-3)},
    sizes={"C": (2, 3, 4, 5)},
    cite="Wu, He, Group Normalization (2018), eq. 1 to 7",
)
