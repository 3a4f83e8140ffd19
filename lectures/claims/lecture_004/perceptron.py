"""Slides 'Outline' to 'Limitations of the Single Layer': the logistic neuron, its gradient, what it can part."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, derivative_at, has_shape, same
from .._outcome import Outcome, conventional, every, judged, observed
from .._points import points
from ._pieces import binary_loss, prepend_bias, sigmoid
from ._programs import SEEDS, crossing, point_set, printed, single_layer

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

OUTLINE = Slide("Outline", 8)
PERCEPTRON = Slide("Perceptron for Binary Classification", 19)
MINIMIZE = Slide("Minimize Mean Cross Entropy Using Gradient Descent", 29)
LIMITS = {line: Slide("Limitations of the Single Layer: 1_perceptron_classifier.jpynb", line) for line in (47, 55, 62)}

ONE = {"x": "D", "w": "D"}
MANY = {"x": "N D", "b": "1 1", "w": "D 1", "y": "N 1"}
"""Inputs without the ones, the weight w_1 of the ones, the other weights, labels."""

CLAIMS += [
    uncheckable(
        "004-001", OUTLINE.at(16), "ReLU is a means against overfitting.",
        "line 650 gives ReLU as the means against the vanishing gradient, and dropout alone stands under "
        "overfitting; whether a network overfits less with ReLU depends on its data", "Overcome overfitting: ReLu",
    ),
]  # fmt: skip


def _v(b, w, x):
    return x @ w + b


def _loss(x, b, w, y):
    """Line 33 as a mean over N. A scalar."""
    return binary_loss(sigmoid(_v(b, w, x)), y).sum() / len(x)


def _sum_of_signed_corners(b, w):
    """v(0,0) + v(1,1) - v(0,1) - v(1,0)."""
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    return np.array([1, 1, -1, -1]) @ _v(b, w, corners)


@claim(
    2, OUTLINE.at(10), "statement", "holds",
    says="A single layer cannot classify data that no line separates: XOR, for one.",
    printed="cannot classify nonlinearly separable data",
)  # fmt: skip
def no_line() -> Evidence:
    balanced = same(_sum_of_signed_corners, lambda b, w: 0 * w.sum(), {"b": "", "w": "2"})
    return judged(balanced.about("for all weights v(0,0) + v(1,1) = v(0,1) + v(1,0), and XOR wants < 0 and > 0"))


# -- the neuron -------------------------------------------------------------------------------------


@claim(
    3, PERCEPTRON.at(23), "formula", "holds",
    says="x_1 w_1 + x_2 w_2 + x_3 w_3 is the product x w of a row and a column.",
    printed=r"v = x_1 w_1 + x_2 w_2 + x_3 w_3",
)  # fmt: skip
def weighted_sum() -> Evidence:
    at = {"x": "1 3", "w": "3 1"}
    summed = same(lambda x, w: x @ w, lambda x, w: (x.ravel() * w.ravel()).sum() + 0 * x[:, :1], at)
    return judged(every(summed, has_shape(lambda x, w: x @ w, "1 1", at).about("a row x and a column w")))


@claim(
    4, PERCEPTRON.at(25), "formula", "convention",
    says="The neuron has the inputs x_1, x_2, x_3, and no bias.", printed=r"[x_1 \ x_2 \ x_3]",
    convention="x_1 is the constant 1, and w_1 the bias: only the ones of line 39 say so; with three real inputs the "
      "plane v = 0 would go through the origin",
)  # fmt: skip
def first_input_is_one() -> Evidence:
    def first(of_ones):
        def gradient(dy, x, b, w, y):
            e = sigmoid(_v(b, w, x)) - y
            return dy * (e if of_ones else e * x[:, :1]).sum(axis=0, keepdims=True) / len(x)

        return derivative(_loss, gradient, MANY, by="b")

    return conventional(
        first(True).about("∂Loss/∂w_1 = 1/N Σ e_n with x_1 = 1"), first(False).about("with another x_1, Σ e_n x_n1")
    )


@claim(
    5, PERCEPTRON.at(27), "formula", "convention",
    says="The perceptron's output is the sigmoid of v.", printed="φ is the sigmoid activation function",
    convention="a logistic neuron is called a perceptron; the perceptron's output is a step, and only the class "
      "(ŷ above or below 1/2) is the same",
)  # fmt: skip
def logistic_not_step() -> Evidence:
    values = np.array([-3.0, -1.0, -0.25, 0.25, 1.0, 3.0])
    step = (values > 0) * 1.0
    return conventional(
        observed(bool(((sigmoid(values) > 0.5) == (step > 0.5)).all()), f"the same class as a step at v = {values}"),
        same(sigmoid, lambda v: (v > 0) * 1.0 + 0 * v, [{"v": values[-2:]}]).about("the step itself"),
    )


@claim(
    6, PERCEPTRON.at(27), "formula", "convention",
    says="The output of the neuron is called y.", printed=r"y = \varphi(v)",
    convention="this y is the ŷ of line 33, where y_n is the label; line 216 calls the softmax's output y again",
)  # fmt: skip
def output_and_label_of_one_name() -> Evidence:
    def with_label(dy, x, b, w, y):
        return dy * (sigmoid(_v(b, w, x)) - y).sum(axis=0, keepdims=True) / len(x)

    def with_output(dy, x, b, w, y):
        y_hat = sigmoid(_v(b, w, x))
        return dy * (y_hat - y_hat).sum(axis=0, keepdims=True) / len(x)

    return conventional(
        derivative(_loss, with_label, MANY, by="b").about("y_n on line 33 is a label"),
        derivative(_loss, with_output, MANY, by="b").about("y_n is φ(v)"),
    )


# -- its loss and gradient --------------------------------------------------------------------------


@claim(
    7, MINIMIZE.at(33), "formula", "holds",
    says="The loss is the mean cross-entropy: the mean of ln(1 + e^v) - y v.",
    printed=r"\frac{-1}{N} \sum_{n=1}^N (y_n \ln(\hat{y}_n) + (1 - y_n) \ln(1 - \hat{y}_n))",
)  # fmt: skip
def mean_cross_entropy() -> Evidence:
    def as_printed(v, y):
        y_hat = sigmoid(v)
        return -1 * sum(y[n] * np.log(y_hat[n]) + (1 - y[n]) * np.log(1 - y_hat[n]) for n in range(len(v))) / len(v)

    return judged(same(as_printed, lambda v, y: (np.log(1 + np.exp(v)) - y * v).sum() / len(v), {"v": "N", "y": "N"}))


@claim(
    8, MINIMIZE.at(33), "formula", "convention",
    says="The loss can be computed so for every v.", printed=r"\ln(1 - \hat{y}_n)",
    convention="exact numbers: in double precision ŷ is 1 from v = 37 on, and 0 ln(0) is not a number",
)  # fmt: skip
def saturated_loss() -> Evidence:
    exact = same(
        lambda v: binary_loss(sigmoid(v), 1 + 0 * v), lambda v: np.log(1 + np.exp(-v)), [{"v": np.array([40.0])}]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        value = binary_loss(sigmoid(np.array([40.0])), np.array([1.0]))[0]
    return conventional(
        exact.about("v = 40, label 1"), observed(bool(np.isfinite(value)), f"in double precision {value}")
    )


@claim(
    9, MINIMIZE.at(35), "shape", "convention",
    says="The loss is minimised by the bold w_1, w_2, w_3.", printed=r"$\mathbf{w}_1, \mathbf{w}_2, \mathbf{w}_3$",
    convention="bold w_1 is the number w_1 of line 25, an entry of the vector w, though bold letters are vectors there",
)  # fmt: skip
def bold_entries() -> Evidence:
    def stacked(w_1, w_2, w_3):
        return np.concatenate([np.reshape(w, (-1, 1)) for w in (w_1, w_2, w_3)])

    names = ("w_1", "w_2", "w_3")
    return conventional(
        has_shape(stacked, "3 1", dict.fromkeys(names, "")).about("numbers"),
        has_shape(stacked, "3 1", dict.fromkeys(names, "D 1")).about("vectors"),
    )


def _matrix_form(dy, x, b, w, y, sign=1):
    gradient = dy * sign * prepend_bias(x).T @ (sigmoid(_v(b, w, x)) - y) / len(x)
    return gradient[:1], gradient[1:]


def _loss_of_three(x, w_1, w_2, w_3, y):
    """The same loss by the three weights of line 25. x (N, 2), y (N,). A scalar."""
    return binary_loss(sigmoid(w_1 + x[:, 0] * w_2 + x[:, 1] * w_3), y).sum() / len(x)


def _entry(column: int) -> Evidence:
    """The mean of e_n times 1, x_n2 or x_n3 against the derivative by w_1, w_2 or w_3."""

    def gradient(dy, x, w_1, w_2, w_3, y):
        e = sigmoid(w_1 + x[:, 0] * w_2 + x[:, 1] * w_3) - y
        return dy * (e * prepend_bias(x)[:, column]).sum() / len(x)

    at = {"x": "N 2", "w_1": "", "w_2": "", "w_3": "", "y": "N"}
    return judged(derivative(_loss_of_three, gradient, at, by=f"w_{column + 1}"))


def _entries() -> None:
    for number, column, factor, text in (
        (10, 0, "", r"\frac{1}{N} \sum_{n=1}^N e_n \\"),
        (11, 1, " x_n2", r"\frac{1}{N} \sum_{n=1}^N e_n x_{n2}"),
        (12, 2, " x_n3", r"\frac{1}{N} \sum_{n=1}^N e_n x_{n3}"),
    ):
        claim(number, MINIMIZE.at(39), "derivation", "holds", printed=text,
              says=f"∂Loss/∂w_{column + 1} is the mean of e_n{factor}.",
              )(lambda column=column: _entry(column))  # fmt: skip


_entries()


@cache
def _signed(sign: int) -> Outcome:
    """Is 1/N [1 X]^T e, e = ŷ - y times this sign, the derivative of the loss?"""
    return derivative(_loss, lambda *at: _matrix_form(*at, sign=sign), MANY, by="b w")


@claim(
    13, MINIMIZE.at(39), "formula", "convention",
    says="The gradient is a mean of the errors e_n.", printed=r"\mathbf{e}_{N \times 1}",
    convention="e is ŷ - y, which no slide says before line 240; with e = y - ŷ, as errors are often meant, it is "
      "minus the gradient and line 43 climbs",
)  # fmt: skip
def sign_of_the_error() -> Evidence:
    return conventional(
        _signed(1).about("e = ŷ - y"),
        _signed(-1).about("e = y - ŷ"),
    )


@claim(
    14, MINIMIZE.at(39), "derivation", "holds",
    says="The three means together are 1/N [1 X]^T e, with [1 X]^T of 3 x N.",
    printed=r"\frac{1}{N} [\mathbf{1}_{N \times 1} \quad \mathbf{X}_{N \times 2}]_{3 \times N}^T",
)  # fmt: skip
def matrix_of_means() -> Evidence:
    def stacked(x, e):
        terms = [e, e * x[:, :1], e * x[:, 1:]]
        return np.concatenate([t.sum(axis=0, keepdims=True) for t in terms]) / len(x)

    at = {"x": "N 2", "e": "N 1"}
    turned = has_shape(lambda x, e: prepend_bias(x).T, "3 N", at).about("[1 X]^T")
    return judged(every(same(lambda x, e: prepend_bias(x).T @ e / len(x), stacked, at), turned))


@claim(
    15, MINIMIZE.at(41), "statement", "holds",
    says="Against the gradient, the loss falls at the steepest: no direction of length 1 has a smaller slope.",
    printed="The batch steepest (gradient) decent method",
)  # fmt: skip
def steepest() -> Evidence:
    def squared_gap(g, u):
        """(g·g)(u·u) - (g·u)², a sum of squares by Lagrange's identity."""
        return (g * g).sum() * (u * u).sum() - (g * u).sum() ** 2

    def squares(g, u):
        return ((g[:, None] * u[None, :] - g[None, :] * u[:, None]) ** 2).sum() / 2

    return judged(same(squared_gap, squares, {"g": "D", "u": "D"}).about("|g·u| ≤ |g| |u|, the difference of squares"))


