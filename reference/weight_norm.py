"""Weight normalisation: a weight matrix by the direction of each row and its length apart."""

from ._checks import check_rank, check_shape
from ._domain import real
from ._lengths import lengths
from ._op import Op


def weight_norm_forward(v, g):
    """Weight normalisation w = g v / |v|, each row of v by its own 2-norm.

    v: (M, D), floating, a row for each output, none all zeros, which has no direction; g: (M,), the rows' lengths.
    Returns w (M, D) and the cache. ValueError where a shape does not fit.
    """
    check_rank("v", v, 2, "(M, D)")
    check_shape("g", g, v.shape[:1], f"one a row, since v has shape {v.shape}")
    length, unit = lengths(v, axis=1)
    return unit * g[:, None], (unit, length, g)


def weight_norm_backward(dw, cache):
    """dg = dw . v / |v| and dv = g / |v| (dw - dg v / |v|), by row."""
    unit, length, g = cache
    dg = (dw * unit).sum(axis=1)
    dv = g[:, None] / length * (dw - dg[:, None] * unit)
    return dv, dg


OP = Op(
    name="weight_norm",
    forward=weight_norm_forward,
    backward=weight_norm_backward,
    inputs=(real("v", "M D"), real("g", "M")),
    output="w",
    lengths=True,
    sizes={"D": (5, 4, 6, 7, 8, 9, 15, 16, 17)},
    cite="Salimans, Kingma, Weight Normalization (2016), eq. 2 and 3",
)
