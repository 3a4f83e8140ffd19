"""Slides 'Forward of a simplified Multilayer Network' to 'Derivative of the Binary Cross-Entropy Loss'."""

from __future__ import annotations

import warnings

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, derivative_at, same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import binary_loss, sigmoid, slope, softmax

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

FORWARD = Slide("Forward of a simplified Multilayer Network", 200)
SIGMOID = Slide("Derivative of the sigmoid function", 207)
SOFTMAX = Slide("Derivative of the Softmax function", 214)
ENTROPY = Slide("Derivative of the **Binary** Cross-Entropy Loss", 230)

V = {"v": "M"}
X = {"x": "n"}
B = {"b": "", "y": ""}


@claim(
    76, FORWARD.at(204), "formula", "holds",
    says="The loss of one output is the cross-entropy: ln(1 + e^b) - y b.",
    printed=r"L = -y \ln(\hat{y}) - (1 - y) \ln(1 - \hat{y})",
)  # fmt: skip
def loss_of_one_output() -> Evidence:
    return judged(same(lambda b, y: binary_loss(sigmoid(b), y), lambda b, y: np.log(1 + np.exp(b)) - y * b, B))


@claim(
    77, FORWARD.at(205), "formula", "erratum",
    says="The output of the one b is its softmax.", printed=r"\hat{y} = \text{softmax}(b) = \sigma(b)",
    corrected="ŷ = 1/(1 + e^-b), the sigmoid: the softmax of a single number is 1; it is the softmax of the pair "
      "(b, 0), first entry",
)  # fmt: skip
def softmax_of_one_number() -> Evidence:
    at = {"b": ""}

    def softmax_of(b, *others):
        return np.exp(b) / sum((np.exp(o + 0 * b) for o in others), np.exp(b))

    return judged(
        same(lambda b: softmax_of(b), lambda b: sigmoid(b), at).about("softmax of b alone"),
        same(lambda b: softmax_of(b, 0), lambda b: sigmoid(b), at).about("of (b, 0)"),
    )


@claim(
    78, FORWARD.at(205), "formula", "convention",
    says="σ is the output's function here.", printed=r"= \sigma(b)",
    convention="σ is the sigmoid here and on line 253, which is called φ on lines 27 and 212; on line 216 σ is "
      "the softmax, whose derivative line 237 would have to be 0",
)  # fmt: skip
def two_functions_of_one_name() -> Evidence:
    def as_237(dy, b):
        return dy * sigmoid(b) * (1 - sigmoid(b))

    def alone(b):
        return np.exp(b) / np.exp(b)

    at = {"b": ""}
    return conventional(
        derivative(sigmoid, as_237, at, by="b").about("σ the sigmoid, line 237"),
        derivative(alone, as_237, at, by="b").about("σ the softmax of b alone, line 237"),
    )


# -- the sigmoid ------------------------------------------------------------------------------------


@claim(
    79, SIGMOID.at(211), "derivation", "holds",
    says="The derivative of (1 + e^-x)^-1 is -(1 + e^-x)^-2 (-e^-x).",
    printed=r"-(1 + e^{-x})^{-2}(-e^{-x})",
)  # fmt: skip
def power_rule() -> Evidence:
    def gradient(dy, x):
        return dy * -((1 + np.exp(-x)) ** -2) * (-np.exp(-x))

    return judged(derivative(lambda x: (1 + np.exp(-x)) ** -1, gradient, X, by="x"))


@claim(
    80, SIGMOID.at(211), "derivation", "holds",
    says="That is 1/(1 + e^-x) times (1 - 1/(1 + e^-x)); the steps between are left out.",
    printed=r"\frac{1}{1 + e^{-x}} \left(1 - \frac{1}{1 + e^{-x}} \right)",
)  # fmt: skip
def left_out_steps() -> Evidence:
    def before(x):
        return -((1 + np.exp(-x)) ** -2) * (-np.exp(-x))

    def product(x):
        return 1 / (1 + np.exp(-x)) * (np.exp(-x) / (1 + np.exp(-x)))

    def added_and_taken(x):
        return 1 / (1 + np.exp(-x)) * ((1 + np.exp(-x) - 1) / (1 + np.exp(-x)))

    def printed(x):
        return 1 / (1 + np.exp(-x)) * (1 - 1 / (1 + np.exp(-x)))

    chain = ((before, product, "as a product"), (product, added_and_taken, "1 added and taken away"),
             (added_and_taken, printed, "divided term by term"))  # fmt: skip
    return judged(every(*(same(one, next_, X).about(name) for one, next_, name in chain)))


@claim(
    81, SIGMOID.at(212), "formula", "holds",
    says="φ' is φ (1 - φ).", printed=r"\varphi'(x) = \varphi(x)(1 - \varphi(x))",
)  # fmt: skip
def slope_of_the_sigmoid() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x)), X, by="x"))


# -- the softmax ------------------------------------------------------------------------------------


