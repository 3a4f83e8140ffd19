"""Slides 'Matrix Representation of FF Networks' and 'Supervised Learning Input Data': matrices, shapes, a data row."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from .._claim import Claim, Evidence, Place, Slide, recorder, uncheckable
from .._exact import has_shape, rounds_to, same
from .._outcome import conventional, every, judged, misread, observed
from ._pieces import LOST, NETWORK, layers, printed_matrix, printed_sum, relu, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

FIGURE = Slide("# Matrix Representation of FF Networks (1)", 212)
FIRST = Slide("#### Matrix Representation of FF Networks (2)", 218)
SECOND = Slide("## Matrix Representation of FF Networks (3)", 232)
OUTPUT = Slide("#### Matrix Representation of FF Networks (4)", 250)
LAYERS = Slide("## Matrix Representation of FF Networks (5)", 263)
DATA = Slide("# Supervised Learning Input Data", 290)

CLAIMS.append(uncheckable("002-075", FIGURE.at(212), "The network is pictured once more.", LOST))

_SOURCES = {"h1": ("i", "w1", "b1"), "h2": ("h1", "w2", "b2"), "y": ("h2", "wo", "bo")}


# -- sums and matrices ------------------------------------------------------------------------------


def _record_neuron(number: int, place: Place, layer: str, index: int, printed: str) -> None:
    name = {"h1": "h_1", "h2": "h_2", "y": "o_"}[layer] + str(index)

    @claim(
        number, place, "derivation", "holds",
        says=f"{name}'s sum is entry {index} of the row p plus bias {index}.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        source, weights, biases = _SOURCES[layer]

        def entry_and_bias(**a):
            p = layers(a)[source] @ a[weights]
            return p[0, index - 1] + a[biases][0, index - 1]

        return judged(same(printed_sum(printed), entry_and_bias, NETWORK).about("the printed sum, read term by term"))


def _record_matrix(number: int, place: Place, layer: str, printed: str) -> None:
    _, weights, _ = _SOURCES[layer]

    @claim(
        number, place, "formula", "holds",
        says=f"All sums at once: a row times the {NETWORK[weights].replace(' ', ' x ')} matrix is the row p.",
        printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        source, _, _ = _SOURCES[layer]
        value = printed_matrix(printed)

        def by_entries(**a):
            w, row = a[weights], layers(a)[source][0]
            return np.array([[sum(row[i] * w[i, j] for i in range(len(row))) for j in range(w.shape[1])]], dtype=object)

        found = same(lambda **a: layers(a)[source] @ value(**a), by_entries, NETWORK)
        return judged(found.about("the printed matrix, read entry by entry"))


_record_neuron(
    76, FIRST.at(222), "h1", 1, r"i_1 w_{11}^{h1} + i_2 w_{21}^{h1} + i_3 w_{31}^{h1} + i_4 w_{41}^{h1} + b_1"
)
_record_neuron(
    77, FIRST.at(224), "h1", 2, r"i_1 w_{12}^{h1} + i_2 w_{22}^{h1} + i_3 w_{32}^{h1} + i_4 w_{42}^{h1} + b_2"
)
_record_neuron(
    78, FIRST.at(226), "h1", 3, r"i_1 w_{13}^{h1} + i_2 w_{23}^{h1} + i_3 w_{33}^{h1} + i_4 w_{43}^{h1} + b_3"
)
_record_matrix(
    79, FIRST.at(228), "h1",
    r"w_{11}^{h1} & w_{12}^{h1} & w_{13}^{h1} \\ w_{21}^{h1} & w_{22}^{h1} & w_{23}^{h1} \\ "
    r"w_{31}^{h1} & w_{32}^{h1} & w_{33}^{h1} \\ w_{41}^{h1} & w_{42}^{h1} & w_{43}^{h1}",
)  # fmt: skip
_record_neuron(80, SECOND.at(236), "h2", 1, r"h_{11}w_{11}^{h2} + h_{12}w_{21}^{h2} + h_{13}w_{31}^{h2} + b_{1}")
_record_neuron(81, SECOND.at(238), "h2", 2, r"h_{11}w_{12}^{h2} + h_{12}w_{22}^{h2} + h_{13}w_{32}^{h2} + b_{2}")
_record_neuron(82, SECOND.at(240), "h2", 3, r"h_{11}w_{13}^{h2} + h_{12}w_{23}^{h2} + h_{13}w_{33}^{h2} + b_{3}")
_record_neuron(83, SECOND.at(242), "h2", 4, r"h_{11}w_{14}^{h2} + h_{12}w_{24}^{h2} + h_{13}w_{34}^{h2} + b_{4}")


@claim(
    84, SECOND.at(236), "formula", "convention",
    says="The sums of the second hidden layer are p_11, p_12, ...", printed=r"\varphi(p_{11} + b_{1})",
    convention="p belongs to the layer of its slide: its first index is the only row of the product, not the "
      "layer as in h_11, and line 222 has another p_11",
)  # fmt: skip
def p_of_each_layer() -> Evidence:
    def p(source, weights):
        return lambda **a: (layers(a)[source] @ a[weights])[0, 0]

    return conventional(
        same(p("h1", "w2"), lambda **a: (layers(a)["h1"] * a["w2"][:, 0]).sum(), NETWORK).about("H1 × W^h2"),
        same(p("i", "w1"), p("h1", "w2"), NETWORK).about("the p_11 of line 222"),
    )


_record_matrix(
    85, SECOND.at(244), "h2",
    r"w_{11}^{h2} & w_{12}^{h2} & w_{13}^{h2} & w_{14}^{h2} \\ w_{21}^{h2} & w_{22}^{h2} & "
    r"w_{23}^{h2} & w_{24}^{h2} \\ w_{31}^{h2} & w_{32}^{h2} & w_{33}^{h2} & w_{34}^{h2}",
)  # fmt: skip
_record_neuron(86, OUTPUT.at(255), "y", 1, r"h_{21}w_{11}^o + h_{22}w_{21}^o + h_{23}w_{31}^o + h_{24}w_{41}^o + b_1")
_record_neuron(87, OUTPUT.at(257), "y", 2, r"h_{21}w_{12}^o + h_{22}w_{22}^o + h_{23}w_{32}^o + h_{24}w_{42}^o + b_2")

_OUTPUT_MATRIX = (
    r"w_{11}^{o} & w_{12}^{o} \\ w_{21}^{o} & w_{22}^{o} \\ w_{31}^{h2} & w_{32}^{h2} \\ w_{41}^{o} & w_{42}^{o}"
)


@claim(
    88, OUTPUT.at(259), "formula", "erratum",
    says="The third row of the output layer's weights is w_31 and w_32 of the second hidden layer.",
    printed=r"w_{31}^{h2} & w_{32}^{h2}",
    corrected="w_31^o and w_32^o, as in the sums above",
)  # fmt: skip
def third_row_of_another_layer() -> Evidence:
    def row_of_sums(text):
        return lambda **a: layers(a)["h2"] @ printed_matrix(text)(**a)

    def right(**a):
        return layers(a)["h2"] @ a["wo"]

    printed = same(row_of_sums(_OUTPUT_MATRIX), right, NETWORK)
    return judged(printed, same(row_of_sums(_OUTPUT_MATRIX.replace("h2", "o")), right, NETWORK))


# -- layers as matrices -----------------------------------------------------------------------------


def _record_layer(number: int, line: int, layer: str, sums: tuple[str, ...], printed: str) -> None:
    source, weights, biases = _SOURCES[layer]

    @claim(
        number, LAYERS.at(line), "formula", "holds",
        says=f"The whole layer: φ of {source.upper()} times its weights plus its biases.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        def neurons(**a):
            return np.array([[sigmoid(printed_sum(text)(**a)) for text in sums]], dtype=object)

        def whole(**a):
            return sigmoid(layers(a)[source] @ a[weights] + a[biases])

        return judged(same(whole, neurons, NETWORK).about("against the neurons one by one"))


def _sums(source: str, count: int, weights: str, neurons: int) -> tuple[str, ...]:
    """The sums of a layer as the slides before print them: source i_, h_1 or h_2."""

    def name(k: int) -> str:
        return f"i_{k}" if source == "i_" else f"{source.replace('h_', 'h_{')}{k}}}"

    return tuple(
        " + ".join([*(f"{name(k)} w_{{{k}{j}}}^{{{weights}}}" for k in range(1, count + 1)), f"b_{j}"])
        for j in range(1, neurons + 1)
    )


_record_layer(89, 269, "h1", _sums("i_", 4, "h1", 3), r"H_{1} = \varphi(I \times W^{h1} + B_{h1})")
_record_layer(90, 271, "h2", _sums("h_1", 3, "h2", 4), r"H_{2} = \varphi(H_{1} \times W^{h2} + B_{h2})")
_record_layer(91, 273, "y", _sums("h_2", 4, "o", 2), r"Y = \varphi(H_{2} \times W^{o} + B_{0})")


@claim(
    92, LAYERS.at(273), "formula", "transcription",
    says="The output's biases are B_0.", printed="B_{0}",
    corrected="B_o: the index repeats that of W^o, as B_h1 and B_h2 repeat theirs",
)  # fmt: skip
def letter_o() -> Evidence:
    def repeats(biases: str) -> bool:
        return all(w == b for w, b in (("h1", "h1"), ("h2", "h2"), ("o", biases)))

    return misread(
        observed(repeats("0"), "the pairs of indices on lines 269 to 273 are h1 h1, h2 h2, o 0"),
        observed(repeats("o"), "with the letter all pairs agree"),
    )


@claim(
    93, LAYERS.at(271), "formula", "convention",
    says="One and the same φ acts in every layer.", printed=r"H_{2} = \varphi(",
    convention="φ is each layer's own function: the lecture's example (lines 648 to 667) has ReLU, sigmoid and "
      "softmax",
)  # fmt: skip
def one_function_for_all() -> Evidence:
    def three_functions(**a):
        h2 = sigmoid(relu(a["x"] @ a["w1"] + a["b1"]) @ a["w2"] + a["b2"])
        return softmax(h2 @ a["wo"] + a["bo"])

    def one_function(**a):
        return layers(a)["y"]

    def by_names(**a):
        h1 = sigmoid(a["x"] @ a["w1"] + a["b1"])
        return sigmoid(sigmoid(h1 @ a["w2"] + a["b2"]) @ a["wo"] + a["bo"])

    return conventional(
        same(one_function, by_names, NETWORK).about("sigmoids in all layers"),
        same(one_function, three_functions, NETWORK).about("ReLU, sigmoid and softmax"),
    )


# -- shapes -----------------------------------------------------------------------------------------


@claim(
    94, LAYERS.at(277), "shape", "convention",
    says="The output is the product [1 x 4] [4 x 3] [3 x 4] [4 x 2].",
    printed=r"Y \Rightarrow [1 \times 4] * [4 \times 3] * [3 \times 4] * [4 \times 2]",
    convention="only the sizes are multiplied: between the matrices stand φ and the biases",
)  # fmt: skip
def product_of_sizes() -> Evidence:
    def product(**a):
        return a["x"] @ a["w1"] @ a["w2"] @ a["wo"]

    return conventional(
        has_shape(product, "1 2", NETWORK).about("the product"),
        same(product, lambda **a: layers(a)["y"], NETWORK).about("the product as the output"),
    )


def _record_shape(number: int, line: int, name: str, layer: str, printed: str, shape: str, right: str = "") -> None:
    said = f"{name} is {shape.replace(' ', ' x ')}."
    corrected = f"1 x {right.split()[1]}: {shape.replace(' ', ' x ')} are the weights that make it" if right else ""

    @claim(
        number, LAYERS.at(line), "shape", "erratum" if right else "holds", says=said, printed=printed,
        corrected=corrected,
    )  # fmt: skip
    def check() -> Evidence:
        def value(**a):
            return layers(a)[layer]

        found = has_shape(value, shape, NETWORK)
        return judged(found, has_shape(value, right, NETWORK)) if right else judged(found)


_record_shape(95, 279, "I", "i", r"I \Rightarrow [1 \times 4]", "1 4")
_record_shape(96, 281, "H_1", "h1", r"H_1 \Rightarrow [4 \times 3]", "4 3", right="1 3")
_record_shape(97, 283, "H_2", "h2", r"H_2 \Rightarrow [3 \times 4]", "3 4", right="1 4")
_record_shape(98, 286, "Y", "y", r"Y \Rightarrow [1 \times 2]", "1 2")


# -- a row of data ----------------------------------------------------------------------------------

ROW = "15.26\t14.84\t0.871\t5.763\t3.312\t2.221\t5.22"


@claim(
    99, DATA.at(296), "number", "holds",
    says="A row of the data has seven numbers. They are recognised well: the third is 4π times the first over the "
      "square of the second, the compactness of an area and its perimeter.",
    printed=ROW,
)  # fmt: skip
def seven_numbers() -> Evidence:
    numbers = [Fraction(text) for text in ROW.split("\t")]
    compactness = Fraction(4 * math.pi) * numbers[0] / numbers[1] ** 2
    return judged(
        every(observed(len(numbers) == 7, f"{len(numbers)} numbers for x_1 to x_7"), rounds_to("0.871", compactness))
    )


CLAIMS.append(
    uncheckable(
        "002-100", DATA.at(297), "The pictured network has hidden layers between 7 inputs and 3 outputs.",
        "the figure was read as a table: how many layers and neurons there are is lost", "Hidden Layers",
    )
)  # fmt: skip


@claim(
    101, DATA.at(299), "number", "transcription",
    says="The second output is 02.", printed="02\t$y_2$", corrected="o_2, between o_1 of line 298 and y_2",
)  # fmt: skip
def second_output() -> Evidence:
    beside = {"o_1": "y_1", "02": "y_2"}
    indices = {output[-1] == y[-1] for output, y in beside.items()}
    return misread(
        observed(all(output.startswith("o_") for output in beside), f"outputs and targets as read: {beside}"),
        observed(indices == {True}, "the last digit is the index of the target beside it"),
    )


@claim(
    102, DATA.at(304), "shape", "convention",
    says="A sample may be a row or a column vector.", printed="preprocessed as row or column vectors",
    convention="a row, with the weights of the lines 228 to 259 on its right; a column needs them transposed, "
      "on its left",
)  # fmt: skip
def row_or_column() -> Evidence:
    def sums(w, x):
        return x @ w

    row, column = {"w": "7 H", "x": "1 7"}, {"w": "7 H", "x": "7 1"}
    return conventional(has_shape(sums, "1 H", row), has_shape(sums, "H 1", column))


@claim(
    103, DATA.at(305), "number", "holds",
    says="Seven numbers and three classes need 7 input and 3 output neurons.", printed="7 input and 3 output neurons",
)  # fmt: skip
def seven_and_three() -> Evidence:
    at = {"x": "N 7", "w1": "7 H", "w2": "H 3"}

    def outputs(x, w1, w2):
        return softmax(sigmoid(x @ w1) @ w2)

    hot = np.eye(3)
    return judged(every(has_shape(outputs, "N 3", at), observed(len(hot) == 3, "one-hot targets of three classes")))
