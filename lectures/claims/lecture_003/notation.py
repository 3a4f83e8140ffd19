"""Slides 'Recall the Notation' and 'Implementation Note': vectors, matrices, transposes."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import has_shape, same
from .._outcome import conventional, every, judged, observed

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

OUTLINE = Slide("Outline", 11)
RECALL = Slide("Recall the Notation", 22)
NOTE = Slide("Implementation Note", 32)
NOTE_2 = Slide("Implementation Note", 45)
NOTE_3 = Slide("Implementation Note", 58)

CLAIMS += [
    uncheckable(
        "003-001", OUTLINE.at(16), "One of the lecture's four parts is about advanced techniques.",
        "no slide of such a part is in the text; whether it was shown cannot be told", "Advanced Techniques",
    ),
    uncheckable(
        "003-002", RECALL.at(29), "x in R^n is called a set of n-dimensional vector.",
        "loose wording: x is one vector of n real numbers, and R^n is the set; nothing is computed from it",
        "is a set of n -dimensional vector",
    ),
    uncheckable(
        "003-003", NOTE.at(34), "Most programming languages with matrix operations know only column and row vectors.",
        "a statement about most languages, without naming them", "a vector is as either **column-vector** or "
          "**row-vector**",
    ),
    uncheckable(
        "003-004", NOTE_3.at(65), "In mathematics a vector is a column unless said otherwise.",
        "a custom, not a fact; the same "
          "sentence stands again on line 136", "In math, default vector is a column-vector",
    ),
]  # fmt: skip


@claim(
    5,
    RECALL.at(30),
    "shape",
    "holds",
    says="A matrix in R^(a x b) has a rows and b columns.",
    printed="with a rows and b columns",
)
def rows_and_columns() -> Evidence:
    x = np.arange(6.0).reshape(2, 3)
    return judged(
        observed(len(x) == 2 and all(len(row) == 3 for row in x), "an array of shape (2, 3) has 2 rows of 3 entries")
    )


@claim(
    6, RECALL.at(25), "statement", "convention",
    says="Vectors are bold letters, matrices capital letters, plain italic letters are single "
      "values.", printed="Bold letters",
    convention="the table of notation, which later slides do not keep: a plain lower-case w and y are a vector "
      "and a matrix there",
)  # fmt: skip
def notation_is_kept() -> Evidence:
    # Symbol as printed, and the axes of the shape printed with it: lines 67, 71, 169, 165, 223.
    uses = (("\\mathbf{b}", 2), ("\\mathbf{E}", 2), ("w", 1), ("y", 1), ("y", 2))
    kept = [(s, axes) for s, axes in uses if ("\\mathbf" in s) == (axes > 0)]
    against = [(s, axes) for s, axes in uses if (s, axes) not in kept]
    return conventional(
        observed(bool(kept), f"{len(kept)} of {len(uses)} symbols with a printed shape are bold arrays"),
        observed(
            not against, f"plain lower-case letters are arrays: {', '.join(f'{s} with {n} axes' for s, n in against)}"
        ),
    )


@claim(
    7, NOTE.at(36), "shape", "holds",
    says="As a column, x is in R^(d x 1); as a row, in R^(1 x d).", printed=r"^{\mathbb{R}^{1 \times d}}",
)  # fmt: skip
def column_and_row() -> Evidence:
    a = {"a": "d"}
    return judged(every(has_shape(lambda a: a[:, None], "d 1", a), has_shape(lambda a: a[None, :], "1 d", a)))


@claim(
    8,
    NOTE.at(38),
    "statement",
    "holds",
    says="A row or column vector is a matrix: it has two axes.",
    printed="Which is technically a matrix",
)
def technically_a_matrix() -> Evidence:
    b, c = np.ones((4, 1)), np.ones((1, 4))
    return judged(observed(b.ndim == c.ndim == 2, "both have two axes", column=b.shape, row=c.shape))


@claim(
    9, NOTE.at(39), "shape", "holds",
    says="Transposing a row vector gives a column vector, and the other way "
      "round.", printed="transpose row-vector into column-vector",
)  # fmt: skip
def transposes() -> Evidence:
    return judged(every(has_shape(lambda c: c.T, "d 1", {"c": "1 d"}), has_shape(lambda b: b.T, "1 d", {"b": "d 1"})))


@claim(
    10,
    NOTE.at(41),
    "formula",
    "holds",
    says="The transposed column equals the row, entry by entry.",
    printed=r"\mathbf{b}^T = [x_1 \ x_2 \ \cdots x_d]",
)
def transposed_column_is_the_row() -> Evidence:
    return judged(same(lambda x: x[:, None].T, lambda x: x[None, :], {"x": "d"}))


@claim(
    11, NOTE_2.at(47), "statement", "holds",
    says="In Python's array library a vector is a one-dimensional "
      "array.", printed="a vector is defined as a 1-dimensional array",
)  # fmt: skip
def one_dimensional() -> Evidence:
    a = np.array([1.0, 2.0, 3.0])
    return judged(observed(a.ndim == 1, "NumPy's array of three numbers has one axis", shape=a.shape))


@claim(
    12, NOTE_2.at(47), "statement", "holds",
    says="A one-dimensional array is shown like a row.", printed="**It is visualized as row-vector**",
)  # fmt: skip
def shown_as_a_row() -> Evidence:
    text = str(np.array([1, 2, 3]))
    return judged(observed("\n" not in text, f"NumPy prints it on one line: {text}"))


@claim(
    13,
    NOTE_2.at(51),
    "shape",
    "holds",
    says="Transposing reverses the order of the axes.",
    printed="transpose is defined as flipping the dimension",
)
def transpose_flips_axes() -> Evidence:
    return judged(every(has_shape(np.transpose, "b a", {"a": "a b"}), has_shape(np.transpose, "c b a", {"a": "a b c"})))


@claim(
    14, NOTE_2.at(52), "shape", "holds",
    says="The transpose of a one-dimensional array is one-dimensional "
      "still.", printed="is still a vector (1D/row-vector)",
)  # fmt: skip
def transpose_of_a_vector() -> Evidence:
    return judged(has_shape(lambda a: a.T, "d", {"a": "d"}))


@claim(
    15,
    NOTE_2.at(54),
    "formula",
    "holds",
    says="A vector's transpose has the same entries in the same order.",
    printed=r"\mathbf{a}^T = [x_1 \ x_2 \ \cdots x_d]",
)
def transpose_keeps_entries() -> Evidence:
    return judged(same(lambda a: a.T, lambda a: a, {"a": "d"}))


@claim(
    16, NOTE_2.at(56), "statement", "holds",
    says="Whether a vector has one axis or two changes what products and sums of it "
      "are.", printed="This also affects several other matrix/vector operations",
)  # fmt: skip
def affects_other_operations() -> Evidence:
    a, m = np.ones(3), np.ones((2, 3))
    column = a[:, None]
    shapes = {"a aᵀ": ((a * a.T).shape, (column * column.T).shape), "M a": ((m @ a).shape, (m @ column).shape)}
    said = "; ".join(f"{what}: {one} with one axis, {two} as a column" for what, (one, two) in shapes.items())
    return judged(observed(all(one != two for one, two in shapes.values()), said))


@claim(
    17, NOTE_3.at(60), "statement", "convention",
    says="From here on, row and column vectors are two-dimensional.", printed="we will refer row-vectors and "
      "column-vectors as 2D matrices",
    convention="only where R^(d x 1) or R^(1 x d) is printed: vectors in R^d on the later slides have one axis",
)  # fmt: skip
def vectors_as_matrices() -> Evidence:
    # Line 113: w and x in R^d are multiplied as w x, which columns do not allow.
    one_axis = has_shape(lambda w, x: w @ x, "", {"w": "d", "x": "d"}).about("w x (line 113) with one axis")
    columns = has_shape(lambda w, x: w @ x, "1 1", {"w": "d 1", "x": "d 1"}).about("w x with columns")
    return conventional(one_axis, columns)


@claim(18, NOTE_3.at(67), "shape", "holds", says="A row vector is in R^(1 x d).", printed=r"\mathbb{R}^{1 \times d}")
def row_shape() -> Evidence:
    return judged(has_shape(lambda x: np.stack([x]), "1 d", {"x": "d"}))


@claim(19, NOTE_3.at(69), "shape", "holds", says="A column vector is in R^(d x 1).", printed=r"\mathbb{R}^{d \times 1}")
def column_shape() -> Evidence:
    return judged(has_shape(lambda x: np.stack([x], axis=1), "d 1", {"x": "d"}))


@claim(
    20, NOTE_3.at(71), "shape", "holds",
    says="A matrix whose entry x_ij stands in row i and column j, i "
      "to n and j to d, is in R^(n x d).", printed=r"\mathbb{R}^{n \times d}",
)  # fmt: skip
def matrix_of_rows() -> Evidence:
    n, d = 2, 3
    e = np.array([[10 * i + j for j in range(1, d + 1)] for i in range(1, n + 1)])
    return judged(observed(e.shape == (n, d) and e[0, 2] == 13 and e[1, 0] == 21, f"for n = 2, d = 3: {e.tolist()}"))
