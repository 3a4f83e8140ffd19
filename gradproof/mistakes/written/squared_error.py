"""Subjects of squared_error."""

import numpy as np

from ._records import Unusual, Wrong


def divisor(prediction, reduction):
    return {"mean": prediction.size, "sum": 1, "batch_mean": len(prediction)}[reduction]


def forward(prediction, target, scale="one", reduction="mean"):
    error = prediction - target
    factor = 1 / divisor(prediction, reduction) / (2 if scale == "half" else 1)
    return factor * (error**2).sum(), (error, factor)


def backward(dy, cache):
    error, factor = cache
    return (2 * factor * dy * error,)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_two_forgotten(dy, cache):
    error, factor = cache
    return (dy * error * factor,)


def backward_mean_forgotten(dy, cache):
    error, _ = cache
    return (2 * dy * error,)


def backward_over_batch(dy, cache):
    error, _ = cache
    return (2 * dy * error / len(error),)


def forward_batch_is_everything(prediction, target, scale="one", reduction="mean"):
    return forward(prediction, target, scale, "mean" if reduction == "batch_mean" else reduction)


def forward_half_ignored(prediction, target, scale="one", reduction="mean"):
    return forward(prediction, target, "one", reduction)


def backward_wrong_sign(dy, cache):
    error, factor = cache
    return (-2 * factor * dy * error,)


def backward_ignores_upstream(dy, cache):
    error, factor = cache
    return (2 * factor * error,)


def backward_absolute(dy, cache):
    error, factor = cache
    return (2 * factor * dy * np.abs(error),)


def backward_one_row(dy, cache):
    error, factor = cache
    dprediction = np.zeros_like(error)
    dprediction[0] = 2 * factor * dy * error[0]
    return (dprediction,)


def backward_row_sums(dy, cache):
    error, factor = cache
    return (2 * factor * dy * np.ones_like(error) * error.sum(axis=0),)


def forward_per_row(prediction, target, scale="one", reduction="mean"):
    loss, cache = forward(prediction, target, scale, reduction)
    return np.array([loss], dtype=prediction.dtype), cache


def forward_in_place(prediction, target, scale="one", reduction="mean"):
    loss, cache = forward(prediction.copy(), target, scale, reduction)
    prediction -= target
    return loss, cache


def forward_float64(prediction, target, scale="one", reduction="mean"):
    error = (prediction - target).astype(np.float64)
    factor = 1 / divisor(prediction, reduction) / (2 if scale == "half" else 1)
    return (error**2).sum() * factor, (prediction - target, factor)


def forward_root(prediction, target, scale="one", reduction="mean"):
    loss, (error, factor) = forward(prediction, target, scale, reduction)
    return np.sqrt(loss), (error, factor / (2 * np.sqrt(loss)))


def forward_one_degree_less(prediction, target, scale="one", reduction="mean"):
    factor = 1 / max(divisor(prediction, reduction) - 1, 1) / (2 if scale == "half" else 1)
    error = prediction - target
    return factor * (error**2).sum(), (error, factor)


def forward_with_gradient(prediction, target, scale="one", reduction="mean"):
    loss, cache = forward(prediction, target, scale, reduction)
    return loss, {"gradient": backward(prediction.dtype.type(1), cache)[0]}


def backward_hands_out_cache(dy, cache):
    return (cache["gradient"] if dy == 1 else dy * cache["gradient"],)


