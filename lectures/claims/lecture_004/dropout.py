"""Slides 'Overfitting : Dropout' and 'An example of Dropout': what is dropped, the listing, and its output."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative_at
from .._listings import execute, listing
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import prepend_bias, sigmoid, softmax
from ._pieces_training import layer, network_points, output_loss
from ._programs import NOT_PRINTED
from ._programs_training import DEEP_WEIGHTS, DROPOUT, says

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

DROP = Slide("Overfitting : Dropout", 670)
EXAMPLE = Slide("An example of Dropout", 679)

RATIO = Fraction(1, 5)

RECORDED = """calls = []
draw = Dropout
def Dropout(h, ratio):
    calls.append((h.shape, ratio, draw(h, ratio)))
    return calls[-1][2]
for _ in range(2):
    forward_dropout(np.ones((5, 25)), *weights)
print(sorted({(shape, ratio) for shape, ratio, _ in calls}))
print(len(calls), all((a[2] != b[2]).any() for a, b in zip(calls[:3], calls[3:])))
dropped = calls[0][2] == 0
print(int(dropped.sum()), int(dropped.all(axis=0).sum()), dropped.sum(axis=1).tolist())"""


def forwards() -> tuple[str, str, str]:
    """forward_dropout of line 933 run twice with Dropout as of line 683, and what was asked of Dropout.

    Shapes and rates; how many calls, and whether the second forward drew other masks; of the first mask the zeros,
    the nodes that are zero for all examples, and the zeros of each example.
    """
    before = "\n".join((NOT_PRINTED, DROPOUT, DEEP_WEIGHTS))
    run = execute(listing("004_forward_dropout"), before=before, after=RECORDED)
    first, second, third = run.printed.splitlines()
    return first, second, third


# -- what is dropped --------------------------------------------------------------------------------


@claim(
    263, DROP.at(672), "statement", "holds",
    says="Only the nodes that were drawn are trained: the weights into a dropped node get no gradient.",
    printed="Train only some of the randomly selected nodes",
)  # fmt: skip
def dropped_nodes_are_not_trained() -> Evidence:
    def masked(point: dict[str, np.ndarray]) -> np.ndarray:
        return 1.25 * (np.arange(point["w1"].shape[1]) % 3 != 0)

    at = [{**point, "m": masked(point)} for point in network_points("x", ["w1", "w2"])]

    def loss(x, y, w1, w2, m):
        return output_loss(layer(sigmoid(layer(x, w1)) * m, w2), y)

    def by_w1(dy, x, y, w1, w2, m):
        s = sigmoid(layer(x, w1))
        error = (softmax(layer(s * m, w2)) - y) @ w2[1:].T
        return dy * (prepend_bias(x).T @ (error * s * (1 - s) * m))

    columns = [~by_w1(1.0, **point).any(axis=0) for point in at]
    dropped = all(np.array_equal(c, p["m"] == 0) for c, p in zip(columns, at, strict=True))
    text = "the gradient's columns of the dropped nodes, and no others, are zero"
    return judged(every(derivative_at(loss, by_w1, at, by="w1"), observed(dropped, text)))


@claim(
    264, DROP.at(673), "number", "convention",
    says="Half of the hidden and a quarter of the input nodes are dropped.",
    printed="50% and 25% for hidden and input layers are dropped out",
    convention="the rates are a choice; the listings on lines 683 and 936 drop 20 % of the hidden nodes, and no inputs",
)  # fmt: skip
def rates() -> Evidence:
    shares = execute(
        DROPOUT,
        before="import numpy as np",
        after="print((Dropout(np.ones((4, 20)), 0.5) == 0).mean(), (Dropout(np.ones((4, 25)), 0.25) == 0).mean())",
    )
    used = forwards()[0]
    return conventional(
        observed(says(shares) == "0.5 0.25", f"Dropout called with these rates drops the shares {says(shares)}"),
        observed("0.5" in used and "(5, 25)" in used, f"forward_dropout uses shape and rate {used}"),
    )


@claim(
    265, DROP.at(674), "statement", "holds",
    says="The nodes change all through the training: every forward draws new ones.",
    printed="Continuously alters the nodes and weights",
)  # fmt: skip
def new_nodes_each_time() -> Evidence:
    said = forwards()[1]
    text = f"masks drawn in two forwards, and do those of the three layers differ: {said}"
    return judged(observed(said == "6 True", text))


@claim(
    266, DROP.at(675), "statement", "convention",
    says="Massive training data reduce bias.", printed="very helpful to reduce potential bias",
    convention="bias is what the particular examples bring in, which statistics calls variance; its bias stays, "
      "however many the examples",
)  # fmt: skip
def more_data() -> Evidence:
    # A constant is fitted to y = x on [0, 1]: the fit is the mean of y, and at x = 1 it is short by 1/2 for any N.
    def of(n: int) -> tuple[Fraction, Fraction]:
        values = [Fraction(k, 12) for k in range(13)]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values) / n
        return mean - 1, variance

    found = {n: of(n) for n in (1, 10, 100)}
    variances, biases = [v for _, v in found.values()], [b for b, _ in found.values()]
    said = (
        f"a constant fitted to N points of y = x, variance at x = 1 for N = 1, 10, 100: {[float(v) for v in variances]}"
    )
    return conventional(
        observed(variances == sorted(variances, reverse=True) and variances[-1] < variances[0], said),
        observed(abs(biases[-1]) < abs(biases[0]), f"its bias there is {', '.join(map(str, biases))}"),
    )


# -- the example ------------------------------------------------------------------------------------

PRINTED = """[[0.04806826 0.43194944 0.98873132]
 [0.30957655 0.98688492 0.77138021]]
