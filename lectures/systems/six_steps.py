"""The six steps of backpropagation on a 4-3-4-2 network of sigmoids, with the lecture's cross-entropy."""

from dataclasses import replace

import numpy as np

from gradproof.reference.affine import affine_forward
from gradproof.reference.binary_cross_entropy import binary_cross_entropy_backward, binary_cross_entropy_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import one_hot
from ..training import History, accuracy, batches, descend
from ._mlp import initial, report, winner_take_all
from ._points import normal

WIDTHS = (4, 3, 4, 2)
PRINTED_RATE = 0.01
RATE = 0.5  # at the printed rate this network stays on its first plateau, which the run shows
BASES = ("natural", "10")
PRINTED_OUTPUTS, PRINTED_TARGETS = np.array([[0.82, 0.31]]), np.array([[1, 0]])


def log_factor(base, like):
    """1, or 1/ln(10): what the logarithm of this base is of the natural one, in the numbers of `like`."""
    if base not in BASES:
        raise ValueError(f"unknown base {base!r} of the logarithm; one of {', '.join(BASES)}")
    ten = like.ravel()[0] * 0 + 10
    return 1 / np.log(ten) if base == "10" else 1


def feed_forward(x, parameters):
    """Step 1: the activations a^0 = X, a^1, ..., a^L, and each sigmoid's cache."""
    activations, at_sigmoids = [x], []
    for w, b in zip(parameters[::2], parameters[1::2], strict=True):
        z, _ = affine_forward(activations[-1], w, b)
        a, at_sigmoid = sigmoid_forward(z)
        activations.append(a)
        at_sigmoids.append(at_sigmoid)
    return activations, at_sigmoids


def error(o, y, base="natural"):
    """Step 2: C = -1/n_o sum_k [y_k log o_k + (1 - y_k) log(1 - o_k)], its mean over the rows, and what it saved."""
    loss, at_loss = binary_cross_entropy_forward(o, y)
    factor = log_factor(base, o)
    return loss * factor, (at_loss, factor)


def error_gradient(dloss, saved):
    """Of step 2: dC/dO (N, n_o), with the factors 1/n_o and 1/N that the printed matrix leaves out."""
    at_loss, factor = saved
    return binary_cross_entropy_backward(dloss * factor, at_loss)[0]


def backpropagate(do, weights, at_sigmoids):
    """Step 3: delta^L = phi' o dC/dO, delta^l = phi' o (delta^(l+1) (W^(l+1))^T): one row of each delta a pair."""
    (delta,) = sigmoid_backward(do, at_sigmoids[-1])
    deltas = [delta]
    for w, at_sigmoid in zip(weights[:0:-1], at_sigmoids[-2::-1], strict=True):
        (delta,) = sigmoid_backward(deltas[0] @ w.T, at_sigmoid)
        deltas = [delta, *deltas]
    return deltas


def gradients(deltas, activations):
    """Step 4: dC/dW^l = (a^(l-1))^T delta^l and dC/dB^l = sum of delta^l over the rows, first layer first."""
    return [g for d, a in zip(deltas, activations, strict=False) for g in (a.T @ d, d.sum(axis=0))]


def six_steps_forward(x, w1, b1, w2, b2, w3, b3, y, base="natural"):
    """The error of the network: x (N, D), wk and bk a layer, y (N, C), targets from 0 to 1."""
    activations, at_sigmoids = feed_forward(x, (w1, b1, w2, b2, w3, b3))
    loss, saved = error(activations[-1], y, base)
    return loss, (activations, at_sigmoids, (w1, w2, w3), saved)


