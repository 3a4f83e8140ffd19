"""Slides 'Implementation of FF Networks': the 4-3-4-2 network, every neuron's sum read from the text and computed."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._outcome import conventional, judged
from ._pieces import NETWORK, half_square, layers, printed_sum, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

WEIGHTS = Slide("#### Implementation of FF Networks (1)", 129)
HIDDEN = Slide("# Implementation of FF Networks (2)", 140)
OUTPUT = Slide("## Implementation of FF Networks (3)", 171)

_SECOND = {"w": "4 3", "x": "1 4"}
_NEXT = {"w": "3 4", "h": "1 3"}
_LAST = {"w": "4 2", "h": "1 4"}


# -- what the indices say ---------------------------------------------------------------------------


@claim(
    44, WEIGHTS.at(133), "formula", "convention",
    says="w_12 leads from input 1 to neuron 2: its first index is where it comes from.",
    printed=r"weight from neuron  $i_1$  to neuron  $h_{12}$",
    convention="from, to: the weights stand on the right of a row (line 228); in W^l x of line 434 w_12 leads from "
      "neuron 2 to neuron 1",
)  # fmt: skip
def first_index_is_the_source() -> Evidence:
    def on_the_right(dy, w, x):
        return dy * np.array([[w[0, 1], w[1, 1], w[2, 1], w[3, 1]]])

    square = {"w": "4 4", "x": "1 4"}
    return conventional(
        derivative(lambda w, x: (x @ w)[0, 1], on_the_right, square, by="x").about("x W, neuron 2 by x_1: w_12"),
        derivative(lambda w, x: (w @ x[0])[1], on_the_right, square, by="x").about("W x, neuron 2 by x_1: w_12"),
    )


@claim(
    45, WEIGHTS.at(134), "formula", "holds",
    says="w_13 of the second layer leads from neuron 1 of the first hidden layer to neuron 3 of the second.",
    printed=r"weight from neuron  $h_{11}$  to neuron  $h_{23}$",
)  # fmt: skip
def weight_of_the_second_layer() -> Evidence:
    def by_h(dy, w, h):
        return dy * np.array([[w[0, 2], w[1, 2], w[2, 2]]])

    return judged(derivative(lambda w, h: (h @ w)[0, 2], by_h, _NEXT, by="h").about("the sum of neuron 3, by h_1j"))


@claim(
    46, WEIGHTS.at(135), "formula", "holds",
    says="w_12 of the output layer leads from neuron 1 of the second hidden layer to output 2.",
    printed=r"weight from neuron  $h_{21}$  to output neuron  $o_2$",
)  # fmt: skip
def weight_of_the_output() -> Evidence:
    def by_h(dy, w, h):
        return dy * np.array([[w[0, 1], w[1, 1], w[2, 1], w[3, 1]]])

    return judged(derivative(lambda w, h: (h @ w)[0, 1], by_h, _LAST, by="h").about("the sum of output 2, by h_2j"))


@claim(
    47, WEIGHTS.at(136), "formula", "convention",
    says="φ is the activation function of a neuron's output.", printed="is activation function of a neuron output",
    convention="it acts on the neuron's weighted sum, and the result is the output (line 152)",
)  # fmt: skip
def acts_on_the_sum() -> Evidence:
    def output(**a):
        return layers(a)["h1"]

    def of_the_sum(**a):
        return sigmoid(a["x"] @ a["w1"] + a["b1"])

    return conventional(
        same(of_the_sum, output, NETWORK).about("φ of the sum"),
        same(lambda **a: sigmoid(output(**a)), output, NETWORK).about("φ of the output"),
    )


# -- the input layer --------------------------------------------------------------------------------


def _input_layer(last: bool) -> Evidence:
    """A hidden neuron's sum from i_k = φ(x_k) for three inputs or the fourth, against X W of line 465."""
    chosen = slice(3, 4) if last else slice(0, 3)

    def with_inputs(phi):
        return lambda w, x: phi(x[:, chosen]) @ w[chosen]

    right = with_inputs(lambda x: x)
    return conventional(
        same(with_inputs(lambda x: 1 * x), right, _SECOND).about("φ(x) = x"),
        same(with_inputs(sigmoid), right, _SECOND).about("the sigmoid of line 552"),
    )


@claim(
    48, HIDDEN.at(146), "formula", "convention",
    says="The input layer applies φ to the inputs 1 to 3.",
    printed=r"$$i_1 = \varphi(x_1), i_2 = \varphi(x_2), i_3 = \varphi(x_3)$$",
    convention="the input layer's φ is the identity: line 465 multiplies X itself with the weights",
)  # fmt: skip
def activation_of_the_inputs() -> Evidence:
    return _input_layer(last=False)


