"""Slides 'So Far...' to 'Gradient Descent': logistic regression, losses, the normal equations, what a gradient is."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from flint import arb, fmpq, fmpq_mat

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, digits, same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import sigmoid, squared_errors, sum_form

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

SO_FAR = Slide("So Far...", 243)
LOGISTIC = Slide("Logistic Regression", 258)
LOSS = Slide("Loss Score", 277)
LOSS_2 = Slide("Loss Score", 293)
PROBLEM = Slide("Optimization Problem", 308)
DESCENT = Slide("Gradient Descent", 322)

VECTORS = {"y_hat": "N", "y": "N"}
NEURON = {"x": "N d", "w": "d", "b": "", "y": "N"}

CLAIMS.append(
    uncheckable(
        "003-053", DESCENT.at(325), "The problem is a generalization problem: minimise the error for all data.",
        "a choice of words; minimising the error on the "
          "given data is what the formulas do", "generalization problem to minimize error for all data",
    )
)  # fmt: skip


def loss(x, w, b, y):
    """The sum of squared errors of the sigmoid neuron, without a factor."""
    return squared_errors(sigmoid(x @ w + b), y)


# -- the neuron -------------------------------------------------------------------------------------


@claim(
    54, SO_FAR.at(248), "formula", "convention",
    says="The neuron's output is sigma of W x + b.", printed=r"f(\mathbf{x}, W) = \sigma(W\mathbf{x} + b)",
    convention="W is a row (1 x d) here; everywhere else the weights stand to the right of x (x w + b, line 339)",
)  # fmt: skip
def weights_on_the_left() -> Evidence:
    at = {"x": "d 1", "W": "d 1", "b": ""}

    def true(x, W, b):
        return sigmoid(sum_form(x, W, b))

    row = same(lambda x, W, b: sigmoid(W.T @ x + b)[0, 0], true, at).about("with W as a row")
    return conventional(
        row, same(lambda x, W, b: sigmoid(W @ x + b)[0, 0], true, at).about("with the column w of the other slides")
    )


@claim(
    55,
    SO_FAR.at(250),
    "formula",
    "holds",
    says="The sigmoid is 1 / (1 + exp(-v)).",
    printed=r"\sigma(v) = \frac{1}{1 + \exp(-v)}",
)
def sigmoid_formula() -> Evidence:
    symmetric = same(lambda v: 1 - sigmoid(v), lambda v: sigmoid(-v), {"v": "n"}).about(
        "1 - sigma(v) against sigma(-v)"
    )
    return judged(every(same(sigmoid, lambda v: np.exp(v) / (1 + np.exp(v)), {"v": "n"}), symmetric))


@claim(
    56, SO_FAR.at(246), "statement", "holds",
    says="Logistic regression is a neuron with the sigmoid: its log-odds are linear in the attributes.",
    printed="Standard Neuron with sigmoid activation",
)  # fmt: skip
def log_odds_are_linear() -> Evidence:
    def log_odds(x, w, b):
        p = sigmoid(x @ w + b)
        return np.log(p / (1 - p))

    return judged(same(log_odds, sum_form, {"x": "d", "w": "d", "b": ""}))


@claim(
    57, SO_FAR.at(253), "formula", "convention",
    says="The class score ŷ is the weighted sum of the "
      "attributes.", printed=r"Class score $\hat{y} = \text{weighted sum}$",
    convention="ŷ is the score before the sigmoid, as in the linear slides; from line 310 on ŷ is the sigmoid of it",
)  # fmt: skip
def score_before_the_sigmoid() -> Evidence:
    at = {"x": "d", "w": "d", "b": ""}
    before = same(lambda x, w, b: x @ w + b, sum_form, at).about("as the argument of the sigmoid")
    return conventional(
        before, same(lambda x, w, b: x @ w + b, lambda x, w, b: sigmoid(x @ w + b), at).about("as the ŷ of line 310")
    )


# -- the normal equations ---------------------------------------------------------------------------


def _normal_equations(x: fmpq_mat, y: fmpq_mat) -> fmpq_mat:
    return (x.transpose() * x).inv() * x.transpose() * y


@claim(
    58, LOGISTIC.at(268), "formula", "holds",
    says="(XᵀX)⁻¹Xᵀy minimises the squared error of "
      "the linear prediction X w.", printed=r"\hat{w} = (X^T X)^{-1} X^T y",
)  # fmt: skip
def least_squares() -> Evidence:
    x = fmpq_mat(4, 2, [fmpq(n, 10) for n in (-1, 2, 1, 8, 9, -2, 8, 8)])
    y = fmpq_mat(4, 1, [fmpq(n) for n in (0, 0, 0, 1)])
    w = _normal_equations(x, y)
    gradient = x.transpose() * (x * w - y)
    zero = all(gradient[i, 0] == 0 for i in range(2))
    return judged(
        observed(
            zero, "on the four points of line 421 the gradient Xᵀ(Xw - y) is exactly 0", w=f"({w[0, 0]}, {w[1, 0]})"
        )
    )


@claim(
    59, LOGISTIC.at(268), "formula", "convention",
    says="It gives the weights that minimise the slide's cost.", printed=r"\hat{w} = (X^T X)^{-1} X^T y",
    convention="the cost is the squared error of the class score, the weighted sum of line 263; with the "
      "transformation of line 264 (the sigmoid of line 310) the formula does not minimise it",
)  # fmt: skip
def not_of_logistic_regression() -> Evidence:
    # One example, one attribute: X = (1), y = (0). The formula gives w = 0, and the loss still falls there.
    w = _normal_equations(fmpq_mat(1, 1, [fmpq(1)]), fmpq_mat(1, 1, [fmpq(0)]))[0, 0]
    p = 1 / (1 + (-arb(w)).exp())
    slope = 2 * p * (p - p * p)
    text = f"for X = (1), y = (0) it gives w = {w}, where the error of sigma(Xw) has the slope {digits(slope)}, not 0"
    return conventional(
        least_squares_outcome(), Outcome(slope.contains(0), text, (("slope at the printed w", digits(slope)),))
    )


def least_squares_outcome() -> Outcome:
    """The same data with the linear prediction: the slope at the formula's w is exactly zero."""
    w = _normal_equations(fmpq_mat(1, 1, [fmpq(1)]), fmpq_mat(1, 1, [fmpq(0)]))[0, 0]
    return observed(2 * (w - 0) == 0, "with the linear prediction the slope there is exactly 0")


