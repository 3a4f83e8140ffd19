"""Slides 'Feed-forward Networks' to 'Batch Gradient Descent': the gradient, the losses, single pairs and batches."""

from __future__ import annotations

import re

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import conventional, every, judged, misread, observed
from ._pieces import cross_entropy_terms, half_square, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

TRAINING = Slide("#### Feed-forward Networks", 307)
GRADIENT = Slide("#### Gradient", 316)
SINGLE = Slide("#### Stochastic Gradient Descent (SGD) (1)", 328)
SINGLE_STEP = Slide("## Stochastic Gradient Descent (SGD) (2)", 342)
BATCH = Slide("#### Batch Gradient Descent (1)", 352)
BATCH_STEP = Slide("#### Batch Gradient Descent (2)", 362)

OUTPUTS = {"z": "K", "y": "K"}
"""Outputs are sigmoid(z), so that they are between 0 and 1 at every point; y are the targets."""

FIT = {"w": "D K", "x": "M D", "y": "M K"}

CLAIMS.append(
    uncheckable(
        "002-104", TRAINING.at(312), "Backpropagation with gradient descent is the most common training method.",
        "a statement about common practice", "The most common training method",
    )
)  # fmt: skip


# -- the gradient -----------------------------------------------------------------------------------


def _example(t):
    """A differentiable function of a column: log of one plus the sum of squares, and a product of neighbours."""
    v = t[:, 0]
    return np.log(1 + (v**2).sum()) + (v[1:] * v[:-1]).sum()


def _partials(t):
    """Its partial derivatives, a row: what ∂L/∂θ is as a Jacobian of a scalar function."""
    v, ends = t[:, 0], 0 * t[:1, 0]
    return (2 * v / (1 + (v**2).sum()) + np.concatenate([v[1:], ends]) + np.concatenate([ends, v[:-1]]))[None, :]


@claim(
    105, GRADIENT.at(320), "formula", "transcription",
    says="Θ is the column of its components.", printed=r"\Theta = egin{bmatrix} heta_1 \ dots \ heta_N \end{bmatrix}",
    corrected=r"\begin{bmatrix} \theta_1 \\ \vdots \\ \theta_N \end{bmatrix}: \b, \t and \v were taken for control "
      "characters",
)  # fmt: skip
def lost_backslashes() -> Evidence:
    printed = r"egin{bmatrix} heta_1 \ dots \ heta_N \end{bmatrix}"
    meant = r"\begin{bmatrix} \theta_1 \\ \vdots \\ \theta_N \end{bmatrix}"
    # A backslash with b, t or v is a backspace, a tab, a vertical tab in a string that reads escapes.
    shown = re.sub(r"\\[btv](?=[a-z])", "", meant).replace(r"\\", "\\")
    return misread(
        observed(printed.count(r"\begin") == printed.count(r"\end"), r"an \end without a \begin"),
        observed(shown == printed, "the meant formula, read with escapes and without the control characters, is it"),
    )


@claim(
    106, GRADIENT.at(322), "formula", "holds",
    says="The gradient is the vector of the partial derivatives by each component.",
    printed="is a vector contains the partial derivatives",
)  # fmt: skip
def vector_of_partials() -> Evidence:
    found = derivative(_example, lambda dy, t: dy * _partials(t).T, {"t": "N 1"}, by="t")
    return judged(found.about("log(1 + |θ|²) + θ_1 θ_2 + θ_2 θ_3 + ..."))


@claim(
    107, GRADIENT.at(324), "formula", "transcription",
    says="The last entry of the gradient is ∂L/∂θ, between bars.",
    printed=r"\vdots \\ \frac{\partial \mathcal{L}}{\partial \theta} \end{vmatrix}",
    corrected="∂L/∂θ_N, in brackets: ∂L/∂θ is the whole vector, and bars would be a determinant",
)  # fmt: skip
def last_entry() -> Evidence:
    def column(last):
        return lambda t: np.array([*_partials(t)[0, :-1], last(t)], dtype=object)[:, None]

    at = [{"t": np.array([[1.0], [2.0]])}, {"t": np.array([[1.0], [-2.0], [3.0]])}]
    right = same(column(lambda t: _partials(t)[0, -1]), lambda t: _partials(t).T, at).about("with ∂L/∂θ_N")
    whole = all(np.size(_partials(p["t"])) == 1 for p in at)
    return misread(observed(whole, "∂L/∂θ has 2 and 3 entries for N = 2 and 3, and is no entry"), right)


