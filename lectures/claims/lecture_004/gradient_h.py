"""Slides 'Backpropagation: Gradient of W_1 in matrix form': from the output's errors to the hidden nodes."""

from __future__ import annotations

from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import Outcome, conventional, every, judged
from ._pieces import categorical_loss, prepend_bias, rows, sigmoid, slope, softmax
from ._programs import evaluated

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

HIDDEN = Slide("Backpropagation: Gradient of W_1 in matrix form", 303)
SUMS = Slide("Backpropagation: Gradient of W_1 in matrix form", 318)

BY_H = {"h": "N H", "b2": "C", "w2": "H C", "u": "N C"}
BY_A = {"a": "N H", "b2": "C", "w2": "H C", "u": "N C"}
DH = "np.matmul(Y_hat - Y, W_2[1:].T)"


def after_h(h, b2, w2, u):
    """The summed loss by the hidden values. A scalar."""
    return categorical_loss(softmax(h @ w2 + b2), softmax(u))


def after_a(a, b2, w2, u):
    """The summed loss by the hidden sums. A scalar."""
    return after_h(sigmoid(a), b2, w2, u)


def errors(h, b2, w2, u):
    """Ŷ - Y."""
    return softmax(h @ w2 + b2) - softmax(u)


# -- to the hidden values ---------------------------------------------------------------------------


@cache
def _by_h(form) -> Outcome:
    """Is form(Ŷ - Y, W_2 without its first row) the derivative of the loss by h?"""
    return derivative(after_h, lambda dy, h, b2, w2, u: dy * form(errors(h, b2, w2, u), w2), BY_H, by="h")


def _hidden_values() -> None:
    for number, result, line, node in ((133, 134, 307, 2), (135, 136, 310, 3)):
        weights = f"w_{node}1 and w_{node}2"
        ways = rf"\frac{{\partial L}}{{\partial b_2}} \frac{{\partial b_2}}{{\partial h_{node}}}"
        claim(
            number,
            HIDDEN.at(line),
            "derivation",
            "holds",
            printed=ways,
            says=f"∂L/∂h_{node} is the sum over both sums b of ∂L/∂b times ∂b/∂h_{node}.",
        )(lambda: judged(_by_h(_over_all_sums)))
        claim(result, HIDDEN.at(line), "formula", "holds", printed=rf"(\hat{{y}}_2 - y_2)w_{{{node}2}}^{{(2)}}",
              says=f"∂L/∂h_{node} is the sum of the errors times {weights}: row {node} of W_2.",
              )(lambda node=node: _row_of_w2(node))  # fmt: skip


def _over_all_sums(e, w2):
    by_sum = [e[:, [c]] * w2[:, c][None, :] for c in range(w2.shape[1])]
    return sum(by_sum[1:], by_sum[0])


def _row_of_w2(node: int) -> Evidence:
    def forward(h, w_2, u):
        return categorical_loss(softmax(prepend_bias(h) @ w_2), softmax(u))

    def gradient(dy, h, w_2, u):
        e = softmax(prepend_bias(h) @ w_2) - softmax(u)
        columns = [e[:, 0] * w_2[k, 0] + e[:, 1] * w_2[k, 1] for k in (1, 2)]
        return dy * np.stack(columns, axis=1)

    proved = derivative(forward, gradient, {"h": "N 2", "w_2": "3 2", "u": "N 2"}, by="h")
    return judged(proved.about(f"h_{node} is in column {node - 1} of H, its weights in row {node} of W_2"))


_hidden_values()


@claim(
    137, HIDDEN.at(312), "derivation", "holds",
    says="The row of both is the row of errors times the 2 x 2 matrix of the weights w_21 to w_32, transposed.",
    printed=r"\begin{bmatrix} w_{21}^{(2)} & w_{31}^{(2)} \\ w_{22}^{(2)} & w_{32}^{(2)} \end{bmatrix}",
)  # fmt: skip
def two_by_two() -> Evidence:
    def printed(e, w_2):
        return e @ np.array([[w_2[1, 0], w_2[2, 0]], [w_2[1, 1], w_2[2, 1]]])

    def sums(e, w_2):
        return np.array([[e[0, 0] * w_2[k, 0] + e[0, 1] * w_2[k, 1] for k in (1, 2)]])

    return judged(same(printed, sums, {"e": "1 2", "w_2": "3 2"}))


