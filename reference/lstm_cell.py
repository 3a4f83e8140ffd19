"""One step of a long short-term memory: three gates and a candidate, from the input and the last hidden state."""

import numpy as np

from ._checks import check_option, check_rank, check_shape
from ._domain import real
from ._op import Op
from .sigmoid import sigmoid_backward, sigmoid_forward
from .tanh import tanh_backward, tanh_forward

GATES = ("ifgo", "ifog")


def lstm_cell_forward(x, h0, c0, wx, wh, b, gates="ifgo"):
    """One step of a long short-term memory: c = f c0 + i g, h = o tanh(c).

    x: (N, D); h0, c0: (N, H), the last hidden and cell state; wx: (D, 4H), wh: (H, 4H), b: (4H,), the input, forget
    and output gate and the candidate g side by side, in the order that `gates` says. Returns h (N, H), c (N, H) and
    the cache. ValueError where a shape does not fit, and for an unknown order.
    """
    _check_lstm_cell(x, h0, c0, wx, wh, b, gates)
    units = h0.shape[1]
    a = x @ wx + h0 @ wh + b
    before = {gate: a[:, k * units : (k + 1) * units] for k, gate in enumerate(gates)}
    i, at_i = sigmoid_forward(before["i"])
    f, at_f = sigmoid_forward(before["f"])
    o, at_o = sigmoid_forward(before["o"])
    g, at_g = tanh_forward(before["g"])
    c = f * c0 + i * g
    squashed, at_c = tanh_forward(c)
    return o * squashed, c, (x, h0, c0, wx, wh, gates, i, f, o, g, squashed, at_i, at_f, at_o, at_g, at_c)


def lstm_cell_backward(dh, dc, cache):
    """dx, dh0, dc0, dwx, dwh, db from the cotangents dh, dc (N, H) of both states."""
    x, h0, c0, wx, wh, gates, i, f, o, g, squashed, at_i, at_f, at_o, at_g, at_c = cache
    dc = dc + tanh_backward(dh * o, at_c)[0]
    before = {
        "i": sigmoid_backward(dc * g, at_i)[0],
        "f": sigmoid_backward(dc * c0, at_f)[0],
        "o": sigmoid_backward(dh * squashed, at_o)[0],
        "g": tanh_backward(dc * i, at_g)[0],
    }
    da = np.concatenate([before[gate] for gate in gates], axis=1)
    return da @ wx.T, da @ wh.T, dc * f, x.T @ da, h0.T @ da, da.sum(axis=0)


def _check_lstm_cell(x, h0, c0, wx, wh, b, gates):
    check_option("gates", gates, GATES)
    check_rank("x", x, 2, "(N, D)")
    check_rank("h0", h0, 2, "(N, H)")
    units = h0.shape[1]
    check_shape("h0", h0, (len(x), units), f"since x has shape {x.shape}")
    check_shape("c0", c0, h0.shape, "as h0 has")
    check_shape("wx", wx, (x.shape[1], 4 * units), f"since x has shape {x.shape} and h0 {h0.shape}")
    check_shape("wh", wh, (units, 4 * units), f"since h0 has shape {h0.shape}")
    check_shape("b", b, (4 * units,), f"since h0 has shape {h0.shape}")


OP = Op(
    name="lstm_cell",
    forward=lstm_cell_forward,
    backward=lstm_cell_backward,
    inputs=(
        real("x", "N D"),
        real("h0", "N H"),
        real("c0", "N H"),
        real("wx", "D 4H"),
        real("wh", "H 4H"),
        real("b", "4H"),
    ),
    options={"gates": GATES},
    outputs=("h", "c"),
    empty=("N",),
    cite="Hochreiter, Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997), with the forget gate of Gers, "
    "Schmidhuber, Cummins (2000)",
)