@claim(
    49, HIDDEN.at(148), "formula", "convention",
    says="And to input 4.", printed=r"$i_4 = \varphi(x_4)$",
    convention="the input layer's φ is the identity, as for the other three",
)  # fmt: skip
def activation_of_the_fourth_input() -> Evidence:
    return _input_layer(last=True)


# -- every neuron -----------------------------------------------------------------------------------


def _record_neuron(number: int, place, name: str, layer: str, index: int, printed: str) -> None:
    @claim(
        number, place, "formula", "holds",
        says=f"{name} is φ of its sources times the weights that lead to it, and its bias.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        value = printed_sum(printed)
        return judged(
            same(lambda **a: sigmoid(value(**a)), lambda **a: layers(a)[layer][0, index - 1], NETWORK).about(
                f"the printed sum, read term by term, against entry {index} of the matrix form"
            )
        )


_record_neuron(
    50, HIDDEN.at(152), "h_11", "h1", 1,
    r"i_1 w_{11}^{h1} + i_2 w_{21}^{h1} + i_3 w_{31}^{h1} + i_4 w_{41}^{h1} + b_1",
)  # fmt: skip
_record_neuron(
    51, HIDDEN.at(154), "h_12", "h1", 2,
    r"i_1 w_{12}^{h1} + i_2 w_{22}^{h1} + i_3 w_{32}^{h1} + i_4 w_{42}^{h1} + b_2",
)  # fmt: skip
_record_neuron(
    52, HIDDEN.at(156), "h_13", "h1", 3,
    r"i_1 w_{13}^{h1} + i_2 w_{23}^{h1} + i_3 w_{33}^{h1} + i_4 w_{43}^{h1} + b_3",
)  # fmt: skip


@claim(
    53, HIDDEN.at(160), "formula", "convention",
    says="The biases are b_1, b_2, ... in every layer.", printed="+ b_1)$$",
    convention="each layer has biases of its own, B_h1, B_h2 and B_o on lines 269 to 273, under the same names",
)  # fmt: skip
def own_biases() -> Evidence:
    def shared(**a):
        b = a["b2"]
        return layers({**a, "b1": b[:, :3], "bo": b[:, :2]})["y"]

    def own(**a):
        return layers(dict(a))["y"]

    return conventional(
        same(own, lambda **a: layers(a)["y"], NETWORK).about("nine biases"),
        same(shared, lambda **a: layers(a)["y"], NETWORK).about("four, the same b_1 to b_4 in all layers"),
    )


_record_neuron(54, HIDDEN.at(160), "h_21", "h2", 1, r"h_{11}w_{11}^{h2} + h_{12}w_{21}^{h2} + h_{13}w_{31}^{h2} + b_1")
_record_neuron(55, HIDDEN.at(163), "h_22", "h2", 2, r"h_{11}w_{12}^{h2} + h_{12}w_{22}^{h2} + h_{13}w_{32}^{h2} + b_2")
_record_neuron(56, HIDDEN.at(165), "h_23", "h2", 3, r"h_{11}w_{13}^{h2} + h_{12}w_{23}^{h2} + h_{13}w_{33}^{h2} + b_3")
_record_neuron(57, HIDDEN.at(167), "h_24", "h2", 4, r"h_{11}w_{14}^{h2} + h_{12}w_{24}^{h2} + h_{13}w_{34}^{h2} + b_4")
_record_neuron(
    58, OUTPUT.at(177), "o_1", "y", 1,
    r"h_{21}w_{11}^{o} + h_{22}w_{21}^{o} + h_{23}w_{31}^{o} + h_{24}w_{41}^{o} + b_{1}",
)  # fmt: skip
_record_neuron(
    59, OUTPUT.at(179), "o_2", "y", 2,
    r"h_{21}w_{12}^{o} + h_{22}w_{22}^{o} + h_{23}w_{32}^{o} + h_{24}w_{42}^{o} + b_{2}",
)  # fmt: skip


@claim(
    60, OUTPUT.at(181), "formula", "convention",
    says="y_1 is o_1 (and y_2 is o_2, line 183).", printed="y_{1} = o_{1}",
    convention="y is the network's output here and on line 494; from line 330 on y is the target, which o is compared "
      "with",
)  # fmt: skip
def two_meanings_of_y() -> Evidence:
    def loss(y):
        return lambda **a: half_square(layers(a)["y"], y(a)) + 0 * a["t"].sum()

    at = {**NETWORK, "t": "1 2"}
    output = same(lambda **a: layers(a)["y"], lambda **a: sigmoid(layers(a)["h2"] @ a["wo"] + a["bo"]), at)
    target = same(loss(lambda a: layers(a)["y"]), loss(lambda a: a["t"]), at)
    return conventional(output.about("y as the output"), target.about("the loss of line 514 with y = o"))
