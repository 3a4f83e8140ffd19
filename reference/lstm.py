"""A long short-term memory over a whole sequence."""

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._sequences import STEPS, check_sequence, rolled_back, unrolled
from .lstm_cell import GATES, lstm_cell_backward, lstm_cell_forward


def lstm_forward(x, h0, c0, wx, wh, b, gates="ifgo"):
    """A long short-term memory over a sequence: c_t = f c_{t-1} + i g, h_t = o tanh(c_t) at every step.

    x: (N, T, D); h0, c0: (N, H), the initial hidden and cell state; wx: (D, 4H), wh: (H, 4H), b: (4H,), the gates
    side by side in the order that `gates` says. Returns every hidden state y (N, T, H), the last states h and c
    (N, H), and the cache. ValueError where a shape does not fit, and for an unknown order.
    """
    check_option("gates", gates, GATES)
    check_sequence(x)
    y, (h, c), caches = unrolled(lstm_cell_forward, x, (h0, c0), wx, wh, b, gates)
    return y, h, c, caches


def lstm_backward(dy, dh, dc, cache):
    """dx, dh0, dc0, dwx, dwh, db from the cotangents dy (N, T, H) of every hidden state, dh and dc of the last two."""
    return rolled_back(lstm_cell_backward, dy, (dh, dc), cache)


OP = Op(
    name="lstm",
    forward=lstm_forward,
    backward=lstm_backward,
    inputs=(
        real("x", "N T D"),
        real("h0", "N H"),
        real("c0", "N H"),
        real("wx", "D 4H"),
        real("wh", "H 4H"),
        real("b", "4H"),
    ),
    options={"gates": GATES},
    outputs=("y", "h", "c"),
    sizes={"T": STEPS},
    empty=("N",),
    cite="Hochreiter, Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997), with the forget gate of Gers, "
    "Schmidhuber, Cummins (2000)",
)
