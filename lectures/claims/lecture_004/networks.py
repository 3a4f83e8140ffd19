"""Slides 'Layers of Neural Network' to 'Multi-layer neural network': what layers are, and what backpropagation does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, judged, observed
from ._pieces import NET, loss, network, prepend_bias, rows, sigmoid, softmax
from ._programs import ask, printed

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

LAYERS = Slide("Layers of Neural Network", 69)
KINDS = Slide("Single-Layer, Shallow, and Deep Neural Networks", 78)
SINGLE = Slide("Single-layer Neural Network", 88)
METHOD = Slide("Multi-layer neural network", 99)
BACKWARD = Slide("Multi-layer neural network", 106)

CLAIMS += [
    uncheckable(
        "004-023", SINGLE.at(88), "A single-layer, a shallow (line 92) and a deep network (line 97) in pictures.",
        "only the three headings are in the text; the figures are lost",
    ),
    uncheckable(
        "004-024", METHOD.at(101), "The neural network evolved into one of several layers.",
        "a statement of history", "the neural network evolved into a multi-layer architecture",
    ),
]  # fmt: skip

COUNTED = """import types
calls = []
multiply = np.matmul
np = types.SimpleNamespace(**{**vars(np), "matmul": lambda *a: calls.append(a) or multiply(*a)})
activate, normalise = sigmoid, softmax
sigmoid = lambda z: calls.append("sigmoid") or activate(z)
softmax = lambda z: calls.append("softmax") or normalise(z)
X, w1, w2 = np.ones((2, 3)), np.ones((4, 5)), np.ones((6, 2))
y_hat, h = forward(X, w1, w2)
"""
FIRST = ask(f"{COUNTED}print(len(calls), calls[0][0][:, 1:].tolist() == X.tolist())", "forward")
LAST = ask(f"{COUNTED}print(calls[-1], np.array_equal(normalise(multiply(*calls[2])), y_hat))", "forward")


@claim(
    25, LAYERS.at(71), "statement", "holds",
    says="The nodes of the input layer calculate neither a weighted sum nor an activation: of three layers, two do.",
    printed="They do not calculate the weighted sum and activation function",
)  # fmt: skip
def input_nodes() -> Evidence:
    found = FIRST()
    return judged(
        observed(
            found.printed.strip() == "4 True",
            f"forward (line 350): two weighted sums, two activations, the first of X as it is: {found.printed.strip()}",
        )
    )


@claim(
    26, LAYERS.at(72), "statement", "holds",
    says="What the output layer calculates last is the result of the network.",
    printed="becomes the final result of the neural network",
)  # fmt: skip
def final_result() -> Evidence:
    found = LAST()
    return judged(
        observed(found.printed.strip() == "softmax True", f"the last call and y_hat: {found.printed.strip()}")
    )


# -- kinds of networks ------------------------------------------------------------------------------


def weight_layers(hidden: int) -> int:
    """Layers that calculate, of a network with so many hidden ones: one matrix of weights each."""
    sizes = [3, *[4] * hidden, 2]
    return len([np.zeros((n_in + 1, n_out)) for n_in, n_out in pairwise(sizes)])


@claim(
    27, KINDS.at(81), "statement", "convention",
    says="Input layer - output layer is a network of a single layer.", printed="Input Layer – Output Layer",
    convention="layers are counted by their weights, so that the input layer, a layer by name, is none",
)  # fmt: skip
def single_layer_counts_weights() -> Evidence:
    by_weights, by_name = weight_layers(0), weight_layers(0) + 1
    return conventional(
        observed(by_weights == 1, f"layers with weights: {by_weights}"),
        observed(by_name == 1, f"layers by the names of line 71 to 73: {by_name}"),
    )


@claim(
    28, KINDS.at(83), "statement", "holds",
    says="With one hidden layer the network has several layers, counted either way.",
    printed="Input Layer – Hidden Layer – Output Layer",
)  # fmt: skip
def shallow_is_multi_layer() -> Evidence:
    counts = (weight_layers(1), weight_layers(1) + 1)
    return judged(observed(min(counts) > 1, f"{counts[0]} layers with weights, {counts[1]} by name"))


@claim(
    29, KINDS.at(84), "statement", "convention",
    says="With hidden layers the network is deep.", printed="Input Layer – Hidden Layers – Output Layers",
    convention="the plural means two hidden layers or more; with one it is shallow. The output layer is one, though "
      "its plural is printed too",
)  # fmt: skip
def deep_means_two() -> Evidence:
    def kind(hidden: int, least: int) -> list[str]:
        names = (("single", hidden == 0), ("shallow", hidden == 1), ("deep", hidden >= least))
        return [name for name, fits in names if fits]

    two, one = ([kind(hidden, least) for hidden in range(5)] for least in (2, 1))
    return conventional(
        observed(all(len(names) == 1 for names in two), f"0 to 4 hidden layers, deep from 2 on: {two}"),
        observed(all(len(names) == 1 for names in one), f"deep from 1 on: {one}"),
    )


# -- what several layers need -----------------------------------------------------------------------


@claim(
    30, METHOD.at(101), "statement", "holds",
    says="Several layers overcome the limitation of the single one: two of them compute XOR.",
    printed="to overcome the practical limitations of the single-layer",
)  # fmt: skip
def xor_by_two_layers() -> Evidence:
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    w1 = np.array([[-10.0, -30.0], [20.0, 20.0], [20.0, 20.0]])
    w2 = np.array([[0.0, -10.0], [0.0, 20.0], [0.0, -20.0]])
    y_hat, _ = printed("forward")(corners, w1, w2)
    classes = y_hat.argmax(axis=1).tolist()
    return judged(observed(classes == [0, 1, 1, 0], f"w1 = {w1.tolist()}, w2 = {w2.tolist()}: classes {classes}"))


def _trained_by_differences() -> list[int]:
    """Classes of XOR after gradient descent (line 43) on a two-layer network, without errors of hidden nodes."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y, rng = np.eye(2)[[0, 1, 1, 0]], np.random.default_rng(0)
    w = rng.standard_normal(3 * 4 + 5 * 2)

    def outputs(flat):
        return printed("forward")(corners, flat[:12].reshape(3, 4), flat[12:].reshape(5, 2))[0]

    def mean(flat):
        return -(y * np.log(outputs(flat))).sum() / 4

    steps = np.eye(len(w)) / 1024
    for _ in range(150):
        w = w - 2 * np.array([(mean(w + s) - mean(w - s)) * 512 for s in steps])
    return outputs(w).argmax(axis=1).tolist()


