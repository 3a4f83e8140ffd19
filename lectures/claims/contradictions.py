"""Where the lectures contradict each other, or themselves: losses, logarithms, signs and names; `contradictions`."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import claims
from ._contradiction import Contradiction, Reading, side
from ._contradictions_of_layout import LAYOUT


def contradictions(lecture: str | None = None) -> tuple[Contradiction, ...]:
    """All contradictions, or those in which one lecture takes part. ValueError where one names an unknown claim."""
    return tuple(c for c in checked(LOSSES + LAYOUT) if lecture is None or lecture in c.lectures)


def checked(records: tuple[Contradiction, ...]) -> tuple[Contradiction, ...]:
    """The same records. ValueError where one refers to a claim that is not there, or two have one name."""
    known = {claim.id for claim in claims()}
    names = [record.id for record in records]
    for record in records:
        missing = [claim for claim in record.claims if claim not in known]
        if missing:
            raise ValueError(f"contradiction {record.id}: there is no claim {', '.join(missing)}")
        if names.count(record.id) > 1:
            raise ValueError(f"contradiction {record.id}: the name is taken twice")
    return records


def lines(ids: tuple[str, ...]) -> list[int]:
    """The lines of a lecture's text on which these claims stand, in order."""
    return sorted({claim.place.line for claim in claims(ids[0].partition("-")[0]) if claim.id in ids})


def sigmoid(v: Any) -> Any:
    """1 / (1 + e^-v), elementwise."""
    return 1 / (1 + np.exp(-v))


def softmax(v: Any) -> Any:
    """Of each row."""
    e = np.exp(v)
    return e / e.sum(axis=-1, keepdims=True)


def log10(v: Any) -> Any:
    """ln(v) / ln(10), elementwise; exact where v is."""
    return np.log(v) / ln10(v)


def ln10(like: Any) -> Any:
    """ln(10) in the numbers and the shape of `like`."""
    return np.log(10 + 0 * like)


def bits(o: Any, y: Any) -> Any:
    """The cross-entropy of outputs that are questions of their own, elementwise."""
    return -(y * np.log(o) + (1 - y) * np.log(1 - o))


def squares(o: Any, y: Any) -> Any:
    """The sum of squared errors."""
    return ((o - y) ** 2).sum()


PREDICTIONS = {"o": "K", "y": "K"}
LABELLED = {"z": "N K", "u": "N K"}
"""Outputs are the softmax or the sigmoid of z, labels the softmax of u."""

_SQUARES = {"o": [2, 5, 4], "y": [1, 3, 1]}
_TWO_SAMPLES = {"z": [[1, 0, 2], [0, 1, 0]], "u": [[3, 0, 0], [0, 3, 0]]}

