"""Slides 'Gradient Descent in a Neuron' and 'Gradient Descent Example': the derivation by w and by b, step by step."""

from __future__ import annotations

import numpy as np
from flint import arb

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, digits, same
from .._outcome import Outcome, conventional, every, judged, misread
from ._pieces import sigmoid, squared_errors

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

NEURON = Slide("Gradient Descent in a Neuron", 337)
BY_WEIGHTS = Slide("Gradient Descent in a Neuron", 360)
BY_BIAS = Slide("Gradient Descent Example", 386)

MANY = {"x": "N d", "w": "d", "b": "", "y": "N"}
ONE = {"x": "d", "w": "d", "b": "", "y": ""}


def half_loss(x, w, b, y):
    """Half the sum of squared errors of the sigmoid neuron: line 349."""
    return squared_errors(sigmoid(x @ w + b), y) / 2


def one_term(x, w, b, y):
    """The slides' product for one example: (ŷ - y)(sigma(v) - sigma(v)^2)."""
    a = sigmoid(x @ w + b)
    return (a - y) * (a - a**2)


@claim(
    74,
    NEURON.at(339),
    "formula",
    "holds",
    says="The output is the sigmoid of x w + b, w to the right of x.",
    printed=r"\hat{y} = \sigma(\mathbf{x}\mathbf{w} + b)",
)
def neuron() -> Evidence:
    at = {"x": "N d", "w": "d", "b": ""}

    def one_by_one(x, w, b):
        return np.array([sigmoid(sum(p * q for p, q in zip(row, w, strict=True)) + b) for row in x])

    return judged(same(lambda x, w, b: sigmoid(x @ w + b), one_by_one, at))


@claim(
    75,
    NEURON.at(343),
    "formula",
    "holds",
    says="The sigmoid is 1 / (1 + exp(-v)), said a second time.",
    printed=r"\sigma(v) = \frac{1}{1 + \exp(-v)}",
)
def sigmoid_again() -> Evidence:
    return judged(same(sigmoid, lambda v: (1 + np.tanh(v / 2)) / 2, {"v": "n"}))


@claim(
    76, NEURON.at(347), "formula", "erratum",
    says="The L of the next line, with its factor 1/2, is the sum of squared errors without one.",
    printed=r"L = \sum_{i=1}^N (\hat{y}_i - y_i)^2",
    corrected="L = 1/2 Σ (ŷ_i - y_i)², as on line 349 and in the derivation that follows",
)  # fmt: skip
def two_losses_of_one_name() -> Evidence:
    # The corrected loss has to be the one whose gradient the next slides derive.
    as_printed = same(lambda x, w, b, y: squared_errors(sigmoid(x @ w + b), y), half_loss, MANY)
    return judged(as_printed, _by_prediction().about("the gradient ŷ - y that follows is of half the sum"))


@claim(
    77, NEURON.at(349), "formula", "holds",
    says="Written out, ŷ_i in that loss is 1 / (1 + exp(-(x w + b))).", printed=r"L = \frac{1}{2} \sum_{i=1}^N",
)  # fmt: skip
def written_out() -> Evidence:
    def as_printed(x, w, b, y):
        return sum((1 / (1 + np.exp(-(x[i] @ w + b))) - y[i]) ** 2 for i in range(len(y))) / 2

    return judged(same(as_printed, half_loss, MANY))


# -- by the weights ---------------------------------------------------------------------------------


def _without_the_sum(by: str, gradient) -> Evidence:
    """A chain through one ŷ_i against the gradient of the sum over all of them; with the sum it must be right."""

    def one(dy, x, w, b, y):
        return dy * gradient(x[-1], one_term(x[-1], w, b, y[-1]))

    def summed(dy, x, w, b, y):
        return dy * sum(gradient(x[i], one_term(x[i], w, b, y[i])) for i in range(len(y)))

    return judged(derivative(half_loss, one, MANY, by=by), derivative(half_loss, summed, MANY, by=by))


@claim(
    78, BY_WEIGHTS.at(372), "derivation", "erratum",
    says="By the chain rule, the derivative of the sum by w goes through one ŷ_i.",
    printed=r"\frac{\partial \frac{1}{2} \sum (\hat{y}_i - y_i)^2}{\partial \hat{y}_i} \frac{\partial "
      r"\hat{y}_i}{\partial \mathbf{w}}",
    corrected="Σ_i ∂L/∂ŷ_i ∂ŷ_i/∂w: w acts on every ŷ_i; without the sum it is the gradient of one example",
)  # fmt: skip
def chain_through_one_example() -> Evidence:
    return _without_the_sum("w", lambda x, term: term * x)


