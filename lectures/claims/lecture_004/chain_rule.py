"""Slides 'The Chain Rule on a Simple Network' to 'The 2nd example of backpropagation': graphs walked back."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, rounds_to, same
from .._outcome import conventional, every, judged, observed
from ._pieces import sigmoid, slope

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

WALK = Slide("The Chain Rule on a Simple Network", 113)
SIMPLE = Slide("The Chain Rule on a Simple Network", 126)
MULTIVARIATE = Slide("Chain Rule in Back Propagation", 135)
SECOND = Slide("The 2nd example of backpropagation", 150)

A = {"a": ""}
X = {"x": ""}
WEIGHTS = {"w1": "", "w2": "", "y": ""}

CLAIMS += [
    uncheckable(
        "004-038", SECOND.at(150), "The second graph, with its weights and input.",
        "the figure is lost; the local derivatives 1, 1, 1 and 3 and the output 14 do not fix the weights", "",
    ),
]  # fmt: skip


def _c(a):
    """The first graph: b = 2a, c = b²."""
    return (2 * a) ** 2


# -- one path ---------------------------------------------------------------------------------------


@claim(
    39, WALK.at(123), "statement", "holds",
    says="The local gradient of an operation is the derivative of its output by its input: 2 for 2a, 2b for b².",
    printed="the derivative of the operation's output with respect to its input",
)  # fmt: skip
def local_gradients() -> Evidence:
    return judged(
        every(
            derivative(lambda a: 2 * a, lambda dy, a: 2 * dy, A, by="a").about("2a"),
            derivative(lambda b: b**2, lambda dy, b: 2 * b * dy, {"b": ""}, by="b").about("b²"),
        )
    )


@claim(
    40, WALK.at(124), "statement", "convention",
    says="The derivative is the product of all local gradients along the way.",
    printed="Multiply all the local gradients together",
    convention="only one way leads from c to a; where there are several, the products are added, as line 144 does",
)  # fmt: skip
def product_of_all() -> Evidence:
    def two_ways(a):
        return 2 * a * a**2

    return conventional(
        derivative(_c, lambda dy, a: dy * 2 * (2 * a) * 2, A, by="a").about("c = (2a)²: one way"),
        derivative(two_ways, lambda dy, a: dy * a**2 * 2 * (2 * a) * 2 * a, A, by="a").about(
            "c = (2a)(a²): the product of all four local gradients"
        ),
    )


@claim(
    41, SIMPLE.at(133), "derivation", "holds",
    says="∂c/∂a is ∂c/∂b times ∂b/∂a.",
    printed=r"\frac{\partial c}{\partial b} \frac{\partial b}{\partial a}",
)  # fmt: skip
def chain() -> Evidence:
    general = derivative(lambda a: sigmoid(a**2), lambda dy, a: dy * slope(a**2) * 2 * a, A, by="a")
    return judged(
        every(derivative(_c, lambda dy, a: dy * (2 * (2 * a)) * 2, A, by="a"), general.about("σ(a²) as well"))
    )


@claim(
    42, SIMPLE.at(133), "derivation", "holds",
    says="The graph is b = 2a and c = b², as in ∂(b²)/∂b and ∂(2a)/∂a.",
    printed=r"\frac{\partial(b^2)}{\partial b} \frac{\partial(2a)}{\partial a}",
)  # fmt: skip
def the_graph() -> Evidence:
    def walked(a):
        b = 2 * a
        return b**2

    return judged(same(walked, lambda a: 4 * a * a, A))


@claim(
    43, SIMPLE.at(133), "derivation", "holds",
    says="The two local derivatives are 2b and 2.", printed=r"= 2b \times 2",
)  # fmt: skip
def two_b_times_two() -> Evidence:
    return judged(derivative(_c, lambda dy, a: dy * 2 * (2 * a) * 2, A, by="a"))


@claim(44, SIMPLE.at(133), "derivation", "holds", says="b is put back as 2a.", printed=r"= 2(2a) \times 2")
def b_put_back() -> Evidence:
    return judged(same(lambda a: 2 * (2 * a) * 2, lambda a: (lambda b: 2 * b * 2)(a + a), A))


@claim(45, SIMPLE.at(133), "formula", "holds", says="∂c/∂a is 8a.", printed="= 8a")
def eight_a() -> Evidence:
    return judged(derivative(_c, lambda dy, a: dy * 8 * a, A, by="a"))


# -- several paths ----------------------------------------------------------------------------------


def _l(x):
    """L = y z² with y = σ(x) and z = x²: both arguments matter, and neither way is linear."""
    return sigmoid(x) * (x**2) ** 2


def _partials(x):
    """∂L/∂y, dy/dx, ∂L/∂z, dz/dx of it."""
    y, z = sigmoid(x), x**2
    return z**2, slope(x), 2 * y * z, 2 * x


def _sum_of_two(dy, x):
    by_y, y_by_x, by_z, z_by_x = _partials(x)
    return dy * (by_y * y_by_x + by_z * z_by_x)


@claim(
    46, MULTIVARIATE.at(144), "formula", "holds",
    says="With two ways from x to L, the products along them are added.",
    printed=r"\frac{dL}{dx} = \frac{dL}{dy} \frac{dy}{dx} + \frac{dL}{dz} \frac{dz}{dx}",
)  # fmt: skip
def two_ways() -> Evidence:
    return judged(derivative(_l, _sum_of_two, X, by="x").about("L = σ(x) (x²)²"))


@claim(
    47, MULTIVARIATE.at(144), "formula", "convention",
    says="dL/dy and dL/dz are written as total derivatives.", printed=r"\frac{dL}{dy}",
    convention="they are partial derivatives, the other argument held; taken along x, each product alone is already "
      "dL/dx, and the sum twice that",
)  # fmt: skip
def partial_not_total() -> Evidence:
    def of_totals(dy, x):
        along_x = _sum_of_two(1, x)
        return dy * (along_x + along_x)

    return conventional(
        derivative(_l, _sum_of_two, X, by="x").about("partial"), derivative(_l, of_totals, X, by="x").about("total")
    )


@claim(
    48, MULTIVARIATE.at(148), "formula", "erratum",
    says="The bar of L is the sum of ȳ dy/dx and z̄ dz/dx.",
    printed=r"\bar{L} = \bar{y} \frac{dy}{dx} + \bar{z} \frac{dz}{dx}",
    corrected="x̄ = ȳ dy/dx + z̄ dz/dx: a bar is the derivative of L by what stands under it (line 186), and L̄ is 1",
)  # fmt: skip
def bar_of_l() -> Evidence:
    def printed(x):
        return _sum_of_two(1, x)

    bar_l = same(printed, lambda x: 1 + 0 * x, X).about("as ∂L/∂L")
    return judged(bar_l, derivative(_l, _sum_of_two, X, by="x").about("as ∂L/∂x"))


# -- the second example -----------------------------------------------------------------------------


def _y_hat(w1, w2):
    """A graph with the printed local derivatives: ŷ = w1 + w2 + a, a = 3 w2."""
    return w1 + w2 + 3 * w2


def _squared(w1, w2, y):
    return (_y_hat(w1, w2) - y) ** 2


@claim(
    49, SECOND.at(154), "derivation", "holds",
    says="∂L/∂w_1 is ∂L/∂ŷ times ∂ŷ/∂w_1.",
    printed=r"\frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial w_1}",
)  # fmt: skip
def by_w1() -> Evidence:
    return judged(
        derivative(_squared, lambda dy, w1, w2, y: dy * 2 * (_y_hat(w1, w2) - y) * 1, WEIGHTS, by="w1").about(
            "on a graph with the printed local derivatives"
        )
    )


@claim(
    50, SECOND.at(154), "formula", "convention",
    says="∂L/∂ŷ is 2(ŷ - y).", printed=r"2(\hat{y} - y) \times 1",
    convention="L is the squared error without the 1/2 that line 160 gives it",
)  # fmt: skip
def factor_two() -> Evidence:
    def gradient(dy, y_hat, y):
        return dy * 2 * (y_hat - y)

    at = {"y_hat": "", "y": ""}
    return conventional(
        derivative(lambda y_hat, y: (y_hat - y) ** 2, gradient, at, by="y_hat").about("(ŷ - y)²"),
        derivative(lambda y_hat, y: (y_hat - y) ** 2 / 2, gradient, at, by="y_hat").about("(ŷ - y)²/2"),
    )


@claim(
    51, SECOND.at(154), "number", "holds",
    says="With ŷ = 14 and y = 17, ∂L/∂w_1 is -6.", printed=r"2(14 - 17) \times 1 = -6",
)  # fmt: skip
def minus_six() -> Evidence:
    return judged(rounds_to("-6", Fraction(2 * (14 - 17) * 1)))


@claim(
    52, SECOND.at(156), "derivation", "holds",
    says="∂L/∂w_2 is the sum over its two ways, one directly to ŷ, one through a.",
    printed=r"\frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial a} \frac{\partial a}{\partial w_2}",
)  # fmt: skip
def by_w2() -> Evidence:
    def gradient(dy, w1, w2, y):
        by_y_hat = 2 * (_y_hat(w1, w2) - y)
        return dy * (by_y_hat * 1 + by_y_hat * 1 * 3)

    return judged(derivative(_squared, gradient, WEIGHTS, by="w2"))


@claim(
    53, SECOND.at(156), "formula", "convention",
    says="The first product holds ∂ŷ/∂w_2.", printed=r"\frac{\partial \hat{y}}{\partial w_2} +",
    convention="∂ŷ/∂w_2 on the right is the direct way only, a held (1); the derivative of ŷ by w_2 is 4, and with it "
      "the way through a counts twice",
)  # fmt: skip
def direct_way_only() -> Evidence:
    def gradient(direct):
        def by_w2(dy, w1, w2, y):
            by_y_hat = 2 * (_y_hat(w1, w2) - y)
            return dy * (by_y_hat * direct + by_y_hat * 1 * 3)

        return derivative(_squared, by_w2, WEIGHTS, by="w2")

    return conventional(gradient(1).about("a held"), gradient(4).about("a moving with w_2"))


@claim(
    54, SECOND.at(156), "number", "holds",
    says="∂L/∂w_2 is -24.", printed=r"-6 \times 1 + (-6) \times 1 \times 3 = -24",
)  # fmt: skip
def minus_twenty_four() -> Evidence:
    return judged(rounds_to("-24", Fraction(-6 * 1 + (-6) * 1 * 3)))


@claim(
    55, SECOND.at(156), "result", "holds",
    says="The numbers fit together: there is a graph with these local derivatives and ŷ = 14, and it gives -6 and -24.",
    printed="-24",
)  # fmt: skip
def numbers_fit_together() -> Evidence:
    at = {"w1": np.asarray(2.0), "w2": np.asarray(3.0), "y": np.asarray(17.0)}
    step = 1 / 2  # a central difference of a square is exact
    by_w1, by_w2 = (
        float(_squared(**{**at, name: at[name] + step}) - _squared(**{**at, name: at[name] - step}))
        for name in ("w1", "w2")
    )
    y_hat = float(_y_hat(at["w1"], at["w2"]))
    return judged(
        observed(
            (y_hat, by_w1, by_w2) == (14.0, -6.0, -24.0),
            f"ŷ = w1 + w2 + a, a = 3 w2 with w1 = 2, w2 = 3: ŷ = {y_hat:g}, slopes {by_w1:g} and {by_w2:g}",
        )
    )
