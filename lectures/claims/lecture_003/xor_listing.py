"""Slide '2-layer NN needs ~11 lines': the listing run as printed and as meant, and each of its lines."""

from __future__ import annotations

import re

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, has_shape, same
from .._listings import Run, execute, listing
from .._outcome import Outcome, conventional, every, judged, misread, observed
from ._pieces import sigmoid, squared_errors

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

LISTING = Slide("2-layer NN needs ~11 lines", 724)

SEEDS = (0, 1, 2)
NET = {"data": "N D", "W1": "D H", "W2": "H C", "target": "N C"}
PYTHON_2 = "xrange = range"


def without_numbers(source: str) -> str:
    """The listing without the line numbers in its first two columns."""
    return "\n".join(line[2:] if line[:1].isdigit() else line for line in source.splitlines())


def with_setup(source: str) -> str:
    """The listing with its commented lines (import, settings) put before it, nparam after the data that it needs."""
    lines = without_numbers(source).splitlines()
    setup = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    code = [line for line in lines if not line.startswith("#")]
    needs_data = [line for line in setup if "data" in line]
    at = next(i for i, line in enumerate(code) if line.startswith("target")) + 1
    return "\n".join([*(s for s in setup if s not in needs_data), *code[:at], *needs_data, *code[at:]])


def trained(seed: int) -> Run:
    """The listing as meant from one seed, with its outputs and its error at the end."""
    after = "print(np.round(A2.ravel(), 3).tolist(), (A2.round() == target).all(), (error**2).mean().round(6))"
    return execute(listing("003_xor_meant"), before=f"import numpy as np; np.random.seed({seed})", after=after)


# -- the listing as a whole -------------------------------------------------------------------------


@claim(
    150, LISTING.at(729), "code", "transcription",
    says="The listing is Python.", printed="1 data = np.array",
    corrected="the numbers at the beginnings of the lines count the lines; they are not code",
)  # fmt: skip
def runs_as_printed() -> Evidence:
    program = without_numbers(listing("003_xor"))
    is_python = observed(bool(compile(program, "listing", "exec")), "without the numbers it is Python")
    return misread(execute(listing("003_xor")).outcome, is_python)


@claim(
    151, LISTING.at(727), "code", "convention",
    says="The numbered lines are a program that runs.", printed="# import numpy as np",
    convention="the commented lines (import and settings) have to be run as well, nparam after the data",
)  # fmt: skip
def needs_its_comments() -> Evidence:
    shortened = with_setup(listing("003_xor")).replace("60000", "2")
    return conventional(
        execute(shortened, before=PYTHON_2).outcome.about("with the commented lines, over 2 epochs"),
        execute(without_numbers(listing("003_xor")), before=PYTHON_2).outcome.about("without them"),
    )


@claim(
    152, LISTING.at(742), "code", "convention",
    says="The loop runs over xrange(maxep).", printed="xrange(maxep)",
    convention="Python 2; the listings on lines 878 and 896 call print as Python 3 does",
)  # fmt: skip
def xrange() -> Evidence:
    shortened = with_setup(listing("003_xor")).replace("60000", "2")
    return conventional(
        execute(shortened, before=PYTHON_2).outcome.about("with Python 2's xrange, over 2 epochs"),
        execute(shortened).outcome.about("with Python 3"),
    )


@claim(
    153, LISTING.at(724), "number", "convention",
    says="A two-layer network needs about 11 lines.", printed="~11 lines",
    convention="only numbered lines count: not the last line, nor the import and the five settings that are "
      "commented out",
)  # fmt: skip
def eleven_lines() -> Evidence:
    lines = [line for line in listing("003_xor").splitlines() if line.strip()]
    numbered = [line for line in lines if line[:1].isdigit()]
    last = int(re.match(r"\d+", numbered[-1])[0])  # type: ignore[index]
    return conventional(
        observed(len(numbered) == last == 11, f"{len(numbered)} lines have a number"),
        observed(len(lines) == 11, f"{len(lines)} lines are needed to run it"),
    )


