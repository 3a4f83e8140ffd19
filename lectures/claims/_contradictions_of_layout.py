"""Where the lectures contradict each other in how arrays stand, layers are counted and errors are carried back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._contradiction import Contradiction, Reading, side
from ._points import Point


def sigmoid(v: Any) -> Any:
    """1 / (1 + e^-v), elementwise."""
    return 1 / (1 + np.exp(-v))


def softmax(v: Any) -> Any:
    """Of one vector."""
    e = np.exp(v)
    return e / e.sum()


def first_row(x: Any, v: Any) -> Any:
    """[1 x] V: the bias is the first row."""
    return x @ v[1:] + v[0]


def last_row(x: Any, v: Any) -> Any:
    """[x 1] V: the bias is the last row."""
    return x @ v[:-1] + v[-1]


def slope(h: Any, w: Any, e: Any, sums: Any) -> Any:
    """The error of the hidden sums, from the output's errors e, old weights w, and the sums before the sigmoid."""
    return (e @ w.T) * sigmoid(sums) * (1 - sigmoid(sums)) + 0 * h


SQUARE: list[Point] = [{"x": np.arange(1.0, n + 1), "w": np.arange(1.0, n * n + 1).reshape(n, n)} for n in (2, 3, 4)]
HIDDEN_LAYERS: list[Point] = [{"hidden": np.asarray(n)} for n in (0.0, 1.0, 2.0, 3.0)]
NODES: list[Point] = [{"hidden": np.asarray(n), "inputs": np.asarray(m)} for n, m in ((20.0, 25.0), (8.0, 4.0))]
AWAY_FROM_0: list[Point] = [{"x": np.asarray(v)} for v in (-2.0, -0.5, 0.25, 3.0)]
HIDDEN = {"h": "N H", "w": "H C", "e": "N C", "sums": "N H"}
BATCH = {"h": "N H", "e": "N C"}

