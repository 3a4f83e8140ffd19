"""The 3-4-1 diabetes network: forward with the printed weights, the three errors, backward and update."""

import numpy as np

from gradproof.reference.absolute_error import absolute_error_backward, absolute_error_forward
from gradproof.reference.binary_cross_entropy import binary_cross_entropy_backward, binary_cross_entropy_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, fit
from ._points import normal

NAMES = ("w1", "b1", "w2", "b2")
W1 = np.array([[0.1, 0.2, 0.5], [0.2, 0.3, 0.1], [0.1, 0.4, 0.6], [0.2, 0.3, 0.9]])
START = {"w1": W1, "b1": np.zeros(4), "w2": np.array([[0.4, 1.2, 4.1, 0.1]]), "b2": np.array([1.4])}
PATIENT = np.array([[1.0, 1.0, 1.0]])
RATE = 0.1  # the lecture leaves alpha open

PRINTED = {"z1": "0.8 0.6 1.1 1.4", "a1": "0.68 0.64 0.75 0.8", "z2": "5.595", "a2": "0.996"}

# Each error as (forward, backward) with its options; all of them are then divided by the number of rows.
ERRORS = {
    "mse": (squared_error_forward, squared_error_backward, {"scale": "half", "reduction": "sum"}),
    "mae": (absolute_error_forward, absolute_error_backward, {"reduction": "sum"}),
    "bce": (binary_cross_entropy_forward, binary_cross_entropy_backward, {"reduction": "sum"}),
}


def diabetes_forward(x, w1, b1, w2, b2, y, error="bce"):
    """J of a2 = sigma(w2 a1 + b2) with a1 = sigma(w1 x + b1), a row of w1 and w2 for each neuron.

    x: (N, D); w1: (H, D); b1: (H,); w2: (C, H); b2: (C,); y: (N, C).
    error: "mse" for 1/(2N) sum (a2 - y)^2, "mae" for 1/N sum |a2 - y|, "bce" for the binary cross-entropy over N.
    """
    loss_forward, _, options = ERRORS[error]
    z1 = x @ w1.T + b1
    a1, at_a1 = sigmoid_forward(z1)
    z2 = a1 @ w2.T + b2
    a2, at_a2 = sigmoid_forward(z2)
    loss, at_loss = loss_forward(a2, y, **options)
    return loss / len(x), (x, w1, a1, at_a1, w2, at_a2, at_loss, error)


def diabetes_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2: the chain loss, g, z, w or b, as the lecture walks it."""
    x, w1, a1, at_a1, w2, at_a2, at_loss, error = cache
    (da2,) = ERRORS[error][1](dloss / len(x), at_loss)
    (dz2,) = sigmoid_backward(da2, at_a2)
    (dz1,) = sigmoid_backward(dz2 @ w2, at_a1)
    return dz1 @ w1, dz1.T @ x, dz1.sum(axis=0), dz2.T @ a1, dz2.sum(axis=0)


def layers(p, x):
    """z1, a1, z2, a2 by name."""
    z1 = x @ p["w1"].T + p["b1"]
    a1 = sigmoid_forward(z1)[0]
    z2 = a1 @ p["w2"].T + p["b2"]
    return {"z1": z1, "a1": a1, "z2": z2, "a2": sigmoid_forward(z2)[0]}


def network(p, x, y, error="bce"):
    loss, cache = diabetes_forward(x, p["w1"], p["b1"], p["w2"], p["b2"], y, error)
    _, *gradients = diabetes_backward(1.0, cache)
    return loss, dict(zip(NAMES, gradients, strict=True))


def patients(n, rng):
    """n generated people (n, 3) and whether each is ill (n, 1): the lecture prints one person only."""
    x = rng.standard_normal((n, 3))
    return x, (x @ np.array([[1.0], [2.0], [-1.0]]) > 0).astype(float)


def run(run: Run) -> Outcome:
    """The printed forward pass, one update on the printed person under each error, then a training."""
    lines = []
    for name, value in layers(START, PATIENT).items():
        lines.append(f"{name} = {' '.join(f'{v:.4f}' for v in value[0])}   printed {PRINTED[name]}")
    for error in ERRORS:
        loss, gradients = network(START, PATIENT, np.array([[1.0]]), error)
        old, slope = START["w2"][0, 0], gradients["w2"][0, 0]
        lines.append(f"{error}: J = {loss:.6g}, w11[2] = {old} - {RATE} * {slope:.6g} = {old - RATE * slope:.6f}")
    x, y = patients(60 if run.size == "small" else 400, np.random.default_rng(run.seed))
    found = fit(
        network, START, x, y, run=run, rate=RATE, batch_size=20,
        measure=lambda p: {"accuracy": accuracy(layers(p, x)["a2"], y[:, 0])},
    )  # fmt: skip
    last = run.history.records[-1]
    lines.append(f"{len(x)} generated people: loss {last['loss']:.4g}, accuracy {last['accuracy']:.4f}")
    return Outcome(tuple(lines), found)


def plot(outcome, records, folder):
    return [
        plotting.curves(folder / f"{name}.png", {name: [r[name] for r in records]}, x="epoch", y=name)
        for name in ("loss", "accuracy")
    ]


def _point(rng):
    shapes = {"x": (5, 3), "w1": (4, 3), "b1": (4,), "w2": (2, 4), "b2": (2,)}
    return {**normal(**shapes)(rng), "y": rng.uniform(0.1, 0.9, (5, 2))}


def _gradient(error):
    def forward(x, w1, b1, w2, b2, y):
        return diabetes_forward(x, w1, b1, w2, b2, y, error)

    return Gradient(f"diabetes_{error}", forward, diabetes_backward, _point, nondiff=("y",))


SYSTEM = System(
    name="diabetes_network",
    lecture="001",
    headings=("Forward pass; Example", "Error calculation", "Backward pass; Example", "Parameters updates"),
    summary="the 3-4-1 diabetes network from the printed weights, under three errors",
    run=run,
    epochs=50,
    plot=plot,
    gradients=tuple(_gradient(error) for error in ERRORS),
)