@claim(
    154, LISTING.at(742), "result", "holds",
    says="With lr 0.01, 60000 epochs and four hidden neurons the network learns "
      "XOR.", printed="5 for i in xrange(maxep):",
)  # fmt: skip
def learns_xor() -> Evidence:
    runs = [trained(seed) for seed in SEEDS]
    said = "; ".join(
        f"seed {seed}: {run.exception or run.printed.strip()}" for seed, run in zip(SEEDS, runs, strict=True)
    )
    learned = all("True" in run.printed for run in runs)
    return judged(observed(learned, f"outputs, are they XOR when rounded, mean squared error: {said}"))


# -- its data and weights ---------------------------------------------------------------------------


@claim(
    155,
    LISTING.at(729),
    "number",
    "holds",
    says="The data are the XOR table with a third attribute that is 1.",
    printed="[[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]",
)
def data_is_the_table() -> Evidence:
    data = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    table = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    return judged(
        observed(np.array_equal(data[:, :2], table) and (data[:, 2] == 1).all(), "rows 1 to 4 of line 696, then a 1")
    )


@claim(
    156,
    LISTING.at(730),
    "number",
    "holds",
    says="The target is a column with the table's y.",
    printed="np.array([[0, 1, 1, 0]]).T",
)
def target_is_the_table() -> Evidence:
    target = np.array([[0, 1, 1, 0]]).T
    return judged(
        observed(target.shape == (4, 1) and target.ravel().tolist() == [0, 1, 1, 0], "0, 1, 1, 0", shape=target.shape)
    )


@claim(
    157,
    LISTING.at(734),
    "number",
    "holds",
    says="nparam is the number of attributes, the constant one included.",
    printed="nparam = len(data[0])",
)
def number_of_attributes() -> Evidence:
    data = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    return judged(observed(len(data[0]) == data.shape[1] == 3, "len(data[0]) is 3"))


@claim(
    158,
    LISTING.at(740),
    "statement",
    "holds",
    says="The first weights are drawn evenly from -1 to 1.",
    printed="2 * np.random.rand(nparam, nhid) - 1",
)
def range_of_weights() -> Evidence:
    ends = same(lambda u: 2 * u - 1, lambda u: u - (1 - u), {"u": "n"})
    lowest, highest = 2 * 0.0 - 1, 2 * np.nextafter(1.0, 0.0) - 1
    return judged(
        every(
            ends,
            observed(
                lowest == -1 and highest < 1,
                f"rand lies in [0, 1), so 2 rand - 1 lies in [-1, 1): {lowest} to {highest}",
            ),
        )
    )


@claim(
    159,
    LISTING.at(743),
    "shape",
    "holds",
    says="A1 has a row an example and a column a hidden neuron.",
    printed="A1 = 1 / (1 + np.exp(-(np.dot(data, W1))))",
)
def hidden_shape() -> Evidence:
    return judged(has_shape(lambda data, W1: sigmoid(np.dot(data, W1)), "N H", {"data": "N D", "W1": "D H"}))


@claim(
    160,
    LISTING.at(744),
    "shape",
    "holds",
    says="A2 has the shape of the target.",
    printed="A2 = 1 / (1 + np.exp(-(np.dot(A1, W2))))",
)
def output_shape() -> Evidence:
    return judged(
        has_shape(
            lambda data, W1, W2: sigmoid(sigmoid(data @ W1) @ W2), "N C", {"data": "N D", "W1": "D H", "W2": "H C"}
        )
    )


@claim(
    161, LISTING.at(744), "formula", "convention",
    says="The second layer is the sigmoid of A1 W2.", printed="np.dot(A1, W2)",
    convention="the second layer has no bias, though line 706 gives every layer one; the first has it by the "
      "attribute that is 1",
)  # fmt: skip
def no_second_bias() -> Evidence:
    at = {"A1": "N H", "W2": "H C", "b": "C"}
    without = same(lambda A1, W2, b: sigmoid(A1 @ W2), lambda A1, W2, b: sigmoid(A1 @ W2 + 0 * b), at)
    with_bias = same(lambda A1, W2, b: sigmoid(A1 @ W2), lambda A1, W2, b: sigmoid(A1 @ W2 + b), at)
    return conventional(without.about("line 706 with b = 0"), with_bias.about("line 706 with a bias"))


