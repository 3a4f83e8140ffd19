"""Gradient descent by single pairs, by mini-batches and by the whole batch, side by side on one problem."""

import numpy as np

from gradproof.reference.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
)

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, batches, descend
from ._mlp import initial, layers_backward, layers_forward
from ._points import normal

WIDTHS, ACTIVATIONS = (2, 8, 1), ("relu", "linear")
SIZES = (1, 32, 64, 128, 256, 0)  # 0 is the whole batch; the others are the lecture's powers of two
POINTS = 512
RATE = 0.1  # the same for all; the lecture's 0.01 only takes ten times the epochs


def name_of(size):
    """A way's name in the history: single, mini_32, batch."""
    return {1: "single", 0: "batch"}.get(size, f"mini_{size}")


def sgd_forward(x, w1, b1, w2, b2, y):
    """Mean binary cross-entropy of ReLU units and one sigmoid: x (N, D), w1 (D, H), w2 (H, C), y (N, C)."""
    scores, at_layers = layers_forward(x, (w1, b1, w2, b2), ACTIVATIONS)
    loss, at_loss = binary_cross_entropy_with_logits_forward(scores, y)
    return loss, (at_layers, at_loss)


def sgd_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2."""
    at_layers, at_loss = cache
    (dscores,) = binary_cross_entropy_with_logits_backward(dloss, at_loss)
    return layers_backward(dscores, at_layers)


def network(p, x, y):
    loss, cache = sgd_forward(x, *p.values(), y)
    _, *gradients = sgd_backward(1.0, cache)
    return loss, dict(zip(p, gradients, strict=True))


def loss_of(p, x, y):
    return float(sgd_forward(x, *p.values(), y)[0])


def scores(p, x):
    return layers_forward(x, list(p.values()), ACTIVATIONS)[0]


def run(run: Run) -> Outcome:
    """Every way starts from the same weights and sees every pair once an epoch, in its own shuffled order."""
    rng = np.random.default_rng(run.seed)
    n = 64 if run.size == "small" else POINTS
    x, labels = data.points("circles", n, rng)
    y = labels[:, None].astype(float)
    start = initial(WIDTHS, rng, gain=2.0)
    sizes = [size for size in SIZES if size < n]
    ways = {name_of(size): {k: v.copy() for k, v in start.items()} for size in sizes}
    orders = {name_of(size): np.random.default_rng([run.seed, size]) for size in sizes}
    by_update = {name: [loss_of(start, x, y)] for name in ways}
    for epoch in range(run.epochs):
        for size, (name, p) in zip(sizes, ways.items(), strict=True):
            for rows in batches(n, size or n, orders[name]):
                descend(p, network(p, x[rows], y[rows])[1], RATE)
                if len(by_update[name]) <= run.epochs:
                    by_update[name].append(loss_of(p, x, y))
        losses = {name: loss_of(p, x, y) for name, p in ways.items()}
        run.history.add(epoch=epoch, loss=losses["batch"], **losses)
        run.progress(epoch + 1)
    lines = [f"{n} points in circles, rate {RATE}, {run.epochs} epochs, loss {by_update['batch'][0]:.4g} at the start"]
    for size, (name, p) in zip(sizes, ways.items(), strict=True):
        lines.append(_told(name, -(-n // (size or n)), p, x, y, by_update[name]))
    lines.append(
        "at one rate an update gains about as much whatever its batch; small batches make more of them an epoch"
    )
    kept = {f"{name} {k}": v for name, p in ways.items() for k, v in p.items()}
    return Outcome(tuple(lines), {**kept, **{f"{name} by update": np.array(v) for name, v in by_update.items()}})


def _told(name, updates, p, x, y, by_update):
    first, after_updates = len(by_update) - 1, by_update[-1]
    return (
        f"{name:8} {updates:4} updates an epoch: loss {loss_of(p, x, y):.4g}, "
        f"accuracy {accuracy(1 / (1 + np.exp(-scores(p, x))), y[:, 0]):.4f}; "
        f"loss {after_updates:.4g} after the first {first}"
    )


def plot(outcome, records, folder):
    names = [name for name in records[0] if name not in ("epoch", "loss")]
    by_epoch = {name: [r[name] for r in records] for name in names}
    by_update = {name: outcome.arrays[f"{name} by update"] for name in names}
    return [
        plotting.curves(folder / "loss_by_epoch.png", by_epoch, x="epoch", y="loss", log=True),
        plotting.curves(folder / "loss_by_update.png", by_update, x="update", y="loss over all points", log=True),
    ]


def _point(rng):
    shapes = {"x": (5, 3), "w1": (3, 4), "b1": (4,), "w2": (4, 2), "b2": (2,)}
    return {**normal(**shapes)(rng), "y": rng.uniform(0.1, 0.9, (5, 2))}


SYSTEM = System(
    name="sgd_batch_minibatch",
    lecture="002",
    headings=(
        "Stochastic Gradient Descent (SGD) (2)",
        "Batch Gradient Descent (1)",
        "Batch Gradient Descent (2)",
    ),
    summary="single pairs, mini-batches of powers of two and the whole batch, side by side",
    run=run,
    epochs=40,
    plot=plot,
    gradients=(Gradient("sgd_batch_minibatch", sgd_forward, sgd_backward, _point, nondiff=("y",)),),
)
