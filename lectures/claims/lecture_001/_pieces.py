"""What several slides share: losses and logarithms as printed, the 3-4-1 network, digits that are cut off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from .._exact import ball, digits
from .._outcome import Outcome
from .._points import Point

# As printed on lines 122, 124 and 135.
W1 = tuple(tuple(Fraction(n, 10) for n in row) for row in ((1, 2, 5), (2, 3, 1), (1, 4, 6), (2, 3, 9)))
X = (Fraction(1), Fraction(1), Fraction(1))
W2 = tuple(Fraction(n, 10) for n in (4, 12, 41, 1))
B2 = Fraction(14, 10)
PRINTED_A1 = tuple(Fraction(text) for text in ("0.68", "0.64", "0.75", "0.8"))


def sigmoid(v: Any) -> Any:
    """1 / (1 + exp(-v)), elementwise, any shape; of a ball a ball."""
    return 1 / (1 + (-v).exp()) if isinstance(v, arb) else 1 / (1 + np.exp(-v))


def log10(v: Any) -> Any:
    """The logarithm to base 10 as ln(v) / ln(10), so that 10 is exact where v is. Any shape."""
    return np.log(v) / ln10(v)


def ln10(like: Any) -> Any:
    """ln(10) in the numbers and the shape of `like`."""
    return np.log(10 + 0 * like)


def cross_entropy(g: Any, y: Any, log: Callable[[Any], Any] = np.log) -> Any:
    """The loss of line 245 for outputs g between 0 and 1, elementwise."""
    return -(y * log(g) + (1 - y) * log(1 - g))


def network(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Lines 126 to 153: x (D, 1), w1 (H, D), b1 (H, 1), w2 (1, H), b2 (1, 1). Output (1, 1)."""
    return sigmoid(w2 @ sigmoid(w1 @ x + b1) + b2)


def numbers(*columns: Sequence[float]) -> list[Point]:
    """Points at which g, and y, are these scalars."""
    return [dict(zip(("g", "y"), map(np.asarray, column), strict=True)) for column in columns]


PROBABILITIES = numbers((0.5, 1.0), (0.5, 0.0), (0.25, 1.0), (0.25, 0.0), (0.9, 1.0), (0.001, 0.0))
"""An output g and its label y, simplest first."""


def cuts_to(printed: str, value: Any) -> Outcome:
    """Is the printed decimal the exact value with its further digits cut off? For values that are not negative."""
    low = Fraction(printed)
    high = low + Fraction(Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent)))
    exact = isinstance(value, Fraction)  # compared as it is: a ball at the end of the interval would tell nothing
    x, first, beyond = (value, low, high) if exact else (ball(value), ball(low), ball(high))
    if first <= x and x < beyond:
        return Outcome(True, f"the exact value {digits(x, 10)}, cut off, is {printed}", (("exact", digits(x, 10)),))
    if x < first or x >= beyond:
        return Outcome(False, f"the exact value {digits(x, 10)}, cut off, is not {printed}")
    return Outcome(None, f"the value {x} is not known well enough")


# -- the example's numbers, exactly -----------------------------------------------------------------


def hidden_sums() -> tuple[Fraction, ...]:
    """z of the first layer of the example."""
    return tuple(sum((w * x for w, x in zip(row, X, strict=True)), Fraction(0)) for row in W1)


def hidden() -> tuple[arb, ...]:
    """a of the first layer of the example, in balls."""
    return tuple(sigmoid(ball(z)) for z in hidden_sums())


def output_sum(activations: Sequence[Any] | None = None, w2: Sequence[Any] = W2) -> Any:
    """z of the second layer, from these activations or the exact ones."""
    return sum((ball(w) * ball(a) for w, a in zip(w2, activations or hidden(), strict=True)), ball(B2))


def example_loss(w11: Any) -> arb:
    """The loss to base 10 of the example with label 1, by the first weight of the second layer."""
    return -sigmoid(output_sum(w2=(w11, *W2[1:]))).log() / arb(10).log()
