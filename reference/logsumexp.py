"""Log-sum-exp: the smooth maximum, whose gradient is softmax."""

import numpy as np

from ._op import Op
from ._reductions import AXES, check_axes, inputs_over, spread


def logsumexp_forward(x, axis=-1):
    """Log-sum-exp y = log sum_i exp(x_i) along an axis, which disappears; axis="all" takes that of everything.

    x: floating, any shape with at least one entry to sum. Returns y and the cache.
    Written as max + log1p(sum of exp(x - max) over the others): no overflow, and no digits lost where one entry
    dominates. ValueError where x has no such axis.
    """
    axis = check_axes("x", x, axis)
    rows = x.reshape(1, -1) if axis is None else np.moveaxis(x, axis, -1)
    top = np.argmax(rows, axis=-1, keepdims=True)
    largest = np.take_along_axis(rows, top, axis=-1)
    e = np.exp(rows - largest)
    rest = (e * (np.arange(rows.shape[-1]) != top)).sum(axis=-1, keepdims=True)
    y = (largest + np.log1p(rest))[..., 0]
    softmax = e / (1 + rest)
    if axis is None:
        return y[0], (softmax.reshape(x.shape), axis)
    return y, (np.moveaxis(softmax, -1, axis), axis)


def logsumexp_backward(dy, cache):
    """dx_i = dy softmax(x)_i."""
    softmax, axis = cache
    return (spread(dy, softmax, axis) * softmax,)


OP = Op(
    name="logsumexp",
    forward=logsumexp_forward,
    backward=logsumexp_backward,
    inputs=inputs_over,
    options={"axis": AXES},
    empty=("N",),
    cite="Blanchard, Higham, Higham, Accurately computing the log-sum-exp and softmax functions (2021), algorithm 4.1",
)
