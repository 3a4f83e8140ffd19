"""Supervised learning in one layer: outputs Y beside desired outputs D, weights adjusted until they match."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..training import descend
from ._points import normal

RATE = 0.2
NEAR = 0.05  # "matched with (or close to)": every output within this of the desired one, on average
CENTRES = np.array([[2.0, 2.2], [1.0, 0.4], [3.0, 0.4]])


def labelled(n, rng):
    """A dataset of input vectors and labels: n points (n, 2) in three clouds, desired outputs (n, 3)."""
    labels = rng.permutation(np.arange(n) % 3)
    return CENTRES[labels] + rng.uniform(-0.55, 0.55, (n, 2)), np.eye(3)[labels]


def outputs(p, x, phi):
    return phi(affine_forward(x, p["w"], p["b"])[0])


def step(z):
    """1 above 0, else 0: the perceptron's output."""
    return (z > 0) * 1.0


def sigmoid(z):
    return sigmoid_forward(z)[0]


def perceptron_epoch(p, x, desired, rng):
    """w <- w + x (D - Y), pair after pair; returns how many outputs were wrong when their pair came."""
    wrong = 0
    for k in rng.permutation(len(x)):
        row = x[k : k + 1]
        error = desired[k : k + 1] - outputs(p, row, step)
        p["w"] += row.T @ error
        p["b"] += error[0]
        wrong += int(np.abs(error).sum())
    return wrong


def delta_rule_forward(x, w, b, d):
    """1/2 sum (Y - D)^2 of one layer of sigmoids: x (N, D), w (D, C), b (C,), d (N, C), the desired outputs."""
    z, at_affine = affine_forward(x, w, b)
    y, at_sigmoid = sigmoid_forward(z)
    loss, at_loss = squared_error_forward(y, d, scale="half", reduction="sum")
    return loss, (at_affine, at_sigmoid, at_loss)


def delta_rule_backward(dloss, cache):
    """dx, dw, db: the delta rule's (Y - D) phi'(z) through the layer."""
    at_affine, at_sigmoid, at_loss = cache
    (dy,) = squared_error_backward(dloss, at_loss)
    (dz,) = sigmoid_backward(dy, at_sigmoid)
    return affine_backward(dz, at_affine)


def delta_rule_epoch(p, x, desired, rng):
    """One update a pair; returns the error 1/2 sum (Y - D)^2 over all pairs after them."""
    for k in rng.permutation(len(x)):
        _, cache = delta_rule_forward(x[k : k + 1], p["w"], p["b"], desired[k : k + 1])
        _, dw, db = delta_rule_backward(1.0, cache)
        descend(p, {"w": dw, "b": db}, RATE)
    return float(delta_rule_forward(x, p["w"], p["b"], desired)[0])


def run(run: Run) -> Outcome:
    """The perceptron until Y = D, the delta rule until Y is close to D: both from zero weights, the same data."""
    rng = np.random.default_rng(run.seed)
    x, desired = labelled(30 if run.size == "small" else 150, rng)
    perceptron, delta = ({"w": np.zeros((2, 3)), "b": np.zeros(3)} for _ in range(2))
    matched = close = None
    for epoch in range(run.epochs):
        if matched is None:
            perceptron_epoch(perceptron, x, desired, rng)
        wrong = int((outputs(perceptron, x, step) != desired).sum())
        loss = delta_rule_epoch(delta, x, desired, rng)
        apart = float(np.abs(outputs(delta, x, sigmoid) - desired).mean())
        matched = epoch + 1 if wrong == 0 and matched is None else matched
        close = epoch + 1 if apart < NEAR and close is None else close
        run.history.add(epoch=epoch, loss=loss, apart=apart, perceptron_wrong=wrong)
        run.progress(epoch + 1)
        if matched and close:
            break
    y = outputs(delta, x, sigmoid)
    lines = (
        f"perceptron: {wrong} of {desired.size} outputs differ from the desired; {_when(matched, 'Y = D')}",
        f"delta rule: outputs {apart:.3f} from the desired on average; {_when(close, f'closer than {NEAR}')}",
        f"winner-take-all names {(y.argmax(axis=1) == desired.argmax(axis=1)).mean():.1%} of {len(x)} points right",
    )
    kept = {f"perceptron {k}": v for k, v in perceptron.items()} | {f"delta {k}": v for k, v in delta.items()}
    return Outcome(lines, {**kept, "x": x, "desired": desired})


def _when(epoch, what):
    return f"not yet {what}" if epoch is None else f"{what} after {epoch} epoch{'s' if epoch > 1 else ''}"


def plot(outcome, records, folder):
    kept = outcome.arrays
    x, labels = kept["x"], kept["desired"].argmax(axis=1)

    def first_class(points):
        return sigmoid(points @ kept["delta w"] + kept["delta b"])[:, 0]

    title = "output 1 of the delta rule"
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss"),
        plotting.curves(
            folder / "wrong.png", {"wrong": [r["perceptron_wrong"] for r in records]}, x="epoch",
            y="outputs of the perceptron that differ",
        ),
        plotting.boundary(folder / "boundary.png", x, labels, first_class, title=title),
    ]  # fmt: skip


SYSTEM = System(
    name="supervised",
    lecture="002",
    headings=("Supervised Learning",),
    summary="one layer's outputs compared with the desired ones, weights adjusted until they match",
    run=run,
    epochs=100,
    plot=plot,
    gradients=(
        Gradient(
            "supervised_delta_rule",
            delta_rule_forward,
            delta_rule_backward,
            normal(x=(5, 3), w=(3, 4), b=(4,), d=(5, 4)),
            nondiff=("d",),
        ),
    ),
)
