"""A radial basis function network separates classes that no line separates: a disc in a ring, crossed clouds."""

import numpy as np

from gradproof.reference.affine import affine_forward
from gradproof.reference.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
)

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import History, accuracy, fit
from . import _rbf
from ._points import normal

UNITS, RATE, BATCH = 8, 0.1, 20
SETS = ("circles", "non_linearly_separable")


def rbf_classifier_forward(x, centres, widths, w, b, target):
    """Mean binary cross-entropy of sigma(y), y the network's outputs (N, C), and targets (N, C) of 0 and 1."""
    y, at_rbf = _rbf.rbf_forward(x, centres, widths, w, b)
    loss, at_loss = binary_cross_entropy_with_logits_forward(y, target)
    return loss, (at_rbf, at_loss)


def rbf_classifier_backward(dloss, cache):
    """dx, dcentres, dwidths, dw, db."""
    at_rbf, at_loss = cache
    (dy,) = binary_cross_entropy_with_logits_backward(dloss, at_loss)
    return _rbf.rbf_backward(dy, at_rbf)


def network(p, x, target):
    loss, cache = rbf_classifier_forward(x, *(p[n] for n in _rbf.NAMES), target)
    return loss, dict(zip(_rbf.NAMES, rbf_classifier_backward(1.0, cache)[1:], strict=True))


def straight(p, x, target):
    """The same output over x itself, without the units between: a single logistic neuron."""
    y, _ = affine_forward(x, p["w"], p["b"])
    loss, at_loss = binary_cross_entropy_with_logits_forward(y, target)
    (dy,) = binary_cross_entropy_with_logits_backward(1.0, at_loss)
    return loss, {"w": x.T @ dy, "b": dy.sum(axis=0)}


def right(p, x, labels):
    """Share of points on the right side of y = 0."""
    return accuracy(_rbf.outputs(p, x) + 0.5, labels)


def run(run: Run) -> Outcome:
    """Both sets, each by a network of its own; the history is of both."""
    rng = np.random.default_rng(run.seed)
    lines, arrays, histories = [], {}, []
    for name in SETS:
        x, labels = data.points(name, 60 if run.size == "small" else 200, rng)
        x_test, labels_test = data.points(name, 200, rng)
        history = History()
        own = Run(run.seed, run.epochs, history, progress=run.progress)
        target = labels[:, None].astype(float)
        p = fit(network, _rbf.initial(x, UNITS, rng), x, target, run=own, rate=RATE, batch_size=BATCH, rng=rng)
        line = fit(
            straight, {"w": np.zeros((2, 1)), "b": np.zeros(1)}, x, target, rate=RATE, batch_size=BATCH,
            run=Run(run.seed, run.epochs, History()),
        )  # fmt: skip
        without = accuracy(x_test @ line["w"] + line["b"] + 0.5, labels_test)
        lines.append(
            f"{name}: {right(p, x_test, labels_test):.1%} of new points right with {UNITS} units, "
            f"{without:.1%} with a line"
        )
        histories.append(history.records)
        arrays |= {f"{name}:{n}": a for n, a in {**p, "x": x, "labels": labels}.items()}
    for first, second in zip(*histories, strict=True):
        run.history.add(epoch=first["epoch"], loss=first["loss"], loss_crossed=second["loss"])
    return Outcome(tuple(lines), arrays)


def plot(outcome, records, folder):
    losses = dict(zip(SETS, ([r[name] for r in records] for name in ("loss", "loss_crossed")), strict=True))
    written = [plotting.curves(folder / "loss.png", losses, x="epoch", y="loss", log=True)]
    for name in SETS:
        kept = {n.partition(":")[2]: a for n, a in outcome.arrays.items() if n.startswith(name)}
        points, labels = kept.pop("x"), kept.pop("labels")

        def score(x, p=kept):
            return 1 / (1 + np.exp(-_rbf.outputs(p, x)[:, 0]))

        written.append(plotting.boundary(folder / f"{name}.png", points, labels, score, title=name))
    return written


def _point(rng):
    shapes = {"x": (5, 3), "centres": (4, 3), "widths": (4,), "w": (4, 2), "b": (2,)}
    target = np.asarray(rng.uniform(0.1, 0.9, (5, 2)))
    return {**normal(**shapes)(rng), "widths": rng.uniform(0.7, 2, 4), "target": target}


SYSTEM = System(
    name="rbf_classification",
    lecture="002",
    headings=("Radial Basis Function Networks (RBF)",),
    summary="radial basis functions separate a disc from a ring, and crossed clouds",
    run=run,
    epochs=400,
    plot=plot,
    gradients=(
        Gradient("rbf_classification", rbf_classifier_forward, rbf_classifier_backward, _point, nondiff=("target",)),
    ),
)
