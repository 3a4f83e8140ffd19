"""Slides 'SoftMax' and 'SoftMax; Architecture': the function, its shape and range, a sigmoid before it."""

from __future__ import annotations

import warnings

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import has_shape, same
from .._outcome import Outcome, conventional, every, judged, observed
from .._points import points
from ._pieces import sigmoid

CLAIMS: list[Claim] = []
claim = recorder("001", CLAIMS)

PROBLEM = Slide("# SoftMax", 343)
THRESHOLD = Slide("# SoftMax", 350)
NAME = Slide("# SoftMax", 356)
FORMULA = Slide("# SoftMax", 366)
ARCHITECTURE = Slide("# SoftMax; Architecture", 376)
RANGE = Slide("# SoftMax", 384)

Z = {"z": "K"}

CLAIMS += [
    uncheckable(
        "001-092", PROBLEM.at(345), "A multiclass problem is pictured.", "the figure is lost",
        "**multiclass classification** problem",
    ),
    uncheckable(
        "001-093", THRESHOLD.at(352), "With the threshold 0.5 the pictured outputs leave the label open.",
        "the figure with the outputs is lost", "**threshold** of **0.5**",
    ),
    uncheckable(
        "001-094", NAME.at(358), "The softmax is particularly useful for multi-class classification.", "an opinion",
        "particularly useful",
    ),
]  # fmt: skip


def softmax(z):
    """Line 371 for every i. z (K,)."""
    return np.exp(z) / np.exp(z).sum()


def one(z):
    """The number 1 in the numbers of z."""
    return 1 + 0 * z.sum()


def _all_in_unit_interval() -> Outcome:
    """Is every element between 0 and 1, for inputs with zeros, negative numbers and numbers above one?"""
    chosen = [point["z"] for point in points(Z)]
    seen = np.concatenate([z.ravel() for z in chosen])
    inside = all((softmax(z) > 0).all() and (softmax(z) <= 1).all() for z in chosen)
    return observed(
        inside and seen.min() < 0 and seen.max() > 1 and (seen == 0).any(),
        f"at {len(chosen)} points with inputs from {seen.min():.3g} to {seen.max():.3g}",
    )


@claim(
    95, NAME.at(358), "formula", "holds",
    says="It is the normalized exponential: exponentials divided by what makes their sum 1.",
    printed="normalized exponential function",
)  # fmt: skip
def normalized_exponential() -> Evidence:
    def ratios(z):
        return softmax(z)[:, None] * np.exp(z)[None, :]

    proportional = same(ratios, lambda z: np.exp(z)[:, None] * softmax(z)[None, :], Z).about("same ratios as exp(z)")
    return judged(every(proportional, same(lambda z: softmax(z).sum(), one, Z).about("the sum")))


@claim(
    96, NAME.at(359), "shape", "holds",
    says="It turns a vector of K numbers into a vector of K numbers.", printed="vector of K real values",
)  # fmt: skip
def vector_to_vector() -> Evidence:
    return judged(has_shape(softmax, "K", Z))


@claim(97, NAME.at(359), "formula", "holds", says="Its elements sum to 1.", printed="**sum to 1**")
def sums_to_one() -> Evidence:
    return judged(same(lambda z: softmax(z).sum(), one, Z))


@claim(
    98, FORMULA.at(371), "formula", "holds",
    says="Element i is exp(z_i) divided by the sum of exp(z_j).", printed=r"\frac{e^{z_i}}{\sum_{j=1}^K e^{z_j}}",
)  # fmt: skip
def definition() -> Evidence:
    def by_differences(z):
        return 1 / np.exp(z[None, :] - z[:, None]).sum(axis=1)

    shifted = same(softmax, lambda z: softmax(z - z[0]), Z).about("against the same after a shift")
    return judged(every(same(softmax, by_differences, Z), shifted))


@claim(
    99, FORMULA.at(371), "formula", "convention",
    says="The softmax is a function g of one element z_i.", printed="g(z_i)",
    convention="g(z_i) is element i of g(z), and depends on all elements; on line 95 g acts on each element by itself",
)  # fmt: skip
def function_of_all() -> Evidence:
    at = [{"z": np.array([0.0, 0.0])}, {"z": np.array([0.0, 1.0])}, {"z": np.array([1.0, 2.0, 3.0])}]
    element = same(lambda z: softmax(z)[0], lambda z: np.exp(z[0]) / sum(np.exp(v) for v in z), at)
    alone = same(lambda z: softmax(z)[0], lambda z: softmax(z[:1] + 0 * z)[0], at)
    return conventional(element.about("g(z)_1"), alone.about("a function of z_1 alone, other elements replaced by z_1"))


