"""784-512-10 by the lecture's listings: `Forwardpass`, `AccTest`, the weights drawn, the update right and as printed.

Where images of another size are given, their pixels take the place of the 784. Everything is in float32: a training
on MNIST takes half the time of float64, and accuracies do not tell the two apart.
"""

from functools import reduce
from itertools import count

import numpy as np

from gradproof.reference.sigmoid import sigmoid_forward
from gradproof.reference.softmax import softmax_forward

from .. import data, plotting
from .._system import Outcome, Run
from ..training import fit
from .one_hidden_layer_softmax import NAMES, matrix_backward, matrix_forward

HIDDEN, RATE, DTYPE = 512, 0.5, "float32"
PART = 2000
"""Rows whose hidden layer is held at once: that of 60,000 would be 120 MB an array, and slower for it."""
PRINTED = (0.8762, 0.9013, 0.9136, 0.9165, 0.9251)
"""Accuracies in test after epochs 0 to 4, in mini-batches of 200."""

DIFFERS = (
    "as printed, dbo = np.mean(d) and dbh = np.mean(dhs) are one number for all neurons, where the gradient has one a "
    "neuron; the mean of all of d is 0 but for rounding, so bo never moves. dWo and dWh are the gradients"
)


def Forwardpass(X, Wh, bh, Wo, bo):
    """o, (N, C), of images X (N, D), Wh (H, D), bh (H,), Wo (C, H), bo (C,)."""
    a = sigmoid_forward(X @ Wh.T + bh)[0]
    return softmax_forward(a @ Wo.T + bo)[0]


def AccTest(label, prediction):
    """Share of the rows whose largest entries agree: one-hot labels and outputs, (N, C) both."""
    OutMaxArg = np.argmax(prediction, axis=1)
    LabelMaxArg = np.argmax(label, axis=1)
    return float(np.mean(OutMaxArg == LabelMaxArg))


def initial(inputs, classes, rng, hidden=HIDDEN):
    """Weights drawn as the lecture does: evenly from -0.5 to 0.5, biases from 0 to 0.5."""
    drawn = (
        rng.uniform(-0.5, 0.5, (hidden, inputs)), rng.uniform(0, 0.5, hidden),
        rng.uniform(-0.5, 0.5, (classes, hidden)), rng.uniform(0, 0.5, classes),
    )  # fmt: skip
    return {name: array.astype(DTYPE) for name, array in zip(NAMES, drawn, strict=True)}


def as_printed(x, a, d, Wo):
    """What the listing steps along, over N samples: dWh, dbh, dWo, dbo. x: (N, D); a: (N, H); d = o - y: (N, C)."""
    dh = d @ Wo
    dhs = np.multiply(np.multiply(dh, a), (1 - a))
    dWo = np.matmul(np.transpose(d), a)
    dbo = np.mean(d)
    dWh = np.matmul(np.transpose(dhs), x)
    dbh = np.mean(dhs)
    return dWh / len(x), dbh, dWo / len(x), dbo


def right_step(weights, x, y):
    """Mean loss and its gradients, in the order of NAMES."""
    loss, cache = matrix_forward(x, *weights, y)
    return loss, *matrix_backward(1.0, cache)


def printed_step(weights, x, y):
    """What the listing takes for the gradients, in the order of NAMES."""
    Wh, bh, Wo, bo = weights
    a = sigmoid_forward(x @ Wh.T + bh)[0]
    o = softmax_forward(a @ Wo.T + bo)[0]
    return as_printed(x, a, o - y, Wo)


BOTH = {"": (right_step, RATE), "printed_": (printed_step, RATE)}
"""By prefix of the weights that go that way: the gradient, and the update as printed."""


def in_parts(step, weights, x, y, part=PART):
    """What `step` gives for all rows, where it is a mean over them: the parts' means, each by its share of the rows."""
    if len(x) <= part:
        return step(weights, x, y)
    slices = [slice(start, start + part) for start in range(0, len(x), part)]
    found = ((len(x[rows]), step(weights, x[rows], y[rows])) for rows in slices)
    totals = reduce(
        lambda sums, terms: [s + t for s, t in zip(sums, terms, strict=True)],
        ([n * value for value in values] for n, values in found),
    )
    return tuple(total / len(x) for total in totals)


