"""Slide 'Backpropagation Gradient Descent (5)': the errors of the layers, the gradients, the updates.

Column vectors, z^l = W^l a^(l-1) + b^l, as line 434 has it; where it matters, the row form of line 269 beside it.
"""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import Outcome, conventional, judged
from ._pieces import COLUMNS, Product, columns, half_square, loss_of_columns, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

ERRORS = Slide("## Backpropagation Gradient Descent (5)", 442)

LAYER = {"w": "G H", "a": "H 1", "b": "G 1", "y": "G 1"}


# -- the errors δ -----------------------------------------------------------------------------------


@claim(
    160, ERRORS.at(446), "formula", "convention",
    says="The error of the last layer is φ' ∘ ∇_L C.", printed=r"\delta^L &= (\varphi^L)' \circ \nabla_L C",
    convention="φ^L acts on each sum by itself, as the sigmoid does; for the softmax of line 412 it is the "
      "product with the whole Jacobian, and s (1 - s), its diagonal, is not enough",
)  # fmt: skip
def error_of_the_last_layer() -> Evidence:
    def loss(phi):
        return lambda z, y: half_square(phi(z), y)

    def delta(phi):
        def by_z(dy, z, y):
            s = phi(z)
            return dy * s * (1 - s) * (s - y)

        return by_z

    at = {"z": "K", "y": "K"}
    return conventional(
        derivative(loss(sigmoid), delta(sigmoid), at, by="z").about("sigmoid"),
        derivative(loss(softmax), delta(softmax), at, by="z", least=2).about("softmax"),
    )


def _by_bias(name: str, product: Product) -> Outcome:
    """A printed product for δ of layer 2 (b2) or layer 1 (b1) of three: the gradient by that layer's bias."""

    def gradient(dy, w1, w2, wo, b1, b2, bo, x, y):
        a1, a2, o = columns(w1, w2, wo, b1, b2, bo, x)
        return product(dy * (o - y), o * (1 - o), wo, a2 * (1 - a2), w2, a1 * (1 - a1))

    return derivative(loss_of_columns, gradient, COLUMNS, by=name)


def _second_from_the_right(c, p3, w3, p2, w2, p1):
    return p2 * (w3.T @ (p3 * c))


def _first_from_the_right(c, p3, w3, p2, w2, p1):
    return p1 * (w2.T @ (p2 * (w3.T @ (p3 * c))))


@claim(
    161, ERRORS.at(446), "formula", "convention",
    says="The error of the layer before is φ' ∘ (W^L)^T · φ'^L ∘ ∇_L C.",
    printed=r"\delta^{L-1} &= (\varphi^{L-1})' \circ (W^L)^T \cdot (\varphi^L)' \circ \nabla_L C",
    convention="from the right: φ'^(L-1) ∘ ((W^L)^T · (φ'^L ∘ ∇_L C)); from the left, or with the matrix "
      "product first, the shapes do not fit",
)  # fmt: skip
def error_of_the_layer_before() -> Evidence:
    def from_the_left(c, p3, w3, p2, w2, p1):
        return ((p2 * w3.T) @ p3) * c

    return conventional(
        _by_bias("b2", _second_from_the_right).about("from the right"),
        _by_bias("b2", from_the_left).about("from the left"),
    )


@claim(
    162, ERRORS.at(446), "formula", "convention",
    says="In δ^(L-1) the matrix product may be taken first.",
    printed=r"(\varphi^{L-1})' \circ (W^L)^T \cdot (\varphi^L)' \circ \nabla_L C",
    convention="the Hadamard products first, the columns of (W^L)^T each multiplied with φ'^(L-1)",
)  # fmt: skip
def matrix_product_first() -> Evidence:
    def hadamard_first(c, p3, w3, p2, w2, p1):
        return (p2 * w3.T) @ (p3 * c)

    def product_first(c, p3, w3, p2, w2, p1):
        return p2 * (w3.T @ p3) * c

    return conventional(
        _by_bias("b2", hadamard_first).about("Hadamard products first"),
        _by_bias("b2", product_first).about("matrix product first"),
    )


@claim(
    163, ERRORS.at(446), "formula", "convention",
    says="The error of the first layer is the longest of these products.",
    printed=r"\delta^1 &= (\varphi^1)' \circ (W^2)^T \cdot (\varphi^2)' \circ \cdots",
    convention="from the right, as the other errors",
)  # fmt: skip
def error_of_the_first_layer() -> Evidence:
    def from_the_left(c, p3, w3, p2, w2, p1):
        return ((((p1 * w2.T) @ p2) * w3.T) @ p3) * c

    return conventional(
        _by_bias("b1", _first_from_the_right).about("from the right, three layers"),
        _by_bias("b1", from_the_left).about("from the left"),
    )


@claim(
    164, ERRORS.at(446), "derivation", "holds",
    says="The rows belong together: δ^1 is φ'^1 ∘ (W^2)^T · δ^2, whose row follows it.",
    printed=r"\delta^2 &= (\varphi^2)' \circ \cdots",
)  # fmt: skip
def each_from_the_next() -> Evidence:
    names = {"c": "K 1", "p3": "K 1", "w3": "K G", "p2": "G 1", "w2": "G H", "p1": "H 1"}

    def from_the_next(c, p3, w3, p2, w2, p1):
        return p1 * (w2.T @ _second_from_the_right(c, p3, w3, p2, w2, p1))

    return judged(same(_first_from_the_right, from_the_next, names))