@claim(
    138, HIDDEN.at(312), "formula", "holds",
    says="∂L/∂H is (Ŷ - Y) W_2[1:]^T, W_2 without its first row.", printed=r"(\hat{Y} - Y)W_2[1:]^T",
)  # fmt: skip
def without_the_first_row() -> Evidence:
    def gradient(dy, h, b2, w2, u):
        return dy * errors(h, b2, w2, u) @ rows(b2, w2)[1:].T

    return judged(derivative(after_h, gradient, BY_H, by="h"))


@claim(
    139, HIDDEN.at(314), "statement", "erratum",
    says="W_2[1:] is all the columns from the second one.", printed="all the columns from the second column",
    corrected="all the rows from the second row; the columns from the second one are W_2[:, 1:]",
)  # fmt: skip
def rows_not_columns() -> Evidence:
    at = {"w2": "3 2"}

    def columns(w2):
        return np.array([row[1:] for row in w2])

    def from_the_second_row(w2):
        return np.array([w2[1], w2[2]])

    return judged(
        same(lambda w2: w2[1:], columns, at).about("against the columns"),
        same(lambda w2: w2[1:], from_the_second_row, at).about("against the rows"),
    )


@claim(
    140, HIDDEN.at(314), "statement", "erratum",
    says="W_2[1:] is W_2[1:2].", printed="= $W_2[1:2]$",
    corrected="W_2[1:3] of the 3 x 2 matrix: the end of a range is not in it, so that W_2[1:2] is the second row alone",
)  # fmt: skip
def end_of_the_range() -> Evidence:
    at = {"w2": "3 2"}
    return judged(same(lambda w2: w2[1:2], lambda w2: w2[1:], at), same(lambda w2: w2[1:3], lambda w2: w2[1:], at))


@claim(
    141, HIDDEN.at(316), "code", "holds",
    says="The line of code gives ∂L/∂H, for several samples too.", printed="dh=np.matmul(Y_hat - Y, W_2[1:].T)",
)  # fmt: skip
def dh() -> Evidence:
    def gradient(dy, h, b2, w2, u):
        return dy * evaluated(DH, Y_hat=softmax(h @ w2 + b2), Y=softmax(u), W_2=rows(b2, w2))

    return judged(derivative(after_h, gradient, BY_H, by="h"))


# -- to the hidden sums -----------------------------------------------------------------------------


@cache
def _by_a(slope_of) -> Outcome:
    """Is (Ŷ - Y) W_2[1:]^T times slope_of(a, h), element by element, the derivative of the loss by a?"""

    def gradient(dy, a, b2, w2, u):
        h = sigmoid(a)
        return dy * (errors(h, b2, w2, u) @ w2.T) * slope_of(a, h)

    return derivative(after_a, gradient, BY_A, by="a")


def of_the_sum(a, h):
    """The slope of the sigmoid at a."""
    return slope(a)


def of_the_value(a, h):
    """h (1 - h)."""
    return h * (1 - h)


def twice(a, h):
    """σ(h)(1 - σ(h)), as line 322 defines σ'(h)."""
    return sigmoid(h) * (1 - sigmoid(h))


def _through_own_value() -> Evidence:
    return judged(_by_a(of_the_sum))


