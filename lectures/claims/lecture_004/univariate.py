"""Slides 'Back-Propagation Algorithm': the univariate logistic model, derived at once and by a more structural way."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import sigmoid, slope

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

AT_ONCE = Slide("Back-Propagation Algorithm", 158)
STRUCTURAL = Slide("Back-Propagation Algorithm", 170)

AT = {"w": "", "x": "", "b": "", "y": ""}
FUNCTIONS = (("σ", sigmoid, slope), ("tanh", np.tanh, lambda v: 1 - np.tanh(v) ** 2))
"""The φ that the steps are tried with, and its slope by a form that the lecture does not use."""

CLAIMS += [
    uncheckable(
        "004-056", AT_ONCE.at(166), "The calculation is cumbersome.", "an opinion", "Cumbersome calculation",
    ),
]  # fmt: skip


def half_square(phi: Callable[..., Any]) -> Callable[..., Any]:
    """L of line 160 with this φ."""
    return lambda w, x, b, y: (phi(w * x + b) - y) ** 2 / 2


@cache
def both(form: Callable[..., Any], by: str) -> Outcome:
    """Is form(φ, φ', x, y) at v = w x + b the derivative of L, for every φ?"""

    def checked(phi, phi_slope):
        def gradient(dy, w, x, b, y):
            return dy * form(phi(w * x + b), phi_slope(w * x + b), x, y)

        return derivative(half_square(phi), gradient, AT, by=by)

    return every(*(checked(phi, phi_slope).about(f"φ = {name}") for name, phi, phi_slope in FUNCTIONS))


@cache
def inner(by: str, minus_label: bool) -> Outcome:
    """Is ∂φ(wx + b)/∂w, with - y or without, φ' times ∂(wx + b)/∂w, for every φ?"""

    def checked(phi, phi_slope):
        def forward(w, x, b, y):
            return phi(w * x + b) - (y if minus_label else 0 * y)

        def gradient(dy, w, x, b, y):
            return dy * phi_slope(w * x + b) * (x if by == "w" else 1)

        return derivative(forward, gradient, AT, by=by)

    return every(*(checked(phi, phi_slope).about(f"φ = {name}") for name, phi, phi_slope in FUNCTIONS))


# -- derived at once --------------------------------------------------------------------------------


@cache
def _expanded(by: str) -> Outcome:
    """Half the derivative of φ² - 2 y φ + y², the square multiplied out."""
    return both(lambda f, s, x, y: (2 * f * s - 2 * y * s) * (x if by == "w" else 1) / 2, by)


@cache
def _square_first(by: str) -> Outcome:
    """The square's own derivative, and then that of φ - y."""
    outer = derivative(lambda u: u**2 / 2, lambda dy, u: dy * u, {"u": ""}, by="u").about("u²/2")
    return every(outer, inner(by, minus_label=True))


@cache
def _argument(by: str) -> Outcome:
    def gradient(dy, w, x, b):
        return dy * (x if by == "w" else 1)

    return derivative(lambda w, x, b: w * x + b, gradient, {"w": "", "x": "", "b": ""}, by=by).about("wx + b")


def _steps() -> None:
    numbers = {"w": (57, 58, 59, 60), "b": (61, 62, 63, 64)}
    for by, line in (("w", 162), ("b", 164)):
        d = rf"\frac{{\partial}}{{\partial {by}}}"
        last = r"\varphi'(wx + b) \times x" if by == "w" else r"\varphi'(wx + b)\end{aligned}"
        factor = "x" if by == "w" else "1, so that φ' is the last factor"
        steps: tuple[tuple[str, str, Callable[[str], Outcome]], ...] = (
            (f"The factor 1/2 stands before ∂/∂{by} of the square.", rf"\frac{{1}}{{2}} {d}", _expanded),
            (f"The square's 2 and the 1/2 cancel: (φ - y) ∂(φ - y)/∂{by} is left.",
             rf"\times {d} (\varphi(wx + b) - y)", _square_first),
            (f"y does not depend on {by}, and ∂φ/∂{by} is φ'(wx + b) ∂(wx + b)/∂{by}.",
             rf"\varphi'(wx + b) \times {d} (wx + b)", lambda by: inner(by, minus_label=False)),
            (f"∂(wx + b)/∂{by} is {factor}.", last, lambda by: every(_argument(by), _whole(by))),
        )  # fmt: skip
        for number, (says, printed, step) in zip(numbers[by], steps, strict=True):
            claim(number, AT_ONCE.at(line), "derivation", "holds", says=says, printed=printed)(
                lambda step=step, by=by: judged(step(by))
            )


@cache
def _whole(by: str) -> Outcome:
    return both(lambda f, s, x, y: (f - y) * s * (x if by == "w" else 1), by)


_steps()


@claim(
    65, AT_ONCE.at(160), "formula", "convention",
    says="The logistic least-square model has the loss (φ(wx + b) - y)²/2, with φ.",
    printed=r"$L = \frac{1}{2}(\varphi(wx + b) - y)^2$",
    convention="φ is the logistic function, as on line 27; it is σ on line 253, while σ is the softmax on line 216",
)  # fmt: skip
def phi_is_the_logistic_function() -> Evidence:
    at = {"v": "n"}
    e = same(lambda v: FUNCTIONS[0][1](v), lambda v: (1 + np.tanh(v / 2)) / 2, at).about("φ as the σ of line 253")

    def softmax_of_all(v):
        return np.exp(v) / np.exp(v).sum()

    return conventional(e, same(softmax_of_all, sigmoid, at).about("as the σ of line 216"))


@claim(
    66, AT_ONCE.at(167), "statement", "holds",
    says="The two derivations are nearly the same: that by w has one factor x more.",
    printed="Two derivations are nearly identical (redundant)",
)  # fmt: skip
def nearly_identical() -> Evidence:
    with_factor = _whole("w").about("the result by b, times x")
    return judged(every(_whole("b").about("by b"), with_factor))


class _Counted:
    """A function that counts its calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.calls = function, 0

    def __call__(self, v: Any) -> Any:
        self.calls += 1
        return self.function(v)


def _at_once(phi, phi_slope, w, x, b, y):
    return (phi(w * x + b) - y) * phi_slope(w * x + b) * x, (phi(w * x + b) - y) * phi_slope(w * x + b)


def _by_bars(phi, phi_slope, w, x, b, y):
    z = x * w + b
    y_hat = phi(z)
    y_bar = y_hat - y
    z_bar = y_bar * phi_slope(z)
    return z_bar * x, z_bar * 1


@claim(
    67, AT_ONCE.at(168), "statement", "holds",
    says="Terms are repeated: φ and φ' are computed twice, where once is enough.", printed="Repeated terms",
)  # fmt: skip
def repeated_terms() -> Evidence:
    def calls(form):
        phi, phi_slope = _Counted(sigmoid), _Counted(slope)
        form(phi, phi_slope, 2.0, 3.0, 1.0, 0.5)
        return phi.calls, phi_slope.calls

    once, bars = calls(_at_once), calls(_by_bars)
    return judged(
        observed(once == (2, 2) and bars == (1, 1), f"calls of φ and φ': {once} at once, {bars} by lines 177 to 193")
    )


# -- the structural way -----------------------------------------------------------------------------


@claim(
    68, STRUCTURAL.at(181), "formula", "holds",
    says="z, ŷ and L, one after another, give the loss of line 172.",
    printed=r"L = \frac{1}{2}(\hat{y} - y)^2",
)  # fmt: skip
def one_after_another() -> Evidence:
    def composed(w, x, b, y):
        z = x * w + b
        y_hat = sigmoid(z)
        return (y_hat - y) ** 2 / 2

    return judged(same(composed, half_square(sigmoid), AT))


Y_HAT = {"y_hat": "", "y": ""}


@cache
def _bar(by: str) -> Outcome:
    return derivative(lambda y_hat, y: (y_hat - y) ** 2 / 2, lambda dy, y_hat, y: dy * (y_hat - y), Y_HAT, by=by)


@claim(
    69, STRUCTURAL.at(186), "formula", "holds",
    says="∂L/∂ŷ is ŷ - y.", printed=r"\frac{\partial L}{\partial \hat{y}} = \hat{y} - y",
)  # fmt: skip
def by_y_hat() -> Evidence:
    return judged(_bar("y_hat"))


@claim(
    70, STRUCTURAL.at(186), "formula", "convention",
    says="The derivative of L by ŷ is called ȳ.",
    printed=r"\bar{y} \equiv \frac{\partial L}{\partial \hat{y}}",
    convention="the bar stands over y and means ŷ; the bars of z, w and b are derivatives by what stands under them",
)  # fmt: skip
def bar_of_y() -> Evidence:
    return conventional(_bar("y_hat").about("ŷ - y as the derivative by ŷ"), _bar("y").about("by y"))


Z = {"z": "", "y": ""}


def _bar_times_slope(z, y):
    return (sigmoid(z) - y) * slope(z)


@cache
def _by_z(form: Callable[..., Any]) -> Outcome:
    return derivative(lambda z, y: (sigmoid(z) - y) ** 2 / 2, lambda dy, z, y: dy * form(z, y), Z, by="z")


@claim(
    71, STRUCTURAL.at(188), "derivation", "holds",
    says="∂L/∂z is ∂L/∂ŷ times ∂ŷ/∂z.",
    printed=r"\frac{\partial L}{\partial \hat{y}} \frac{\partial \hat{y}}{\partial z}",
)  # fmt: skip
def by_z_through_y_hat() -> Evidence:
    local = derivative(sigmoid, lambda dy, z: dy * slope(z), {"z": ""}, by="z").about("∂ŷ/∂z")
    return judged(every(_bar("y_hat").about("∂L/∂ŷ"), local, _by_z(_bar_times_slope)))


@claim(
    72, STRUCTURAL.at(188), "formula", "holds",
    says="z̄ is ȳ φ'(z), the slope taken at z.", printed=r"\bar{y} \varphi'(z)",
)  # fmt: skip
def z_bar() -> Evidence:
    right = _by_z(_bar_times_slope)
    elsewhere = _by_z(lambda z, y: (sigmoid(z) - y) * slope(sigmoid(z)))
    fails = Outcome(elsewhere.holds is False, f"with the slope at ŷ: {elsewhere.text}", elsewhere.numbers)
    return judged(every(right, fails))


@cache
def _bars(by: str) -> Outcome:
    def gradient(dy, w, x, b, y):
        z = x * w + b
        return dy * (sigmoid(z) - y) * slope(z) * (x if by == "w" else 1)

    return derivative(half_square(sigmoid), gradient, AT, by=by)


@claim(
    73, STRUCTURAL.at(191), "derivation", "holds",
    says="∂L/∂w is ∂L/∂z times ∂z/∂w, which is x: z̄ x.",
    printed=r"\frac{\partial L}{\partial z} \frac{\partial z}{\partial w}",
)  # fmt: skip
def by_w_through_z() -> Evidence:
    return judged(every(_argument("w"), _bars("w").about("z̄ x")))


@claim(
    74, STRUCTURAL.at(193), "derivation", "holds",
    says="∂L/∂b is ∂L/∂z times ∂z/∂b, which is 1: z̄.",
    printed=r"\frac{\partial L}{\partial z} \frac{\partial z}{\partial b}",
)  # fmt: skip
def by_b_through_z() -> Evidence:
    return judged(every(_argument("b"), _bars("b").about("z̄")))


@claim(
    75, STRUCTURAL.at(198), "statement", "holds",
    says="A program can compute the four bars one from another, and gets the derivatives.",
    printed="are computed by program",
)  # fmt: skip
def by_program() -> Evidence:
    def gradient(dy, w, x, b, y):
        by_w, by_b = _by_bars(sigmoid, slope, w, x, b, y)
        return dy * by_w, dy * by_b

    return judged(derivative(half_square(sigmoid), gradient, AT, by="w b"))