@claim(
    31, METHOD.at(102), "statement", "convention",
    says="The method introduced before does not train a multi-layer network.",
    printed="**ineffective for training of the multi-layer neural network**",
    convention="the method is the formula 1/N [1 X]^T e of line 39 with e = output - label; gradient descent itself, "
      "line 43, trains any network once it has the gradient, and line 260 uses it again",
)  # fmt: skip
def which_method() -> Evidence:
    shapes = {"x": "N D", "e": "N C", "w1": "D H"}
    fits = has_shape(lambda x, e, w1: prepend_bias(x)[:, 1:].T @ e, "D H", shapes)
    formula = Outcome(fits.holds is False, f"X^T e is no step of W_1: {fits.text}")
    classes = _trained_by_differences()
    descent = observed(
        classes != [0, 1, 1, 0], f"gradient descent with a gradient of central differences learns XOR: {classes}"
    )
    return conventional(formula, descent)


@claim(
    32, METHOD.at(102), "statement", "holds",
    says="Output minus label is not defined in a hidden layer: no label goes with its nodes.",
    printed="**not defined in the hidden layers**",
)  # fmt: skip
def no_labels_for_hidden_nodes() -> Evidence:
    shapes = {"h": "N H", "y": "N C"}
    fits = has_shape(lambda h, y: h - y, "N H", shapes)
    return judged(Outcome(fits.holds is False, f"h - Y: {fits.text}"))


