"""The vanishing gradient: how large it is in each layer, with sigmoids and with ReLU, over the depth."""

from itertools import pairwise

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import five_digits
from ..training import accuracy
from ._wu import soft_targets
from ._wu_deep import ACTIVATIONS, deep_backward, deep_forward, deep_weights

WIDTH, DEPTHS, TRAINED = 20, (1, 2, 4, 8, 16), 4
RATE, DRAWS = 0.1, 25
# Activation and variance times r of the weights; the lecture has 1/r. ReLU zeroes half of them, which 2/r makes up for.
KINDS = {"sigmoid": ("sigmoid", 1), "ReLU": ("ReLU", 1), "ReLU from N(0, 2/r)": ("ReLU", 2)}


def sizes(weights, X, Y, activation):
    """Root mean square of each layer's gradient, first layer first; a layer has its own number of weights."""
    _, cache = deep_forward(X, weights, Y, activation)
    return np.array([np.sqrt((dw**2).mean()) for dw in deep_backward(1.0, cache)])


def by_layer(depth, kind, X, Y, rng, draws):
    """`sizes` at the start for `depth` hidden layers of `WIDTH`: the median over draws of the weights."""
    activation, variance = KINDS[kind]
    widths = (X.shape[1], *[WIDTH] * depth, Y.shape[1])
    return np.median([sizes(deep_weights(widths, rng, variance), X, Y, activation) for _ in range(draws)], axis=0)


def run(run: Run) -> Outcome:
    """The sizes at the start over depths, on the five digits; then both of `TRAINED` hidden layers, from one start."""
    rng = np.random.default_rng(run.seed)
    X, Y = five_digits()
    draws = 3 if run.size == "small" else DRAWS
    kept = {f"{kind} {depth}": by_layer(depth, kind, X, Y, rng, draws) for depth in DEPTHS for kind in KINDS}
    lines = [
        f"{depth} hidden, size of the first gradient over that of the last: "
        + ", ".join(f"{kind} {_ratio(kept[f'{kind} {depth}']):.2g}" for kind in KINDS)
        for depth in DEPTHS
    ]
    nets = dict.fromkeys(ACTIVATIONS, deep_weights((X.shape[1], *[WIDTH] * TRAINED, Y.shape[1]), rng))
    first = nets["sigmoid"][0]
    for epoch in range(run.epochs):
        record = {}
        for activation, weights in nets.items():
            record[f"loss_{activation}"], cache = deep_forward(X, weights, Y, activation)
            gradients = deep_backward(1.0, cache)
            record[f"first_{activation}"] = np.sqrt((gradients[0] ** 2).mean())
            nets[activation] = [w - RATE * dw for w, dw in zip(weights, gradients, strict=True)]
        run.history.add(epoch=epoch, loss=record["loss_ReLU"], **record)
        run.progress(epoch + 1)
    for activation, weights in nets.items():
        loss, cache = deep_forward(X, weights, Y, activation)
        moved = np.linalg.norm(weights[0] - first) / np.linalg.norm(first)
        right = accuracy(cache[3], np.arange(len(X)))
        lines.append(
            f"{TRAINED} hidden layers of {activation} after {run.epochs} epochs: loss {loss:.4g}, "
            f"{right * len(X):.0f} of {len(X)} digits, first layer moved by {moved:.2g} of its size"
        )
        kept |= {f"{activation} w{k}": w for k, w in enumerate(weights, 1)}
    return Outcome(tuple(lines), kept)


def _ratio(by_layer):
    return by_layer[0] / by_layer[-1]


def plot(outcome, records, folder):
    kept = outcome.arrays
    series = {f"{kind}, {d} hidden": kept[f"{kind} {d}"] for kind in KINDS for d in DEPTHS[2:]}
    ratio = {kind: [_ratio(kept[f"{kind} {d}"]) for d in DEPTHS] for kind in KINDS}
    loss = {a: [r[f"loss_{a}"] for r in records] for a in ACTIVATIONS}
    layer, depth = "layer, 0 the first", "hidden layers"
    return [
        plotting.curves(folder / "by_layer.png", series, x=layer, y="size of the gradient", log=True),
        plotting.curves(
            folder / "by_depth.png", ratio, x=depth, y="gradient of the first over the last", log=True, at=DEPTHS
        ),
        plotting.curves(folder / "loss.png", loss, x="epoch", y=f"loss, {TRAINED} hidden layers"),
    ]


def _point(rng):
    widths = (3, 6, 5, 7, 2)
    weights = {f"w{k}": rng.standard_normal((d + 1, m)) for k, (d, m) in enumerate(pairwise(widths), 1)}
    return {"X": rng.standard_normal((5, 3)), **weights, "Y": soft_targets((5, 2), rng)}


def _gradient(activation):
    def forward(X, w1, w2, w3, w4, Y):
        return deep_forward(X, (w1, w2, w3, w4), Y, activation)

    return Gradient(f"vanishing_gradient_{activation.lower()}", forward, deep_backward, _point, nondiff=("X", "Y"))


SYSTEM = System(
    name="vanishing_gradient",
    lecture="004",
    headings=("Vanishing Gradient and Overfitting", "Vanishing Gradient", "Vanishing Gradient : ReLU"),
    summary="the size of the gradient by layer and depth, sigmoid against ReLU",
    run=run,
    epochs=1000,
    plot=plot,
    gradients=tuple(_gradient(activation) for activation in ACTIVATIONS),
)
