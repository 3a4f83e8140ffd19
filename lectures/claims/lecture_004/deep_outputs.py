"""Slides 'Backpropagation: Gradient of W_4', and the first of W_3: the four-layer network from its outputs to H3."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._listings import execute
from .._outcome import conventional, judged, misread
from ._deep import (
    LINES,
    OUTPUT,
    as_python,
    by_values,
    by_weights,
    elements,
    loss,
    rows,
    split,
    sums,
    sums_of_two,
    through,
    transposed,
)
from ._pieces import prepend_bias, softmax
from ._pieces_training import output_loss

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

W4_SUMS = Slide("Backpropagation: Gradient of W_4 in matrix form", 787)
W4 = Slide("Backpropagation: Gradient of W_4 in matrix form", 799)
H3 = Slide("Backpropagation: Gradient of W_3 in matrix form", 807)

# -- the outputs ------------------------------------------------------------------------------------

TWO_SUMS = {"d1": "", "d2": "", "u": "2"}


def two_outputs(d1: Any, d2: Any) -> tuple[Any, Any]:
    """The softmax of two numbers."""
    e1, e2 = np.exp(d1), np.exp(d2)
    return e1 / (e1 + e2), e2 / (e1 + e2)


def loss_of_two(d1: Any, d2: Any, u: Any) -> Any:
    """Cross-entropy of two outputs and the label softmax(u)."""
    y, y_hat = softmax(u), two_outputs(d1, d2)
    return -(y[0] * np.log(y_hat[0]) + y[1] * np.log(y_hat[1]))


def _through_one_output(k: int) -> Evidence:
    def alone(dy, d1, d2, u):
        y, y_hat = softmax(u), two_outputs(d1, d2)
        return dy * (-y[k] / y_hat[k]) * (y_hat[k] * (1 - y_hat[k]))

    def both(dy, d1, d2, u):
        y, y_hat = softmax(u), two_outputs(d1, d2)
        other = 1 - k
        return alone(dy, d1, d2, u) + dy * (-y[other] / y_hat[other]) * (-y_hat[other] * y_hat[k])

    by = ("d1", "d2")[k]
    return judged(
        derivative(loss_of_two, alone, TWO_SUMS, by=by).about("labels softmax(u)"),
        derivative(loss_of_two, both, TWO_SUMS, by=by),
    )


for _k, _line in ((0, 792), (1, 794)):
    claim(
        289 + _k, W4_SUMS.at(_line), "derivation", "erratum",
        says=f"∂L/∂d_{_k + 1} goes through ŷ_{_k + 1} alone.",
        printed=rf"\frac{{\partial L}}{{\partial \hat{{y}}_{_k + 1}}} \frac{{\partial \hat{{y}}_{_k + 1}}}"
        rf"{{\partial d_{_k + 1}}}",
        corrected=f"the sum over both outputs, ∂L/∂ŷ_1 ∂ŷ_1/∂d_{_k + 1} + ∂L/∂ŷ_2 ∂ŷ_2/∂d_{_k + 1}: every ŷ of a "
        "softmax depends on each d. The result ŷ - y is right",
    )(lambda k=_k: _through_one_output(k))  # fmt: skip


@claim(
    291, W4_SUMS.at(796), "derivation", "holds",
    says="∂L/∂d is the row Ŷ - Y.", printed=r"= \hat{\mathbf{Y}} - \mathbf{Y}",
)  # fmt: skip
def error_of_the_outputs() -> Evidence:
    at = {"d": "N C", "u": "N C"}
    found = derivative(
        lambda d, u: output_loss(d, softmax(u)), lambda dy, d, u: dy * (softmax(d) - softmax(u)), at, by="d"
    )
    return judged(found)


# -- W4 ---------------------------------------------------------------------------------------------


@claim(
    292, W4.at(803), "derivation", "holds",
    says="The entry i, j of the gradient is ∂L/∂d_j ∂d_j/∂w_ij.",
    printed=r"\frac{\partial L}{\partial d_2} \frac{\partial d_2}{\partial w_{12}^{(4)}}",
)  # fmt: skip
def entries_of_w4() -> Evidence:
    return judged(elements(lambda j: j))


@claim(
    293, W4.at(803), "derivation", "holds",
    says="Together they are [1 H3]ᵀ (Ŷ - Y).", printed=r"= [1H_3]^T (\hat{Y} - Y)",
)  # fmt: skip
def gradient_of_w4() -> Evidence:
    def gradient(dy, h, b, w, u):
        return split(dy * (prepend_bias(h).T @ (softmax(sums(h, b, w)) - softmax(u))))

    return judged(derivative(loss, gradient, OUTPUT, by="b w").about("the summed loss"))


@claim(
    294, W4.at(805), "code", "transcription",
    says="The gradients are given as lines of Python, here and to line 888.",
    printed=r"dW4 = \text{np.matmul}(\text{prepend_bias}(H3).T, Y_hat - Y)",
    corrected="without the typesetting, dW4 = np.matmul(prepend_bias(H3).T, Y_hat - Y) / X.shape[0]; a function for ρ'",
)  # fmt: skip
def typeset_code() -> Evidence:
    def is_python(source: str) -> Any:
        return execute(f"compile({source!r}, 'line', 'exec')").outcome

    printed = is_python("\n".join(LINES.values()))
    return misread(printed, is_python("\n".join(map(as_python, LINES))).about("without the typesetting"))


@claim(
    295, W4.at(805), "code", "holds",
    says="dW4 is the gradient of the mean loss.", printed=r"dW4 = \text{np.matmul}(\text{prepend_bias}(H3).T",
)  # fmt: skip
def code_of_w4() -> Evidence:
    return by_weights(805, ("w4",), "h3")


@claim(
    296, W4.at(805), "formula", "convention",
    says="dW4 is the matrix of line 803.", printed=r"/ X.\text{shape}[0]$",
    convention="L of the formulas is the loss of one example; the code divides by their number, for the mean loss. Of "
      "N examples the formula's product is N times dW4",
)  # fmt: skip
def sum_or_mean() -> Evidence:
    def formula(h, e):
        return prepend_bias(h).T @ e

    def code(h, e):
        return formula(h, e) / h.shape[0]

    return conventional(
        same(formula, code, {"h": "1 H", "e": "1 C"}).about("one example"),
        same(formula, code, {"h": "N H", "e": "N C"}).about("N examples"),
    )


# -- back through W4 --------------------------------------------------------------------------------

TWO_NODES = {"h2": "", "h3": "", "w": "3 2", "u": "2"}


def _hidden_of_the_output(row: int) -> Evidence:
    def gradient(dy, h2, h3, w, u):
        e = softmax(sums_of_two(h2, h3, w)) - softmax(u)
        return dy * (e[0] * w[row, 0] + e[1] * w[row, 1])

    def by_h(h2, h3, w, u):
        return output_loss(sums_of_two(h2, h3, w), softmax(u))

    return judged(derivative(by_h, gradient, TWO_NODES, by=("h2", "h3")[row - 1]))


for _number, _line, _row in ((297, 811, 1), (298, 814, 2)):
    claim(
        _number, H3.at(_line), "derivation", "holds",
        says=f"∂L/∂h_{_row + 1} of layer 3 is the sum over both d, each with its weight of row {_row + 1}.",
        printed=rf"\frac{{\partial d_2}}{{\partial h_{_row + 1}^{{(3)}}}} =",
    )(lambda row=_row: _hidden_of_the_output(row))  # fmt: skip


@claim(
    299, H3.at(816), "derivation", "holds",
    says="The row of both is the row of errors times the matrix of w_21 to w_32, transposed.",
    printed=r"\begin{bmatrix} w_{21}^{(4)} & w_{31}^{(4)} \\ w_{22}^{(4)} & w_{32}^{(4)} \end{bmatrix}",
)  # fmt: skip
def matrix_of_w4() -> Evidence:
    return judged(transposed())


@claim(
    300, H3.at(816), "derivation", "holds",
    says="In matrix form that is (Ŷ - Y) W4[1:]ᵀ.", printed=r"= (\hat{Y} - Y)W_4[1:]^T",
)  # fmt: skip
def error_of_h3() -> Evidence:
    def gradient(dy, h, b, w, u):
        return dy * ((softmax(sums(h, b, w)) - softmax(u)) @ np.concatenate([b, w])[1:].T)

    return judged(derivative(loss, gradient, OUTPUT, by="h"))


claim(
    301, H3.at(818), "statement", "erratum",
    says="W4[1:] is all columns from the second.", printed="all the columns from the second column",
    corrected="all rows from the second: the bias' row is left out",
)(lambda: judged(through(lambda w: w[:, 1:]).about("W[:, 1:]ᵀ"), rows()))  # fmt: skip
claim(
    302, H3.at(818), "statement", "erratum",
    says="W4[1:] is W4[1:2].", printed="= $W_4[1:2]$",
    corrected="W4[1:3] for the three rows of the slide: NumPy's slice ends before its end, and [1:2] is one row",
)(lambda: judged(through(lambda w: w[1:2]).about("W[1:2]ᵀ"), rows()))  # fmt: skip


@claim(
    303, H3.at(820), "code", "holds",
    says="dH3 is the gradient of the summed loss by H3.", printed=r"dH3 = \text{np.matmul}(Y_hat - Y, W_4[1:].T)",
)  # fmt: skip
def code_of_h3() -> Evidence:
    return by_values(820, ("w4",), "h3")
