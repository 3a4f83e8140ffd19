"""Slides 'Update weights': loss, errors and steps in matrix form, beside their code."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, judged, misread
from ._gradients import delta_by_weight, quotient_without_d
from ._pieces import cross_entropy, loss, network_loss, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

UPDATE = Slide("### Update weights", 290)
UPDATE_AGAIN = Slide("#### Update weights", 311)
NET = {"x": "t n", "wh": "m n", "bh": "m", "wo": "k m", "bo": "k", "u": "t k"}
LAYER = {"a": "t m", "wo": "k m", "u": "t k"}
M, N = 4, 5


def _matrix_of_errors(d, wo):
    return np.array([[sum(r[k] * wo[k, j] for k in range(len(r))) for j in range(wo.shape[1])] for r in d])


# -- the updates in matrix form ---------------------------------------------------------------------


@claim(
    73, UPDATE.at(294), "code", "convention",
    says="The code's loss is the printed one: minus the sum of y log10(o).",
    printed=r"\log(o_k) \quad \text{loss.append(-np.sum(np.multiply(y,np.log10(o))))}",
    convention="log is log10 here; the derivative d = o - y two lines on is that of the natural logarithm",
)  # fmt: skip
def log_10_of_the_code() -> Evidence:
    def in_base_10(z, y):
        return cross_entropy(y, softmax(z)) / np.log(10 + 0 * z.sum())

    def term_by_term(z, y):
        o = softmax(z)
        return -sum(y[k] * np.log(o[k]) / np.log(10 + 0 * z[0]) for k in range(len(y)))

    at = {"z": "k", "y": "k"}
    return conventional(
        same(in_base_10, term_by_term, at).about("base 10"),
        same(in_base_10, lambda z, y: cross_entropy(y, softmax(z)), at).about("the base e, which d belongs to"),
    )


@claim(
    74, UPDATE.at(294), "code", "convention",
    says="The code's loss of a batch sums over its samples.", printed="loss.append(-np.sum(",
    convention="the sum over the batch; the step that follows divides by t, which belongs to the mean",
)  # fmt: skip
def sum_and_mean() -> Evidence:
    def step(dy, a, wo, u):
        return dy * (softmax(a @ wo.T) - softmax(u)).T @ a / len(a)

    mean = derivative(lambda a, wo, u: loss(a @ wo.T, u) / len(a), step, LAYER, by="wo").about("1/t d^T a for the mean")
    total = derivative(lambda a, wo, u: loss(a @ wo.T, u), step, LAYER, by="wo", least=2).about("for the sum")
    return conventional(mean, total)


@claim(75, UPDATE.at(296), "formula", "holds", says="d = o - y for a whole batch of class labels.", printed="d = o - y")
def errors_of_a_batch() -> Evidence:
    at = {"z": "t k", "u": "t k"}
    return judged(derivative(loss, lambda dy, z, u: dy * (softmax(z) - softmax(u)), at, by="z"))


def _output_step(factor: int) -> Outcome:
    def step(dy, a, wo, u):
        return dy * factor * ((softmax(a @ wo.T) - softmax(u)).T @ a) / len(a)

    return derivative(lambda a, wo, u: loss(a @ wo.T, u) / len(a), step, LAYER, by="wo", least=2)


@claim(
    76, UPDATE.at(299), "formula", "erratum",
    says="Wo moves by -η 2/t d^T a.", printed=r"\Delta Wo = -\eta \frac{2}{t} d^T a",
    corrected="-η 1/t d^T a, as lines 163 and 417 have it: the 2 belongs to a squared error, not to cross-entropy",
)  # fmt: skip
def twice_the_output_step() -> Evidence:
    return judged(_output_step(2).about("2/t d^T a"), _output_step(1).about("1/t d^T a"))


@claim(
    77, UPDATE.at(299), "code", "holds",
    says="np.matmul(np.transpose(d), a) is d^T a, the gradient of the summed loss.",
    printed="dWo = np.matmul(np.transpose(d),a)",
)  # fmt: skip
def code_of_the_output_gradient() -> Evidence:
    def gradient(dy, a, wo, u):
        return dy * np.matmul(np.transpose(softmax(a @ wo.T) - softmax(u)), a)

    return judged(derivative(lambda a, wo, u: loss(a @ wo.T, u), gradient, LAYER, by="wo"))


@claim(
    78, UPDATE.at(303), "formula", "convention",
    says="dh is dWo.", printed="dh = dWo dh = d@Wo",
    convention="dWo is the product of d and Wo here; four lines before it is the name of the gradient d^T a",
)  # fmt: skip
def two_meanings_of_dwo() -> Evidence:
    at = {"d": "t k", "wo": "k m", "a": "t m"}
    return conventional(
        same(lambda d, wo, a: d @ wo, lambda d, wo, a: _matrix_of_errors(d, wo), at).about("d Wo"),
        same(lambda d, wo, a: d.T @ a, lambda d, wo, a: _matrix_of_errors(d, wo), at).about("the dWo of line 299"),
    )


@claim(
    79, UPDATE.at(303), "formula", "convention",
    says="dhs is dh(a(1-a)).", printed="dhs = dh(a(1-a))",
    convention="these products are element by element (line 234), where d Wo beside it is a matrix product",
)  # fmt: skip
def elementwise_products() -> Evidence:
    at = {"dh": "t m", "a": "t m"}

    def right(dh, a):
        return np.array([[p * v * (1 - v) for p, v in zip(r, s, strict=True)] for r, s in zip(dh, a, strict=True)])

    return conventional(
        same(lambda dh, a: np.multiply(np.multiply(dh, a), (1 - a)), right, at).about(
            "element by element, as the code"
        ),
        same(lambda dh, a: dh @ (a @ (1 - a)), right, at).about("matrix products"),
    )


def _hidden_gradient(x, wh, bh, wo, bo, u):
    a = sigmoid(x @ wh.T + bh)
    dh = (softmax(a @ wo.T + bo) - softmax(u)) @ wo
    return (dh * a * (1 - a)).T @ x / len(x)


def _mean_loss(x, wh, bh, wo, bo, u):
    return network_loss(x, wh, bh, wo, bo, u) / len(x)


def _hidden_step(factor: int) -> Outcome:
    return derivative(_mean_loss, lambda dy, *at: dy * factor * _hidden_gradient(*at), NET, by="wh", least=2)


@claim(
    80, UPDATE.at(303), "formula", "transcription",
    says="The step is 2/3 dhs^T V.", printed=r"\frac{2}{3} dhs^{T} V",
    corrected="-η 2/t dhs^T X, as line 306 prints the same formula",
)  # fmt: skip
def t_read_as_3() -> Evidence:
    at = [{"dhs": np.ones((2, M)), "x": np.ones((2, N))}]

    def of_line_306(dhs, x):
        return 2 * (dhs.T @ x) / len(x)

    three = same(lambda dhs, x: 2 * (dhs.T @ x) / 3, of_line_306, at).about("with t = 2")
    return misread(three, same(lambda dhs, x: np.einsum("tm,tn->mn", dhs, x) * 2 / len(x), of_line_306, at))


@claim(
    81, UPDATE.at(306), "shape", "erratum",
    says="dhs^T X is the step of Wo.", printed=r"\Delta Wo = -\eta \frac{2}{t} dhs^T X",
    corrected="it is the step of Wh: dhs^T X is m x n, and Wo is k x m",
)  # fmt: skip
def step_of_the_wrong_matrix() -> Evidence:
    at = {"dhs": "t m", "x": "t n", "d": "t k"}
    return judged(
        has_shape(lambda dhs, x, d: dhs.T @ x, "k m", at), has_shape(lambda dhs, x, d: dhs.T @ x, "m n", at)
    )  # fmt: skip


@claim(
    82, UPDATE.at(306), "formula", "erratum",
    says="The hidden step has the factor 2/t.", printed=r"-\eta \frac{2}{t} dhs^T X",
    corrected="-η 1/t dhs^T X, as lines 173 and 419 have it",
)  # fmt: skip
def twice_the_hidden_step() -> Evidence:
    return judged(_hidden_step(2).about("2/t dhs^T X"), _hidden_step(1).about("1/t dhs^T X"))


@claim(
    83, UPDATE.at(308), "statement", "convention",
    says="t is the number of training samples.", printed="t: number of training sample",
    convention="t is the number of samples in the step's batch (line 476 divides by the batch size); all of them only "
      "in batch gradient descent",
)  # fmt: skip
def what_t_counts() -> Evidence:
    def mean_of_batch(a, wo, u):
        return loss(a @ wo.T, u) / len(a)

    def step(count):
        return lambda dy, a, wo, u: dy * ((softmax(a @ wo.T) - softmax(u)).T @ a) / count(a)

    return conventional(
        derivative(mean_of_batch, step(len), LAYER, by="wo").about("the batch's samples"),
        derivative(mean_of_batch, step(lambda a: 2 * len(a)), LAYER, by="wo", least=2).about("twice as many in all"),
    )


@claim(
    84, UPDATE_AGAIN.at(315), "formula", "transcription",
    says="The step of w_kj has L over w_kj, as on line 161.", printed=r"\frac{\partial L}{w_{k,j}^{(2)}}",
    corrected="∂L/∂w_{k,j}, as on line 313",
)  # fmt: skip
def lost_d() -> Evidence:
    return quotient_without_d()


@claim(
    85, UPDATE_AGAIN.at(315), "derivation", "erratum",
    says="∂L/∂w_kj is δ_k times ∂δ_k/∂w_kj, as on line 161.",
    printed=r"\delta_k \frac{\partial \delta_k}{\partial w_{k,j}^{(2)}}", corrected="δ_k ∂z_k/∂w_kj = δ_k a_j",
)  # fmt: skip
def delta_in_the_chain() -> Evidence:
    return delta_by_weight()
