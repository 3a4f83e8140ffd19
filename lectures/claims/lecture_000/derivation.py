"""Slides 'Feedforward propagation with softmax activation': the network, and the gradient of its output layer."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import conventional, every, judged, observed
from ._gradients import (
    LOGITS,
    OUTPUT,
    delta,
    error_of_outputs_outcome,
    loss_of_output,
)
from ._pieces import cross_entropy, loss, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

FORWARD = Slide("### Feedforward propagation with softmax activation", 95)
DESCENT = Slide("### Feedforward propagation with softmax activation", 101)

# -- the forward pass -------------------------------------------------------------------------------


@claim(
    23, FORWARD.at(99), "formula", "convention",
    says="z_j of the hidden layer is the sum over M inputs of x_i w_ji, plus b_j.",
    printed=r"z_{j}^{(1)} = \sum_{i=1}^{M} x_{i} w_{j,i}^{(1)} + b_{j}^{(1)}",
    convention="M is the number of inputs here; on line 83 it is the number of classes",
)  # fmt: skip
def hidden_sum() -> Evidence:
    def summed(count):
        return lambda x, w, b, c: np.array(
            [sum(x[i] * w[j, i] for i in range(count(x, c))) + b[j] for j in range(len(b))]
        )

    at = {"x": "n", "w": "m n", "b": "m", "c": "k"}

    def right(x, w, b, c):
        return w @ x + b

    inputs = same(summed(lambda x, c: len(x)), right, at).about("M inputs")
    return conventional(inputs, same(summed(lambda x, c: len(c)), right, at).about("M classes"))


@claim(
    24, FORWARD.at(99), "formula", "holds",
    says="The hidden activation is the sigmoid of z.", printed=r"a_{j}^{(1)} = \frac{1}{1 + e^{-z_{j}^{(1)}}}",
)  # fmt: skip
def hidden_activation() -> Evidence:
    return judged(same(lambda z: sigmoid(z), lambda z: np.exp(z) / (1 + np.exp(z)), {"z": "m"}))


@claim(
    25, FORWARD.at(99), "formula", "erratum",
    says="z_k of the output layer sums over K hidden neurons, where K is the number of classes in the next formula.",
    printed=r"z_{k}^{(2)} = \sum_{j=1}^{K} a_{j}^{(1)} w_{k,j}^{(2)}",
    corrected="Σ over j = 1..m, the hidden neurons (m as on line 244), and not over the K classes",
)  # fmt: skip
def output_sum() -> Evidence:
    def summed(count):
        def z(a, w, b):
            return np.array([sum(a[j] * w[k, j] for j in range(count(a, b))) + b[k] for k in range(len(b))])

        return z

    at = {"a": "m", "w": "k m", "b": "k"}

    def right(a, w, b):
        return w @ a + b

    classes = same(summed(lambda a, b: len(b)), right, at).about("the sum to the number of classes")
    return judged(
        classes, same(summed(lambda a, b: len(a)), right, at).about("the sum to the number of hidden neurons")
    )


def _layer_of_z() -> Evidence:
    at = {"z1": "k", "z2": "k"}

    def right(z1, z2):
        return softmax(z2)

    def with_numerator_of(layer):
        return lambda z1, z2: np.exp((z1, z2)[layer]) / np.exp(z2).sum()

    return conventional(
        same(with_numerator_of(1), right, at).about("with z_k of the output layer"),
        same(with_numerator_of(0), right, at).about("with z_k of the hidden layer"),
    )


NO_LAYER = "a z without a layer's number is the output layer's, as in the denominator"


@claim(
    26, FORWARD.at(99), "formula", "convention",
    says="The outputs are the softmax of the output layer's z.",
    printed=r"o_{k} = \frac{e^{z_{k}}}{\sum_{j=1}^{K} e^{z_{j}^{(2)}}}", convention=NO_LAYER,
)  # fmt: skip
def outputs() -> Evidence:
    return _layer_of_z()


@claim(
    27, DESCENT.at(111), "formula", "convention",
    says="The softmax of the output layer, printed again.",
    printed=r"o_k = \frac{e^{z_k}}{\sum_{j=1}^K e^{z_j^{(2)}}}", convention=NO_LAYER,
)  # fmt: skip
def outputs_again() -> Evidence:
    return _layer_of_z()


# -- the output layer -------------------------------------------------------------------------------


@claim(
    28, DESCENT.at(107), "formula", "holds",
    says="A weight moves by η against its derivative, which lowers the loss for a small η.",
    printed=r"w_{k,j} = w_{k,j} - \eta \frac{\partial L}{\partial w_{k,j}}",
)  # fmt: skip
def descent() -> Evidence:
    # Along -g the loss has the slope -|g|²: the derivative by η at η = 0 of L(w - η g).
    def along(eta, a, w2, u):
        gradient = np.outer(delta(w2 @ a, u), a)
        return loss((w2 - eta * gradient) @ a, u)

    rng = np.random.default_rng(0)
    a, w2, u = rng.standard_normal(3), rng.standard_normal((2, 3)), rng.standard_normal(2)
    before, after = float(along(0.0, a, w2, u)), float(along(0.1, a, w2, u))
    exact = derivative(loss_of_output, lambda dy, a, w2, u: dy * np.outer(delta(w2 @ a, u), a), OUTPUT, by="w2")
    lower = observed(after < before, "one step of η = 0.1", loss_before=f"{before:.6f}", loss_after=f"{after:.6f}")
    return judged(every(exact, lower))


@claim(
    29, DESCENT.at(109), "formula", "holds",
    says="The loss of one sample, now as a sum over K classes.", printed=r"L(y, o) = -\sum_{k=1}^{K} y_k \log(o_k)",
)  # fmt: skip
def loss_again() -> Evidence:
    def of_logits(z, y):
        return sum(y[k] * (np.log(np.exp(z).sum()) - z[k]) for k in range(len(y)))

    return judged(same(lambda z, y: cross_entropy(y, softmax(z)), of_logits, {"z": "K", "y": "K"}))


@claim(
    30, DESCENT.at(115), "derivation", "holds",
    says="The derivative by w_kj goes through z_k alone: ∂L/∂z_k ∂z_k/∂w_kj.",
    printed=r"\frac{\partial L}{\partial w_{k,j}} = \frac{\partial L}{\partial z_k} \frac{\partial z_k}"
      r"{\partial w_{k,j}}",
)  # fmt: skip
def through_one_z() -> Evidence:
    def gradient(dy, a, w2, u):
        return dy * np.array([[d * v for v in a] for d in delta(w2 @ a, u)])

    return judged(derivative(loss_of_output, gradient, OUTPUT, by="w2"))


@claim(
    31, DESCENT.at(117), "derivation", "erratum",
    says="The derivative by z_k goes through o_k alone.",
    printed=r"\frac{\partial L}{\partial z_k} = \frac{\partial L}{\partial o_k} \frac{\partial o_k}{\partial z_k}",
    corrected="∂L/∂z_k = Σ_i ∂L/∂o_i ∂o_i/∂z_k: the softmax's denominator brings z_k into every o_i",
)  # fmt: skip
def through_one_output() -> Evidence:
    def alone(dy, z, u):
        o = softmax(z)
        return dy * (-softmax(u) / o) * (o * (1 - o))

    def summed(dy, z, u):
        o, y = softmax(z), softmax(u)
        jacobian = np.diag(o) - np.outer(o, o)
        return dy * (-(y / o) @ jacobian)

    return judged(
        derivative(loss, alone, LOGITS, by="z", least=2).about("y = softmax(u)"),
        derivative(loss, summed, LOGITS, by="z", least=2),
    )


@claim(
    32, DESCENT.at(121), "formula", "holds",
    says="The error of the kth output neuron is named δ_k = ∂L/∂z_k, the same as the o_k - y_k of line 128.",
    printed=r"\delta_k = \frac{\partial L}{\partial z_k}",
)  # fmt: skip
def name_of_the_error() -> Evidence:
    return judged(error_of_outputs_outcome())


@claim(
    33, DESCENT.at(123), "derivation", "holds",
    says="For a class label, ∂L/∂z_k is o_k - y_k.", printed=r"\frac{\partial L}{\partial z_k} = o_k - y_k",
)  # fmt: skip
def error_of_outputs() -> Evidence:
    return judged(error_of_outputs_outcome())


@claim(34, DESCENT.at(128), "formula", "holds", says="So δ_k is o_k - y_k.", printed=r"\delta_k = o_k - y_k")
def delta_of_outputs() -> Evidence:
    return judged(error_of_outputs_outcome())


@claim(
    35, DESCENT.at(109), "formula", "convention",
    says="The log of the loss whose derivative is o - y.", printed=r"\log(o_k)",
    convention="the natural logarithm; the code of lines 294 and 406 takes log10 and the same d = o - y",
)  # fmt: skip
def base_of_the_log() -> Evidence:
    def base_10(z, u):
        return loss(z, u) / np.log(z[0] - z[0] + 10)

    ten = derivative(base_10, lambda dy, z, u: dy * delta(z, u), LOGITS, by="z", least=2)
    return conventional(error_of_outputs_outcome(), ten.about("with log10"))
