"""Slide 'Backpropagation Gradient Descent (4)': the chain rule's equations (1) and (2).

Column vectors, z^l = W^l a^(l-1) + b^l, as line 434 has it; where it matters, the row form of line 269 beside it.
"""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import Outcome, conventional, judged, misread, observed
from ._pieces import COLUMNS, Product, columns, half_square, loss_of_columns, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

EQUATIONS = Slide("# Backpropagation Gradient Descent (4)", 421)

ONE_EACH = {"w1": "", "w2": "", "wo": "", "x": "", "y": ""}
"""Three layers of one neuron each."""

LAYER = {"w": "G H", "a": "H 1", "b": "G 1", "y": "G 1"}


def _factors(w1, w2, wo, x, y):
    """dC/da^3, φ'^3, φ'^2, φ'^1 of three layers of one neuron each, and the activations a^0 to a^2."""
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    o = sigmoid(wo * a2)
    return o - y, o * (1 - o), a2 * (1 - a2), a1 * (1 - a1), (x, a1, a2)


def _cost(w1, w2, wo, x, y):
    return half_square(sigmoid(wo * sigmoid(w2 * sigmoid(w1 * x))), y)


# -- equations (1) and (2) --------------------------------------------------------------------------


@claim(
    149, EQUATIONS.at(425), "derivation", "holds",
    says="The derivative by the output is that by the last activation.", printed=r"\frac{dC}{dO} = \frac{dC}{da^L}",
)  # fmt: skip
def output_is_the_last_activation() -> Evidence:
    def loss_by_o(z, y):
        return half_square(sigmoid(z), y)

    def carried(dy, z, y):
        o = sigmoid(z)
        return dy * (o - y) * o * (1 - o)

    return judged(
        derivative(loss_by_o, carried, {"z": "K 1", "y": "K 1"}, by="z").about("dC/da^L = O - Y, carried to z")
    )


@claim(
    150, EQUATIONS.at(429), "derivation", "erratum",
    says="The chain from the cost to the input goes through the weights: da^L/dW^L, dW^L/da^(L-1), ...",
    printed=r"\frac{da^{L}}{dW^{L}} * \frac{dW^{L}}{da^{L-1}}",
    corrected="through the sums: da^L/dz^L, dz^L/da^(L-1), ... The weights are no function of activations: "
      "dW^L/da^(L-1) is 0, and so would be the product",
)  # fmt: skip
def chain_through_the_weights() -> Evidence:
    def literally(dy, w1, w2, wo, x, y):
        c, p3, p2, p1, (a0, a1, a2) = _factors(w1, w2, wo, x, y)
        nothing = 0 * wo  # dW^l/da^(l-1)
        return dy * c * (p3 * a2) * nothing * (p2 * a1) * nothing * (p1 * a0) * nothing

    def through_sums(dy, w1, w2, wo, x, y):
        c, p3, p2, p1, _ = _factors(w1, w2, wo, x, y)
        return dy * c * p3 * wo * p2 * w2 * p1 * w1

    return judged(
        derivative(_cost, literally, ONE_EACH, by="x").about("one neuron a layer, by X"),
        derivative(_cost, through_sums, ONE_EACH, by="x"),
    )


@claim(
    151, EQUATIONS.at(434), "derivation", "erratum",
    says="The derivative of a^l by W^l is φ'.", printed=r"\frac{da^{l}}{dW^{l}} = \circ \left(\varphi^{l}\right)'",
    corrected="φ' a^(l-1): φ' alone is the derivative by z^l, and without the other factor the gradient of line 451 "
      "would lose its (a^(l-1))^T",
)  # fmt: skip
def derivative_by_the_weights() -> Evidence:
    def by_w(factor):
        def gradient(dy, w, a, b, y):
            s = sigmoid(w @ a + b)
            return (dy * s * (1 - s)) @ factor(a).T

        return gradient

    def forward(w, a, b, y):
        return sigmoid(w @ a + b)

    return judged(
        derivative(forward, by_w(lambda a: 1 + 0 * a), LAYER, by="w"),
        derivative(forward, by_w(lambda a: a), LAYER, by="w"),
    )


@claim(
    152, EQUATIONS.at(434), "derivation", "erratum",
    says="The derivative of W^l by a^(l-1) is W^l.", printed=r"\frac{dW^{l}}{da^{l-1}} =",
    corrected="that of z^l = W^l a^(l-1) is W^l; W^l itself does not depend on activations",
)  # fmt: skip
def derivative_of_the_weights() -> Evidence:
    def product(dy, w, a):
        return dy * w

    at = {"w": "", "a": ""}
    return judged(
        derivative(lambda w, a: w + 0 * a, product, at, by="a").about("of W"),
        derivative(lambda w, a: w * a, product, at, by="a").about("of W a"),
    )


@claim(
    153, EQUATIONS.at(434), "derivation", "holds",
    says="The derivative of W^l x by x is W^l.", printed=r"\left(W^{l}x\right)' = W^{l}",
)  # fmt: skip
def derivative_of_the_product() -> Evidence:
    def row_times_w(dy, w, x):
        return (dy.T @ w).T

    at = {"w": "M N", "x": "N 1"}
    return judged(derivative(lambda w, x: w @ x, row_times_w, at, by="x").about("Jacobian W"))


