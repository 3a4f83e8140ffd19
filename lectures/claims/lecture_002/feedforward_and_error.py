"""Slides '1. Feedforward Pass' and '2. Calculate Error': the first two steps for the 4-3-4-2 network."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import Outcome, conventional, judged, misread
from ._pieces import (
    LOST,
    NETWORK,
    cross_entropy_terms,
    half_square,
    layers,
    log10,
    printed_matrix,
    sigmoid,
)

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

FORWARD = Slide("#### 1. Feedforward Pass (1)", 461)
FORWARD_2 = Slide("#### 1. Feedforward Pass (2)", 480)
ERROR = Slide("#### 2. Calculate Error (1)", 488)
ERROR_2 = Slide("#### 2. Calculate Error (2)", 508)
ERROR_3 = Slide("#### 2. Calculate Error (3)", 525)

OUTPUTS = {"z": "K", "y": "K"}


# -- 1. feedforward pass ----------------------------------------------------------------------------


def _record_sums(number: int, line: int, weights: str, source: str, printed: str) -> None:
    name = {"w1": "first", "w2": "second"}[weights]

    @claim(
        number, FORWARD.at(line), "formula", "holds",
        says=f"The sums of the {name} hidden layer are a row times the printed matrix.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        value = printed_matrix(printed)
        found = same(lambda **a: layers(a)[source] @ value(**a), lambda **a: layers(a)[source] @ a[weights], NETWORK)
        return judged(found.about("the printed matrix, read entry by entry"))


_record_sums(
    171, 465, "w1", "i",
    r"w_{11}^{h1} & w_{12}^{h1} & w_{13}^{h1} \\ w_{21}^{h1} & w_{22}^{h1} & w_{23}^{h1} \\ "
    r"w_{31}^{h1} & w_{32}^{h1} & w_{33}^{h1} \\ w_{41}^{h1} & w_{42}^{h1} & w_{43}^{h1}",
)  # fmt: skip


@claim(
    172, FORWARD.at(467), "formula", "holds",
    says="The first hidden layer is φ of its sums and biases.", printed=r"H^{H1} = \varphi(P^{h1} + B_{h1})",
)  # fmt: skip
def first_hidden_layer() -> Evidence:
    def neuron_by_neuron(**a):
        p = a["x"] @ a["w1"]
        return np.array([[sigmoid(p[0, j] + a["b1"][0, j]) for j in range(3)]], dtype=object)

    return judged(same(lambda **a: layers(a)["h1"], neuron_by_neuron, NETWORK))


_record_sums(
    173, 473, "w2", "h1",
    r"w_{11}^{h2} & w_{12}^{h2} & w_{13}^{h2} & w_{14}^{h2} \\ w_{21}^{h2} & w_{22}^{h2} & "
    r"w_{23}^{h2} & w_{24}^{h2} \\ w_{31}^{h2} & w_{32}^{h2} & w_{33}^{h2} & w_{34}^{h2}",
)  # fmt: skip


@claim(
    174, FORWARD.at(475), "formula", "erratum",
    says="The second hidden layer is φ of the first one's sums P^h1 and B_h2.",
    printed=r"H^{H2} = \varphi(P^{h1} + B_{h2})",
    corrected="P^h2, the product just above: P^h1 is 1 x 3, and B_h2 is 1 x 4",
)  # fmt: skip
def sums_of_the_other_layer() -> Evidence:
    def hidden(source, weights):
        return lambda **a: sigmoid(layers(a)[source] @ a[weights] + a["b2"])

    def right(**a):
        return layers(a)["h2"]

    printed = same(hidden("i", "w1"), right, NETWORK).about("sizes of the lecture")
    return judged(printed, same(hidden("h1", "w2"), right, NETWORK))


CLAIMS.append(uncheckable("002-175", FORWARD_2.at(480), "The feedforward pass of the output layer.", LOST))


# -- 2. error ---------------------------------------------------------------------------------------


@claim(
    176, ERROR.at(494), "formula", "holds",
    says="The output is φ of the output layer's sums and biases.", printed=r"Y = O = \varphi(P^o + B_o)",
)  # fmt: skip
def output_layer() -> Evidence:
    def by_entries(**a):
        h2 = layers(a)["h2"]
        sums = [sum(h2[0, i] * a["wo"][i, j] for i in range(4)) + a["bo"][0, j] for j in range(2)]
        return np.array([[sigmoid(p) for p in sums]], dtype=object)

    return judged(same(lambda **a: layers(a)["y"], by_entries, NETWORK))


def _mean_entropy(o, y):
    return cross_entropy_terms(o, y).sum() / len(y)


def _by_logits(z, y):
    """The mean binary cross-entropy of sigmoid(z), as log(1 + e^z) - y z."""
    return (np.log(1 + np.exp(z)) - y * z).sum() / len(y)


@claim(
    177, ERROR.at(495), "formula", "convention",
    says="The error is C of the targets and the outputs.", printed="E = C(Y_t, Y)",
    convention="targets first, as on line 500; line 397 has C(O, Y), and cross-entropy is not symmetric",
)  # fmt: skip
def order_of_the_arguments() -> Evidence:
    def swapped(z, y):
        return _mean_entropy(sigmoid(y), sigmoid(z))

    return conventional(
        same(lambda z, y: _mean_entropy(sigmoid(z), sigmoid(y)), lambda z, y: _by_logits(z, sigmoid(y)), OUTPUTS),
        same(swapped, lambda z, y: _by_logits(z, sigmoid(y)), OUTPUTS).about("the arguments swapped"),
    )


@claim(
    178, ERROR.at(502), "formula", "holds",
    says="Cross-entropy is minus the mean of y log(o) + (1 - y) log(1 - o).",
    printed=r"-\frac{1}{n_o} \sum_{k=1}^{n_o} [y_k log(o_k) + (1 - y_k) log(1 - o_k)]",
)  # fmt: skip
def cross_entropy() -> Evidence:
    return judged(same(lambda z, y: _mean_entropy(sigmoid(z), y), _by_logits, OUTPUTS))


CLAIMS.append(
    uncheckable(
        "002-179", ERROR.at(504), "n is the number of batches.",
        "no n stands in the formula, which is that of one pair; a mean over the M pairs of a batch is on line 366",
        "where n is the number of batches",
    )
)  # fmt: skip


@claim(
    180, ERROR.at(504), "formula", "transcription",
    says="y_k and o_k belong to neuron i_6.", printed=r"at neron  $\underline{i}_{6}$",
    corrected="to neuron k, the index of the sum, from 1 to n_o",
)  # fmt: skip
def neuron_k() -> Evidence:
    def terms(index):
        return lambda z, y: sum(
            cross_entropy_terms(sigmoid(z[index(k)]), y[index(k)]) for k in range(len(z))
        ) / len(z)  # fmt: skip

    at = {"z": "7", "y": "7"}
    return misread(
        same(terms(lambda k: 5), _by_logits, at).about("neuron 6 in every term"),
        same(terms(lambda k: k), _by_logits, at),
    )


@claim(
    181, ERROR_2.at(514), "formula", "convention",
    says="The squared error is half the sum of squares.", printed=r"\frac{1}{2} \sum_{k=1}^{n_o} (y_k - o_k)^2",
    convention="with the half, so that the gradient by the outputs is o - y; line 334 has 1/K and no half",
)  # fmt: skip
def half_of_the_sum() -> Evidence:
    def by_z(dy, z, y):
        o = sigmoid(z)
        return dy * (o - y) * o * (1 - o)

    def mean(z, y):
        return ((y - sigmoid(z)) ** 2).sum() / len(y)

    return conventional(
        derivative(lambda z, y: half_square(sigmoid(z), y), by_z, OUTPUTS, by="z").about("half the sum"),
        derivative(mean, by_z, OUTPUTS, by="z").about("the mean"),
    )


def _base_10(o, y):
    """The entries of line 542, for any number of outputs."""
    ln10 = np.log(10 + 0 * o)
    return (-y / (o * ln10)) + ((1 - y) / (ln10 - o * ln10))


def _gradient(loss_log, mean: bool, by_o) -> Outcome:
    """Is by_o(o, y) the gradient by the outputs of the sum, or the mean, of cross-entropy terms with this logarithm?"""

    def loss(z, y):
        total = cross_entropy_terms(sigmoid(z), y, loss_log).sum()
        return total / len(y) if mean else total

    def by_z(dy, z, y):
        o = sigmoid(z)
        return dy * by_o(o, y) * o * (1 - o)

    return derivative(loss, by_z, OUTPUTS, by="z")


def _natural(o, y):
    return -y / o + (1 - y) / (1 - o)


@claim(
    182, ERROR_2.at(521), "derivation", "convention",
    says="The gradient's entry k is the derivative of minus one output's y log(o) + (1 - y) log(1 - o).",
    printed=r"\frac{\partial e_1}{\partial o_1} \\ \frac{\partial e_2}{\partial o_2}",
    convention="the cost is the sum of these terms; with the 1/n_o of line 502 every entry is n_o times too large",
)  # fmt: skip
def lost_mean() -> Evidence:
    return conventional(
        _gradient(np.log, False, _natural).about("the sum"),
        _gradient(np.log, True, _natural).about("the mean of line 502"),
    )


def _logarithm(forward, printed) -> Outcome:
    """A derivative of a logarithm to base a, by x between 0 and 1: x and a as sigmoid and exp of any numbers."""

    def composed(v, c):
        return forward(sigmoid(v), np.exp(c))

    def by_v(dy, v, c):
        x = sigmoid(v)
        return dy * printed(x, np.exp(c)) * x * (1 - x)

    # c = 0 would be base 1, which has no logarithm: it is moved by one.
    moved = {"v": "N", "c": "N"}
    return derivative(
        lambda v, c: composed(v, 1 + c**2), lambda dy, v, c: by_v(dy, v, 1 + c**2), moved, by="v"
    )  # fmt: skip


@claim(
    183, ERROR_3.at(535), "formula", "holds",
    says="The derivative of log_a(x) is 1/(x ln a).", printed=r"\frac{d}{dx}\log_a(x) = \frac{1}{x * ln(a)}",
)  # fmt: skip
def derivative_of_a_logarithm() -> Evidence:
    return judged(_logarithm(lambda x, a: np.log(x) / np.log(a), lambda x, a: 1 / (x * np.log(a))))


@claim(
    184, ERROR_3.at(538), "formula", "holds",
    says="The derivative of log_a(1 - x) is -1/(ln a - x ln a).",
    printed=r"\frac{d}{dx}\log_a(1-x) = -\frac{1}{ln(a) - x * ln(a)}",
)  # fmt: skip
def derivative_of_the_other_logarithm() -> Evidence:
    return judged(_logarithm(lambda x, a: np.log(1 - x) / np.log(a), lambda x, a: -1 / (np.log(a) - x * np.log(a))))


@claim(
    185, ERROR_3.at(529), "formula", "transcription",
    says="The gradient is taken by 0.", printed="∇<sub>0</sub>C", corrected="∇_O C, by the outputs, as on line 540",
)  # fmt: skip
def gradient_by_the_outputs() -> Evidence:
    nothing = _gradient(np.log, False, lambda o, y: 0 * o).about("a constant has no derivative but 0, the cost")
    return misread(nothing, _gradient(np.log, False, _natural).about("by O"))


@claim(
    186, ERROR_3.at(542), "formula", "convention",
    says="The gradient is -y/(o ln 10) + (1 - y)/(ln 10 - o ln 10) for each output.",
    printed="(-y_1/[o_1ln(10)]) + ([1-y_1]/[ln(10) - o_1ln(10)])",
    convention="log is the logarithm to base 10 in the loss; with the natural one there is no ln 10, and line 674 is "
      "true of that one only",
)  # fmt: skip
def base_of_the_logarithm() -> Evidence:
    return conventional(
        _gradient(log10, False, _base_10).about("base 10"),
        _gradient(np.log, False, _base_10).about("natural logarithm"),
    )


@claim(
    187, ERROR_3.at(542), "derivation", "holds",
    says="The second entry is the first one's form with the second output, by the two rules above with a = 10.",
    printed="(-y_2/[o_2ln(10)]) + ([1-y_2]/[ln(10) - o_2ln(10)])",
)  # fmt: skip
def both_rules_with_10() -> Evidence:
    def by_the_rules(z, y):
        o, ten = sigmoid(z), 10 + 0 * z
        return -(y * (1 / (o * np.log(ten))) + (1 - y) * (-1 / (np.log(ten) - o * np.log(ten))))

    return judged(same(lambda z, y: _base_10(sigmoid(z), y), by_the_rules, OUTPUTS))
