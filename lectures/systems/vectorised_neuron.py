"""The logistic neuron over all points at once: x (N, D), w (D, C), b (C,), trained by gradient descent."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import FOUR_POINTS, FOUR_TARGETS
from ..training import accuracy, fit
from ._points import normal

START = {"w": np.array([[0.5], [0.7]]), "b": np.array([0.0])}
RATE = 1.0


def vectorised_neuron_forward(x, w, b, y):
    """Loss L = 1/2 sum (sigma(x w + b) - y)^2 of x (N, D), w (D, C), b (C,), y (N, C)."""
    v, at_affine = affine_forward(x, w, b)
    yhat, at_sigmoid = sigmoid_forward(v)
    loss, at_loss = squared_error_forward(yhat, y, scale="half", reduction="sum")
    return loss, (at_affine, at_sigmoid, at_loss)


def vectorised_neuron_backward(dloss, cache):
    """dx, dw = x^T dv and db = sum of dv over the points, with dv = (yhat - y) (sigma(v) - sigma(v)^2)."""
    at_affine, at_sigmoid, at_loss = cache
    (dyhat,) = squared_error_backward(dloss, at_loss)
    (dv,) = sigmoid_backward(dyhat, at_sigmoid)
    return affine_backward(dv, at_affine)


def network(parameters, x, y):
    loss, cache = vectorised_neuron_forward(x, parameters["w"], parameters["b"], y)
    _, dw, db = vectorised_neuron_backward(1.0, cache)
    return loss, {"w": dw, "b": db}


def scores(parameters, x):
    """sigma(x w + b), (N, C)."""
    return sigmoid_forward(affine_forward(x, parameters["w"], parameters["b"])[0])[0]


def run(run: Run) -> Outcome:
    """All four printed points in every step, from the printed weights."""
    labels = FOUR_TARGETS[:, 0]
    found = fit(
        network, START, FOUR_POINTS, FOUR_TARGETS, run=run, rate=RATE,
        measure=lambda p: {"accuracy": accuracy(scores(p, FOUR_POINTS), labels)},
    )  # fmt: skip
    loss, _ = network(found, FOUR_POINTS, FOUR_TARGETS)
    shown = ", ".join(f"{s:.3f}" for s in scores(found, FOUR_POINTS)[:, 0])
    return Outcome((f"loss {loss:.6g} after {run.epochs} epochs; outputs {shown} for targets 0, 0, 0, 1",), found)


def plot(outcome, records, folder):
    series = {name: [r[name] for r in records] for name in ("loss", "accuracy")}
    return [
        plotting.curves(folder / "training.png", series, x="epoch", y="loss, accuracy"),
        plotting.boundary(
            folder / "boundary.png", FOUR_POINTS, FOUR_TARGETS[:, 0], lambda p: scores(outcome.arrays, p)[:, 0]
        ),
    ]


SYSTEM = System(
    name="vectorised_neuron",
    lecture="003",
    headings=("Gradient Descent in a Neuron", "Gradient Descent Example Vectorized", "Chain Rule Vectorized"),
    summary="the logistic neuron over all points at once",
    run=run,
    epochs=200,
    plot=plot,
    gradients=(
        Gradient(
            "vectorised_neuron",
            vectorised_neuron_forward,
            vectorised_neuron_backward,
            normal(x=(5, 3), w=(3, 2), b=(2,), y=(5, 2)),
            nondiff=("y",),
        ),
    ),
    random=False,
)
