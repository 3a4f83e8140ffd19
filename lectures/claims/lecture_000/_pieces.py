"""What several slides of the lecture share: sigmoid, softmax, cross-entropy, and the network of one hidden layer."""

from __future__ import annotations

from typing import Any

import numpy as np

LOST = "only the slide's heading is in the text; its figure is lost"


def sigmoid(v: Any) -> Any:
    """The lecture's 1 / (1 + e^-v), elementwise, any shape."""
    return 1 / (1 + np.exp(-v))


def softmax(z: Any) -> Any:
    """The lecture's e^z_j / sum_k e^z_k along the last axis. z, result: (C,) or (t, C)."""
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(y: Any, o: Any) -> Any:
    """Minus the sum of y log(o) over everything, natural logarithm. y, o: the same shape. A scalar."""
    return -(y * np.log(o)).sum()


def loss(z: Any, u: Any) -> Any:
    """Cross-entropy of the logits z against the label softmax(u): any label whose components sum to one. A scalar."""
    return cross_entropy(softmax(u), softmax(z))


def network_loss(x: Any, w1: Any, b1: Any, w2: Any, b2: Any, u: Any) -> Any:
    """The summed loss of the network. x (t, n) or (n,); w1 (m, n), b1 (m,), w2 (k, m), b2 (k,); u as the outputs."""
    return loss(sigmoid(x @ w1.T + b1) @ w2.T + b2, u)
