"""Subjects of gru_cell: one step of a gated recurrent unit."""

import numpy as np

from ._records import Unusual, Wrong
from ._recurrent import flat, plain_sigmoid, sigmoid, slope


def textbook(x, h0, wx, wh, bx, bh, reset):
    """One row at a time, one gate at a time."""
    units = h0.shape[1]
    cut = {gate: slice(k * units, (k + 1) * units) for k, gate in enumerate("rzn")}
    h = np.empty_like(h0)
    for n, (row, old) in enumerate(zip(x, h0, strict=True)):
        r, z = (plain_sigmoid(row @ wx[:, cut[g]] + bx[cut[g]] + old @ wh[:, cut[g]] + bh[cut[g]]) for g in "rz")
        fed, w, b = row @ wx[:, cut["n"]] + bx[cut["n"]], wh[:, cut["n"]], bh[cut["n"]]
        candidate = np.tanh(fed + (r * (old @ w + b) if reset == "after" else (r * old) @ w + b))
        h[n] = (1 - z) * candidate + z * old
    return h


def forward(x, h0, wx, wh, bx, bh):
    """The reset gate after the product."""
    fed, recalled = (np.split(a, 3, axis=1) for a in (x @ wx + bx, h0 @ wh + bh))
    before_r, before_z = fed[0] + recalled[0], fed[1] + recalled[1]
    r = sigmoid(before_r)
    before_n = fed[2] + r * recalled[2]
    h = sigmoid(before_z) * h0 + sigmoid(-before_z) * np.tanh(before_n)
    return h, (x, h0, wx, wh, before_r, before_z, before_n, recalled[2])


def gradients(dh, cache, through_r=1.0, order=(0, 1, 2), inner=True, direct=1.0):
    x, h0, wx, wh, before_r, before_z, before_n, recalled = cache
    r, z = sigmoid(before_r), sigmoid(before_z)
    da_n = dh * sigmoid(-before_z) * flat(before_n)
    da_r = through_r * da_n * recalled * slope(before_r)
    da_z = dh * (h0 - np.tanh(before_n)) * slope(before_z)
    outer = np.concatenate([(da_r, da_z, da_n)[k] for k in order], axis=1)
    within = np.concatenate([(da_r, da_z, da_n * r if inner else da_n)[k] for k in order], axis=1)
    dh0 = direct * dh * z + within @ wh.T
    return outer @ wx.T, dh0, x.T @ outer, h0.T @ within, outer.sum(axis=0), within.sum(axis=0)


def backward(dh, cache):
    return gradients(dh, cache)


def backward_forgets_the_reset_gate(dh, cache):
    return gradients(dh, cache, through_r=0.0)


def backward_swaps_gates(dh, cache):
    return gradients(dh, cache, order=(1, 0, 2))


def backward_candidate_not_reset(dh, cache):
    return gradients(dh, cache, inner=False)


def backward_without_the_direct_way(dh, cache):
    return gradients(dh, cache, direct=0.0)


def forward_update_gate_turned(x, h0, wx, wh, bx, bh):
    _, cache = forward(x, h0, wx, wh, bx, bh)
    *_, before_z, before_n, _ = cache
    return sigmoid(-before_z) * h0 + sigmoid(before_z) * np.tanh(before_n), cache


EVERY = "dx dh0 dwx dwh dbx dbh"
AFTER = {"reset": "after"}
WRONG = [
    Wrong(
        "reset-gate-forgotten",
        "dropped term",
        forward,
        backward_forgets_the_reset_gate,
        EVERY,
        options=AFTER,
        says="the reset gate gets no gradient",
    ),
    Wrong("gates-swapped", "swapped", forward, backward_swaps_gates, EVERY, options=AFTER),
    Wrong(
        "candidate-not-reset",
        "dropped term",
        forward,
        backward_candidate_not_reset,
        "dh0 dwh dbh",
        options=AFTER,
        says="the candidate's gradient is not multiplied by the reset gate",
    ),
    Wrong("no-direct-way", "dropped term", forward, backward_without_the_direct_way, "dh0", options=AFTER),
    Wrong(
        "update-gate-turned",
        "wrong forward",
        forward_update_gate_turned,
        backward,
        "h",
        options=AFTER,
        says="z and 1 - z are swapped",
    ),
    Wrong(
        "reset-the-other-way",
        "wrong option",
        forward,
        backward,
        f"h {EVERY}",
        options={"reset": "before"},
        says="the reset gate stands on the other side of the product with wh",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_as_a_step_towards_n(x, h0, wx, wh, bx, bh):
    _, cache = forward(x, h0, wx, wh, bx, bh)
    *_, before_z, before_n, _ = cache
    n = np.tanh(before_n)
    return n + sigmoid(before_z) * (h0 - n), cache


def backward_as_a_dict(dh, cache):
    return dict(zip(EVERY.split(), gradients(dh, cache), strict=True))


UNUSUAL = [
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=AFTER),
    Unusual(
        "a-step-towards-the-candidate",
        forward_as_a_step_towards_n,
        backward,
        options=AFTER,
        cases=40,
        loses="n + z (h - n) cancels where z is near one",
    ),
]
