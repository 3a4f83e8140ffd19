"""Two layers through the API: the lecture's ten lines, and the update that their `err` asks for."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import XOR, XOR_TARGETS
from ..training import fit
from ._lecture_api import affine_backward, affine_forward, sigmoid_backward, sigmoid_forward
from ._points import normal

RATE, HIDDEN = 1.0, 4


def multi_layer(x, w1, b1, w2, b2, y):
    """The listing: the mean squared error, and dx, dw1, db1, dw2, db2: steps downhill, as in `single_layer`."""
    v1 = affine_forward(x, w1, b1)
    a1 = sigmoid_forward(v1)
    v2 = affine_forward(a1, w2, b2)
    a2 = sigmoid_forward(v2)

    err = y - a2
    mse = (err**2).sum() / err.size

    dv2 = sigmoid_backward(err, a2)
    da1, dw2, db2 = affine_backward(dv2, a1, w2, b2)
    dv1 = sigmoid_backward(da1, a1)
    dx, dw1, db1 = affine_backward(dv1, x, w1, b1)
    return mse, (dx, dw1, db1, dw2, db2)


def multi_layer_forward(x, w1, b1, w2, b2, y):
    """The loss whose gradient the listing takes, 1/2 sum (y - a2)^2, of x (N, D), w1 (D, H), w2 (H, C), y (N, C)."""
    mse, steps = multi_layer(x, w1, b1, w2, b2, y)
    return mse * y.size / 2, steps


def multi_layer_backward(dloss, steps):
    """dx, dw1, db1, dw2, db2: minus the listing's steps."""
    return tuple(-dloss * step for step in steps)


NAMES = ("w1", "b1", "w2", "b2")


def network(p, x, y):
    loss, steps = multi_layer_forward(x, p["w1"], p["b1"], p["w2"], p["b2"], y)
    _, *gradients = multi_layer_backward(1.0, steps)
    return loss, dict(zip(NAMES, gradients, strict=True))


def run(run: Run) -> Outcome:
    """XOR, which no single layer can."""
    rng = np.random.default_rng(run.seed)
    w1, w2 = rng.standard_normal((2, HIDDEN)), rng.standard_normal((HIDDEN, 1))
    start = {"w1": w1, "b1": np.zeros(HIDDEN), "w2": w2, "b2": np.zeros(1)}
    found = fit(network, start, XOR, XOR_TARGETS, run=run, rate=RATE)
    before, after = (2 * network(p, XOR, XOR_TARGETS)[0] / XOR_TARGETS.size for p in (start, found))
    return Outcome((f"mse = {before:.6g} at the start, {after:.6g} after {run.epochs} epochs on XOR",), found)


def output(parameters, x):
    """a2, (N, C)."""
    a1 = sigmoid_forward(affine_forward(x, parameters["w1"], parameters["b1"]))
    return sigmoid_forward(affine_forward(a1, parameters["w2"], parameters["b2"]))


def plot(outcome, records, folder):
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss", log=True),
        plotting.boundary(folder / "boundary.png", XOR, XOR_TARGETS[:, 0], lambda p: output(outcome.arrays, p)[:, 0]),
    ]


SYSTEM = System(
    name="multi_layer",
    lecture="003",
    headings=("Multi Layer Perceptron", "Multi Layer Derivative?", "MLPs = Stacks of Linear Functions"),
    summary="two affine and sigmoid layers through the forward/backward API",
    run=run,
    epochs=3000,
    plot=plot,
    gradients=(
        Gradient(
            "multi_layer",
            multi_layer_forward,
            multi_layer_backward,
            normal(x=(5, 3), w1=(3, 4), b1=(4,), w2=(4, 2), b2=(2,), y=(5, 2)),
            nondiff=("y",),
        ),
    ),
)
