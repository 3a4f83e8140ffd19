"""Two long short-term memories over one sequence: one reads it forwards, the other backwards."""

import numpy as np

from ._checks import check_shape
from ._domain import real
from ._op import Op
from ._sequences import STEPS, check_sequence
from .lstm import lstm_backward, lstm_forward


def bidirectional_lstm_forward(x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    """Two long short-term memories, one over the sequence and one over its reverse, side by side.

    x: (N, T, D); h0, c0: (N, H), wx: (D, 4H), wh: (H, 4H), b: (4H,), the gates in the order i, f, g, o (see lstm);
    those that end in r are of the memory that reads backwards, with the same shapes. Returns y (N, T, 2H), where the
    second half of y_t has read the sequence from its end to t; the last states h and c of the first and hr and cr of
    the second, which has then read x_0, each (N, H); and the cache. ValueError where a shape does not fit.
    """
    check_sequence(x)
    y, h, c, cache = lstm_forward(x, h0, c0, wx, wh, b)
    pairs = {"h0": (h0, h0r), "c0": (c0, c0r), "wx": (wx, wxr), "wh": (wh, whr), "b": (b, br)}
    for name, (forwards, backwards) in pairs.items():
        check_shape(f"{name}r", backwards, forwards.shape, f"as {name} has")
    yr, hr, cr, cache_r = lstm_forward(x[:, ::-1], h0r, c0r, wxr, whr, br)
    return np.concatenate([y, yr[:, ::-1]], axis=2), h, c, hr, cr, (cache, cache_r)


def bidirectional_lstm_backward(dy, dh, dc, dhr, dcr, cache):
    """dx, then the gradients of both memories' states and weights, from the cotangents of the five outputs."""
    forwards, backwards = cache
    units = dh.shape[1]
    dx, *gradients = lstm_backward(dy[:, :, :units], dh, dc, forwards)
    dxr, *gradients_r = lstm_backward(dy[:, ::-1, units:], dhr, dcr, backwards)
    return dx + dxr[:, ::-1], *gradients, *gradients_r


def _memory(end=""):
    shapes = {"h0": "N H", "c0": "N H", "wx": "D 4H", "wh": "H 4H", "b": "4H"}
    return tuple(real(name + end, shape) for name, shape in shapes.items())


OP = Op(
    name="bidirectional_lstm",
    forward=bidirectional_lstm_forward,
    backward=bidirectional_lstm_backward,
    inputs=(real("x", "N T D"), *_memory(), *_memory("r")),
    outputs=("y", "h", "c", "hr", "cr"),
    sizes={"T": STEPS},
    empty=("N",),
    cite="Schuster, Paliwal, Bidirectional Recurrent Neural Networks, IEEE Trans. Signal Processing 45 (1997); "
    "Graves, Schmidhuber (2005)",
)
