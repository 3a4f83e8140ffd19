"""Slides '3. Backpropagate Error to Weights' to '5. Update Weights and Bias and Repeat': errors, steps, repetition.

The errors and steps of a layer are proved in a network that begins with it: its input is any column.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, judged, observed
from ._pieces import half_square, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

BACK = Slide("### 3. Backpropagate Error to Weights", 546)
UPDATES = Slide("### 4. Calculate Gradient Descent Weight and Bias Updates", 566)
REPEAT = Slide("### 5. Update Weights and Bias and Repeat", 585)

_SIZES = ("D", "H", "G", "K")
_FROM = {"O": 1, "H2": 2, "H1": 3}
"""How many layers there are from this one to the output."""


def _shapes(count: int) -> dict[str, str]:
    """Arrays of a network of so many layers: weights from the first to the last, biases, input column, target."""
    s = _SIZES
    weights = {f"w{k}": f"{s[k]} {s[k - 1]}" for k in range(1, count + 1)}
    return {**weights, **{f"b{k}": f"{s[k]} 1" for k in range(1, count + 1)}, "x": f"{s[0]} 1", "y": f"{s[count]} 1"}


def _activations(*arrays: Any) -> list[Any]:
    """The input and every layer's activations."""
    count = len(arrays) // 2 - 1
    a = [arrays[-2]]
    for w, b in zip(arrays[:count], arrays[count:-2], strict=True):
        a.append(sigmoid(w @ a[-1] + b))
    return a


def _loss(*arrays: Any) -> Any:
    return half_square(_activations(*arrays)[-1], arrays[-1])


def _deltas(dy: Any, *arrays: Any) -> list[Any]:
    """The errors by lines 446 and 560, as meant, from the first layer to the last."""
    a, count = _activations(*arrays), len(arrays) // 2 - 1
    d = [a[-1] * (1 - a[-1]) * (dy * (a[-1] - arrays[-1]))]
    for k in range(count - 1, 0, -1):
        d.insert(0, a[k] * (1 - a[k]) * (arrays[k].T @ d[0]))
    return d


def _gradients(dy: Any, *arrays: Any) -> list[Any]:
    """By all weights, then by all biases: lines 574 to 581 without -η."""
    d = _deltas(dy, *arrays)
    return [error @ a.T for error, a in zip(d, _activations(*arrays), strict=False)] + d


# -- 3. errors of the layers ------------------------------------------------------------------------


@claim(
    188, BACK.at(552), "formula", "holds",
    says="The activation function is 1/(1 + e^-x).", printed=r"\varphi(x) = \frac{1}{1 + e^{-x}}",
)  # fmt: skip
def activation() -> Evidence:
    return judged(same(lambda x: sigmoid(x), lambda x: (1 + np.tanh(x / 2)) / 2, {"x": "N"}).about("(1 + tanh(x/2))/2"))


@claim(
    189, BACK.at(553), "formula", "holds",
    says="Its derivative is φ (1 - φ).", printed=r"\varphi'(x) = \varphi(x)[1 - \varphi(x)]",
)  # fmt: skip
def derivative_of_the_activation() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x)), {"x": "N"}, by="x"))


def _delta(layer: str, with_input: bool) -> Outcome:
    """δ of a layer, as lines 558 to 562 print it or with the layer's input, as the gradient by that layer's bias."""
    count = _FROM[layer]

    def gradient(dy, *arrays):
        w, b, x = arrays[0], arrays[count], arrays[-2]
        s = sigmoid(w @ x + b if with_input else w + b)
        if count == 1:
            return s * (1 - s) * (dy * (_activations(*arrays)[-1] - arrays[-1]))
        return (s * (1 - s) * arrays[1].T) @ _deltas(dy, *arrays)[1]

    return derivative(_loss, gradient, _shapes(count), by="b1")


def _record_missing_input(number: int, line: int, layer: str, right: str, printed: str) -> None:
    @claim(
        number, BACK.at(line), "formula", "erratum",
        says=f"In the δ of {layer} the derivative of φ is taken at weights plus biases.", printed=printed,
        corrected=right,
    )  # fmt: skip
    def check() -> Evidence:
        return judged(_delta(layer, with_input=False), _delta(layer, with_input=True))


