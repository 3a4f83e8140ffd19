"""A gated recurrent unit over a whole sequence."""

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._sequences import STEPS, check_sequence, rolled_back, unrolled
from .gru_cell import RESET, WEIGHTS, gru_cell_backward, gru_cell_forward


def gru_forward(x, h0, wx, wh, bx, bh, reset="after"):
    """A gated recurrent unit over a sequence: h_t = z h_{t-1} + (1 - z) n at every step.

    x: (N, T, D); h0: (N, H), the initial state; wx: (D, 3H), wh: (H, 3H), bx, bh: (3H,), the reset gate, the update
    gate and the candidate side by side; the reset gate comes "after" or "before" the product with wh (see gru_cell).
    Returns every hidden state y (N, T, H), the last one h (N, H), and the cache.
    ValueError where a shape does not fit, and for an unknown place of the reset gate.
    """
    check_option("reset", reset, RESET)
    check_sequence(x)
    y, (h,), caches = unrolled(gru_cell_forward, x, (h0,), wx, wh, bx, bh, reset)
    return y, h, caches


def gru_backward(dy, dh, cache):
    """dx, dh0, dwx, dwh, dbx, dbh from the cotangents dy (N, T, H) of every state and dh (N, H) of the last."""
    return rolled_back(gru_cell_backward, dy, (dh,), cache)


OP = Op(
    name="gru",
    forward=gru_forward,
    backward=gru_backward,
    inputs=(real("x", "N T D"), real("h0", "N H"), *WEIGHTS),
    options={"reset": RESET},
    outputs=("y", "h"),
    sizes={"T": STEPS},
    empty=("N",),
    cite="Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation, "
    "EMNLP (2014), with the reset gate before the product; after it: Appleyard, Kocisky, Blunsom (2016)",
)
