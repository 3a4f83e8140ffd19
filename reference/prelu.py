"""The parametric rectified linear unit: the slope of the negative side is learned."""

import numpy as np

from ._checks import check_option, check_shape
from ._domain import real
from ._op import Op

PER = ("all", "channel")


def prelu_forward(x, slope, per="all"):
    """Parametric rectified linear unit y = x where x > 0, else slope x, elementwise.

    x: (N, ...), floating. Returns y, of x's shape, and the cache.
    per: "all", slope (1,), one for every entry; or, for x (N, C, ...), "channel", slope (C,).
    ValueError where a shape does not fit or the option is unknown.
    """
    check_option("per", per, PER)
    axes = ("N", "C") if per == "channel" else ("N",)
    if x.ndim < len(axes):
        raise ValueError(f"x has shape {x.shape}; expected ({', '.join(axes)}, ...)")
    channels = x.shape[1] if per == "channel" else 1
    check_shape("slope", slope, (channels,), f"one for {'each channel' if per == 'channel' else 'all'} of x {x.shape}")
    factor = slope.reshape(channels, *[1] * (x.ndim - 2))
    return np.where(x > 0, x, factor * x), (x, factor, per)


def prelu_backward(dy, cache):
    """dx = dy where x > 0, else slope dy; dslope sums dy x over the entries x <= 0 that share it."""
    x, factor, per = cache
    dx = np.where(x > 0, dy, factor * dy)
    shared = tuple(axis for axis in range(x.ndim) if axis != 1 or per == "all")
    dslope = np.reshape((dy * x * (x <= 0)).sum(axis=shared), factor.shape[0])
    return dx, dslope


def _inputs(per="all"):
    of_x, of_slope = {"all": ("N *S", "1"), "channel": ("N C *S", "C")}[per]
    return (real("x", of_x, kinks=(0.0,)), real("slope", of_slope))


OP = Op(
    name="prelu",
    forward=prelu_forward,
    backward=prelu_backward,
    inputs=_inputs,
    options={"per": PER},
    empty=("N", "S"),
    cite="He, Zhang, Ren, Sun, Delving deep into rectifiers (2015), section 2.1",
)
