"""A shallow and a deep network with about as many parameters, on the same digits."""

from itertools import pairwise

import numpy as np

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy
from ._mlp import (
    classifier,
    classifier_backward,
    classifier_forward,
    classifier_scores,
    initial,
    one_epoch,
    parameter_count,
)
from ._points import normal

DEEP = (32, 32, 32, 32)  # more than two hidden layers: deep, as the lecture counts
BATCH, RATE = 32, 0.1


def shallow_like(deep):
    """Widths with one hidden layer whose number of parameters is next to that of the widths `deep`."""
    inputs, *_, classes = deep
    return (inputs, round((parameter_count(deep) - classes) / (inputs + 1 + classes)), classes)


def networks(inputs, classes):
    """Widths, hidden activation and gain of the weights by name; the third shows what depth costs with sigmoids."""
    deep = (inputs, *DEEP, classes)
    return {
        "shallow": (shallow_like(deep), "relu", 2.0),
        "deep": (deep, "relu", 2.0),
        "deep_sigmoid": (deep, "sigmoid", 1.0),
    }


def run(run: Run) -> Outcome:
    """An epoch of each in turn, every network over the same batches."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist)
    keep = 200 if run.size == "small" else len(images.x)
    x, labels = images.x[:keep], images.labels[:keep]
    settings = networks(x.shape[1], images.classes)
    trained = {name: initial(widths, rng, gain) for name, (widths, _, gain) in settings.items()}
    for epoch in range(run.epochs):
        record = {}
        for name, (_, hidden, _) in settings.items():
            trained[name], record[f"loss_{name}"] = one_epoch(
                lambda p, x, y, hidden=hidden: classifier(p, x, y, hidden), trained[name], x, labels,
                rate=RATE, batch_size=BATCH, rng=np.random.default_rng([run.seed, epoch]),
            )  # fmt: skip
            record[f"accuracy_{name}"] = accuracy(classifier_scores(trained[name], x, hidden), labels)
            tested = classifier_scores(trained[name], images.x_test, hidden)
            record[f"test_accuracy_{name}"] = accuracy(tested, images.labels_test)
        run.history.add(epoch=epoch, loss=record["loss_deep"], **record)
        run.progress(epoch + 1)
    lines = [_told(name, *settings[name][:2], run.history.records[-1]) for name in settings]
    lines.append(
        f"{images.name}: {keep} images, {run.epochs} epochs; with 1 or 2 hidden layers the lecture says shallow"
    )
    return Outcome(tuple(lines), {f"{name} {k}": v for name, p in trained.items() for k, v in p.items()})


def _told(name, widths, hidden, last):
    return (
        f"{name}: {'-'.join(str(w) for w in widths)}, {hidden}, {parameter_count(widths):,} parameters: "
        f"loss {last[f'loss_{name}']:.4g}, accuracy {last[f'accuracy_{name}']:.4f} in training "
        f"and {last[f'test_accuracy_{name}']:.4f} in test"
    )


def plot(outcome, records, folder):
    names = [name.removeprefix("loss_") for name in records[0] if name.startswith("loss_")]
    return [
        plotting.curves(
            folder / f"{what}.png",
            {name: [r[f"{what}_{name}"] for r in records] for name in names},
            x="epoch", y=what, log=what == "loss",
        )
        for what in ("loss", "accuracy", "test_accuracy")
    ]  # fmt: skip


def shallow_forward(x, w1, b1, w2, b2, target):
    """Mean softmax cross-entropy of one hidden layer with ReLU: x (N, D), target (N,), labels."""
    return classifier_forward(x, (w1, b1, w2, b2), target)


def deep_forward(x, w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, target):
    """The same of four hidden layers."""
    return classifier_forward(x, (w1, b1, w2, b2, w3, b3, w4, b4, w5, b5), target)


def point_of(*widths):
    """A generic point of a network of these widths, inputs first, for 5 rows: x, w1, b1, ..., target."""

    def point(rng):
        shapes = {"x": (5, widths[0])}
        for k, (d, m) in enumerate(pairwise(widths), 1):
            shapes |= {f"w{k}": (d, m), f"b{k}": (m,)}
        return {**normal(**shapes)(rng), "target": rng.integers(0, widths[-1], 5)}

    return point


SYSTEM = System(
    name="deep_against_shallow",
    lecture="002",
    headings=("Deep Neural Networks (DNNs)",),
    summary="a shallow and a deep network with about as many parameters, on digits",
    run=run,
    epochs=60,
    plot=plot,
    gradients=(
        Gradient("shallow_network", shallow_forward, classifier_backward, point_of(3, 8, 4)),
        Gradient("deep_network", deep_forward, classifier_backward, point_of(3, 8, 6, 7, 9, 4)),
    ),
    images=True,
)