def six_steps_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2, dw3, db3 through the deltas."""
    activations, at_sigmoids, weights, saved = cache
    deltas = backpropagate(error_gradient(dloss, saved), weights, at_sigmoids)
    return (deltas[0] @ weights[0].T, *gradients(deltas, activations))


def network(p, x, y, base="natural"):
    loss, cache = six_steps_forward(x, *p.values(), y, base)
    _, *found = six_steps_backward(1.0, cache)
    return loss, dict(zip(p, found, strict=True))


def outputs(p, x):
    """O (N, C)."""
    return feed_forward(x, list(p.values()))[0][-1]


def two_classes(n, rng):
    """n generated points (n, 4), labels (n,): class 0 between two planes, about half of them, class 1 outside.

    The lecture prints no data for this network. No single layer separates these.
    """
    x = rng.standard_normal((n, 4))
    return x, (np.abs(x.sum(axis=1)) > 1.35).astype(np.int64)


def train(p, x, y, run, rng, rate, base="natural"):
    """Step 5: update W <- W + delta W with delta W = -rate dC/dW, pair after pair, and repeat."""
    p = {name: value.copy() for name, value in p.items()}
    for epoch in range(run.epochs):
        for rows in batches(len(x), 1, rng):
            descend(p, network(p, x[rows], y[rows], base)[1], rate)
        o = outputs(p, x)
        run.history.add(epoch=epoch, loss=error(o, y, base)[0], accuracy=accuracy(o, y.argmax(axis=1)))
        run.progress(epoch + 1)
    return p


def run(run: Run) -> Outcome:
    """The six steps at the printed rate and at one that gets somewhere; the test is by winner-take-all."""
    rng = np.random.default_rng(run.seed)
    n = 60 if run.size == "small" else 400
    x, labels = two_classes(n + n // 2, rng)
    y = one_hot(labels, 2)
    train_x, train_y, test_x, test_y = x[:n], y[:n], x[n:], y[n:]
    start = initial(WIDTHS, rng)
    order = rng.integers(2**32)
    aside = replace(run, history=History(), progress=lambda done: None)
    slow = train(start, train_x, train_y, aside, np.random.default_rng(order), PRINTED_RATE)
    found = train(start, train_x, train_y, run, np.random.default_rng(order), RATE)
    lines = [
        _told(f"rate {PRINTED_RATE}, as printed", slow, train_x, train_y, run.epochs),
        _told(f"rate {RATE}", found, train_x, train_y, run.epochs),
        report(f"test, {len(test_x)} generated pairs, winner-take-all", outputs(found, test_x), test_y),
        "printed outputs 0.82, 0.31 become {} {} by winner-take-all, printed targets 1 0".format(
            *winner_take_all(PRINTED_OUTPUTS)[0]
        ),
        *_slips(found, train_x, train_y),
    ]
    return Outcome(tuple(lines), {**found, "outputs": outputs(found, test_x), "targets": test_y})


def _told(name, p, x, y, epochs):
    o = outputs(p, x)
    natural, ten = (error(o, y, base)[0] for base in BASES)
    right = accuracy(o, y.argmax(axis=1))
    return f"{name}: after {epochs} epochs C = {natural:.4g} by ln, {ten:.4g} by log10, accuracy {right:.4f}"


def _slips(p, x, y):
    """What the slides print otherwise, in numbers."""
    o = outputs(p, x[:1])
    _, saved = error(o, y[:1], "10")
    right, printed = error_gradient(1.0, saved), printed_error_gradient(o, y[:1])
    shapes = "(2 x 4) times (1 x 2)"
    return (
        f"dC/dO of one pair: {_row(right)}; printed {_row(printed)}: twice as much, without the factor 1/n_o of C",
        f"printed delta^H2 = (phi' o (W^O)^T) delta^O is {shapes} in row vectors: delta^O belongs in front",
        "printed dW^O = -eta delta^O (H_2)^T is (1 x 2) times (4 x 1) in row vectors: it is (H_2)^T delta^O",
    )


def _row(values):
    return " ".join(f"{v:.4g}" for v in values[0])


def printed_error_gradient(o, y):
    """dC/dO as '2. Calculate Error (3)' prints it, base 10, without the factor 1/n_o of the loss."""
    return -y / (o * np.log(10)) + (1 - y) / (np.log(10) - o * np.log(10))


def plot(outcome, records, folder):
    return [
        plotting.curves(folder / f"{name}.png", {name: [r[name] for r in records]}, x="epoch", y=name)
        for name in ("loss", "accuracy")
    ]


def _point(rng):
    shapes = {"x": (5, 4), "w1": (4, 3), "b1": (3,), "w2": (3, 4), "b2": (4,), "w3": (4, 2), "b3": (2,)}
    return {**normal(**shapes)(rng), "y": rng.uniform(0.1, 0.9, (5, 2))}


def _gradient(base):
    def forward(x, w1, b1, w2, b2, w3, b3, y):
        return six_steps_forward(x, w1, b1, w2, b2, w3, b3, y, base)

    return Gradient(f"six_steps_{base}", forward, six_steps_backward, _point, nondiff=("y",))


SYSTEM = System(
    name="six_steps",
    lecture="002",
    headings=(
        "Backpropagation Gradient Descent (1)",
        "Backpropagation Gradient Descent (5)",
        "1. Feedforward Pass (1)",
        "2. Calculate Error (3)",
        "3. Backpropagate Error to Weights",
        "4. Calculate Gradient Descent Weight and Bias Updates",
        "5. Update Weights and Bias and Repeat",
        "6. Test Network",
    ),
    summary="the six steps of backpropagation on 4-3-4-2, tested by winner-take-all",
    run=run,
    epochs=60,
    plot=plot,
    gradients=tuple(_gradient(base) for base in BASES),
)
