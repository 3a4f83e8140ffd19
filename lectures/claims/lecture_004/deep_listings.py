"""Slides 'Forward using ReLU' to the last 'Backpropagation': the four-layer network's listings and comments.

The comments give shapes for five digits and layers of 20; each commented line is run with these sizes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, derivative_at, same
from .._listings import Run, execute, listing
from .._outcome import Outcome, conventional, judged, observed
from ._pieces import prepend_bias, sigmoid, softmax
from ._pieces_training import deep, layer, mean_loss, network_points
from ._programs import NOT_PRINTED
from ._programs_training import (
    AS_PRINTED,
    DEEP_WEIGHTS,
    DROPOUT,
    RELU,
    fixed_mask,
    function,
    gradients,
    says,
    shapes_of,
)

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

FORWARD = Slide("Forward using ReLU", 890)
BACK = Slide("Backpropagation", 908)
FORWARD_DROPOUT = Slide("Forward using sigmoid and Dropout", 928)
BACK_SIGMOID = Slide("Backpropagation", 949)

WEIGHTS = ("w1", "w2", "w3", "w4")


# -- the shapes in the comments ---------------------------------------------------------------------


def _shape(name: str, line: int) -> Evidence:
    comment, found = shapes_of(name)[line]
    right = observed(WRONG.get(line, "").startswith(found), "that is what the corrected comment says")
    return judged(observed(comment == found, f"run with five digits it is {found}"), right)


WRONG = {
    903: "(5 x 21) x (21 x 5) = 5 x 5: W4 has a column for each of the five classes, as line 915 says",
    923: "(5 x 20) * (5 x 20) = 5 x 20: entry by entry, as on line 920, and no product with 20 x 20",
    943: "(5 x 21) x (21 x 5) = 5 x 5: W4 has a column for each of the five classes, as line 955 says",
    963: "(5 x 20) * (5 x 20) = 5 x 20: entry by entry, as on line 960, and no product with 20 x 20",
}


def _shape_claims(first: int, slide: Slide, name: str) -> None:
    for number, (line, (comment, _)) in enumerate(shapes_of(name).items(), start=first):
        source = listing(name).split("\n")[line - AS_PRINTED[name][0]]
        code = source.partition("#")[0].strip()
        wrong = {"corrected": WRONG[line]} if line in WRONG else {}
        claim(
            number, slide.at(line), "shape", "erratum" if wrong else "holds", says=f"{code} has the shapes {comment}.",
            printed=f"# {comment}", **wrong,
        )(lambda line=line: _shape(name, line))  # fmt: skip


_shape_claims(332, FORWARD, "004_forward_relu")
_shape_claims(339, BACK, "004_back_relu")
_shape_claims(349, FORWARD_DROPOUT, "004_forward_dropout")
_shape_claims(356, BACK_SIGMOID, "004_back_sigmoid")


# -- ReLU -------------------------------------------------------------------------------------------


def _run(name: str, call: str, given: str = "") -> Run:
    before = "\n".join((NOT_PRINTED, given, DEEP_WEIGHTS))
    return execute(listing(name), before=before, after=f"print({call}[0].shape)")


def _ends(run: Run) -> Outcome:
    return observed(says(run) == "(5, 5)", f"it gives outputs {says(run)}" if not run.exception else run.exception)


@claim(
    366, FORWARD.at(896), "code", "convention",
    says="forward computes the outputs.", printed="def forward(X, w1, w2, w3, w4):",
    convention="ReLU, softmax and prepend_bias are functions of the notebook; the slides print the first two as "
      "formulas, and the last not at all",
)  # fmt: skip
def forward_runs() -> Evidence:
    call = "forward(np.ones((5, 25)), *weights)"
    return conventional(
        _ends(_run("004_forward_relu", call, RELU)).about("with these functions"),
        _ends(_run("004_forward_relu", call)).about("without ReLU"),
    )


@claim(
    367, FORWARD.at(904), "code", "holds",
    says="forward's outputs are the softmax of the sums after three layers with ReLU.", printed="y_hat = softmax(d)",
)  # fmt: skip
def forward_is_the_formulas() -> Evidence:
    def printed(x, y, w1, w2, w3, w4):
        return function("004_forward_relu")(x, w1, w2, w3, w4)[0]

    def formulas(x, y, w1, w2, w3, w4):
        return softmax(deep(x, w1, w2, w3, w4))

    return judged(same(printed, formulas, network_points("x", WEIGHTS)))


@claim(
    368, BACK.at(914), "code", "holds",
    says="back returns the gradients of the mean loss by the four weights.",
    printed="def back(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3):",
)  # fmt: skip
def back_is_the_gradient() -> Evidence:
    listings = gradients("004_forward_relu", "004_back_relu")
    return judged(derivative_at(mean_loss, listings, network_points("x", WEIGHTS), by="w1 w2 w3 w4"))


# -- sigmoid and dropout ----------------------------------------------------------------------------


@claim(
    369, FORWARD_DROPOUT.at(936), "code", "convention",
    says="forward_dropout computes the outputs with dropout.", printed="h1 = h1 * Dropout(h1, 0.2)",
    convention="Dropout is the listing of line 683 as a function that returns yd; no slide defines it",
)  # fmt: skip
def forward_dropout_runs() -> Evidence:
    call = "forward_dropout(np.ones((5, 25)), *weights)"
    return conventional(
        _ends(_run("004_forward_dropout", call, DROPOUT)).about("with Dropout"),
        _ends(_run("004_forward_dropout", call)).about("as printed"),
    )


def with_masks(x: Any, y: Any, *ws: Any) -> Any:
    """The mean loss of the sigmoid network whose hidden values are multiplied by the fixed masks."""

    def activation(v: Any) -> Any:
        return sigmoid(v) * fixed_mask(v)

    return mean_loss(x, y, *ws, activation=activation)


def right_gradients(dy: Any, x: Any, y: Any, *ws: Any) -> tuple[Any, ...]:
    """The gradients of `with_masks`: the sigmoid's slope at the sums, and the mask of the forward once more."""
    hs, slopes = [x], []
    for w in ws[:-1]:
        s = sigmoid(layer(hs[-1], w))
        slopes.append(s * (1 - s) * fixed_mask(s))
        hs.append(s * fixed_mask(s))
    error = (softmax(layer(hs[-1], ws[-1])) - y) / len(x)
    found = [prepend_bias(hs[-1]).T @ error]
    for h, w, slope in zip(reversed(hs[:-1]), reversed(ws[1:]), reversed(slopes), strict=True):
        error = error @ w[1:].T * slope
        found.append(prepend_bias(h).T @ error)
    return tuple(dy * g for g in reversed(found))


