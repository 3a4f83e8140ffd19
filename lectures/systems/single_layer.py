"""A single layer through the API: the lecture's six lines, and the update that its `err` asks for."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import FOUR_POINTS, FOUR_TARGETS
from ..training import fit
from ._lecture_api import affine_backward, affine_forward, sigmoid_backward, sigmoid_forward
from ._points import normal

RATE = 1.0


def single_layer(x, w, b, y):
    """The listing: the mean squared error, and what it calls dx, dw, db.

    err = y - a1 is the way down from here, minus the gradient of 1/2 sum (y - a1)^2. So dx, dw, db are steps to be
    added, not gradients to be subtracted.
    """
    v1 = affine_forward(x, w, b)
    a1 = sigmoid_forward(v1)

    err = y - a1
    mse = (err**2).sum() / err.size

    dv1 = sigmoid_backward(err, a1)
    dx, dw, db = affine_backward(dv1, x, w, b)
    return mse, (dx, dw, db)


def single_layer_forward(x, w, b, y):
    """The loss whose gradient the listing takes, 1/2 sum (y - a1)^2, of x (N, D), w (D, C), b (C,), y (N, C)."""
    mse, steps = single_layer(x, w, b, y)
    return mse * y.size / 2, steps


def single_layer_backward(dloss, steps):
    """dx, dw, db: minus the listing's steps."""
    return tuple(-dloss * step for step in steps)


def network(parameters, x, y):
    loss, steps = single_layer_forward(x, parameters["w"], parameters["b"], y)
    _, dw, db = single_layer_backward(1.0, steps)
    return loss, {"w": dw, "b": db}


def run(run: Run) -> Outcome:
    """The four printed points from random weights and a bias of zero."""
    rng = np.random.default_rng(run.seed)
    start = {"w": rng.standard_normal((2, 1)), "b": np.zeros(1)}
    found = fit(network, start, FOUR_POINTS, FOUR_TARGETS, run=run, rate=RATE)
    before, after = (single_layer(FOUR_POINTS, p["w"], p["b"], FOUR_TARGETS)[0] for p in (start, found))
    return Outcome((f"mse = {before:.6g} at the start, {after:.6g} after {run.epochs} epochs",), found)


def plot(outcome, records, folder):
    return [plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss", log=True)]


SYSTEM = System(
    name="single_layer",
    lecture="003",
    headings=("Single Layer using API", "Single Layer Derivative, Easy"),
    summary="one affine and sigmoid layer through the forward/backward API",
    run=run,
    epochs=200,
    plot=plot,
    gradients=(
        Gradient(
            "single_layer",
            single_layer_forward,
            single_layer_backward,
            normal(x=(5, 3), w=(3, 2), b=(2,), y=(5, 2)),
            nondiff=("y",),
        ),
    ),
)
