"""Slides 'Initializations of weights' and the decision boundaries after them: small random weights, the listing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb

from ...data import POINT_SETS
from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import same
from .._listings import Run
from .._outcome import Outcome, conventional, judged, observed
from ._pieces import sigmoid
from ._programs import SEEDS, ask, classifier, point_set, printed

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

RULE = Slide("Initializations of weights", 382)
LISTING = Slide("Initializations of weights", 395)
NETWORK = {line: Slide("2_neural_network_classifier.jpynb", line) for line in (410, 426, 442)}
SINGLE = Slide("Limitations of the Single Layer: 1_perceptron_classifier.jpynb", 418)

ONES = """import types
np = types.SimpleNamespace(sqrt=np.sqrt, random=types.SimpleNamespace(randn=lambda *n: np.ones(n)), ones=np.ones)
w1, w2 = initialize_weights(3, 8, 2)
print(set(w1.ravel().tolist()), set(w2.ravel().tolist()) == {1 / 3})"""
CALL = "w1, w2 = initialize_weights(3, 5, 2)\nprint(w1.shape, w2.shape)"
SHAPES, ALONE = ask(CALL, "initialize_weights"), ask(CALL, "initialize_weights", before="")
OF_ONES = ask(ONES, "initialize_weights")
FITTING = ask(
    "w1, w2 = initialize_weights(3, 5, 2)\nprint(forward(np.ones((4, 3)), w1, w2)[0].shape)",
    "initialize_weights",
    "forward",
)


def _says(question: Callable[[], Run], wanted: str) -> Outcome:
    found = question()
    said = found.exception or " ".join(found.printed.split())
    return observed(said == wanted, said)


CLAIMS += [
    uncheckable(
        "004-184", SINGLE.at(418), "The single layer's decision boundaries again (lines 418, 434 and 449).",
        "the figures are lost; lines 47 to 64 name the same three files, and are checked there",
    ),
]  # fmt: skip


# -- random and small -------------------------------------------------------------------------------

TEN = np.array([[1.0, -0.5], [0.25, 2.0], [-1.5, 0.75]])


@claim(
    185, RULE.at(386), "statement", "holds",
    says="Random weights break the symmetry: the hidden nodes get different steps.",
    printed="**Random** (to break symmetry)",
)  # fmt: skip
def breaks_symmetry() -> Evidence:
    def steps(w1, w2):
        y_hat, h = printed("forward")(TEN, w1, w2)
        return printed("back")(TEN, np.eye(2)[[0, 1, 1]], y_hat, w2, h)[0]

    rng = np.random.default_rng(0)
    drawn = steps(rng.standard_normal((3, 4)), rng.standard_normal((5, 2)))
    equal = steps(np.full((3, 4), 0.5), np.full((5, 2), 0.25))
    apart, alike = len(set(drawn[0].tolist())), np.ptp(equal, axis=1).max()
    return judged(
        observed(apart == 4, f"four nodes, {apart} different steps; of equal weights they differ by {alike:g}")
    )


MOST = 1000


def _steps_to_all(scale: float, seed: int) -> int:
    """Steps of the listings' network until all of 'circles' is right, from weights that many times as large."""
    x, labels = point_set("circles", seed)
    rng = np.random.default_rng(seed)
    w1, w2 = rng.standard_normal((3, 10)) * np.sqrt(1 / 3), rng.standard_normal((11, 2)) * np.sqrt(1 / 11)
    w1, w2 = scale * w1, scale * w2
    for step in range(MOST):
        y_hat, h = printed("forward")(x, w1, w2)
        if (y_hat.argmax(axis=1) == labels).all():
            return step
        dw1, dw2 = printed("back")(x, np.eye(2)[labels], y_hat, w2, h)
        w1, w2 = w1 - 2 * dw1, w2 - 2 * dw2
    return MOST


@claim(
    186, RULE.at(387), "statement", "convention",
    says="Small weights speed training up.", printed="**Small** (to speed up training",
    convention="against weights so large that the nodes saturate, a hundred times sqrt(1/r); not the smaller the "
      "better: of two inputs, ten times sqrt(1/r) learns faster than sqrt(1/r) does",
)  # fmt: skip
def speeds_up() -> Evidence:
    with np.errstate(all="ignore"):  # the hundredfold weights overflow, as line 380 says
        steps = {scale: [_steps_to_all(scale, seed) for seed in SEEDS] for scale in (1, 10, 100)}
    said = f"steps until all of 'circles' is right, at most {MOST}, from {len(SEEDS)} seeds"
    return conventional(
        observed(max(steps[1]) < min(steps[100]), f"{said}: {steps[1]}, of weights 100 times as large {steps[100]}"),
        observed(sum(steps[1]) < sum(steps[10]), f"of weights 10 times as large {steps[10]}"),
    )


@claim(
    187, RULE.at(387), "statement", "holds",
    says="Small weights keep the hidden nodes from being dead: with large ones their slope is next to nothing.",
    printed="avoid dead neurons",
)  # fmt: skip
def dead_neurons() -> Evidence:
    rng = np.random.default_rng(0)
    x, w1 = rng.standard_normal((200, 20)), rng.standard_normal((20, 100)) * np.sqrt(1 / 20)
    values = {scale: sigmoid(scale * (x @ w1)) for scale in (1, 10, 100)}
    shares = {scale: float((h * (1 - h) < 0.01).mean()) for scale, h in values.items()}
    said = ", ".join(f"{share:.0%} with {scale} times N(0, 1/r)" for scale, share in shares.items())
    return judged(observed(shares[1] < shares[10] < shares[100], f"slopes below 0.01 at the first step: {said}"))


