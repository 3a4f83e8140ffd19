"""Subjects of lstm_cell: one step of a long short-term memory."""

import numpy as np

from ._records import Unusual, Wrong


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def slope(x):
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def flat(x):
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def textbook(x, h0, c0, wx, wh, b, gates):
    """One row at a time, one gate at a time."""
    units = h0.shape[1]

    def before(gate, row):
        k = gates.index(gate) * units
        cut = slice(k, k + units)
        return x[row] @ wx[:, cut] + h0[row] @ wh[:, cut] + b[cut]

    h, c = np.empty_like(h0), np.empty_like(c0)
    for row in range(len(x)):
        i, f, o = (1 / (1 + np.exp(-before(gate, row))) for gate in "ifo")
        c[row] = f * c0[row] + i * np.tanh(before("g", row))
        h[row] = o * np.tanh(c[row])
    return h, c


def forward(x, h0, c0, wx, wh, b, gates="ifgo"):
    a = dict(zip(gates, np.split(x @ wx + h0 @ wh + b, 4, axis=1), strict=True))
    c = sigmoid(a["f"]) * c0 + sigmoid(a["i"]) * np.tanh(a["g"])
    return sigmoid(a["o"]) * np.tanh(c), c, (x, h0, c0, wx, wh, a, c)


def gradients(dh, dc, cache, through_c=1.0, order=list, candidate=flat, keep=1.0):
    x, h0, c0, wx, wh, a, c = cache
    dc = dc + through_c * dh * sigmoid(a["o"]) * flat(c)
    da = {
        "i": dc * np.tanh(a["g"]) * slope(a["i"]),
        "f": keep * dc * c0 * slope(a["f"]),
        "o": dh * np.tanh(c) * slope(a["o"]),
        "g": dc * sigmoid(a["i"]) * candidate(a["g"]),
    }
    da = np.concatenate([da[gate] for gate in order(a)], axis=1)
    return da @ wx.T, da @ wh.T, dc * sigmoid(a["f"]), x.T @ da, h0.T @ da, da.sum(axis=0)


def backward(dh, dc, cache):
    return gradients(dh, dc, cache)


def backward_forgets_the_hidden_state(dh, dc, cache):
    return gradients(dh, dc, cache, through_c=0.0)


def last_two_swapped(gates):
    first, second, third, fourth = gates
    return first, second, fourth, third


def backward_swaps_gates(dh, dc, cache):
    return gradients(dh, dc, cache, order=last_two_swapped)


def backward_candidate_as_a_gate(dh, dc, cache):
    return gradients(dh, dc, cache, candidate=slope)


def backward_slopes_not_squared(dh, dc, cache):
    *_, a, c = cache
    dc = dc + dh * sigmoid(a["o"]) * (1 - np.tanh(c))
    return gradients(dh, dc, cache, through_c=0.0, candidate=lambda g: 1 - np.tanh(g))


def backward_forget_gate_stays(dh, dc, cache):
    return gradients(dh, dc, cache, keep=0.0)


def backward_ignores_dc(dh, dc, cache):
    return gradients(dh, 0 * dc, cache)


def forward_keeps_the_whole_cell(x, h0, c0, wx, wh, b, gates="ifgo"):
    a = dict(zip(gates, np.split(x @ wx + h0 @ wh + b, 4, axis=1), strict=True))
    c = c0 + sigmoid(a["i"]) * np.tanh(a["g"])
    return sigmoid(a["o"]) * np.tanh(c), c, (x, h0, c0, wx, wh, a, c)


def backward_of_the_whole_cell(dh, dc, cache):
    x, h0, _, wx, wh, a, c = cache
    dc = dc + dh * sigmoid(a["o"]) * flat(c)
    da = {
        "i": dc * np.tanh(a["g"]) * slope(a["i"]),
        "f": 0 * dc,
        "g": dc * sigmoid(a["i"]) * flat(a["g"]),
        "o": dh * np.tanh(c) * slope(a["o"]),
    }
    da = np.concatenate([da[gate] for gate in a], axis=1)
    return da @ wx.T, da @ wh.T, dc, x.T @ da, h0.T @ da, da.sum(axis=0)


EVERY = "dx dh0 dc0 dwx dwh db"
GATES = "dx dh0 dwx dwh db"
FIXED = {"gates": "ifgo"}
WRONG = [
    Wrong(
        "h-does-not-reach-c",
        "dropped term",
        forward,
        backward_forgets_the_hidden_state,
        EVERY,
        options=FIXED,
        says="the gradient of h does not flow into c",
    ),
    Wrong("gates-swapped", "swapped", forward, backward_swaps_gates, GATES, options=FIXED),
    Wrong(
        "sigmoid-for-g",
        "wrong option",
        forward,
        backward_candidate_as_a_gate,
        GATES,
        options=FIXED,
        says="the candidate is differentiated as a sigmoid, not as tanh",
    ),
    Wrong(
        "slopes-not-squared",
        "dropped term",
        forward,
        backward_slopes_not_squared,
        EVERY,
        options=FIXED,
        says="the derivative of tanh is taken as 1 - y, not as 1 - y^2",
    ),
    Wrong(
        "no-forget-gate-slope",
        "dropped term",
        forward,
        backward_forget_gate_stays,
        GATES,
        options=FIXED,
        says="the forget gate gets no gradient",
    ),
    Wrong(
        "dc-ignored",
        "ignores upstream",
        forward,
        backward_ignores_dc,
        EVERY,
        options=FIXED,
        says="the gradient of the new cell state is not used",
    ),
    Wrong(
        "nothing-forgotten",
        "wrong forward",
        forward_keeps_the_whole_cell,
        backward_of_the_whole_cell,
        f"h c {EVERY}",
        options=FIXED,
        says="the old cell state is kept whole: no forget gate",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_by_stacking(x, h0, c0, wx, wh, b):
    inputs, weights = np.concatenate([x, h0], axis=1), np.concatenate([wx, wh], axis=0)
    units = h0.shape[1]
    a = inputs @ weights + b
    a = {gate: a[:, k * units : (k + 1) * units] for k, gate in enumerate("ifgo")}
    c = sigmoid(a["f"]) * c0 + sigmoid(a["i"]) * np.tanh(a["g"])
    return sigmoid(a["o"]) * np.tanh(c), c, (x, h0, c0, wx, wh, a, c)


def backward_as_a_dict(dh, dc, cache):
    return dict(zip(("dx", "dh0", "dc0", "dwx", "dwh", "db"), gradients(dh, dc, cache), strict=True))


UNUSUAL = [
    Unusual("stacked-weights", forward_by_stacking, backward, options=FIXED),
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=FIXED),
]
