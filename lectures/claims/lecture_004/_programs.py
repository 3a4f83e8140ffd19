"""The lecture's listings up to the initialisation: where each stands in the text, and what they are given to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from ...data import one_hot, points
from .._listings import Run, execute, listing
from ._pieces import prepend_bias, sigmoid, softmax

AS_PRINTED = {
    "004_forward": (349, 354),
    "004_sigmoid_gradient": (356, 359),
    "004_back": (361, 370),
    "004_initialize_weights": (397, 406),
}
"""The listings that stand here as printed, and their first and last line in the lecture's text."""

NOT_PRINTED = """import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def softmax(logits):
    e = np.exp(logits)
    return e / e.sum(axis=1, keepdims=True)
def prepend_bias(X):
    return np.concatenate([np.ones((len(X), 1)), X], axis=1)"""
"""What the listings call and no slide prints."""


def program(*names: str) -> str:
    """The listings of these names, one after another."""
    return "\n".join(listing(f"004_{name}") for name in names)


def asked(source: str) -> Callable[[], Run]:
    """How this program ends; it runs when that is asked for."""
    return lambda: execute(source)


def ask(after: str, *names: str, before: str = NOT_PRINTED) -> Callable[[], Run]:
    """How the listings of these names end, between what they are given and what is asked of them."""
    return asked("\n".join(part for part in (before, program(*names), after) if part))


def functions(source: str) -> dict[str, Any]:
    """The functions of a source, made here, so that they run on exact numbers as well as on floats."""
    given: dict[str, Any] = {"np": np, "sigmoid": sigmoid, "softmax": softmax, "prepend_bias": prepend_bias}
    exec(source, given)
    return given


@cache
def printed(name: str) -> Callable[..., Any]:
    """A function of the listings, made from its printed text."""
    return functions(program("forward", "sigmoid_gradient", "back", "initialize_weights"))[name]


def evaluated(expression: str, **names: Any) -> Any:
    """The value of a printed line of Python's right-hand side."""
    return eval(expression, {"np": np, "prepend_bias": prepend_bias, **names})


# -- two-dimensional point sets ---------------------------------------------------------------------

SEEDS = (0, 1, 2)


def point_set(name: str, seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) and labels 0 or 1 (n,), which stand for the text file of that name."""
    return points(name, n, np.random.default_rng(seed))


def single_layer(x: np.ndarray, labels: np.ndarray, steps: int = 2000, rate: float = 1.0) -> float:
    """The share of points that the logistic neuron has right after so many steps of line 43 from zero weights."""
    ones, y = prepend_bias(x), labels[:, None]
    w = np.zeros((3, 1))
    for _ in range(steps):
        w = w - rate * ones.T @ (sigmoid(ones @ w) - y) / len(x)
    return float(((ones @ w > 0) == (y == 1)).mean())


def classifier(x: np.ndarray, labels: np.ndarray, seed: int, hidden: int = 10, steps: int = 2000) -> float:
    """The same of the listings' two-layer network, from its own initial weights, with learning rate 2."""
    forward, back = printed("forward"), printed("back")
    y = one_hot(labels, 2)
    drawn = np.random.get_state()
    try:
        np.random.seed(seed)
        w1, w2 = printed("initialize_weights")(2, hidden, 2)
    finally:
        np.random.set_state(drawn)
    for _ in range(steps):
        y_hat, h = forward(x, w1, w2)
        dw1, dw2 = back(x, y, y_hat, w2, h)
        w1, w2 = w1 - 2 * dw1, w2 - 2 * dw2
    return float((forward(x, w1, w2)[0].argmax(axis=1) == labels).mean())


def crossing(x: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...] | None:
    """Two points of class 1 and two of class 0 whose segments cross, so that no line parts the classes; or None."""
    ones, zeros = x[labels == 1], x[labels == 0]
    for a, b in _pairs(ones):
        for c, d in _pairs(zeros):
            if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
                return a, b, c, d
    return None


def _pairs(x: np.ndarray) -> Sequence[tuple[np.ndarray, np.ndarray]]:
    return [(x[i], x[j]) for i in range(len(x)) for j in range(i)]


def _side(a: np.ndarray, b: np.ndarray, p: np.ndarray) -> float:
    """Positive where p is to the left of the line from a to b."""
    return float((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]))
