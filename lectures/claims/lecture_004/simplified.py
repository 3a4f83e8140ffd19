"""Slides 'Backpropagation of a simplified Multilayer Network' to the categorical cross-entropy: scalars, updates."""

from __future__ import annotations

from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import LOST, NET, binary_loss, categorical_loss, loss, network, prepend_bias, sigmoid, slope, softmax

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

BACK_2 = Slide("Backpropagation of a simplified Multilayer Network", 242)
BACK_1 = Slide("Backpropagation of a simplified Multilayer Network", 249)
PASS = Slide("Multi-layer Neural Network: forward pass", 255)
UPDATE = Slide("Update weights using Gradient Descent", 260)
ENTROPY = Slide("Derivative of the **Categorical** Cross-Entropy Loss", 266)

SCALARS = {"x": "", "w_1": "", "w_2": "", "y": ""}
LOGITS = {"b": "C", "u": "C"}
"""Logits of one sample, and what its label is the softmax of: any label whose entries sum to one."""

CLAIMS += [
    uncheckable("004-098", PASS.at(255), "The forward pass of the 2-2-2 network in pictures.", LOST),
]  # fmt: skip


def _scalar_loss(x, w_1, w_2, y):
    """a = w_1 x, h = σ(a), b = w_2 h, ŷ = σ(b), and the loss of line 204."""
    return binary_loss(sigmoid(w_2 * sigmoid(w_1 * x)), y)


def _scalar(by: str, form) -> Outcome:
    """Is form(x, w_2, y, a, h, b) the derivative of that loss?"""

    def gradient(dy, x, w_1, w_2, y):
        a = w_1 * x
        h = sigmoid(a)
        return dy * form(x, w_2, y, a, h, w_2 * h)

    return derivative(_scalar_loss, gradient, SCALARS, by=by)


def _cross(b, y):
    """∂L/∂ŷ ∂ŷ/∂b, not cancelled."""
    y_hat = sigmoid(b)
    return -(y - y_hat) / (y_hat * (1 - y_hat)) * slope(b)


@claim(
    99, BACK_2.at(247), "derivation", "holds",
    says="∂L/∂w_2 is the product of the derivatives along ŷ and b; the graph, whose figure is lost, is read so.",
    printed=r"\frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial b} \frac{\partial b}{\partial w_2}",
)  # fmt: skip
def chain_to_w2() -> Evidence:
    return judged(_scalar("w_2", lambda x, w_2, y, a, h, b: _cross(b, y) * h))


@claim(100, BACK_2.at(247), "formula", "holds", says="∂L/∂w_2 is (ŷ - y) h.", printed=r"(\hat{y} - y)h")
def by_w2() -> Evidence:
    return judged(_scalar("w_2", lambda x, w_2, y, a, h, b: (sigmoid(b) - y) * h))


@claim(
    101, BACK_1.at(253), "derivation", "holds",
    says="∂L/∂w_1 is the product of the derivatives along ŷ, b, h and a.",
    printed=r"\frac{\partial b}{\partial h} \frac{\partial h}{\partial a} \frac{\partial a}{\partial w_1}",
)  # fmt: skip
def chain_to_w1() -> Evidence:
    return judged(_scalar("w_1", lambda x, w_2, y, a, h, b: _cross(b, y) * w_2 * slope(a) * x))


@claim(
    102, BACK_1.at(253), "formula", "holds",
    says="∂L/∂w_1 is (ŷ - y) w_2 σ(a)(1 - σ(a)) x.", printed=r"(\hat{y} - y) w_2 \sigma(a) (1 - \sigma(a)) x",
)  # fmt: skip
def by_w1() -> Evidence:
    return judged(_scalar("w_1", lambda x, w_2, y, a, h, b: (sigmoid(b) - y) * w_2 * sigmoid(a) * (1 - sigmoid(a)) * x))


# -- the update -------------------------------------------------------------------------------------


def _gradients(dy, x, b1, w1, b2, w2, u):
    y_hat, h = network(x, b1, w1, b2, w2)
    output = dy * (y_hat - softmax(u))
    hidden = output @ w2.T * h * (1 - h)
    by_w1, by_w2 = prepend_bias(x).T @ hidden, prepend_bias(h).T @ output
    return by_w1[0], by_w1[1:], by_w2[0], by_w2[1:]


def _updates() -> None:
    for number, shape, line, layer, by, names in (
        (103, 104, 262, 2, "b2 w2", "b_1, b_2 of 1, h_2, h_3"),
        (105, 106, 264, 1, "b1 w1", "a_1, a_2 of 1, x_2, x_3"),
    ):
        claim(number, UPDATE.at(line), "formula", "holds",
              says=f"Each weight of layer {layer} is moved by -α times the derivative of L by it.",
              printed=rf"\frac{{\partial L}}{{\partial w_{{32}}^{{({layer})}}}}",
              )(lambda by=by: _each_by_its_own(by))  # fmt: skip
        printed = rf"w_{{31}}^{{({layer})}} & w_{{32}}^{{({layer})}} \end{{bmatrix}} \leftarrow"
        claim(shape, UPDATE.at(line), "shape", "holds", printed=printed,
              says=f"W_{layer} is 3 x 2: the sums {names}.")(lambda layer=layer: _three_by_two(layer))  # fmt: skip