@claim(
    188, RULE.at(388), "statement", "convention",
    says="No weight should be much larger than the square root of 1/r.",
    printed="shouldn't be much bigger than the square root of the inverse of rows r",
    convention="much bigger is more than a few times: of the weights of line 400 about a third are larger than "
      "sqrt(1/r), and one in 370 is three times as large",
)  # fmt: skip
def much_bigger() -> Evidence:
    root = arb(2).sqrt()
    beyond = {k: 1 - (arb(k) / root).erf() for k in (1, 3)}
    said = f"{float(beyond[1]):.4f} beyond sqrt(1/r), {float(beyond[3]):.4f} beyond three times that"
    return conventional(
        observed(bool(beyond[3] < arb(1) / 300), f"of a normal distribution with that deviation: {said}"),
        observed(bool(beyond[1] < arb(1) / 300), f"none larger than sqrt(1/r): {said}"),
    )


@claim(
    189, RULE.at(393), "formula", "convention",
    says="Each weight is about plus or minus the square root of 1/r.", printed=r"w \approx \pm \sqrt{\frac{1}{r}}",
    convention="the square root of 1/r is the standard deviation of a normal distribution (line 400), not the size of "
      "each weight: four in ten are smaller than half of it",
)  # fmt: skip
def standard_deviation() -> Evidence:
    below_half = (arb(1) / 2 / arb(2).sqrt()).erf()
    return conventional(
        _says(OF_ONES, "{0.5} True").about("lines 400 and 403 with 1 for each random number"),
        observed(bool(below_half < arb(1) / 300), f"smaller than half of it: {float(below_half):.4f} of them"),
    )


@claim(
    190, RULE.at(393), "derivation", "holds",
    says="With that deviation the sum of r inputs keeps their mean square: that is where sqrt(1/r) comes from.",
    printed=r"\sqrt{\frac{1}{r}}",
)  # fmt: skip
def keeps_the_mean_square() -> Evidence:
    def variance(x):
        """Of Σ x_i w_i, the w_i independent with variance 1/r."""
        return sum((v * v / len(x) for v in x[1:]), x[0] * x[0] / len(x))

    return judged(same(variance, lambda x: (x**2).mean(), {"x": "r"}))


@claim(
    191, RULE.at(389), "statement", "convention",
    says="The bigger the matrix, the smaller its weights should be.",
    printed="As the weight matrix gets bigger, individual weights should become smaller",
    convention="bigger means more rows, inputs of each node; more columns change nothing",
)  # fmt: skip
def more_rows() -> Evidence:
    sizes = {shape: float(np.sqrt(1 / shape[0])) for shape in ((3, 4), (30, 4), (3, 40))}
    return conventional(
        observed(sizes[30, 4] < sizes[3, 4], f"3 x 4: {sizes[3, 4]:.4f}, 30 x 4: {sizes[30, 4]:.4f}"),
        observed(sizes[3, 40] < sizes[3, 4], f"3 x 40: {sizes[3, 40]:.4f}, as 3 x 4"),
    )


# -- the listing ------------------------------------------------------------------------------------


@claim(
    192, LISTING.at(398), "code", "convention",
    says="initialize_weights runs.", printed="def initialize_weights(n_input_variables, n_hidden_nodes, n_classes):",
    convention="numpy is imported as np, which no slide does",
)  # fmt: skip
def listing_runs() -> Evidence:
    return conventional(SHAPES().outcome.about("with np"), ALONE().outcome.about("as printed"))


@claim(
    193, LISTING.at(399), "shape", "holds",
    says="w1 has a row for each input and one for the bias, w2 for each hidden node and the bias.",
    printed="w1_rows = n_input_variables + 1",
)  # fmt: skip
def shapes() -> Evidence:
    return judged(_says(SHAPES, "(4, 5) (6, 2)").about("3 inputs, 5 hidden nodes, 2 classes"))


@claim(
    194, LISTING.at(400), "code", "holds",
    says="Its entries are standard normal numbers times the square root of 1/r, r its rows with the bias's.",
    printed="np.sqrt(1 / w1_rows)",
)  # fmt: skip
def deviation_of_w1() -> Evidence:
    return judged(_says(OF_ONES, "{0.5} True").about("with 1 for each random number, sqrt(1/4) and sqrt(1/9)"))


@claim(
    195, LISTING.at(403), "code", "holds",
    says="Its entries are standard normal numbers times the square root of one over its own rows.",
    printed="np.sqrt(1 / w2_rows)",
)  # fmt: skip
def deviation_of_w2() -> Evidence:
    return judged(_says(OF_ONES, "{0.5} True").about("3 inputs and 8 hidden nodes: sqrt(1/4) and sqrt(1/9)"))


@claim(
    196, LISTING.at(405), "code", "holds",
    says="The two matrices come in the order in which forward of line 350 takes them.", printed="return (w1, w2)",
)  # fmt: skip
def fits_forward() -> Evidence:
    return judged(_says(FITTING, "(4, 2)").about("the shape of ŷ of 4 samples"))


# -- what two layers can part -----------------------------------------------------------------------


def _boundaries() -> None:
    for number, heading, line, name in zip((197, 198, 199), (410, 426, 442), (412, 428, 444), POINT_SETS, strict=True):
        claim(number, NETWORK[heading].at(line), "result", "holds", printed=f"{name}.txt",
              says=f"The two-layer network classifies {name} (generated here; figure and file are lost).",
              )(lambda name=name: _two_layers(name))  # fmt: skip


def _two_layers(name: str) -> Evidence:
    right = [classifier(*point_set(name, seed), seed) for seed in SEEDS]
    shares = ", ".join(f"{r:.2f}" for r in right)
    return judged(
        observed(right == [1.0] * len(SEEDS), f"10 hidden nodes, generated sets: the share that is right is {shares}")
    )


_boundaries()