WRONG = [
    Wrong("two-forgotten", "dropped term", forward, backward_two_forgotten, "dprediction"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dprediction", options={"scale": "one"}),
    Wrong("over-n-only", "wrong n", forward, backward_over_batch, "dprediction", options={"reduction": "mean"}),
    Wrong(
        "batch-mean-over-everything",
        "wrong option",
        forward_batch_is_everything,
        backward,
        "y dprediction",
        options={"reduction": "batch_mean"},
        says="the batch mean divides by all entries, not by the rows",
    ),
    Wrong(
        "half-ignored",
        "wrong option",
        forward_half_ignored,
        backward,
        "y dprediction",
        options={"scale": "half"},
        says="the factor 1/2 is ignored",
    ),
    Wrong(
        "target-minus-prediction",
        "wrong sign",
        forward,
        backward_wrong_sign,
        "dprediction",
        says="the difference is target - prediction, so the gradient has the wrong sign",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dprediction", "not-linear"),
    Wrong(
        "absolute-error-in-backward",
        "wrong sign",
        forward,
        backward_absolute,
        "dprediction",
        says="the backward takes the absolute value of the error",
    ),
    Wrong(
        "one-row-only", "one row only", forward, backward_one_row, "dprediction", says="only one row gets a gradient"
    ),
    Wrong(
        "summed-over-rows",
        "wrong axis",
        forward,
        backward_row_sums,
        "dprediction",
        says="the gradient is summed over the rows",
    ),
    Wrong(
        "loss-of-shape-one",
        "wrong shape",
        forward_per_row,
        backward,
        "y",
        "wrong-shape",
        says="the loss has shape (1,), not ()",
    ),
    Wrong(
        "error-into-prediction",
        "changes in place",
        forward_in_place,
        backward,
        "y",
        "mutated-input",
        besides="dprediction",
        says="the error is written into the prediction",
    ),
    Wrong(
        "loss-of-float64",
        "wrong dtype",
        forward_float64,
        backward,
        "y",
        "wrong-dtype",
        says="the loss is float64, whatever the input is",
    ),
    Wrong(
        "gradient-of-the-forward-itself",
        "aliasing",
        forward_with_gradient,
        backward_hands_out_cache,
        "dprediction",
        "alias",
        says="the gradient is the array that the forward saved, not one of its own",
    ),
    Wrong(
        "root-of-the-mean",
        "wrong forward",
        forward_root,
        backward,
        "y dprediction",
        says="the root of the mean is taken",
    ),
    Wrong(
        "n-less-one",
        "off by one",
        forward_one_degree_less,
        backward,
        "y dprediction",
        options={"reduction": "mean"},
        says="it is divided by the count less one",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loops(prediction, target, scale="one", reduction="mean"):
    total = prediction.dtype.type(0)
    for p, t in zip(prediction.flat, target.flat, strict=True):
        total += (p - t) * (p - t)
    n = divisor(prediction, reduction) * (2 if scale == "half" else 1)
    return total / n, {"prediction": prediction, "target": target, "n": n}


def backward_loops(dy, cache):
    p, t = cache["prediction"], cache["target"]
    rows = [[2.0 * (p[i, j] - t[i, j]) / cache["n"] * dy for j in range(p.shape[1])] for i in range(len(p))]
    return [np.stack([np.array(row, dtype=p.dtype) for row in rows])]


def forward_python_float(prediction, target, scale="one", reduction="mean"):
    loss, (error, factor) = forward(prediction, target, scale, reduction)
    return float(loss), (error, factor)


def backward_of_both(dy, cache):
    (dprediction,) = backward(dy, cache)
    return dprediction, -dprediction


def backward_of_the_loss(cache):
    error, factor = cache
    return error * factor * 2


def forward_norm(prediction, target, scale="one", reduction="mean"):
    error = (prediction - target).ravel()
    half = 0.5 if scale == "half" else 1.0
    return half * np.vdot(error, error) / divisor(prediction, reduction), (prediction, target, scale, reduction)


def backward_fortran(dy, cache):
    prediction, target, scale, reduction = cache
    dprediction = np.asfortranarray(prediction - target)
    dprediction *= dy
    dprediction *= 1.0 if scale == "half" else 2.0
    dprediction /= divisor(prediction, reduction)
    return (dprediction,)


def forward_mean(prediction, target, scale="one", reduction="mean"):
    each = np.square(prediction - target)
    loss = {"mean": each.mean, "sum": each.sum, "batch_mean": each.sum(axis=1).mean}[reduction]()
    return loss / 2 if scale == "half" else loss, (prediction, target, scale, reduction)


UNUSUAL = [
    Unusual("loops-and-stack-in-a-list", forward_loops, backward_loops),
    Unusual("python-float-and-the-targets-gradient-too", forward_python_float, backward_of_both),
    Unusual("backward-of-the-loss-alone", forward, backward_of_the_loss),
    Unusual("dot-product-and-fortran-order", forward_norm, backward_fortran),
    Unusual("np-mean", forward_mean, backward_fortran),
]