LAYOUT = (
    Contradiction(
        "weight-indices",
        "w_ij: from i to j, or from j to i",
        "transpose the matrix",
        (
            Reading(
                "from i to j", "a row an input: z = x W", lambda x, w: x @ w, None,
                (
                    side("001", "083", "∂z_j/∂w_ij = a_i"),
                    side("002", "044 045 050", "w_12 leads from input 1 to neuron 2"),
                    side("003", "044", "w_jk leads from attribute j to output k"),
                    side("004", "104 106", "w_31 is the way from h_3 to b_1"),
                ),
            ),
            Reading(
                "from j to i", "a row a neuron: z = W x", lambda x, w: w @ x, lambda x, w: w.T @ x,
                (
                    side("000", "023 044 054", "w_kj leads from hidden neuron j to output k"),
                    side("001", "014 020", "row j of the printed matrix is neuron j"),
                    side("002", "142", "a row a neuron of layer l"),
                ),
            ),
        ),
        {"x": [1, 2], "w": [[1, 2], [3, 4]]}, SQUARE,
    ),
    Contradiction(
        "weights-left-or-right",
        "x W against W x",
        "W x is x Wᵀ; W Xᵀ is its transpose, one column an example",
        (
            Reading(
                "X W", "examples are rows, weights inputs x neurons", lambda x, w: x @ w, None,
                (
                    side("002", "089 171", "I × W, X × W"),
                    side("003", "026 042 050 145", "X W + b"),
                    side("004", "014 281", "[1 X] W"),
                ),
            ),
            Reading(
                "X Wᵀ", "examples are rows, weights neurons x inputs", lambda x, w: x @ w.T, lambda x, w: x @ w.T.T,
                (side("000", "054 058", "X Whᵀ"),),
            ),
            Reading(
                "W X", "examples are columns, weights neurons x inputs", lambda x, w: w @ x,
                lambda x, w: (w.T @ x.T).T,
                (side("001", "020", "w · x"), side("002", "153 159", "W^l x"), side("003", "054", "σ(W x + b)")),
            ),
            Reading(
                "W Xᵀ", "examples are rows, and their outputs columns", lambda x, w: w @ x.T,
                lambda x, w: (w.T @ x.T).T,
                (side("003", "027 028 046", "W xᵀ + b, W Xᵀ + b, also with the W of X W"),),
            ),
        ),
        {"x": [[1, 2], [0, 1]], "w": [[1, 2], [3, 4]]}, {"x": "N D", "w": "D H"},
    ),
    Contradiction(
        "weight-gradient",
        "gradient of the weights: error times input, or input times error",
        "each is the transpose of the other, and has the shape of its own weights",
        (
            Reading(
                "δ aᵀ", "neurons x inputs", lambda h, e: e.T @ h, lambda h, e: (e.T @ h).T,
                (
                    side("000", "077", "dᵀ a"),
                    side("002", "166 195", "δ (a)ᵀ, beside forward weights of 4 x 2, to which it cannot be added"),
                ),
            ),
            Reading(
                "aᵀ δ", "inputs x neurons", lambda h, e: h.T @ e, None,
                (side("003", "164 179", "A1.T.dot(D2)"), side("004", "130 167 293", "[1 H]ᵀ (Ŷ - Y)")),
            ),
        ),
        {"h": [[1, 2, 3]], "e": [[1, 2]]}, BATCH,
    ),
    Contradiction(
        "gradient-row-or-column",
        "gradient as a row or as a column",
        "transpose the column first",
        (
            Reading(
                "row", "times Wᵀ it is the gradient of the layer before", lambda e, w: e @ w.T, None,
                (
                    side("002", "137 157", "∇C × [4 × 2]ᵀ"),
                    side("003", "185", "dv2 w2ᵀ"),
                    side("004", "124 138 291", "the row Ŷ - Y"),
                ),
            ),
            Reading(
                "column", "the same product cannot be computed", lambda e, w: e.T @ w.T, lambda e, w: (w @ e.T).T,
                (
                    side("002", "108 136 166 182", "∇ is (∂L/∂θ)ᵀ; the entries stand one under the other"),
                ),
            ),
        ),
        {"e": [[1, 2]], "w": [[1, 2], [3, 4], [5, 6]]}, {"e": "1 C", "w": "H C"},
    ),
    Contradiction(
        "bias-place",
        "the bias: a vector of its own, a first one, a last one, or none",
        "move the bias's row; where there is none, it is zero or the input has a column of ones",
        (
            Reading(
                "own vector, or first row", "[1 x] with b above W", first_row, None,
                (
                    side("000", "023", "+ b_j"), side("001", "021 022", "w · x + b"), side("002", "089", "I × W + B"),
                    side("003", "026 145", "X W + b"), side("004", "014 162 281", "[1 X]; prepend_bias"),
                ),
            ),
            Reading(
                "last row", "[x 1] with b below W; weights saved in one layout are wrong in the other",
                last_row, lambda x, v: last_row(x, np.concatenate([v[1:], v[:1]])),
                (side("003", "031 155", "b is the last entry of w, 1 the last of x"),),
            ),
            Reading(
                "none", "every plane goes through the origin", lambda x, v: x @ v[1:], lambda x, v: x @ v[1:] + v[0],
                (
                    side("000", "062", "X Whᵀ"), side("003", "024 161", "w · x; A1 W2"),
                    side("004", "004", "x has three entries, the first of which has to be 1"),
                ),
            ),
        ),
        {"x": [[1, 2]], "v": [[5], [1], [3]]}, [
            {"x": np.ones((n, d)), "v": np.arange(1.0, (d + 1) * h + 1).reshape(d + 1, h)}
            for n, d, h in ((1, 1, 1), (3, 2, 4))
        ],
    ),
    Contradiction(
        "layer-count",
        "which layers count: a network with one hidden layer has 1, 2 or 3",
        "say how many hidden layers there are",
        (
            Reading(
                "input too", "hidden layers + 2", lambda hidden: hidden + 2, lambda hidden: hidden + 2 - 2,
                (
                    side("002", "002", "at least three layers"),
                    side("004", "025", "the input layer is a layer, which computes nothing"),
                ),
            ),
            Reading(
                "hidden and output", "hidden layers + 1, one for each matrix", lambda hidden: hidden + 1,
                lambda hidden: hidden + 1 - 1,
                (
                    side("001", "031 032", "the output of 3-4-1 is layer 2"),
                    side("002", "141 142", "L matrices"),
                    side("003", "147", "one hidden layer is a 2-layer ANN"),
                    side("004", "027", "input and output layer are a single layer"),
                ),
            ),
            Reading(
                "hidden only", "256-128-10 is a two-layer network", lambda hidden: hidden, None,
                (side("001", "119", "256, 128 and 10 units are two layers"),),
            ),
        ),
        {"hidden": 1}, HIDDEN_LAYERS,
    ),
    Contradiction(
        "deep-from",
        "deep: from two hidden layers, or from three",
        "give the number of hidden layers; the one's limit is one layer higher",
        (
            Reading(
                "from three", "4-3-4-2 is shallow", lambda hidden: (hidden > 2) * (1 + 0 * hidden),
                lambda hidden: (hidden + 1 > 2) * (1 + 0 * hidden),
                (side("002", "013 014", "1 or 2 hidden layers are shallow"),),
            ),
            Reading(
                "from two", "4-3-4-2 is deep", lambda hidden: (hidden > 1) * (1 + 0 * hidden), None,
                (side("004", "028 029", "one hidden layer is shallow, hidden layers are deep"),),
            ),
        ),
        {"hidden": 2}, HIDDEN_LAYERS,
    ),
    Contradiction(
        "dropout-rates",
        "dropout rates: 50 % and 25 %, or 20 %",
        "what is kept, times 1/(1 - rate), is the same sum on average whatever the rate",
        (
            Reading(
                "50 % hidden, 25 % input", "of 20 and 25 nodes 10 and 18.75 stay",
                lambda hidden, inputs: np.stack([hidden * (1 - 0.5), inputs * (1 - 0.25)]),
                lambda hidden, inputs: np.stack([hidden * (1 - 0.5) / (1 - 0.5), inputs * (1 - 0.25) / (1 - 0.25)]),
                (side("004", "264", "the slide"),),
            ),
            Reading(
                "20 % hidden, no input", "of 20 and 25 nodes 16 and 25 stay",
                lambda hidden, inputs: np.stack([hidden * 4 / 5, inputs]),
                lambda hidden, inputs: np.stack([hidden * 4 / 5 / 4 * 5, inputs]),
                (side("004", "271 369", "the listings"),),
            ),
        ),
        {"hidden": 20, "inputs": 25}, NODES,
    ),
    Contradiction(
        "relu-at-0",
        "relu'(0): a number, where max(0, x) has no derivative",
        "away from 0 all agree; at 0 any number from 0 to 1 is a choice, and lectures 002 and 004 choose 0",
        (
            Reading(
                "0 at x = 0", "a unit at 0 passes no error back", lambda x: (x > 0) * (1 + 0 * x), None,
                (side("002", "213 234", "0 if x ≤ 0"), side("004", "261 306", "0 if x ≤ 0; h > 0")),
            ),
            Reading(
                "max(0, x), to the right", "the slope at 0 is 1",
                lambda x: (np.maximum(x + 1 / 8, 0 * x) - np.maximum(x, 0 * x)) * 8, None,
                (side("002", "212 231", "max(0, x)"), side("004", "258", "max(0, x)")),
            ),
        ),
        {"x": 0}, AWAY_FROM_0,
    ),
    Contradiction(
        "delta",
        "δ of a hidden layer: the derivative by the value, or by the sum",
        "times the slope a (1 - a) the first is the second",
        (
            Reading(
                "∂L/∂a", "the slope comes as a factor of its own", lambda h, w, e, sums: e @ w.T + 0 * h, slope,
                (side("000", "039 047 066", "δ_j is the sum of δ_k w_kj"),),
            ),
            Reading(
                "∂L/∂z", "it is the bias's gradient", slope, None,
                (side("000", "032", "δ_k is ∂L/∂z_k"), side("002", "145 167", "δ^l is the error before φ")),
            ),
        ),
        {"h": [[0]], "w": [[2]], "e": [[1]], "sums": [[0]]}, HIDDEN,
    ),
    Contradiction(
        "update-order",
        "is the hidden error computed after the output's weights have moved?",
        "keep the old weights for it",
        (
            Reading(
                "from the old weights", "the gradient of one loss", slope, None,
                (side("000", "071", "dh = d Wo, before the update"), side("001", "090", "all at once"),
                 side("003", "166", "D1 before W2"), side("004", "173", "both gradients, then the step")),
            ),
            Reading(
                "from the new ones", "the gradient of no loss",
                lambda h, w, e, sums: slope(h, w - h.T @ e, e, sums), slope,
                (side("000", "049", "the slide's order"), side("004", "107", "W_2 is updated first")),
            ),
        ),
        {"h": [[1]], "w": [[2]], "e": [[1]], "sums": [[0]]}, HIDDEN,
    ),
    Contradiction(
        "softmax-derivative",
        "derivative of the softmax: a vector or a matrix",
        "the terms beside the diagonal, -s_i s_j, belong to it",
        (
            Reading(
                "s (1 - s)", "the diagonal alone: wrong errors for every output",
                lambda v, e: softmax(v) * (1 - softmax(v)) * e,
                lambda v, e: softmax(v) * (1 - softmax(v)) * e - softmax(v) * ((softmax(v) * e).sum() - softmax(v) * e),
                (
                    side("000", "031", "∂L/∂z_k goes through o_k alone"),
                    side("002", "160 223 224", "a vector, each output by its own sum"),
                    side("004", "088 120 289", "y_i (1 - y_i); each sum through its own output"),
                ),
            ),
            Reading(
                "Jacobian", "each sum moves every output",
                lambda v, e: softmax(v) * (e - (softmax(v) * e).sum()), None,
                (side("002", "246 251", "an n x n matrix for each sample"), side("004", "114 119", "1{k = j} - ŷ_j")),
            ),
        ),
        {"v": [0, 0], "e": [1, -1]}, {"v": "K", "e": "K"},
    ),
)  # fmt: skip
"""Orientation, layers and errors."""
