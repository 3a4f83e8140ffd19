"""Slides 'Backpropagation: Gradient of W_3' to 'W_1 in matrix form': the four-layer network from H3 to W1."""

from __future__ import annotations

import ast

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, derivative_at, same
from .._listings import listing
from .._outcome import judged, observed
from ._deep import LAYER, by_sums, by_values, by_weights, elements, rows, split, sums, sums_of_two, through, transposed
from ._pieces import prepend_bias, softmax
from ._pieces_training import output_loss, relu

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

C = Slide("Backpropagation: Gradient of W_3 in matrix form", 822)
W3 = Slide("Backpropagation: Gradient of W_3 in matrix form", 835)
H2 = Slide("Backpropagation: Gradient of W_3 in matrix form", 848)
W2 = Slide("Backpropagation: Gradient of W_2 in matrix form", 863)
W1 = Slide("Backpropagation: Gradient of W_1 in matrix form", 876)


# -- back through ReLU ------------------------------------------------------------------------------


def _one_node(k: int) -> Evidence:
    rng = np.random.default_rng(5)
    y = np.array([0.0, 1.0])
    at = [
        {"c1": np.array(c1), "c2": np.array(c2), "w": rng.standard_normal((3, 2)), "y": y}
        for c1, c2 in ((1.0, 2.0), (-1.0, 2.0), (2.0, -0.5), (-1.0, -2.0))
    ]

    def after(c1, c2, w, y):
        return output_loss(sums_of_two(relu(c1), relu(c2), w), y)

    def gradient(dy, c1, c2, w, y):
        h = (relu(c1), relu(c2))
        e = softmax(sums_of_two(*h, w)) - y
        return dy * (e[0] * w[k + 1, 0] + e[1] * w[k + 1, 1]) * (1 if h[k] > 0 else 0)

    return judged(derivative_at(after, gradient, at, by=("c1", "c2")[k]))


for _k, _line in ((0, 827), (1, 829)):
    claim(
        304 + _k, C.at(_line), "derivation", "holds",
        says=f"∂L/∂c_{_k + 1} is ∂L/∂h_{_k + 2} times 1 where h_{_k + 2} > 0, else 0.",
        printed=rf"= \frac{{\partial L}}{{\partial h_{_k + 2}^{{(3)}}}} \rho'",
    )(lambda k=_k: _one_node(k))  # fmt: skip


@claim(
    306, C.at(827), "derivation", "holds",
    says="ρ' may be taken at h instead of c: h > 0 exactly where c > 0, also at 0.",
    printed=r"\begin{cases} 1, & h_2^{(3)} > 0 \\ 0, & h_2^{(3)} \leq 0 \end{cases}",
)  # fmt: skip
def slope_at_the_output() -> Evidence:
    at = {"c": "N H"}
    return judged(same(lambda c: 1.0 * (relu(c) > 0) + 0 * c, lambda c: 1.0 * (c > 0) + 0 * c, at))


@claim(
    307, C.at(831), "derivation", "holds",
    says="∂L/∂c is the row ∂L/∂h times the row ρ'(h), node by node.",
    printed=r"* \begin{bmatrix} \rho' \left(h_2^{(3)} \right)",
)  # fmt: skip
def error_of_c() -> Evidence:
    def gradient(dh, c):
        return np.array(
            [[d * (1 if relu(v) > 0 else 0) for d, v in zip(*pair, strict=True)] for pair in zip(dh, c, strict=True)]
        )

    at = [{"c": np.array(c)} for c in ([[1.0, -2.0]], [[-0.5, 3.0, 1.5]], [[1.0, -1.0], [-2.0, 0.25], [3.0, 4.0]])]
    return judged(derivative_at(relu, gradient, at, by="c"))


@claim(
    308, C.at(833), "code", "holds",
    says="dc is dH3 times ρ'(H3), entry by entry, for any number of examples.", printed=r"dc = dH3 * \rho'(H3)",
)  # fmt: skip
def code_of_c() -> Evidence:
    return by_sums(833, ("w4",), "c")


# -- the other weights ------------------------------------------------------------------------------