_record_missing_input(
    190, 558, "O", "at W^O H2 + B_O, the layer's sum: the input is left out", r"[\varphi^{O}(W^{O} + B_{O})]' \circ"
)
_record_missing_input(
    191, 560, "H2", "at W^H2 H1 + B_H2: the input is left out", r"[\varphi^{H2}(W^{H2} + B_{H2})]' \circ"
)
_record_missing_input(
    192, 562, "H1", "at W^H1 I + B_H1: the input is left out", r"[\varphi^{H1}(W^{H1} + B_{H1})]' \circ"
)

_BACK = {"w": "K G", "d": "K 1", "p": "G 1"}
"""Weights of the next layer on the left of a column, its error, and φ' of this layer."""


def _record_brackets(number: int, line: int, printed: str, convention: str, rows: bool) -> None:
    """φ' ∘ W^T first, then the product with δ: against φ' ∘ (W^T δ), and of rows, or of equal shapes."""

    def braced(w, d, p):
        return (p * w.T) @ d

    def strictly(w, d, p):
        if p.shape != w.T.shape:
            raise ValueError(f"a Hadamard product of shapes {p.shape} and {w.T.shape}")
        return braced(w, d, p)

    @claim(
        number, BACK.at(line), "formula", "convention",
        says="φ' ∘ W^T may be taken first, and the product with δ then.", printed=printed, convention=convention,
    )  # fmt: skip
    def check() -> Evidence:
        def right(w, d, p):
            return p * (w.T @ d)

        columns_first = same(braced, right, _BACK).about("φ' in every column")
        if not rows:
            return conventional(columns_first, same(strictly, right, _BACK).about("two matrices of one shape"))
        at = {"w": "G K", "d": "1 K", "p": "1 G"}  # as lines 259 and 465 have them
        return conventional(columns_first, same(braced, lambda w, d, p: p * (d @ w.T), at).about("rows"))


_record_brackets(
    193, 560, r"\circ (W^{O})^{T} \} \cdot \delta^{O}",
    "φ' is repeated for every column of W^T; the Hadamard product of line 417 has two matrices of one shape",
    rows=False,
)  # fmt: skip
_record_brackets(
    194, 562, r"\circ (W^{H2})^{T} \} \cdot \delta^{H2}",
    "columns, with W on the left; with rows and the 3 x 4 W^h2 of line 473 the product does not exist", rows=True,
)  # fmt: skip


# -- 4. and 5. updates ------------------------------------------------------------------------------


def _record_weights(number: int, line: int, layer: str, sizes: tuple[str, str], printed: str) -> None:
    before, after = sizes

    @claim(
        number, UPDATES.at(line), "formula", "convention",
        says=f"The weights of {layer} move by -η times δ and the transposed input of the layer.", printed=printed,
        convention=f"columns, and weights of shape {after} x {before}: those of the feedforward pass on line "
        f"{'259' if layer == 'O' else '473' if layer == 'H2' else '465'} are {before} x {after}, and their step is the "
        "transpose",
    )  # fmt: skip
    def check() -> Evidence:
        count = _FROM[layer]
        right = derivative(_loss, lambda dy, *arrays: _gradients(dy, *arrays)[0], _shapes(count), by="w1")
        at = {"d": f"{after} 1", "a": f"{before} 1"}
        shape = has_shape(lambda d, a: d @ a.T, f"{before} {after}", at)
        return conventional(right.about("columns"), shape.about(f"as a step of a {before} x {after} matrix"))


