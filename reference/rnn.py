"""A plain recurrent layer over a whole sequence: the same step again and again, and the gradient back through time."""

from ._domain import real
from ._op import Op
from ._sequences import STEPS, check_sequence, rolled_back, unrolled
from .rnn_cell import rnn_cell_backward, rnn_cell_forward


def rnn_forward(x, h0, wx, wh, b):
    """A plain recurrent layer over a sequence: h_t = tanh(x_t wx + h_{t-1} wh + b).

    x: (N, T, D); h0: (N, H), the initial state; wx: (D, H), wh: (H, H), b: (H,). Returns every hidden state
    y (N, T, H), the last one h (N, H), and the cache. ValueError where a shape does not fit.
    """
    check_sequence(x)
    y, (h,), caches = unrolled(rnn_cell_forward, x, (h0,), wx, wh, b)
    return y, h, caches


def rnn_backward(dy, dh, cache):
    """dx, dh0, dwx, dwh, db from the cotangents dy (N, T, H) of every state and dh (N, H) of the last."""
    return rolled_back(rnn_cell_backward, dy, (dh,), cache)


OP = Op(
    name="rnn",
    forward=rnn_forward,
    backward=rnn_backward,
    inputs=(real("x", "N T D"), real("h0", "N H"), real("wx", "D H"), real("wh", "H H"), real("b", "H")),
    outputs=("y", "h"),
    sizes={"T": STEPS},
    empty=("N",),
    cite="Elman, Finding Structure in Time, Cognitive Science 14 (1990); back through time: Werbos (1990); "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 10.2.2",
)
