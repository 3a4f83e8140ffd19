"""Slides 'Backward pass; Chain rule' to the second 'Backward pass; Example': the polynomial, the chains of factors."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, derivative_at, same
from .._outcome import conventional, every, judged
from ._pieces import PROBABILITIES, cross_entropy, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

CHAIN = Slide("# Backward pass; Chain rule", 219)
ONE = Slide("# Backward pass; Example", 238)
WEIGHT_2 = Slide("# Backward pass; Example", 249)
WEIGHT_1 = Slide("# Backward pass", 260)

X = {"x": "n"}


def f(u):
    """Line 223."""
    return 7 * u + u * u


def by_x(x):
    """Line 229."""
    return 21 * x**2 + 6 * x**5


@claim(
    61, CHAIN.at(227), "derivation", "holds",
    says="f(u(x)) = 7x³ + x⁶ for f(u) = 7u + u² and u = x³.", printed="7x^3 + x^6",
)  # fmt: skip
def composed() -> Evidence:
    return judged(same(lambda x: 7 * x**3 + x**6, lambda x: f(x**3), X))


@claim(
    62, CHAIN.at(227), "formula", "convention",
    says="f(x) is f(u(x)).", printed="f(x) = f(u(x))",
    convention="f with the argument x is another function than f with the argument u: it is f after u",
)  # fmt: skip
def one_letter() -> Evidence:
    after = same(lambda x: 7 * x**3 + x**6, lambda x: f(x**3), X).about("as f after u")
    return conventional(after, same(f, lambda x: f(x**3), X).about("as the f of line 223 at x"))


@claim(63, CHAIN.at(229), "formula", "holds", says="Its derivative is 21x² + 6x⁵.", printed="21x^2 + 6x^5")
def derivative_by_x() -> Evidence:
    return judged(derivative(lambda x: 7 * x**3 + x**6, lambda dy, x: dy * by_x(x), X, by="x"))


@claim(64, CHAIN.at(233), "derivation", "holds", says="∂f/∂u = 7 + 2u.", printed="7 + 2u")
def by_u() -> Evidence:
    return judged(derivative(f, lambda dy, u: dy * (7 + 2 * u), {"u": "n"}, by="u"))


@claim(65, CHAIN.at(233), "derivation", "holds", says="∂u/∂x = 3x².", printed="3x^2")
def u_by_x() -> Evidence:
    return judged(derivative(lambda x: x**3, lambda dy, x: dy * (3 * x**2), X, by="x"))


@claim(
    66, CHAIN.at(233), "formula", "holds",
    says="The chain rule: ∂f/∂x = ∂f/∂u × ∂u/∂x. Checked on three pairs of functions.",
    printed=r"\boxed{\frac{\partial f}{\partial x}",
)  # fmt: skip
def chain_rule() -> Evidence:
    def polynomial(dy, x):
        return dy * (7 + 2 * x**3) * (3 * x**2)

    def bell(dy, x):
        return dy * np.exp(-x * x) * (-2 * x)

    def gate(dy, x):
        return dy * sigmoid(np.sin(x)) * (1 - sigmoid(np.sin(x))) * np.cos(x)

    pairs = (
        (lambda x: f(x**3), polynomial),
        (lambda x: np.exp(-x * x), bell),
        (lambda x: sigmoid(np.sin(x)), gate),
    )
    return judged(every(*(derivative(whole, product, X, by="x") for whole, product in pairs)))


@claim(
    67, CHAIN.at(236), "derivation", "holds",
    says="With u = x³, (7 + 2u)(3x²) is (7 + 2x³)(3x²).", printed="(7 + 2u)(3x^2) = (7 + 2x^3)(3x^2)",
)  # fmt: skip
def substituted() -> Evidence:
    def with_u(x):
        u = x * x * x
        return (7 + 2 * u) * (3 * x**2)

    return judged(same(lambda x: (7 + 2 * x**3) * (3 * x**2), with_u, X))


@claim(
    68, CHAIN.at(236), "derivation", "holds",
    says="Multiplied out, (7 + 2x³)(3x²) is 21x² + 6x⁵, as without the chain rule.",
    printed="(7 + 2x^3)(3x^2) = 21x^2 + 6x^5",
)  # fmt: skip
def multiplied_out() -> Evidence:
    return judged(same(by_x, lambda x: (7 + 2 * x**3) * (3 * x**2), X))


# -- the chains of the network ----------------------------------------------------------------------


@claim(
    69, ONE.at(245), "derivation", "holds",
    says="With one observation, n = 1, the cost of line 185 is this loss (printed again on lines 251 and 273).",
    printed="loss = -(y",
)  # fmt: skip
def one_observation() -> Evidence:
    def cost(g, y):
        outputs, labels = [g], [y]
        terms = [t * np.log(p) + (1 - t) * np.log(1 - p) for p, t in zip(outputs, labels, strict=True)]
        return -sum(terms[1:], terms[0]) / len(outputs)

    return judged(same(cross_entropy, cost, PROBABILITIES))


@claim(
    70, ONE.at(240), "statement", "holds",
    says="Backpropagation uses the chain rule: factors multiplied from the loss backwards give the gradient.",
    printed="uses the **chain rule**",
)  # fmt: skip
def backpropagation_is_the_chain_rule() -> Evidence:
    def loss(x, w1, w2):
        return ((w2 @ sigmoid(w1 @ x)) ** 2).sum() / 2

    def backwards(dy, x, w1, w2):
        a = sigmoid(w1 @ x)
        return (w2.T @ (dy * (w2 @ a)) * (a * (1 - a))) @ x.T

    return judged(derivative(loss, backwards, {"x": "D N", "w1": "H D", "w2": "C H"}, by="w1"))


def by_g(g, y):
    """The true derivative of the loss (natural logarithm) by the output."""
    return -(y / g) + (1 - y) / (1 - g)


@claim(
    71, WEIGHT_2.at(258), "formula", "holds",
    says="By w_11 of the second layer: loss by g, times g by z, times z by w (again on lines 275 and 310).",
    printed=r"\frac{\partial z_1^{[2]}}{\partial w_{11}^{[2]}}",
)  # fmt: skip
def three_factors() -> Evidence:
    def loss(w, a, rest, y):
        return cross_entropy(sigmoid(w * a + rest), y)

    def product(dy, w, a, rest, y):
        g = sigmoid(w * a + rest)
        return dy * by_g(g, y) * (g * (1 - g)) * a

    factor = derivative_at(cross_entropy, lambda dy, g, y: dy * by_g(g, y), PROBABILITIES, by="g")
    chain = derivative(loss, product, {"w": "", "a": "", "rest": "", "y": ""}, by="w")
    return judged(every(factor.about("the first factor"), chain.about("the product")))


@claim(
    72, WEIGHT_1.at(267), "statement", "holds",
    says="The factors go from the loss to g, to z, and to w or b; for b the last one is 1.",
    printed=r"\text{loss} \Rightarrow g \Rightarrow z \Rightarrow w \text{ or } b",
)  # fmt: skip
def order_of_the_factors() -> Evidence:
    def loss(w, a, b, y):
        return cross_entropy(sigmoid(w * a + b), y)

    def product(dy, w, a, b, y):
        g = sigmoid(w * a + b)
        up_to_z = dy * by_g(g, y) * (g * (1 - g))
        return up_to_z * a, up_to_z * 1

    return judged(derivative(loss, product, {"w": "", "a": "", "b": "", "y": ""}, by="w b"))


def _five_factors(outputs: int):
    """Half the squared output by w_11 of the first layer: the true sum over the outputs, and line 269's one path."""

    def loss(w, x, rest, w2):
        return (sigmoid(w2 * sigmoid(w * x + rest)) ** 2).sum() / 2

    def product(dy, w, x, rest, w2):
        g1 = sigmoid(w * x + rest)
        g2 = sigmoid(w2 * g1)[0]
        return dy * g2 * (g2 * (1 - g2)) * w2[0] * (g1 * (1 - g1)) * x

    return derivative(loss, product, {"w": "", "x": "", "rest": "", "w2": str(outputs)}, by="w")