def _of_the_sums() -> Evidence:
    """The derivatives of two sums by each of their six weights, one after the other."""
    at = {"h2": "", "h3": "", "w": "3 2"}

    def gradient(ds, h2, h3, w):
        return np.array([[d * 1 for d in ds], [d * h2 for d in ds], [d * h3 for d in ds]])

    return judged(derivative(sums_of_two, gradient, at, by="w"))


def _product() -> Evidence:
    return judged(derivative(sums, lambda dy, h, b, w: split(prepend_bias(h).T @ dy), LAYER, by="b w"))


for _first, _slide, _line, _sum, _w, _input, _h, _third in (
    (309, W3, 840, "c", 3, "[1 H2]ᵀ dc", "h", "h_3^{(2)}"),
    (312, W2, 868, "b", 2, "[1 H1]ᵀ db", "h", "h_3^{(1)}"),
    (315, W1, 881, "a", 1, "[1 X]ᵀ da", "x", "x_3"),
):
    claim(
        _first, _slide.at(_line), "derivation", "erratum",
        says=f"The second column has ∂{_sum}_2/∂w_11, ∂{_sum}_2/∂w_21 and ∂{_sum}_2/∂w_31.",
        printed=rf"\frac{{\partial {_sum}_2}}{{\partial w_{{11}}^{{({_w})}}}}",
        corrected=f"∂{_sum}_2/∂w_12, ∂w_22, ∂w_32, as on line 803: {_sum}_2 does not depend on the first column, and "
        "the second would be zero",
    )(lambda: judged(elements(lambda j: 0), elements(lambda j: j)))  # fmt: skip
    claim(
        _first + 2, _slide.at(_line), "derivation", "holds",
        says=f"∂{_sum}_j/∂w_ij is 1 for the bias, and {_h}_i for the others.",
        printed=rf"\frac{{\partial L}}{{\partial {_sum}_1}} {_third} & \frac{{\partial L}}"
        rf"{{\partial {_sum}_2}} {_third}",
    )(_of_the_sums)  # fmt: skip
    claim(
        _first + 1, _slide.at(_line), "derivation", "holds", says=f"Together the entries are {_input}.",
        printed=rf"\begin{{bmatrix}} \frac{{\partial L}}{{\partial {_sum}_1}} & \frac{{\partial L}}"
        rf"{{\partial {_sum}_2}} \end{{bmatrix}}",
    )(_product)  # fmt: skip


@claim(
    318, W3.at(846), "code", "holds",
    says="With dH3 and dc of the lines before, dW3 is the gradient of the mean loss.",
    printed=r"dW3 = \text{np.matmul}(\text{prepend_bias}(H2).T, dc)",
)  # fmt: skip
def code_of_w3() -> Evidence:
    return by_weights(846, ("w3", "w4"), "h2")


def _needed_for(name: str) -> set[str]:
    """What the listing of line 914 computes on the way to a gradient."""
    (definition,) = ast.parse(listing("004_back_relu")).body
    made = {s.targets[0].id: s.value for s in definition.body if isinstance(s, ast.Assign)}  # type: ignore[attr-defined]
    found: set[str] = set()
    todo = [name]
    while todo:
        used = {n.id for n in ast.walk(made[todo.pop()]) if isinstance(n, ast.Name)} & set(made)
        todo += used - found
        found |= used
    return found


@claim(
    319, H2.at(848), "statement", "erratum",
    says="This slide is about the gradient of W_3.", printed="Gradient of W_3",
    corrected="of W_2: its ∂L/∂h of layer 2 is no part of dW3, and the first step of dW2",
)  # fmt: skip
def heading() -> Evidence:
    for_w3, for_w2 = _needed_for("dw3"), _needed_for("dw2")
    return judged(
        observed("dh2" in for_w3, f"the listing's dw3 is made of {', '.join(sorted(for_w3))}"),
        observed("dh2" in for_w2, f"dw2 of {', '.join(sorted(for_w2))}"),
    )


