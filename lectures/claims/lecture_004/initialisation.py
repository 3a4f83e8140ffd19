"""Slides 'Initializations of weights': equal weights and large ones."""

from __future__ import annotations

import warnings

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import same
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import prepend_bias, rows, sigmoid, slope, softmax
from ._programs import ask, printed

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

EQUAL = Slide("Initializations of weights", 373)
RULE = Slide("Initializations of weights", 382)


X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
GIVEN_X = "X = np.array([[1, 2, 3], [4, 5, 6]])"
WITHOUT_BIAS = ask(f"{GIVEN_X}\nprint(sigmoid(X @ np.ones((3, 2))).shape)", "forward")
IN_FORWARD = ask(f"{GIVEN_X}\nprint(forward(X, np.ones((3, 2)), np.ones((3, 2)))[1].shape)", "forward")


# -- equal weights ----------------------------------------------------------------------------------


@claim(
    174, EQUAL.at(375), "number", "holds",
    says="The product of the 2 x 3 matrix and the 3 x 2 matrix of ones is [6 6; 15 15].",
    printed=r"\begin{bmatrix} 6 & 6 \\ 15 & 15 \end{bmatrix}",
)  # fmt: skip
def product() -> Evidence:
    found = X @ np.ones((3, 2))
    return judged(observed(found.tolist() == [[6, 6], [15, 15]], f"the product is {found.tolist()}"))


@claim(
    175, EQUAL.at(377), "shape", "convention",
    says="The two matrices are the input X and the first layer's W_1.",
    printed="input X and the 1st layer's weights W_1",
    convention="without a bias, or with the ones in X already, which its first column 1, 4 is not; forward of line 350 "
      "puts a fourth column before X, and W_1 needs four rows",
)  # fmt: skip
def no_bias() -> Evidence:
    return conventional(
        WITHOUT_BIAS().outcome.about("the sigmoid of X times W_1"), IN_FORWARD().outcome.about("in forward")
    )


@claim(
    176, EQUAL.at(378), "statement", "holds",
    says="The sigmoids of each row are equal: all hidden nodes have one value, for each sample its own.",
    printed="all the hidden nodes of the network have the same value",
)  # fmt: skip
def equal_hidden_nodes() -> Evidence:
    at = {"x": "N D", "weight": "1 H"}

    def hidden(x, weight):
        same_weights = np.concatenate([weight[:, :1] + 0 * weight] * x.shape[1])
        return sigmoid(x @ same_weights)

    equal = same(hidden, lambda x, weight: hidden(x, weight)[:, :1] + 0 * weight, at)
    own = sigmoid(X @ np.ones((3, 2)))
    return judged(every(equal, observed(own[0, 0] != own[1, 0], f"the printed X gives {own[:, 0]} for its two rows")))


def _symmetric(x, b1, w1, b2, w2, y, step):
    """Weights after a step of back from equal columns of w1 and equal rows of w2 below the bias."""
    nodes = 3
    first = np.concatenate([rows(b1, w1)] * nodes, axis=1)
    second = rows(b2, np.concatenate([w2] * nodes))
    y_hat, h = printed("forward")(x, first, second)
    dw1, dw2 = printed("back")(x, y, y_hat, second, h)
    return first - step * dw1, second - step * dw2


SYMMETRIC = {"x": "N D", "b1": "1", "w1": "D 1", "b2": "C", "w2": "1 C", "y": "N C", "step": ""}


@claim(
    177, EQUAL.at(379), "statement", "holds",
    says="The network stays one of a single hidden node: equal nodes get equal steps, at every step.",
    printed="**as if it had only one hidden node**",
)  # fmt: skip
def stays_symmetric() -> Evidence:
    def first_column(**at):
        return _symmetric(**at)[0][:, :1] + 0 * _symmetric(**at)[0]

    def first_row(**at):
        below = _symmetric(**at)[1][1:]
        return below[:1] + 0 * below

    columns = same(lambda **at: _symmetric(**at)[0], first_column, SYMMETRIC).about("columns of w1 after a step")
    below = same(lambda **at: _symmetric(**at)[1][1:], first_row, SYMMETRIC).about("rows of w2")
    return judged(every(columns, below, _one_node_computes_the_same()))


def _one_node_computes_the_same() -> Outcome:
    def of_three(x, b1, w1, b2, w2):
        first = np.concatenate([rows(b1, w1)] * 3, axis=1)
        return printed("forward")(x, first, rows(b2, np.concatenate([w2, w2, w2])))[0]

    def of_one(x, b1, w1, b2, w2):
        return printed("forward")(x, rows(b1, w1), rows(b2, 3 * w2))[0]

    shapes = {name: SYMMETRIC[name] for name in ("x", "b1", "w1", "b2", "w2")}
    return same(of_three, of_one, shapes).about("three equal nodes against one with three times their weights")


@claim(
    178, EQUAL.at(379), "statement", "holds",
    says="It is all the weights that must not be equal: where only those of one layer are, the nodes part.",
    printed="initializing all the weights with the same value",
)  # fmt: skip
def only_one_layer_equal() -> Evidence:
    equal_1, equal_2 = np.ones((3, 2)), np.ones((3, 2))
    other_1, other_2 = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]]), np.array([[0.5, 0.0], [1.0, -1.0], [2.0, 0.5]])
    both, first, second = (_apart(*weights) for weights in ((equal_1, equal_2), (equal_1, other_2), (other_1, equal_2)))
    said = "how far two nodes are apart after two steps: {:.3g}, {:.3g} with W_1 equal alone, {:.3g} with W_2 alone"
    return judged(observed(both < min(first, second), said.format(both, first, second)))


