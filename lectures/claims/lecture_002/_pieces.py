"""What several slides share: activation functions, losses, the 4-3-4-2 network, and sums read from the printed text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

LOST = "only the slide's heading is in the text; its figure is lost"

NETWORK = {
    "w1": "4 3", "b1": "1 3", "w2": "3 4", "b2": "1 4", "wo": "4 2", "bo": "1 2", "x": "1 4",
}  # fmt: skip
"""The arrays of the 4-3-4-2 network as lines 228, 244 and 259 print them: one input row, weights on its right."""

ROWS = {"w1": "D H", "w2": "H G", "wo": "G K", "b1": "1 H", "b2": "1 G", "bo": "1 K", "x": "1 D"}
"""The same network with general sizes."""

COLUMNS = {"w1": "H D", "w2": "G H", "wo": "K G", "b1": "H 1", "b2": "G 1", "bo": "K 1", "x": "D 1", "y": "K 1"}
"""The network of lines 434 to 457, one input column, weights on its left, and a target."""

_TERM = re.compile(r"(i|h)_\{?(\d+)\}? ?w_\{(\d)(\d)\}\^\{?(h1|h2|o)\}?")
_ENTRY = re.compile(r"w_\{(\d)(\d)\}\^\{?(h1|h2|o)\}?")
_WEIGHTS = {"h1": "w1", "h2": "w2", "o": "wo"}
_BIASES = {"h1": "b1", "h2": "b2", "o": "bo"}

Arrays = dict[str, Any]
Product = Callable[..., Any]


def sigmoid(v: Any) -> Any:
    """The lecture's 1 / (1 + e^-v), elementwise, any shape."""
    return 1 / (1 + np.exp(-v))


def relu(v: Any) -> Any:
    """max(0, v), elementwise, any shape."""
    return np.maximum(0, v)


def softmax(z: Any) -> Any:
    """e^z_j / sum_k e^z_k along the last axis."""
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def log10(v: Any) -> Any:
    """The logarithm to base 10 as ln(v) / ln(10), so that 10 is exact where v is. Any shape."""
    return np.log(v) / np.log(10 + 0 * v)


def cross_entropy_terms(o: Any, y: Any, log: Callable[[Any], Any] = np.log) -> Any:
    """-(y log(o) + (1 - y) log(1 - o)) elementwise: line 502 without sum and 1/n_o."""
    return -(y * log(o) + (1 - y) * log(1 - o))


def layers(a: Arrays, phi: Callable[[Any], Any] = sigmoid) -> dict[str, Any]:
    """Lines 269 to 273 on the arrays of `NETWORK` or `ROWS`: i, h1, h2, y as rows, one activation function."""
    h1 = phi(a["x"] @ a["w1"] + a["b1"])
    h2 = phi(h1 @ a["w2"] + a["b2"])
    return {"i": a["x"], "h1": h1, "h2": h2, "y": phi(h2 @ a["wo"] + a["bo"])}


def columns(w1: Any, w2: Any, wo: Any, b1: Any, b2: Any, bo: Any, x: Any) -> tuple[Any, Any, Any]:
    """The activations of the three layers of `COLUMNS`, sigmoids, each a column."""
    a1 = sigmoid(w1 @ x + b1)
    a2 = sigmoid(w2 @ a1 + b2)
    return a1, a2, sigmoid(wo @ a2 + bo)


def half_square(o: Any, y: Any) -> Any:
    """The loss of line 514. A scalar."""
    return ((y - o) ** 2).sum() / 2


def loss_of_columns(w1: Any, w2: Any, wo: Any, b1: Any, b2: Any, bo: Any, x: Any, y: Any) -> Any:
    """Half the squared error of the network of `COLUMNS`. A scalar."""
    return half_square(columns(w1, w2, wo, b1, b2, bo, x)[2], y)


# -- sums and matrices read from the printed text ---------------------------------------------------


def printed_sum(text: str) -> Callable[..., Any]:
    """The function of the network's arrays that a printed sum of products and a bias stands for.

    text: LaTeX such as "i_1 w_{11}^{h1} + ... + b_1". A source's indices: of i the input, of h layer and neuron.
    The last bias is that of the layer whose weights stand in the sum. ValueError where nothing can be read.
    """
    terms = _TERM.findall(text)
    bias = re.search(r"b_\{?(\d)\}?\s*\\?$", text)
    if not terms or bias is None or len(terms) != text.count("+"):
        raise ValueError(f"not a sum of products and a bias: {text}")

    def value(**a: Any) -> Any:
        known = layers(a)
        sources = {"i": known["i"], "h1": known["h1"], "h2": known["h2"]}
        products = [
            sources[name if name == "i" else name + index[0]][0, int(index[-1]) - 1]
            * a[_WEIGHTS[layer]][int(row) - 1, int(column) - 1]
            for name, index, row, column, layer in terms
        ]
        return sum(products[1:], products[0]) + a[_BIASES[terms[0][4]]][0, int(bias[1]) - 1]

    return value


def printed_matrix(text: str) -> Callable[..., Any]:
    r"""The function of the network's arrays that a printed matrix of weights is: rows end in \\, entries in &."""
    rows = [[_ENTRY.findall(entry) for entry in row.split("&")] for row in text.split(r"\\")]
    if any(len(found) != 1 for row in rows for found in row):
        raise ValueError(f"not a matrix of weights: {text}")

    def value(**a: Any) -> Any:
        return np.array(
            [[a[_WEIGHTS[layer]][int(i) - 1, int(j) - 1] for ((i, j, layer),) in row] for row in rows], dtype=object
        )

    return value
