"""Slides 'Backpropagation: Gradient of W_2 in matrix form': from the output's errors to the second layer's weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, every, judged, misread
from ._pieces import NET, categorical_loss, loss, mean_loss, network, prepend_bias, softmax
from ._programs import NOT_PRINTED, asked, evaluated

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

ERRORS = Slide("Backpropagation: Gradient of W_2 in matrix form", 283)
WEIGHTS = Slide("Backpropagation: Gradient of W_2 in matrix form", 295)

LOGITS = {"b": "C", "u": "C"}
LAYER = {"h": "N H", "b2": "C", "w2": "H C", "u": "N C"}
AS_PRINTED = r"dW2 = \text{np.matmul}(\text{prepend_bias}(h).T, Y_hat - Y) / X.\text{shape}[0]"
MEANT = "np.matmul(prepend_bias(h).T, Y_hat - Y) / X.shape[0]"
GIVEN = f"{NOT_PRINTED}\nX, h, Y = np.ones((3, 4)), np.ones((3, 2)), np.eye(3)\nY_hat = softmax(Y)"
PRINTED_LINE, MEANT_LINE = asked(f"{GIVEN}\n{AS_PRINTED}"), asked(f"{GIVEN}\ndW2 = {MEANT}\nprint(dW2.shape)")


def _entropy(b, u):
    return categorical_loss(softmax(b), softmax(u))


@cache
def _by_b(form) -> Outcome:
    """Is form(y, ŷ) the derivative of the loss by all of b, for two classes and more?"""
    return derivative(_entropy, lambda dy, b, u: dy * form(softmax(u), softmax(b)), LOGITS, by="b", least=2)


def _own_output_only(y, y_hat):
    """∂L/∂ŷ_j ∂ŷ_j/∂b_j with the categorical loss and line 226."""
    return -y / y_hat * (y_hat * (1 - y_hat))


def _difference(y, y_hat):
    return y_hat - y


def _through_all_outputs(y, y_hat):
    jacobian = y_hat[:, None] * (np.eye(len(y)) - y_hat[None, :])
    return (-y / y_hat) @ jacobian


def _errors() -> None:
    for number, result, line, j in ((120, 121, 288, 1), (122, 123, 290, 2)):
        printed = rf"\frac{{\partial L}}{{\partial \hat{{y}}_{j}}} \frac{{\partial \hat{{y}}_{j}}}{{\partial b_{j}}}"
        claim(
            number,
            ERRORS.at(line),
            "derivation",
            "erratum",
            printed=printed,
            says=f"∂L/∂b_{j} goes through ŷ_{j} alone.",
            corrected=f"∂L/∂b_{j} = Σ_k ∂L/∂ŷ_k ∂ŷ_k/∂b_{j}: every output of a softmax depends on b_{j}; the product "
            f"printed is -y_{j}(1 - ŷ_{j}). It would be right for a sigmoid a class with the loss of line 204",
        )(lambda: judged(_by_b(_own_output_only), _by_b(_through_all_outputs).about("through all outputs")))
        claim(result, ERRORS.at(line), "formula", "holds", printed=rf"\hat{{y}}_{j} - y_{j}",
              says=f"∂L/∂b_{j} is ŷ_{j} - y_{j}, whatever the step before it.",
              )(lambda: judged(_by_b(_difference)))  # fmt: skip


_errors()


@claim(
    124, ERRORS.at(292), "shape", "holds",
    says="The row of the two derivatives is Ŷ - Y, with Y the row of the labels.",
    printed=r"\hat{\mathbf{Y}} - \mathbf{Y}, \quad \mathbf{Y} \triangleq [y_1 \quad y_2]",
)  # fmt: skip
def row_of_errors() -> Evidence:
    def one_by_one(b, y):
        y_hat = softmax(b)
        return np.array([[y_hat[0, 0] - y[0, 0], y_hat[0, 1] - y[0, 1]]])

    at = {"b": "1 2", "y": "1 2"}
    return judged(every(same(lambda b, y: softmax(b) - y, one_by_one, at), has_shape(one_by_one, "1 2", at)))


# -- entry by entry ---------------------------------------------------------------------------------

ENTRY = {"w": "", "h": "", "rest": "", "other": "", "u": "2"}
"""A weight of the sum b_j, its input h, what else is in b_j, the other sum, the label's logits."""


def _nothing(h):
    return 0 * h


def _input(h):
    return 1 * h


def _pair(j, mine, other):
    return np.stack([mine, other] if j == 0 else [other, mine])