def _apart(w1: np.ndarray, w2: np.ndarray) -> float:
    """How far two hidden nodes are from each other after two steps with rate 1."""
    x, y = np.array([[1.0, 0.5], [-1.0, 2.0]]), np.eye(2)
    for _ in range(2):
        y_hat, h = printed("forward")(x, w1, w2)
        dw1, dw2 = printed("back")(x, y, y_hat, w2, h)
        w1, w2 = w1 - dw1, w2 - dw2
    return float(abs(w1[:, 0] - w1[:, 1]).max())


# -- large weights ----------------------------------------------------------------------------------


@claim(
    179, EQUAL.at(380), "statement", "holds",
    says="Large weights make functions overflow that are not written for it: the sigmoid and the softmax as printed.",
    printed="push those functions past the brink, making them overflow",
)  # fmt: skip
def overflow() -> Evidence:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RuntimeWarning)
        value = softmax(np.array([[1000.0, 0.0]]))
        sigmoid(np.array([-1000.0]))
    overflows = sum("overflow" in str(warning.message) for warning in caught)
    found = observed(overflows == 2 and not np.isfinite(value).all(), f"at 1000 two overflows, and softmax {value}")
    stable = same(lambda b: softmax(b - b[:, :1]), softmax, {"b": "N C"}).about("a shift of the row changes nothing")
    return judged(every(found, stable))


@claim(
    180, RULE.at(384), "statement", "convention",
    says="The larger the weight, the flatter the sigmoid.", printed="the larger the weight, the flatter the sigmoid",
    convention="at the node's sum away from 0, where the sigmoid saturates; as a function of its input, σ(wx) is the "
      "steeper at 0, w/4, the larger w is",
)  # fmt: skip
def flatter() -> Evidence:
    weights = np.array([1.0, 2.0, 4.0, 8.0])
    away, by_input = slope(weights * 1.0), weights * slope(weights * 0.0)
    return conventional(
        observed(bool((np.diff(away) < 0).all()), f"slope at the sum of x = 1, w = 1, 2, 4, 8: {away.round(5)}"),
        observed(bool((np.diff(by_input) < 0).all()), f"slope of σ(wx) by x at 0: {by_input}"),
    )


def _one_path(w_1: float, w_2: float) -> tuple[float, float]:
    """Sizes of the gradients of the scalar network of line 253 with x = 1, y = 0, by w_1 and by w_2."""
    h = sigmoid(w_1)
    e = sigmoid(w_2 * h)
    return float(abs(e * w_2 * h * (1 - h))), float(abs(e * h))


@claim(
    181, RULE.at(384), "statement", "holds",
    says="The flatter the sigmoid, the smaller the gradient: it has the slope as a factor.",
    printed="the flatter the sigmoid, the smaller the gradient",
)  # fmt: skip
def slope_is_a_factor() -> Evidence:
    at = {"x": "N D", "dh": "N H", "s": "N H", "t": ""}

    def by_w1(x, dh, s):
        return prepend_bias(x).T @ (dh * s)

    return judged(
        same(lambda x, dh, s, t: by_w1(x, dh, t * s), lambda x, dh, s, t: t * by_w1(x, dh, s), at).about(
            "slopes t times as large make dW1 t times as large"
        )
    )


@claim(
    182, RULE.at(384), "statement", "convention",
    says="So the larger the weight, the smaller the gradient.",
    printed="the larger the weight, the flatter the sigmoid; the flatter the sigmoid, the smaller the gradient",
    convention="the weights are those into the hidden nodes; a larger W_2 makes the gradient by W_1 larger, and the "
      "gradient by W_2 of a wrong answer does not shrink",
)  # fmt: skip
def whose_gradient() -> Evidence:
    scales = (1.0, 2.0, 4.0, 8.0)
    own = [_one_path(w, 1.0)[0] for w in scales]
    across = [_one_path(1.0, w)[0] for w in scales]
    output = [_one_path(1.0, w)[1] for w in scales]
    shown = "w = 1, 2, 4, 8: {}".format
    return conventional(
        observed(bool((np.diff(own) < 0).all()), f"by w_1 for larger w_1, {shown(np.round(own, 4))}"),
        observed(
            bool((np.diff(across) < 0).all() and (np.diff(output) < 0).all()),
            f"by w_1 for larger w_2, {shown(np.round(across, 4))}, by w_2 itself {np.round(output, 4)}",
        ),
    )


@claim(
    183, RULE.at(384), "statement", "holds",
    says="The smaller the gradient, the less a step changes the weight: the change is α times the gradient.",
    printed="the smaller the gradient, the slower GD; and the slower GD, the less the weight changes",
)  # fmt: skip
def smaller_steps() -> Evidence:
    at = {"w": "D", "g": "D", "alpha": "", "t": ""}

    def change(w, g, alpha):
        return (w - alpha * g) - w

    return judged(
        same(lambda w, g, alpha, t: change(w, t * g, alpha), lambda w, g, alpha, t: t * change(w, g, alpha), at)
    )