@claim(
    79, BY_WEIGHTS.at(374), "derivation", "holds",
    says="The derivative of half the sum by ŷ_i is 1/2 · 2 (ŷ_i - y_i): the other terms do not matter.",
    printed=r"\frac{1}{2} 2(\hat{y}_i - y_i)",
)  # fmt: skip
def half_and_two() -> Evidence:
    return judged(_by_prediction())


def _by_prediction() -> Outcome:
    def gradient(dy, y_hat, y):
        return dy * (y_hat - y) / 2 * 2

    return derivative(lambda y_hat, y: squared_errors(y_hat, y) / 2, gradient, {"y_hat": "N", "y": "N"}, by="y_hat")


@claim(
    80, BY_WEIGHTS.at(376), "derivation", "holds",
    says="∂ŷ/∂w is ∂ŷ/∂v times ∂v/∂w.", printed=r"\frac{\partial \hat{y}_i}{\partial \mathbf{v}} \frac{\partial "
      r"\mathbf{v}}{\partial \mathbf{w}}",
)  # fmt: skip
def through_v() -> Evidence:
    def gradient(dy, x, w, b):
        e = np.exp(-(x @ w + b))
        return (
            dy * (e / (1 + e) ** 2) * x
        )  # the slope of the sigmoid by the quotient rule, not by the step checked next

    return judged(derivative(lambda x, w, b: sigmoid(x @ w + b), gradient, {"x": "d", "w": "d", "b": ""}, by="w"))


def _sigmoid_slope() -> Outcome:
    return derivative(sigmoid, lambda dy, v: dy * (sigmoid(v) - sigmoid(v) ** 2), {"v": "n"}, by="v")


@claim(
    81, BY_WEIGHTS.at(378), "derivation", "holds",
    says="The derivative of the sigmoid is sigma(v) - "
      "sigma(v)^2.", printed=r"\sigma(\mathbf{v}) - \sigma(\mathbf{v})^2",
)  # fmt: skip
def sigmoid_slope() -> Evidence:
    return judged(_sigmoid_slope())


@claim(82, BY_WEIGHTS.at(382), "derivation", "holds", says="∂v/∂w is x.", printed=r"\mathbf{x}")
def argument_by_weights() -> Evidence:
    return judged(
        derivative(lambda x, w, b: x @ w + b, lambda dy, x, w, b: dy * x, {"x": "d", "w": "d", "b": ""}, by="w")
    )


def _one_example(by: str) -> Outcome:
    def by_weights(dy, x, w, b, y):
        return dy * one_term(x, w, b, y) * x

    def by_bias(dy, x, w, b, y):
        return dy * one_term(x, w, b, y)

    return derivative(half_loss, by_weights if by == "w" else by_bias, ONE, by=by)


@claim(
    83, BY_WEIGHTS.at(382), "formula", "convention",
    says="∂L/∂w is (ŷ_i - y_i)(sigma(v) - sigma(v)^2) x.", printed=r"(\hat{y}_i - y_i)(\sigma(\mathbf{v}) - "
      r"\sigma(\mathbf{v})^2) \mathbf{x}",
    convention="L is the loss of the one example i, not the sum over N of line 349",
)  # fmt: skip
def gradient_by_weights() -> Evidence:
    def one_of_many(dy, x, w, b, y):
        return dy * one_term(x[-1], w, b, y[-1]) * x[-1]

    return conventional(
        _one_example("w").about("for one example"),
        derivative(half_loss, one_of_many, MANY, by="w").about("for the L of line 349"),
    )


@claim(
    84, BY_WEIGHTS.at(384), "derivation", "holds",
    says="That is ∂L/∂ŷ ∂ŷ/∂v ∂v/∂w, for one example.",
    printed=r"\frac{\partial L}{\partial \hat{y}_i} \frac{\partial \hat{y}_i}{\partial \mathbf{v}} "
      r"\frac{\partial \mathbf{v}}{\partial \mathbf{w}}",
)  # fmt: skip
def product_of_three() -> Evidence:
    return judged(every(_by_prediction(), _sigmoid_slope(), _one_example("w")))


# -- by the bias ------------------------------------------------------------------------------------


