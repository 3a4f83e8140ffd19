"""Subjects of softplus."""

import numpy as np

from ._records import EXP_OF_LOG, Unusual, Wrong


def forward(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), x


def backward(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * np.where(x >= 0, 1 / (1 + e), e / (1 + e)),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_log_of_one_plus_exp(x):
    return np.log(1 + np.exp(x)), x


def forward_log_of_one_plus_small(x):
    return np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))), x


def forward_linear_beyond_20(x):
    with np.errstate(over="ignore"):
        return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20)))), x


def forward_linear_beyond_10(x):
    return np.where(x > 10, x, np.log1p(np.exp(np.minimum(x, 10)))), x


def forward_base_two(x):
    return forward(x)[0] / np.log(np.asarray(2, dtype=x.dtype)), x


def backward_base_two(dy, x):
    return (backward(dy, x)[0] / np.log(np.asarray(2, dtype=x.dtype)),)


def backward_exp_overflows(dy, x):
    return (dy * np.exp(x) / (1 + np.exp(x)),)


def backward_one_minus(dy, x):
    return (dy * (1 - 1 / (1 + np.exp(x))),)


def backward_by_parts(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * ((x > 0) - np.sign(x) * e / (1 + e)),)


def backward_second_derivative(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * e / (1 + e) ** 2,)


def backward_wrong_sign(dy, x):
    return backward(dy, -x)


def backward_of_the_output(dy, y):
    return backward(dy, y)


def forward_keeps_output(x):
    y, _ = forward(x)
    return y, y


def backward_ignores_upstream(dy, x):
    return backward(np.ones_like(dy), x)


def forward_epsilon(x):
    return forward(x)[0] + np.asarray(1e-7, dtype=x.dtype), x


WRONG = [
    Wrong("log-of-one-plus-exp", "unstable", forward_log_of_one_plus_exp, backward, "y", "non-finite"),
    Wrong("log-instead-of-log1p", "unstable", forward_log_of_one_plus_small, backward, "y", status="inaccurate"),
    Wrong(
        "linear-beyond-20",
        "wrong side",
        forward_linear_beyond_20,
        backward,
        "y",
        cases=60,
        says="beyond 20 it is taken as x",
    ),
    Wrong(
        "linear-beyond-10",
        "wrong side",
        forward_linear_beyond_10,
        backward,
        "y",
        cases=60,
        says="beyond 10 it is taken as x",
    ),
    Wrong("base-two", "wrong base", forward_base_two, backward_base_two, "y dx"),
    Wrong("exp-overflows", "unstable", forward, backward_exp_overflows, "dx", "non-finite"),
    Wrong("one-minus-sigmoid", "unstable", forward, backward_one_minus, "dx", status="inaccurate"),
    Wrong("each-parts-derivative-at-zero", "wrong side", forward, backward_by_parts, "dx", cases=60),
    Wrong(
        "second-derivative",
        "dropped term",
        forward,
        backward_second_derivative,
        "dx",
        says="it is the second derivative: the sigmoid's own",
    ),
    Wrong("sigmoid-of-minus-x", "wrong sign", forward, backward_wrong_sign, "dx", says="the gradient is sigmoid(-x)"),
    Wrong(
        "sigmoid-of-the-output",
        "derivative at the output",
        forward_keeps_output,
        backward_of_the_output,
        "dx",
        says="the gradient is the sigmoid of the output",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx", "not-linear"),
    Wrong("epsilon-1e-7", "epsilon added", forward_epsilon, backward, "y"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_logaddexp(x):
    return np.logaddexp(x, 0), x


def backward_exp_of_logs(dy, x):
    return (dy * np.exp(-np.logaddexp(-x, 0)),)


def forward_masked(x):
    y = np.zeros_like(x)
    y[x > 0] = x[x > 0] + np.log1p(np.exp(-x[x > 0]))
    y[~(x > 0)] = np.log1p(np.exp(x[~(x > 0)]))
    return y, {"x": x}


def backward_loop(dy, cache):
    dx = np.zeros_like(dy)
    for index, v in np.ndenumerate(cache["x"]):
        dx[index] = dy[index] / (1.0 + np.exp(-v)) if v > 0 else dy[index] * np.exp(v) / (1.0 + np.exp(v))
    return (dx,)


UNUSUAL = [
    Unusual("logaddexp-and-both-tails", forward_logaddexp, backward),
    Unusual("logaddexp", forward_logaddexp, backward_exp_of_logs, cases=120, loses=EXP_OF_LOG),
    Unusual("masks-and-loop", forward_masked, backward_loop),
]