@claim(
    73, WEIGHT_1.at(269), "formula", "holds",
    says="By w_11 of the first layer there are five factors, by way of the output neuron and hidden neuron 1.",
    printed=r"\frac{\partial z_1^{[2]}}{\partial g_1^{[1]}}",
)  # fmt: skip
def five_factors() -> Evidence:
    def loss(w, x, rest1, w2, rest2, y):
        return cross_entropy(sigmoid(w2 * sigmoid(w * x + rest1) + rest2), y)

    def product(dy, w, x, rest1, w2, rest2, y):
        g1 = sigmoid(w * x + rest1)
        g2 = sigmoid(w2 * g1 + rest2)
        return dy * by_g(g2, y) * (g2 * (1 - g2)) * w2 * (g1 * (1 - g1)) * x

    names = ("w", "x", "rest1", "w2", "rest2", "y")
    return judged(derivative(loss, product, dict.fromkeys(names, ""), by="w"))


@claim(
    74, WEIGHT_1.at(269), "formula", "convention",
    says="One path is enough: the derivative is a product without a sum.",
    printed=r"\frac{\partial \text{loss}}{\partial g_1^{[2]}}",
    convention="one output neuron, as in the 3-4-1 network; with more, every output adds a product",
)  # fmt: skip
def one_path() -> Evidence:
    return conventional(_five_factors(1).about("one output"), _five_factors(2).about("two outputs"))


@claim(
    75, WEIGHT_1.at(269), "formula", "holds",
    says="The factor between the layers, z of the second by g of the first, is the weight between them.",
    printed=r"\times \frac{\partial z_1^{[2]}}{\partial g_1^{[1]}} \times",
)  # fmt: skip
def factor_between_layers() -> Evidence:
    at = {"g": "H 1", "w2": "1 H", "b2": "1 1"}
    return judged(derivative(lambda g, w2, b2: w2 @ g + b2, lambda dy, g, w2, b2: w2.T @ dy, at, by="g"))
