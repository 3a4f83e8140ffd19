"""Slide '2_neural_network_classifier.jpynb': forward, sigmoid_gradient and back, run as printed, exactly too."""

from __future__ import annotations

from functools import cache

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import Outcome, conventional, judged, observed
from ._pieces import NET, categorical_loss, mean_loss, network, prepend_bias, rows, sigmoid, softmax
from ._programs import ask, evaluated, printed, program

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

CODE = Slide("2_neural_network_classifier.jpynb", 345)

FORWARD = {name: NET[name] for name in ("x", "b1", "w1", "b2", "w2")}
CALL = """X, Y = np.arange(6.0).reshape(2, 3), np.eye(4)[[1, 3]]
w1, w2 = np.ones((4, 5)) / 8, np.arange(24.0).reshape(6, 4) / 8
y_hat, h = forward(X, w1, w2)
dw1, dw2 = back(X, Y, y_hat, w2, h)
print(y_hat.shape, h.shape, dw1.shape, dw2.shape)"""
ALL = ("forward", "sigmoid_gradient", "back")
CALLED, ALONE = ask(CALL, *ALL), ask("forward(None, None, None)", *ALL, before="")
SHAPES = ask(f"{CALL}\nprint(dw1.shape == w1.shape, dw2.shape == w2.shape)", *ALL)

CLAIMS += [
    uncheckable(
        "004-159", CODE.at(345), "The notebook of the classifier.",
        "the notebook is not printed beyond three functions; notebooks end in .ipynb, and the name is not the code's",
        "2_neural_network_classifier.jpynb",
    ),
]  # fmt: skip


@claim(
    160, CODE.at(350), "code", "convention",
    says="The three functions run.", printed="def forward(X, w1, w2):",
    convention="np, sigmoid, softmax and prepend_bias are defined before, which no slide does: as printed the "
      "definitions run, and a call stops",
)  # fmt: skip
def needs_other_functions() -> Evidence:
    given, alone = CALLED().outcome, ALONE().outcome
    return conventional(given.about("with the four names"), alone.about("a call without them"))


@claim(
    161, CODE.at(350), "shape", "holds",
    says="For two samples of three inputs, five hidden nodes and four classes all sizes fit.",
    printed="def forward(X, w1, w2):",
)  # fmt: skip
def sizes() -> Evidence:
    found = CALLED()
    said = found.exception or found.printed.strip()
    return judged(observed(said == "(2, 4) (2, 5) (4, 5) (6, 4)", f"y_hat, h, dw1, dw2: {said}"))


def _forward(x, b1, w1, b2, w2):
    return printed("forward")(x, rows(b1, w1), rows(b2, w2))


@claim(
    162, CODE.at(351), "code", "holds",
    says="h is the sigmoid of x w plus the bias, which is the first row of w1.",
    printed="h = sigmoid(np.matmul(prepend_bias(X), w1))",
)  # fmt: skip
def hidden() -> Evidence:
    return judged(same(lambda **at: _forward(**at)[1], lambda **at: network(**at)[1], FORWARD))


@claim(
    163, CODE.at(352), "code", "holds",
    says="y_hat is the softmax of h w plus the bias, which is the first row of w2.",
    printed="y_hat = softmax(np.matmul(prepend_bias(h), w2))",
)  # fmt: skip
def output() -> Evidence:
    return judged(same(lambda **at: _forward(**at)[0], lambda **at: network(**at)[0], FORWARD))


@claim(
    164, CODE.at(352), "formula", "convention",
    says="softmax is that of line 216.", printed="softmax(",
    convention="each row by itself; line 216 is of one vector, and over a whole matrix the outputs of a sample would "
      "not sum to 1",
)  # fmt: skip
def softmax_by_rows() -> Evidence:
    at = {"b": "N C"}

    def over_all(b):
        return np.exp(b) / np.exp(b).sum()

    def sums(function):
        return same(lambda b: function(b).sum(axis=1), lambda b: 1 + 0 * b[:, 0], at)

    return conventional(sums(softmax).about("by rows"), sums(over_all).about("over the matrix"))


# -- the slope --------------------------------------------------------------------------------------

A = {"a": "N H"}


@claim(
    165, CODE.at(357), "code", "convention",
    says="sigmoid_gradient is the slope of the sigmoid.", printed="def sigmoid_gradient(sigmoid):",
    convention="its argument is the sigmoid's value h, not the sum a; the parameter is named like the function that it "
      "hides",
)  # fmt: skip
def argument_is_the_value() -> Evidence:
    gradient = printed("sigmoid_gradient")
    return conventional(
        derivative(sigmoid, lambda dy, a: dy * gradient(sigmoid(a)), A, by="a").about("given h"),
        derivative(sigmoid, lambda dy, a: dy * gradient(a), A, by="a").about("given a"),
    )