def _of(p, prefix):
    return tuple(p[prefix + name] for name in NAMES)


def side_by_side(x, y, ways):
    """A network for `fit` over row numbers, the listing's Stochastic_samples, at a rate of 1.

    ways: for each prefix of weights its step and its learning rate; all of them see the same rows. The loss is that
    of the first.
    """

    def network(p, rows, _):
        chosen, targets = x[rows], y[rows]
        moves, losses = {}, []
        for prefix, (step, rate) in ways.items():
            *loss, Wh, bh, Wo, bo = in_parts(step, _of(p, prefix), chosen, targets)
            losses += loss
            moves.update({prefix + n: rate * g for n, g in zip(NAMES, (Wh, bh, Wo, bo), strict=True)})
        return losses[0], moves

    return network


def watched(network, images, every, points):
    """The network, which also takes the accuracy in test before every so many steps: (step, accuracy) into `points`."""
    y_test, steps = images.y_test, count()

    def watching(p, rows, labels):
        step = next(steps)
        if step % every == 0:
            points.append((step, AccTest(y_test, Forwardpass(images.x_test, *_of(p, "")))))
        return network(p, rows, labels)

    return watching


def train(run: Run, *, ways=BOTH, batch_size=None, watch=0) -> tuple[data.Images, dict]:
    """Descent in all `ways` from the same weights on the same rows; the images and the arrays of an outcome.

    batch_size: rows a step, drawn anew in each epoch; None takes all of them.
    watch: how many times an epoch the accuracy in test is taken between steps, as the listing does after each one.
    """
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist, DTYPE)
    keep, hidden = (200, 64) if run.size == "small" else (len(images.x), HIDDEN)
    x, y, y_test = images.x[:keep], images.y[:keep], images.y_test
    start = initial(x.shape[1], images.classes, rng, hidden)
    network, points = side_by_side(x, y, ways), []
    if watch:
        steps_an_epoch = -(-len(x) // (batch_size or len(x)))
        network = watched(network, images, max(1, steps_an_epoch // watch), points)

    def measure(p):
        return {f"{prefix}accuracy": AccTest(y_test, Forwardpass(images.x_test, *_of(p, prefix))) for prefix in ways}

    Stochastic_samples = np.arange(len(x))
    found = fit(
        network, {prefix + name: value for prefix in ways for name, value in start.items()},
        Stochastic_samples, Stochastic_samples, run=run, rate=1.0, batch_size=batch_size,
        rng=rng if batch_size else None, measure=measure,
    )  # fmt: skip
    shown = {"images": images.x_test[:20].reshape(-1, *images.shape), "labels": images.labels_test[:20]}
    if watch:
        shown["steps"] = np.array(points)
    chosen = Forwardpass(images.x_test[:20], *_of(found, "")).argmax(axis=1)
    return images, {**found, **shown, "chosen": chosen}


def lines(run: Run, images: data.Images, how: str) -> tuple[str, ...]:
    """The result in words: size, loss, accuracies of both updates, and what the printed one does otherwise."""
    last = run.history.records[-1]
    loss = float(last["loss"])
    return (
        f"{images.name}, {images.x.shape[1]}-{HIDDEN if run.size == 'full' else 64}-{images.classes}, {how}: "
        f"loss {loss:.4g} an image ({loss / np.log(10):.4g} with the listing's log10), {run.epochs} epochs",
        f"accuracy in test {last['accuracy']:.4f} by the gradient, {last['printed_accuracy']:.4f} by the update as "
        "printed",
        DIFFERS,
    )


def plot(outcome: Outcome, records, folder):
    """Loss, accuracy of both updates, and the first test images with what is read in them."""
    kept = outcome.arrays
    accuracies = {
        "by the gradient": [r["accuracy"] for r in records],
        "update as printed": [r["printed_accuracy"] for r in records],
    }
    captions = [f"{label}: read {chosen}" for label, chosen in zip(kept["labels"], kept["chosen"], strict=True)]
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss"),
        plotting.curves(folder / "accuracy.png", accuracies, x="epoch", y="accuracy in test"),
        plotting.pictures(folder / "digits.png", kept["images"], captions),
    ]
