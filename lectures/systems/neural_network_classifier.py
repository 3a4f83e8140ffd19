"""The classifier with one hidden layer on the three point sets, in the lecture's own functions."""

from .._system import Gradient, Outcome, Run, System
from ..data import POINT_SETS, one_hot
from ._wu import (
    forward,
    initialize_weights,
    network,
    one_hidden_layer_backward,
    one_hidden_layer_forward,
    soft_targets,
)
from ._wu_sets import best_line, plot_sets, train_on_sets

RATE, HIDDEN, CLASSES = 1.0, 10, 2  # the lecture prints none of them


def start(rng):
    return dict(zip(("w1", "w2"), initialize_weights(2, HIDDEN, CLASSES, rng), strict=True))


def score(p, X):
    """y_hat of class 1 at points (M, 2): (M,)."""
    return forward(X, p["w1"], p["w2"])[0][:, 1]


def run(run: Run) -> Outcome:
    """Weights N(0, 1/r), batch gradient descent on each set."""
    kept = train_on_sets(run, start, network, lambda labels: one_hot(labels, CLASSES), score, RATE)
    last = run.history.records[-1]
    return Outcome(
        tuple(
            f"{name}: loss {last[f'loss_{name}']:.4f}, accuracy {last[f'accuracy_{name}']:.1%}; "
            f"the best of all lines gets {best_line(kept[f'{name} points'], kept[f'{name} labels']):.1%} right"
            for name in POINT_SETS
        ),
        kept,
    )


def plot(outcome, records, folder):
    return plot_sets(outcome.arrays, records, folder, score)


def _point(rng):
    shapes = {"X": (5, 3), "w1": (4, 6), "w2": (7, 2)}
    return {**{n: rng.standard_normal(s) for n, s in shapes.items()}, "Y": soft_targets((5, 2), rng)}


SYSTEM = System(
    name="neural_network_classifier",
    lecture="004",
    headings=(
        "Multi-layer Neural Network: forward pass",
        "Backpropagation: Gradient of W_2 in matrix form",
        "Backpropagation: Gradient of W_1 in matrix form",
        "2_neural_network_classifier.jpynb",
    ),
    summary="one hidden layer on the three point sets: forward, back and initialize_weights as printed",
    run=run,
    epochs=3000,
    plot=plot,
    gradients=(
        Gradient(
            "neural_network_classifier",
            one_hidden_layer_forward,
            one_hidden_layer_backward,
            _point,
            nondiff=("X", "Y"),
        ),
    ),
)
