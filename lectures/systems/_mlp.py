"""Fully connected layers to any depth: forward, backward, initial weights. Shared by the networks of lecture 002."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.relu import relu_backward, relu_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.softmax import softmax_backward, softmax_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .._system import Run
from ..training import History, fit


def linear_forward(z):
    """The scores themselves, where the loss holds the last activation."""
    return z, None


def linear_backward(dy, cache):
    return (dy,)


ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "linear": (linear_forward, linear_backward),
    "relu": (relu_forward, relu_backward),
    "sigmoid": (sigmoid_forward, sigmoid_backward),
    "softmax": (softmax_forward, softmax_backward),
}


def layers_forward(x, parameters, activations):
    """Layer after layer, a = phi(a w + b): x (N, D), parameters w1 (D, H), b1 (H,), w2, ..., one activation a layer.

    Returns the last layer's a (N, C) and the cache.
    """
    cache = []
    for w, b, how in zip(parameters[::2], parameters[1::2], activations, strict=True):
        z, at_affine = affine_forward(x, w, b)
        x, at_activation = ACTIVATIONS[how][0](z)
        cache.append((how, at_affine, at_activation))
    return x, cache


def layers_backward(dy, cache):
    """dx, dw1, db1, dw2, ...: through the layers from the last to the first."""
    gradients: list = []
    for how, at_affine, at_activation in reversed(cache):
        (dz,) = ACTIVATIONS[how][1](dy, at_activation)
        dy, dw, db = affine_backward(dz, at_affine)
        gradients = [dw, db, *gradients]
    return (dy, *gradients)


def classifier_forward(x, parameters, target, hidden="relu"):
    """Mean softmax cross-entropy of a network of any depth: x (N, D), target (N,), labels.

    hidden: the activation of every layer but the last.
    """
    activations = [hidden] * (len(parameters) // 2 - 1) + ["linear"]
    scores, at_layers = layers_forward(x, parameters, activations)
    loss, at_loss = softmax_cross_entropy_forward(scores, target)
    return loss, (at_layers, at_loss)


def classifier_backward(dloss, cache):
    """dx, dw1, db1, dw2, ..."""
    at_layers, at_loss = cache
    (dscores,) = softmax_cross_entropy_backward(dloss, at_loss)
    return layers_backward(dscores, at_layers)


def classifier(p, x, target, hidden="relu"):
    """Loss and gradients by name, as `training.fit` takes them."""
    loss, cache = classifier_forward(x, list(p.values()), target, hidden)
    _, *gradients = classifier_backward(1.0, cache)
    return loss, dict(zip(p, gradients, strict=True))


def classifier_scores(p, x, hidden="relu"):
    """The last layer's scores (N, C)."""
    parameters = list(p.values())
    return layers_forward(x, parameters, [hidden] * (len(parameters) // 2 - 1) + ["linear"])[0]


def initial(widths, rng, gain=1.0):
    """w1, b1, w2, ... for these widths, inputs first: weights N(0, gain / inputs), zero biases."""
    p = {}
    for k, (d, m) in enumerate(pairwise(widths), 1):
        p[f"w{k}"] = rng.standard_normal((d, m)) * np.sqrt(gain / d)
        p[f"b{k}"] = np.zeros(m)
    return p


def parameter_count(widths):
    """Weights and biases of fully connected layers of these widths, inputs first."""
    return sum(d * m + m for d, m in pairwise(widths))


def one_epoch(network, p, x, y, *, rate, batch_size, rng):
    """New parameters after one epoch over the rows, and the mean loss of its steps: for networks trained in turn."""
    history = History()
    p = fit(network, p, x, y, run=Run(0, 1, history), rate=rate, batch_size=batch_size, rng=rng)
    return p, history.records[-1]["loss"]


def winner_take_all(outputs):
    """The largest output of each row becomes 1, the others 0; of equal ones the first wins. (N, C) to (N, C)."""
    return (np.arange(outputs.shape[1]) == outputs.argmax(axis=1)[:, None]).astype(np.int64)


def confusion(outputs, targets):
    """How often each class (row) was answered by each class (column), after winner-take-all: (C, C), int64."""
    return targets.astype(np.int64).T @ winner_take_all(outputs)


def report(name, outputs, targets):
    """One line on a classification by winner-take-all: outputs (N, C), one-hot targets (N, C)."""
    table = confusion(outputs, targets)
    rows = "; ".join(f"class {k + 1}: {' '.join(str(n) for n in row)}" for k, row in enumerate(table))
    return f"{name}: {np.trace(table)} of {table.sum()} right; answers of {rows}"
