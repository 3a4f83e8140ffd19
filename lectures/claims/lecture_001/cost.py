"""Slides 'Error calculation' and the first two 'Backward pass': the table, both cost functions, gradient descent."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import ball, derivative, digits, rounds_to, same
from .._outcome import conventional, judged, observed
from ._pieces import cross_entropy, log10, network, output_sum, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

ERROR = Slide("# Error calculation", 157)
LOSS = Slide("# Error calculation", 176)
DESCENT = Slide("# Backward pass", 187)
UPDATES = Slide("# Backward pass", 207)

NET = {"x": "D 1", "w1": "H D", "b1": "H 1", "w2": "1 H", "b2": "1 1"}
TABLE = ((Fraction("0.996"), 1), (Fraction("0.3"), 0), (Fraction("0.001"), 0), (Fraction("0.01"), 0))
BATCH = [
    {"p": np.array([0.5]), "y": np.array([1.0])},
    {"p": np.array([0.5, 0.25]), "y": np.array([1.0, 0.0])},
    {"p": np.array([0.996, 0.3, 0.001, 0.01]), "y": np.array([1.0, 0.0, 0.0, 1.0])},
]
"""Outputs and labels; the last are those of the table on lines 168 to 172."""

CLAIMS.append(
    uncheckable(
        "001-037", LOSS.at(178), "How the error is calculated depends on the task and on the type of network.",
        "a general remark; its two cases are the claims on lines 181 and 185", "depends on the task",
    )
)  # fmt: skip


def half_mean_square(y_hat, y):
    """The cost of line 181."""
    return ((y_hat - y) ** 2).sum() / (2 * len(y))


def mean_cross_entropy(p, y, log: Callable = np.log):
    """The cost of line 185."""
    return -(y * log(p) + (1 - y) * log(1 - p)).sum() / len(y)


# -- what the error is ------------------------------------------------------------------------------


@claim(
    38, ERROR.at(161), "formula", "convention",
    says="ŷ and P(X) are two names of the output.", printed=r"\hat{y} \text{ or } P(X)",
    convention="ŷ is the output on line 181; on lines 155 and 168 to 172 it is the label, and only P(X) the output",
)  # fmt: skip
def two_names() -> Evidence:
    p = sigmoid(output_sum())
    return conventional(
        rounds_to("0.996", p).about("ŷ as the output"), rounds_to("1.000", p).about("ŷ as on line 168, where it is 1")
    )


@claim(
    39, ERROR.at(163), "formula", "holds",
    says="The error of the output is carried back to the hidden layer through the weights between them.",
    printed="**propagated backward**",
)  # fmt: skip
def carried_back() -> Evidence:
    def loss(z1, w2, b2, y):
        return cross_entropy(sigmoid(w2 @ sigmoid(z1) + b2), y)

    def by_z1(dy, z1, w2, b2, y):
        a1 = sigmoid(z1)
        d2 = dy * (sigmoid(w2 @ a1 + b2) - y)
        return w2.T @ d2 * (a1 * (1 - a1))

    return judged(derivative(loss, by_z1, {"z1": "H 1", "w2": "1 H", "b2": "1 1", "y": "1 1"}, by="z1"))


@claim(
    40, ERROR.at(164), "statement", "holds",
    says="A cost function is needed: the differences themselves cancel.", printed="**cost function**",
)  # fmt: skip
def differences_cancel() -> Evidence:
    p, y = np.array([Fraction(0), Fraction(1)]), np.array([Fraction(1), Fraction(0)])
    total, cost = (p - y).sum(), half_mean_square(p, y)
    return judged(observed(total == 0 and cost > 0, f"outputs 0, 1 for labels 1, 0: sum {total}, cost {cost}"))


def _record_row(number: int, line: int, row: int, printed: str) -> None:
    p, label = TABLE[row]

    def check() -> Evidence:
        return judged(observed((p > Fraction(1, 2)) == bool(label), f"{digits(p)} against the threshold 0.5"))

    says = f"With the threshold 0.5 the output {digits(p)} has label {label}."
    claim(number, ERROR.at(line), "number", "holds", says=says, printed=printed)(check)


for _number, _line, _row, _printed in (
    (41, 168, 0, "0.996\t1"),
    (42, 169, 1, "0.3\t0"),
    (43, 170, 2, "0.001\t0"),
    (44, 172, 3, "0.01\t0"),
):
    _record_row(_number, _line, _row, _printed)


@claim(
    45, ERROR.at(168), "number", "holds",
    says="The first row is the worked example: its output is 0.996.", printed="1\t1\t0.996\t1",
)  # fmt: skip
def row_of_the_example() -> Evidence:
    return judged(rounds_to("0.996", sigmoid(output_sum())))


# -- the cost functions -----------------------------------------------------------------------------


@claim(
    46, LOSS.at(181), "formula", "convention",
    says="The mean squared error is 1/(2n) times the sum of squared errors.", printed=r"\frac{1}{2n}",
    convention="half the mean squared error, so that the gradient has no factor 2; the cross-entropy on line 185 "
      "has 1/n",
)  # fmt: skip
def half_of_the_mean() -> Evidence:
    at = {"y_hat": "n", "y": "n"}

    def mean_square(y_hat, y):
        return ((y_hat - y) ** 2).sum() / len(y)

    half = same(half_mean_square, lambda y_hat, y: mean_square(y_hat, y) / 2, at).about("half the mean")
    return conventional(half, same(half_mean_square, mean_square, at).about("the mean"))


@claim(
    47, LOSS.at(181), "derivation", "holds",
    says="With the factor 1/(2n) the gradient by the outputs is (ŷ - y)/n.",
    printed=r"\left( \hat{y}^{(i)} - y^{(i)} \right)^2",
)  # fmt: skip
def gradient_of_half_mean_square() -> Evidence:
    at = {"y_hat": "n", "y": "n"}
    return judged(derivative(half_mean_square, lambda dy, y_hat, y: dy * (y_hat - y) / len(y), at, by="y_hat"))


@claim(
    48, LOSS.at(179), "statement", "holds",
    says="Mean squared and mean absolute error both measure an error: zero where all is right, positive elsewhere.",
    printed="mean absolute error (**MAE**)",
)  # fmt: skip
def both_measure() -> Evidence:
    right = [Fraction(1), Fraction(-2), Fraction(0)]
    wrong = [[y + e if i == k else y for i, y in enumerate(right)] for k in range(3) for e in (Fraction(1, 9), -1)]

    def costs(outputs):
        differences = [p - y for p, y in zip(outputs, right, strict=True)]
        return sum(d * d for d in differences) / 3, sum(abs(d) for d in differences) / 3

    positive = all(min(costs(outputs)) > 0 for outputs in wrong)
    return judged(observed(costs(right) == (0, 0) and positive, "for 1, -2, 0 and six outputs with one error each"))


@claim(
    49, LOSS.at(185), "formula", "holds",
    says="The binary cross-entropy is minus the mean logarithm of the probability given to the right label.",
    printed=r"J(w, b) = -\frac{1}{n} \sum_{i=1}^n \left[",
)  # fmt: skip
def minus_log_likelihood() -> Evidence:
    def of_the_right_label(p, y):
        return -sum((np.log(p[i]) if label == 1 else np.log(1 - p[i]) for i, label in enumerate(y)), 0 * p[0]) / len(y)

    return judged(same(mean_cross_entropy, of_the_right_label, BATCH))


@claim(
    50, LOSS.at(185), "formula", "convention",
    says="log in the cost function is one and the same logarithm in the whole lecture.", printed=r"\log \left(",
    convention="base 10, as only line 291 shows by its ln(10); cross-entropy is usually taken with the natural "
      "logarithm, and with that there is no such factor",
)  # fmt: skip
def base_of_the_logarithm() -> Evidence:
    def with_factor(p, y):
        return mean_cross_entropy(p, y) / np.log(10 + 0 * p[0])

    return conventional(
        same(lambda p, y: mean_cross_entropy(p, y, log10), with_factor, BATCH).about("base 10, divided by ln(10)"),
        same(mean_cross_entropy, with_factor, BATCH).about("the natural logarithm"),
    )


# -- gradient descent -------------------------------------------------------------------------------


@claim(
    51, DESCENT.at(189), "statement", "holds",
    says="The cost is a function of the parameters: its derivatives by them are those of the backward pass.",
    printed="cost function is a function of parameters",
)  # fmt: skip
def function_of_the_parameters() -> Evidence:
    def backward(dy, x, w1, b1, w2, b2):
        a1 = sigmoid(w1 @ x + b1)
        g = sigmoid(w2 @ a1 + b2)
        d2 = dy * g * (1 - g)
        d1 = w2.T @ d2 * a1 * (1 - a1)
        return d1 @ x.T, d1, d2 @ a1.T, d2

    return judged(derivative(network, backward, NET, by="w1 b1 w2 b2").about("the output, by all four arrays"))


def _parabola(w: Fraction) -> Fraction:
    return w * w


@claim(
    52, DESCENT.at(196), "statement", "convention",
    says="Where the derivative is positive, increasing w increases J.", printed=r"> 0$ , then increasing",
    convention="a small enough increase",
)  # fmt: skip
def positive_slope() -> Evidence:
    return _slope(Fraction(1))


@claim(
    53, DESCENT.at(198), "statement", "convention",
    says="Where the derivative is negative, increasing w decreases J.", printed=r"< 0$ , then increasing",
    convention="a small enough increase",
)  # fmt: skip
def negative_slope() -> Evidence:
    return _slope(Fraction(-1))


def _slope(sign: Fraction) -> Evidence:
    """J = ± (w - w²) at w = 0, where its derivative is ± 1: increased by 1/10, and by 2."""

    def cost(w: Fraction) -> Fraction:
        return sign * (w - w * w)

    small, large = cost(Fraction(1, 10)) - cost(Fraction(0)), cost(Fraction(2)) - cost(Fraction(0))
    function = "J = w - w²" if sign > 0 else "J = w² - w"
    return conventional(
        observed(small * sign > 0, f"{function} at 0, w increased by 1/10: J changes by {small}"),
        observed(large * sign > 0, f"increased by 2: J changes by {large}"),
    )


@claim(
    54, DESCENT.at(200), "statement", "convention",
    says="Moving w by -α times the derivative decreases the cost (the update is printed again on lines 211 and 319).",
    printed="**decreases the cost function**",
    convention="α small enough, and the derivative not zero; the lecture only asks about α (line 329)",
)  # fmt: skip
def step_decreases() -> Evidence:
    small, large = (Fraction(1) - rate * 2 for rate in (Fraction(1, 10), Fraction(2)))
    return conventional(
        observed(_parabola(small) < 1, f"J = w² at w = 1 with α = 1/10: J goes from 1 to {_parabola(small)}"),
        observed(_parabola(large) < 1, f"with α = 2: J goes from 1 to {_parabola(large)}"),
    )


@claim(
    55, DESCENT.at(203), "formula", "holds",
    says="The minus sign is right: along the update J begins to change by minus the square of the gradient's length.",
    printed=r"- \alpha \frac{\partial J}{\partial w_i}",
)  # fmt: skip
def sign_of_the_update() -> Evidence:
    def along(rate, w, t):
        return ((w - rate * (w - t) - t) ** 2).sum() / 2

    def slope(dy, rate, w, t):
        return -dy * ((1 - rate) * (w - t) ** 2).sum()

    found = derivative(along, slope, {"rate": "", "w": "d", "t": "d"}, by="rate")
    return judged(found.about("J = |w - t|²/2 along the update by α: -(1 - α)|∇J|², so -|∇J|² at α = 0"))


@claim(
    56, UPDATES.at(209), "statement", "holds",
    says="Each parameter needs its own derivative: they differ from each other.",
    printed="gradients for each parameter",
)  # fmt: skip
def each_its_own() -> Evidence:
    w, x, y = (Fraction(1), Fraction(2)), (Fraction(1), Fraction(3)), Fraction(0)
    error = w[0] * x[0] + w[1] * x[1] - y
    gradients = [error * v for v in x] + [error]
    return judged(observed(len(set(gradients)) > 1, "w_1 + 3 w_2 + b, half the squared error", by=gradients))


def _record_update(number: int, printed: str, name: str, parameter: str, index: tuple[int, int]) -> None:
    @claim(
        number, UPDATES.at(215), "formula", "holds",
        says=f"The update of {name} is the entry of the update of the whole array.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        def whole(w, gradient, rate):
            return (w - rate * gradient)[index]

        def entry(w, gradient, rate):
            return w[index] - rate * gradient[index]

        shape = NET[parameter]
        return judged(same(entry, whole, {"w": shape, "gradient": shape, "rate": ""}))


_record_update(57, "w_{11,new}^{[1]} = w_{11,old}^{[1]}", "w_11 of the first layer", "w1", (0, 0))
_record_update(58, "b_{1,new}^{[1]} = b_{1,old}^{[1]}", "b_1 of the first layer", "b1", (0, 0))
_record_update(59, "w_{11,new}^{[2]} = w_{11,old}^{[2]}", "w_11 of the second layer", "w2", (0, 0))


@claim(
    60, LOSS.at(185), "statement", "holds",
    says="It belongs to labels 0 and 1: it falls as the output comes nearer to the label, and on the table its last "
      "row, the one with the wrong label, costs most.",
    printed=r"(1 - y^{(i)})",
)  # fmt: skip
def cost_of_the_table() -> Evidence:
    right = (Fraction("0.996"), 1 - Fraction("0.3"), 1 - Fraction("0.001"), Fraction("0.01"))
    costs = [-ball(p).log() for p in right]
    most = all(costs[-1] > cost for cost in costs[:-1]) and all(cost > 0 for cost in costs)
    shown = ", ".join(digits(cost, 4) for cost in costs)
    return judged(observed(most, f"natural logarithm: {shown}"))
