"""Subjects of gru: a gated recurrent unit over a sequence."""

import numpy as np

from . import gru_cell as cell
from ._records import Unusual, Wrong


def textbook(x, h0, wx, wh, bx, bh, reset):
    """The cell's textbook, one step after the other."""
    y, h = np.empty((*x.shape[:2], h0.shape[1])), h0
    for t in range(x.shape[1]):
        h = y[:, t] = cell.textbook(x[:, t], h, wx, wh, bx, bh, reset)
    return y, h.copy()


def forward(x, h0, wx, wh, bx, bh):
    """The reset gate after the product."""
    h, caches, states = h0, [], []
    for t in range(x.shape[1]):
        h, cache = cell.forward(x[:, t], h, wx, wh, bx, bh)
        caches.append(cache)
        states.append(h)
    return np.stack(states, axis=1), h, caches


def gradients(dy, dh, caches, through=1.0, last=1.0, turned=1, **flags):
    dh, dxs, sums = last * dh, [], 0
    for t in reversed(range(len(caches))):
        dx, dh, *weights = cell.gradients(dh + dy[:, t], caches[t], **flags)
        dh = dh * (through if t else 1)
        dxs.append(dx)
        sums = [a + b for a, b in zip(sums, weights, strict=True)] if sums else weights
    return np.stack(dxs[::-turned], axis=1), dh, *sums


def backward(dy, dh, cache):
    return gradients(dy, dh, cache)


def backward_truncated(dy, dh, cache):
    return gradients(dy, dh, cache, through=0.0)


def backward_ignores_the_last_state(dy, dh, cache):
    return gradients(dy, dh, cache, last=0.0)


def backward_steps_turned_round(dy, dh, cache):
    return gradients(dy, dh, cache, turned=-1)


def backward_without_the_direct_way(dy, dh, cache):
    return gradients(dy, dh, cache, direct=0.0)


EVERY = "dx dh0 dwx dwh dbx dbh"
AFTER = {"reset": "after"}
WRONG = [
    Wrong("truncated-in-time", "dropped term", forward, backward_truncated, EVERY, options=AFTER),
    Wrong("last-state-ignored", "ignores upstream", forward, backward_ignores_the_last_state, EVERY, options=AFTER),
    Wrong(
        "steps-turned-round",
        "wrong axis",
        forward,
        backward_steps_turned_round,
        "dx",
        options=AFTER,
        says="dx stands in the opposite order of time",
    ),
    Wrong("no-direct-way", "dropped term", forward, backward_without_the_direct_way, EVERY, options=AFTER),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_into_an_array(x, h0, wx, wh, bx, bh):
    y, caches, h = np.empty((*x.shape[:2], h0.shape[1]), dtype=x.dtype), [], h0
    for t in range(x.shape[1]):
        y[:, t], cache = cell.forward(x[:, t], h, wx, wh, bx, bh)
        h = y[:, t]
        caches.append(cache)
    return y, h.copy(), caches


def backward_as_a_dict(dy, dh, cache):
    return dict(zip(EVERY.split(), gradients(dy, dh, cache), strict=True))


UNUSUAL = [
    Unusual("into-one-array", forward_into_an_array, backward, options=AFTER),
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=AFTER),
]
