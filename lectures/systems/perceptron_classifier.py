"""The logistic perceptron on three point sets: it divides what a line divides, and cannot do the other two."""

import numpy as np

from gradproof.reference.binary_cross_entropy_with_logits import binary_cross_entropy_with_logits_forward

from .._system import Gradient, Outcome, Run, System
from ..data import POINT_SETS
from ._wu import prepend_bias, sigmoid
from ._wu_sets import best_line, plot_sets, train_on_sets

RATE = 0.5  # the lecture prints none


def perceptron_forward(X, w, y):
    """Loss(w) = -1/N sum (y ln y_hat + (1 - y) ln(1 - y_hat)) with y_hat = sigmoid([1 X] w).

    X: (N, D); w: (D + 1, 1), the bias first; y: (N, 1).
    """
    v = np.matmul(prepend_bias(X), w)
    loss, _ = binary_cross_entropy_with_logits_forward(v, y)
    return loss, (X, sigmoid(v) - y)


def perceptron_backward(dloss, cache):
    """dw = 1/N [1 X]^T e with the error e = y_hat - y."""
    X, e = cache
    return (dloss * (np.matmul(prepend_bias(X).T, e) / X.shape[0]),)


def network(p, X, y):
    loss, cache = perceptron_forward(X, p["w"], y)
    (dw,) = perceptron_backward(1.0, cache)
    return loss, {"w": dw}


def score(p, X):
    """y_hat of points (M, 2): (M,)."""
    return sigmoid(np.matmul(prepend_bias(X), p["w"]))[:, 0]


def run(run: Run) -> Outcome:
    """From w = 0 on each set. What no line can do, the last column says by trying every line."""
    kept = train_on_sets(run, lambda rng: {"w": np.zeros((3, 1))}, network, lambda y: y[:, None] * 1.0, score, RATE)
    last = run.history.records[-1]
    lines = []
    for name in POINT_SETS:
        best = best_line(kept[f"{name} points"], kept[f"{name} labels"])
        lines.append(
            f"{name}: loss {last[f'loss_{name}']:.4f}, accuracy {last[f'accuracy_{name}']:.1%}; "
            + ("a line divides the classes" if best == 1 else f"no line gets more than {best:.1%} right")
        )
    return Outcome(tuple(lines), kept)


def plot(outcome, records, folder):
    return plot_sets(outcome.arrays, records, folder, score)


def _point(rng):
    return {"X": rng.standard_normal((5, 3)), "w": rng.standard_normal((4, 1)), "y": rng.uniform(0.1, 0.9, (5, 1))}


SYSTEM = System(
    name="perceptron_classifier",
    lecture="004",
    headings=(
        "Perceptron for Binary Classification",
        "Minimize Mean Cross Entropy Using Gradient Descent",
        "Limitations of the Single Layer: 1_perceptron_classifier.jpynb",
    ),
    summary="the logistic perceptron on separable points, and on two sets that no line divides",
    run=run,
    epochs=2000,
    plot=plot,
    gradients=(Gradient("perceptron_classifier", perceptron_forward, perceptron_backward, _point, nondiff=("X", "y")),),
)