@claim(
    16, MINIMIZE.at(41), "statement", "holds",
    says="It is the batch method: a step is made of all N examples.", printed="The batch",
)  # fmt: skip
def batch() -> Evidence:
    def over_the_first(dy, x, b, w, y):
        return _matrix_form(dy, x[:1], b, w, y[:1])

    part = derivative(_loss, over_the_first, MANY, by="b w")
    fails = Outcome(part.holds is False, f"of one example alone: {part.text}", part.numbers)
    return judged(every(_signed(1).about("of all examples"), fails))


@claim(
    17, MINIMIZE.at(43), "formula", "holds",
    says="The update goes down: by α, the loss after the step begins to change by minus the squared gradient.",
    printed=r"\mathbf{w}^{(k+1)} = \mathbf{w}^{(k)} - \alpha \frac{\partial \text{Loss}}{\partial \mathbf{w}}",
)  # fmt: skip
def goes_down() -> Evidence:
    def after(alpha, x, b, w, y):
        by_b, by_w = _matrix_form(1, x, b, w, y)
        return _loss(x, b - alpha * by_b, w - alpha * by_w, y)

    def minus_square(dy, alpha, x, b, w, y):
        return -dy * sum((g**2).sum() for g in _matrix_form(1, x, b, w, y))

    at = [{"alpha": np.asarray(0.0), **point} for point in points(MANY)]
    return judged(derivative_at(after, minus_square, at, by="alpha").about("at α = 0"))


