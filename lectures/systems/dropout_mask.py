"""The dropout mask: an exact number of kept elements, scaled by 1 / (1 - ratio); the printed one, and statistics."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ._points import normal
from ._wu_dropout import Dropout, kept_elements, mask_from

RATIO, SHAPE = 0.2, (5, 20)  # a hidden layer of the five digits
PRINTED_IDX, PRINTED_SHAPE = [5, 1, 2, 3, 4], (2, 3)
DRAWS = 4000


def dropout_forward(h, mask):
    """h mask, any shape; the mask is an input, so that one forward has one gradient."""
    return h * mask, mask


def dropout_backward(dy, mask):
    """dh = dy mask: nothing reaches what was dropped, and what was kept gets the scale too."""
    return (dy * mask,)


def statistics(shape, ratio, draws, rng):
    """Kept share of each element, mean mask, and the covariance of being kept of two elements, over draws of masks."""
    masks = np.array([Dropout(np.empty(shape), ratio, rng).ravel() for _ in range(draws)])
    kept = masks > 0
    return {
        "counts": kept.sum(axis=1),
        "shares": kept.mean(axis=0).reshape(shape),
        "mean": masks.mean(),
        "covariance": np.mean(kept[:, 0::2] * kept[:, 1::2]) - np.mean(kept) ** 2,
    }


def run(run: Run) -> Outcome:
    """The printed mask from its printed indices, then what many masks of a hidden layer have in common."""
    printed = mask_from(PRINTED_IDX, PRINTED_SHAPE, RATIO)
    size, num = printed.size, kept_elements(printed.size, RATIO)
    found = statistics(SHAPE, RATIO, 200 if run.size == "small" else DRAWS, np.random.default_rng(run.seed))
    n, k = found["shares"].size, kept_elements(found["shares"].size, RATIO)
    lines = (
        f"h1.size={size}, num={num}, yd = {printed.tolist()}; printed 6, 5, [[0, 1.25, 1.25], [1.25, 1.25, 1.25]]",
        f"its mean is {printed.mean():.4f} and not 1: {size * (1 - RATIO):g} elements cannot be kept, {num} are",
        f"{n} elements: {np.unique(found['counts']).tolist()} kept in each of {len(found['counts'])} masks, mean "
        f"{found['mean']:.4f}; each element kept in {found['shares'].min():.3f} to {found['shares'].max():.3f} of them",
        f"covariance of two elements' being kept {found['covariance']:+.5f}, by theory "
        f"{k * (k - 1) / (n * (n - 1)) - (k / n) ** 2:+.5f}: an exact count ties them, coin tosses would give 0",
    )
    return Outcome(lines, {"printed": printed, "shares": found["shares"], "counts": found["counts"]})


def plot(outcome, records, folder):
    """The printed mask and the shares as pictures; the lecture shows the network with nodes crossed out."""
    kept = outcome.arrays
    return [
        plotting.pictures(folder / "printed_mask.png", kept["printed"][None], ["kept: dark"]),
        plotting.pictures(folder / "shares.png", kept["shares"][None], ["share of masks"]),
    ]


SYSTEM = System(
    name="dropout_mask",
    lecture="004",
    headings=("Overfitting : Dropout", "An example of Dropout"),
    summary="the Dropout function, its printed example and its statistics",
    run=run,
    plot=plot,
    gradients=(Gradient("dropout_mask", dropout_forward, dropout_backward, normal(h=(3, 4), mask=(3, 4)), ("mask",)),),
)