@claim(
    166, CODE.at(358), "code", "holds",
    says="np.multiply multiplies by elements: h (1 - h).", printed="np.multiply(sigmoid, (1 - sigmoid))",
)  # fmt: skip
def by_elements() -> Evidence:
    def entries(a):
        return np.array([[v - v * v for v in row] for row in a])

    return judged(same(lambda a: printed("sigmoid_gradient")(a), entries, A))


# -- backwards --------------------------------------------------------------------------------------


@cache
def _back(layer: int) -> Outcome:
    """Is what back gives for this layer the gradient of the mean loss by its weights?"""

    def gradient(dy, x, b1, w1, b2, w2, u):
        y_hat, h = _forward(x, b1, w1, b2, w2)
        by = dy * printed("back")(x, softmax(u), y_hat, rows(b2, w2), h)[layer - 1]
        return by[0], by[1:]

    return derivative(mean_loss, gradient, NET, by=f"b{layer} w{layer}")


@claim(
    167, CODE.at(363), "code", "holds",
    says="dw2 is the gradient of the mean cross-entropy by w2.", printed="dw2 = np.matmul(prepend_bias(h).T",
)  # fmt: skip
def dw2() -> Evidence:
    return judged(_back(2))


@claim(
    168, CODE.at(364), "code", "holds",
    says="dh carries the errors back over w2 without the bias's row.", printed="dh = np.matmul(y_hat - Y, w2[1:].T)",
)  # fmt: skip
def dh() -> Evidence:
    return judged(_hidden(_after_h))


SECOND = {"h": "N H", "b2": "C", "w2": "H C", "u": "N C"}


def _after_h(h, b2, w2, u):
    return categorical_loss(softmax(h @ w2 + b2), softmax(u))


@cache
def _hidden(forward, least: int = 1) -> Outcome:
    def gradient(dy, h, b2, w2, u):
        names = {"y_hat": softmax(h @ w2 + b2), "Y": softmax(u), "w2": rows(b2, w2)}
        return dy * evaluated("np.matmul(y_hat - Y, w2[1:].T)", **names)

    return derivative(forward, gradient, SECOND, by="h", least=least)


@claim(
    169, CODE.at(364), "code", "convention",
    says="dh is the derivative of the loss whose gradients are dw1 and dw2.", printed="dh = np.matmul",
    convention="dh and da belong to the sum over the samples, dw1 and dw2 to the mean: the factor 1/N is put in only "
      "where dw1 and dw2 are computed",
)  # fmt: skip
def dh_of_the_sum() -> Evidence:
    return conventional(
        _hidden(_after_h).about("of the sum"),
        _hidden(lambda h, b2, w2, u: _after_h(h, b2, w2, u) / len(h), least=2).about("of the mean"),
    )


@claim(
    170, CODE.at(365), "code", "holds",
    says="da is dh times h (1 - h), and not σ(h)(1 - σ(h)) as on line 331.", printed="da = dh * sigmoid_gradient(h)",
)  # fmt: skip
def da() -> Evidence:
    def after_a(a, b2, w2, u):
        return _after_h(sigmoid(a), b2, w2, u)

    def gradient(dy, a, b2, w2, u):
        h = sigmoid(a)
        e = softmax(h @ w2 + b2) - softmax(u)
        return dy * (e @ w2.T * printed("sigmoid_gradient")(h))

    return judged(derivative(after_a, gradient, {"a": "N H", "b2": "C", "w2": "H C", "u": "N C"}, by="a"))


@claim(
    171, CODE.at(366), "code", "holds",
    says="dw1 is the gradient of the mean cross-entropy by w1.", printed="dw1 = np.matmul(prepend_bias(X).T, da)",
)  # fmt: skip
def dw1() -> Evidence:
    return judged(_back(1))


@claim(
    172, CODE.at(368), "code", "holds",
    says="The line in the comment is the same dw1 at once.",
    printed="#    dw1 = np.matmul(prepend_bias(X).T, np.matmul(",
)  # fmt: skip
def commented_line() -> Evidence:
    (line,) = (line for line in program("back").splitlines() if line.startswith("#"))
    expression = line.partition("=")[2].strip()

    def at_once(x, y, y_hat, w2, h):
        names = {"X": x, "Y": y, "y_hat": y_hat, "h": h, "sigmoid_gradient": printed("sigmoid_gradient")}
        return evaluated(expression, w2=prepend_bias(w2.T).T, **names)

    def as_run(x, y, y_hat, w2, h):
        return printed("back")(x, y, y_hat, prepend_bias(w2.T).T, h)[0]

    return judged(same(at_once, as_run, {"x": "N D", "y": "N C", "y_hat": "N C", "w2": "H C", "h": "N H"}))


@claim(
    173, CODE.at(369), "code", "holds",
    says="The gradient of the first layer comes first, each in the shape of its weights.", printed="return (dw1, dw2)",
)  # fmt: skip
def order_of_the_gradients() -> Evidence:
    found = SHAPES()
    said = found.exception or found.printed.splitlines()[-1]
    return judged(observed(said == "True True", f"dw1 as w1, dw2 as w2: {said}"))