@claim(
    108, GRADIENT.at(324), "shape", "convention",
    says="The gradient is the transpose of ∂L/∂θ.",
    printed=r"\left( \frac{\partial \mathcal{L}}{\partial \theta} \right)^T",
    convention="∂L/∂θ is the row of a Jacobian (numerator layout); on lines 397 and 521 the derivatives by a "
      "vector are a column already",
)  # fmt: skip
def row_transposed() -> Evidence:
    at = {"t": "N 1"}
    return conventional(
        has_shape(lambda t: _partials(t).T, "N 1", at).about("a row, transposed"),
        has_shape(lambda t: _partials(t).T.T, "N 1", at).about("a column, transposed"),
    )


# -- one pair ---------------------------------------------------------------------------------------


@claim(
    109, SINGLE.at(330), "shape", "transcription",
    says="The K outputs are O_Θ1, O_Θ2, ..., O_Θk.", printed=r"$O_{\Theta k}(X_i)$",
    corrected="O_ΘK: the targets beside them end with y_iK; k is the index of the sums",
)  # fmt: skip
def last_output() -> Evidence:
    many, k = 3, 2
    outputs = sigmoid(np.arange(1.0, 1 + many))
    return misread(
        observed(len(outputs[:k]) == many, f"up to k = {k} there are {len(outputs[:k])} of K = {many} outputs"),
        observed(len(outputs[:many]) == many, "up to K all"),
    )


@claim(
    110, SINGLE.at(334), "formula", "convention",
    says="The squared error is 1/K times the sum of squares.",
    printed=r"\frac{1}{K} \sum_{k=1}^{K} [y_{ik} - o_{\Theta k}(X_{i})]^{2}",
    convention="the mean over the outputs; line 514 has half the sum instead, with the gradient o - y instead of "
      "2/K (o - y)",
)  # fmt: skip
def scale_of_the_squared_error() -> Evidence:
    def mean(z, y):
        return ((y - sigmoid(z)) ** 2).sum() / len(y)

    def gradient(scaled):
        def by_z(dy, z, y):
            o = sigmoid(z)
            return dy * scaled(o - y) * o * (1 - o)

        return by_z

    return conventional(
        derivative(mean, gradient(lambda e: 2 * e / len(e)), OUTPUTS, by="z").about(
            "gradient 2/K (o - y) by the outputs"
        ),
        derivative(mean, gradient(lambda e: e), OUTPUTS, by="z").about("gradient o - y"),
    )


def _by_logits(z, y):
    """The mean binary cross-entropy of sigmoid(z), as log(1 + e^z) - y z."""
    return (np.log(1 + np.exp(z)) - y * z).sum() / len(y)


def _printed_loss(z, y):
    o = sigmoid(z)
    return -(y * np.log(o) + (1 - y) * (1 - np.log(o))).sum() / len(y)


@claim(
    111, SINGLE.at(338), "formula", "erratum",
    says="Cross-entropy has the factor 1 - log(o) for the part that is not y.",
    printed=r"\left( 1 - log(o_{\Theta k}(X_{i})) \right)",
    corrected="log(1 - o), as line 502 prints it",
)  # fmt: skip
def one_minus_log() -> Evidence:
    def right_form(z, y):
        return cross_entropy_terms(sigmoid(z), y).sum() / len(y)

    at = [{"z": np.array([0.0]), "y": np.array([0.0])}, {"z": np.array([0.0, 1.0]), "y": np.array([1.0, 0.0])}]
    printed = same(_printed_loss, _by_logits, at).about("one output 1/2 with target 0")
    return judged(printed, same(right_form, _by_logits, OUTPUTS))


@claim(
    112, SINGLE.at(338), "statement", "erratum",
    says="It is a loss: smallest where every output is its target.",
    printed="-\\frac{1}{K} \\sum_{k=1}^{K} \\left[ y_{ik} log(",
    corrected="only with log(1 - o): as printed an output for the target 0 gains without bound",
)  # fmt: skip
def no_loss_as_printed() -> Evidence:
    near, half = np.array([-20.0]), np.array([0.0])  # outputs near 0 and at 1/2, for the target 0
    zero = np.zeros(1)
    printed, right = ([f(z, zero) for z in (near, half)] for f in (_printed_loss, _by_logits))
    said = "outputs 2e-9 and 0.5 for the target 0 cost"
    return judged(
        observed(printed[0] >= 0, f"{said} {printed[0]:.3g} and {printed[1]:.3g}: less than nothing"),
        observed(0 <= right[0] < right[1], f"{said} {right[0]:.3g} and {right[1]:.3g}"),
    )