@claim(
    370, BACK_SIGMOID.at(954), "code", "erratum",
    says="back_sigmoid returns the gradients for forward_dropout.",
    printed="def back_sigmoid(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3):",
    corrected="dc = dh3 * m3 * σ(c) * (1 - σ(c)), with the forward's mask m3 = h3 / σ(c); so for db and da",
)  # fmt: skip
def back_sigmoid_is_the_gradient() -> Evidence:
    at = network_points("x", WEIGHTS)
    printed = gradients("004_forward_dropout", "004_back_sigmoid")
    return judged(
        derivative_at(with_masks, printed, at, by="w1 w2 w3 w4"),
        derivative_at(with_masks, right_gradients, at, by="w1 w2 w3 w4"),
    )


@claim(
    371, BACK_SIGMOID.at(955), "code", "holds",
    says="dw4 is right with dropout as well: h3 comes masked.",
    printed="dw4 = np.matmul(prepend_bias(h3).T, y_hat-Y)/X.shape[0]",
)  # fmt: skip
def last_gradient() -> Evidence:
    def dw4(dy, x, y, *ws):
        return gradients("004_forward_dropout", "004_back_sigmoid")(dy, x, y, *ws)[3]

    return judged(derivative_at(with_masks, dw4, network_points("x", WEIGHTS), by="w4"))


def _slope(code: str) -> Evidence:
    """The printed line with sigmoid(h) * (1 - sigmoid(h)), and with h * (1 - h), for an h without dropout."""
    meant = code.replace("sigmoid(h)", "h")

    def line(source: str) -> Callable[..., Any]:
        program = compile(source, "line", "eval")
        return lambda dy, v: eval(program, {"sigmoid": sigmoid, "dh": dy, "h": sigmoid(v)})

    at = {"v": "N H"}
    return judged(
        derivative(sigmoid, line(code), at, by="v").about("without dropout"),
        derivative(sigmoid, line(meant), at, by="v"),
    )


def _slope_claims() -> None:
    source = listing("004_back_sigmoid").split("\n")
    for number, line, h in ((372, 957, "h3"), (373, 960, "h2"), (374, 963, "h1")):
        name, _, code = source[line - AS_PRINTED["004_back_sigmoid"][0]].partition("#")[0].strip().partition(" = ")
        general = code.replace(f"d{h}", "dh").replace(f"({h})", "(h)")
        claim(
            number, BACK_SIGMOID.at(line), "derivation", "erratum", printed=f"{name} = {code}",
            says=f"{name} is d{h} times the slope of the sigmoid.",
            corrected=f"{name} = d{h} * {h} * (1-{h}): {h} is the sigmoid's value already, as sigmoid_gradient(h) of "
            "line 364 has it; a sigmoid of it is always between 1/2 and 0.74, and the slope between 0.19 and 1/4",
        )(lambda code=general: _slope(code))  # fmt: skip


_slope_claims()


@claim(
    375, BACK_SIGMOID.at(957), "derivation", "erratum",
    says="The slope needs no mask: what is dropped is passed over.",
    printed="dc = dh3 * sigmoid(h3) * (1-sigmoid(h3))",
    corrected="times the mask: a dropped node has the value 0, of which the slope is 1/4, so that it is trained",
)  # fmt: skip
def dropped_nodes_are_trained() -> Evidence:
    rng = np.random.default_rng(2)
    shapes = ((1, 1), (2, 3))
    at = [{"v": np.ones((1, 1)), "m": np.zeros((1, 1))}]
    at += [{"v": rng.standard_normal(s), "m": fixed_mask(np.ones(s))} for s in shapes]

    def masked(v, m):
        return sigmoid(v) * m

    def without(dy, v, m):
        return dy * sigmoid(v) * (1 - sigmoid(v))

    def printed(dy, v, m):
        h = sigmoid(v) * m
        return dy * sigmoid(h) * (1 - sigmoid(h))

    def right(dy, v, m):
        return dy * m * sigmoid(v) * (1 - sigmoid(v))

    wrong_alone = derivative_at(masked, without, at, by="v")
    as_printed = derivative_at(masked, printed, at, by="v")
    both = Outcome(bool(as_printed.holds or wrong_alone.holds), as_printed.text, as_printed.numbers)
    return judged(both, derivative_at(masked, right, at, by="v"))
