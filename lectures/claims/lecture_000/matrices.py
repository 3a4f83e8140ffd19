"""Slides 'Translating mathematics into code' to 'Back propagate error': the network in matrix form."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import conventional, judged, misread, observed
from ._pieces import LOST, loss, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

TRANSLATING = Slide("### Translating mathematics into code", 198)
MNIST = Slide("#### **MNIST Dataset**", 201)
FORWARD = Slide("### Feed forward propagation", 209)
BACK = Slide("#### Back propagate error", 268)

LAYER = {"a": "t m", "wo": "k m", "u": "t k"}
FORMS = {"x": "t n", "wh": "m n", "wo": "k m"}
DELTAS = {"d": "t k", "wo": "k m"}
T, M, K, N = 3, 4, 2, 5
"""Samples, hidden neurons, classes and inputs where one small case with four sizes is enough."""

CLAIMS += [
    uncheckable("000-050", TRANSLATING.at(198), "Mathematics translated into code, in pictures.", LOST),
    uncheckable("000-051", MNIST.at(201), "The MNIST data set in pictures.", LOST),
]  # fmt: skip


def _z1_is_z2() -> Evidence:
    at = [{"x": np.ones((T, N)), "wh": np.ones((M, N)), "wo": np.ones((K, M))}]
    literally = same(lambda x, wh, wo: sigmoid(x @ wh.T) @ wo.T, lambda x, wh, wo: x @ wh.T, at)
    meant = has_shape(lambda x, wh, wo: sigmoid(x @ wh.T) @ wo.T, "t k", FORMS)
    return misread(literally.about("z of layer 2 against z of layer 1"), meant.about("z2 = z^(2)"))


def _orientation() -> Evidence:
    def summed(x, w, b):
        return np.array([[sum(w[j, i] * r[i] for i in range(len(r))) + b[j] for j in range(len(b))] for r in x])

    return judged(same(summed, lambda x, w, b: x @ w.T + b, {"x": "t n", "w": "m n", "b": "m"}))


def _defined() -> None:
    both = "z1 = z^(1) and z2 = z^(2): the names that lines 223 and 226 use"
    for number, line in ((52, 215), (53, 228)):
        claim(number, FORWARD.at(line), "formula", "transcription", says="z^2 is defined as z^1.",
              printed="z^2 = z^1" if line == 215 else "z2 = z^1", corrected=both)(_z1_is_z2)  # fmt: skip
    for number, line, name in ((54, 217, "Wh"), (55, 219, "Wo"), (56, 230, "Wh"), (57, 232, "Wo")):
        layer = "(1)" if name == "Wh" else "(2)"
        printed = f"{name}=W^{{{layer}}}" if line == 217 else f"{name} = W^{{{layer}}}"
        claim(number, FORWARD.at(line), "formula", "holds", printed=printed,
              says=f"{name} is the matrix of the w of layer {layer}: a row a neuron, so that the layer is X W^T.",
              )(_orientation)  # fmt: skip


_defined()


@claim(
    58, FORWARD.at(223), "formula", "transcription",
    says="a is X Wh^T.", printed=r"a = XWh^{T}", corrected="z1 = X Wh^T (the left sides of lines 223 and 226 changed "
      "places), as on line 353",
)  # fmt: skip
def a_without_sigmoid() -> Evidence:
    at = {"x": "t n", "wh": "m n"}

    def neurons(x, wh):
        return np.array([[sum(p * q for p, q in zip(row, w, strict=True)) for w in wh] for row in x])

    literally = same(lambda x, wh: x @ wh.T, lambda x, wh: sigmoid(neurons(x, wh)), at).about("as a")
    return misread(literally, same(lambda x, wh: x @ wh.T, neurons, at).about("as z1"))


@claim(
    59, FORWARD.at(226), "formula", "transcription",
    says="z1 is the sigmoid of z1.", printed=r"z1 = \sigma(z1) = \frac{1}{1 + e^{-z1}}",
    corrected="a = σ(z1), as on line 354",
)  # fmt: skip
def z1_of_itself() -> Evidence:
    at = {"z1": "t m"}
    literally = same(lambda z1: sigmoid(z1), lambda z1: z1, at)
    return misread(literally, same(lambda z1: sigmoid(z1), lambda z1: (1 + np.tanh(z1 / 2)) / 2, at))


@claim(
    60, FORWARD.at(226), "shape", "erratum",
    says="The output layer's z2 is X Wo^T.", printed=r"z2 = XWo^{T}",
    corrected="z2 = a Wo^T, as on line 355: Wo has a column a hidden neuron, not a column an input",
)  # fmt: skip
def output_layer_of_inputs() -> Evidence:
    return judged(
        has_shape(lambda x, wh, wo: x @ wo.T, "t k", FORMS),
        has_shape(lambda x, wh, wo: sigmoid(x @ wh.T) @ wo.T, "t k", FORMS),
    )


@claim(
    61, FORWARD.at(226), "formula", "erratum",
    says="The softmax's denominator sums e^z2k over j.", printed=r"o_{k} = \frac{e^{z2k}}{\sum_{j=1}^{K} e^{z2k}}",
    corrected="Σ_j e^z2j, as on line 99: a sum of K equal terms makes every output 1/K",
)  # fmt: skip
def denominator_of_one_class() -> Evidence:
    def over(index):
        return lambda z: np.array(
            [np.exp(z[k]) / sum(np.exp(z[index(j, k)]) for j in range(len(z))) for k in range(len(z))]
        )

    at = {"z": "k"}
    return judged(same(over(lambda j, k: k), softmax, at), same(over(lambda j, k: j), softmax, at))


@claim(
    62, FORWARD.at(223), "formula", "convention",
    says="The matrix form of the hidden layer has no bias.", printed="XWh^{T}",
    convention="the bias is left out here; line 99 and the code of line 353 have it",
)  # fmt: skip
def no_bias() -> Evidence:
    at = {"x": "t n", "wh": "m n", "bh": "m"}

    def without(x, wh, bh):
        return x @ wh.T

    return conventional(
        same(without, lambda x, wh, bh: x @ wh.T + 0 * bh, at).about("with b = 0"),
        same(without, lambda x, wh, bh: x @ wh.T + bh, at).about("with the b of line 99"),
    )


# -- the weights as matrices ------------------------------------------------------------------------


@claim(
    63, FORWARD.at(238), "shape", "holds",
    says="Wh is m x n, drawn evenly from -0.5 to 0.5: a row a hidden unit.",
    printed="np.random.uniform (-0.5,0.5,(NumHiddenUnits,NumInputs))",
)  # fmt: skip
def shape_of_wh() -> Evidence:
    wh = np.random.default_rng(0).uniform(-0.5, 0.5, (M, N))
    return judged(
        observed(wh.shape == (M, N) and abs(wh).max() <= 0.5, f"{M} hidden units, {N} inputs", shape=wh.shape)
    )


@claim(
    64, FORWARD.at(248), "shape", "transcription",
    says="The last entry of W(1), which is m x n, is W_kn.", printed="W_{k,n}",
    corrected="W_{m,n}: the row begins with W_{m,1} on line 242",
)  # fmt: skip
def corner_of_w1() -> Evidence:
    w = np.zeros((M, N))
    return misread(
        observed(w.shape == (K, N), f"with k = {K}, m = {M}, n = {N} the entry (k, n) is not in the last row"),
        observed(w.shape == (M, N), "the entry (m, n) is the last one"),
    )


@claim(
    65, FORWARD.at(258), "shape", "holds",
    says="W(2) is k x m: a row a class, a column a hidden unit; its last entry is W_km.", printed="kxm",
)  # fmt: skip
def shape_of_w2() -> Evidence:
    return judged(has_shape(lambda x, wh, wo: sigmoid(x @ wh.T) @ wo.T, "t k", FORMS).about("a Wo^T"))


def _matrix_of_errors(d, wo):
    return np.array([[sum(r[k] * wo[k, j] for k in range(len(r))) for j in range(wo.shape[1])] for r in d])


@claim(
    66, FORWARD.at(262), "formula", "holds",
    says="The hidden errors of line 153, with W(2), are the product d W(2).",
    printed=r"\delta_j^{(1)} = \sum_{k=1}^{K} \delta_k w_{k,j}^{(2)}",
)  # fmt: skip
def hidden_errors_as_a_product() -> Evidence:
    return judged(same(_matrix_of_errors, lambda d, wo: d @ wo, DELTAS))


@claim(
    67, BACK.at(270), "derivation", "holds",
    says="The first hidden error is δ_1 w_11 + ... + δ_k w_k1.",
    printed=r"\delta_1^{(1)} = \delta_1 w_{1,1}^{(2)} + \dots + \delta_k w_{k,1}^{(2)}",
)  # fmt: skip
def first_hidden_error() -> Evidence:
    return judged(same(lambda d, wo: _matrix_of_errors(d, wo)[:, 0], lambda d, wo: d @ wo[:, 0], DELTAS))


@claim(
    68, BACK.at(272), "derivation", "holds",
    says="And the jth is the sum over k of δ_k w_kj.",
    printed=r"\delta_{j}^{(1)} = \sum_{k=1}^{K} \delta_{k} w_{k,j}^{(2)}",
)  # fmt: skip
def jth_hidden_error() -> Evidence:
    return judged(same(_matrix_of_errors, lambda d, wo: np.einsum("tk,kj->tj", d, wo), DELTAS))


@claim(
    69, BACK.at(274), "shape", "holds",
    says="For one sample dh has m components.", printed=r"\delta_m^{(1)}]",
)  # fmt: skip
def errors_of_one_sample() -> Evidence:
    return judged(has_shape(lambda d, wo: d @ wo, "m", {"d": "k", "wo": "k m"}))


@claim(
    70, BACK.at(276), "shape", "erratum",
    says="A row of the matrix dh ends with its kth entry.", printed="dh_k^{(1)}",
    corrected="with its mth: dh is t x m (lines 274 and 286), and k counts the classes",
)  # fmt: skip
def last_column_of_dh() -> Evidence:
    return judged(
        has_shape(lambda d, wo: d @ wo, "t k", DELTAS), has_shape(lambda d, wo: d @ wo, "t m", DELTAS)
    )  # fmt: skip


@claim(71, BACK.at(280), "formula", "holds", says="dh is the product d W(2).", printed="dh = dW^{(2)}")
def dh_is_a_product() -> Evidence:
    def by_a(dy, a, wo, u):
        return dy * ((softmax(a @ wo.T) - softmax(u)) @ wo)

    return judged(derivative(lambda a, wo, u: loss(a @ wo.T, u), by_a, LAYER, by="a").about("as ∂L/∂a"))


@claim(72, BACK.at(286), "shape", "holds", says="dh is t x m: a row a sample.", printed="txm")
def shape_of_dh() -> Evidence:
    return judged(has_shape(lambda d, wo: d @ wo, "t m", DELTAS))