@claim(
    60, LOGISTIC.at(268), "formula", "convention",
    says="The inverse of XᵀX exists.", printed=r"(X^T X)^{-1}",
    convention="X has full column rank: at least as many examples as attributes, none a combination of the others",
)  # fmt: skip
def full_column_rank() -> Evidence:
    full, wide = fmpq_mat(2, 2, [fmpq(n) for n in (1, 2, 3, 4)]), fmpq_mat(1, 2, [fmpq(1), fmpq(1)])
    determinants = [(m.transpose() * m).det() for m in (full, wide)]
    return conventional(
        observed(determinants[0] != 0, f"X = [[1, 2], [3, 4]]: det XᵀX = {determinants[0]}"),
        observed(determinants[1] != 0, f"X = [[1, 1]]: det XᵀX = {determinants[1]}"),
    )


@claim(
    61, LOGISTIC.at(268), "formula", "convention",
    says="The formula gives all parameters of the linear prediction.", printed=r"\hat{w} = (X^T X)^{-1} X^T y",
    convention="X has a column of ones for the bias b (line 128), which the X of line 281 has not",
)  # fmt: skip
def bias_column() -> Evidence:
    y = fmpq_mat(2, 1, [fmpq(1), fmpq(1)])
    without, ones = fmpq_mat(2, 1, [fmpq(0), fmpq(1)]), fmpq_mat(2, 2, [fmpq(n) for n in (0, 1, 1, 1)])
    errors = [x * _normal_equations(x, y) - y for x in (ones, without)]
    sums = [sum((e[i, 0] ** 2 for i in range(2)), fmpq(0)) for e in errors]
    return conventional(
        observed(sums[0] == 0, f"x = 0, 1 and y = 1, 1: with a column of ones the squared error is {sums[0]}"),
        observed(sums[1] == 0, f"without it {sums[1]}, though w = 0, b = 1 fits both points"),
    )