@cache
def _entry(j: int, h_is_one: bool, derivative_of_sum) -> Outcome:
    """Is ∂L/∂b_j times this derivative of b_j the derivative of L by one weight of column j?"""

    def sums(w, h, rest, other):
        return _pair(j, w * (h * 0 + 1 if h_is_one else h) + rest, other)

    def forward(w, h, rest, other, u):
        return _entropy(sums(w, h, rest, other), u)

    def gradient(dy, w, h, rest, other, u):
        error = softmax(sums(w, h, rest, other)) - softmax(u)
        return dy * error[j] * derivative_of_sum(h * 0 + 1 if h_is_one else h)

    return derivative(forward, gradient, ENTRY, by="w")


@claim(
    125, WEIGHTS.at(299), "derivation", "holds",
    says="In the first column, ∂L/∂w_i1 is ∂L/∂b_1 times ∂b_1/∂w_i1.",
    printed=r"\frac{\partial L}{\partial b_1} \frac{\partial b_1}{\partial w_{31}^{(2)}}",
)  # fmt: skip
def first_column() -> Evidence:
    return judged(every(*(_entry(0, one, _input).about("1" if one else "h") for one in (True, False))))


def _second_column() -> None:
    for number, row in ((126, 1), (127, 2), (128, 3)):
        printed = rf"\frac{{\partial L}}{{\partial b_2}} \frac{{\partial b_2}}{{\partial w_{{{row}1}}^{{(2)}}}}"
        claim(number, WEIGHTS.at(299), "derivation", "erratum", printed=printed,
              says=f"∂L/∂w_{row}2 is ∂L/∂b_2 times ∂b_2/∂w_{row}1.",
              corrected=f"∂L/∂b_2 ∂b_2/∂w_{row}2: b_2 does not depend on w_{row}1, and the product printed is 0; "
                "line 339 has it right for W_1",
              )(lambda one=row == 1: judged(_entry(1, one, _nothing), _entry(1, one, _input)))  # fmt: skip


_second_column()


@claim(
    129, WEIGHTS.at(299), "derivation", "holds",
    says="The matrix of the products is the column [1 h_2 h_3]^T times the row of the ∂L/∂b.",
    printed=r"\begin{bmatrix} 1 \\ h_2 \\ h_3 \end{bmatrix} \begin{bmatrix} \frac{\partial L}{\partial b_1}",
)  # fmt: skip
def column_times_row() -> Evidence:
    def entries(h, e):
        return np.array([[p * q for q in e[0]] for p in prepend_bias(h)[0]])

    at = {"h": "1 2", "e": "1 2"}
    return judged(every(same(lambda h, e: prepend_bias(h).T @ e, entries, at), has_shape(entries, "3 2", at)))


def loss_of_layer(h, b2, w2, u):
    """The summed loss by the hidden values. h (N, H). A scalar."""
    return categorical_loss(softmax(h @ w2 + b2), softmax(u))


def _layer(shapes) -> Outcome:
    """Is [1 H]^T (Ŷ - Y), of the shape of W_2, the derivative of that loss by W_2?"""

    def gradient(dy, h, b2, w2, u):
        by = dy * prepend_bias(h).T @ (softmax(h @ w2 + b2) - softmax(u))
        return by[0], by[1:]

    return derivative(loss_of_layer, gradient, shapes, by="b2 w2")


@claim(
    130, WEIGHTS.at(299), "formula", "holds",
    says="∂L/∂W_2 is [1 H]^T (Ŷ - Y), also of several samples, whose losses are added.",
    printed=r"[1 \ H]^T (\hat{\mathbf{Y}} - \mathbf{Y})",
)  # fmt: skip
def matrix_form() -> Evidence:
    one = _layer({**LAYER, "h": "1 H", "u": "1 C"}).about("one sample")
    return judged(every(one, _layer(LAYER).about("several")))


@claim(
    131, WEIGHTS.at(301), "code", "transcription",
    says="The gradient of W_2 is given as a line of Python.", printed=AS_PRINTED,
    corrected=f"dW2 = {MEANT}: the line is typeset as a formula, \\text{{}} and all",
)  # fmt: skip
def line_of_python() -> Evidence:
    return misread(PRINTED_LINE().outcome, MEANT_LINE().outcome)


@claim(
    132, WEIGHTS.at(301), "formula", "convention",
    says="The line of code is the formula of line 299.", printed=r"X.\text{shape}[0]",
    convention="in the code L is the mean over the samples, as on line 33; in the formula it is that of one sample, or "
      "their sum, and nothing is divided by N",
)  # fmt: skip
def mean_or_sum() -> Evidence:
    def gradient(dy, x, b1, w1, b2, w2, u):
        y_hat, h = network(x, b1, w1, b2, w2)
        by = dy * evaluated(MEANT, h=h, Y_hat=y_hat, Y=softmax(u), X=x)
        return by[0], by[1:]

    return conventional(
        derivative(mean_loss, gradient, NET, by="b2 w2").about("of the mean loss"),
        derivative(loss, gradient, NET, by="b2 w2", least=2).about("of the loss of line 299"),
    )