def _each_by_its_own(by: str) -> Evidence:
    first = 2 * (by == "b2 w2")
    gradient = derivative(loss, lambda *at: _gradients(*at)[first : first + 2], NET, by=by)
    return judged(gradient.about("the matrix with ∂L/∂w_ij in the place of w_ij"))


def _three_by_two(layer: int) -> Evidence:
    at = {"x": "N 2", "w1": "3 2", "w2": "3 2"}

    def sums(x, w1, w2):
        a = prepend_bias(x) @ w1
        return a if layer == 1 else prepend_bias(sigmoid(a)) @ w2

    return judged(has_shape(sums, "N 2", at))


_updates()


@claim(
    107, UPDATE.at(264), "derivation", "convention",
    says="W_2 is updated first, and W_1 after it.",
    printed=r"w_{31}^{(1)} & w_{32}^{(1)} \end{bmatrix} \leftarrow",
    convention="both gradients are taken at the old weights: ∂L/∂W_1 holds W_2, and with the new W_2 it is not the "
      "gradient of the step any more",
)  # fmt: skip
def both_at_once() -> Evidence:
    def after_w2(dy, x, b1, w1, b2, w2, u):
        by_b2, by_w2 = _gradients(1, x, b1, w1, b2, w2, u)[2:]
        return tuple(dy * g for g in _gradients(1, x, b1, w1, b2 - by_b2, w2 - by_w2, u)[:2])

    return conventional(
        derivative(loss, lambda *at: _gradients(*at)[:2], NET, by="b1 w1").about("with the old W_2"),
        derivative(loss, after_w2, NET, by="b1 w1").about("with the new W_2, α = 1"),
    )


# -- the categorical cross-entropy ------------------------------------------------------------------


@claim(
    108, ENTROPY.at(272), "statement", "convention",
    says="One-hot labels are [1 0 0], [0 1 0] and [0 0 1].", printed=r"[y_1 \quad y_2 \quad y_3]",
    convention="the three equals signs mean 'is one of': each row stands for a class",
)  # fmt: skip
def one_of_three() -> Evidence:
    labels = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    one_hot = all(sorted(row) == [0, 0, 1] for row in labels.tolist()) and len({tuple(row) for row in labels}) == 3
    return conventional(
        observed(one_hot, "three rows with a single 1, each at another place"),
        observed(bool((labels == labels[0]).all()), "read as equations, 1 = 0"),
    )


def _entropy(b, u):
    return categorical_loss(softmax(b), softmax(u))


@cache
def _by_b(form) -> Outcome:
    """Is form(b, y) the derivative of the loss by b, for labels y that sum to one?"""
    return derivative(_entropy, lambda dy, b, u: dy * form(b, softmax(u)), LOGITS, by="b")


def _difference(b, y):
    """ŷ - y."""
    return softmax(b) - y


def _log_jacobian(b):
    """1{k = j} - ŷ_j in row k, column j."""
    return np.eye(len(b)) - softmax(b)[None, :]


@claim(
    109, ENTROPY.at(275), "derivation", "holds",
    says="The labels are constants: ∂L/∂b_j is minus the sum of y_k ∂ln(ŷ_k)/∂b_j, over all k.",
    printed=r"-\sum_{k=1}^3 y_k \frac{\partial \ln(\hat{y}_k)}{\partial b_j}",
)  # fmt: skip
def labels_are_constants() -> Evidence:
    def through_all(b, y):
        y_hat = softmax(b)
        jacobian = y_hat[:, None] * (np.eye(len(b)) - y_hat[None, :])  # ∂ŷ_k/∂b_j by the quotient rule
        return -(y[:, None] * jacobian / y_hat[:, None]).sum(axis=0)

    return judged(_by_b(through_all))


@claim(
    110, ENTROPY.at(277), "formula", "holds",
    says="ŷ_k is e^b_k over the sum of the three.", printed=r"\frac{e^{b_k}}{e^{b_1} + e^{b_2} + e^{b_3}}",
)  # fmt: skip
def softmax_of_three() -> Evidence:
    def printed(b):
        return np.array([np.exp(b[k]) / (np.exp(b[0]) + np.exp(b[1]) + np.exp(b[2])) for k in range(3)])

    def by_differences(b):
        return 1 / np.exp(b[None, :] - b[:, None]).sum(axis=1)

    return judged(same(printed, by_differences, {"b": "3"}))


