"""Subjects of dropout: plain, with the mask given."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, keep, rate, mode):
    """One entry at a time."""
    kept = [entry if mode == "train" and stays else 0.0 for entry, stays in zip(x.flat, keep.flat, strict=True)]
    return np.array(kept).reshape(x.shape) if mode == "train" else np.array([e - rate * e for e in x.flat]).reshape(
        x.shape
    )  # fmt: skip


def forward(x, keep, rate=0.5, mode="train"):
    factor = keep if mode == "train" else 1 - rate
    return x * factor, factor


def backward(dy, cache):
    return (dy * cache,)


def forward_scaled_in_training(x, keep, rate=0.5, mode="train"):
    factor = keep / (1 - rate) if mode == "train" else 1 - rate
    return (x * factor).astype(x.dtype), factor


def backward_cast(dy, cache):
    return ((dy * cache).astype(dy.dtype),)


def forward_unscaled_at_test_time(x, keep, rate=0.5, mode="train"):
    factor = keep if mode == "train" else 1
    return x * factor, factor


def forward_scaled_by_rate(x, keep, rate=0.5, mode="train"):
    factor = keep if mode == "train" else rate
    return x * factor, factor


def forward_mask_inverted(x, keep, rate=0.5, mode="train"):
    factor = ~keep if mode == "train" else 1 - rate
    return x * factor, factor


def backward_all_through(dy, cache):
    return (dy * 1,)


TRAIN, TEST = {"mode": "train"}, {"mode": "test", "rate": 0.2}
WRONG = [
    Wrong(
        "inverted",
        "wrong option",
        forward_scaled_in_training,
        backward_cast,
        "y dx",
        options=TRAIN,
        says="what is kept is scaled up in training, as in inverted dropout",
    ),
    Wrong(
        "nothing-at-test-time",
        "missing 1/n",
        forward_unscaled_at_test_time,
        backward,
        "y dx",
        options=TEST,
        says="at test time nothing is scaled",
    ),
    Wrong(
        "rate-for-keep-rate",
        "wrong option",
        forward_scaled_by_rate,
        backward,
        "y dx",
        options=TEST,
        says="the drop rate stands for the keep rate",
    ),
    Wrong(
        "mask-inverted",
        "wrong side",
        forward_mask_inverted,
        backward,
        "y dx",
        options=TRAIN,
        says="the mask is turned round: what should be kept is dropped",
    ),
    Wrong("mask-forgotten-backwards", "dropped term", forward, backward_all_through, "dx", options=TRAIN),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_where(x, keep, rate=0.5, mode="train"):
    return (np.where(keep, x, x * 0), keep) if mode == "train" else ((1 - rate) * x, 1 - rate)


def backward_by_name(dy, cache):
    return {"dx": np.multiply(cache, dy)}


UNUSUAL = [
    Unusual("where", forward_where, backward),
    Unusual("gradients-by-name", forward, backward_by_name),
]
