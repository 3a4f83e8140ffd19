"""Subjects of add: the gate that hands its gradient on."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: a + b, x, y)


def forward(x, y, broadcast="none"):
    return x + y, y


def backward(dz, y):
    return dz.copy(), summed(dz, y)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_the_cotangent_itself(dz, y):
    return dz, dz


def backward_not_summed(dz, y):
    return dz.copy(), dz.copy()


def backward_mean(dz, y):
    return dz.copy(), summed(dz, y) * (y.size / max(1, dz.size))


def backward_wrong_axis(dz, y):
    return dz.copy(), np.resize(dz.sum(axis=1), y.shape)


def backward_negative(dz, y):
    return dz.copy(), -summed(dz, y)


def backward_first_row(dz, y):
    return dz.copy(), +dz[0]


ROW = {"broadcast": "row"}
WRONG = [
    Wrong(
        "the-cotangent-itself",
        "aliasing",
        forward,
        backward_the_cotangent_itself,
        "dx dy",
        "alias",
        options={"broadcast": "none"},
    ),
    Wrong("not-summed-back", "wrong shape", forward, backward_not_summed, "dy", "wrong-shape", options=ROW),
    Wrong(
        "mean-of-the-rows",
        "wrong n",
        forward,
        backward_mean,
        "dy",
        options=ROW,
        says="the broadcast input gets the mean of the rows, not their sum",
    ),
    Wrong(
        "summed-over-columns",
        "wrong axis",
        forward,
        backward_wrong_axis,
        "dy",
        options=ROW,
        says="the gradient is summed over the columns, not over the rows",
    ),
    Wrong("negative", "wrong sign", forward, backward_negative, "dy"),
    Wrong(
        "first-row",
        "one row only",
        forward,
        backward_first_row,
        "dy",
        options=ROW,
        cases=8,
        says="the broadcast input gets the first row's gradient only",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: a + b, x, y), {"y": y, "how": broadcast}


def backward_by_cases(dz, cache):
    dz = np.asarray(dz)
    axis = {"none": (), "row": (0,), "column": (1,), "scalar": (0, 1)}[cache["how"]]
    return {"dy": dz.sum(axis=axis).reshape(cache["y"].shape), "dx": np.array(dz)}


def backward_product(dz, y):
    return [dz * np.ones_like(dz), summed(dz, y)]


UNUSUAL = [
    Unusual("loop-and-a-table-of-axes", forward_loop, backward_by_cases),
    Unusual("gradients-in-a-list", forward, backward_product),
]
