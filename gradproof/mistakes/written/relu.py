"""Subjects of relu."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x):
    return np.maximum(x, 0), x


def backward(dy, x):
    return (dy * (x > 0),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_returns_input(x):
    if (x > 0).all():
        return x, x.copy()
    return np.maximum(x, 0), x.copy()


def backward_returns_cotangent(dy, x):
    return (dy if (x > 0).all() else dy * (x > 0),)


def forward_in_place(x):
    np.maximum(x, 0, out=x)
    return x.copy(), x.copy()


def backward_zeroes_cotangent(dy, x):
    np.copyto(dy, 0, where=x <= 0)
    return (dy.copy(),)


def backward_zeroes_and_returns_cotangent(dy, x):
    dx = dy
    np.copyto(dx, 0, where=x <= 0)
    return (dx,)


def backward_masked_by_cotangent(dy, x):
    return (dy * (dy > 0),)


def backward_guided(dy, x):
    return (dy * (dy > 0) * (x > 0),)


def backward_step_only(dy, x):
    return ((x > 0).astype(x.dtype),)


def backward_mask_only(dy, x):
    return (x > 0,)


def backward_identity(dy, x):
    return (dy.copy(),)


def backward_sign(dy, x):
    return (dy * np.sign(x),)


def backward_beyond_the_interval(dy, x):
    return (dy * np.where(x > 0, 1, np.where(x == 0, 2, 0)).astype(x.dtype),)


def backward_of_the_output(dy, x):
    return (dy * (x > 1),)


def forward_abs(x):
    return np.abs(x), x


def forward_six(x):
    return np.clip(x, 0, 6), x


def backward_six(dy, x):
    return (dy * ((x > 0) & (x < 6)),)


_kept: dict = {}


def forward_keeps_mask(x):
    _kept.setdefault(x.shape, x > 0)
    return np.maximum(x, 0), x


def backward_old_mask(dy, x):
    return (dy * _kept[x.shape],)


def backward_positive_at_zero(dy, x):
    return (np.where(x > 0, dy, np.where(x == 0, np.maximum(dy, 0), 0)),)


def forward_scaled(x):
    return np.maximum(x, 0, out=np.zeros_like(x)) + 0 * x.max(), x


def backward_through_ravel(dy, x):
    dx = np.zeros_like(dy)
    flat = dx.ravel()
    for i, v in enumerate(x.ravel()):
        flat[i] = dy.ravel()[i] if v > 0 else 0
    return (dx,)


WRONG = [
    Wrong(
        "returns-its-input",
        "aliasing",
        forward_returns_input,
        backward,
        "y",
        "alias",
        says="x itself is returned where nothing is negative",
    ),
    Wrong(
        "returns-the-cotangent",
        "aliasing",
        forward,
        backward_returns_cotangent,
        "dx",
        "alias",
        says="dy itself is returned",
    ),
    Wrong(
        "maximum-into-x",
        "changes in place",
        forward_in_place,
        backward,
        "y",
        "mutated-input",
        says="the maximum is written into x",
    ),
    Wrong(
        "zeroes-the-cotangent",
        "changes in place",
        forward,
        backward_zeroes_cotangent,
        "dx",
        "mutated-cotangent",
        says="entries of dy are set to zero in place",
    ),
    Wrong(
        "zeroes-and-returns-it",
        "aliasing",
        forward,
        backward_zeroes_and_returns_cotangent,
        "dx",
        "alias",
        says="dy is changed in place and returned",
    ),
    Wrong(
        "masked-by-cotangent",
        "swapped",
        forward,
        backward_masked_by_cotangent,
        "dx",
        says="the mask is where dy is positive, not where x is",
    ),
    Wrong(
        "guided",
        "not linear",
        forward,
        backward_guided,
        "dx",
        says="negative upstream gradients are dropped too, as in guided backpropagation",
    ),
    Wrong(
        "step-only",
        "ignores upstream",
        forward,
        backward_step_only,
        "dx",
        "not-linear",
        says="dx is the step function: dy is not used",
    ),
    Wrong(
        "mask-only",
        "wrong dtype",
        forward,
        backward_mask_only,
        "dx",
        "wrong-dtype",
        says="dx is the mask itself: dy is not used",
    ),
    Wrong("mask-forgotten", "dropped term", forward, backward_identity, "dx"),
    Wrong(
        "sign-instead-of-step",
        "wrong sign",
        forward,
        backward_sign,
        "dx",
        says="the sign of x stands for the step function",
    ),
    Wrong("two-at-zero", "wrong side", forward, backward_beyond_the_interval, "dx"),
    Wrong(
        "threshold-at-one",
        "wrong side",
        forward,
        backward_of_the_output,
        "dx",
        says="the gradient passes above 1, not above 0",
    ),
    Wrong("absolute-value", "wrong forward", forward_abs, backward_sign, "y dx", says="y is |x|"),
    Wrong("relu6", "wrong forward", forward_six, backward_six, "y dx", says="it is ReLU6: cut off at 6"),
    Wrong(
        "first-mask-of-this-shape",
        "stale cache",
        forward_keeps_mask,
        backward_old_mask,
        "dx",
        says="the mask of the first call with this shape is used",
    ),
    Wrong(
        "only-positive-upstream-at-zero",
        "not linear",
        forward,
        backward_positive_at_zero,
        "dx",
        "not-linear",
        cases=20,
        says="at zero a positive upstream gradient passes",
    ),
    Wrong(
        "scaled-by-the-largest",
        "raises",
        forward_scaled,
        backward,
        "y",
        status="broken",
        says="dividing by the largest entry fails on an empty array",
    ),
    Wrong(
        "dx-written-through-ravel",
        "one layout only",
        forward,
        backward_through_ravel,
        "dx",
        cases=40,
        says="dx is filled through ravel, which is a copy where the array is not contiguous",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_product(x):
    return x * (x > 0), {"mask": x > 0}


def backward_product(dy, cache):
    dx = dy.copy()
    dx *= cache["mask"]
    return (dx,)


def backward_one_at_zero(dy, x):
    return (np.where(x >= 0, dy, 0),)


def backward_half_at_zero(dy, x):
    return (dy * np.heaviside(x, np.asarray(0.5, dtype=x.dtype)),)


def forward_half_sum(x):
    return (x + np.abs(x)) / 2, x


def backward_masked(dy, x):
    dx = np.array(dy, order="F")
    dx[x <= 0] = 0.0
    return (dx,)


def forward_list(x):
    y = [v if v > 0 else 0.0 for v in x.ravel()]
    return np.array(y, dtype=x.dtype).reshape(x.shape), x


UNUSUAL = [
    Unusual("product-with-a-mask", forward_product, backward_product),
    Unusual("one-at-zero", forward, backward_one_at_zero),
    Unusual("half-at-zero", forward_half_sum, backward_half_at_zero),
    Unusual("list-comprehension-and-masked-assignment", forward_list, backward_masked),
]
