"""What several slides of the second half share: the four-layer networks, points away from the kink, MNIST's counts."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ...idx import read_idx
from .._points import Point
from ._pieces import categorical_loss, prepend_bias, sigmoid, softmax

# -- networks ---------------------------------------------------------------------------------------


def relu(v: Any) -> Any:
    """max(0, v), elementwise, any shape."""
    return np.maximum(v, 0)


def layer(h: Any, w: Any) -> Any:
    """[1 h] W: h (N, H), W (H + 1, C)."""
    return h @ w[1:] + w[0]


def output_loss(d: Any, y: Any) -> Any:
    """Cross-entropy of softmax(d) against the labels y, summed over the examples. d, y (N, C). A scalar."""
    return categorical_loss(softmax(d), y)


def deep(x: Any, *weights: Any, activation: Callable[[Any], Any] = relu) -> Any:
    """The sums d of the last layer: every layer but that has the activation. x (N, D), weights (H + 1, H')."""
    for w in weights[:-1]:
        x = activation(layer(x, w))
    return layer(x, weights[-1])


def mean_loss(x: Any, y: Any, *weights: Any, activation: Callable[[Any], Any] = relu) -> Any:
    """The network's mean loss over the examples. A scalar."""
    return output_loss(deep(x, *weights, activation=activation), y) / len(x)


# -- points -----------------------------------------------------------------------------------------

WIDTHS = ((1, 1, 1, 1, 1, 2), (2, 3, 2, 4, 5, 3), (3, 2, 4, 3, 2, 5))
"""Examples, inputs, three hidden layers, classes."""


def network_points(inputs: str, weights: Sequence[str], seed: int = 1) -> list[Point]:
    """Generic points of the last layers: an input (N, D), labels y, and weights in order, as many as are named.

    Nothing is zero, so that ReLU has a derivative; sums of both signs occur. Smallest first.
    """
    rng = np.random.default_rng(seed)
    made = []
    for examples, *widths in WIDTHS:
        sizes = widths[-len(weights) - 1 :]
        y = np.eye(sizes[-1])[(np.arange(examples) + 1) % sizes[-1]]
        point = {inputs: rng.standard_normal((examples, sizes[0])), "y": y}
        for name, n_in, n_out in zip(weights, sizes, sizes[1:], strict=False):
            point[name] = rng.standard_normal((n_in + 1, n_out))
        made.append(point)
    return made


# -- gradient sizes ---------------------------------------------------------------------------------


def gradients(x: Any, y: Any, *weights: Any, name: str = "relu") -> tuple[Any, ...]:
    """The gradients of `mean_loss` by every layer's weights, first layer first. name: sigmoid or relu."""
    values = [x]
    for w in weights[:-1]:
        v = layer(values[-1], w)
        values.append(sigmoid(v) if name == "sigmoid" else relu(v))
    error = (softmax(layer(values[-1], weights[-1])) - y) / len(x)
    found = []
    for h, w in zip(reversed(values), reversed(weights), strict=True):
        found.append(prepend_bias(h).T @ error)
        error = error @ w[1:].T * (h * (1 - h) if name == "sigmoid" else h > 0)
    return tuple(reversed(found))


def gradient_sizes(name: str, depth: int, seed: int, width: int = 20, examples: int = 5) -> list[float]:
    """The Frobenius norms of those gradients in one random network, first layer first.

    `depth` hidden layers; weights N(0, 1/rows) as on line 400; 25 inputs and five classes at random.
    """
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((examples, 25)), np.eye(5)[np.arange(examples) % 5]
    sizes = [25, *[width] * depth, 5]
    weights = [rng.standard_normal((n + 1, m)) / np.sqrt(n + 1) for n, m in pairwise(sizes)]
    return [float(np.linalg.norm(g)) for g in gradients(x, y, *weights, name=name)]


# -- MNIST ------------------------------------------------------------------------------------------

EXAMPLES_OF_EACH_DIGIT = {
    "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "t10k": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}
BYTES_OF_IMAGE_FILES = {"train": 47_040_016, "t10k": 7_840_016}
"""What LeCun, Cortes and Burges published as MNIST holds: labels of each digit, and the sizes of the image files,
unpacked. They were counted in those files; `mnist_counts` counts again where a folder holds them."""

HEADER_BYTES = 16


def mnist_counts() -> tuple[tuple[int, ...], str]:
    """Examples of each digit in both parts together, and where they were counted."""
    folder = os.environ.get("GRADPROOF_MNIST")
    kept = {half: list(counts) for half, counts in EXAMPLES_OF_EACH_DIGIT.items()}
    where = "as counted once in the published files"
    if folder:
        kept = {half: np.bincount(_mnist(folder, half, "labels-idx1", 1), minlength=10).tolist() for half in kept}
        where = "counted in the folder of GRADPROOF_MNIST"
    return tuple(a + b for a, b in zip(*kept.values(), strict=True)), where


def mnist_images() -> dict[str, np.ndarray] | None:
    """The images of both parts, (N, rows, columns) bytes, where a folder of MNIST is named; or None."""
    folder = os.environ.get("GRADPROOF_MNIST")
    return {half: _mnist(folder, half, "images-idx3", 3) for half in BYTES_OF_IMAGE_FILES} if folder else None


def _mnist(folder: str, half: str, kind: str, axes: int) -> np.ndarray:
    path = Path(folder) / f"{half}-{kind}-ubyte"
    return read_idx(path if path.is_file() else path.with_name(f"{path.name}.gz"), axes)