@claim(
    113, SINGLE.at(336), "formula", "convention",
    says="This is the cross-entropy for classification.",
    printed="cross-entropy (or log) loss function for classification",
    convention="K sigmoid outputs, each a question of its own; the softmax outputs of lines 412 and 667 go with "
      "-Σ y log(o), one sum over the classes",
)  # fmt: skip
def separate_questions() -> Evidence:
    def mean_terms(o, y):
        return cross_entropy_terms(o, y).sum() / len(y)

    def categorical(z, u):
        return -(softmax(u) * np.log(softmax(z))).sum()

    at = {"z": "K", "u": "K"}
    return conventional(
        same(lambda z, u: mean_terms(sigmoid(z), softmax(u)), lambda z, u: _by_logits(z, softmax(u)), at),
        same(lambda z, u: mean_terms(softmax(z), softmax(u)), categorical, at, least=2).about("of softmax outputs"),
    )


@claim(
    114, SINGLE_STEP.at(346), "formula", "holds",
    says="The step is minus η times the gradient: along it the loss begins to fall by the gradient's squared length.",
    printed=r"\Delta\Theta = -\eta \nabla \mathcal{L}_i",
)  # fmt: skip
def downhill() -> Evidence:
    def along(eta, t):
        return _example(t - eta * _partials(t).T)

    def slope(dy, eta, t):
        return -dy * (_partials(t - eta * _partials(t).T) * _partials(t)).sum()

    found = derivative(along, slope, {"eta": "", "t": "N 1"}, by="eta")
    return judged(found.about("by η: -∇L(θ - η ∇L(θ)) · ∇L(θ), so -|∇L|² at η = 0"))


@claim(
    115, SINGLE_STEP.at(344), "statement", "convention",
    says="Gradient descent with single pairs is stochastic gradient descent.",
    printed="the gradient descent (stochastic gradient descent) is",
    convention="stochastic because the pairs are drawn: one pair's step differs from the mean step, and is it "
      "on average",
)  # fmt: skip
def right_on_average() -> Evidence:
    def of_pair(w, x, y, i):
        return x[i : i + 1].T @ (x[i : i + 1] @ w - y[i : i + 1])

    def of_all(w, x, y):
        return x.T @ (x @ w - y) / len(x)

    def average(w, x, y):
        return sum(of_pair(w, x, y, i) for i in range(len(x))) / len(x)

    fit = {"x": "M D", "w": "D K", "y": "M K"}
    return conventional(
        same(lambda x, w, y: average(w, x, y), lambda x, w, y: of_all(w, x, y), fit).about("averaged over the pairs"),
        same(lambda x, w, y: of_pair(w, x, y, 0), lambda x, w, y: of_all(w, x, y), fit).about("the first pair alone"),
    )


@claim(
    116, SINGLE_STEP.at(348), "number", "convention",
    says="The learning rate is 0.01.", printed=r"$\eta = 0.01$",
    convention="a choice for one problem: the step size that goes downhill depends on the loss",
)  # fmt: skip
def learning_rate() -> Evidence:
    def after(curvature, steps=100, rate=0.01):
        theta = 1.0
        for _ in range(steps):
            theta -= rate * curvature * theta
        return abs(theta)

    return conventional(
        observed(after(10) < 1, f"L = 5 θ²: θ goes from 1 to {after(10):.2g} in 100 steps"),
        observed(after(300) < 1, f"L = 150 θ²: to {after(300):.2g}"),
    )


@claim(
    117, SINGLE_STEP.at(348), "shape", "holds",
    says="Θ and the gradient have the same dimension, also where Θ is a matrix.", printed="have the same dimension",
)  # fmt: skip
def same_dimension() -> Evidence:
    column = has_shape(lambda t: _partials(t).T, "N 1", {"t": "N 1"}).about("a column")
    matrix = has_shape(lambda w, x, y: x.T @ (x @ w - y), "D K", FIT).about("a matrix of weights")
    return judged(every(column, matrix))