@claim(
    85, BY_BIAS.at(390), "derivation", "transcription",
    says="The factor 1/2 of the loss stands as an exponent of the ∂.", printed=r"\frac{\partial^{1/2} \sum "
      r"(\hat{y}_i - y_i)^2}{\partial b}",
    corrected="∂ 1/2 Σ (ŷ_i - y_i)² / ∂b, as on line 364 (so on line 398 too)",
)  # fmt: skip
def half_as_an_exponent() -> Evidence:
    # Literally a half-derivative: that of t^2 is Gamma(3) / Gamma(5/2) t^(3/2), and line 400 goes on with t.
    half_derivative = arb(3).gamma() / (arb(5) / 2).gamma()
    literally = f"the half-derivative of t² at t = 1 is {digits(half_derivative)}, and line 400 goes on with t = 1"
    return misread(Outcome((half_derivative - 1).contains(0), literally), _by_prediction().about("with the factor 1/2"))


@claim(
    86, BY_BIAS.at(398), "derivation", "erratum",
    says="By the chain rule, the derivative of the sum by b goes through one ŷ_i.",
    printed=r"{\partial \hat{y}_i} \frac{\partial \hat{y}_i}{\partial b}",
    corrected="Σ_i ∂L/∂ŷ_i ∂ŷ_i/∂b",
)  # fmt: skip
def bias_through_one_example() -> Evidence:
    return _without_the_sum("b", lambda x, term: term)


@claim(
    87,
    BY_BIAS.at(400),
    "derivation",
    "holds",
    says="1/2 and 2 cancel, as by w.",
    printed=r"\frac{1}{2} 2(\hat{y}_i - y_i)",
)
def half_and_two_again() -> Evidence:
    return judged(_by_prediction())


@claim(
    88,
    BY_BIAS.at(402),
    "derivation",
    "holds",
    says="∂ŷ/∂b is ∂ŷ/∂v times ∂v/∂b.",
    printed=r"\frac{\partial \hat{y}_i}{\partial v} \frac{\partial v}{\partial b}",
)
def bias_through_v() -> Evidence:
    def gradient(dy, x, w, b):
        e = np.exp(-(x @ w + b))
        return dy * (e / (1 + e) ** 2)

    return judged(derivative(lambda x, w, b: sigmoid(x @ w + b), gradient, {"x": "d", "w": "d", "b": ""}, by="b"))


@claim(
    89,
    BY_BIAS.at(404),
    "derivation",
    "holds",
    says="The derivative of the sigmoid is sigma(v) - sigma(v)^2.",
    printed=r"(\sigma(v) - \sigma(v)^2)",
)
def sigmoid_slope_again() -> Evidence:
    return judged(_sigmoid_slope())


@claim(
    90,
    BY_BIAS.at(408),
    "derivation",
    "holds",
    says="∂v/∂b is 1, so that the factor drops out.",
    printed=r"(\hat{y}_i - y_i) (\sigma(v) - \sigma(v)^2)",
)
def argument_by_bias() -> Evidence:
    return judged(derivative(lambda x, w, b: x @ w + b, lambda dy, x, w, b: dy, {"x": "d", "w": "d", "b": ""}, by="b"))


@claim(
    91, BY_BIAS.at(408), "formula", "convention",
    says="∂L/∂b is (ŷ_i - y_i)(sigma(v) - sigma(v)^2).", printed=r"(\hat{y}_i - y_i) (\sigma(v) - \sigma(v)^2)",
    convention="L is the loss of the one example i, not the sum over N of line 349",
)  # fmt: skip
def gradient_by_bias() -> Evidence:
    def one_of_many(dy, x, w, b, y):
        return dy * one_term(x[-1], w, b, y[-1])

    return conventional(
        _one_example("b").about("for one example"),
        derivative(half_loss, one_of_many, MANY, by="b").about("for the L of line 349"),
    )


@claim(
    92, BY_BIAS.at(410), "derivation", "holds",
    says="That is ∂L/∂ŷ ∂ŷ/∂v ∂v/∂b, for one example.",
    printed=r"\frac{\partial L}{\partial \hat{y}_i} \frac{\partial \hat{y}_i}{\partial v} \frac{\partial "
      r"v}{\partial b}",
)  # fmt: skip
def product_of_three_again() -> Evidence:
    return judged(every(_by_prediction(), _sigmoid_slope(), _one_example("b")))