@claim(
    111, ENTROPY.at(279), "derivation", "holds",
    says="ln(ŷ_k) is b_k minus the logarithm of the sum.",
    printed=r"\ln(\hat{y}_k) = b_k - \ln\left(\sum_{i=1}^3 e^{b_i}\right)",
)  # fmt: skip
def logarithm() -> Evidence:
    return judged(same(lambda b: np.log(softmax(b)), lambda b: b - np.log(np.exp(b).sum()), {"b": "C"}))


@claim(
    112, ENTROPY.at(279), "derivation", "holds",
    says="∂b_k/∂b_j is 1 where k = j, and 0 elsewhere.", printed=r"1\{k=j\}",
)  # fmt: skip
def kronecker() -> Evidence:
    return judged(derivative(lambda b: 1 * b, lambda dy, b: dy @ np.eye(len(b)), {"b": "C"}, by="b"))


@claim(
    113, ENTROPY.at(279), "derivation", "holds",
    says="The derivative of the logarithm of the sum by b_j is e^b_j over the sum.",
    printed=r"\frac{e^{b_j}}{\sum_{i=1}^3 e^{b_i}}",
)  # fmt: skip
def log_of_the_sum() -> Evidence:
    def gradient(dy, b):
        return dy * np.exp(b) / np.exp(b).sum()

    return judged(derivative(lambda b: np.log(np.exp(b).sum()), gradient, {"b": "C"}, by="b"))


@claim(
    114, ENTROPY.at(279), "formula", "holds",
    says="∂ln(ŷ_k)/∂b_j is 1{k = j} - ŷ_j.",
    printed=r"\Rightarrow \frac{\partial \ln(\hat{y}_k)}{\partial b_j}",
)  # fmt: skip
def log_jacobian() -> Evidence:
    return judged(derivative(lambda b: np.log(softmax(b)), lambda dy, b: dy @ _log_jacobian(b), {"b": "C"}, by="b"))


@claim(
    115, ENTROPY.at(281), "derivation", "holds",
    says="Put in, ∂L/∂b_j is -Σ y_k (1{k = j} - ŷ_j).", printed=r"-\sum_{k=1}^3 y_k (1\{k=j\} - \hat{y}_j)",
)  # fmt: skip
def put_in() -> Evidence:
    return judged(_by_b(lambda b, y: -(y @ _log_jacobian(b))))


@claim(
    116, ENTROPY.at(281), "derivation", "holds",
    says="ŷ_j does not depend on k and goes before the sum: -Σ y_k 1{k = j} + ŷ_j Σ y_k.",
    printed=r"\hat{y}_j \sum_{k=1}^3 y_k",
)  # fmt: skip
def before_the_sum() -> Evidence:
    def split(b, y):
        return -(y @ np.eye(len(y))) + softmax(b) * y.sum()

    return judged(same(split, lambda b, y: -(y @ _log_jacobian(b)), {"b": "C", "y": "C"}).about("for every y"))


@claim(
    117, ENTROPY.at(281), "derivation", "holds",
    says="The sum of the labels is 1, and -y_j + ŷ_j is left.", printed=r"-y_j + \hat{y}_j \times 1",
)  # fmt: skip
def labels_sum_to_one() -> Evidence:
    one_hot = [{"b": np.array([0.5, -1.0, 2.0]), "y": row} for row in np.eye(3)]
    split = same(lambda b, y: -y + softmax(b) * y.sum(), lambda b, y: softmax(b) - y, one_hot)
    return judged(every(split.about("the three labels of line 272"), _by_b(_difference)))


@claim(
    118, ENTROPY.at(281), "formula", "holds",
    says="∂L/∂b_j is ŷ_j - y_j, and this is e_j, of the same sign as e of line 240.", printed=r"\equiv e_j",
)  # fmt: skip
def error_of_a_class() -> Evidence:
    binary = derivative(
        lambda b, y: binary_loss(sigmoid(b), y), lambda dy, b, y: dy * (sigmoid(b) - y), {"b": "", "y": ""}, by="b"
    )
    return judged(every(_by_b(_difference), binary.about("the e of line 240")))


@claim(
    119, ENTROPY.at(281), "formula", "convention",
    says="ŷ - y is the gradient of the categorical cross-entropy for every label.",
    printed=r"-y_j + \hat{y}_j \times 1",
    convention="the label's entries sum to 1, as one-hot rows do; several classes at once would need ŷ Σ y_k - y",
)  # fmt: skip
def labels_of_another_sum() -> Evidence:
    def any_label(b, y):
        return categorical_loss(softmax(b), y)

    anything = derivative(any_label, lambda dy, b, y: dy * (softmax(b) - y), {"b": "C", "y": "C"}, by="b")
    return conventional(_by_b(_difference).about("sum 1"), anything.about("any y"))
