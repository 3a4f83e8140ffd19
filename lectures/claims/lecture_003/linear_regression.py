"""Slides 'Linear Regression in Matrix', one output: every form of w x + b with the shapes printed beside it."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import has_shape, same
from .._outcome import conventional, every, judged, misread, observed
from ._pieces import sum_form

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

FORMS = Slide("Linear Regression in Matrix", 77)
VECTOR = Slide("Linear Regression in Matrix", 100)
AUGMENTED = Slide("Linear Regression in Matrix", 119)
COLUMN = Slide("Linear Regression in Matrix", 132)
TABLE = Slide("Linear Regression in Matrix", 148)
DEFAULT = Slide("Default Formula", 182)

ONE = {"x": "d", "w": "d", "b": ""}
COLUMNS = {"x": "d 1", "w": "d 1", "b": ""}
MANY = {"X": "n d", "W": "d c", "b": "c"}
ROWS = ((0.5, 0.2, 0.7), (0.1, 0.3, 0.2), (0.2, 0.5, 0.2))
LABELS = (1, 0, 0)

CLAIMS.append(
    uncheckable(
        "003-021", COLUMN.at(136), "In mathematics a vector is a column unless said otherwise.",
        "a custom, not a fact; said before on line 65", "In math, default vector is a column-vector",
    )
)  # fmt: skip


def by_rows(X, W, b):
    """Line 197 for every example: entry (i, k) is the sum over j of W[j, k] X[i, j], plus b[k]."""
    return np.array([[sum_form(x, W[:, k], b[k]) for k in range(W.shape[1])] for x in X])


@claim(
    22, FORMS.at(83), "formula", "holds",
    says="beta_0 + beta_1 x_1 + ... is the same as w_1 x_1 + ... + b, with b for "
      "beta_0.", printed=r"w_1 x_1 + w_2 x_2 + \cdots + w_d x_d + b",
)  # fmt: skip
def betas_and_weights() -> Evidence:
    def betas(x, w, b):
        beta = [b, *w]
        return sum((beta[j + 1] * x[j] for j in range(len(x))), beta[0])

    return judged(same(betas, sum_form, ONE))


@claim(
    23,
    FORMS.at(87),
    "formula",
    "holds",
    says="The sum is the dot product of w and x, plus b.",
    printed=r"\hat{y} = \mathbf{w} \cdot \mathbf{x} + b",
)
def dot_product() -> Evidence:
    return judged(same(lambda x, w, b: np.dot(w, x) + b, sum_form, ONE))


@claim(
    24, FORMS.at(89), "formula", "convention",
    says="The prediction is the dot product of w and x alone.", printed=r"\hat{y} = \mathbf{w} \cdot \mathbf{x}",
    convention="w carries b as its last entry and x a 1 (said two slides later, line 128)",
)  # fmt: skip
def dot_product_alone() -> Evidence:
    augmented = same(lambda x, w, b: np.append(w, b) @ np.append(x, 1), sum_form, ONE).about("with the bias in w")
    return conventional(augmented, same(lambda x, w, b: w @ x, sum_form, ONE).about("with w and x of the line above"))


@claim(
    25,
    FORMS.at(91),
    "formula",
    "holds",
    says="With columns, the prediction is w-transposed times x, plus b.",
    printed=r"\hat{y} = \mathbf{w}^T \mathbf{x} + b",
)
def transposed_column() -> Evidence:
    return judged(same(lambda x, w, b: (w.T @ x + b)[0, 0], sum_form, COLUMNS))


@claim(
    26,
    FORMS.at(94),
    "formula",
    "holds",
    says="With examples in rows and outputs in columns, the predictions are X W + b.",
    printed=r"\hat{y} = XW + b",
)
def rows_times_weights() -> Evidence:
    return judged(same(lambda X, W, b: X @ W + b, by_rows, MANY))


@claim(
    27, FORMS.at(96), "formula", "convention",
    says="The prediction is W times the transposed row x, plus b.", printed=r"\hat{y} = W\mathbf{x}^T + b",
    convention="here W has one row an output (c x d); in XW + b, two lines above, one column an output (d x c)",
)  # fmt: skip
def weights_times_transposed_row() -> Evidence:
    at = {"x": "1 d", "W": "d c", "b": "c 1"}

    def true(x, W, b):
        return (x @ W + b.T).T

    turned = same(lambda x, W, b: W.T @ x.T + b, true, at).about("with W of c rows")
    return conventional(turned, same(lambda x, W, b: W @ x.T + b, true, at).about("with the W of XW + b"))


@claim(
    28, FORMS.at(98), "formula", "convention",
    says="The predictions are W times X-transposed, plus b.", printed=r"\hat{y} = WX^T + b",
    convention="W is c x d, b a column, and the result has one column an example: the transpose of XW + b",
)  # fmt: skip
def weights_times_transposed_matrix() -> Evidence:
    def true(X, W, b):
        return by_rows(X, W, b)

    turned = same(lambda X, W, b: (W.T @ X.T + b[:, None]).T, true, MANY).about("transposed, with W of c rows")
    return conventional(turned, same(lambda X, W, b: W @ X.T + b, true, MANY).about("with W and b of XW + b"))


@claim(
    29,
    VECTOR.at(113),
    "shape",
    "holds",
    says="For w, x in R^d the prediction is one real number.",
    printed=r"\hat{y} = \mathbf{w} \cdot \mathbf{x} + b",
)
def one_number() -> Evidence:
    return judged(every(has_shape(lambda x, w, b: w @ x + b, "", ONE), same(lambda x, w, b: w @ x + b, sum_form, ONE)))


@claim(
    30,
    VECTOR.at(117),
    "formula",
    "holds",
    says="The dot product may be written either way round.",
    printed=r"\hat{y} = \mathbf{x} \cdot \mathbf{w} + b",
)
def either_way_round() -> Evidence:
    return judged(same(lambda x, w, b: x @ w + b, lambda x, w, b: w @ x + b, ONE))


@claim(
    31, AUGMENTED.at(128), "formula", "holds",
    says="With b as the last entry of w and 1 as the last entry of x, w x is the whole "
      "prediction.", printed=r"\hat{y} = \mathbf{w} \cdot \mathbf{x}",
)  # fmt: skip
def augmented() -> Evidence:
    return judged(same(lambda x, w, b: np.append(w, b) @ np.append(x, 1), sum_form, ONE))


@claim(
    32,
    AUGMENTED.at(127),
    "shape",
    "holds",
    says="The vectors with the bias are in R^(d+1).",
    printed=r"\mathbb{R}^{d+1} & \mathbb{R}^{d+1}",
)
def augmented_length() -> Evidence:
    x = np.ones(4)
    return judged(observed(np.append(x, 1).shape == (5,), "for d = 4 the augmented vector has 5 entries"))


@claim(
    33,
    AUGMENTED.at(129),
    "formula",
    "holds",
    says="The augmented product may be written x w as well.",
    printed=r"\hat{y} = \mathbf{x} \cdot \mathbf{w}",
)
def augmented_either_way_round() -> Evidence:
    return judged(same(lambda x, w, b: np.append(x, 1) @ np.append(w, b), sum_form, ONE))


@claim(
    34,
    COLUMN.at(146),
    "shape",
    "holds",
    says="For columns in R^(d x 1), w-transposed x + b is in R^(1 x 1).",
    printed=r"\mathbb{R}^{1 \times 1}",
)
def one_by_one() -> Evidence:
    return judged(has_shape(lambda x, w, b: w.T @ x + b, "1 1", COLUMNS))


@claim(
    35,
    COLUMN.at(146),
    "formula",
    "holds",
    says="Its one entry is the sum w_1 x_1 + ... + b.",
    printed=r"\hat{y} = \mathbf{w}^T \mathbf{x} + b",
)
def one_by_one_value() -> Evidence:
    return judged(same(lambda x, w, b: (w.T @ x + b)[0, 0], sum_form, COLUMNS))


@claim(
    36, TABLE.at(159), "shape", "holds",
    says="X holds the table's attributes, one example a row, and is in R^(n x d).", printed=r"0.5 & 0.2 & \dots & 0.7",
)  # fmt: skip
def table_as_matrix() -> Evidence:
    printed = np.array([[0.5, 0.2, 0.7], [0.1, 0.3, 0.2], [0.2, 0.5, 0.2]])
    return judged(
        observed(
            (printed == np.array(ROWS)).all(),
            "the printed entries are those of rows 1, 2 and n of the table",
            shape=printed.shape,
        )
    )


@claim(
    37,
    TABLE.at(163),
    "shape",
    "holds",
    says="y holds the table's labels 1, 0, ..., 0, one an example.",
    printed=r"\begin{bmatrix} 1 \\ 0 \\ \vdots \\ 0 \end{bmatrix}",
)
def labels_as_vector() -> Evidence:
    y = np.array([1, 0, 0])
    return judged(
        observed(
            tuple(y) == LABELS and y.shape == (len(ROWS),),
            "the printed labels are those of rows 1, 2 and n",
            shape=y.shape,
        )
    )


@claim(
    38,
    TABLE.at(178),
    "shape",
    "holds",
    says="For X in R^(n x d) and w in R^d, X w + b is in R^n.",
    printed=r"\hat{y} = Xw + b \quad \mathbb{R}^n",
)
def many_predictions() -> Evidence:
    return judged(has_shape(lambda X, w, b: X @ w + b, "n", {"X": "n d", "w": "d", "b": ""}))


@claim(
    39,
    TABLE.at(178),
    "formula",
    "holds",
    says="Entry i of X w + b is the prediction for example i.",
    printed=r"\hat{y} = Xw + b",
)
def each_prediction() -> Evidence:
    def one_by_one(X, w, b):
        return np.array([sum_form(x, w, b) for x in X])

    return judged(same(lambda X, w, b: X @ w + b, one_by_one, {"X": "n d", "w": "d", "b": ""}))


@claim(
    40,
    TABLE.at(180),
    "formula",
    "holds",
    says="For w in R^d, w times X-transposed + b gives the same predictions.",
    printed=r"\hat{y} = wX^T + b",
)
def vector_times_transpose() -> Evidence:
    at = {"X": "n d", "w": "d", "b": ""}
    return judged(same(lambda X, w, b: w @ X.T + b, lambda X, w, b: X @ w + b, at))


@claim(
    41, DEFAULT.at(192), "formula", "transcription",
    says="For one example x in R^d the prediction, a real "
      "number, is printed with a capital X.", printed=r"\hat{y} = X\mathbf{w} + b",
    corrected="ŷ = x w + b: the slide shows the vector x and no matrix X",
)  # fmt: skip
def default_formula() -> Evidence:
    as_printed = has_shape(lambda X, w, b: X @ w + b, "", {"X": "n d", "w": "d", "b": ""})
    meant = every(has_shape(lambda x, w, b: x @ w + b, "", ONE), same(lambda x, w, b: x @ w + b, sum_form, ONE))
    return misread(as_printed, meant)