# -- batches ----------------------------------------------------------------------------------------

CLAIMS += [
    uncheckable(
        "002-118", BATCH.at(354), "It is inefficient to update the weights with each pair.",
        "it depends on the machine, and on how many updates the training needs either way",
        "It is inefficient to update",
    ),
]  # fmt: skip


@claim(
    119, BATCH.at(354), "statement", "holds",
    says="The weights are updated once for each batch.", printed="network weights are updated after each batch",
)  # fmt: skip
def one_update() -> Evidence:
    x, y, w, updates = np.arange(12.0).reshape(6, 2), np.ones((6, 1)), np.zeros((2, 1)), 0
    for start in range(0, 6, 3):
        part = slice(start, start + 3)
        gradient = x[part].T @ (x[part] @ w - y[part]) / 3
        w, updates = w - 0.001 * gradient, updates + 1
    return judged(observed(updates == 2, f"six pairs in batches of three: {updates} updates"))


@claim(
    120, BATCH.at(358), "statement", "convention",
    says="Every batch has M pairs.", printed="where M is the size of batch B",
    convention="M divides the number of pairs; otherwise the last batch is smaller, and its mean has its own size",
)  # fmt: skip
def size_of_the_batches() -> Evidence:
    def sizes(pairs, m):
        return [len(range(start, min(start + m, pairs))) for start in range(0, pairs, m)]

    return conventional(
        observed(set(sizes(12, 4)) == {4}, f"12 pairs in fours: {sizes(12, 4)}"),
        observed(set(sizes(10, 4)) == {4}, f"10 pairs: {sizes(10, 4)}"),
    )


@claim(
    121, BATCH.at(360), "number", "holds",
    says="32, 64, 128 and 256 are powers of 2.", printed="32, 64, 128, or 256",
)  # fmt: skip
def powers_of_two() -> Evidence:
    exponents = {size: size.bit_length() - 1 for size in (32, 64, 128, 256)}
    return judged(observed(all(2**e == size for size, e in exponents.items()), f"exponents {exponents}"))


CLAIMS += [
    uncheckable(
        "002-122", BATCH.at(360), "With such sizes processors are used to their full capacity.",
        "the experiments are not named, and it depends on machine, library and layer sizes (HPC, by the way, is "
          "high-performance computing, not high process computing)",
        "utilizes fully the capacity of CPU cores or GPU cards",
    ),
]  # fmt: skip


@claim(
    123, BATCH_STEP.at(366), "formula", "erratum",
    says="The loss of the batch sums L_i over k.", printed=r"\frac{1}{M} \sum_{k=1}^{M} \mathcal{L}_{i}[\Theta]",
    corrected="over i: a sum over k of M equal terms is M L_i, the loss of one pair",
)  # fmt: skip
def index_of_the_sum() -> Evidence:
    def loss(index):
        return lambda z, y: sum(half_square(sigmoid(z[index(k)]), y[index(k)]) for k in range(len(z))) / len(z)

    at = {"z": "M K", "y": "M K"}

    def mean(z, y):
        return half_square(sigmoid(z), y) / len(z)

    return judged(same(loss(lambda k: 0), mean, at).about("with i = 1"), same(loss(lambda k: k), mean, at))


@claim(
    124, BATCH_STEP.at(370), "formula", "holds",
    says="The batch's gradient, by which the weights move, is the mean of the pairs' gradients.",
    printed=r"\Delta\Theta = -\eta \nabla \mathcal{L}_M",
)  # fmt: skip
def mean_of_gradients() -> Evidence:
    def loss(w, x, y):
        return half_square(sigmoid(x @ w), y) / len(x)

    def mean(dy, w, x, y):
        def of_pair(i):
            o = sigmoid(x[i] @ w)
            return np.outer(x[i], (o - y[i]) * o * (1 - o))

        return dy * sum(of_pair(i) for i in range(len(x))) / len(x)

    return judged(derivative(loss, mean, FIT, by="w"))


@claim(
    125, BATCH_STEP.at(372), "shape", "holds",
    says="Θ and the batch's gradient have the same dimension, however large the batch is.",
    printed="have the same dimension",
)  # fmt: skip
def dimension_of_the_batch() -> Evidence:
    return judged(has_shape(lambda w, x, y: x.T @ (x @ w - y) / len(x), "D K", FIT))
