"""Slides 'ANN learning process' to 'Forward pass': what backpropagation is said to do, and its four steps."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import conventional, every, judged, observed
from ._pieces import cross_entropy, network, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

PROCESS = Slide("# ANN learning process", 22)
PARAMETERS = Slide("# ANN learning process", 31)
ALGORITHM = Slide("# Backpropagation Algorithm", 43)
STEPS = Slide("# Backpropagation Algorithm", 52)
FORWARD = Slide("# Forward pass", 63)

NET = {"x": "D 1", "w1": "H D", "b1": "H 1", "w2": "1 H", "b2": "1 1"}

CLAIMS += [
    uncheckable(
        "001-001", PROCESS.at(24), "The pictured network predicts a disease.",
        "the figure is lost, and with it the sizes that the question on line 29 asks about", "to predict a disease",
    ),
    uncheckable(
        "001-002", PARAMETERS.at(35), "Backpropagation is the standard method for learning weights and biases.",
        "a statement about common practice", "standard method",
    ),
    uncheckable(
        "001-003", ALGORITHM.at(48), "Backpropagation was introduced in the 1970s.",
        "a statement of history: nothing to compute", "introduced in the **1970s**",
    ),
    uncheckable(
        "001-004", ALGORITHM.at(45), "Backpropagation is a feedback system that reviews its performance.",
        "a picture in words; what it does is claimed on lines 46 and 47", "feedback system",
    ),
]  # fmt: skip


@claim(
    5, PARAMETERS.at(33), "formula", "holds",
    says="The parameters are the weights and the biases: n_in n_out + n_out of them for each layer.",
    printed=r"\# \text{ weights} + \# \text{ biases}",
)  # fmt: skip
def number_of_parameters() -> Evidence:
    layers = ((3, 4), (4, 1), (5, 2))
    counted = [np.zeros((n_out, n_in)).size + np.zeros((n_out, 1)).size for n_in, n_out in layers]
    formula = [n_in * n_out + n_out for n_in, n_out in layers]
    return judged(observed(counted == formula, "the 3-4-1 network of line 122 has 16 + 5 = 21", layers=counted))


@claim(
    6, PARAMETERS.at(36), "statement", "convention",
    says="Backpropagation determines the exact changes to make to weights and biases.",
    printed="**changes to make to weights and biases**",
    convention="exact is the gradient, a direction; how far to go along it is the choice of α (line 203)",
)  # fmt: skip
def exact_changes() -> Evidence:
    def loss(w, x, y):
        return ((w * x - y) ** 2) / 2

    at = {"w": "", "x": "", "y": ""}
    exact = derivative(loss, lambda dy, w, x, y: dy * (w * x - y) * x, at, by="w").about("the gradient")
    before, after = loss(1, 2, 0), loss(1 - (1 * 2 - 0) * 2, 2, 0)
    step = observed(after < before, f"w x with w = 1, x = 2, y = 0 and α = 1: the loss goes from {before} to {after}")
    return conventional(exact, step)


@claim(
    7, PARAMETERS.at(41), "statement", "holds",
    says="The parameters must begin at something reasonable: not at all zeros, for one.",
    printed="**initialize the network parameters** to something reasonable",
)  # fmt: skip
def not_all_zeros() -> Evidence:
    x, w1, w2 = np.ones((3, 1)), np.zeros((4, 3)), np.zeros((1, 4))
    for _ in range(100):
        a1 = sigmoid(w1 @ x)
        delta = sigmoid(w2 @ a1) - 1
        w1, w2 = w1 - w2.T @ delta * a1 * (1 - a1) @ x.T, w2 - delta @ a1.T
    alike = bool((w1 == w1[0]).all() and (w2 == w2[0, 0]).all())
    return judged(observed(alike, "from zeros the four hidden neurons are still the same after 100 steps"))


@claim(
    8, ALGORITHM.at(46), "statement", "convention",
    says="The error is the difference between the output and the correct answer.", printed="known as the **error**",
    convention="the cost is a function of that difference or of both numbers (lines 181, 185); the difference itself "
      "is the gradient by the output's z, with the natural logarithm",
)  # fmt: skip
def difference_is_the_error() -> Evidence:
    at = {"z": "", "y": ""}

    def difference(dy, z, y):
        return dy * (sigmoid(z) - y)

    def halved_square(z, y):
        return (sigmoid(z) - y) ** 2 / 2

    entropy = derivative(lambda z, y: cross_entropy(sigmoid(z), y), difference, at, by="z")
    squared = derivative(halved_square, difference, at, by="z")
    return conventional(entropy.about("cross-entropy"), squared.about("squared error"))


@claim(
    9, ALGORITHM.at(47), "statement", "holds",
    says="Adjusting the parameters against the gradient reduces the error next time: on the 3-4-1 example it does.",
    printed="to reduce this error next time",
)  # fmt: skip
def error_falls() -> Evidence:
    losses = [_trained(steps) for steps in (0, 1, 2, 10)]
    falls = losses == sorted(losses, reverse=True) and losses[0] > losses[-1]
    said = ", ".join(f"{loss:.6f}" for loss in losses)
    return judged(observed(falls, f"label 0, α = 1: the loss after 0, 1, 2 and 10 steps is {said}"))


@claim(
    10, STEPS.at(54), "statement", "holds",
    says="Forward pass, errors, backward pass and update, in this order, are a whole step of learning.",
    printed="**four main steps**",
)  # fmt: skip
def four_steps() -> Evidence:
    def loss(x, w1, b1, w2, b2):
        return cross_entropy(network(x, w1, b1, w2, b2), 1)

    def backward(dy, x, w1, b1, w2, b2):
        a1 = sigmoid(w1 @ x + b1)
        d2 = sigmoid(w2 @ a1 + b2) - 1
        d1 = w2.T @ d2 * a1 * (1 - a1)
        return dy * (d1 @ x.T), dy * d1, dy * (d2 @ a1.T), dy * d2

    gradient = derivative(loss, backward, NET, by="w1 b1 w2 b2").about("what the backward pass makes of the others")
    return judged(every(gradient, observed(_trained(1) < _trained(0), "and the update with it lowers the loss")))


def _trained(steps: int) -> float:
    """The loss (label 0) of the network of lines 122 to 135 after so many steps with rate 1."""
    x = np.ones((3, 1))
    w1 = np.array([[1, 2, 5], [2, 3, 1], [1, 4, 6], [2, 3, 9]]) / 10
    w2, b1, b2 = np.array([[0.4, 1.2, 4.1, 0.1]]), np.zeros((4, 1)), np.array([[1.4]])
    for _ in range(steps):
        a1 = sigmoid(w1 @ x + b1)
        d2 = sigmoid(w2 @ a1 + b2)
        d1 = w2.T @ d2 * a1 * (1 - a1)
        w1, b1, w2, b2 = w1 - d1 @ x.T, b1 - d1, w2 - d2 @ a1.T, b2 - d2
    return float(cross_entropy(network(x, w1, b1, w2, b2), 0)[0, 0])


@claim(
    11, FORWARD.at(65), "statement", "holds",
    says="The forward pass computes the network's output from the input.",
    printed="**computing the output of a neural network**",
)  # fmt: skip
def forward_gives_the_output() -> Evidence:
    def written_out(x, w1, b1, w2, b2):
        a1 = [
            sigmoid(sum((w * v for w, v in zip(row, x[:, 0], strict=True)), b))
            for row, b in zip(w1, b1[:, 0], strict=True)
        ]
        return sigmoid(sum((w * a for w, a in zip(w2[0], a1, strict=True)), b2))

    return judged(same(network, written_out, NET))


@claim(
    12, FORWARD.at(66), "statement", "holds",
    says="It passes the data through the layers one after another: weights, then the activation function.",
    printed="applying weights and activation functions",
)  # fmt: skip
def layer_by_layer() -> Evidence:
    def one_by_one(x, w1, b1, w2, b2):
        a = x
        for w, b in ((w1, b1), (w2, b2)):
            z = w @ a + b
            a = np.exp(z) / (1 + np.exp(z))
        return a

    return judged(same(one_by_one, network, NET))