LOSSES = (
    Contradiction(
        "squared-error-scale",
        "scaling of the squared error",
        "divide by the factor in front; it is a part of the learning rate",
        (
            Reading(
                "no factor", "gradient 2 (o - y)", squares, None,
                (side("003", "068 064", "the sum of squared errors"), side("004", "050 051", "∂L/∂ŷ = 2 (ŷ - y)")),
            ),
            Reading(
                "1/2", "gradient o - y", lambda o, y: squares(o, y) / 2, lambda o, y: 2 * (squares(o, y) / 2),
                (
                    side("002", "181", "SE is half the sum"),
                    side("003", "076 079 106", "half the sum, called equal to the sum without a factor"),
                    side("004", "065 069", "half the square"),
                ),
            ),
            Reading(
                "1/n, 1/K", "gradient 2/n (o - y)", lambda o, y: squares(o, y) / len(o),
                lambda o, y: len(o) * (squares(o, y) / len(o)),
                (side("002", "110", "1/K, the mean over the outputs"), side("003", "069 186", "the mean: MSE")),
            ),
            Reading(
                "1/(2n)", "gradient (o - y)/n", lambda o, y: squares(o, y) / (2 * len(o)),
                lambda o, y: 2 * len(o) * (squares(o, y) / (2 * len(o))),
                (side("001", "046 047", "half the mean over the examples, called the mean squared error"),),
            ),
        ),
        _SQUARES, PREDICTIONS,
    ),
    Contradiction(
        "cross-entropy-scale",
        "scaling of the cross-entropy over the outputs of one example",
        "multiply by the number of outputs",
        (
            Reading(
                "sum", "gradient by z: o - y", lambda z, u: bits(sigmoid(z), softmax(u)).sum(), None,
                (
                    side("002", "182 186", "the gradient is that of each term, with no factor"),
                    side("004", "007", "the terms of an example stand without a factor"),
                ),
            ),
            Reading(
                "1/K", "gradient by z: (o - y)/K", lambda z, u: bits(sigmoid(z), softmax(u)).mean(),
                lambda z, u: np.size(z) * bits(sigmoid(z), softmax(u)).mean(),
                (side("002", "111 113 178", "1/K, later 1/n_o, before the sum over the outputs"),),
            ),
        ),
        {"z": [1, 0, 2], "u": [3, 0, 0]}, {"z": "K", "u": "K"},
    ),
    Contradiction(
        "cross-entropy-kind",
        "one cross-entropy for all classes, or one for each output",
        "the second has the terms of the wrong classes besides; with them taken off, the two are the same",
        (
            Reading(
                "-Σ y log o", "goes with a softmax", lambda z, u: -(softmax(u) * np.log(softmax(z))).sum(), None,
                (
                    side("000", "017 029", "one sum over the classes"),
                    side("001", "121 122", "one sum over the classes"),
                    side("004", "109 119", "minus the sum of y_k ln ŷ_k"),
                ),
            ),
            Reading(
                "-Σ y log o + (1 - y) log(1 - o)", "goes with sigmoids",
                lambda z, u: bits(softmax(z), softmax(u)).sum(),
                lambda z, u: (
                    bits(softmax(z), softmax(u)) + (1 - softmax(u)) * np.log(1 - softmax(z))
                ).sum(),
                (
                    side("002", "113 178 182", "both terms for every output, also where line 667 has a softmax"),
                    side("001", "049", "both terms, of the one output"),
                ),
            ),
        ),
        {"z": [1, 0, 2], "u": [3, 0, 0]}, {"z": "3", "u": "3"},
    ),
    Contradiction(
        "mean-or-sum",
        "mean against sum over the examples",
        "divide the sum, or its gradient, by the number of examples",
        (
            Reading(
                "sum", "the step grows with the batch", lambda z, u: -(softmax(u) * np.log(softmax(z))).sum(),
                lambda z, u: -(softmax(u) * np.log(softmax(z))).sum() / len(z),
                (
                    side("000", "074 077", "the code's loss and its dWo are sums over the batch"),
                    side("003", "064 068 176", "L is a sum over the examples, and so are the listing's gradients"),
                    side("004", "130 169 296", "the formulas, and dh and da of the code, have no 1/N"),
                ),
            ),
            Reading(
                "mean", "the step does not depend on the batch's size",
                lambda z, u: -(softmax(u) * np.log(softmax(z))).sum() / len(z), None,
                (
                    side("000", "083", "the step is divided by t, the number of samples"),
                    side("001", "047 049 122", "1/n before the sum over the examples"),
                    side("002", "124", "the batch's gradient is the mean"),
                    side("003", "176", "the printed mse is a mean, over the outputs as well"),
                    side("004", "007 014 132 295", "the loss is a mean, and the code divides dw by N"),
                ),
            ),
        ),
        _TWO_SAMPLES, LABELLED,
    ),
    Contradiction(
        "log-base",
        "base of the logarithm",
        "the logarithm to base 10 times ln 10 is the natural one",
        (
            Reading(
                "natural", "the derivative of -log o is -1/o; by z it is o - y",
                lambda z: -1 / sigmoid(z), None,
                (
                    side("000", "033 035", "o - y needs the natural logarithm"),
                    side("002", "219", "∂log(s)/∂z without a factor"),
                    side("004", "007 090", "ln"),
                ),
            ),
            Reading(
                "10", "the derivative has the factor 1/ln(10); by z it is (o - y)/ln(10)",
                lambda z: -1 / (sigmoid(z) * ln10(z)), lambda z: -1 / (sigmoid(z) * ln10(z)) * ln10(z),
                (
                    side("000", "073", "the code takes log10, with the d = o - y of the other"),
                    side("001", "050 077", "log is base 10, as the factor 1/ln(10) shows"),
                    side("002", "186", "ln(10) stands in the gradient"),
                ),
            ),
        ),
        {"z": 0}, {"z": ""},
    ),
    Contradiction(
        "sign-of-error",
        "sign of the error",
        "with t - y the step is added, not subtracted",
        (
            Reading(
                "y - t", "the step is subtracted", lambda w, x, t: w - x * (x * w - t), None,
                (
                    side("000", "034 045 075", "o - y"),
                    side("003", "106 120", "ŷ - y, and the step is subtracted"),
                    side("004", "013 097 118", "e is ŷ - y"),
                ),
            ),
            Reading(
                "t - y", "subtracted as on line 603 of lecture 003, the step goes up",
                lambda w, x, t: w - x * (t - x * w), lambda w, x, t: w + x * (t - x * w),
                (side("003", "162 177 183", "error = target - A2, err = y - a1"),),
            ),
        ),
        {"w": 1, "x": 2, "t": 0}, {"w": "N", "x": "N", "t": "N"},
    ),
    Contradiction(
        "name-y",
        "y: the label or the output",
        "give the output another name",
        (
            Reading(
                "y is the label", "the error is o - y", lambda y, o: o - y, None,
                (
                    side("000", "019 034", "y is the class label"),
                    side("001", "046", "ŷ is the output"),
                    side("002", "110 177", "y is what o is compared with; Y_t beside it"),
                    side("003", "037 106", "y is the table's label"),
                    side("004", "007 097", "y is the label, ŷ the output"),
                ),
            ),
            Reading(
                "y is the output", "the same letters give the error's negative",
                lambda y, o: y - o, lambda y, o: -(y - o),
                (
                    side("001", "038", "ŷ on lines 155 to 172 is the label, P(X) the output"),
                    side("002", "031 060 176", "y_1 = o_1; the target is D"),
                    side("004", "006 083", "y = φ(v), y_i = σ(v_i)"),
                ),
            ),
        ),
        {"y": 1, "o": 0.25}, {"y": "N", "o": "N"},
    ),
    Contradiction(
        "name-y-hat",
        "ŷ: the weighted sum or the sigmoid of it",
        "call the sum v, as from line 341 on",
        (
            Reading("ŷ = v", "any number; the error is v - y", lambda v: v, sigmoid,
                (side("003", "024 057 058", "the class score is the weighted sum"),)),
            Reading("ŷ = σ(v)", "between 0 and 1", sigmoid, None,
                (side("003", "070 074 096", "the neuron's output"), side("004", "005 093", "the sigmoid's output"))),
        ),
        {"v": 0}, {"v": "N"},
    ),
    Contradiction(
        "name-sigma",
        "σ and φ: sigmoid or softmax",
        "the sigmoid of v is the softmax of (v, 0), its first entry",
        (
            Reading(
                "sigmoid", "the derivative is σ(1 - σ)", sigmoid, None,
                (
                    side("003", "055", "σ is the sigmoid"),
                    side("004", "065 078 081", "φ and σ are the sigmoid"),
                ),
            ),
            Reading(
                "softmax", "of one number it is always 1, and its derivative 0",
                lambda v: softmax(np.reshape(v, (*np.shape(v), 1)))[..., 0],
                lambda v: softmax(np.stack([v, 0 * v], axis=-1))[..., 0],
                (
                    side("004", "077 083", "ŷ = softmax(b) = σ(b); σ(v_i) is the softmax"),
                    side("004", "288", "φ(d) is the softmax"),
                ),
            ),
        ),
        {"v": 0}, {"v": "N"},
    ),
    Contradiction(
        "slope-argument",
        "the argument of σ': the sum or the value",
        "σ'(a) of the sum is h (1 - h) of the value",
        (
            Reading(
                "σ'(h) = h (1 - h)", "the slope at the sum", lambda a: sigmoid(a) * (1 - sigmoid(a)), None,
                (
                    side("000", "040", "a (1 - a)"),
                    side("003", "178", "the backward needs only the output"),
                    side("004", "147 150 165 170", "the code computes h (1 - h)"),
                ),
            ),
            Reading(
                "σ'(h) = σ(h)(1 - σ(h))", "the sigmoid is taken twice: never less than 0.19",
                lambda a: sigmoid(sigmoid(a)) * (1 - sigmoid(sigmoid(a))), lambda a: sigmoid(a) * (1 - sigmoid(a)),
                (side("004", "143 145 146 372", "as defined on lines 322 and 325, and in back_sigmoid"),),
            ),
        ),
        {"a": 3}, {"a": "N"},
    ),
    Contradiction(
        "cost-arguments",
        "order of the arguments of the cost",
        "swap the arguments",
        (
            Reading(
                "targets first", "C(f, s) = -f log s ...", lambda f, s: bits(s, f), None,
                (side("000", "029", "L(y, o)"), side("002", "177", "C(Y_t, Y), C(Y_i, O)")),
            ),
            Reading(
                "outputs first", "C(f, s) = -s log f ...: a label of 0 or 1 inside the logarithm where mixed up",
                lambda f, s: bits(f, s), lambda f, s: bits(s, f),
                (side("002", "110 111 135 136", "L[O, Y], C(O, Y), C(o_k, y_k)"),),
            ),
        ),
        {"f": 0.5, "s": 0.25}, [{"f": np.asarray(f), "s": np.asarray(s)} for f, s in ((0.5, 0.25), (0.125, 0.75))],
    ),
)  # fmt: skip
"""Scales, logarithms, signs and names. `f` and `s` are a cost's first and second argument."""
