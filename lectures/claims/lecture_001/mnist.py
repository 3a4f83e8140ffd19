"""Slides 'Multi-class Classification; example': the 784-256-128-10 network on MNIST.

The checks carry no data set: what only MNIST itself could show is recorded as uncheckable. Its error rate is judged by
trainings on record.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import conventional, judged, observed
from .._trained import REPLACED, STATED, Below, Figure, Way, concluded, ranges
from ._pieces import cross_entropy

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

DATA = Slide("# Multi-class Classification; example", 395)
NETWORK = Slide("# Multi-class Classification; example", 420)
FIT = Slide("# Multi-class Classification; example", 434)

SIZES = (784, 256, 128, 10)
NOT_CARRIED = "a fact about the data set, which these checks do not carry"
POINTS = [
    {"p": np.array([[0.5, 0.5]]), "y": np.array([[1.0, 0.0]])},
    {"p": np.array([[0.25, 0.75], [0.5, 0.5]]), "y": np.array([[0.0, 1.0], [1.0, 0.0]])},
    {"p": np.array([[0.5, 0.25, 0.25], [0.25, 0.125, 0.625]]), "y": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])},
]
"""Probabilities (n, K) and labels as ones among zeros."""

CLAIMS += [
    uncheckable("001-110", DATA.at(398), "MNIST is a data set for recognising digits.", NOT_CARRIED,
                "is digit recognition dataset"),
    uncheckable("001-111", DATA.at(403), "It has 60 thousand training and 10 thousand test images.", NOT_CARRIED,
                "60K train, 10K test images"),
    uncheckable("001-112", DATA.at(404), "Its labels are the digits 0 to 9.", NOT_CARRIED, "digit class 0 to 9"),
    uncheckable("001-113", DATA.at(408), "The pictured digits are 3, and on the next lines 5 and 8.",
                "the figures are lost", "3"),
    uncheckable(
        "001-115", FIT.at(441), "The human error rate is reported to be around 0.2 %.",
        "a report that is not named", "human error rate",
    ),
    uncheckable(
        "001-116", FIT.at(442), "Some images of MNIST are hard.", "the figure is lost", "hard examples in MNIST",
    ),
]  # fmt: skip


TEST, TRAINING = {"error rate": "test_error"}, {"error rate": "training_error"}
READINGS = (
    Way("plain", "of the 10,000 test images, nothing else done", TEST, STATED),
    Way("dropout", "of the test images, with dropout of 0.2", TEST, STATED),
    Way("plain", "of the training images, though line 441 compares with 20 of 10K test images", TRAINING, REPLACED),
)


@claim(
    114, FIT.at(440), "result", "erratum",
    says="The error rate of the network is below 0.5 %.", printed="**error rate** < **0.5%**",
    corrected=f"of the test images it misreads shares of {ranges('001_256_128', 'plain', 'test_error', -1)}, with "
      f"dropout {ranges('001_256_128', 'dropout', 'test_error', -1)}; only of the images that it was trained on it is "
      f"below 0.5 %: {ranges('001_256_128', 'plain', 'training_error', -1)}",
)  # fmt: skip
def error_rate() -> Evidence:
    return concluded("001_256_128", (Figure("error rate", -1, Below(0.005)),), READINGS)


@claim(
    117, DATA.at(402), "number", "holds", says="28 × 28 pixels are 784 features.", printed="784 pixel",
)  # fmt: skip
def pixels() -> Evidence:
    return judged(observed(np.zeros((28, 28)).ravel().size == 784, "a 28 x 28 image as one row has 784 numbers"))


@claim(
    118, DATA.at(401), "number", "holds",
    says="Grey values go from 0 to 255: those of one byte.", printed="[0, 255]",
)  # fmt: skip
def grey_values() -> Evidence:
    byte = np.iinfo(np.uint8)
    return judged(observed((byte.min, byte.max) == (0, 255), f"an unsigned byte holds {byte.min} to {byte.max}"))


@claim(
    119, NETWORK.at(423), "statement", "convention",
    says="A network with 256, 128 and 10 units is a two-layer network.", printed="**two-layer network**",
    convention="only hidden layers count; on lines 122 to 153 the output is layer 2, after one hidden layer, and so "
      "counted this network has three",
)  # fmt: skip
def counting_layers() -> Evidence:
    matrices = list(pairwise(SIZES))
    hidden = len(SIZES) - 2
    return conventional(
        observed(hidden == 2, f"{hidden} hidden layers"),
        observed(len(matrices) == 2, f"{len(matrices)} layers with weights: {matrices}"),
    )


@claim(
    120, NETWORK.at(427), "number", "holds",
    says="Along with the biases 784-256-128-10 has 235,146 parameters.", printed="**235,146 parameters**",
)  # fmt: skip
def parameters() -> Evidence:
    layers = [n_in * n_out + n_out for n_in, n_out in pairwise(SIZES)]
    counted = sum(np.zeros((n_out, n_in)).size + n_out for n_in, n_out in pairwise(SIZES))
    return judged(observed(sum(layers) == counted == 235146, " + ".join(map(str, layers)) + f" = {sum(layers)}"))


def with_index(p, y):
    """The cross-entropy of line 438 with the class's index at P. p, y (n, K)."""
    return -sum((y[i, j] * np.log(p[i, j]) for i in range(len(y)) for j in range(y.shape[1])), 0 * p[0, 0]) / len(y)