yd= [0. 0. 0. 0. 0. 0.]
h1.size=6, num=5
idx= [5 1 2 3 4]
yd = [0.    1.25 1.25 1.25 1.25 1.25]
yd = [[0.    1.25 1.25]
 [1.25 1.25 1.25]]"""

DRAWN = """np.random.random = lambda shape: np.array(
    [[0.04806826, 0.43194944, 0.98873132], [0.30957655, 0.98688492, 0.77138021]])
np.random.choice = lambda size, num, replace: np.array([5, 1, 2, 3, 4])"""


@claim(
    267, EXAMPLE.at(687), "code", "erratum",
    says="The listing runs.", printed="print('yd=',ym)", corrected="print('yd=',yd): there is no ym",
)  # fmt: skip
def name_that_is_not_there() -> Evidence:
    as_printed, meant = (execute(listing(f"004_dropout_example{end}"), before="import numpy as np")
                         for end in ("", "_meant"))  # fmt: skip
    return judged(as_printed.outcome, observed(not meant.exception, f"with yd {meant.exception or 'it runs'}"))


@claim(
    268, EXAMPLE.at(699), "result", "holds",
    says="From these six numbers and this draw the listing prints what is shown.",
    printed="[[0.04806826 0.43194944 0.98873132]",
)  # fmt: skip
def printed_output() -> Evidence:
    run = execute(listing("004_dropout_example_meant"), before=f"import numpy as np\n{DRAWN}")
    equal = "".join(run.printed.split()) == "".join(PRINTED.split())
    return judged(observed(equal, f"with the numbers and places of the draw: {says(run)}"))


@claim(
    269, EXAMPLE.at(702), "number", "holds",
    says="Of six elements five are kept: 6 · 0.8 = 4.8 is rounded.", printed="h1.size=6, num=5",
)  # fmt: skip
def kept() -> Evidence:
    return judged(observed(round(6 * (1 - RATIO)) == 5, f"6 · {1 - RATIO} = {float(6 * (1 - RATIO))}, rounded 5"))


@claim(
    270, EXAMPLE.at(704), "number", "holds", says="The kept elements are 1/(1 - 0.2) = 1.25.", printed="1.25 1.25 1.25",
)  # fmt: skip
def scale() -> Evidence:
    return judged(
        observed(Fraction("1.25") * (1 - RATIO) == 1 and 1.0 / (1.0 - 0.2) == 1.25, "exactly, also in floats")
    )


def mask(size: int) -> list[Fraction]:
    """The example's yd for so many elements, sorted: zeros, then 1/(1 - ratio)."""
    num = round(size * (1 - RATIO))
    return [Fraction(0)] * (size - num) + [1 / (1 - RATIO)] * num