# -- its gradients ----------------------------------------------------------------------------------


def half_loss(data, W1, W2, target):
    """Half the sum of squared errors of the listing's network."""
    return squared_errors(sigmoid(sigmoid(data @ W1) @ W2), target) / 2


def deltas(data, W1, W2, target):
    """A1, D2 and D1 as the listing computes them."""
    A1 = 1 / (1 + np.exp(-(np.dot(data, W1))))
    A2 = 1 / (1 + np.exp(-(np.dot(A1, W2))))
    error = target - A2
    D2 = error * (A2 * (1 - A2))
    return A1, D2, D2.dot(W2.T) * (A1 * (1 - A1))


def _after_v2(v2, target):
    return squared_errors(sigmoid(v2), target) / 2


@claim(
    162, LISTING.at(746), "derivation", "convention",
    says="D2 is the gradient at the output layer: the error times A2 (1 - A2).", printed="D2 = error * (A2 * (1 - A2))",
    convention="the error is target - output, so that D2 is minus the gradient; on line 502 it is ŷ - y",
)  # fmt: skip
def delta_of_the_output() -> Evidence:
    def delta(v2, target):
        a2 = sigmoid(v2)
        return (target - a2) * (a2 * (1 - a2))

    at = {"v2": "N C", "target": "N C"}
    minus = derivative(_after_v2, lambda dy, v2, target: -dy * delta(v2, target), at, by="v2").about("-D2")
    return conventional(
        minus, derivative(_after_v2, lambda dy, v2, target: dy * delta(v2, target), at, by="v2").about("D2 itself")
    )


@claim(
    163,
    LISTING.at(747),
    "derivation",
    "holds",
    says="D1 carries D2 back through W2 and the hidden sigmoid.",
    printed="D1 = D2.dot(W2.T) * (A1 * (1 - A1))",
)
def delta_of_the_hidden_layer() -> Evidence:
    def loss(v1, W2, target):
        return _after_v2(sigmoid(v1) @ W2, target)

    def minus_d1(dy, v1, W2, target):
        a1 = sigmoid(v1)
        a2 = sigmoid(a1 @ W2)
        d2 = (target - a2) * (a2 * (1 - a2))
        return -dy * (d2.dot(W2.T) * (a1 * (1 - a1)))

    return judged(
        derivative(loss, minus_d1, {"v1": "N H", "W2": "H C", "target": "N C"}, by="v1").about(
            "-D1, as D2 is minus the gradient"
        )
    )


def _step(by: str) -> Outcome:
    """What the listing adds to the weights, divided by lr, against minus the gradient of half the squared error."""

    def minus_change(dy, data, W1, W2, target):
        A1, D2, D1 = deltas(data, W1, W2, target)
        return -dy * (A1.T.dot(D2) if by == "W2" else data.T.dot(D1))

    return derivative(half_loss, minus_change, NET, by=by)


@claim(
    164,
    LISTING.at(748),
    "formula",
    "holds",
    says="W2 moves by lr against the gradient.",
    printed="W2 += A1.T.dot(D2) * lr",
)
def step_of_w2() -> Evidence:
    return judged(_step("W2"))


@claim(
    165,
    LISTING.at(749),
    "formula",
    "holds",
    says="W1 moves by lr against the gradient.",
    printed="W1 += data.T.dot(D1) * lr",
)
def step_of_w1() -> Evidence:
    return judged(_step("W1"))


@claim(
    166, LISTING.at(748), "derivation", "holds",
    says="Both steps belong to the same weights: D1 is computed before W2 changes.", printed="W2 += A1.T.dot(D2) * lr",
)  # fmt: skip
def both_steps_at_once() -> Evidence:
    def in_order(data, W1, W2, target):
        A1, D2, D1 = deltas(data, W1, W2, target)
        W2 = W2 + A1.T.dot(D2)
        return W1 + data.T.dot(D1), W2

    def first(data, W1, W2, target):
        return W1 + data.T.dot(deltas(data, W1, W2, target)[2])

    return judged(
        same(lambda **at: in_order(**at)[0], first, NET).about("the new W1 against a step from the old weights")
    )
