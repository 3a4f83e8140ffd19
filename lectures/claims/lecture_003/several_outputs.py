"""Slides 'Linear Regression in Matrix', several outputs: the weight matrix, its indices and both products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import has_shape, same
from .._outcome import conventional, judged, observed
from ._pieces import sum_form
from .linear_regression import ROWS, by_rows

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

ONE_EXAMPLE = Slide("Linear Regression in Matrix", 195)
TABLE = Slide("Linear Regression in Matrix", 209)

SHAPES = {"x": "d", "W": "d c", "b": "c"}
MANY = {"X": "n d", "W": "d c", "b": "c"}


def sums(x, W, b):
    """Line 197: output k is w_1k x_1 + ... + w_dk x_d + b_k."""
    return np.array([sum_form(x, W[:, k], b[k]) for k in range(W.shape[1])])


@claim(
    42,
    ONE_EXAMPLE.at(205),
    "formula",
    "holds",
    says="The c sums of line 197 are together x W + b.",
    printed=r"\hat{\mathbf{y}} = \mathbf{x}\mathbf{W} + \mathbf{b}",
)
def row_times_matrix() -> Evidence:
    return judged(same(lambda x, W, b: x @ W + b, sums, SHAPES))


@claim(
    43,
    ONE_EXAMPLE.at(199),
    "shape",
    "holds",
    says="For x in R^d, W in R^(d x c) and b in R^c, the prediction is in R^c.",
    printed=r"\in \mathbb{R}^c",
)
def one_number_an_output() -> Evidence:
    return judged(has_shape(lambda x, W, b: x @ W + b, "c", SHAPES))


@claim(
    44,
    ONE_EXAMPLE.at(197),
    "formula",
    "holds",
    says="w_jk leads from attribute j to output k: W has a row an attribute.",
    printed=r"w_{11}x_1 + w_{21}x_2",
)
def index_order() -> Evidence:
    def first_index_is_the_attribute(x, W, b):
        return np.array([sum(W[j, k] * x[j] for j in range(len(x))) + b[k] for k in range(len(b))])

    return judged(same(first_index_is_the_attribute, lambda x, W, b: x @ W + b, SHAPES))


def matrix_with_last_row(second: Callable[[int], int]) -> Callable[..., Any]:
    """x W + b where the second place of W's last row holds the weight of the column that `second` gives."""

    def predicted(x, W, b):
        d, c = W.shape
        last = [W[d - 1, second(c) if k == 1 else k] for k in range(c)]
        return x @ np.array([*(list(row) for row in W[: d - 1]), last]) + b

    return predicted


def _last_row() -> Evidence:
    as_printed = same(matrix_with_last_row(lambda c: c - 1), sums, SHAPES)
    return judged(as_printed, same(matrix_with_last_row(lambda c: 1), sums, SHAPES))


@claim(
    45, ONE_EXAMPLE.at(203), "formula", "erratum",
    says="The last row of W is w_d1, w_dc, ..., w_dc.", printed=r"w_{d1} & w_{dc} & \dots & w_{dc}",
    corrected="w_d1, w_d2, ..., w_dc, as in the sums of line 197; the two are the same only up to two outputs",
)  # fmt: skip
def last_row_of_weights() -> Evidence:
    return _last_row()


@claim(
    46, ONE_EXAMPLE.at(207), "formula", "erratum",
    says="With the same W in R^(d x c), the prediction is also W x-transposed + b.",
    printed=r"\hat{\mathbf{y}} = \mathbf{W}\mathbf{x}^T + \mathbf{b}",
    corrected="ŷ = Wᵀ x + b, since W is declared d x c on this slide (or W x + b for a W that is c x d)",
)  # fmt: skip
def matrix_times_row() -> Evidence:
    as_printed = same(lambda x, W, b: W @ x.T + b, sums, SHAPES)
    square = [{"x": np.array([1, 0]), "W": np.array([[0, 1], [0, 0]]), "b": np.array([0, 0])}]
    wrong = same(lambda x, W, b: W @ x.T + b, sums, square).about("where d = c lets it be computed")
    right = same(lambda x, W, b: W.T @ x + b, sums, SHAPES)
    found = judged(as_printed, right)
    return (
        found
        if as_printed.holds
        else Evidence(found.verdict, f"{found.text}; {wrong.text}", found.numbers + wrong.numbers)
    )


@claim(
    47,
    TABLE.at(217),
    "shape",
    "holds",
    says="X holds the table's attributes, one example a row.",
    printed=r"0.5 & 0.2 & \cdots & 0.7",
)
def attributes() -> Evidence:
    printed = np.array([[0.5, 0.2, 0.7], [0.1, 0.3, 0.2], [0.2, 0.5, 0.2]])
    return judged(
        observed((printed == np.array(ROWS)).all(), "the printed entries are those of rows 1, 2 and n of the table")
    )


@claim(
    48,
    TABLE.at(221),
    "shape",
    "holds",
    says="y holds the three label columns of the table and is in Z^(n x c), c = 3.",
    printed=r"1 & 0 & 0 \\ 0 & 1 & 0",
)
def one_hot_labels() -> Evidence:
    y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    return judged(
        observed(y.shape == (len(ROWS), 3) and (y.sum(axis=1) == 1).all(), "the three printed rows each hold one 1")
    )


@claim(
    49, TABLE.at(225), "formula", "erratum",
    says="The last row of W is again w_d1, w_dc, ..., w_dc.", printed=r"w_{d1} & w_{dc} & \cdots & w_{dc}",
    corrected="w_d1, w_d2, ..., w_dc",
)  # fmt: skip
def last_row_again() -> Evidence:
    return _last_row()


@claim(
    50,
    TABLE.at(233),
    "shape",
    "holds",
    says="For X in R^(n x d) and W in R^(d x c), X W + b is in R^(n x c).",
    printed=r"\hat{y} = XW + b",
)
def all_predictions() -> Evidence:
    return judged(has_shape(lambda X, W, b: X @ W + b, "n c", MANY))


@claim(
    51,
    TABLE.at(233),
    "formula",
    "holds",
    says="Row i of X W + b is the prediction for example i.",
    printed=r"\hat{y} = XW + b",
)
def every_row() -> Evidence:
    return judged(same(lambda X, W, b: X @ W + b, by_rows, MANY))


@claim(
    52, TABLE.at(229), "shape", "convention",
    says="b in R^c is drawn as a column and added to X W.", printed=r"\begin{bmatrix} b_1 \\ b_2 \\ \vdots \\ "
      r"b_c \end{bmatrix}",
    convention="b has one axis and is added to every row (broadcasting); the column that is drawn does not fit",
)  # fmt: skip
def bias_as_drawn() -> Evidence:
    one_axis = same(lambda X, W, b: X @ W + b, by_rows, MANY).about("with one axis")
    column = same(lambda X, W, b: X @ W + b[:, None], by_rows, MANY).about("as the column that is drawn")
    return conventional(one_axis, column)
