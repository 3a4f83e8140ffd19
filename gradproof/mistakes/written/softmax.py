"""Subjects of softmax."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    y = e / e.sum(axis=axis, keepdims=True)
    return y, (y, axis)


def backward(dy, cache):
    y, axis = cache
    return (y * (dy - (dy * y).sum(axis=axis, keepdims=True)),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_no_shift(x, axis=-1):
    e = np.exp(x)
    y = e / e.sum(axis=axis, keepdims=True)
    return y, forward(x, axis)[1]


def forward_shift_in_place(x, axis=-1):
    if x.size:
        x -= x.max(axis=axis, keepdims=True)
    return forward(x, axis)


def forward_last_axis(x, axis=-1):
    y, _ = forward(x, -1)
    return y, (y, -1)


def forward_over_everything(x, axis=-1):
    e = np.exp(x - x.max(initial=-np.inf))
    y = e / e.sum()
    return y, forward(x, axis)[1]


def backward_elementwise(dy, cache):
    y, _ = cache
    return (dy * y * (1 - y),)


def backward_diagonal_only(dy, cache):
    y, _ = cache
    return (dy * y,)


def backward_wrong_axis(dy, cache):
    y, _ = cache
    return (y * (dy - (dy * y).sum(axis=0, keepdims=True)),)


def backward_sum_of_everything(dy, cache):
    y, _ = cache
    return (y * (dy - (dy * y).sum()),)


def backward_plus(dy, cache):
    y, axis = cache
    return (y * (dy + (dy * y).sum(axis=axis, keepdims=True)),)


def backward_unweighted(dy, cache):
    y, axis = cache
    return (y * (dy - dy.sum(axis=axis, keepdims=True)),)


def backward_changes_cache(dy, cache):
    y, _ = cache
    dx = backward(dy, cache)[0]
    y *= 0.5
    return (dx,)


def forward_keeps_a_copy(x, axis=-1):
    y, _ = forward(x, axis)
    return y, [y.copy(), axis]


def forward_epsilon(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    y = e / (e.sum(axis=axis, keepdims=True) + 1e-5)
    return y, forward(x, axis)[1]


def forward_temperature(x, axis=-1):
    return forward(x / 2, axis)


def backward_temperature(dy, cache):
    return (backward(dy, cache)[0] / 2,)


def backward_constant_upstream(dy, cache):
    return backward(np.full_like(dy, dy.mean() if dy.size else 0), cache)


def forward_loses_axis(x, axis=-1):
    y, cache = forward(x, axis)
    return y.squeeze(), cache


WRONG = [
    Wrong("no-max-shift", "unstable", forward_no_shift, backward, "y", "non-finite"),
    Wrong(
        "shifts-x-in-place",
        "changes in place",
        forward_shift_in_place,
        backward,
        "y",
        "mutated-input",
        says="the largest entry is subtracted from x in place",
    ),
    Wrong("axis-ignored", "wrong option", forward_last_axis, backward, "y dx"),
    Wrong(
        "over-everything",
        "wrong axis",
        forward_over_everything,
        backward,
        "y",
        says="the sum runs over all entries, not along the axis",
    ),
    Wrong(
        "as-if-elementwise",
        "dropped term",
        forward,
        backward_elementwise,
        "dx",
        says="the derivative is y (1 - y), as for the sigmoid: the other classes are left out",
    ),
    Wrong(
        "diagonal-only",
        "dropped term",
        forward,
        backward_diagonal_only,
        "dx",
        says="of the Jacobian only the diagonal is used",
    ),
    Wrong("sum-over-axis-0", "wrong axis", forward, backward_wrong_axis, "dx", options={"axis": -1}),
    Wrong(
        "sum-over-everything",
        "wrong axis",
        forward,
        backward_sum_of_everything,
        "dx",
        says="the backward's sum runs over all entries",
    ),
    Wrong("plus-instead-of-minus", "wrong sign", forward, backward_plus, "dx"),
    Wrong(
        "log-softmaxs-sum",
        "swapped",
        forward,
        backward_unweighted,
        "dx",
        says="the sum is that of log-softmax's derivative",
    ),
    Wrong(
        "halves-the-cache",
        "changes in place",
        forward_keeps_a_copy,
        backward_changes_cache,
        "dx",
        "mutated-cache",
        says="the backward changes the saved probabilities in place",
    ),
    Wrong("epsilon-in-the-divisor", "epsilon added", forward_epsilon, backward, "y"),
    Wrong(
        "temperature-two",
        "wrong forward",
        forward_temperature,
        backward_temperature,
        "y dx",
        says="the scores are divided by 2",
    ),
    Wrong("mean-of-upstream", "ignores upstream", forward, backward_constant_upstream, "dx"),
    Wrong(
        "axes-of-one-lost",
        "wrong shape",
        forward_loses_axis,
        backward,
        "y",
        "wrong-shape",
        says="squeeze removes axes of size one",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_rows(x, axis=-1):
    rows = np.moveaxis(x, axis, -1)
    y = np.zeros(rows.shape, dtype=x.dtype)
    for index in np.ndindex(rows.shape[:-1]):
        e = np.exp(rows[index] - np.max(rows[index]))
        y[index] = e / np.sum(e)
    return np.moveaxis(y, -1, axis), {"y": y, "axis": axis}


def backward_jacobians(dy, cache):
    y, axis = cache["y"], cache["axis"]
    up = np.moveaxis(dy, axis, -1)
    jacobian = y[..., :, None] * (np.eye(y.shape[-1], dtype=y.dtype) - y[..., None, :])
    return (np.moveaxis(np.einsum("...j,...ji->...i", up, jacobian), -1, axis),)


def backward_outer(dy, cache):
    y, axis = (cache["y"], cache["axis"]) if isinstance(cache, dict) else cache
    dx = y * dy
    dx -= y * dx.sum(axis=axis, keepdims=True)
    return (np.asfortranarray(dx),)


UNUSUAL = [
    Unusual("rows-and-jacobians", forward_rows, backward_jacobians, cases=24),
    Unusual("augmented-assignment", forward, backward_outer, cases=24),
]
