"""Slides 'Gradient Descent Example' to 'Weight Update': every printed number of the one step, recomputed exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import ball, derivative, digits, rounds_to, same
from .._outcome import Outcome, conventional, every, judged
from ._pieces import sigmoid

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

EXAMPLE = Slide("Gradient Descent Example", 419)
GATES = Slide("Neuron Gate Structure", 439)
FORWARD_1 = Slide("Forward Pass", 458)
FORWARD_2 = Slide("Forward Pass", 465)
FORWARD_3 = Slide("Forward Pass", 476)
LOSS = Slide("Loss Gradient", 489)
BACKWARD_1 = Slide("Backward Pass", 519)
BACKWARD_2 = Slide("Backward Pass", 539)
BACKWARD_3 = Slide("Backward Pass", 566)
UPDATE = Slide("Weight Update", 596)

# As printed on lines 421 to 437 and 599.
POINTS = (
    (Fraction(-1, 10), Fraction(1, 5), 0),
    (Fraction(1, 10), Fraction(4, 5), 0),
    (Fraction(9, 10), Fraction(-1, 5), 0),
    (Fraction(4, 5), Fraction(4, 5), 1),
)
X1, X2, Y = POINTS[0]
W1, W2, B, RATE = Fraction(1, 2), Fraction(7, 10), Fraction(0), Fraction(1)
M, N = W1 * X1, W2 * X2
V = M + N + B

CLAIMS.append(
    uncheckable(
        "003-093", EXAMPLE.at(434), "The weights 0.5 and 0.7 were drawn at random.",
        "nothing of how they were drawn is printed", "Initialize weights with random",
    )
)  # fmt: skip


def prediction(v: Fraction = V) -> arb:
    """The neuron's output for this v, in a ball."""
    return 1 / (1 + (-ball(v)).exp())


def by_v() -> arb:
    """∂L/∂v of the first point, in a ball: (ŷ - y)(ŷ - ŷ²)."""
    p = prediction()
    return (p - Y) * (p - p * p)


@claim(94, EXAMPLE.at(434), "number", "holds", says="The bias starts at zero.", printed="bias with zero")
def bias_at_zero() -> Evidence:
    return judged(rounds_to("0", B).about("b of the table on line 436"))


@claim(
    95, EXAMPLE.at(432), "formula", "holds",
    says="For the table's two attributes v is w_1 x_1 + w_2 x_2 + b.", printed=r"v = w_1 x_1 + w_2 x_2 + b",
)  # fmt: skip
def two_attributes() -> Evidence:
    at = {"x": "2", "w": "2", "b": ""}
    return judged(same(lambda x, w, b: w[0] * x[0] + w[1] * x[1] + b, lambda x, w, b: x @ w + b, at))


@claim(
    96,
    EXAMPLE.at(430),
    "formula",
    "holds",
    says="The output is 1 / (1 + exp(-v)), the sigmoid of before.",
    printed=r"\frac{1}{1 + \exp(-v)}",
)
def output_formula() -> Evidence:
    return judged(same(lambda v: 1 / (1 + np.exp(-v)), lambda v: np.exp(v) / (1 + np.exp(v)), {"v": "n"}))


@claim(97, GATES.at(449), "number", "holds", says="The worked point is the first of the table.", printed="-0.1\t0.2\t0")
def first_point() -> Evidence:
    return judged(every(rounds_to("-0.1", X1), rounds_to("0.2", X2), rounds_to("0", Fraction(Y))))


@claim(
    98,
    GATES.at(456),
    "formula",
    "holds",
    says="In gates: m = w_1 x_1, n = w_2 x_2, v = m + n + b.",
    printed=r"v = m + n + b",
)
def gates() -> Evidence:
    def in_gates(x, w, b):
        m, n = w[0] * x[0], w[1] * x[1]
        return m + n + b

    return judged(same(in_gates, lambda x, w, b: x @ w + b, {"x": "2", "w": "2", "b": ""}))


@claim(99, FORWARD_1.at(462), "number", "holds", says="m = w_1 x_1 = -0.05.", printed=r"m &= w_1 x_1 \\ &= -0.05")
def gate_m() -> Evidence:
    return judged(rounds_to("-0.05", M))


