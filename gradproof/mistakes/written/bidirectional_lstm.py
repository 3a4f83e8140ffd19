"""Subjects of bidirectional_lstm: one memory reads the sequence forwards, one backwards."""

import numpy as np

from . import lstm
from ._records import Unusual, Wrong


def textbook(x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    """The textbook of one memory, twice."""
    y, h, c = lstm.textbook(x, h0, c0, wx, wh, b)
    yr, hr, cr = lstm.textbook(x[:, ::-1], h0r, c0r, wxr, whr, br)
    return np.concatenate([y, yr[:, ::-1]], axis=2), h, c, hr, cr


def run(x, first, second, turned):
    y, h, c, cache = lstm.forward(x, *first)
    yr, hr, cr, cache_r = lstm.forward(x[:, ::-1], *second)
    return np.concatenate([y, yr[:, ::turned]], axis=2), h, c, hr, cr, (cache, cache_r)


def forward(x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    return run(x, (h0, c0, wx, wh, b), (h0r, c0r, wxr, whr, br), -1)


def forward_not_turned_back(x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    return run(x, (h0, c0, wx, wh, b), (h0r, c0r, wxr, whr, br), 1)


def gradients(dy, dh, dc, dhr, dcr, cache, turned=-1, upstream=-1, both=1.0):
    units = dh.shape[1]
    dx, *first = lstm.backward(dy[:, :, :units], dh, dc, cache[0])
    dxr, *second = lstm.backward(dy[:, ::upstream, units:], dhr, dcr, cache[1])
    return dx + both * dxr[:, ::turned], *first, *second


def backward(dy, dh, dc, dhr, dcr, cache):
    return gradients(dy, dh, dc, dhr, dcr, cache)


def backward_not_turned_back(dy, dh, dc, dhr, dcr, cache):
    return gradients(dy, dh, dc, dhr, dcr, cache, turned=1)


def backward_upstream_not_turned(dy, dh, dc, dhr, dcr, cache):
    return gradients(dy, dh, dc, dhr, dcr, cache, upstream=1)


def backward_forwards_only(dy, dh, dc, dhr, dcr, cache):
    return gradients(dy, dh, dc, dhr, dcr, cache, both=0.0)


def backward_memories_swapped(dy, dh, dc, dhr, dcr, cache):
    dx, *rest = gradients(dy, dh, dc, dhr, dcr, cache)
    return dx, *rest[5:], *rest[:5]


FIRST, SECOND = "dh0 dc0 dwx dwh db", "dh0r dc0r dwxr dwhr dbr"
WRONG = [
    Wrong(
        "dx-not-turned-back",
        "wrong axis",
        forward,
        backward_not_turned_back,
        "dx",
        says="the backward direction's dx is not turned back in time",
    ),
    Wrong(
        "dy-not-turned",
        "wrong axis",
        forward,
        backward_upstream_not_turned,
        f"dx {SECOND}",
        says="the backward direction's part of dy is not turned round in time",
    ),
    Wrong(
        "one-memory-only",
        "dropped term",
        forward,
        backward_forwards_only,
        "dx",
        says="dx is that of one direction only",
    ),
    Wrong(
        "memories-swapped",
        "swapped",
        forward,
        backward_memories_swapped,
        f"{FIRST} {SECOND}",
        says="the gradients of the two directions are swapped",
    ),
    Wrong(
        "y-not-turned-back",
        "wrong forward",
        forward_not_turned_back,
        backward_upstream_not_turned,
        "y",
        besides=f"dx {SECOND}",
        says="the backward direction's outputs are not turned back in time",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_second_first(x, h0, c0, wx, wh, b, h0r, c0r, wxr, whr, br):
    yr, hr, cr, cache_r = lstm.forward(np.flip(x, axis=1), h0r, c0r, wxr, whr, br)
    y, h, c, cache = lstm.forward_by_stacking(x, h0, c0, wx, wh, b)
    return np.dstack([y, np.flip(yr, axis=1)]), h, c, hr, cr, (cache, cache_r)


def backward_as_a_dict(dy, dh, dc, dhr, dcr, cache):
    return dict(zip(f"dx {FIRST} {SECOND}".split(), gradients(dy, dh, dc, dhr, dcr, cache), strict=True))


UNUSUAL = [
    Unusual("second-memory-first", forward_second_first, backward),
    Unusual("gradients-by-name", forward, backward_as_a_dict),
]
