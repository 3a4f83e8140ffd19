"""Slides 'Matrix Multiplication': the rule, and both worked examples."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import has_shape, same
from .._outcome import Outcome, conventional, every, judged, misread, observed

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

RULE = Slide("#### Matrix Multiplication", 187)
EXAMPLE = Slide("#### Matrix Multiplication Example", 201)

A = ((1, 2, 3), (4, 5, 6))
B = ((7, 8), (9, 10), (11, 12))
PRODUCT = ((58, 64), (139, 154))
LEFT = ((1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12))
RIGHT = ((13, 14), (15, 16), (17, 18), (19, 20))


@claim(
    61, RULE.at(189), "formula", "holds",
    says="An entry of the product is the dot product of a row and a column.",
    printed='is the "dot product" of rows and columns',
)  # fmt: skip
def rows_and_columns() -> Evidence:
    def entries(a, b):
        return np.array([[sum(p * q for p, q in zip(row, column, strict=True)) for column in b.T] for row in a])

    return judged(same(lambda a, b: a @ b, entries, {"a": "N D", "b": "D K"}))


@claim(
    62, RULE.at(189), "shape", "holds",
    says="A 2 x 3 times a 3 x 2 matrix is 2 x 2.", printed=r"P \rightarrow 2 \times 2",
)  # fmt: skip
def shape_of_the_product() -> Evidence:
    fixed = has_shape(lambda a, b: a @ b, "2 2", {"a": "2 3", "b": "3 2"})
    general = has_shape(lambda a, b: a @ b, "N K", {"a": "N D", "b": "D K"})
    return judged(every(fixed.about("these sizes"), general.about("any sizes")))


@claim(
    63, RULE.at(191), "number", "transcription",
    says="The second factor of the example is the column 7, 9, 11.",
    printed=r"\begin{bmatrix} 7 \\ 9 \\ 11 \end{bmatrix}",
    corrected="rows 7 8, 9 10 and 11 12: B is 3 x 2 (line 189), and line 195 prints the second column",
)  # fmt: skip
def lost_column() -> Evidence:
    column, whole = np.array(A) @ np.array([[7], [9], [11]]), np.array(A) @ np.array(B)
    return misread(
        observed(column.tolist() == list(map(list, PRODUCT)), f"the product with the column is {column.tolist()}"),
        observed(whole.tolist() == list(map(list, PRODUCT)), f"with both columns {whole.tolist()}"),
    )


@claim(
    64, RULE.at(191), "number", "holds",
    says="The product has the rows 58 64 and 139 154.",
    printed=r"\begin{bmatrix} 58 & 64 \\ 139 & 154 \end{bmatrix}",
)  # fmt: skip
def the_product() -> Evidence:
    whole = np.array(A) @ np.array(B)
    return judged(observed(whole.tolist() == list(map(list, PRODUCT)), f"{whole.tolist()}"))


@claim(
    65, RULE.at(191), "formula", "holds",
    says="p_ij stands in row i and column j: it is row i of A with column j of B.",
    printed=r"p_{11} & p_{12} \\ p_{21} & p_{22}",
)  # fmt: skip
def index_of_an_entry() -> Evidence:
    found = [[int(np.dot(A[i], np.array(B)[:, j])) for j in range(2)] for i in range(2)]
    return judged(observed(found == list(map(list, PRODUCT)), f"row i with column j: {found}"))


def _sum_of_products(text: str) -> int:
    """The value of a printed sum such as 1 \\times 7 + 2 \\times 9."""
    return sum(int(p) * int(q) for p, q in (term.split(r"\times") for term in text.split("+")))


def _expansion(text: str, value: int) -> Outcome:
    found = _sum_of_products(text)
    return observed(found == value, f"{text.replace(chr(92) + 'times', '×')} = {found}", printed=value, found=found)


@claim(
    66, RULE.at(193), "number", "transcription",
    says="p_11 is 1×7 + 2×9 + 3×1 = 58.", printed=r"1 \times 7 + 2 \times 9 + 3 \times 1 = 58",
    corrected="3×11: the column is 7, 9, 11, and one digit of the 11 is lost, in the column too",
)  # fmt: skip
def first_entry() -> Evidence:
    return misread(
        _expansion(r"1 \times 7 + 2 \times 9 + 3 \times 1", 58),
        _expansion(r"1 \times 7 + 2 \times 9 + 3 \times 11", 58),
    )


@claim(
    67, RULE.at(195), "number", "holds",
    says="p_12 is 1×8 + 2×10 + 3×12 = 64.", printed=r"1 \times 8 + 2 \times 10 + 3 \times 12 = 64",
)  # fmt: skip
def second_entry() -> Evidence:
    return judged(_expansion(r"1 \times 8 + 2 \times 10 + 3 \times 12", 64))


@claim(
    68, RULE.at(196), "number", "transcription",
    says="p_21 is 4×7 + 5×9 + 6×1 = 139.", printed=r"4 \times 7 + 5 \times 9 + 6 \times 1 = 139",
    corrected="6×11: the same lost digit as on line 193",
)  # fmt: skip
def third_entry() -> Evidence:
    return misread(
        _expansion(r"4 \times 7 + 5 \times 9 + 6 \times 1", 139),
        _expansion(r"4 \times 7 + 5 \times 9 + 6 \times 11", 139),
    )


@claim(
    69, RULE.at(197), "number", "erratum",
    says="p_22 is 5×8 + 5×10 + 6×12 = 154.", printed=r"5 \times 8 + 5 \times 10 + 6 \times 12 = 154",
    corrected="4×8 + 5×10 + 6×12: the row is 4, 5, 6, as printed before it; with the 5 the sum is 162",
)  # fmt: skip
def fourth_entry() -> Evidence:
    return judged(
        _expansion(r"5 \times 8 + 5 \times 10 + 6 \times 12", 154),
        _expansion(r"4 \times 8 + 5 \times 10 + 6 \times 12", 154),
    )


# -- the second example -----------------------------------------------------------------------------


@claim(
    70, EXAMPLE.at(204), "statement", "convention",
    says="The result is the dot product of two matrices.", printed="Determine the dot product of two matrices",
    convention="dot product as NumPy's np.dot, the matrix product; of two arrays of numbers it is otherwise one "
      "number, the sum of the products entry by entry",
)  # fmt: skip
def dot_product_of_matrices() -> Evidence:
    at = {"a": "N D", "b": "D K"}
    return conventional(
        same(lambda a, b: np.dot(a, b), lambda a, b: a @ b, at).about("np.dot"),
        same(lambda a, b: (a * b).sum(), lambda a, b: a @ b, at).about("the sum of the products of entries"),
    )


@claim(
    71, EXAMPLE.at(206), "shape", "convention",
    says="A (3 x 4) * B (4 x 2) can be multiplied.", printed=r"A(3 \times 4) * B(4 \times 2)",
    convention="* is the matrix product, also written × (line 189) and · (line 446); in Python code * is entry "
      "by entry",
)  # fmt: skip
def star_is_the_matrix_product() -> Evidence:
    at = {"a": "3 4", "b": "4 2"}
    return conventional(
        has_shape(lambda a, b: a @ b, "3 2", at).about("matrix product"),
        has_shape(lambda a, b: a * b, "3 2", at).about("* of Python"),
    )


def _record_row(number: int, row: int, printed: str) -> None:
    @claim(
        number, EXAMPLE.at(208), "number", "holds", says=f"Row {row + 1} of the product is {printed}.", printed=printed
    )
    def check() -> Evidence:
        found = [sum(LEFT[row][k] * RIGHT[k][j] for k in range(4)) for j in range(2)]
        return judged(observed(found == [int(v) for v in printed.split("&")], f"{found}"))


_record_row(72, 0, "170 & 180")
_record_row(73, 1, "426 & 452")
_record_row(74, 2, "682 & 724")
