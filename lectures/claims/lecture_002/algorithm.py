"""Slides 'Backpropagation Gradient Descent (1)' to '(3)': the six steps, the errors' shapes, the notation."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import conventional, judged, misread, observed
from ._pieces import COLUMNS, ROWS, columns, cross_entropy_terms, half_square, layers, loss_of_columns, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

STEPS = Slide("#### Backpropagation Gradient Descent (1)", 377)
SHAPES = Slide("## Backpropagation Gradient Descent (2)", 390)
NOTATION = Slide("#### Backpropagation Gradient Descent (3)", 405)

LAYER = {"w": "G K", "h": "1 G", "b": "1 K", "y": "1 K"}
X = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]])
T = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])


def _backwards(dy, w1, w2, wo, b1, b2, bo, x, y):
    """Lines 446 to 453, read from the right: gradients by all weights and biases."""
    a1, a2, o = columns(w1, w2, wo, b1, b2, bo, x)
    d3 = dy * (o * (1 - o)) * (o - y)
    d2 = a2 * (1 - a2) * (wo.T @ d3)
    d1 = a1 * (1 - a1) * (w2.T @ d2)
    return d1 @ x.T, d2 @ a1.T, d3 @ a2.T, d1, d2, d3


def _train(steps: int, rate: float, part: int = 4) -> tuple[list[float], list[np.ndarray]]:
    """A 4-3-4-2 network on four pairs, so many times the steps 1 to 4: losses before each, weights at the end."""
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal(s) for s in ((4, 3), (3, 4), (4, 2))] + [np.zeros((1, n)) for n in (3, 4, 2)]
    losses = []
    for step in range(steps):
        chosen = slice(step * part % 4, step * part % 4 + part)
        x, t = X[chosen], T[chosen]
        a = [x]
        for w, b in zip(weights[:3], weights[3:], strict=True):
            a.append(sigmoid(a[-1] @ w + b))
        losses.append(float(((a[-1] - t) ** 2).sum() / 2))
        d, gradients = (a[-1] - t) * a[-1] * (1 - a[-1]), []
        for k in (2, 1, 0):
            gradients.append((k, a[k].T @ d, d.sum(axis=0)))
            d = d @ weights[k].T * a[k] * (1 - a[k])
        for k, by_w, by_b in gradients:
            weights[k], weights[3 + k] = weights[k] - rate * by_w, weights[3 + k] - rate * by_b
    return losses, weights


# -- the six steps ----------------------------------------------------------------------------------


@claim(
    126, STEPS.at(379), "statement", "convention",
    says="Backpropagation adjusts the weights.", printed="It adjusts the weights of connections",
    convention="backpropagation as the name of all six steps; step 3, of the same name, only computes the "
      "gradient, and step 4 adjusts",
)  # fmt: skip
def name_of_the_whole() -> Evidence:
    whole, third = _train(2, rate=0.5)[1], _train(2, rate=0.0)[1]
    start = _train(0, rate=0.5)[1]

    def moved(weights):
        return max(float(abs(a - b).max()) for a, b in zip(weights, start, strict=True))

    return conventional(
        observed(moved(whole) > 0, f"steps 1 to 4: weights move by up to {moved(whole):.3g}"),
        observed(moved(third) > 0, f"steps 1 to 3 alone: by {moved(third):g}"),
    )


@claim(
    127, STEPS.at(379), "statement", "holds",
    says="It minimizes the error between outputs and targets: a 4-3-4-2 network on four pairs reaches nearly none.",
    printed="to minimize the error between the outputs and expected values",
)  # fmt: skip
def error_is_minimized() -> Evidence:
    losses = _train(3000, rate=1.0)[0]
    return judged(
        observed(losses[-1] < losses[0] / 100, f"half the squared errors: {losses[0]:.3g}, at last {losses[-1]:.2g}")
    )


@claim(
    128, STEPS.at(381), "statement", "holds",
    says="The feedforward pass makes outputs of input vectors, of one or of many at once.",
    printed="The network calculates outputs based on input vectors",
)  # fmt: skip
def outputs_of_inputs() -> Evidence:
    at = {"w1": "D H", "w2": "H K", "x": "N D"}

    def together(w1, w2, x):
        return sigmoid(sigmoid(x @ w1) @ w2)

    def one_by_one(w1, w2, x):
        return np.array([sigmoid(sigmoid(row @ w1) @ w2) for row in x])

    return judged(same(together, one_by_one, at))


@claim(
    129, STEPS.at(382), "statement", "holds",
    says="The cost function makes one number of outputs and targets: zero where they agree, positive elsewhere.",
    printed="Using a cost function, the network computes errors",
)  # fmt: skip
def cost_is_a_number() -> Evidence:
    def sum_of_squares(o, y):
        return sum((o[k] - y[k]) * (o[k] - y[k]) for k in range(len(o))) / 2

    at = {"o": "K", "y": "K"}
    return judged(same(half_square, sum_of_squares, at).about("half a sum of squares"))


@claim(
    130, STEPS.at(383), "statement", "holds",
    says="The error propagated backward gives the gradients for the weights of each layer.",
    printed="propagates the error backward and computes the gradient errors for weights in each layer",
)  # fmt: skip
def gradients_of_each_layer() -> Evidence:
    by = "w1 w2 wo b1 b2 bo"
    return judged(derivative(loss_of_columns, _backwards, COLUMNS, by=by).about("three layers, all weights and biases"))


@claim(
    131, STEPS.at(384), "statement", "convention",
    says="The weights are updated with a small learning rate.", printed="updates weights with a small learning rate",
    convention="small enough for the loss at hand: 1 is, for the network here, and 100 is not",
)  # fmt: skip
def small_rate() -> Evidence:
    small, large = _train(2, rate=1.0)[0], _train(2, rate=100.0)[0]
    return conventional(
        observed(small[1] < small[0], f"η = 1: the error goes from {small[0]:.3f} to {small[1]:.3f}"),
        observed(large[1] < large[0], f"η = 100: to {large[1]:.3f}"),
    )


@claim(
    132, STEPS.at(385), "statement", "convention",
    says="A repetition of the steps 1 to 4 is an epoch.", printed="repeat steps 1-4 many times (epochs)",
    convention="one batch of all pairs: with mini-batches (line 358) an epoch has several repetitions",
)  # fmt: skip
def repetitions_and_epochs() -> Evidence:
    def repetitions(part):
        return len(range(0, len(X), part))

    return conventional(
        observed(repetitions(4) == 1, f"four pairs, one batch: {repetitions(4)} repetition an epoch"),
        observed(repetitions(2) == 1, f"batches of two: {repetitions(2)}"),
    )


@claim(
    133, STEPS.at(385), "statement", "holds",
    says="Repeated, the error converges: it changes ever less.", printed="until the error converges",
)  # fmt: skip
def converges() -> Evidence:
    losses = _train(3000, rate=1.0)[0]
    changes = [losses[k] - losses[k + 1] for k in (500, 1000, 2000, 2998)]
    right = changes == sorted(changes, reverse=True) and changes[-1] > 0
    shown = ", ".join(f"{c:.1g}" for c in changes)
    return judged(observed(right, f"in steps 500, 1000, 2000 and 2998 it falls by {shown}"))


# -- errors and their shapes ------------------------------------------------------------------------


@claim(
    134, SHAPES.at(394), "shape", "holds",
    says="The feedforward pass ends in a row of two outputs.", printed="O = [o_1, o_2]",
)  # fmt: skip
def row_of_outputs() -> Evidence:
    return judged(has_shape(lambda **a: layers(a)["y"], "1 K", ROWS))


@claim(
    135, SHAPES.at(397), "formula", "transcription",
    says="The gradient of the cost has the rows y_1, y_2 and the two derivatives.",
    printed=r"\begin{bmatrix} y_1, y_2 \\",
    corrected="only the two derivatives: Y = [y_1, y_2] stands beside O of line 394 (and C(0, Y) is C(O, Y))",
)  # fmt: skip
def targets_in_the_gradient() -> Evidence:
    at = {"z": "2 1", "y": "2 1"}

    def gradient(z, y):
        return -y / sigmoid(z) + (1 - y) / (1 - sigmoid(z))

    def with_targets(z, y):
        return np.concatenate([y, gradient(z, y)])

    return misread(has_shape(with_targets, "2 1", at).about("one entry an output"), has_shape(gradient, "2 1", at))


def _terms(z, y):
    return cross_entropy_terms(sigmoid(z), y)


def _by_outputs(dy, z, y):
    """Each ∂C(o_k, y_k)/∂o_k, carried on to z."""
    o = sigmoid(z)
    return dy * (-y / o + (1 - y) / (1 - o)) * o * (1 - o)


@claim(
    136, SHAPES.at(397), "formula", "convention",
    says="Entry k of the gradient is the derivative of C(o_k, y_k), one output's cost, by its output.",
    printed=r"\frac{\partial C(o_1, y_1)}{\partial o_1}",
    convention="the cost is the sum over the outputs; with the 1/K of line 338 (1/n_o on line 502) each entry "
      "is K times too large",
)  # fmt: skip
def cost_of_one_output() -> Evidence:
    at = {"z": "K", "y": "K"}
    total = derivative(lambda z, y: _terms(z, y).sum(), _by_outputs, at, by="z")
    mean = derivative(lambda z, y: _terms(z, y).sum() / len(y), _by_outputs, at, by="z")
    return conventional(total.about("the sum"), mean.about("the mean"))


@claim(
    137, SHAPES.at(400), "shape", "convention",
    says="The gradient of the cost times the transposed 4 x 2 weights is that of H2.",
    printed=r"\nabla_{H2} \Rightarrow \nabla C(0, Y) \times [4 \times 2]^T",
    convention="the gradient is a row, like O; line 397 prints it as a column, which cannot be multiplied so",
)  # fmt: skip
def gradient_as_a_row() -> Evidence:
    def product(g, w):
        return g @ w.T

    return conventional(
        has_shape(product, "1 4", {"g": "1 2", "w": "4 2"}).about("a row"),
        has_shape(product, "1 4", {"g": "2 1", "w": "4 2"}).about("the column of line 397"),
    )


@claim(
    138, SHAPES.at(400), "formula", "convention",
    says="That product is the gradient by H2.", printed=r"\nabla_{H2} \Rightarrow \nabla C(0, Y)",
    convention="only sizes are meant, or φ(x) = x: otherwise the product needs the factor φ' of line 446",
)  # fmt: skip
def without_the_activation() -> Evidence:
    def by_h(phi):
        return lambda dy, w, h, b, y: dy * (phi(h @ w + b) - y) @ w.T

    def loss(phi):
        return lambda w, h, b, y: half_square(phi(h @ w + b), y)

    return conventional(
        derivative(loss(lambda v: v), by_h(lambda v: v), LAYER, by="h").about("φ(x) = x"),
        derivative(loss(sigmoid), by_h(sigmoid), LAYER, by="h").about("sigmoid"),
    )


def _record_shape(number: int, line: int, printed: str, said: str, at: dict[str, str], shape: str) -> None:
    @claim(number, SHAPES.at(line), "shape", "holds", says=said, printed=printed)
    def check() -> Evidence:
        return judged(has_shape(lambda g, w: g @ w.T, shape, at))


_record_shape(
    139, 401, r"\nabla_{H_2} \times [3 \times 4]^T",
    "The gradient of H1 is that of H2 times the transposed 3 x 4 weights.",
    {"g": "1 4", "w": "3 4"}, "1 3",
)  # fmt: skip
_record_shape(
    140, 402, r"\nabla_{H1} \times [4 \times 3]^T", "And that of I is that of H1 times the transposed 4 x 3 weights.",
    {"g": "1 3", "w": "4 3"}, "1 4",
)  # fmt: skip


# -- notation ---------------------------------------------------------------------------------------


@claim(
    141, NOTATION.at(409), "statement", "convention",
    says="L is the number of layers.", printed="*L*: the number of layers",
    convention="the input does not count, so that W^1 to W^L are all weights (line 429); on line 26 it does count",
)  # fmt: skip
def layers_without_the_input() -> Evidence:
    sizes, matrices = (4, 3, 4, 2), 3
    return conventional(
        observed(len(sizes) - 1 == matrices, f"4-3-4-2 without the input: L = {len(sizes) - 1}, {matrices} matrices"),
        observed(len(sizes) == matrices, f"with the input: {len(sizes)}"),
    )


@claim(
    142, NOTATION.at(410), "shape", "convention",
    says="W^l lies between layer l - 1 and layer l.", printed="the matrix weight between layer l-1 and l",
    convention="a row a neuron of layer l, as W^l x on line 434 needs it; the W^h1 of lines 228 and 465 is its "
      "transpose",
)  # fmt: skip
def rows_of_a_matrix() -> Evidence:
    return conventional(
        has_shape(lambda w, x: w @ x, "M 1", {"w": "M N", "x": "N 1"}).about("n_l x n_(l-1)"),
        has_shape(lambda w, x: w @ x, "M 1", {"w": "N M", "x": "N 1"}).about("n_(l-1) x n_l"),
    )


@claim(
    143, NOTATION.at(412), "statement", "holds",
    says="Sigmoid is for two classes what softmax is for several: it is the softmax of (z, 0).",
    printed="sigmoid (logistic) for binary classification softmax for multi-class classification",
)  # fmt: skip
def sigmoid_as_a_softmax() -> Evidence:
    def of_two(z):
        return softmax(np.stack([z, 0 * z], axis=-1))[..., 0]

    return judged(same(lambda z: sigmoid(z), of_two, {"z": "N"}))


CLAIMS.append(
    uncheckable(
        "002-144", NOTATION.at(413), "In hidden layers the activation function is sigmoid or ReLU.",
        "a choice, which the lecture's example makes; tanh and others do as well",
        "the activation function is sigmoid or ReLU",
    )
)  # fmt: skip


@claim(
    145, NOTATION.at(415), "statement", "convention",
    says="δ^l is the error at layer l.", printed="the error at the layer l",
    convention="the derivative of the cost by the layer's sum z^l, before φ: only then is it the bias gradient "
      "of line 453; neither the difference o - y nor the derivative by a^l",
)  # fmt: skip
def error_before_the_activation() -> Evidence:
    def loss(b, h, y):
        return half_square(sigmoid(h + b), y)

    def by_sum(dy, b, h, y):
        o = sigmoid(h + b)
        return dy * o * (1 - o) * (o - y)

    at = {"b": "K", "h": "K", "y": "K"}
    return conventional(
        derivative(loss, by_sum, at, by="b").about("∂C/∂z as the gradient by b"),
        derivative(loss, lambda dy, b, h, y: dy * (sigmoid(h + b) - y), at, by="b").about("∂C/∂a = o - y"),
    )


@claim(
    146, NOTATION.at(416), "statement", "convention",
    says="∇_L C is the gradient at the output layer.", printed="function at the output layer",
    convention="by the outputs a^L, after φ (line 425): δ^L has the factor φ' of its own on line 446",
)  # fmt: skip
def gradient_after_the_activation() -> Evidence:
    def loss(z, y):
        return half_square(sigmoid(z), y)

    def delta(nabla):
        def by_z(dy, z, y):
            o = sigmoid(z)
            return dy * o * (1 - o) * nabla(o, y)

        return by_z

    at = {"z": "K", "y": "K"}
    after = derivative(loss, delta(lambda o, y: o - y), at, by="z").about("∂C/∂a^L, then φ'")
    before = derivative(loss, delta(lambda o, y: (o - y) * o * (1 - o)), at, by="z").about("∂C/∂z^L, then φ' again")
    return conventional(after, before)


@claim(
    147, NOTATION.at(417), "formula", "transcription",
    says="'or o' is the Hadamard product.", printed="- or o: is the Hadamard product",
    corrected="'⊙ or ∘': the first sign is lost, and the second was read as the letter of the outputs",
)  # fmt: skip
def lost_sign() -> Evidence:
    printed, meant = "or o", "⊙ or ∘"
    return misread(
        observed(len(printed.split()) == 3, f"two signs joined by 'or' are three words, and printed is {printed!r}"),
        observed(len(meant.split()) == 3 and "∘" in meant, "the other slides write ∘ (lines 434 to 446)"),
    )


@claim(
    148, NOTATION.at(417), "formula", "holds",
    says="The Hadamard product multiplies two matrices of one shape entry by entry.",
    printed="elementwise products of two matrices",
)  # fmt: skip
def hadamard() -> Evidence:
    def entries(a, b):
        return np.array([[p * q for p, q in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)])

    return judged(same(lambda a, b: a * b, entries, {"a": "N D", "b": "N D"}))