def _products(d: int) -> int:
    """Multiplications and divisions of solving (XᵀX) w = Xᵀy by elimination for 2 d examples, counted by running it."""
    rng = np.random.default_rng(d)
    x = [[Fraction(int(v)) for v in row] for row in rng.integers(1, 9, (2 * d, d))]
    x = [[v + (100 if i == j else 0) for j, v in enumerate(row)] for i, row in enumerate(x)]
    count = 2 * d * d * (d + 1)  # XᵀX and Xᵀy
    zero = Fraction(0)
    a = [[*(sum((r[i] * r[j] for r in x), zero) for j in range(d)), sum((r[i] for r in x), zero)] for i in range(d)]
    for i in range(d):
        for k in range(i + 1, d):
            factor = a[k][i] / a[i][i]
            a[k] = [p - factor * q if j >= i else p for j, (p, q) in enumerate(zip(a[k], a[i], strict=True))]
            count += 1 + d + 1 - i
    return count


@claim(
    62, LOGISTIC.at(270), "statement", "holds",
    says="That calculation gets expensive as the number of attributes grows.", printed="**Expensive calculation**",
)  # fmt: skip
def expensive() -> Evidence:
    counts = {d: _products(d) for d in (2, 4, 8, 16)}
    ratios = [counts[2 * d] / counts[d] for d in (2, 4, 8)]
    said = ", ".join(f"d = {d}: {count}" for d, count in counts.items())
    text = f"products for 2d examples: {said}; doubling d costs {ratios[-1]:.2f} times as much, a gradient step 4 times"
    return judged(observed(all(r > 4 for r in ratios), text))


# -- losses -----------------------------------------------------------------------------------------


@claim(
    63, LOSS.at(285), "statement", "convention",
    says="The loss is summed over N examples of a dataset that has n.", printed=r"L = \sum_{i=1}^N L_i",
    convention="N is the n of line 281",
)  # fmt: skip
def number_of_examples() -> Evidence:
    errors = [1, 0, 2]

    def total(n: int) -> Outcome:
        try:
            return observed(
                sum(errors[i] for i in range(n)) == sum(errors),
                f"the sum over N = {n} of n = 3 examples is the whole loss",
            )
        except IndexError:
            return Outcome(False, f"for N = {n} and n = 3 there is no L_{n}")

    return conventional(total(3), total(4))


@claim(
    64,
    LOSS.at(285),
    "formula",
    "holds",
    says="The loss over the dataset is the sum of the losses of its examples.",
    printed=r"L = \sum_{i=1}^N L_i",
)
def sum_over_examples() -> Evidence:
    def one_by_one(y_hat, y):
        return sum((y_hat[i] - y[i]) ** 2 for i in range(len(y)))

    return judged(same(one_by_one, squared_errors, VECTORS))


@claim(
    65, LOSS.at(287), "formula", "convention",
    says="The loss of example i is the squared "
      "distance of y_i from f(x, W).", printed=r"L_i = \|y_i - f(\mathbf{x}, W)\|_2^2",
    convention="x stands for x_i, the i-th example (so on lines 297, 310 and 349 too)",
)  # fmt: skip
def which_example() -> Evidence:
    at = {"x": "N d", "w": "d", "b": "", "y": "N"}

    def own_example(x, w, b, y):
        return sum(squared_errors(sigmoid(x[i] @ w + b), y[i]) for i in range(len(y)))

    def one_example(x, w, b, y):
        return sum(squared_errors(sigmoid(x[0] @ w + b), y[i]) for i in range(len(y)))

    return conventional(
        same(own_example, loss, at).about("with x_i"), same(one_example, loss, at).about("with one x for every i")
    )


@claim(
    66,
    LOSS_2.at(299),
    "formula",
    "holds",
    says="For one output the squared norm is (ŷ_i - y_i)^2.",
    printed=r"L_i = (\hat{y}_i - y_i)^2",
)
def squared_norm() -> Evidence:
    return judged(
        same(lambda y_hat, y: (y_hat - y) ** 2, lambda y_hat, y: np.sqrt((y - y_hat) ** 2) ** 2, {"y_hat": "", "y": ""})
    )


@claim(
    67, LOSS_2.at(297), "formula", "holds",
    says="The difference may be taken either way round.", printed=r"L_i = \|f(\mathbf{x}, W) - y_i\|_2^2",
)  # fmt: skip
def either_difference() -> Evidence:
    return judged(same(lambda f, y: ((f - y) ** 2).sum(), lambda f, y: ((y - f) ** 2).sum(), {"f": "c", "y": "c"}))