def _delta(dy, a, b2, w2, u):
    """What backpropagation gives for the sums a of the hidden nodes."""
    h = sigmoid(a)
    return dy * ((softmax(h @ w2 + b2) - softmax(u)) @ w2.T * h * (1 - h))


@claim(
    33, METHOD.at(103), "statement", "holds",
    says="Backpropagation determines the error of each hidden node: the derivative of the loss by its sum.",
    printed="systematic method to determine the error of the hidden nodes",
)  # fmt: skip
def error_of_hidden_nodes() -> Evidence:
    def after_a(a, b2, w2, u):
        return -(softmax(u) * np.log(softmax(sigmoid(a) @ w2 + b2))).sum()

    return judged(derivative(after_a, _delta, {"a": "N H", "b2": "C", "w2": "H C", "u": "N C"}, by="a"))


# -- backwards --------------------------------------------------------------------------------------


@claim(
    34, BACKWARD.at(108), "statement", "holds",
    says="The error has to go back only to the first hidden layer: with it, all gradients are known.",
    printed="until it reaches the left next hidden layer to the input layer",
)  # fmt: skip
def back_to_the_first_hidden_layer() -> Evidence:
    def gradients(dy, x, b1, w1, b2, w2, u):
        y_hat, h = network(x, b1, w1, b2, w2)
        output = dy * (y_hat - softmax(u))
        hidden = output @ w2.T * h * (1 - h)
        by_w1, by_w2 = prepend_bias(x).T @ hidden, prepend_bias(h).T @ output
        return by_w1[0], by_w1[1:], by_w2[0], by_w2[1:]

    return judged(derivative(loss, gradients, NET, by="b1 w1 b2 w2").about("from the errors of those two layers"))


@claim(
    35, BACKWARD.at(108), "statement", "holds",
    says="It starts from the output layer: the hidden error is computed from the output's, and not without it.",
    printed="the output error starts from the output layer and **moves backward**",
)  # fmt: skip
def starts_at_the_output() -> Evidence:
    at = {"h": "N H", "w2": "H C", "y": "N C"}

    def hidden_error(h, w2, y):
        return printed("back")(h, y, y, rows(w2[:1], w2), h)[0]

    none = same(hidden_error, lambda h, w2, y: 0 * prepend_bias(h).T @ h, at)
    return judged(none.about("back of line 362 with the output error 0 gives dw1 = 0, whatever the weights are"))


@claim(
    36, BACKWARD.at(109), "statement", "holds",
    says="The error comes back over the same connecting lines, times their weights.",
    printed="the signal still flows through the connecting lines and the weights are multiplied",
)  # fmt: skip
def over_the_same_lines() -> Evidence:
    def over_lines(e, w2):
        return np.array([[sum(w * d for w, d in zip(row, sample, strict=True)) for row in w2] for sample in e])

    return judged(same(lambda e, w2: e @ w2.T, over_lines, {"e": "N C", "w2": "H C"}))


@claim(
    37, BACKWARD.at(109), "statement", "convention",
    says="On its way back the error is multiplied by the weights.", printed="the weights are multiplied",
    convention="that is the way between two layers; at each hidden node the slope of the activation multiplies it "
      "too (line 331)",
)  # fmt: skip
def slopes_too() -> Evidence:
    def by_h(h, b2, w2, u):
        return -(softmax(u) * np.log(softmax(h @ w2 + b2))).sum()

    def weights_only(dy, h, b2, w2, u):
        return dy * ((softmax(h @ w2 + b2) - softmax(u)) @ w2.T)

    def without_slope(dy, a, b2, w2, u):
        return weights_only(dy, sigmoid(a), b2, w2, u)

    def after_a(a, b2, w2, u):
        return by_h(sigmoid(a), b2, w2, u)

    rest = {"b2": "C", "w2": "H C", "u": "N C"}
    return conventional(
        derivative(by_h, weights_only, {"h": "N H", **rest}, by="h").about("to the node's value h"),
        derivative(after_a, without_slope, {"a": "N H", **rest}, by="a").about("to its sum a"),
    )