def _element(v):
    """y_i for i = 1, the others being further v_k. A scalar."""
    return np.exp(v[0]) / np.exp(v).sum()


@claim(
    82, SOFTMAX.at(216), "formula", "holds",
    says="The softmax is e^v_i divided by the sum of all M of them, or times that sum to the power -1.",
    printed=r"e^{v_i} \left(\sum_{k=1}^M e^{v_k} \right)^{-1}",
)  # fmt: skip
def definition() -> Evidence:
    def written_out(v):
        total = sum((np.exp(v[k]) for k in range(1, len(v))), np.exp(v[0]))
        return np.array([np.exp(v[i]) / total for i in range(len(v))])

    power = same(lambda v: np.exp(v) * np.exp(v).sum() ** -1, lambda v: softmax(v), V).about("with the power -1")
    return judged(every(same(written_out, lambda v: softmax(v), V).about("written out"), power))


@claim(
    83, SOFTMAX.at(216), "formula", "convention",
    says="y_i is a function σ of v_i.", printed=r"y_i = \sigma(v_i)",
    convention="σ(v_i) means element i of a function of all of v_1 to v_M; of v_i alone it cannot be computed",
)  # fmt: skip
def of_all_elements() -> Evidence:
    at = [{"v": np.array([0.0, 0.0])}, {"v": np.array([0.0, 1.0])}, {"v": np.array([1.0, 2.0, 3.0])}]
    element = same(_element, lambda v: 1 / np.exp(v - v[0]).sum(), at).about("element 1 of all")
    return conventional(element, same(_element, lambda v: _element(v[:1] + 0 * v), at).about("by v_1 alone"))


OWN = {"v_i": "", "others": "M"}
"""v_i, and the other elements of v."""


def _own(v_i, others):
    """y_i. A scalar."""
    return np.exp(v_i) / (np.exp(v_i) + np.exp(others).sum())


def _by_own(form) -> Outcome:
    """Is form(e^v_i, the sum of all) the derivative of y_i by its own v_i?"""

    def gradient(dy, v_i, others):
        return dy * form(np.exp(v_i), np.exp(v_i) + np.exp(others).sum())

    return derivative(_own, gradient, OWN, by="v_i")


def _softmax_steps() -> None:
    for number, line, says, printed, form in (
        (
            84,
            218,
            "By the product rule, ∂y_i/∂v_i has a term for e^v_i and one for the sum to the power -1.",
            r"e^{v_i} \frac{\partial (\sum_{k=1}^M e^{v_k})^{-1}}{\partial v_i}",
            lambda e, s: e * s**-1 + e * (-(s**-2) * e),
        ),
        (
            85,
            220,
            "The two terms are e^v_i over the sum, and e^v_i twice over its square.",
            r"\frac{e^{v_i} e^{v_i}}{(\sum_{k=1}^M e^{v_k})^2}",
            lambda e, s: e / s - e * e / s**2,
        ),
        (
            86,
            222,
            "e^v_i over the sum is a factor of both.",
            r"\left(1 - \frac{e^{v_i}}{\sum_{k=1}^M e^{v_k}} \right)",
            lambda e, s: e / s * (1 - e / s),
        ),
    ):
        claim(number, SOFTMAX.at(line), "derivation", "holds", says=says, printed=printed)(
            lambda form=form: judged(_by_own(form))
        )  # fmt: skip


_softmax_steps()


def _diagonal(dy, v_i, others):
    y = _own(v_i, others)
    return dy * y * (1 - y)


@claim(
    87, SOFTMAX.at(226), "formula", "holds",
    says="∂y_i/∂v_i is σ(v_i)(1 - σ(v_i)), and y_i (1 - y_i).", printed="y_i (1 - y_i)",
)  # fmt: skip
def own_derivative() -> Evidence:
    return judged(derivative(_own, _diagonal, OWN, by="v_i"))


@claim(
    88, SOFTMAX.at(226), "formula", "convention",
    says="The derivative of the softmax is y_i (1 - y_i).", printed="y_i (1 - y_i)",
    convention="only its diagonal, i = j; by another v_j the derivative is -y_i y_j, which the slide leaves out and "
      "line 275 needs",
)  # fmt: skip
def diagonal_only() -> Evidence:
    def only_diagonal(dy, v):
        y = softmax(v)
        return dy * y * (1 - y)

    def whole(dy, v):
        y = softmax(v)
        return y * (dy - (dy * y).sum())

    right = every(
        derivative(_own, _diagonal, OWN, by="v_i").about("the diagonal"),
        derivative(softmax, whole, V, by="v").about("with -y_i y_j beside it, the whole derivative"),
    )
    return conventional(right, derivative(softmax, only_diagonal, V, by="v").about("the diagonal alone as the whole"))