@claim(
    68,
    LOSS_2.at(303),
    "formula",
    "holds",
    says="The sum of squared errors is the sum of (ŷ_i - y_i)^2.",
    printed=r"L = \sum_{i=1}^N (\hat{y}_i - y_i)^2",
)
def sum_of_squared_errors() -> Evidence:
    return judged(same(squared_errors, lambda y_hat, y: (y_hat - y) @ (y_hat - y), VECTORS))


@claim(
    69, LOSS_2.at(306), "statement", "holds",
    says="The mean of squared errors may be used instead: it has its minimum at the same "
      "weights.", printed="One can also use **MSE**",
)  # fmt: skip
def mean_instead() -> Evidence:
    # The gradient of the mean is the gradient of the sum divided by N: zero at the same places.
    def gradient(dy, y_hat, y):
        return dy * 2 * (y_hat - y) / len(y)

    return judged(derivative(lambda y_hat, y: squared_errors(y_hat, y) / len(y), gradient, VECTORS, by="y_hat"))


@claim(
    70,
    PROBLEM.at(310),
    "formula",
    "holds",
    says="For two attributes the neuron is sigma of w_1 x_1 + w_2 x_2 + b.",
    printed=r"\sigma(w_1 x_1 + w_2 x_2 + b)",
)
def two_attributes() -> Evidence:
    at = {"x": "2", "w": "2", "b": ""}
    return judged(same(lambda x, w, b: sigmoid(w[0] * x[0] + w[1] * x[1] + b), lambda x, w, b: sigmoid(x @ w + b), at))


@claim(
    71,
    PROBLEM.at(314),
    "statement",
    "holds",
    says="The loss is a function of the weights.",
    printed="Loss is a function of weights",
)
def loss_depends_on_weights() -> Evidence:
    def gradient(dy, x, w, b, y):
        a = sigmoid(x @ w + b)
        v = dy * 2 * (a - y) * (a - a * a)
        return x.T @ v, v.sum()

    return judged(derivative(loss, gradient, NEURON, by="w b").about("its gradient by w and b"))


# -- what a gradient is -----------------------------------------------------------------------------


@claim(
    72, DESCENT.at(327), "statement", "erratum",
    says="The gradient shows which way the parameters must go to make the error smaller.",
    printed="a slope of which way the parameters must go to minimize the error",
    corrected="the gradient points to where the error grows fastest; the parameters must go against it, as line "
      "603 does",
)  # fmt: skip
def which_way() -> Evidence:
    def error(w: Fraction) -> Fraction:
        return w * w

    w, step = Fraction(1), Fraction(1, 4)
    with_it, against = error(w + step * 2 * w), error(w - step * 2 * w)
    return judged(
        observed(
            with_it < error(w),
            f"for w² at w = 1, gradient 2, a quarter of it further on the error goes from 1 to {with_it}",
        ),
        observed(against < error(w), f"against the gradient it goes from 1 to {against}"),
    )


@claim(
    73, DESCENT.at(329), "statement", "convention",
    says="Gradient descent finds the minimum of a function.", printed="for finding the minimum of a function",
    convention="a local minimum is meant: which one depends on where it starts, and a lower one may exist",
)  # fmt: skip
def which_minimum() -> Evidence:
    # f'(w) = w (w - 1) (w + 2): minima at 1 and, lower, at -2.
    def f(w: Fraction) -> Fraction:
        return w**4 / 4 + w**3 / 3 - w**2

    steps = [Fraction(1, 2)]
    for _ in range(5):
        w = steps[-1]
        steps.append(w - w * (w - 1) * (w + 2) / 4)
    towards_one = all(w < after < 1 and f(after) < f(w) for w, after in pairwise(steps))
    text = (
        f"on w⁴/4 + w³/3 - w² from w = 1/2 each step falls towards w = 1, where the slope is 0, value {f(Fraction(1))}"
    )
    return conventional(
        observed(towards_one, text),
        observed(f(Fraction(1)) <= f(Fraction(-2)), f"its value at -2 is {f(Fraction(-2))}, lower than at 1"),
    )
