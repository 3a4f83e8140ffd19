"""Slides 'Vanishing Gradient and Overfitting' to 'Overfitting': gradient sizes by depth, and ReLU."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import ball, same
from .._outcome import Outcome, conventional, judged, observed
from ._pieces_training import deep, gradient_sizes, gradients, relu

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

BOTH = Slide("Vanishing Gradient and Overfitting", 633)
VANISHING = Slide("Vanishing Gradient", 640)
RELU = Slide("Vanishing Gradient : ReLU", 648)
OVERFITTING = Slide("Overfitting", 664)

SEEDS = range(5)
DEPTHS = (1, 2, 4, 8)

CLAIMS += [
    uncheckable("004-252", BOTH.at(635), "Deeper networks did worse because they were not trained properly.",
                "a reading of the field's history", "the network was not properly trained"),
]  # fmt: skip


def reach(name: str, depth: int) -> list[float]:
    """The size of the first layer's gradient as a share of the last one's, for each seed."""
    sizes = [gradient_sizes(name, depth, seed) for seed in SEEDS]
    return [size[0] / size[-1] for size in sizes]


def _shares(name: str) -> str:
    return ", ".join(f"{depth}: {min(reach(name, depth)):.2g} to {max(reach(name, depth)):.2g}" for depth in DEPTHS)


@claim(
    253, BOTH.at(637), "statement", "holds",
    says="Deep networks have the difficulty of a vanishing gradient: with sigmoids it shrinks from layer to layer.",
    printed="**Vanishing gradient**",
)  # fmt: skip
def shrinks_from_layer_to_layer() -> Evidence:
    # From the first hidden layer of weights on: the input layer has another width.
    rising = [all(a < b for a, b in pairwise(gradient_sizes("sigmoid", 8, seed)[1:])) for seed in SEEDS]
    one = ", ".join(f"{size:.1e}" for size in gradient_sizes("sigmoid", 8, 0))
    return judged(observed(all(rising), f"eight hidden layers, five seeds; sizes of one, first layer first: {one}"))


@claim(
    254, BOTH.at(638), "statement", "holds",
    says="Deep networks have the difficulty of overfitting: they learn labels that follow no rule.",
    printed="**Overfitting**",
)  # fmt: skip
def learns_coins_by_heart() -> Evidence:
    right = [_learnt_by_heart(seed) for seed in range(3)]
    text = (
        "20-20-20 ReLU network, 20 examples, labels by coin: shares right in training; on new ones it can only be 1/2"
    )
    return judged(observed(all(share == 1 for share in right), text, right=right))


def _learnt_by_heart(seed: int, steps: int = 300, rate: float = 0.3) -> float:
    rng = np.random.default_rng(seed)
    x, labels = rng.standard_normal((20, 25)), rng.integers(0, 2, 20)
    sizes = (25, 20, 20, 20, 2)
    weights = [rng.standard_normal((n + 1, m)) * np.sqrt(2 / (n + 1)) for n, m in pairwise(sizes)]
    for _ in range(steps):
        found = gradients(x, np.eye(2)[labels], *weights)
        weights = [w - rate * g for w, g in zip(weights, found, strict=True)]
    return float((deep(x, *weights).argmax(axis=1) == labels).mean())


@claim(
    255, VANISHING.at(643), "statement", "holds",
    says="The error fails to reach the farther nodes the more layers there are.",
    printed="**fail to reach the farther nodes**",
)  # fmt: skip
def fails_to_reach() -> Evidence:
    shares = [reach("sigmoid", depth) for depth in DEPTHS]
    falls = all(max(deeper) < min(shallower) for shallower, deeper in pairwise(shares))
    text = f"first layer's gradient by the last one's, five seeds, for hidden layers {_shares('sigmoid')}"
    return judged(observed(falls, text))


@claim(
    256, VANISHING.at(644), "statement", "convention",
    says="The weights of the first hidden layer cannot be adjusted.", printed="**the weight cannot be adjusted**",
    convention="within the steps of an ordinary training: each is small, and none of them is zero",
)  # fmt: skip
def cannot_be_adjusted() -> Evidence:
    sizes = [gradient_sizes("sigmoid", 8, seed) for seed in SEEDS]
    small = all(1000 * size[0] < size[-1] for size in sizes)
    zero = all(size[0] == 0 for size in sizes)
    least = ", ".join(f"{size[0]:.1e}" for size in sizes)
    return conventional(
        observed(small, "with eight hidden layers each step of the first layer is less than 1/1000 of the last one's"),
        observed(zero, f"its gradient has the size {least}, and is not zero"),
    )


@claim(
    257, RELU.at(650), "statement", "holds",
    says="ReLU is a solution: its gradient reaches the first layer where the sigmoid's does not.",
    printed="A solution to the vanishing gradient",
)  # fmt: skip
def relu_reaches() -> Evidence:
    better = all(min(reach("relu", depth)) > max(reach("sigmoid", depth)) for depth in DEPTHS[1:])
    text = f"first by last for hidden layers with ReLU {_shares('relu')}, with the sigmoid {_shares('sigmoid')}"
    return judged(observed(better, text))


@claim(
    258, RELU.at(652), "formula", "holds",
    says="ReLU is x where x > 0, else 0, and that is max(0, x).", printed=r"= \max(0, x)",
)  # fmt: skip
def cases_are_the_maximum() -> Evidence:
    return judged(same(lambda x: np.where(x > 0, x, 0 * x), lambda x: np.maximum(0 * x, x), {"x": "N H"}))


@claim(
    259, RELU.at(658), "statement", "holds",
    says="The sigmoid's outputs stay below one, ReLU's have no limit.",
    printed="limits the node's outputs to the unity",
)  # fmt: skip
def limits() -> Evidence:
    values = [1 / (1 + (-ball(x)).exp()) for x in (-30, -1, 0, 1, 30)]
    within = all(v > 0 and v < 1 for v in values)
    beyond = all(float(relu(np.array(float(x)))) == x for x in (2, 10**6, 10**12))
    return judged(observed(within and beyond, "0 < sigmoid(x) < 1 for x up to 30 in exact balls; ReLU gives x itself"))


def slopes(x: Fraction) -> tuple[float, int]:
    """The derivatives of sigmoid and ReLU at x, not 0."""
    e = float((-abs(ball(x))).exp())
    return e / (1 + e) ** 2, int(x > 0)


@claim(
    260, RELU.at(658), "statement", "convention",
    says="ReLU transmits the error better than the sigmoid.", printed="better transmit the error",
    convention="at active nodes, x > 0, where its derivative is 1 and the sigmoid's at most 1/4; at the others it "
      "transmits nothing, and the sigmoid something",
)  # fmt: skip
def transmits_better() -> Evidence:
    active, idle = (Fraction(1, 100), Fraction(1), Fraction(10)), (Fraction(-1, 100), Fraction(-1), Fraction(-10))

    def better(at: tuple[Fraction, ...]) -> Outcome:
        found = {float(x): slopes(x) for x in at}
        said = "; ".join(f"x = {x:g}: {s:.2g} and {r}" for x, (s, r) in found.items())
        return observed(all(r > s for s, r in found.values()), f"derivatives of sigmoid and ReLU at {said}")

    return conventional(better(active), better(idle))


@claim(
    261, RELU.at(661), "formula", "convention",
    says="ReLU's derivative is 1 for x > 0 and 0 for x ≤ 0.", printed=r"0, & x \leq 0",
    convention="ρ'(0) = 0 is a choice: at 0 the slope is 0 to the left and 1 to the right, and there is no derivative",
)  # fmt: skip
def derivative_of_relu() -> Evidence:
    def quotient(x: Fraction, h: Fraction) -> Fraction:
        return (max(Fraction(0), x + h) - max(Fraction(0), x)) / h

    steps = [sign * Fraction(1, 10**k) for k in (3, 6) for sign in (1, -1)]
    points = [Fraction(n, 100) for n in (-300, -1, 1, 250)]
    away = all(quotient(x, h) == int(x > 0) for x in points for h in steps)
    at_zero = sorted({quotient(Fraction(0), h) for h in steps})
    return conventional(
        observed(away, "away from 0 every small difference quotient is the printed value"),
        observed(at_zero == [0], f"at 0 the difference quotients are {', '.join(map(str, at_zero))}"),
    )


def _weights(*sizes: int) -> int:
    return sum((n + 1) * m for n, m in pairwise(sizes))


@claim(
    262, OVERFITTING.at(666), "statement", "convention",
    says="More hidden layers mean more weights.", printed="more complicated as it includes more hidden layers",
    convention="layers are added and none becomes narrower; two layers of 50 have fewer weights than the one of 100 of "
      "line 610",
)  # fmt: skip
def more_layers_more_weights() -> Evidence:
    grown = [_weights(25, *[20] * depth, 5) for depth in (1, 2, 3, 4)]
    one, two = _weights(784, 100, 10), _weights(784, 50, 50, 10)
    return conventional(
        observed(all(a < b for a, b in pairwise(grown)), f"25 inputs, layers of 20, 5 outputs: {grown}"),
        observed(two > one, f"784-100-10 has {one} weights, 784-50-50-10 {two}"),
    )