def _hidden_sums() -> None:
    for chain, printed_slope, line, node in ((142, 143, 322, 2), (144, 145, 325, 3)):
        a = node - 1
        claim(
            chain,
            SUMS.at(line),
            "derivation",
            "holds",
            says=f"∂L/∂a_{a} is ∂L/∂h_{node} times ∂h_{node}/∂a_{a}: no other h depends on a_{a}.",
            printed=rf"\frac{{\partial L}}{{\partial h_{node}}} \frac{{\partial h_{node}}}{{\partial a_{a}}}",
        )(_through_own_value)
        claim(
            printed_slope,
            SUMS.at(line),
            "derivation",
            "erratum",
            says=f"∂h_{node}/∂a_{a} is σ'(h_{node}), which is σ(h_{node})(1 - σ(h_{node})).",
            printed=rf"\frac{{\partial L}}{{\partial h_{node}}} \sigma'(h_{node})",
            corrected=f"σ'(a_{a}) = h_{node}(1 - h_{node}): h_{node} is the sigmoid of a_{a} already",
        )(lambda: judged(_by_a(twice).about("σ(h)(1 - σ(h))"), _by_a(of_the_value).about("h(1 - h)")))


_hidden_sums()


@claim(
    146, SUMS.at(322), "formula", "holds",
    says="The slope of the sigmoid at h is σ(h)(1 - σ(h)), here and on line 325; it is not the slope needed.",
    printed=r"\sigma'(h_2) = \sigma(h_2)(1 - \sigma(h_2))",
)  # fmt: skip
def slope_at_h() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, h: dy * twice(h, h), {"h": "n"}, by="h"))


@claim(
    147, SUMS.at(327), "formula", "convention",
    says="∂L/∂A is ∂L/∂H times [σ'(h_2) σ'(h_3)], element by element.",
    printed=r"* [\sigma'(h_2) \quad \sigma'(h_3)]",
    convention="σ'(h) means h(1 - h), the slope at a put in terms of the value, as line 358 computes it; not "
      "σ(h)(1 - σ(h)), as lines 322 and 325 define it",
)  # fmt: skip
def row_of_slopes() -> Evidence:
    return conventional(_by_a(of_the_value).about("h(1 - h)"), _by_a(twice).about("σ(h)(1 - σ(h))"))


@claim(
    148, SUMS.at(327), "derivation", "holds",
    says="The matrix product comes first, and the product by elements after it.",
    printed=r"(\hat{Y} - Y) W_2[1:]^T * [\sigma'(h_2) \quad \sigma'(h_3)]",
)  # fmt: skip
def product_first() -> Evidence:
    def left_to_right(e, w2, s):
        return e @ w2.T * s

    def entries(e, w2, s):
        return np.array(
            [[sum(p * q for p, q in zip(d, row, strict=True)) * v for row, v in zip(w2, t, strict=True)]
             for d, t in zip(e, s, strict=True)]
        )  # fmt: skip

    return judged(same(left_to_right, entries, {"e": "N C", "w2": "H C", "s": "N H"}))


@claim(
    149, SUMS.at(329), "statement", "holds",
    says="The star is a product by elements; a matrix product of the two rows does not exist.",
    printed="Point-wise multiplication",
)  # fmt: skip
def by_elements() -> Evidence:
    at = {"d": "1 2", "s": "1 2"}
    matrix = same(lambda d, s: d @ s, lambda d, s: d * s, at)
    fails = Outcome(matrix.holds is False, f"as a matrix product {matrix.text}")
    diagonal = same(lambda d, s: d * s, lambda d, s: d @ (s.T * np.eye(2)), at).about("columns scaled by the slopes")
    return judged(every(diagonal, fails))


@claim(
    150, SUMS.at(331), "formula", "convention",
    says="da is dh times σ'(H).", printed=r"da = dh * \sigma'(H)",
    convention="σ'(H) means H(1 - H), as line 365 computes it; H holds values of σ, not its arguments",
)  # fmt: skip
def da() -> Evidence:
    def with_dh(slope_of):
        def gradient(dy, a, b2, w2, u):
            h = sigmoid(a)
            found = evaluated(DH, Y_hat=softmax(h @ w2 + b2), Y=softmax(u), W_2=rows(b2, w2))
            return dy * found * slope_of(a, h)

        return derivative(after_a, gradient, BY_A, by="a")

    return conventional(
        with_dh(of_the_value).about("H(1 - H)"), with_dh(lambda a, h: slope(h)).about("the slope of σ at H")
    )
