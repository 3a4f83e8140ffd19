"""What several slides of the first half share: sigmoid, softmax, the two losses, the classifier with prepended bias."""

from __future__ import annotations

from typing import Any

import numpy as np

LOST = "only the slide's heading is in the text; its figure is lost"


def sigmoid(v: Any) -> Any:
    """The lecture's 1 / (1 + e^-v), elementwise, any shape."""
    return 1 / (1 + np.exp(-v))


def slope(v: Any) -> Any:
    """The sigmoid's derivative by the quotient rule, not by the form that the lecture derives. Any shape."""
    return np.exp(-v) / (1 + np.exp(-v)) ** 2


def softmax(b: Any) -> Any:
    """e^b_i / sum_k e^b_k along the last axis. b, result: (C,) or (N, C)."""
    e = np.exp(b)
    return e / e.sum(axis=-1, keepdims=True)


def prepend_bias(x: Any) -> Any:
    """A column of ones before x: (N, D) to (N, D + 1). The lecture calls it and does not print it."""
    return np.concatenate([1 + 0 * x[:, :1], x], axis=1)


def binary_loss(y_hat: Any, y: Any) -> Any:
    """-y ln(ŷ) - (1 - y) ln(1 - ŷ), elementwise."""
    with np.errstate(divide="ignore", invalid="ignore"):  # where ŷ is 0 or 1 in floats; the proofs use exact numbers
        return -y * np.log(y_hat) - (1 - y) * np.log(1 - y_hat)


def categorical_loss(y_hat: Any, y: Any) -> Any:
    """Minus the sum of y ln(ŷ) over everything. A scalar."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return -(y * np.log(y_hat)).sum()


NET = {"x": "N D", "b1": "H", "w1": "D H", "b2": "C", "w2": "H C", "u": "N C"}
"""The classifier's input, the first row and the other rows of W_1 and of W_2, and what the label is the softmax of."""


def rows(b: Any, w: Any) -> Any:
    """A weight matrix from its first row, the bias, and the others."""
    return np.concatenate([np.reshape(b, (1, -1)), w])


def network(x: Any, b1: Any, w1: Any, b2: Any, w2: Any) -> tuple[Any, Any]:
    """ŷ and h of the classifier, written without prepend_bias."""
    h = sigmoid(x @ w1 + b1)
    return softmax(h @ w2 + b2), h


def loss(x: Any, b1: Any, w1: Any, b2: Any, w2: Any, u: Any) -> Any:
    """The categorical cross-entropy summed over the samples, labels softmax(u). A scalar."""
    return categorical_loss(network(x, b1, w1, b2, w2)[0], softmax(u))


def mean_loss(x: Any, b1: Any, w1: Any, b2: Any, w2: Any, u: Any) -> Any:
    """The same, as a mean over the samples. A scalar."""
    return loss(x, b1, w1, b2, w2, u) / len(x)