@claim(
    154, EQUATIONS.at(436), "derivation", "holds",
    says="Put into (1), these terms make (2).", printed="Changing terms in Eq 1",
)  # fmt: skip
def terms_are_changed() -> Evidence:
    layers = (3, 2, 1)
    first = ["dC/da3"]
    for k in layers:
        first += [f"da{k}/dW{k}", f"dW{k}/da{k - 1}"]  # a0 is X
    changed = [f"φ'{t[2]}" if t.startswith("da") else f"W{t[2]}" if t.startswith("dW") else t for t in first]
    second = ["dC/da3"] + [term for k in layers for term in (f"φ'{k}", f"W{k}")]
    return judged(observed(changed == second, f"for L = 3: {' '.join(first)} become {' '.join(changed)}"))


@claim(
    155, EQUATIONS.at(438), "formula", "transcription",
    says="Equation (2) begins with the derivative by σ^L.", printed=r"\frac{dC}{d\sigma^L}",
    corrected="dC/da^L, as in (1); by the sum of the last layer, before the sigmoid, φ' would come twice",
)  # fmt: skip
def a_read_as_sigma() -> Evidence:
    def product(first):
        def by_x(dy, w1, w2, wo, x, y):
            c, p3, p2, p1, _ = _factors(w1, w2, wo, x, y)
            return dy * first(c, p3) * p3 * wo * p2 * w2 * p1 * w1

        return by_x

    return misread(
        derivative(_cost, product(lambda c, p: c * p), ONE_EACH, by="x").about("with the derivative by the sum"),
        derivative(_cost, product(lambda c, p: c), ONE_EACH, by="x").about("with dC/da^L"),
    )


@claim(
    156, EQUATIONS.at(438), "formula", "holds",
    says="With one neuron a layer (2) is the derivative by X: two wrong steps give a right result.",
    printed=r"(\varphi^L)' * W^L \circ (\varphi^{L-1})' * W^{L-1}",
)  # fmt: skip
def right_result() -> Evidence:
    def product(dy, w1, w2, wo, x, y):
        c, p3, p2, p1, _ = _factors(w1, w2, wo, x, y)
        return dy * c * p3 * wo * p2 * w2 * p1 * w1

    return judged(derivative(_cost, product, ONE_EACH, by="x"))


def _by_input(product: Product) -> Outcome:
    """product(∇, φ'3, W3, φ'2, W2, φ'1, W1) of columns, as the gradient by the input of three layers."""

    def gradient(dy, w1, w2, wo, b1, b2, bo, x, y):
        a1, a2, o = columns(w1, w2, wo, b1, b2, bo, x)
        return product(dy * (o - y), o * (1 - o), wo, a2 * (1 - a2), w2, a1 * (1 - a1), w1)

    return derivative(loss_of_columns, gradient, COLUMNS, by="x")


@claim(
    157, EQUATIONS.at(438), "formula", "convention",
    says="With matrices too (2) is the derivative by X.", printed=r"\circ \cdots \circ (\varphi^1)' * W^1",
    convention="the gradient and every φ' are rows here, where the lines 324 and 397 print columns; with columns the "
      "matrices are transposed and the order is reversed, as on line 446",
)  # fmt: skip
def row_of_factors() -> Evidence:
    def rows(c, p3, w3, p2, w2, p1, w1):
        return (((((c.T * p3.T) @ w3) * p2.T) @ w2 * p1.T) @ w1).T

    def as_columns(c, p3, w3, p2, w2, p1, w1):
        return (((c * p3) @ w3 * p2) @ w2 * p1) @ w1

    return conventional(_by_input(rows).about("rows"), _by_input(as_columns).about("columns"))


@claim(
    158, EQUATIONS.at(438), "formula", "convention",
    says="No brackets are needed in (2): ∘ and * may be taken in any order.",
    printed=r"* W^L \circ (\varphi^{L-1})' * W",
    convention="from the left, or with φ' repeated in every row of W; the Hadamard product of line 417 has two "
      "matrices of one shape, and W^L and φ'^(L-1) do not",
)  # fmt: skip
def order_of_two_products() -> Evidence:
    def repeated(c, p3, w3, p2, w2, p1, w1):
        return ((c.T * p3.T) @ (w3 * p2.T) @ (w2 * p1.T) @ w1).T

    def strict(c, p3, w3, p2, w2, p1, w1):
        if w3.shape != p2.T.shape or w2.shape != p1.T.shape:
            raise ValueError(f"a Hadamard product of shapes {w3.shape} and {p2.T.shape}")
        return repeated(c, p3, w3, p2, w2, p1, w1)

    return conventional(
        _by_input(repeated).about("∘ first, rows repeated"), _by_input(strict).about("∘ first, of equal shapes")
    )


@claim(
    159, EQUATIONS.at(434), "formula", "convention",
    says="The layer's sum is W^l x.", printed=r"\left(W^{l}x\right)'",
    convention="columns, weights on the left; the forward pass on lines 269 and 465 has rows and I × W, whose W "
      "is the transpose",
)  # fmt: skip
def weights_on_the_left() -> Evidence:
    def sums(w, x):
        return w @ x

    def entry_by_entry(w, x):
        return np.array([[sum(w[j, i] * x[i, 0] for i in range(len(x)))] for j in range(len(w))])

    def from_to(w, x):  # w_ij leads from i to j, line 133
        return np.array([[sum(w[i, j] * x[i, 0] for i in range(len(x)))] for j in range(len(w))])

    at = {"w": "N N", "x": "N 1"}
    return conventional(
        same(sums, entry_by_entry, at).about("w_ji from i"), same(sums, from_to, at).about("w_ij from i")
    )