def _hidden(row: int) -> Evidence:
    """∂L/∂h of a layer in the middle, where dc comes in from above."""
    at = {"h2": "", "h3": "", "w": "3 2"}

    def gradient(dc, h2, h3, w):
        return dc[0] * w[row, 0] + dc[1] * w[row, 1]

    return judged(derivative(sums_of_two, gradient, at, by=("h2", "h3")[row - 1]))


for _number, _line, _row in ((320, 852, 1), (321, 855, 2)):
    claim(
        _number, H2.at(_line), "derivation", "holds",
        says=f"∂L/∂h_{_row + 1} of layer 2 is the sum over both c, each with its weight of row {_row + 1}.",
        printed=rf"\frac{{\partial c_2}}{{\partial h_{_row + 1}^{{(2)}}}} =",
    )(lambda row=_row: _hidden(row))  # fmt: skip


@claim(
    322, H2.at(857), "derivation", "holds",
    says="The row of both is the row of ∂L/∂c times the matrix of w_21 to w_32, transposed.",
    printed=r"\begin{bmatrix} w_{21}^{(3)} & w_{31}^{(3)} \\ w_{22}^{(3)} & w_{32}^{(3)} \end{bmatrix}",
)  # fmt: skip
def matrix_of_w3() -> Evidence:
    return judged(transposed())


@claim(
    323, H2.at(857), "derivation", "holds",
    says="In matrix form that is dc W3[1:]ᵀ.", printed=r"= dc \times W_3[1:]^T",
)  # fmt: skip
def error_of_h2() -> Evidence:
    return judged(rows())


claim(
    324, H2.at(859), "statement", "erratum",
    says="W3[1:] is all columns from the second.", printed="all the columns from the second column",
    corrected="all rows from the second: the bias' row is left out",
)(lambda: judged(through(lambda w: w[:, 1:]).about("W[:, 1:]ᵀ"), rows()))  # fmt: skip
claim(
    325, H2.at(859), "statement", "erratum",
    says="W3[1:] is W3[1:2].", printed="= $W_3[1:2]$",
    corrected="W3[1:3] for the three rows of the slide: NumPy's slice ends before its end, and [1:2] is one row",
)(lambda: judged(through(lambda w: w[1:2]).about("W[1:2]ᵀ"), rows()))  # fmt: skip


@claim(
    326, H2.at(861), "code", "holds",
    says="dH2 is the gradient of the summed loss by H2.", printed=r"dH2 = \text{np.matmul}(dc, W_3[1:].T)",
)  # fmt: skip
def code_of_h2() -> Evidence:
    return by_values(861, ("w3", "w4"), "h2")


@claim(
    327, W2.at(872), "code", "holds",
    says="db is dH2 times ρ'(H2).", printed=r"db = dH2 * \rho'(H2)",
)  # fmt: skip
def code_of_b() -> Evidence:
    return by_sums(872, ("w3", "w4"), "b")


@claim(
    328, W2.at(874), "code", "holds",
    says="dW2 is the gradient of the mean loss.", printed=r"dW2 = \text{np.matmul}(\text{prepend_bias}(H1).T, db)",
)  # fmt: skip
def code_of_w2() -> Evidence:
    return by_weights(874, ("w2", "w3", "w4"), "h1")


@claim(
    329, W1.at(883), "code", "holds",
    says="dH1 is the gradient of the summed loss by H1.", printed=r"dH1 = \text{np.matmul}(db, W_2[1:].T)",
)  # fmt: skip
def code_of_h1() -> Evidence:
    return by_values(883, ("w2", "w3", "w4"), "h1")


@claim(
    330, W1.at(885), "code", "holds",
    says="da is dH1 times ρ'(H1).", printed=r"da = dH1 * \rho'(H1)",
)  # fmt: skip
def code_of_a() -> Evidence:
    return by_sums(885, ("w2", "w3", "w4"), "a")


@claim(
    331, W1.at(888), "code", "holds",
    says="dW1 is the gradient of the mean loss.", printed=r"dW1 = \text{np.matmul}(\text{prepend_bias}(X).T, da)",
)  # fmt: skip
def code_of_w1() -> Evidence:
    return by_weights(888, ("w1", "w2", "w3", "w4"), "x")