def _record_biases(number: int, line: int, layer: str, printed: str) -> None:
    @claim(
        number, UPDATES.at(line), "formula", "holds",
        says=f"The biases of {layer} move by -η δ, for one pair.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        count = _FROM[layer]
        found = derivative(_loss, lambda dy, *arrays: _gradients(dy, *arrays)[count], _shapes(count), by="b1")
        return judged(found)


_record_weights(195, 574, "O", ("4", "2"), r"\Delta W^{O} = -\eta \delta^{O} (H_{2})^{T}")
_record_biases(196, 575, "O", r"\Delta B^{O} = -\eta \delta^{O}")
_record_weights(197, 577, "H2", ("3", "4"), r"\Delta W^{H2} = -\eta \delta^{H2} (H_1)^T")
_record_biases(198, 578, "H2", r"\Delta B^{H2} = -\eta \delta^{H2}")
_record_weights(199, 580, "H1", ("4", "3"), r"\Delta W^{H1} = -\eta \delta^{H1} (I)^T")
_record_biases(200, 581, "H1", r"\Delta B^{H1} = -\eta \delta^{H1}")


@claim(
    201, REPEAT.at(591), "shape", "convention",
    says="The steps are added to the weights (so for all three layers, to line 599).",
    printed=r"W^O = W^O + \Delta W^O",
    convention="columns; the 4 x 2 weights of line 259 and the 2 x 4 step of line 574 cannot be added",
)  # fmt: skip
def added_steps() -> Evidence:
    def updated(w, d, h):
        return w - d @ h.T

    return conventional(
        has_shape(updated, "2 4", {"w": "2 4", "d": "2 1", "h": "4 1"}).about("2 x 4 weights"),
        has_shape(updated, "4 2", {"w": "4 2", "d": "2 1", "h": "4 1"}).about("4 x 2 weights"),
    )


@claim(
    202, REPEAT.at(592), "shape", "holds",
    says="The steps of the biases have the shape of the biases (so to line 600).", printed=r"B^O = B^O + \Delta B^O",
)  # fmt: skip
def added_steps_of_biases() -> Evidence:
    def updated(**a):
        return a["b1"] - _gradients(1, *a.values())[2]

    return judged(has_shape(updated, "H 1", _shapes(2)))


@claim(
    203, REPEAT.at(594), "derivation", "holds",
    says="Added with the sign of step 4, the steps go downhill in all weights and biases together.",
    printed=r"W^{H2} = W^{H2} + \Delta W^{H2}",
)  # fmt: skip
def all_together() -> Evidence:
    def moved(eta, arrays):
        parameters, data = arrays[:-2], arrays[-2:]
        return [p - eta * g for p, g in zip(parameters, _gradients(1, *arrays), strict=True)] + list(data)

    def along(*arrays_and_eta):
        *arrays, eta = arrays_and_eta
        return _loss(*moved(eta, arrays))

    def by_eta(dy, *arrays_and_eta):
        *arrays, eta = arrays_and_eta
        there, here = _gradients(1, *moved(eta, arrays)), _gradients(1, *arrays)
        return -dy * sum((p * q).sum() for p, q in zip(there, here, strict=True))

    found = derivative(along, by_eta, {**_shapes(2), "eta": ""}, by="eta")
    return judged(found.about("two layers, by η; at 0 it is -|∇C|²"))


@claim(
    204, REPEAT.at(602), "statement", "holds",
    says="Repeated with the printed steps and η = 0.01 the error falls every time, and the last steps are small.",
    printed="Repeat the process until the error converges",
)  # fmt: skip
def repeated() -> Evidence:
    rng = np.random.default_rng(0)
    parameters = [rng.standard_normal(s) for s in ((3, 4), (4, 3), (2, 4), (3, 1), (4, 1), (2, 1))]
    data, costs = [rng.standard_normal((4, 1)), np.array([[1.0], [0.0]])], []
    for _ in range(4000):
        costs.append(float(_loss(*parameters, *data)))
        gradients = _gradients(1, *parameters, *data)
        parameters = [p - 0.01 * g for p, g in zip(parameters, gradients, strict=True)]
    falls = -np.diff(costs)
    right = (falls > 0).all() and costs[-1] < costs[0] / 10 and falls[-1] < falls[0] / 10
    said = f"one pair, 4000 steps: {costs[0]:.3g} to {costs[-1]:.2g}; the first step by {falls[0]:.1g}, the last by"
    return judged(observed(right, f"{said} {falls[-1]:.1g}"))
