"""The four-layer network's slides: a layer's sums, its gradients in parts, and the printed lines of code run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._claim import Evidence
from .._exact import derivative, derivative_at
from .._outcome import Outcome, judged
from ._pieces import prepend_bias, softmax
from ._pieces_training import deep, layer, mean_loss, network_points, output_loss, relu

LAYER = {"h": "N H", "b": "1 C", "w": "H C"}
OUTPUT = {**LAYER, "u": "N C"}
"""A layer's input, the first and the other rows of its W, and what the label is the softmax of."""


def sums(h: Any, b: Any, w: Any) -> Any:
    """[1 H] W."""
    return h @ w + b


def loss(h: Any, b: Any, w: Any, u: Any) -> Any:
    """The summed loss by the last layer's input and weights."""
    return output_loss(sums(h, b, w), softmax(u))


def split(gradient: Any) -> tuple[Any, Any]:
    """A gradient by W as those by its first row and by the others."""
    return gradient[:1], gradient[1:]


def sums_of_two(h2: Any, h3: Any, w: Any) -> Any:
    """The sums after two nodes as a row. w (3, 2)."""
    return w[0] + h2 * w[1] + h3 * w[2]


def elements(second: Callable[[int], int]) -> Outcome:
    """Column j holds ∂L/∂s_j ∂s_j/∂w_ik with k = second(j); s_j depends on the weights of column j alone."""

    def gradient(dy, h, b, w):
        counts = np.array([second(j) == j for j in range(dy.shape[1])])
        return split(prepend_bias(h).T @ dy * counts)

    return derivative(sums, gradient, LAYER, by="b w", least=2)


def through(part: Callable[[Any], Any]) -> Outcome:
    """Is ∂L/∂H the upstream error times this part of W, transposed?"""
    return derivative(sums, lambda dy, h, b, w: np.matmul(dy, part(np.concatenate([b, w])).T), LAYER, by="h")


def rows() -> Outcome:
    return through(lambda w: w[1:]).about("W[1:]ᵀ, all rows from the second")


def transposed() -> Outcome:
    """Is the matrix [w_21 w_31; w_22 w_32] behind the row of errors what gives ∂L/∂h_2 and ∂L/∂h_3?"""

    def gradient(ds: Any, h: Any, w: Any) -> Any:
        return ds @ np.array([[w[1, 0], w[2, 0]], [w[1, 1], w[2, 1]]])

    return derivative(lambda h, w: layer(h, w), gradient, {"h": "N 2", "w": "3 2"}, by="h")


# -- the lines of code ------------------------------------------------------------------------------

LINES = {
    805: r"dW4 = \text{np.matmul}(\text{prepend_bias}(H3).T, Y_hat - Y) / X.\text{shape}[0]",
    820: r"dH3 = \text{np.matmul}(Y_hat - Y, W_4[1:].T)",
    833: r"dc = dH3 * \rho'(H3)",
    846: r"dW3 = \text{np.matmul}(\text{prepend_bias}(H2).T, dc) / X.\text{shape}[0]",
    861: r"dH2 = \text{np.matmul}(dc, W_3[1:].T)",
    872: r"db = dH2 * \rho'(H2)",
    874: r"dW2 = \text{np.matmul}(\text{prepend_bias}(H1).T, db)/X.\text{shape}[0]",
    883: r"dH1 = \text{np.matmul}(db, W_2[1:].T)",
    885: r"da = dH1 * \rho'(H1)",
    888: r"dW1 = \text{np.matmul}(\text{prepend_bias}(X).T, da)/X.\text{shape}[0]",
}
"""The lines of code on the slides, typeset as formulas, by their place in the text."""


def as_python(line: int) -> str:
    """A line of code without its typesetting."""
    return re.sub(r"\\text\{([^}]*)\}", r"\1", LINES[line]).replace(r"\rho'", "rho_prime")


def code(line: int, **given: Any) -> Any:
    """What a line computes: those before it that are no dW are run first. given: X, the H, Y, Y_hat and the W."""
    space = {"np": np, "prepend_bias": prepend_bias, "rho_prime": lambda h: h > 0, **given}
    for number in LINES:
        name = LINES[number].partition(" ")[0]
        if number == line or (number < line and not name.startswith("dW")):
            exec(as_python(number), space)
        if number == line:
            return space[name]
    raise KeyError(line)


def _values(start: Any, ws: Sequence[Any], y: Any, of: str) -> dict[str, Any]:
    """What code is given where the last len(ws) layers follow `start`: the layer's H (or X), or the sums before it."""
    h = start if of == "values" else relu(start)
    first = 4 - len(ws)
    given = {"H" + str(first) if first else "X": h, "Y": y}
    for number, w in enumerate(ws, start=first + 1):
        given[f"W_{number}"] = w
        if number < 4:
            h = relu(layer(h, w))
            given[f"H{number}"] = h
    given["Y_hat"] = softmax(layer(h, ws[-1]))
    return {"X": start, **given}


def by_weights(line: int, names: Sequence[str], inputs: str) -> Evidence:
    """Is the line's dW the derivative of the mean loss by the first of these weights?"""

    def gradient(dy: Any, x: Any, y: Any, *ws: Any) -> Any:
        return dy * code(line, **_values(x, ws, y, "values"))

    return judged(derivative_at(mean_loss, gradient, network_points(inputs, names), by=names[0]))


def by_values(line: int, names: Sequence[str], inputs: str) -> Evidence:
    """Is the line's dH the derivative of the summed loss by that layer's values?"""

    def after(h: Any, y: Any, *ws: Any) -> Any:
        return output_loss(deep(h, *ws), y)

    def gradient(dy: Any, h: Any, y: Any, *ws: Any) -> Any:
        return dy * code(line, **_values(h, ws, y, "values"))

    return judged(derivative_at(after, gradient, network_points(inputs, names), by=inputs))


def by_sums(line: int, names: Sequence[str], inputs: str) -> Evidence:
    """Is the line's da, db or dc the derivative of the summed loss by the sums that go into ReLU?"""

    def after(sums: Any, y: Any, *ws: Any) -> Any:
        return output_loss(deep(relu(sums), *ws), y)

    def gradient(dy: Any, sums: Any, y: Any, *ws: Any) -> Any:
        return dy * code(line, **_values(sums, ws, y, "sums"))

    return judged(derivative_at(after, gradient, network_points(inputs, names), by=inputs))