@claim(100, FORWARD_1.at(463), "number", "holds", says="n = w_2 x_2 = 0.14.", printed=r"n &= w_2 x_2 \\ &= 0.14")
def gate_n() -> Evidence:
    return judged(rounds_to("0.14", N))


@claim(
    101, FORWARD_2.at(474), "number", "erratum",
    says="v = m + n + b = -0.09.", printed=r"v = m + n + b \\ = -0.09",
    corrected="v = -0.05 + 0.14 + 0 = 0.09 (the sign; printed so three times, lines 474, 485 and 498)",
)  # fmt: skip
def gate_v() -> Evidence:
    return judged(rounds_to("-0.09", V), rounds_to("0.09", V))


@claim(
    102, FORWARD_3.at(485), "derivation", "erratum",
    says="From v = -0.09 the sigmoid gives 0.522.", printed=r"v = m + n + b \\ = -0.09",
    corrected="0.522 is the sigmoid of +0.09; of -0.09 it is 0.478",
)  # fmt: skip
def output_from_printed_v() -> Evidence:
    return judged(
        rounds_to("0.522", prediction(-V)).about("at v = -0.09"), rounds_to("0.522", prediction(V)).about("at v = 0.09")
    )


@claim(103, FORWARD_3.at(487), "number", "holds", says="The output for the first point is 0.522.", printed="= 0.522")
def output() -> Evidence:
    return judged(rounds_to("0.522", prediction()))


@claim(
    104, LOSS.at(498), "number", "erratum",
    says="v = -0.09, printed once more.", printed=r"v = m + n + b = -0.09", corrected="v = 0.09",
)  # fmt: skip
def gate_v_again() -> Evidence:
    return judged(rounds_to("-0.09", V), rounds_to("0.09", V))


@claim(
    105,
    LOSS.at(502),
    "number",
    "holds",
    says="ŷ - y = 0.522 for the first point.",
    printed=r"(\hat{y}_i - y_i) = 0.522",
)
def loss_gradient() -> Evidence:
    return judged(rounds_to("0.522", prediction() - Y))


@claim(
    106, LOSS.at(502), "formula", "convention",
    says="∂L/∂ŷ is ŷ - y.", printed=r"\frac{\partial L}{\partial \hat{y}} = (\hat{y}_i - y_i)",
    convention="L carries the factor 1/2 of line 349; for the L of lines 303, 312 and 347 it is 2 (ŷ - y)",
)  # fmt: skip
def loss_gradient_formula() -> Evidence:
    at = {"p": "", "y": ""}

    def printed(dy, p, y):
        return dy * (p - y)

    half = derivative(lambda p, y: (p - y) ** 2 / 2, printed, at, by="p").about("with the factor 1/2")
    return conventional(half, derivative(lambda p, y: (p - y) ** 2, printed, at, by="p").about("without it"))


# -- backward ---------------------------------------------------------------------------------------


@claim(
    107,
    BACKWARD_1.at(530),
    "formula",
    "holds",
    says="The sigmoid's local gradient is ŷ - ŷ^2.",
    printed=r"\hat{y} - \hat{y}^2",
)
def local_gradient() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, v: dy * (sigmoid(v) - sigmoid(v) ** 2), {"v": ""}, by="v"))


@claim(108, BACKWARD_1.at(530), "number", "holds", says="It is 0.249 here.", printed="= 0.249")
def local_gradient_value() -> Evidence:
    p = prediction()
    return judged(rounds_to("0.249", p - p * p))


@claim(109, BACKWARD_1.at(537), "number", "holds", says="∂L/∂v = 0.13.", printed="= 0.13")
def by_v_value() -> Evidence:
    return judged(rounds_to("0.13", by_v()))


