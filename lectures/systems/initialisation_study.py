"""Three ways to start the same network: equal weights, large ones, and N(0, 1/r)."""

import warnings

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import one_hot, points
from ..training import accuracy, descend
from ._wu import (
    back,
    cross_entropy,
    forward,
    initialize_weights,
    prepend_bias,
    sigmoid,
    sigmoid_gradient,
    soft_targets,
)

RATE, HIDDEN, CLASSES = 1.0, 8, 2
EQUAL, LARGE = 0.5, 100.0
STARTS = ("equal", "large", "small")


def start(how, inputs, rng):
    """w1 (inputs + 1, H), w2 (H + 1, C): all `EQUAL`; N(0, `LARGE`^2); or "small", the lecture's N(0, 1/r)."""
    if how == "equal":
        return {"w1": np.full((inputs + 1, HIDDEN), EQUAL), "w2": np.full((HIDDEN + 1, CLASSES), EQUAL)}
    if how == "large":
        shapes = {"w1": (inputs + 1, HIDDEN), "w2": (HIDDEN + 1, CLASSES)}
        return {name: LARGE * rng.standard_normal(shape) for name, shape in shapes.items()}
    return dict(zip(("w1", "w2"), initialize_weights(inputs, HIDDEN, CLASSES, rng), strict=True))


def stable_forward(X, w1, w2, Y):
    """The lecture's network under a cross-entropy of its scores, which stays finite for weights of any size."""
    y_hat, h = forward(X, w1, w2)
    return cross_entropy(Y, np.matmul(prepend_bias(h), w2)), (X, Y, y_hat, w2, h)


def stable_backward(dloss, cache):
    """dw1, dw2: the lecture's `back`, times dloss."""
    return tuple(dloss * dw for dw in back(*cache))


def network(p, X, Y):
    loss, cache = stable_forward(X, p["w1"], p["w2"], Y)
    return loss, dict(zip(("w1", "w2"), stable_backward(1.0, cache), strict=True))


def apart(p):
    """How far the hidden units are from one another: the largest difference of weights into or out of two of them."""
    return max(np.ptp(p["w1"], axis=1).max(), np.ptp(p["w2"][1:], axis=0).max())


def slope(p, X):
    """Mean of sigma' over points and hidden units: 1/4 where nothing is saturated, 0 where all is."""
    return sigmoid_gradient(sigmoid(np.matmul(prepend_bias(X), p["w1"]))).mean()


def plain_loss(p, X, Y):
    """The loss with 1 / (1 + exp(-z)), exp(z) / sum exp(z) and the log written plainly, and what NumPy warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        h = 1 / (1 + np.exp(-np.matmul(prepend_bias(X), p["w1"])))
        e = np.exp(np.matmul(prepend_bias(h), p["w2"]))
        loss = -(Y * np.log(e / e.sum(axis=1, keepdims=True))).sum() / len(Y)
    return loss, sorted({str(w.message) for w in caught})


def run(run: Run) -> Outcome:
    """The three side by side on four clouds, the opposite ones of one class: the same points and the same steps."""
    rng = np.random.default_rng(run.seed)
    X, labels = points("non_linearly_separable", 60 if run.size == "small" else 300, rng)
    Y = one_hot(labels, CLASSES)
    nets = {how: start(how, X.shape[1], rng) for how in STARTS}
    first = {how: {name: w.copy() for name, w in p.items()} for how, p in nets.items()}
    for epoch in range(run.epochs):
        losses = {}
        for how, p in nets.items():
            losses[f"loss_{how}"], gradients = network(p, X, Y)
            descend(p, gradients, RATE)
        run.history.add(epoch=epoch, loss=losses["loss_small"], **losses)
        run.progress(epoch + 1)
    lines = [_line(how, first[how], nets[how], X, labels, run.history.records) for how in STARTS]
    lines.append(f"equal: the {HIDDEN} hidden units differ by {apart(nets['equal'])} after {run.epochs} epochs")
    loss, warned = plain_loss({name: 10 * w for name, w in first["large"].items()}, X, Y)
    lines.append(f"ten times as large, formulas written plainly: loss {loss}, {', '.join(warned) or 'no warning'}")
    kept = {f"{how} {name}": w for how, p in nets.items() for name, w in p.items()}
    return Outcome(tuple(lines), {"points": X, "labels": labels, **kept})


def _line(how, before, after, X, labels, records):
    losses = [records[k][f"loss_{how}"] for k in (0, -1)]
    moved = np.linalg.norm(after["w1"] - before["w1"]) / np.linalg.norm(before["w1"])
    right = accuracy(forward(X, after["w1"], after["w2"])[0], labels)
    return (
        f"{how}: loss {losses[0]:.4g} -> {losses[1]:.4g}, accuracy {right:.1%}, mean sigma' at the start "
        f"{slope(before, X):.2g}, w1 moved by {moved:.2g} of its size"
    )


def plot(outcome, records, folder):
    kept = outcome.arrays
    series = {how: [r[f"loss_{how}"] for r in records] for how in STARTS}
    written = [plotting.curves(folder / "loss.png", series, x="epoch", y="loss", log=True)]
    for how in STARTS:
        w1, w2 = kept[f"{how} w1"], kept[f"{how} w2"]
        written.append(
            plotting.boundary(
                folder / f"{how}.png", kept["points"], kept["labels"],
                lambda at, w1=w1, w2=w2: forward(at, w1, w2)[0][:, 1], title=how,
            )
        )  # fmt: skip
    return written


def _point(rng):
    shapes = {"X": (5, 3), "w1": (4, 6), "w2": (7, 2)}
    return {**{n: rng.standard_normal(s) for n, s in shapes.items()}, "Y": soft_targets((5, 2), rng)}


SYSTEM = System(
    name="initialisation_study",
    lecture="004",
    headings=("Initializations of weights",),
    summary="equal, large and N(0, 1/r) weights: the same network, points and steps from three starts",
    run=run,
    epochs=2000,
    plot=plot,
    gradients=(Gradient("initialisation_study", stable_forward, stable_backward, _point, nondiff=("X", "Y")),),
)
