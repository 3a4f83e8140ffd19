"""Slides 'Forward pass; Example': every printed number of the 3-4-1 network, recomputed exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import ball, has_shape, rounds_to, same
from .._outcome import conventional, every, judged, observed
from ._pieces import B2, PRINTED_A1, W1, W2, X, cuts_to, hidden, hidden_sums, output_sum, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

PERSON = Slide("# Forward pass; Example", 71)
GIVEN = Slide("# Forward pass; Example", 84)
NEURON = Slide("# Forward pass; Example", 97)
LAYER = Slide("# Forward pass; Example", 117)
OUTPUT_GIVEN = Slide("# Forward pass; Example", 130)
OUTPUT = Slide("# Forward pass; Example", 141)

CUT = "digits are cut off, not rounded; the lecture does not say so (rounded it is {})"
NET_LAYER = {"w": "H D", "x": "D 1", "b": "H 1"}

CLAIMS.append(
    uncheckable(
        "001-013", PERSON.at(73), "A network tells whether a person with certain features has diabetes.",
        "the figures that show the features and the network are lost", "has diabetes or not",
    )
)  # fmt: skip


@claim(
    14, GIVEN.at(89), "number", "holds",
    says="The first neuron's weights are the first row of the matrix on line 122 (again on line 101).",
    printed=r"[0.1 \quad 0.2 \quad 0.5]",
)  # fmt: skip
def first_row() -> Evidence:
    return judged(every(*(rounds_to(text, w) for text, w in zip(("0.1", "0.2", "0.5"), W1[0], strict=True))))


@claim(
    15, GIVEN.at(91), "shape", "holds",
    says="A row of weights times the column x, plus one bias, is one number for each neuron.",
    printed=r"b_1^{[1]} = [0]",
)  # fmt: skip
def one_neuron_shape() -> Evidence:
    return judged(has_shape(lambda w, x, b: w @ x + b, "1 1", {"w": "1 D", "x": "D 1", "b": "1"}))


@claim(
    16, GIVEN.at(95), "formula", "holds",
    says="g is the sigmoid: between 0 and 1, and 1/2 at 0.", printed=r"g = \text{sigmoid}",
)  # fmt: skip
def activation() -> Evidence:
    symmetric = same(lambda v: 1 - sigmoid(v), lambda v: sigmoid(-v), {"v": "n"}).about("1 - g(v) against g(-v)")
    return judged(every(symmetric, rounds_to("0.5", sigmoid(ball(0)))))


@claim(
    17, NEURON.at(109), "formula", "holds",
    says="z_1 is w_1 · x + b_1: the sum of weights times inputs.",
    printed=r"z_1^{[1]} = w_1^{[1]} \cdot x + b_1^{[1]}",
)  # fmt: skip
def neuron_sum() -> Evidence:
    def written_out(w, x, b):
        return w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + b

    return judged(same(lambda w, x, b: w @ x + b, written_out, {"w": "3", "x": "3", "b": ""}))


@claim(
    18, NEURON.at(109), "number", "holds",
    says="0.1 × 1 + 0.2 × 1 + 0.5 × 1 = 0.8.", printed=r"0.1 \times 1 + 0.2 \times 1 + 0.5 \times 1 = 0.8",
)  # fmt: skip
def first_sum() -> Evidence:
    return judged(rounds_to("0.8", hidden_sums()[0]))


@claim(
    19, NEURON.at(111), "number", "convention",
    says="sigmoid(0.8) = 0.68.", printed=r"\text{sigmoid}(0.8) = \mathbf{0.68}", convention=CUT.format("0.69"),
)  # fmt: skip
def first_activation() -> Evidence:
    return conventional(cuts_to("0.68", hidden()[0]), rounds_to("0.68", hidden()[0]))


# -- the layer --------------------------------------------------------------------------------------


@claim(
    20, LAYER.at(126), "shape", "holds",
    says="With a row of weights for each neuron, z is a column with a number for each neuron.",
    printed=r"z^{[1]} = w^{[1]} \cdot x + b^{[1]}",
)  # fmt: skip
def layer_shape() -> Evidence:
    return judged(has_shape(lambda w, x, b: w @ x + b, "H 1", NET_LAYER))


@claim(
    21, LAYER.at(126), "formula", "holds",
    says="The layer in one product is its neurons one by one.", printed=r"z^{[1]} = w^{[1]} \cdot x + b^{[1]}",
)  # fmt: skip
def layer_is_its_neurons() -> Evidence:
    def one_by_one(w, x, b):
        return np.array([[sum(w[j, i] * x[i, 0] for i in range(len(x))) + b[j, 0]] for j in range(len(w))])

    return judged(same(lambda w, x, b: w @ x + b, one_by_one, NET_LAYER))


@claim(
    22, LAYER.at(122), "number", "holds",
    says="The layer has 4 × 3 weights and 4 biases, all biases zero.",
    printed=r"b^{[1]} = \begin{bmatrix} 0 \\ 0 \\ 0 \\ 0 \end{bmatrix}",
)  # fmt: skip
def layer_sizes() -> Evidence:
    w = np.array(W1)
    return judged(observed(w.shape == (4, 3) and len(X) == 3, "w is 4 x 3 and x has 3 numbers", w=w.shape))


def _record_sum(number: int, neuron: int, text: str, printed: str) -> None:
    def check() -> Evidence:
        return judged(rounds_to(text, hidden_sums()[neuron]))

    claim(
        number, LAYER.at(126), "number", "holds", says=f"z of hidden neuron {neuron + 1} is {text}.", printed=printed
    )(check)


for _number, _neuron, _text in ((23, 0, "0.8"), (24, 1, "0.6"), (25, 2, "1.1"), (26, 3, "1.4")):
    _record_sum(_number, _neuron, _text, r"\begin{bmatrix} 0.8 \\ 0.6 \\ 1.1 \\ 1.4 \end{bmatrix}")

A1 = r"\begin{bmatrix} 0.68 \\ 0.64 \\ 0.75 \\ 0.8 \end{bmatrix}"


@claim(
    27, LAYER.at(128), "number", "convention",
    says="sigmoid(0.8) = 0.68, printed once more (and on line 151).", printed=A1, convention=CUT.format("0.69"),
)  # fmt: skip
def activation_1() -> Evidence:
    return conventional(cuts_to("0.68", hidden()[0]), rounds_to("0.68", hidden()[0]))


@claim(
    28, LAYER.at(128), "number", "convention",
    says="sigmoid(0.6) = 0.64.", printed=A1, convention=CUT.format("0.65"),
)  # fmt: skip
def activation_2() -> Evidence:
    return conventional(cuts_to("0.64", hidden()[1]), rounds_to("0.64", hidden()[1]))


@claim(29, LAYER.at(128), "number", "holds", says="sigmoid(1.1) = 0.75.", printed=A1)
def activation_3() -> Evidence:
    return judged(rounds_to("0.75", hidden()[2]))


@claim(30, LAYER.at(128), "number", "holds", says="sigmoid(1.4) = 0.8, with one decimal or two.", printed=A1)
def activation_4() -> Evidence:
    return judged(every(rounds_to("0.8", hidden()[3]), rounds_to("0.80", hidden()[3])))


# -- the output -------------------------------------------------------------------------------------


@claim(
    31, OUTPUT_GIVEN.at(135), "shape", "holds",
    says="The output's weights are one row, one for each hidden neuron: z is one number.",
    printed=r"w^{[2]} = [0.4 \quad 1.2 \quad 4.1 \quad 0.1]",
)  # fmt: skip
def output_shape() -> Evidence:
    four = observed(len(W2) == len(W1), "4 weights for 4 hidden neurons")
    return judged(every(four, has_shape(lambda w, a, b: w @ a + b, "1 1", {"w": "1 H", "a": "H 1", "b": ""})))


@claim(
    32, OUTPUT.at(149), "formula", "holds",
    says="z of the second layer is w · a + b with the first layer's activations as inputs.",
    printed=r"z^{[2]} = w^{[2]} \cdot a^{[1]} + b^{[2]}",
)  # fmt: skip
def output_formula() -> Evidence:
    def written_out(w, a, b):
        return sum((w[j] * a[j] for j in range(4)), b)

    return judged(same(lambda w, a, b: w @ a + b, written_out, {"w": "4", "a": "4", "b": ""}))


@claim(
    33, OUTPUT.at(151), "derivation", "holds",
    says="With the printed activations 0.4 · 0.68 + 1.2 · 0.64 + 4.1 · 0.75 + 0.1 · 0.8 + 1.4 is 5.595, exactly.",
    printed="+ 1.4 = 5.595",
)  # fmt: skip
def output_from_printed() -> Evidence:
    z = sum((w * a for w, a in zip(W2, PRINTED_A1, strict=True)), B2)
    return judged(observed(z == Fraction("5.595"), "in fractions the sum is 5.595", sum=z))


@claim(
    34, OUTPUT.at(151), "number", "convention",
    says="z of the second layer is 5.595.", printed="= 5.595",
    convention="computed from the activations after they were cut to two digits; from the exact ones it is 5.607",
)  # fmt: skip
def output_sum_printed() -> Evidence:
    return conventional(
        rounds_to("5.595", output_sum(PRINTED_A1)).about("from the printed activations"),
        rounds_to("5.595", output_sum()).about("from the exact ones"),
    )


@claim(
    35, OUTPUT.at(153), "number", "holds",
    says="The output is 0.996, from the printed z and from the exact one.",
    printed=r"\text{sigmoid}(z^{[2]}) = \mathbf{0.996}",
)  # fmt: skip
def output() -> Evidence:
    return judged(
        every(
            rounds_to("0.996", sigmoid(ball(Fraction("5.595")))).about("from 5.595"),
            rounds_to("0.996", sigmoid(output_sum())).about("from the exact z"),
        )
    )


@claim(
    36, OUTPUT.at(155), "derivation", "holds",
    says="0.996 is more than the threshold 0.5, so the label is 1: z is more than 0.", printed=r"0.996 > 0.5",
)  # fmt: skip
def label() -> Evidence:
    z = output_sum()
    above = observed(
        sigmoid(z) > ball(Fraction(1, 2)) and z > 0, "the exact output is more than 1/2, and z more than 0"
    )
    return judged(above)