@claim(
    110, BACKWARD_1.at(537), "derivation", "holds",
    says="∂L/∂v is ∂ŷ/∂v times ∂L/∂ŷ.", printed=r"\frac{\partial \hat{y}}{\partial v} \frac{\partial "
      r"L}{\partial \hat{y}}",
)  # fmt: skip
def chain_to_v() -> Evidence:
    def gradient(dy, v, y):
        p = sigmoid(v)
        return dy * (p - p**2) * (p - y)

    return judged(derivative(lambda v, y: (sigmoid(v) - y) ** 2 / 2, gradient, {"v": "", "y": ""}, by="v"))


@claim(
    111,
    BACKWARD_2.at(551),
    "derivation",
    "holds",
    says="∂v/∂m = ∂v/∂n = ∂v/∂b = 1.",
    printed=r"\frac{\partial v}{\partial m} = 1",
)
def sum_gate() -> Evidence:
    return judged(
        derivative(lambda m, n, b: m + n + b, lambda dy, m, n, b: (dy, dy, dy), {"m": "", "n": "", "b": ""}, by="m n b")
    )


@claim(
    112, BACKWARD_2.at(559), "number", "holds", says="∂L/∂b = 0.13.", printed=r"\frac{\partial L}{\partial b} = 0.13"
)
def by_bias_value() -> Evidence:
    return judged(rounds_to("0.13", by_v()))


@claim(
    113, BACKWARD_2.at(561), "number", "holds", says="∂L/∂n = 0.13.", printed=r"\frac{\partial L}{\partial n} = 0.13"
)
def by_n_value() -> Evidence:
    return judged(rounds_to("0.13", by_v()))


@claim(114, BACKWARD_2.at(563), "number", "holds", says="∂L/∂m = ∂v/∂m ∂ŷ/∂v ∂L/∂ŷ = 0.13.", printed="= 0.13")
def by_m_value() -> Evidence:
    return judged(rounds_to("0.13", by_v()))


@claim(
    115,
    BACKWARD_3.at(582),
    "derivation",
    "holds",
    says="∂m/∂w_1 = x_1.",
    printed=r"\frac{\partial m}{\partial w_1} = x_1",
)
def product_gate_m() -> Evidence:
    return judged(derivative(lambda w1, x1: w1 * x1, lambda dy, w1, x1: dy * x1, {"w1": "", "x1": ""}, by="w1"))


@claim(
    116,
    BACKWARD_3.at(584),
    "derivation",
    "holds",
    says="∂n/∂w_2 = x_2.",
    printed=r"\frac{\partial n}{\partial w_2} = x_2",
)
def product_gate_n() -> Evidence:
    return judged(derivative(lambda w2, x2: w2 * x2, lambda dy, w2, x2: dy * x2, {"w2": "", "x2": ""}, by="w2"))


@claim(
    117,
    BACKWARD_3.at(592),
    "number",
    "holds",
    says="∂L/∂w_2 = 0.026.",
    printed=r"\frac{\partial L}{\partial w_2} = 0.026",
)
def by_w2_value() -> Evidence:
    return judged(rounds_to("0.026", by_v() * ball(X2)))


@claim(118, BACKWARD_3.at(594), "number", "holds", says="∂L/∂w_1 = -0.013.", printed="= -0.013")
def by_w1_value() -> Evidence:
    return judged(rounds_to("-0.013", by_v() * ball(X1)))


@claim(
    119, BACKWARD_3.at(594), "derivation", "holds",
    says="∂L/∂w_1 is the product of the four local gradients on the "
      "way.", printed=r"\frac{\partial m}{\partial w_1} \frac{\partial v}{\partial m}",
)  # fmt: skip
def four_factors() -> Evidence:
    def loss(x, w, b, y):
        return (sigmoid(w[0] * x[0] + w[1] * x[1] + b) - y) ** 2 / 2

    def gradient(dy, x, w, b, y):
        p = sigmoid(w[0] * x[0] + w[1] * x[1] + b)
        return np.array([dy * x[0] * 1 * (p - p**2) * (p - y), dy * x[1] * 1 * (p - p**2) * (p - y)])

    return judged(derivative(loss, gradient, {"x": "2", "w": "2", "b": "", "y": ""}, by="w"))


# -- update -----------------------------------------------------------------------------------------