def without_index(p, y):
    """Line 438 as printed: P of the example is all its K outputs, in every term of the sum over j."""
    return -sum((y[i, j] * np.log(p[i]) for i in range(len(y)) for j in range(y.shape[1])), 0 * p[0]) / len(y)


def of_the_label(p, y):
    """Minus the mean logarithm of the probability that each example's own class gets."""
    return -sum((np.log(p[i][y[i] == 1][0]) for i in range(len(y))), 0 * p[0, 0]) / len(y)


@claim(
    121, FIT.at(438), "formula", "erratum",
    says="The cross-entropy sums y_j log P(X) over the classes j.", printed=r"\log(P_{w,b}(X^{(i)}))",
    corrected="log of P_j(X), the output of class j: without the index J is not a number but one for each class",
)  # fmt: skip
def missing_index() -> Evidence:
    return judged(same(without_index, of_the_label, POINTS), same(with_index, of_the_label, POINTS))


@claim(
    122, FIT.at(438), "formula", "holds",
    says="The factor is -1/n, as on line 185: with two classes (and the index j) both costs are the same.",
    printed=r"-\frac{1}{n} \sum_{i=1}^n \sum_{j=1}^K",
)  # fmt: skip
def two_classes_agree() -> Evidence:
    def binary(p, y):
        return cross_entropy(p[:, 0], y[:, 0]).sum() / len(y)

    return judged(same(with_index, binary, POINTS[:2]))


@claim(
    123, FIT.at(436), "derivation", "holds",
    says="The network is fitted by minimizing it: by the softmax's inputs its gradient is (P - y)/n, and it can be "
      "followed.",
    printed="by minimizing **cross-entropy**",
)  # fmt: skip
def gradient_by_the_logits() -> Evidence:
    def cost(z, y):
        labels = np.exp(y) / np.exp(y).sum(axis=1)[:, None]
        return -(labels * np.log(np.exp(z) / np.exp(z).sum(axis=1)[:, None])).sum() / len(z)

    def backward(dy, z, y):
        labels = np.exp(y) / np.exp(y).sum(axis=1)[:, None]
        return dy * (np.exp(z) / np.exp(z).sum(axis=1)[:, None] - labels) / len(z)

    return judged(derivative(cost, backward, {"z": "N K", "y": "N K"}, by="z").about("labels that sum to 1"))


@claim(
    124, FIT.at(441), "number", "holds",
    says="0.2 % of the 10 thousand test images are 20.", printed="20 of the 10K test images",
)  # fmt: skip
def twenty_images() -> Evidence:
    images = Fraction(2, 1000) * 10000
    return judged(observed(images == 20, f"0.2 % of 10000 is {images}"))
