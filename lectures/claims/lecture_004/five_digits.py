"""Slides 'Example: ReLU and Dropout' and 'Data': the 25-20-20-20-5 network, its data, and its formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import data
from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import conventional, every, judged, observed
from ._pieces import categorical_loss, prepend_bias, sigmoid, softmax
from ._pieces_training import layer, network_points, relu
from ._programs_training import FORWARD_RETURNS, five_digit_arrays, five_digits, function

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

EXAMPLE = Slide("Example: ReLU and Dropout", 712)
DATA = Slide("Data", 721)

WEIGHTS = ("w1", "w2", "w3", "w4")


def _forward() -> dict[str, np.ndarray]:
    """Everything that forward of line 896 returns for the five digits."""
    given = five_digit_arrays()
    return dict(
        zip(FORWARD_RETURNS, function("004_forward_relu")(given["X"], *(given[w] for w in WEIGHTS)), strict=True)
    )


# -- the network and its data -----------------------------------------------------------------------


@claim(275, EXAMPLE.at(714), "number", "holds", says="There are 25 inputs: 5 x 5 pixels.", printed="25 input nodes")
def inputs() -> Evidence:
    sizes = (five_digits()[0].size, len(five_digit_arrays()["w1"]) - 1)
    return judged(observed(sizes == (25, 25), f"pixels of a digit, and rows of w1 beside the bias: {sizes}"))


@claim(
    276, EXAMPLE.at(715), "number", "holds",
    says="There are five outputs, one a class: five different digits.", printed="Five output nodes",
)  # fmt: skip
def outputs() -> Evidence:
    different = len({digit.tobytes() for digit in five_digits()})
    shape = _forward()["y_hat"].shape
    return judged(observed(shape == (5, 5) and different == 5, f"{different} different digits, outputs {shape}"))


@claim(
    277, EXAMPLE.at(716), "statement", "holds",
    says="The outputs are a softmax: positive, and of sum 1.", printed="Output nodes employ the softmax",
)  # fmt: skip
def softmax_outputs() -> Evidence:
    def of_listing(x, w1, w2, w3, w4):
        return function("004_forward_relu")(x, w1, w2, w3, w4)[0].sum(axis=1)

    at = {"x": "1 2", "w1": "3 2", "w2": "3 2", "w3": "3 2", "w4": "3 3"}
    return judged(same(of_listing, lambda x, **w: 1 + 0 * x[:, 0], at).about("sums of forward's y_hat"))


@claim(
    278, EXAMPLE.at(717), "number", "holds",
    says="There are three hidden layers of 20 nodes.", printed="Three hidden layers, each hidden layer contains 20",
)  # fmt: skip
def hidden_layers() -> Evidence:
    shapes = [_forward()[h].shape for h in ("h1", "h2", "h3")]
    return judged(observed(shapes == [(5, 20)] * 3, f"h1, h2, h3 of forward: {shapes}"))


@claim(
    279, DATA.at(729), "code", "holds",
    says="The listing makes five pictures of 5 x 5 zeros and ones: the digits 1 to 5.",
    printed="X[0, :, :] = [[0, 1, 1",
)  # fmt: skip
def pictures() -> Evidence:
    x = five_digits()
    drawn = " / ".join("".join(".#"[int(p)] for p in row) for row in x[0])
    equal = np.array_equal(x.reshape(5, 25), data.five_digits()[0])
    binary = set(np.unique(x).tolist()) == {0.0, 1.0}
    return judged(observed(equal and binary, f"as the package's own table of them; the first is {drawn}"))


@claim(
    280, DATA.at(724), "shape", "convention",
    says="X is the input of the network.", printed="X = np.zeros((5, 5, 5))",
    convention="each picture is made a row of 25 first, X.reshape(5, 25); no slide does, and forward does not take X "
      "as it is",
)  # fmt: skip
def pictures_as_rows() -> Evidence:
    given = five_digit_arrays()
    forward = function("004_forward_relu")

    def runs(x: np.ndarray) -> Any:
        try:
            return observed(forward(x, *(given[w] for w in WEIGHTS))[0].shape == (5, 5), f"X {x.shape}: 5 x 5 outputs")
        except ValueError as error:
            return observed(False, f"X {x.shape}: ValueError, {str(error).partition(':')[0]}")

    return conventional(runs(five_digits().reshape(5, 25)), runs(five_digits()))


# -- the formulas of the forward pass ---------------------------------------------------------------

TWO = {"h2": "", "h3": "", "w": "3 2"}
FORMULAS = {
    281: (770, r"[a_1 \quad a_2] = [1 \quad x_2 \quad x_3]", "a", "[1 X] W1"),
    282: (774, r"[b_1 \quad b_2] = [1 \quad h_2^{(1)} \quad h_3^{(1)}]", "b", "[1 H1] W2"),
    283: (779, r"[c_1 \quad c_2] = [1 \quad h_2^{(2)} \quad h_3^{(2)}]", "c", "[1 H2] W3"),
    284: (783, r"[d_1 \quad d_2] = [1 \quad h_2^{(3)} \quad h_3^{(3)}]", "d", "[1 H3] W4"),
}
ACTIVATIONS = {
    285: (772, r"[\rho(a_1) \quad \rho(a_2)] \triangleq H_1", "a", "H1"),
    286: (776, r"[\rho(b_1) \quad \rho(b_2)] \triangleq H_2", "b", "H2"),
    287: (781, r"[\rho(c_1) \quad \rho(c_2)] \triangleq H_3", "c", "H3"),
}


def _sums() -> Evidence:
    def row(h2, h3, w):
        return np.array([w[0, j] + h2 * w[1, j] + h3 * w[2, j] for j in range(2)])

    def product(h2, h3, w):
        return (prepend_bias(np.array([[h2, h3]])) @ w)[0]

    many = same(lambda h, w, b: prepend_bias(h) @ np.concatenate([b, w]), lambda h, w, b: h @ w + b,
                {"h": "N H", "w": "H C", "b": "1 C"})  # fmt: skip
    return judged(every(same(product, row, TWO), many.about("with a row for each of N examples")))


def _activation(name: str) -> Evidence:
    def of_listing(x, y, w1, w2, w3, w4):
        return function("004_forward_relu")(x, w1, w2, w3, w4)[FORWARD_RETURNS.index(f"h{'abc'.index(name) + 1}")]

    def by_layers(x, y, w1, w2, w3, w4):
        for w in (w1, w2, w3)[: "abc".index(name) + 1]:
            x = relu(layer(x, w))
        return x

    at = network_points("x", WEIGHTS)
    return judged(same(of_listing, by_layers, [*at, {key: 0 * value for key, value in at[-1].items()}]))


def _formula_claims(made: Callable[..., Any]) -> None:
    for number, (line, printed, sums, product) in FORMULAS.items():
        made(number, DATA.at(line), "formula", "holds", printed=printed,
             says=f"The sums {sums}_1, {sums}_2 are {product}, whose first row of weights is the bias.",
             )(_sums)  # fmt: skip
    for number, (line, printed, sums, hidden) in ACTIVATIONS.items():
        made(number, DATA.at(line), "formula", "holds", printed=printed,
             says=f"{hidden} is ReLU of {sums}, node by node; h_2 belongs to {sums}_1, as h_1 is the bias.",
             )(lambda sums=sums: _activation(sums))  # fmt: skip


_formula_claims(claim)


@claim(
    288, DATA.at(785), "formula", "convention",
    says="The outputs are φ(d_1) and φ(d_2).", printed=r"[\varphi(d_1) \quad \varphi(d_2)] \triangleq \hat{Y}",
    convention="φ is the softmax over all d together, as line 716 says; on the first slides it is the sigmoid of one "
      "number, and then ∂L/∂d is not ŷ - y",
)  # fmt: skip
def output_function() -> Evidence:
    at = {"d": "N C", "u": "N C"}

    def error(phi: Callable[[Any], Any]) -> Any:
        loss = derivative(
            lambda d, u: categorical_loss(phi(d), softmax(u)), lambda dy, d, u: dy * (phi(d) - softmax(u)), at, by="d"
        )
        return loss

    return conventional(error(softmax).about("softmax"), error(sigmoid).about("sigmoid of each d"))
