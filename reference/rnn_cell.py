"""One step of a recurrent layer: the input and the last hidden state, through a hyperbolic tangent."""

from ._checks import check_rank, check_shape
from ._domain import real
from ._op import Op
from .tanh import tanh_backward, tanh_forward


def rnn_cell_forward(x, h0, wx, wh, b):
    """One step of a plain recurrent layer: h = tanh(x wx + h0 wh + b).

    x: (N, D); h0: (N, H), the last hidden state; wx: (D, H), wh: (H, H), b: (H,). Returns h (N, H) and the cache.
    ValueError where a shape does not fit.
    """
    _check_rnn_cell(x, h0, wx, wh, b)
    h, at_tanh = tanh_forward(x @ wx + h0 @ wh + b)
    return h, (x, h0, wx, wh, at_tanh)


def rnn_cell_backward(dh, cache):
    """dx, dh0, dwx, dwh, db from the cotangent dh (N, H) of the new hidden state."""
    x, h0, wx, wh, at_tanh = cache
    (da,) = tanh_backward(dh, at_tanh)
    return da @ wx.T, da @ wh.T, x.T @ da, h0.T @ da, da.sum(axis=0)


def _check_rnn_cell(x, h0, wx, wh, b):
    check_rank("x", x, 2, "(N, D)")
    check_rank("h0", h0, 2, "(N, H)")
    units = h0.shape[1]
    check_shape("h0", h0, (len(x), units), f"since x has shape {x.shape}")
    check_shape("wx", wx, (x.shape[1], units), f"since x has shape {x.shape} and h0 {h0.shape}")
    check_shape("wh", wh, (units, units), f"since h0 has shape {h0.shape}")
    check_shape("b", b, (units,), f"since h0 has shape {h0.shape}")


OP = Op(
    name="rnn_cell",
    forward=rnn_cell_forward,
    backward=rnn_cell_backward,
    inputs=(real("x", "N D"), real("h0", "N H"), real("wx", "D H"), real("wh", "H H"), real("b", "H")),
    output="h",
    empty=("N",),
    cite="Elman, Finding Structure in Time, Cognitive Science 14 (1990); "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.2",
)