@claim(
    18, MINIMIZE.at(43), "statement", "convention",
    says="A step of gradient descent lowers the loss.", printed=r"- \alpha",
    convention="α is small enough; nothing on the slide bounds it",
)  # fmt: skip
def small_steps() -> Evidence:
    x, y, start = np.array([[1.0], [1.0]]), np.array([[0.0], [1.0]]), np.array([[1.0]])

    def after(alpha):
        w = start - alpha * x.T @ (sigmoid(x @ start) - y) / 2
        return float(binary_loss(sigmoid(x @ w), y).mean())

    losses = {alpha: after(alpha) for alpha in (0, 1, 100)}
    said = "x = 1 twice, labels 0 and 1, w = 1 without a bias: the loss {:.4f} becomes {:.4f} with α = {}"
    return conventional(
        observed(losses[1] < losses[0], said.format(losses[0], losses[1], 1)),
        observed(losses[100] < losses[0], said.format(losses[0], losses[100], 100)),
    )


@claim(
    19, MINIMIZE.at(43), "formula", "convention",
    says="The number in the superscript of w counts the steps.", printed=r"\mathbf{w}^{(k+1)}",
    convention="on lines 262 to 340 the superscript counts the layers: w^(2) is a weight of the second layer, not the "
      "weight after two steps",
)  # fmt: skip
def superscript() -> Evidence:
    first, second = (w.shape for w in printed("initialize_weights")(3, 5, 2))
    said = f"3 inputs, 5 hidden nodes, 2 classes: w^(1) is in a matrix {first}, w^(2) in one {second}"
    return conventional(
        observed(first[1] + 1 == second[0], f"layers: {said}"),
        observed(first == second, f"two steps of one matrix would have one shape; {said}"),
    )


