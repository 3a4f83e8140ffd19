"""Elementary functions as the exact numbers know them: value in a ball, derivative, and published error in ulp.

One table serves every number class: `jets`, `tape` and `rounding` look a function up here by the name
that NumPy's object loops call (``np.arctan`` calls ``x.arctan()``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb


@dataclass(frozen=True)
class Elementary:
    """ball: arb -> arb. slope: (x, y) -> f'(x), in whatever scalars these are. ulp: worst error, (float32, float64)."""

    ball: Callable[[arb], arb]
    slope: Callable[[Any, Any], Any]
    ulp: tuple[float, float]


def apply(name: str, x: Any) -> Any:
    """Evaluate the elementary function `name` on a scalar: an arb directly, any other by its own rule."""
    return TABLE[name].ball(x) if isinstance(x, arb) else x.elementary(name)


def _cbrt(x: arb) -> arb:
    return -((-x).root(3)) if x < 0 else x.root(3)


def _expit(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


def _square(x: Any) -> Any:
    return x * x


_TWO_OVER_SQRT_PI = 1.1283791670955126  # only ever a factor of a rounded number; the ball version is below


def _erf_slope(x: Any, y: Any) -> Any:
    factor = 2 / arb.pi().sqrt() if isinstance(x, arb) else _TWO_OVER_SQRT_PI
    return factor * apply("exp", -(x * x))


# Worst errors in ulp, (float32, float64): the largest of
# - the CPU maxima that the JAX project publishes for its elementary functions (documentation, "Accuracy"),
# - NumPy's own SIMD kernels (loops_exponent_log: float32 exp 2.52, log 3.83; umath accuracy tests: at most 4),
# - glibc's manual, "Errors in Math Functions" (x86_64), and SLEEF's 1.0 ulp variants that PyTorch calls.
# erf and erfc: JAX' figures. sqrt is correctly rounded everywhere (IEEE 754).
TABLE: dict[str, Elementary] = {
    "exp": Elementary(arb.exp, lambda x, y: y, (3.0, 2.0)),
    "exp2": Elementary(lambda x: (x * arb.const_log2()).exp(), lambda x, y: y * 0.6931471805599453, (3.0, 2.0)),
    "expm1": Elementary(arb.expm1, lambda x, y: apply("exp", x), (6.5, 4.5)),
    "log": Elementary(arb.log, lambda x, y: 1 / x, (4.0, 2.0)),
    "log2": Elementary(lambda x: x.log() / arb.const_log2(), lambda x, y: 1.4426950408889634 / x, (4.0, 2.0)),
    "log10": Elementary(lambda x: x.log() / arb.const_log10(), lambda x, y: 0.4342944819032518 / x, (4.0, 2.0)),
    "log1p": Elementary(arb.log1p, lambda x, y: 1 / (1 + x), (4.0, 2.0)),
    "sqrt": Elementary(arb.sqrt, lambda x, y: 1 / (2 * y), (0.5, 0.5)),
    "cbrt": Elementary(_cbrt, lambda x, y: 1 / (3 * y * y), (4.0, 4.0)),
    "sin": Elementary(arb.sin, lambda x, y: apply("cos", x), (2.0, 2.0)),
    "cos": Elementary(arb.cos, lambda x, y: -apply("sin", x), (2.0, 2.0)),
    "tan": Elementary(arb.tan, lambda x, y: 1 + y * y, (4.0, 4.0)),
    "arcsin": Elementary(arb.asin, lambda x, y: 1 / apply("sqrt", (1 - x) * (1 + x)), (4.0, 4.0)),
    "arccos": Elementary(arb.acos, lambda x, y: -1 / apply("sqrt", (1 - x) * (1 + x)), (4.0, 4.0)),
    "arctan": Elementary(arb.atan, lambda x, y: 1 / (1 + x * x), (5.5, 4.0)),
    "sinh": Elementary(arb.sinh, lambda x, y: apply("cosh", x), (4.0, 4.0)),
    "cosh": Elementary(arb.cosh, lambda x, y: apply("sinh", x), (4.0, 4.0)),
    "tanh": Elementary(arb.tanh, lambda x, y: _square(1 / apply("cosh", x)), (5.0, 7.0)),
    "arcsinh": Elementary(arb.asinh, lambda x, y: 1 / apply("sqrt", 1 + x * x), (4.0, 4.0)),
    "arccosh": Elementary(arb.acosh, lambda x, y: 1 / apply("sqrt", (x - 1) * (x + 1)), (4.0, 4.0)),
    "arctanh": Elementary(arb.atanh, lambda x, y: 1 / ((1 - x) * (1 + x)), (4.0, 4.0)),
    "expit": Elementary(_expit, lambda x, y: y * apply("expit", -x), (2.5, 3.5)),
    "erf": Elementary(arb.erf, _erf_slope, (7.0, 2.5)),
    "erfc": Elementary(arb.erfc, lambda x, y: -_erf_slope(x, y), (66.0, 350.0)),
}

# x ** p in floats: glibc's pow is within 1 ulp; NumPy's and the frameworks' SIMD kernels are documented to 4.
POWER_ULP = (4.0, 4.0)

# 1 / sqrt(x) where a program has a function for it, as normalisations do: the CPU maxima that JAX publishes for rsqrt.
RSQRT_ULP = (2.0, 1.5)


def ball_constants() -> dict[str, Callable[[Any, Any], Any]]:
    """Slopes whose constant must be a ball, not a double, where x is a ball."""
    return {
        "exp2": lambda x, y: y * arb.const_log2(),
        "log2": lambda x, y: 1 / (x * arb.const_log2()),
        "log10": lambda x, y: 1 / (x * arb.const_log10()),
    }


_BALL_SLOPES = ball_constants()


def slope(name: str, x: Any, y: Any) -> Any:
    """f'(x), given y = f(x), in the scalars that x and y are."""
    if isinstance(x, arb) and name in _BALL_SLOPES:
        return _BALL_SLOPES[name](x, y)
    return TABLE[name].slope(x, y)
