"""Subjects of rnn: a plain recurrent layer over a sequence."""

import numpy as np

from ._records import Unusual, Wrong
from ._recurrent import flat
from .rnn_cell import textbook as cell


def textbook(x, h0, wx, wh, b):
    """The cell's textbook, one step after the other."""
    y, h = np.empty((*x.shape[:2], h0.shape[1])), h0
    for t in range(x.shape[1]):
        h = y[:, t] = cell(x[:, t], h, wx, wh, b)
    return y, h.copy()


def forward(x, h0, wx, wh, b):
    h, before = h0, []
    states = [h0]
    for t in range(x.shape[1]):
        before.append(x[:, t] @ wx + h @ wh + b)
        h = np.tanh(before[-1])
        states.append(h)
    return np.stack(states[1:], axis=1), h, (x, wx, wh, before, states)


def gradients(dy, dh, cache, through=1.0, last=1.0, late=0, averaged=False):
    x, wx, wh, before, states = cache
    steps = len(before)
    dh, dxs, dwx, dwh, db = last * dh, [], 0 * wx, 0 * wh, 0 * wx[0]
    for t in reversed(range(steps)):
        da = (dh + dy[:, t]) * flat(before[t])
        dxs.append(da @ wx.T)
        dwx, dwh, db = dwx + x[:, t].T @ da, dwh + states[t + late].T @ da, db + da.sum(axis=0)
        dh = da @ wh.T * (through if t else 1)
    n = steps if averaged else 1
    return np.stack(dxs[::-1], axis=1), dh, dwx / n, dwh / n, db / n


def backward(dy, dh, cache):
    return gradients(dy, dh, cache)


def backward_truncated(dy, dh, cache):
    return gradients(dy, dh, cache, through=0.0)


def backward_ignores_the_last_state(dy, dh, cache):
    return gradients(dy, dh, cache, last=0.0)


def backward_of_the_last_output_alone(dy, dh, cache):
    last = np.arange(dy.shape[1]) == dy.shape[1] - 1
    return gradients(dy * last[:, None], dh, cache)


def backward_with_the_state_after(dy, dh, cache):
    return gradients(dy, dh, cache, late=1)


def backward_averages_steps(dy, dh, cache):
    return gradients(dy, dh, cache, averaged=True)


def forward_hands_out_one_memory(x, h0, wx, wh, b):
    y, _, cache = forward(x, h0, wx, wh, b)
    return y, y[:, -1], cache


def forward_from_the_first_state(x, h0, wx, wh, b):
    """Every step starts from h0: the state is never handed on."""
    before = [x[:, t] @ wx + h0 @ wh + b for t in range(x.shape[1])]
    states = [np.tanh(a) for a in before]
    return np.stack(states, axis=1), states[-1], (x, wx, wh, before, [h0] * len(before))


def backward_from_the_first_state(dy, dh, cache):
    x, wx, wh, before, states = cache
    last = len(before) - 1
    das = [(dy[:, t] + (dh if t == last else 0)) * flat(before[t]) for t in range(len(before))]
    dx = np.stack([da @ wx.T for da in das], axis=1)
    dh0, db = sum(da @ wh.T for da in das), sum(da.sum(axis=0) for da in das)
    return dx, dh0, sum(x[:, t].T @ da for t, da in enumerate(das)), sum(states[0].T @ da for da in das), db


EVERY = "dx dh0 dwx dwh db"
WRONG = [
    Wrong(
        "state-not-handed-on",
        "stale cache",
        forward_from_the_first_state,
        backward_from_the_first_state,
        f"y h {EVERY}",
        says="every step starts from h0: the state is not handed on to the next step",
    ),
    Wrong(
        "last-output-alone",
        "ignores upstream",
        forward,
        backward_of_the_last_output_alone,
        EVERY,
        says="only the last step's upstream gradient is used; every step has one of its own",
    ),
    Wrong("truncated-in-time", "dropped term", forward, backward_truncated, EVERY),
    Wrong("last-state-ignored", "ignores upstream", forward, backward_ignores_the_last_state, EVERY),
    Wrong(
        "the-state-after",
        "off by one",
        forward,
        backward_with_the_state_after,
        "dwh",
        says="dwh takes the state after the step, not the one before",
    ),
    Wrong(
        "last-state-is-a-view",
        "aliasing",
        forward_hands_out_one_memory,
        backward,
        "h",
        "alias",
        says="the last state is a view of the states",
    ),
    Wrong("averaged-over-steps", "wrong n", forward, backward_averages_steps, "dwx dwh db"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_time_first(x, h0, wx, wh, b):
    fed = np.einsum("ntd,dh->tnh", x, wx)
    y = np.empty_like(fed)
    h, before = h0, []
    for t, each in enumerate(fed):
        before.append(each + (h @ wh + b))
        h = np.tanh(before[-1])
        y[t] = h
    return y.swapaxes(0, 1).copy(), h, (x, wx, wh, before, [h0, *y])


def backward_as_a_dict(dy, dh, cache):
    return dict(zip(EVERY.split(), gradients(dy, dh, cache), strict=True))


UNUSUAL = [
    Unusual("time-first", forward_time_first, backward),
    Unusual("gradients-by-name", forward, backward_as_a_dict),
]
