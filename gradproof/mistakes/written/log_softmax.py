"""Subjects of log_softmax."""

import numpy as np

from ._records import LOGSUMEXP, Unusual, Wrong


def forward(x, axis=-1):
    top = np.expand_dims(x.argmax(axis=axis), axis)
    shifted = x - np.take_along_axis(x, top, axis=axis)
    e = np.exp(shifted)
    np.put_along_axis(e, top, 0, axis=axis)
    rest = e.sum(axis=axis, keepdims=True)
    return shifted - np.log1p(rest), (np.exp(shifted) / (1 + rest), axis)


def backward(dy, cache):
    p, axis = cache
    return (dy - p * dy.sum(axis=axis, keepdims=True),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_log_of_softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    return np.log(p), (p, axis)


def forward_no_shift(x, axis=-1):
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True)), forward(x, axis)[1]


def forward_epsilon(x, axis=-1):
    p = forward(x, axis)[1][0]
    return np.log(p + 1e-6), (p, axis)


def forward_last_axis(x, axis=-1):
    return forward(x, -1)


def forward_log10(x, axis=-1):
    y, cache = forward(x, axis)
    return y / np.log(np.asarray(10, dtype=x.dtype)), cache


def backward_log10(dy, cache):
    return (backward(dy, cache)[0] / np.log(np.asarray(10, dtype=dy.dtype)),)


def forward_keeps_output(x, axis=-1):
    y, _ = forward(x, axis)
    return y, (y, axis)


def backward_output_as_probability(dy, cache):
    y, axis = cache
    return (dy - y * dy.sum(axis=axis, keepdims=True),)


def backward_softmaxs(dy, cache):
    p, axis = cache
    return (p * (dy - (dy * p).sum(axis=axis, keepdims=True)),)


def backward_as_if_one_hot(dy, cache):
    p, _ = cache
    return (dy - p,)


def backward_no_sum(dy, cache):
    p, _ = cache
    return (dy - p * dy,)


def backward_wrong_sign(dy, cache):
    p, axis = cache
    return (p * dy.sum(axis=axis, keepdims=True) - dy,)


def backward_sum_over_axis_0(dy, cache):
    p, _ = cache
    return (dy - p * dy.sum(axis=0, keepdims=True),)


def backward_into_cotangent(dy, cache):
    p, axis = cache
    dy -= p * dy.sum(axis=axis, keepdims=True)
    return (dy.copy(),)


WRONG = [
    Wrong("log-of-softmax", "unstable", forward_log_of_softmax, backward, "y", "non-finite"),
    Wrong("no-max-shift", "unstable", forward_no_shift, backward, "y", "non-finite"),
    Wrong("epsilon-in-the-log", "epsilon added", forward_epsilon, backward, "y"),
    Wrong("axis-ignored", "wrong option", forward_last_axis, backward, "y dx"),
    Wrong("to-base-ten", "wrong base", forward_log10, backward_log10, "y dx"),
    Wrong(
        "output-as-probability",
        "derivative at the output",
        forward_keeps_output,
        backward_output_as_probability,
        "dx",
        says="the output, a logarithm, is used as a probability",
    ),
    Wrong(
        "softmaxs-derivative", "swapped", forward, backward_softmaxs, "dx", says="it is the derivative of the softmax"
    ),
    Wrong(
        "as-if-dy-were-one-hot",
        "ignores upstream",
        forward,
        backward_as_if_one_hot,
        "dx",
        "not-linear",
        says="dy is treated as a one-hot row, whose sum is 1",
    ),
    Wrong(
        "sum-forgotten",
        "dropped term",
        forward,
        backward_no_sum,
        "dx",
        says="the sum of dy over the classes is left out",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
    Wrong("sum-over-axis-0", "wrong axis", forward, backward_sum_over_axis_0, "dx", options={"axis": -1}),
    Wrong("into-the-cotangent", "changes in place", forward, backward_into_cotangent, "dx", "mutated-cotangent"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_logsumexp(x, axis=-1):
    top = x.max(axis=axis, keepdims=True)
    logsumexp = top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True))
    return x - logsumexp, (x - logsumexp, axis)


def forward_shifted_logsumexp(x, axis=-1):
    z = x - x.max(axis=axis, keepdims=True)
    y = z - np.log(np.exp(z).sum(axis=axis, keepdims=True))
    return y, (y, axis)


def backward_exp_of_output(dy, cache):
    y, axis = cache
    return (dy - np.exp(y) * dy.sum(axis=axis, keepdims=True),)


def forward_rows(x, axis=-1):
    rows = np.moveaxis(x, axis, -1)
    flat = rows.reshape(-1, rows.shape[-1])
    out = []
    for row in flat:
        k = int(row.argmax())
        z = row - row[k]
        out.append(z - np.log1p(np.exp(np.delete(z, k)).sum()))
    y = np.stack(out) if out else np.zeros(flat.shape, dtype=x.dtype)
    return np.moveaxis(y.reshape(rows.shape), -1, axis), {"x": x, "axis": axis}


def backward_matrix(dy, cache):
    axis = cache["axis"]
    x, up = np.moveaxis(cache["x"], axis, -1), np.moveaxis(dy, axis, -1)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    p = e / np.sum(e, axis=-1)[..., None]
    return (np.moveaxis(up - p * up.sum(axis=-1)[..., None], -1, axis),)


UNUSUAL = [
    Unusual("rows-with-the-largest-left-out", forward_rows, backward_matrix),
    Unusual("softmax-kept-for-the-backward", forward, backward),
    Unusual("x-minus-logsumexp", forward_logsumexp, backward_exp_of_output, cases=40, loses=LOGSUMEXP),
    Unusual("shifted-minus-log-of-sum", forward_shifted_logsumexp, backward_exp_of_output, cases=40, loses=LOGSUMEXP),
]