@claim(
    89, SOFTMAX.at(228), "formula", "holds",
    says="The derivative of a product f g is f' g + f g'.",
    printed=r"\frac{d(f(x))}{dx} g(x) + f(x) \frac{d(g(x))}{dx}",
)  # fmt: skip
def product_rule() -> Evidence:
    def gradient(dy, x):
        return dy * (slope(x) * (x**3 - x) + sigmoid(x) * (3 * x**2 - 1))

    return judged(derivative(lambda x: sigmoid(x) * (x**3 - x), gradient, X, by="x").about("σ(x) (x³ - x)"))


# -- the cross-entropy ------------------------------------------------------------------------------

PROBABILITIES = [
    {"y_hat": np.asarray(p), "y": np.asarray(y)}
    for p, y in ((0.5, 1.0), (0.5, 0.0), (0.25, 1.0), (0.75, 0.0), (0.875, 0.5), (1 / 1024, 1.0))
]
"""An output ŷ and its label y, simplest first."""


def _by_y_hat(form) -> Outcome:
    return derivative_at(binary_loss, lambda dy, y_hat, y: dy * form(y_hat, y), PROBABILITIES, by="y_hat")


def _entropy_steps() -> None:
    for number, says, printed, form in (
        (
            90,
            "The derivative of ln(ŷ) is 1/ŷ, and that of ln(1 - ŷ) is -1/(1 - ŷ).",
            r"\partial (-y \ln(\hat{y}) - (1-y) \ln(1-\hat{y}))}{\partial \hat{y}} \\ &= -y \frac{1}{\hat{y}}",
            lambda p, y: -y * (1 / p) - (1 - y) * (-1 / (1 - p)),
        ),
        (
            91,
            "Over the common denominator: -y(1 - ŷ) + (1 - y)ŷ.",
            r"\frac{-y(1-\hat{y}) + (1-y)\hat{y}}{\hat{y}(1-\hat{y})}",
            lambda p, y: (-y * (1 - p) + (1 - y) * p) / (p * (1 - p)),
        ),
        (
            92,
            "The numerator is -(y - ŷ).",
            r"\frac{-(y-\hat{y})}{\hat{y}(1-\hat{y})}",
            lambda p, y: -(y - p) / (p * (1 - p)),
        ),
    ):
        claim(number, ENTROPY.at(233), "derivation", "holds", says=says, printed=printed)(
            lambda form=form: judged(_by_y_hat(form))
        )  # fmt: skip


_entropy_steps()


@claim(
    93, ENTROPY.at(237), "formula", "holds",
    says="∂ŷ/∂b is σ(b)(1 - σ(b)), and ŷ(1 - ŷ).",
    printed=r"\frac{\partial \hat{y}}{\partial b} = \sigma(b)(1 - \sigma(b))",
)  # fmt: skip
def output_by_b() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, b: dy * sigmoid(b) * (1 - sigmoid(b)), {"b": ""}, by="b"))


def _logit_loss(b, y):
    return binary_loss(sigmoid(b), y)


def _quotient_times(b, y):
    """The printed product, before it is cancelled."""
    y_hat = sigmoid(b)
    return -(y - y_hat) / (y_hat * (1 - y_hat)) * (y_hat * (1 - y_hat))


@claim(
    94, ENTROPY.at(240), "derivation", "holds",
    says="∂L/∂b is the product of the two.",
    printed=r"\frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial b}",
)  # fmt: skip
def product_of_the_two() -> Evidence:
    return judged(derivative(_logit_loss, lambda dy, b, y: dy * _quotient_times(b, y), B, by="b"))


@claim(95, ENTROPY.at(240), "derivation", "holds", says="ŷ(1 - ŷ) cancels.", printed=r"= -(y-\hat{y})")
def cancels() -> Evidence:
    return judged(same(_quotient_times, lambda b, y: -(y - sigmoid(b)), B))


@claim(
    96, ENTROPY.at(240), "derivation", "convention",
    says="The product and ŷ - y are the same.", printed=r"\times \hat{y}(1-\hat{y}) = -(y-\hat{y})",
    convention="exact numbers: in double precision ŷ is 1 from b = 37 on, and the product is 0/0 where ŷ - y is 0",
)  # fmt: skip
def in_floats() -> Evidence:
    b, y = np.array([40.0]), np.array([1.0])
    exact = same(_quotient_times, lambda b, y: sigmoid(b) - y, [{"b": b, "y": y}]).about("b = 40, y = 1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        product = _quotient_times(b, y)[0]
    return conventional(
        exact,
        observed(bool(np.isfinite(product)), f"in double precision the product is {product}, ŷ - y {sigmoid(b) - y}"),
    )


@claim(
    97, ENTROPY.at(240), "formula", "holds",
    says="∂L/∂b is ŷ - y, and this is e.", printed=r"= \hat{y} - y = \sigma(b) - y \rightarrow e",
)  # fmt: skip
def error_is_the_gradient() -> Evidence:
    return judged(derivative(_logit_loss, lambda dy, b, y: dy * (sigmoid(b) - y), B, by="b"))
