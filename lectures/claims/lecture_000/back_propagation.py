"""Slides 'Back-propagation': the errors of the hidden layer, and the updates of both layers."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import Outcome, conventional, judged, misread, observed
from ._gradients import (
    LOGITS,
    OUTPUT,
    delta,
    delta_by_weight,
    error_of_outputs_outcome,
    loss_of_output,
    quotient_without_d,
    right_step,
)
from ._pieces import LOST, loss, network_loss, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

ERROR = Slide("### **Back-propagation**", 133)
BACKWARD = Slide("### **Back-propagation**", 141)
BATCHES = Slide("# Stochastic gradient descent – batch and mini-batch gradient descent", 175)
ONE = {"x": "n", "w1": "m n", "b1": "m", "w2": "k m", "b2": "k", "u": "k"}

CLAIMS += [
    uncheckable("000-021", BACKWARD.at(147), "The formulas are worth the time to master them.", "an opinion",
                "you should spend time to master them"),
    uncheckable("000-022", BATCHES.at(182), "Stochastic gradient descent in pictures.", LOST),
]  # fmt: skip


# -- the hidden layer -------------------------------------------------------------------------------


@claim(
    36, ERROR.at(135), "statement", "transcription",
    says="δ_j of layer 1 is the error of the ith hidden neuron.", printed="is the error of the ith neuron",
    corrected="the jth neuron: j counts the hidden neurons, i the inputs (line 99)",
)  # fmt: skip
def error_of_which_neuron() -> Evidence:
    inputs = same(lambda x, d: d + 0 * x.sum(), lambda x, d: d, [{"x": np.ones(2), "d": np.ones(3)}])
    counted = {"i": 2, "j": 3}
    return misread(
        observed(counted["i"] == counted["j"], "with 2 inputs and 3 hidden neurons i ends at 2, and δ has 3 parts"),
        inputs.about("δ has as many components as there are j"),
    )


@claim(
    37, ERROR.at(139), "statement", "convention",
    says="An error of the hidden layer acts on all neurons of the next layer through the weights.",
    printed="affects all neurons of next layer via the weights",
    convention="the error is a change of the neuron's output a; the derivative δ itself is computed from the next "
      "layer's errors and acts on none of its neurons",
)  # fmt: skip
def error_acts_on_all() -> Evidence:
    at = {"a": "m", "w2": "k m", "e": "m"}

    def change(a, w2, e):
        return w2 @ (a + e) - w2 @ a

    acts = same(change, lambda a, w2, e: np.array([sum(e * row) for row in w2]), at).about("a change e of a")
    # With another label every δ changes, and the forward pass does not.
    moved = same(lambda z, u: delta(z, u), lambda z, u: delta(z, 0 * u), LOGITS)
    return conventional(
        acts, Outcome(moved.holds is not False, "a δ changed by another label leaves every z as it was")
    )


def _back_through_weights(dy, a, w2, u):
    d = delta(w2 @ a, u)
    return dy * np.array([sum(d[k] * w2[k, j] for k in range(len(d))) for j in range(len(a))])


BY_ACTIVATION = "δ_j of the hidden layer is ∂L/∂a_j; by line 121, where δ is ∂L/∂z, the factor a_j (1 - a_j) is missing"


def _which_derivative() -> Evidence:
    def from_z(z1, w2, u):
        return loss(w2 @ sigmoid(z1), u)

    def as_delta(dy, z1, w2, u):
        return _back_through_weights(dy, sigmoid(z1), w2, u)

    by_a = derivative(loss_of_output, _back_through_weights, OUTPUT, by="a").about("as ∂L/∂a")
    by_z = derivative(from_z, as_delta, {"z1": "m", "w2": "k m", "u": "k"}, by="z1", least=2).about("as ∂L/∂z")
    return conventional(by_a, by_z)


@claim(
    38, BACKWARD.at(151), "derivation", "holds",
    says="The first hidden error, written out, is the first component of the sum on line 153.",
    printed=r"\delta_1^{(1)} = \delta_1 w_{1,1}^{(2)} + \dots + \delta_k w_{k,1}^{(2)}",
)  # fmt: skip
def first_hidden_error() -> Evidence:
    return judged(
        same(lambda d, w: sum(d[k] * w[k, 0] for k in range(len(d))), lambda d, w: (d @ w)[0], {"d": "k", "w": "k m"})
    )


@claim(
    39, BACKWARD.at(153), "derivation", "convention",
    says="The error of a hidden neuron is the sum over the outputs of δ_k w_kj.",
    printed=r"\delta_j^{(1)} = \sum_{k=1}^K \delta_k w_{k,j}^{(2)}", convention=BY_ACTIVATION,
)  # fmt: skip
def hidden_error() -> Evidence:
    return _which_derivative()


@claim(
    40, BACKWARD.at(157), "derivation", "holds",
    says="Through the sigmoid: ∂L/∂z_j is δ_j a_j (1 - a_j).",
    printed=r"\frac{\partial L}{\partial z_j^{(1)}} = \delta_j^{(1)} a_j^{(1)} (1 - a_j^{(1)})",
)  # fmt: skip
def through_the_sigmoid() -> Evidence:
    def gradient(dy, z1, w2, u):
        a = sigmoid(z1)
        return _back_through_weights(dy, a, w2, u) * a * (1 - a)

    return judged(
        derivative(lambda z1, w2, u: loss(w2 @ sigmoid(z1), u), gradient, {"z1": "m", "w2": "k m", "u": "k"}, by="z1")
    )


# -- the updates ------------------------------------------------------------------------------------


@claim(
    41, BACKWARD.at(159), "formula", "transcription",
    says="The update of w_ji, with the derivative by w_ii.", printed=r"\frac{\partial L}{\partial w_{i,i}}",
    corrected="∂L/∂w_{j,i}, as on line 313",
)  # fmt: skip
def derivative_by_another_weight() -> Evidence:
    at = {"x": "m", "w": "m m", "u": "m"}

    def one_layer(x, w, u):
        return loss(w @ x, u)

    def diagonal(dy, x, w, u):
        g = np.outer(delta(w @ x, u), x)
        return dy * np.array([np.diag(g) for _ in range(len(x))])

    right = derivative(one_layer, lambda dy, x, w, u: dy * np.outer(delta(w @ x, u), x), at, by="w")
    return misread(derivative(one_layer, diagonal, at, by="w", least=2), right)


@claim(
    42, BACKWARD.at(161), "formula", "transcription",
    says="The step of w_kj has L over w_kj, without the second ∂.",
    printed=r"\frac{\partial L}{w_{k,j}^{(2)}}", corrected="∂L/∂w_{k,j}, as on line 107",
)  # fmt: skip
def lost_d() -> Evidence:
    return quotient_without_d()


@claim(
    43, BACKWARD.at(161), "derivation", "erratum",
    says="∂L/∂w_kj is δ_k times ∂δ_k/∂w_kj.",
    printed=r"\delta_k \frac{\partial \delta_k}{\partial w_{k,j}^{(2)}}",
    corrected="δ_k ∂z_k/∂w_kj: the chain of line 115 goes through z_k, not through δ_k",
)  # fmt: skip
def delta_in_the_chain() -> Evidence:
    return delta_by_weight()


@claim(
    44, BACKWARD.at(163), "formula", "holds",
    says="w_kj moves by -η δ_k a_j.", printed=r"w_{k,j}^{(2)} - \eta \delta_k a_j^{(1)}",
)  # fmt: skip
def output_step() -> Evidence:
    return judged(right_step())


@claim(45, BACKWARD.at(165), "formula", "holds", says="δ_k is o_k - y_k, again.", printed=r"\delta_k = o_k - y_k")
def delta_of_outputs_again() -> Evidence:
    return judged(error_of_outputs_outcome())


@claim(46, BACKWARD.at(167), "formula", "holds", says="And once more.", printed=r"\delta_k = o_k - y_k")
def delta_of_outputs_once_more() -> Evidence:
    return judged(error_of_outputs_outcome())


@claim(
    47, BACKWARD.at(170), "formula", "convention",
    says="The error of a hidden neuron, again.", printed=r"\delta_j^{(1)} = \sum_{k=1}^K \delta_k w_{k,j}^{(2)}",
    convention=BY_ACTIVATION,
)  # fmt: skip
def hidden_error_again() -> Evidence:
    return _which_derivative()


def _by_hidden_weights(dy, x, w1, b1, w2, b2, u, used):
    a = sigmoid(w1 @ x + b1)
    hidden = delta(w2 @ a + b2, u) @ used
    return dy * np.outer(hidden * a * (1 - a), x)


@claim(
    48, BACKWARD.at(173), "formula", "holds",
    says="w_ji of the hidden layer moves by -η δ_j a_j (1 - a_j) x_i.",
    printed=r"w_{j,i}^{(1)} - \eta \delta_j^{(1)} a_j^{(1)} (1 - a_j^{(1)}) x_i",
)  # fmt: skip
def hidden_step() -> Evidence:
    def gradient(dy, x, w1, b1, w2, b2, u):
        return _by_hidden_weights(dy, x, w1, b1, w2, b2, u, w2)

    return judged(derivative(network_loss, gradient, ONE, by="w1"))


@claim(
    49, BACKWARD.at(170), "derivation", "convention",
    says="The hidden error may be computed after the update of the output weights, in the order of the lines 163 to "
      "173.", printed=r"w_{k,j}^{(2)}",
    convention="both steps belong to the old weights: w_kj here is the one before line 163, as in the code of line 410",
)  # fmt: skip
def order_of_the_updates() -> Evidence:
    def old(dy, x, w1, b1, w2, b2, u):
        return _by_hidden_weights(dy, x, w1, b1, w2, b2, u, w2)

    def new(dy, x, w1, b1, w2, b2, u):
        a = sigmoid(w1 @ x + b1)
        return _by_hidden_weights(dy, x, w1, b1, w2, b2, u, w2 - np.outer(delta(w2 @ a + b2, u), a))

    return conventional(
        derivative(network_loss, old, ONE, by="w1").about("with the old w"),
        derivative(network_loss, new, ONE, by="w1", least=2).about("with the new w, η = 1"),
    )
