"""Slides 'Differentiation; Review' to 'Backpropagation; Summary': the three factors, their product, the update."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from flint import arb

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import ball, derivative, derivative_at, digits, same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import (
    PROBABILITIES,
    W2,
    cross_entropy,
    example_loss,
    hidden,
    ln10,
    log10,
    output_sum,
    sigmoid,
)

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

REVIEW = Slide("# Differentiation; Review", 287)
PRODUCT = Slide("# Backward pass; Example", 306)
UPDATE = Slide("# Parameters updates", 315)
SUMMARY = Slide("# Backpropagation; Summary", 331)

OF_A_NUMBER = [{"x": np.asarray(x), "a": np.asarray(a)} for x, a in ((1.0, 2.0), (2.0, 10.0), (0.25, 0.5), (7.5, 3.0))]
WEIGHT = {"w": "", "a": "", "rest": "", "y": ""}


def loss(g, y):
    """Line 245 with the logarithm to base 10, which is the one of line 291."""
    return cross_entropy(g, y, log10)


def first_form(g, y):
    """Line 291 after its first equality sign."""
    return -(y / (g * ln10(g)) + (y - 1) / (g * ln10(g)))


def second_form(g, y):
    """Line 291 after its second equality sign, and lines 313 and 327."""
    return (2 * y - 1) / (g * ln10(g))


def true_form(g, y):
    """The derivative of the loss by the output."""
    return -(y / (g * ln10(g)) + (y - 1) / ((1 - g) * ln10(g)))


def _by_g(formula) -> Outcome:
    return derivative_at(loss, lambda dy, g, y: dy * formula(g, y), PROBABILITIES, by="g")


# -- the factors ------------------------------------------------------------------------------------


@claim(
    76, REVIEW.at(289), "formula", "holds",
    says="The derivative of log_a x is 1 / (x ln a).", printed=r"\frac{1}{x \cdot \ln(a)}",
)  # fmt: skip
def logarithm() -> Evidence:
    def log_a(x, a):
        return np.log(x) / np.log(a)

    return judged(derivative_at(log_a, lambda dy, x, a: dy / (x * np.log(a)), OF_A_NUMBER, by="x"))


@claim(
    77, REVIEW.at(291), "formula", "convention",
    says="The derivative of the loss has the factor 1/ln(10).", printed=r"\frac{y}{g \cdot \ln(10)}",
    convention="the loss is meant with the logarithm to base 10; the usual cross-entropy has the natural one",
)  # fmt: skip
def base_ten() -> Evidence:
    def natural(g, y):
        return cross_entropy(g, y)

    def with_factor(dy, g, y):
        return dy * true_form(g, y)

    return conventional(
        derivative_at(loss, with_factor, PROBABILITIES, by="g").about("base 10"),
        derivative_at(natural, with_factor, PROBABILITIES, by="g").about("the natural logarithm"),
    )


@claim(
    78, REVIEW.at(291), "derivation", "erratum",
    says="The derivative of the loss by g is -(y / (g ln 10) + (y-1) / (g ln 10)).",
    printed=r"\frac{y-1}{g \cdot \ln(10)}\right)",
    corrected="∂loss/∂g = -(y / (g ln 10) + (y-1) / ((1-g) ln 10)): the second term comes from log(1 - g)",
)  # fmt: skip
def second_term() -> Evidence:
    return judged(_by_g(first_form), _by_g(true_form))


@claim(
    79, REVIEW.at(291), "derivation", "erratum",
    says="-(y / (g ln 10) + (y-1) / (g ln 10)) is (2y-1) / (g ln 10).",
    printed=r"\right) = \frac{2y-1}{g \cdot \ln(10)}",
    corrected="it is -(2y-1) / (g ln 10) = (1-2y) / (g ln 10): the minus sign before the bracket was lost",
)  # fmt: skip
def lost_sign() -> Evidence:
    kept = same(lambda g, y: -second_form(g, y), first_form, PROBABILITIES)
    return judged(same(second_form, first_form, PROBABILITIES), kept)


@claim(
    80, REVIEW.at(291), "formula", "erratum",
    says="So the derivative of the loss by g is (2y-1) / (g ln 10).", printed=r"= \frac{2y-1}{g \cdot \ln(10)}",
    corrected="∂loss/∂g = (g - y) / (g (1-g) ln 10); for y = 1 the printed one has the wrong sign, for y = 0 also "
      "the wrong size unless g = 1/2",
)  # fmt: skip
def first_factor() -> Evidence:
    return judged(_by_g(second_form), _by_g(lambda g, y: (g - y) / (g * (1 - g) * ln10(g))))


@claim(
    81, REVIEW.at(293), "formula", "holds",
    says="The derivative of the sigmoid is σ(x)(1 - σ(x)).", printed=r"\sigma(x)(1 - \sigma(x))",
)  # fmt: skip
def sigmoid_derivative() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x)), {"x": "n"}, by="x"))


@claim(
    82, REVIEW.at(295), "derivation", "holds",
    says="∂g/∂z of the output neuron is σ(z)(1 - σ(z)), with z the neuron's own sum.",
    printed=r"\sigma(z_1^{[2]}) (1 - \sigma(z_1^{[2]}))",
)  # fmt: skip
def second_factor() -> Evidence:
    at = {"w2": "1 H", "a1": "H 1", "b2": "1 1"}

    def by_bias(dy, w2, a1, b2):
        z = w2 @ a1 + b2
        return dy * sigmoid(z) * (1 - sigmoid(z))

    return judged(derivative(lambda w2, a1, b2: sigmoid(w2 @ a1 + b2), by_bias, at, by="b2"))


def _by_entry(indices):
    """∂z_j/∂w of one entry as a_i, where `indices` says which entry of the printed matrix w_ij is."""
    at = {"w": "H D", "a": "D"}

    def gradient(dy, w, a):
        made = np.zeros_like(w)
        for j in range(w.shape[0]):
            for i in range(w.shape[1]):
                row, column = indices(i, j)
                made[row, column] = made[row, column] + dy[j] * a[i]
        return made

    return derivative(lambda w, a: w @ a, gradient, at, by="w")


@claim(
    83, REVIEW.at(298), "formula", "convention",
    says="∂z_j/∂w_ij is a_i of the layer before.", printed=r"\frac{\partial z_j^{[k]}}{\partial w_{ij}^{[k]}}",
    convention="w_ij leads from neuron i to neuron j; the matrix on line 122 has neuron j's weights in row j, so "
      "that w_ij is its entry (j, i)",
)  # fmt: skip
def order_of_indices() -> Evidence:
    return conventional(
        _by_entry(lambda i, j: (j, i)).about("w_ij as the entry (j, i)"),
        _by_entry(lambda i, j: (i, j)).about("w_ij as the entry (i, j)"),
    )


@claim(
    84, REVIEW.at(302), "derivation", "holds",
    says="∂z/∂w_11 of the second layer is the first activation of the hidden layer.", printed="a_1^{[1]}",
)  # fmt: skip
def third_factor() -> Evidence:
    at = {"w": "", "w_others": "3", "a": "", "a_others": "3", "b": ""}

    def z(w, w_others, a, a_others, b):
        return w * a + w_others @ a_others + b

    return judged(derivative(z, lambda dy, w, w_others, a, a_others, b: dy * a, at, by="w"))


@claim(
    85, REVIEW.at(304), "formula", "holds",
    says="∂z_j/∂b_j is 1.", printed=r"\frac{\partial z_j^{[k]}}{\partial b_j^{[k]}} = 1",
)  # fmt: skip
def by_the_bias() -> Evidence:
    return judged(
        derivative(lambda w, a, b: w @ a + b, lambda dy, w, a, b: dy * 1, {"w": "H D", "a": "D", "b": "H"}, by="b")
    )


# -- the product and the update ---------------------------------------------------------------------


def _by_weight(first):
    """The product of line 313 with this first factor, as the derivative of the loss by the weight."""

    def output_loss(w, a, rest, y):
        return loss(sigmoid(w * a + rest), y)

    def product(dy, w, a, rest, y):
        z = w * a + rest
        return dy * first(sigmoid(z), y) * (sigmoid(z) * (1 - sigmoid(z))) * a

    return derivative(output_loss, product, WEIGHT, by="w")


@claim(
    86, PRODUCT.at(313), "formula", "erratum",
    says="The derivative by w_11 of the second layer is (2y-1) / (g ln 10) · σ(z)(1 - σ(z)) · a_1.",
    printed=r"\frac{2y - 1}{g \cdot \ln(10)} \times",
    corrected="(g - y) / (g (1-g) ln 10) · g (1-g) · a_1 = (g - y) a_1 / ln 10; another sign alone would put it right "
      "for y = 1 only",
)  # fmt: skip
def whole_gradient() -> Evidence:
    right = every(_by_weight(true_form), _by_weight(lambda g, y: (g - y) / (g * (1 - g) * ln10(g))))
    return judged(_by_weight(second_form), right)


@claim(
    87, PRODUCT.at(313), "derivation", "holds",
    says="The product is the three factors of lines 291, 295 and 302 put into the chain of line 310: only the first "
      "of them is wrong.",
    printed=r"\sigma(z_1^{[2]}) (1 - \sigma(z_1^{[2]})) \times a_1^{[1]}",
)  # fmt: skip
def factors_put_together() -> Evidence:
    others = derivative(
        lambda w, a, rest: sigmoid(w * a + rest),
        lambda dy, w, a, rest: dy * sigmoid(w * a + rest) * (1 - sigmoid(w * a + rest)) * a,
        {"w": "", "a": "", "rest": ""},
        by="w",
    )
    return judged(
        every(others.about("the second and third factor"), _by_weight(true_form).about("with the true first"))
    )


@claim(
    88, UPDATE.at(325), "formula", "convention",
    says="In the example the update goes by the derivative of l, where line 319 has that of J.",
    printed=r"\frac{\partial l}{\partial w_{11}^{[2]}}",
    convention="one observation, n = 1 (line 243): then J is the loss l of that one; with more it is their mean",
)  # fmt: skip
def loss_or_cost() -> Evidence:
    def mean(g, y):
        return cross_entropy(g, y).sum() / len(g)

    one = [{"g": np.array([0.5]), "y": np.array([1.0])}]
    two = [{"g": np.array([0.5, 0.25]), "y": np.array([1.0, 0.0])}]
    return conventional(
        same(lambda g, y: cross_entropy(g[0], y[0]), mean, one).about("n = 1"),
        same(lambda g, y: cross_entropy(g[0], y[0]), mean, two).about("n = 2, the loss of the first against J"),
    )


def _stepped(gradient: arb) -> Outcome:
    """Does the loss of the worked example (label 1) fall when w_11 of the second layer moves by α = 1 against this?"""
    before, after = example_loss(ball(W2[0])), example_loss(ball(W2[0]) - gradient)
    return observed(
        after < before,
        f"the example with label 1 and α = 1: the loss goes from {digits(before, 8)} to {digits(after, 8)}",
        gradient=digits(gradient, 5),
    )


@claim(
    89, UPDATE.at(327), "formula", "erratum",
    says="The update subtracts α times (2y-1) / (g ln 10) · σ(z)(1 - σ(z)) · a_1, and so decreases the loss.",
    printed=r"w_{11,old}^{[2]} - \alpha \left( \frac{2y - 1}{g \cdot \ln(10)}",
    corrected="w_11 - α (g - y) a_1 / ln 10; the printed update goes uphill",
)  # fmt: skip
def update_goes_uphill() -> Evidence:
    g, a = sigmoid(output_sum()), hidden()[0]
    printed = 1 / (g * arb(10).log()) * g * (1 - g) * a
    return judged(_stepped(printed), _stepped((g - 1) * a / arb(10).log()))


@claim(
    90, UPDATE.at(317), "statement", "holds",
    says="Weights and biases are updated all at once, from gradients at the old parameters.",
    printed="**update** all parameters",
)  # fmt: skip
def all_at_once() -> Evidence:
    # One neuron w x + b with half the squared error: with the new b in it, w's gradient is another one.
    w, b, x, y, rate = Fraction(1), Fraction(0), Fraction(2), Fraction(0), Fraction(1, 10)
    error = w * x + b - y
    together = (w - rate * error * x, b - rate * error)
    afterwards = w - rate * (w * x + together[1] - y) * x
    falls = (together[0] * x + together[1] - y) ** 2 < error**2
    text = f"w is {together[0]} from the old b, and {afterwards} from the new one; the error falls"
    return judged(observed(falls and together[0] != afterwards, text))


@claim(
    91, SUMMARY.at(333), "result", "holds",
    says="Repeated for many epochs, the four steps improve the network until it is good, or no longer improves.",
    printed="continues for multiple epochs",
)  # fmt: skip
def repeated() -> Evidence:
    x, y = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 1.0])
    w, b, losses = 0.0, 0.0, []
    for _ in range(200):
        g = sigmoid(w * x + b)
        losses.append(float(cross_entropy(g, y).mean()))
        w, b = w - ((g - y) * x).mean(), b - (g - y).mean()
    falls = all(after < before for before, after in pairwise(losses))
    said = ", ".join(f"{losses[i]:.4f}" for i in (0, 9, 99, 199))
    return judged(observed(falls, f"one neuron, four points, α = 1: every epoch improves it; epochs 1 to 200: {said}"))