# -- what it can part -------------------------------------------------------------------------------


def _said(name: str, right: list[float]) -> str:
    return f"on {len(SEEDS)} generated sets, {name}, the share that is right is {', '.join(f'{r:.2f}' for r in right)}"


@claim(
    20, LIMITS[47].at(49), "result", "holds",
    says="The single layer classifies linearly separable data (generated here; figure and file are lost).",
    printed="linearly_separable.txt",
)  # fmt: skip
def separable() -> Evidence:
    right = [single_layer(*point_set("linearly_separable", seed)) for seed in SEEDS]
    return judged(observed(right == [1.0] * len(SEEDS), _said("linearly separable", right)))


def _beyond() -> None:
    for number, heading, line, name in ((21, 55, 57, "non_linearly_separable"), (22, 62, 64, "circles")):
        claim(number, LIMITS[heading].at(line), "result", "holds", printed=f"{name}.txt",
              says=f"The single layer cannot classify {name} (generated here; figure and file are lost): no line does.",
              )(lambda name=name: _not_separable(name))  # fmt: skip


def _not_separable(name: str) -> Evidence:
    sets = [point_set(name, seed) for seed in SEEDS]
    right = [single_layer(*one) for one in sets]
    crossed = all(crossing(*one) is not None for one in sets)
    return judged(
        observed(crossed and max(right) < 1, f"{_said(name, right)}; two points of each class lie on crossing segments")
    )


_beyond()