@claim(
    120, UPDATE.at(603), "formula", "convention",
    says="The new weights are the old ones minus "
      "α times the gradient of f.", printed=r"W_{t+1} = W_t - \alpha \nabla f(W_t)",
    convention="f is the loss here; on lines 248, 430 and 443 f is the neuron's output",
)  # fmt: skip
def gradient_of_what() -> Evidence:
    p = prediction()
    of_the_loss = rounds_to("0.513", ball(W1) - ball(RATE) * by_v() * ball(X1)).about(
        "w_1 with the gradient of the loss"
    )
    of_the_output = rounds_to("0.513", ball(W1) - ball(RATE) * (p - p * p) * ball(X1)).about(
        "w_1 with the gradient of the output"
    )
    return conventional(of_the_loss, of_the_output)


@claim(121, UPDATE.at(607), "number", "holds", says="The new w_1 is 0.513.", printed="= 0.513")
def new_w1() -> Evidence:
    return judged(rounds_to("0.513", ball(W1) - ball(RATE) * by_v() * ball(X1)))


@claim(122, UPDATE.at(611), "number", "holds", says="The new w_2 is 0.674.", printed="= 0.674")
def new_w2() -> Evidence:
    return judged(rounds_to("0.674", ball(W2) - ball(RATE) * by_v() * ball(X2)))


@claim(123, UPDATE.at(613), "number", "holds", says="The gradient by b is 0.13.", printed=r"\nabla b = 0.13")
def gradient_of_bias() -> Evidence:
    return judged(rounds_to("0.13", by_v()))


def _new_bias() -> arb:
    return ball(B) - ball(RATE) * by_v()


@claim(
    124, UPDATE.at(616), "number", "erratum",
    says="The new b is -0.37.", printed=r"b = b - \alpha \nabla b = -0.37", corrected="b = 0 - 1 · 0.13 = -0.13",
)  # fmt: skip
def new_bias() -> Evidence:
    return judged(rounds_to("-0.37", _new_bias()), rounds_to("-0.13", _new_bias()))


@claim(
    125,
    UPDATE.at(618),
    "number",
    "erratum",
    says="The table of new weights has b = -0.37.",
    printed="b\t-0.37",
    corrected="b = -0.13",
)
def new_bias_in_the_table() -> Evidence:
    return judged(rounds_to("-0.37", _new_bias()), rounds_to("-0.13", _new_bias()))


@claim(187, UPDATE.at(605), "number", "holds", says="The gradient by w_1 is -0.013.", printed=r"\nabla w_1 = -0.013")
def gradient_of_w1() -> Evidence:
    return judged(rounds_to("-0.013", by_v() * ball(X1)))


@claim(188, UPDATE.at(609), "number", "holds", says="The gradient by w_2 is 0.026.", printed=r"\nabla w_2 = 0.026")
def gradient_of_w2() -> Evidence:
    return judged(rounds_to("0.026", by_v() * ball(X2)))


@claim(
    189, UPDATE.at(618), "number", "holds",
    says="The table of new weights has w_1 = 0.513 and, one line on, w_2 = 0.674.", printed="w_1\t0.513",
)  # fmt: skip
def new_weights_in_the_table() -> Evidence:
    w1, w2 = (ball(w) - ball(RATE) * by_v() * ball(x) for w, x in ((W1, X1), (W2, X2)))
    return judged(every(rounds_to("0.513", w1), rounds_to("0.674", w2)))


@claim(
    126, UPDATE.at(603), "result", "holds",
    says="The step makes the loss of the point smaller.", printed=r"W_{t+1} = W_t - \alpha \nabla f(W_t)",
)  # fmt: skip
def loss_falls() -> Evidence:
    w1, w2 = (ball(w) - by_v() * ball(x) for w, x in ((W1, X1), (W2, X2)))
    p = 1 / (1 + (-(w1 * ball(X1) + w2 * ball(X2) + _new_bias())).exp())
    before, after = ((q - Y) ** 2 / 2 for q in (prediction(), p))
    return judged(
        Outcome(bool(after < before), f"half the squared error goes from {digits(before, 5)} to {digits(after, 5)}")
    )