@claim(
    165, ERRORS.at(446), "shape", "convention",
    says="(W^L)^T leads back from layer L to the layer before.", printed=r"(W^L)^T \cdot (\varphi^L)'",
    convention="W^L on the left of a column (line 434); the W^o of lines 259 and 273, on the right of a row, "
      "leads back as δ (W^o)^T, in the other order",
)  # fmt: skip
def transposed_weights_lead_back() -> Evidence:
    def loss(w, a, b, y):
        return half_square(sigmoid(w @ a + b), y)

    def loss_of_rows(w, a, b, y):
        return half_square(sigmoid(a @ w + b), y)

    def transposed_first(dy, w, a, b, y, of_rows=False):
        s = sigmoid((a @ w if of_rows else w @ a) + b)
        return w.T @ (dy * s * (1 - s) * (s - y))

    rows = {"w": "H G", "a": "1 H", "b": "1 G", "y": "1 G"}
    return conventional(
        derivative(loss, transposed_first, LAYER, by="a").about("W a"),
        derivative(loss_of_rows, lambda dy, *at: transposed_first(dy, *at, of_rows=True), rows, by="a").about("a W"),
    )


# -- gradients and updates --------------------------------------------------------------------------


@claim(
    166, ERRORS.at(451), "formula", "convention",
    says="The gradient of the weights is δ^l (a^(l-1))^T.", printed=r"\nabla_{W^l} C = \delta^l (a^{l-1})^T",
    convention="columns and W^l on the left; with the rows of lines 269 and 465 it is (a^(l-1))^T δ^l",
)  # fmt: skip
def gradient_of_the_weights() -> Evidence:
    def delta(s, y):
        return s * (1 - s) * (s - y)

    def of_columns(dy, w, a, b, y):
        return dy * delta(sigmoid(w @ a + b), y) @ a.T

    def of_rows(dy, w, a, b, y):
        return dy * delta(sigmoid(a @ w + b), y) @ a.T

    rows = {"w": "H G", "a": "1 H", "b": "1 G", "y": "1 G"}
    return conventional(
        derivative(lambda w, a, b, y: half_square(sigmoid(w @ a + b), y), of_columns, LAYER, by="w").about("columns"),
        derivative(lambda w, a, b, y: half_square(sigmoid(a @ w + b), y), of_rows, rows, by="w").about("rows"),
    )


@claim(
    167, ERRORS.at(452), "formula", "convention",
    says="The gradient of the bias is δ^l.", printed=r"\nabla_{B^l} C = \delta^l",
    convention="one pair at a time; for a batch (line 366) the errors of its pairs are summed or averaged",
)  # fmt: skip
def gradient_of_the_bias() -> Evidence:
    def loss(b, w, a, y):
        return half_square(sigmoid(w @ a + b), y)

    def by_b(dy, b, w, a, y):
        s = sigmoid(w @ a + b)
        return dy * s * (1 - s) * (s - y)

    one = {"b": "G 1", "w": "G H", "a": "H 1", "y": "G 1"}
    batch = {"b": "G 1", "w": "G H", "a": "H 3", "y": "G 3"}
    return conventional(
        derivative(loss, by_b, one, by="b").about("one column"),
        derivative(loss, by_b, batch, by="b").about("three columns"),
    )


@claim(
    168, ERRORS.at(451), "formula", "holds",
    says="Of several columns at once, δ^l (a^(l-1))^T is the sum over the pairs of their gradients.",
    printed=r"\delta^l (a^{l-1})^T",
)  # fmt: skip
def sum_over_the_pairs() -> Evidence:
    def pair_by_pair(d, a):
        return sum(d[:, n : n + 1] @ a[:, n : n + 1].T for n in range(d.shape[1]))

    return judged(same(lambda d, a: d @ a.T, pair_by_pair, {"d": "G N", "a": "H N"}))


def _slope(name: str) -> Outcome:
    """The cost along W - η ∇W (or B - η ∇B) of one layer, by η."""

    def gradient(w, a, b, y):
        s = sigmoid(w @ a + b)
        d = s * (1 - s) * (s - y)
        return d @ a.T if name == "w" else d

    def moved(eta, w, a, b, y):
        g = gradient(w, a, b, y)
        return (w - eta * g, a, b, y) if name == "w" else (w, a, b - eta * g, y)

    def along(eta, w, a, b, y):
        w, a, b, y = moved(eta, w, a, b, y)
        return half_square(sigmoid(w @ a + b), y)

    def by_eta(dy, eta, w, a, b, y):
        return -dy * (gradient(*moved(eta, w, a, b, y)) * gradient(w, a, b, y)).sum()

    with np.errstate(over="ignore"):  # in floats; the proof has numbers of any size
        return derivative(along, by_eta, {"eta": "", **LAYER}, by="eta")


@claim(
    169, ERRORS.at(456), "formula", "holds",
    says="The weights move by -η times their gradient: the cost begins to fall along it.",
    printed=r"\Delta W^l = -\eta \nabla_{W^l} C",
)  # fmt: skip
def update_of_the_weights() -> Evidence:
    return judged(_slope("w").about("by η: minus the product of the gradients, so -|∇|² at 0"))


@claim(
    170, ERRORS.at(457), "formula", "holds",
    says="And the biases by -η times theirs.", printed=r"\Delta B^l = -\eta \nabla_{B^l} C",
)  # fmt: skip
def update_of_the_bias() -> Evidence:
    return judged(_slope("b").about("by η: minus the product of the gradients, so -|∇|² at 0"))
