"""Slide 'Backpropagation: Gradient of W_1 in matrix form': from the hidden nodes to the first layer's weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, every, judged, misread
from ._pieces import NET, categorical_loss, loss, mean_loss, network, prepend_bias, sigmoid, slope, softmax
from ._programs import NOT_PRINTED, asked, evaluated

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

WEIGHTS = Slide("Backpropagation: Gradient of W_1 in matrix form", 334)

AS_PRINTED = r"dW1 = \text{np.matmul}(\text{prepend_bias}(X).T, da)/X.\text{shape}[0]"
MEANT = "np.matmul(prepend_bias(X).T, da)/X.shape[0]"
GIVEN = f"{NOT_PRINTED}\nX, da = np.ones((3, 4)), np.ones((3, 2))"
PRINTED_LINE, MEANT_LINE = asked(f"{GIVEN}\n{AS_PRINTED}"), asked(f"{GIVEN}\ndW1 = {MEANT}\nprint(dW1.shape)")


def of_the_value(a, h):
    """h (1 - h)."""
    return h * (1 - h)


def twice(a, h):
    """σ(h)(1 - σ(h)), as line 322 defines σ'(h)."""
    return sigmoid(h) * (1 - sigmoid(h))


ONE_NODE = {"w": "", "x": "", "rest": "", "v": "C", "others": "C", "u": "C"}
"""A weight of a_j, its input, what else is in a_j, row j of W_2[1:], the other part of b, the label's logits."""


@cache
def _entry(x_is_one: bool) -> Outcome:
    """Is ∂L/∂a_j times ∂a_j/∂w_ij the derivative of the loss by w_ij?"""

    def parts(w, x, rest):
        given = x * 0 + 1 if x_is_one else x
        return given, w * given + rest

    def forward(w, x, rest, v, others, u):
        return categorical_loss(softmax(sigmoid(parts(w, x, rest)[1]) * v + others), softmax(u))

    def gradient(dy, w, x, rest, v, others, u):
        given, a = parts(w, x, rest)
        error = softmax(sigmoid(a) * v + others) - softmax(u)
        return dy * (error * v).sum() * slope(a) * given

    return derivative(forward, gradient, ONE_NODE, by="w")


def _columns() -> None:
    for number, j in ((151, 1), (152, 2)):
        printed = rf"\frac{{\partial L}}{{\partial a_{j}}} \frac{{\partial a_{j}}}{{\partial w_{{3{j}}}^{{(1)}}}}"
        claim(number, WEIGHTS.at(339), "derivation", "holds", printed=printed,
              says=f"In column {j}, ∂L/∂w_i{j} is ∂L/∂a_{j} times ∂a_{j}/∂w_i{j}.",
              )(lambda: judged(every(_entry(True).about("the bias"), _entry(False).about("the others"))))  # fmt: skip


_columns()


@claim(
    153, WEIGHTS.at(339), "derivation", "holds",
    says="∂a_j/∂w_ij is 1, x_2 or x_3, in the rows from the first to the third.",
    printed=r"\frac{\partial L}{\partial a_1} x_3 & \frac{\partial L}{\partial a_2} x_3",
)  # fmt: skip
def inputs() -> Evidence:
    def gradient(dy, w_1, x_2, x_3):
        row = np.stack([x_2 * 0 + 1, x_2, x_3])
        return row[:, None] * dy[None, :]

    def sums(w_1, x_2, x_3):
        return w_1[0] + x_2 * w_1[1] + x_3 * w_1[2]

    return judged(derivative(sums, gradient, {"w_1": "3 2", "x_2": "", "x_3": ""}, by="w_1"))


@claim(
    154, WEIGHTS.at(339), "derivation", "holds",
    says="That matrix is the column [1 x_2 x_3]^T times the row of the ∂L/∂a.",
    printed=r"\begin{bmatrix} 1 \\ x_2 \\ x_3 \end{bmatrix} \begin{bmatrix} \frac{\partial L}{\partial a_1}",
)  # fmt: skip
def column_times_row() -> Evidence:
    def entries(x, d):
        return np.array([[p * q for q in d[0]] for p in prepend_bias(x)[0]])

    at = {"x": "1 2", "d": "1 2"}
    return judged(every(same(lambda x, d: prepend_bias(x).T @ d, entries, at), has_shape(entries, "3 2", at)))


FACTORS = {"x": "N D", "e": "N C", "w2": "H C", "s": "N H"}


def _with_brackets(x, e, w2, s):
    return prepend_bias(x).T @ (e @ w2.T * s)


def _without_brackets(x, e, w2, s):
    return prepend_bias(x).T @ e @ w2.T * s


@claim(
    155, WEIGHTS.at(340), "formula", "convention",
    says="∂L/∂W_1 is [1 X]^T (Ŷ - Y) W_2[1:]^T times the slopes, without brackets.",
    printed=r"[1 \ X]^T (\hat{Y} - Y) W_2 [1:]^T * [\sigma'(h_2) \ \sigma'(h_3)]",
    convention="one sample, whose row of slopes scales the columns wherever it is put; of several, "
      "(Ŷ - Y) W_2[1:]^T * σ' has to be in brackets, as on line 368",
)  # fmt: skip
def brackets() -> Evidence:
    one = {"x": "1 D", "e": "1 C", "w2": "H C", "s": "1 H"}
    return conventional(
        same(_without_brackets, _with_brackets, one).about("one sample"),
        same(_without_brackets, _with_brackets, FACTORS).about("several samples"),
    )


@cache
def _by_w1(slope_of, forward=loss, divisor=None) -> Outcome:
    def gradient(dy, x, b1, w1, b2, w2, u):
        y_hat, h = network(x, b1, w1, b2, w2)
        a = x @ w1 + b1
        hidden = (y_hat - softmax(u)) @ w2.T * slope_of(a, h)
        by = dy * (prepend_bias(x).T @ hidden if divisor is None else evaluated(divisor, X=x, da=hidden))
        return by[0], by[1:]

    return derivative(forward, gradient, NET, by="b1 w1", least=1 if forward is mean_loss else 2)


@claim(
    156, WEIGHTS.at(340), "formula", "convention",
    says="The slopes in it are σ'(h_2) and σ'(h_3).", printed=r"[\sigma'(h_2) \ \sigma'(h_3)]",
    convention="σ'(h) means h(1 - h), not σ(h)(1 - σ(h)) of line 322",
)  # fmt: skip
def slopes() -> Evidence:
    return conventional(
        _by_w1(of_the_value).about("with brackets and h(1 - h)"), _by_w1(twice).about("with σ(h)(1 - σ(h))")
    )


@claim(
    157, WEIGHTS.at(343), "code", "transcription",
    says="The gradient of W_1 is given as a line of Python.", printed=AS_PRINTED,
    corrected=f"dW1 = {MEANT}: the line is typeset as a formula",
)  # fmt: skip
def line_of_python() -> Evidence:
    return misread(PRINTED_LINE().outcome, MEANT_LINE().outcome)


@claim(
    158, WEIGHTS.at(343), "formula", "convention",
    says="The line of code is the formula of line 340.", printed=r"X.\text{shape}[0]",
    convention="in the code L is the mean over the samples; the formula is not divided by N",
)  # fmt: skip
def mean_or_sum() -> Evidence:
    return conventional(
        _by_w1(of_the_value, mean_loss, MEANT).about("of the mean loss"),
        _by_w1(of_the_value, loss, MEANT).about("of the summed loss"),
    )
