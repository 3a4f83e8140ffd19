"""Slides 'Multiple Classification of MNIST' to 'One-Hot Encoding': the data set, and its labels as rows of ones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ...data import one_hot
from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._outcome import Outcome, conventional, judged, misread, observed
from ._pieces import LOST
from ._pieces_training import BYTES_OF_IMAGE_FILES, EXAMPLES_OF_EACH_DIGIT, HEADER_BYTES, mnist_counts, mnist_images

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

MNIST = Slide("Multiple Classification of MNIST", 457)
NETWORK = Slide("Multi-layer neural network", 468)
DATA = Slide("MNIST Training and Testing Data", 472)
ONE_HOT = Slide("One-Hot Encoding", 476)

OUTPUTS = tuple(Fraction(n, 1000) for n in (111, 5, 787, 170, 1, 176, 352, 1, 73, 3))
"""The row of line 482."""

LABELS = (3, 5, 3, 0)
ONES = {(1, 4), (2, 6), (3, 4), (4, 1)}
"""The labels and the places of the ones of line 489."""

CLAIMS += [
    uncheckable("004-200", NETWORK.at(468), "The network for MNIST in a picture.", LOST, "Multi-layer neural network"),
    uncheckable("004-201", DATA.at(472), "Training and testing data of MNIST in a picture.", LOST),
    uncheckable(
        "004-202", ONE_HOT.at(487), "A label is 4.",
        "the number stands alone, and its figure is lost: it is neither the digit of the largest output of line 482, "
        "which is 2, nor one of the labels 3, 5, 3, 0 of line 489", "4",
    ),
]  # fmt: skip


@claim(
    203, MNIST.at(462), "number", "holds",
    says="A digit is 28 by 28 grey pixels of one byte each.", printed="28 by 28 grayscale pixels",
)  # fmt: skip
def bytes_of_an_image() -> Evidence:
    images = mnist_images()
    if images:
        shapes = {half: x.shape for half, x in images.items()}
        right = all(shape[1:] == (28, 28) and images[half].itemsize == 1 for half, shape in shapes.items())
        return judged(observed(right, f"the folder of GRADPROOF_MNIST holds bytes of shapes {shapes}"))
    predicted = {half: HEADER_BYTES + 28 * 28 * sum(counts) for half, counts in EXAMPLES_OF_EACH_DIGIT.items()}
    text = f"a header and 28 x 28 bytes for each label are {predicted}, the sizes of the published files"
    return judged(observed(predicted == BYTES_OF_IMAGE_FILES, text))


@claim(
    204, MNIST.at(463), "statement", "holds",
    says="0 is the background, white, and 255 the full foreground, black, both within the range of a byte.",
    printed="0 stands for “perfect background white,” and 255",
)  # fmt: skip
def background() -> Evidence:
    byte = np.iinfo(np.uint8)
    images = mnist_images()
    if images is None:
        text = "the file format says the same of 0 and 255 (LeCun, Cortes and Burges); a byte ends there"
        return judged(observed((byte.min, byte.max) == (0, 255), text))
    corners = max(int(x[:, [0, 0, -1, -1], [0, -1, 0, -1]].max()) for x in images.values())
    most = min(int(x.max()) for x in images.values())
    return judged(observed((corners, most) == (0, 255), f"all corners are {corners}, and the largest pixel is {most}"))


@claim(205, MNIST.at(464), "number", "holds", says="MNIST has 70,000 examples.", printed="70,000 examples")
def examples() -> Evidence:
    counts, where = mnist_counts()
    return judged(observed(sum(counts) == 70_000, f"{sum(counts)}, {where}"))


@claim(
    206, MNIST.at(464), "number", "erratum",
    says="MNIST has 7,000 examples of each digit.", printed="neatly partitioned into 7,000 examples for each digit",
    corrected="from 6,313 (the digit 5) to 7,877 (the digit 1); 7,000 is only the mean, and no digit has it",
)  # fmt: skip
def examples_of_each_digit() -> Evidence:
    counts, where = mnist_counts()
    said = ", ".join(f"{digit}: {count}" for digit, count in enumerate(counts))
    even = observed(all(count == 7_000 for count in counts), f"{said}; {where}")
    spread = (min(counts), counts.index(min(counts)), max(counts), counts.index(max(counts)))
    return judged(even, observed(spread == (6_313, 5, 7_877, 1) and 7_000 not in counts, "fewest and most are these"))


@claim(
    207, ONE_HOT.at(480), "number", "convention",
    says="The ten outputs ŷ1 to ŷ10 stand for the digits 0 to 9.", printed='| "0" | "1" | "2" |',
    convention="ŷ_k stands for the digit k - 1: outputs are numbered from 1, digits from 0",
)  # fmt: skip
def names_of_the_outputs() -> Evidence:
    digits, outputs = list(range(10)), list(range(1, 11))
    shifted = observed([k - 1 for k in outputs] == digits, "ten digits, ten outputs: k - 1 for k from 1 to 10")
    return conventional(shifted, observed(outputs == digits, "ŷ_k for the digit k leaves 0 out, and there is no 10"))


@claim(
    208, ONE_HOT.at(482), "number", "convention",
    says="These ten numbers are a possible output of the network.", printed="| 0.111 | 0.005 | 0.787 |",
    convention="ten sigmoids, each between 0 and 1; the softmax of line 352 gives numbers that sum to 1",
)  # fmt: skip
def possible_outputs() -> Evidence:
    total = sum(OUTPUTS)
    largest = OUTPUTS.index(max(OUTPUTS))
    within = observed(all(0 < y < 1 for y in OUTPUTS), f"each lies between 0 and 1, and the largest says {largest}")
    summed = abs(total - 1) <= len(OUTPUTS) * Fraction(5, 10_000)  # each is rounded to three places
    return conventional(within, observed(summed, f"they sum to {float(total)}, which rounding does not explain"))


def _places(first: int) -> set[tuple[int, int]]:
    rows, columns = np.nonzero(one_hot(np.array(LABELS), 10))
    return {(int(r) + first, int(c) + first) for r, c in zip(rows, columns, strict=True)}


@claim(
    209, ONE_HOT.at(489), "statement", "convention",
    says="The labels 3, 5, 3, 0 have their ones in the columns 4, 6, 4, 1.",
    printed="(1, 4), (2, 6), (3, 4), and (4, 1)",
    convention="rows and columns are numbered from 1, so that the label k has column k + 1",
)  # fmt: skip
def places_of_ones() -> Evidence:
    from_one = observed(_places(1) == ONES, f"counted from 1 they are {sorted(_places(1))}")
    return conventional(from_one, observed(_places(0) == ONES, f"counted from 0 they are {sorted(_places(0))}"))


@claim(
    210, ONE_HOT.at(489), "statement", "transcription",
    says="The other cells of the 10 x 10 grid are 0.", printed="All other cells in the grid contain 0s.",
    corrected="the other cells of the first four rows; the six rows below belong to the labels behind the dots",
)  # fmt: skip
def other_cells() -> Evidence:
    grid = np.array([[int((r, c) in ONES) for c in range(1, 11)] for r in range(1, 11)])
    rows = grid.sum(axis=1).tolist()

    def one_each(sums: list[int]) -> Outcome:
        return observed(all(s == 1 for s in sums), f"the rows have {sums} ones")

    return misread(one_each(rows), one_each(rows[: len(LABELS)]))
