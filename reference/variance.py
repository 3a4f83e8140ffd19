"""Variance along an axis, or of everything: the population's or the sample's."""

from ._checks import check_option
from ._op import Op
from ._reductions import AXES, check_axes, entries, inputs_over, spread

CORRECTIONS = (0, 1)


def variance_forward(x, axis=-1, correction=0):
    """Variance y = sum_i (x_i - mean)^2 / (n - correction) along an axis; axis="all" takes that of everything.

    x: floating, any shape with more than `correction` entries to take the variance of. correction: 0 for the variance
    of a whole population (biased), 1 for the estimate from a sample (unbiased). In two passes, the mean first: a large
    common offset costs no digits. Returns y and the cache. ValueError for an unknown axis or correction, or too few.
    """
    check_option("correction", correction, CORRECTIONS)
    axis = check_axes("x", x, axis)
    n = entries(x, axis) - correction
    if n < 1:
        raise ValueError(f"x has shape {x.shape}; expected more than {correction} entries along axis {axis}")
    d = x - x.sum(axis=axis, keepdims=True) / (n + correction)
    return (d * d).sum(axis=axis) / n, (d, n, axis)


def variance_backward(dy, cache):
    """dx_i = 2 dy (x_i - mean) / (n - correction): the mean's own part cancels."""
    d, n, axis = cache
    return (spread(2 * dy / n, d, axis) * d,)


OP = Op(
    name="variance",
    forward=variance_forward,
    backward=variance_backward,
    inputs=inputs_over,
    options={"axis": AXES, "correction": CORRECTIONS},
    sizes={"R": (3, 2, 4, 5, 7, 8, 9, 15, 16, 17)},
    empty=("N",),
    cite="Chan, Golub, LeVeque, Algorithms for Computing the Sample Variance (1983), eq. 1.1",
)
