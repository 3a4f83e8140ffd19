"""One step of a gated recurrent unit: a reset gate, an update gate and a candidate state."""

import numpy as np

from ._checks import check_option, check_rank, check_shape
from ._domain import real
from ._op import Op
from .sigmoid import sigmoid_backward, sigmoid_forward
from .tanh import tanh_backward, tanh_forward

RESET = ("after", "before")


def gru_cell_forward(x, h0, wx, wh, bx, bh, reset="after"):
    """One step of a gated recurrent unit: h = z h0 + (1 - z) n, with the candidate n = tanh(...).

    x: (N, D); h0: (N, H), the last hidden state; wx: (D, 3H), wh: (H, 3H), bx, bh: (3H,), the reset gate r, the
    update gate z and the candidate side by side. The reset gate multiplies
    - "after" the product with wh: n = tanh(x wx + bx + r (h0 wh + bh)),
    - "before" it: n = tanh(x wx + bx + (r h0) wh + bh), where one bias would do.
    Returns h (N, H) and the cache. 1 - z is formed as sigmoid(-a), which keeps its digits where z is near one.
    ValueError where a shape does not fit, and for an unknown place of the reset gate.
    """
    _check_gru_cell(x, h0, wx, wh, bx, bh, reset)
    units = h0.shape[1]
    fed = x @ wx + bx
    gates = fed[:, : 2 * units] + (h0 @ wh[:, : 2 * units] + bh[: 2 * units])
    opened, at_gates = sigmoid_forward(gates)
    r, z = opened[:, :units], opened[:, units:]
    renewed, _ = sigmoid_forward(-gates[:, units:])
    kept = h0 if reset == "after" else r * h0
    recalled = kept @ wh[:, 2 * units :] + bh[2 * units :]
    n, at_n = tanh_forward(fed[:, 2 * units :] + (r * recalled if reset == "after" else recalled))
    return z * h0 + renewed * n, (x, h0, wx, wh, reset, r, z, renewed, n, kept, recalled, at_gates, at_n)


def gru_cell_backward(dh, cache):
    """dx, dh0, dwx, dwh, dbx, dbh from the cotangent dh (N, H) of the new hidden state."""
    x, h0, wx, wh, reset, r, z, renewed, n, kept, recalled, at_gates, at_n = cache
    units = h0.shape[1]
    (da_n,) = tanh_backward(dh * renewed, at_n)
    drecalled = da_n * r if reset == "after" else da_n
    dkept = drecalled @ wh[:, 2 * units :].T
    dr = da_n * recalled if reset == "after" else dkept * h0
    (dgates,) = sigmoid_backward(np.concatenate([dr, dh * (h0 - n)], axis=1), at_gates)
    dh0 = dh * z + dgates @ wh[:, : 2 * units].T + (dkept if reset == "after" else dkept * r)
    dfed = np.concatenate([dgates, da_n], axis=1)
    dwh = np.concatenate([h0.T @ dgates, kept.T @ drecalled], axis=1)
    dbh = np.concatenate([dgates, drecalled], axis=1).sum(axis=0)
    return dfed @ wx.T, dh0, x.T @ dfed, dwh, dfed.sum(axis=0), dbh


def _check_gru_cell(x, h0, wx, wh, bx, bh, reset):
    check_option("reset", reset, RESET)
    check_rank("x", x, 2, "(N, D)")
    check_rank("h0", h0, 2, "(N, H)")
    units = h0.shape[1]
    check_shape("h0", h0, (len(x), units), f"since x has shape {x.shape}")
    check_shape("wx", wx, (x.shape[1], 3 * units), f"since x has shape {x.shape} and h0 {h0.shape}")
    check_shape("wh", wh, (units, 3 * units), f"since h0 has shape {h0.shape}")
    check_shape("bx", bx, (3 * units,), f"since h0 has shape {h0.shape}")
    check_shape("bh", bh, (3 * units,), f"since h0 has shape {h0.shape}")


WEIGHTS = (real("wx", "D 3H"), real("wh", "H 3H"), real("bx", "3H"), real("bh", "3H"))

OP = Op(
    name="gru_cell",
    forward=gru_cell_forward,
    backward=gru_cell_backward,
    inputs=(real("x", "N D"), real("h0", "N H"), *WEIGHTS),
    options={"reset": RESET},
    output="h",
    empty=("N",),
    cite="Cho et al., Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation, "
    "EMNLP (2014), with the reset gate before the product; after it: Appleyard, Kocisky, Blunsom (2016)",
)