@claim(
    100, FORMULA.at(369), "statement", "convention",
    says="The vector has elements z_1 to z_k; the sum runs to K.", printed=r"z_1, z_2, \dots, z_k",
    convention="k and K are the same number; were k less than K, the sum would need elements that are not there",
)  # fmt: skip
def small_and_large_k() -> Evidence:
    def sum_to(count):
        return lambda z: sum((np.exp(z[j]) for j in range(count)), 0 * z[0])

    at = [{"z": np.array([1.0, 2.0])}]
    return conventional(
        same(sum_to(2), lambda z: np.exp(z).sum(), at).about("k = K = 2"),
        same(sum_to(3), lambda z: np.exp(z).sum(), at).about("k = 2, K = 3"),
    )


# -- the layer --------------------------------------------------------------------------------------


@claim(
    101, ARCHITECTURE.at(378), "shape", "holds",
    says="The layer before needs a neuron for each class.", printed="**a neuron for each class**",
)  # fmt: skip
def neuron_for_each_class() -> Evidence:
    at = {"w": "K H", "a": "H", "b": "K"}
    return judged(has_shape(lambda w, a, b: softmax(w @ a + b), "K", at).about("K rows of weights"))


@claim(
    102, ARCHITECTURE.at(379), "shape", "holds",
    says="The output has as many elements as there are classes.", printed="a vector of this size",
)  # fmt: skip
def output_size() -> Evidence:
    return judged(has_shape(softmax, "K", Z))


@claim(
    103, ARCHITECTURE.at(380), "shape", "holds",
    says="With four classes there are four inputs and four outputs.", printed="four-class classification",
)  # fmt: skip
def four_classes() -> Evidence:
    return judged(has_shape(softmax, "4", {"z": "4"}))


@claim(
    104, RANGE.at(388), "statement", "holds",
    says="Whatever the inputs are, the outputs are between 0 and 1.", printed="values between 0 and 1",
)  # fmt: skip
def between_zero_and_one() -> Evidence:
    return judged(_all_in_unit_interval())


@claim(
    105, RANGE.at(388), "statement", "holds",
    says="So they can be read as probabilities: none is negative, and they sum to 1.",
    printed="interpreted as probabilities",
)  # fmt: skip
def probabilities() -> Evidence:
    return judged(every(_all_in_unit_interval(), same(lambda z: softmax(z).sum(), one, Z)))


@claim(
    106, RANGE.at(388), "formula", "convention",
    says="The inputs can be any numbers, also in a program.",
    printed="positive, negative, zero, or greater than one",
    convention="exact numbers; in floating point exp overflows above 709 in double precision, and the largest input "
      "has to be subtracted first",
)  # fmt: skip
def overflow() -> Evidence:
    z = np.array([1000.0, 0.0])
    exact = same(lambda z: softmax(z).sum(), one, [{"z": z}]).about("exactly, at z = [1000, 0], the sum")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        printed, shifted = softmax(z), softmax(z - z.max())
    floats = observed(
        bool(np.isfinite(printed).all()), f"in double precision {printed}; with 1000 subtracted {shifted}"
    )
    return conventional(exact, floats)


@claim(
    107, RANGE.at(393), "statement", "holds",
    says="No sigmoid is necessary before the softmax: it reaches all probabilities by itself.",
    printed="no necessity to use another activation function",
)  # fmt: skip
def no_sigmoid_needed() -> Evidence:
    at = [{"p": np.array(p)} for p in ([0.5, 0.5], [0.125, 0.875], [0.5, 0.25, 0.25], [0.0625, 0.9375])]
    return judged(same(lambda p: softmax(np.log(p)), lambda p: p, at).about("softmax of log p against p"))


@claim(
    108, RANGE.at(393), "statement", "convention",
    says="A sigmoid before the softmax is redundant.", printed="using sigmoid beforehand is redundant",
    convention="redundant means not needed to get probabilities, not without effect: with it no class gets more than "
      "e / (e + K - 1), about 0.73 of two",
)  # fmt: skip
def sigmoid_changes_the_result() -> Evidence:
    def with_sigmoid(z):
        return softmax(sigmoid(z))

    return conventional(
        same(lambda z: with_sigmoid(z).sum(), one, Z).about("probabilities with it too"),
        same(with_sigmoid, softmax, Z).about("the same as without"),
    )


@claim(
    109, RANGE.at(393), "statement", "holds",
    says="The softmax already makes probabilities of its inputs, the larger ones of the larger inputs.",
    printed="already handles the conversion to probabilities",
)  # fmt: skip
def larger_of_larger() -> Evidence:
    chosen = [point["z"] for point in points(Z)]
    ordered = all((np.diff(softmax(z)[np.argsort(z)]) >= 0).all() for z in chosen)
    return judged(
        every(_all_in_unit_interval(), observed(ordered, f"in the order of the inputs at {len(chosen)} points"))
    )