def _dropped(size: int) -> Outcome:
    share = Fraction(mask(size).count(Fraction(0)), size)
    return observed(
        share == RATIO, f"of {size} elements {mask(size).count(Fraction(0))} are dropped, {float(share):.1%}"
    )


@claim(
    271, EXAMPLE.at(709), "number", "erratum",
    says="ratio=0.2 drops 20 %.", printed="ratio=0.2 drops out 20%",
    corrected="it drops size - round(size · 0.8): 1 of 6 in the example, 16.7 %; 20 % where size is a multiple of 5",
)  # fmt: skip
def share_that_is_dropped() -> Evidence:
    return judged(_dropped(6), every(*(_dropped(5 * k) for k in (1, 2, 20))))


@claim(
    272, EXAMPLE.at(709), "statement", "convention",
    says="What is dropped are hidden nodes.", printed="of the hidden nodes",
    convention="a node of one example: the draw is made over all entries of h1, examples times nodes, so that a node "
      "is dropped for some examples only, and not the same number of nodes for each",
)  # fmt: skip
def nodes_or_entries() -> Evidence:
    total, whole, rows = forwards()[2].split(maxsplit=2)
    said = f"5 examples, 20 nodes: {total} entries are dropped, {whole} nodes for all examples, by example {rows}"
    return conventional(
        observed(total == "20", said), observed(whole == "4", "20 % of the nodes would be 4, dropped for all examples")
    )


def _compensated(size: int, scale: Fraction) -> Outcome:
    """Is the expectation of an entry of the mask, scaled so, 1?"""
    kept_share = Fraction(round(size * (1 - RATIO)), size)
    return observed(
        kept_share * scale == 1, f"{size} elements: expectation {kept_share} · {scale} = {kept_share * scale}"
    )


@claim(
    273, EXAMPLE.at(710), "number", "erratum",
    says="1/(1 - ratio) compensates for the loss by the dropped elements.",
    printed="to compensate for the loss of output",
    corrected="size/num, 6/5 = 1.2 in the example; it is 1/(1 - ratio) only where size · (1 - ratio) is whole, as for "
      "the 5 x 20 of line 936",
)  # fmt: skip
def compensation() -> Evidence:
    sizes = (6, 7, 100)
    right = every(*(_compensated(n, Fraction(n, round(n * (1 - RATIO)))) for n in sizes))
    whole = _compensated(100, 1 / (1 - RATIO)).about("with 1/(1 - ratio)")
    return judged(_compensated(6, 1 / (1 - RATIO)), every(right, whole))


@claim(
    274, EXAMPLE.at(710), "number", "erratum",
    says="yd has as many zeros as the ratio says.", printed="zeros for as many elements as the ratio",
    corrected="size - round(size · (1 - ratio)) zeros: with two elements none, with seven one",
)  # fmt: skip
def zeros() -> Evidence:
    def counted(size: int) -> int:
        return mask(size).count(Fraction(0))

    small: list[Any] = [(n, counted(n)) for n in (2, 6, 7)]
    as_printed = observed(all(Fraction(c, n) == RATIO for n, c in small), f"size and zeros: {small}")
    return judged(as_printed, observed(small == [(2, 0), (6, 1), (7, 1)], "these are the counts"))
