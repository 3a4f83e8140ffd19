"""The network of one hidden layer in Wu's layout, and its training step in buffers that are allocated once.

`digits_100_forward` and `digits_100_backward` are the proved pair. `Step` does the same arithmetic in the same order,
so it gives the same bits, without a new array for every intermediate result: it is what trains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward
from gradproof.reference.two_layer_network import two_layer_network_backward, two_layer_network_forward

from .._system import Gradient
from ..training import accuracy
from ._points import normal

PART = 10_000  # rows whose scores are computed at a time


def digits_100_forward(x, w1, w2, target):
    """Mean cross-entropy of softmax([1 h] w2) with h = sigmoid([1 x] w1).

    x: (N, D); w1: (D + 1, H) and w2: (H + 1, C), the biases in their first rows; target: (N,), labels.
    [1 x] w1 is x w1[1:] + w1[0], so no column of ones is ever put before the batch.
    """
    return two_layer_network_forward(x, w1[1:], w1[0], w2[1:], w2[0], target)


def digits_100_backward(dloss, cache):
    """dx, dw1, dw2, the biases' gradients in the first rows."""
    dx, dw1, db1, dw2, db2 = two_layer_network_backward(dloss, cache)
    return dx, np.concatenate([db1[None], dw1]), np.concatenate([db2[None], dw2])


class Step:
    """Descent steps of the network, in place: p <- p - rate dp.

    w1: (D + 1, H), w2: (H + 1, C), of one floating dtype; both are changed. ``step(x, labels, rate)`` takes x (N, D)
    of the same dtype and labels (N,), and returns the loss before the step.
    """

    def __init__(self, w1: np.ndarray, w2: np.ndarray) -> None:
        self.w1, self.w2 = w1, w2
        self._dw1, self._dw2 = np.empty_like(w1), np.empty_like(w2)
        self._of_size: dict[int, tuple[np.ndarray, ...]] = {}

    def _buffers(self, n: int) -> tuple[np.ndarray, ...]:
        if n not in self._of_size:
            hidden, dtype = (n, self.w1.shape[1]), self.w1.dtype
            floating = (np.empty(hidden, dtype) for _ in range(4))
            self._of_size[n] = (*floating, np.empty((n, self.w2.shape[1]), dtype), np.empty(hidden, bool))
        return self._of_size[n]

    def __call__(self, x: np.ndarray, labels: np.ndarray, rate: float) -> Any:
        e, whole, h, dh, scores, right = self._buffers(len(x))
        # h = sigmoid(x w1 + b1), as `sigmoid_forward` writes it: with e = exp(-|v|), max(v >= 0, e) / (1 + e)
        np.matmul(x, self.w1[1:], out=h)
        h += self.w1[0]
        np.greater_equal(h, 0, out=right)
        np.abs(h, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        np.add(1, e, out=whole)
        np.maximum(right, e, out=h)
        h /= whole
        np.matmul(h, self.w2[1:], out=scores)
        scores += self.w2[0]
        loss, at_loss = softmax_cross_entropy_forward(scores, labels)
        (dscores,) = softmax_cross_entropy_backward(1.0, at_loss)
        np.matmul(dscores, self.w2[1:].T, out=dh)
        np.matmul(h.T, dscores, out=self._dw2[1:])
        np.sum(dscores, axis=0, out=self._dw2[0])
        # dv = dh e / (1 + e)^2, as `sigmoid_backward` writes it
        np.square(whole, out=whole)
        e /= whole
        dh *= e
        np.matmul(x.T, dh, out=self._dw1[1:])
        np.sum(dh, axis=0, out=self._dw1[0])
        for parameter, gradient in ((self.w1, self._dw1), (self.w2, self._dw2)):
            gradient *= rate
            parameter -= gradient
        return loss


def scores(w1: np.ndarray, w2: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The last layer's scores (N, C): their softmax are the probabilities."""
    parts = []
    for start in range(0, len(x), PART):
        v = x[start : start + PART] @ w1[1:]
        v += w1[0]
        np.negative(v, out=v)
        with np.errstate(over="ignore"):  # exp(-v) is inf where the sigmoid is zero
            np.exp(v, out=v)
        v += 1
        np.reciprocal(v, out=v)
        parts.append(v @ w2[1:] + w2[0])
    return np.concatenate(parts)


def measured(w1: np.ndarray, w2: np.ndarray, x: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy and accuracy over these rows."""
    found = scores(w1, w2, x)
    loss, _ = softmax_cross_entropy_forward(found, labels)
    return float(loss), accuracy(found, labels)


def train(
    step: Step,
    x: np.ndarray,
    labels: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    after: Callable[[int, int, Any], None] = lambda epoch, batch, loss: None,
) -> None:
    """The lecture's `train`: the batches in order, the same ones in each epoch; `after` is told of every step."""
    for epoch in range(epochs):
        for batch, start in enumerate(range(0, len(x), batch_size)):
            rows = slice(start, start + batch_size)
            after(epoch, batch, step(x[rows], labels[rows], rate))


def gradient(name: str) -> Gradient:
    """The catalogue's two-layer network under this name, for a system that trains with `Step`."""
    return Gradient(
        name, two_layer_network_forward, two_layer_network_backward, _catalogue_point, operation="two_layer_network"
    )


def _catalogue_point(rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    return {**normal(x=(5, 3), w1=(3, 4), b1=(4,), w2=(4, 6), b2=(6,))(rng), "target": rng.integers(0, 6, 5)}


def point(rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    """A generic point of `digits_100_forward`."""
    return {**normal(x=(5, 3), w1=(4, 7), w2=(8, 6))(rng), "target": rng.integers(0, 6, 5)}
