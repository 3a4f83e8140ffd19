"""The logarithm of a sum of exponentials of two arrays, entry by entry: a smooth maximum."""

import numpy as np

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def logaddexp_forward(x, y, broadcast="none"):
    """Sum in the logarithm z = log(exp(x) + exp(y)), elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    Written as max(x, y) + log1p(exp(-|x - y|)), which never overflows.
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    e = np.exp(-np.abs(x - y))
    return np.maximum(x, y) + np.log1p(e), (x, y, e)


def logaddexp_backward(dz, cache):
    """dx = dz sigmoid(x - y), dy = dz sigmoid(y - x) summed back to the shape of y: a half each where x = y."""
    x, y, e = cache
    dx = dz * np.where(x >= y, 1, e) / (1 + e)
    dy = summed_back(dz * np.where(x >= y, e, 1) / (1 + e), y)
    return dx, dy


def _inputs(broadcast="none"):
    return stretched_inputs(broadcast, tied=True)


OP = Op(
    name="logaddexp",
    forward=logaddexp_forward,
    backward=logaddexp_backward,
    inputs=_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    cite="Blanchard, Higham, Higham, Accurately computing the log-sum-exp and softmax functions (2021)",
)
