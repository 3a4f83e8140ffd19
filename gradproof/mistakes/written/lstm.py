"""Subjects of lstm: a long short-term memory over a sequence."""

import numpy as np

from ._records import Unusual, Wrong
from ._recurrent import last_two_swapped, lstm_gradients, lstm_hidden, lstm_steps
from .lstm_cell import textbook as cell


def textbook(x, h0, c0, wx, wh, b, gates="ifgo"):
    """The cell's textbook, one step after the other."""
    y, h, c = np.empty((*x.shape[:2], h0.shape[1])), h0, c0
    for t in range(x.shape[1]):
        h, c = cell(x[:, t], h, c, wx, wh, b, gates)
        y[:, t] = h
    return y, h, c


def forward(x, h0, c0, wx, wh, b, gates="ifgo"):
    steps, h, c = lstm_steps(x, h0, c0, wx, wh, b, gates)
    return lstm_hidden(steps), h, c, (steps, wx, wh)


def backward(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache)


def backward_cell_state_cut(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache, through_c=0.0)


def backward_hidden_state_cut(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache, through_h=0.0)


def backward_ignores_the_last_states(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache, last=0.0)


def backward_of_the_last_output_alone(dy, dh, dc, cache):
    last = np.arange(dy.shape[1]) == dy.shape[1] - 1
    return lstm_gradients(dy * last[:, None], dh, dc, *cache)


def backward_swaps_gates(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache, order=last_two_swapped)


def backward_averages_steps(dy, dh, dc, cache):
    return lstm_gradients(dy, dh, dc, *cache, averaged=True)


EVERY = "dx dh0 dc0 dwx dwh db"
FIXED = {"gates": "ifgo"}
WRONG = [
    Wrong(
        "last-output-alone",
        "ignores upstream",
        forward,
        backward_of_the_last_output_alone,
        EVERY,
        options=FIXED,
        says="only the last step's upstream gradient is used; every step has one of its own",
    ),
    Wrong(
        "no-way-through-c",
        "dropped term",
        forward,
        backward_cell_state_cut,
        EVERY,
        options=FIXED,
        says="the cell state gets no gradient from the step after",
    ),
    Wrong(
        "no-way-through-h",
        "dropped term",
        forward,
        backward_hidden_state_cut,
        EVERY,
        options=FIXED,
        says="the hidden state gets no gradient from the step after",
    ),
    Wrong(
        "last-states-ignored",
        "ignores upstream",
        forward,
        backward_ignores_the_last_states,
        EVERY,
        options=FIXED,
        says="the gradients of the last states are not used",
    ),
    Wrong("gates-swapped", "swapped", forward, backward_swaps_gates, EVERY, options=FIXED),
    Wrong("averaged-over-steps", "wrong n", forward, backward_averages_steps, "dwx dwh db", options=FIXED),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_by_stacking(x, h0, c0, wx, wh, b):
    """One product for input and hidden state: x has h beside it, and the weights stand on one another."""
    steps, h, c = [], h0, c0
    for t in range(x.shape[1]):
        whole = np.concatenate([x[:, t], h], axis=1) @ np.concatenate([wx, wh]) + b
        a = dict(zip("ifgo", np.split(whole, 4, axis=1), strict=True))
        [(_, _, _, _, new)], _, _ = lstm_steps(x[:, t : t + 1], h, c, wx, wh, b)
        steps.append((x[:, t], h, c, a, new))
        h, c = lstm_hidden(steps[-1:])[:, 0], new
    return lstm_hidden(steps), h, c, (steps, wx, wh)


def backward_as_a_dict(dy, dh, dc, cache):
    return dict(zip(EVERY.split(), lstm_gradients(dy, dh, dc, *cache), strict=True))


UNUSUAL = [
    Unusual("stacked-weights", forward_by_stacking, backward, options=FIXED),
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=FIXED),
]
