"""Slides 'Outline' to 'Lost function – cross entropy': logistic outputs, softmax outputs, cross-entropy."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._outcome import conventional, every, judged, observed
from ._pieces import LOST, cross_entropy, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

EXAMPLE = Slide("# Multiclass classification example", 25)
EXAMPLE_AGAIN = Slide("### Multiclass classification example", 33)
LOGISTIC = Slide("### Multiclass classification with logistic regression", 38)
SOFTMAX = Slide("### Multiclass classification with softmax regression", 51)
SOFTMAX_AGAIN = Slide("### Multiclass classification with softmax regression", 63)
LOSS = Slide("### Lost function – cross entropy", 74)

CLAIMS += [
    uncheckable("000-001", EXAMPLE.at(25), "An example of a classification with several classes.", LOST),
    uncheckable("000-002", EXAMPLE_AGAIN.at(33), "The example, continued.", LOST),
    uncheckable(
        "000-003", LOGISTIC.at(45), "Logistic outputs are ideal for two classes.",
        "an opinion: what 'ideal' would be measured by is not said", "It is ideally for two-class classification",
    ),
    uncheckable(
        "000-004", SOFTMAX.at(53), "There is only one right answer.",
        "a premise about the task, not a result", "We expect that there is only one right answer",
    ),
    uncheckable(
        "000-005", SOFTMAX_AGAIN.at(65), "Softmax is mostly used in the last layer.",
        "a statement about how often networks that are not named use it", "mostly used in a final layer",
    ),
]  # fmt: skip


# -- logistic outputs -------------------------------------------------------------------------------


@claim(
    6, LOGISTIC.at(42), "formula", "holds",
    says="The sigmoid is 1 / (1 + e^-x).", printed=r"\sigma(x) = \frac{1}{1 + e^{-x}}",
)  # fmt: skip
def sigmoid_formula() -> Evidence:
    return judged(same(lambda x: sigmoid(x), lambda x: (1 + np.tanh(x / 2)) / 2, {"x": "n"}))


@claim(
    7, LOGISTIC.at(46), "statement", "holds",
    says="Logistic outputs are independent: each depends on its own z alone.", printed="The outputs are independent",
)  # fmt: skip
def independent_outputs() -> Evidence:
    def own_only(dy, z):
        return dy * sigmoid(z) * (1 - sigmoid(z))

    # A cross term would make the gradient of <dy, o> by z_j depend on the other components of dy.
    return judged(derivative(sigmoid, own_only, {"z": "C"}, by="z").about("a Jacobian with the diagonal alone"))


@claim(
    8, LOGISTIC.at(47), "statement", "holds",
    says="Logistic outputs can be high for all classes, for some, or for none.",
    printed="may produces high probability for all classes, some of them, or none of them",
)  # fmt: skip
def all_some_or_none() -> Evidence:
    cases = {"all": [3.0, 3.0, 3.0], "some": [3.0, 3.0, -3.0], "none": [-3.0, -3.0, -3.0]}
    high = {name: int((sigmoid(np.array(z)) > 0.9).sum()) for name, z in cases.items()}
    right = high == {"all": 3, "some": 2, "none": 0}
    return judged(observed(right, "outputs above 0.9 of three, with z = ±3", **high))


# -- softmax outputs --------------------------------------------------------------------------------


def _softmax_formula() -> Evidence:
    def by_differences(z):
        return np.array([1 / sum(np.exp(other - own) for other in z) for own in z])

    def as_printed(z):
        return np.array([np.exp(z[j]) / sum(np.exp(z[k]) for k in range(len(z))) for j in range(len(z))])

    return judged(same(as_printed, by_differences, {"z": "K"}).about("against 1 / Σ_k e^(z_k - z_j)"))


@claim(
    9, SOFTMAX.at(55), "formula", "holds",
    says="The softmax's jth output is e^z_j over the sum of all e^z_k.",
    printed=r"\sigma(z)_j = \frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}}",
)  # fmt: skip
def softmax_formula() -> Evidence:
    return _softmax_formula()


@claim(
    10, SOFTMAX.at(53), "statement", "holds",
    says="Softmax outputs exclude each other: no two classes can both have more than one half.",
    printed="the outputs are mutually exclusive",
)  # fmt: skip
def exclusive_outputs() -> Evidence:
    # Two outputs above 1/2 would sum to more than one; raising one z lowers every other output.
    def others(dy, z):
        o = softmax(z)
        return o * (dy - (dy * o).sum())

    coupled = derivative(softmax, others, {"z": "C"}, by="z").about("∂o_i/∂z_j is -o_i o_j < 0 for i ≠ j")
    total = same(lambda z: softmax(z).sum(), lambda z: 1 + 0 * z[0], {"z": "C"}).about("the outputs' sum against 1")
    return judged(every(total, coupled))


@claim(
    11, SOFTMAX.at(60), "statement", "holds",
    says="The softmax's outputs sum to one.", printed="the sum of the probabilities of output classes are equal to one",
)  # fmt: skip
def outputs_sum_to_one() -> Evidence:
    return judged(same(lambda z: softmax(z).sum(axis=1), lambda z: 1 + 0 * z[:, 0], {"z": "N C"}))


@claim(
    12, SOFTMAX.at(61), "statement", "holds",
    says="For two classes the sigmoid does what the softmax does for several: it is the softmax of (z, 0).",
    printed="Sigmoid is used for binary classification",
)  # fmt: skip
def sigmoid_is_softmax_of_two() -> Evidence:
    return judged(
        same(lambda z, c: sigmoid(z - c), lambda z, c: np.exp(z) / (np.exp(z) + np.exp(c)), {"z": "n", "c": "n"})
    )


@claim(
    13, SOFTMAX_AGAIN.at(66), "statement", "holds",
    says="The softmax's outputs are a probability distribution: positive, with sum one.",
    printed="The outputs are probability distribution",
)  # fmt: skip
def a_distribution() -> Evidence:
    def positive(z):
        o = softmax(z)
        return np.abs(o)

    at = {"z": "N C"}
    total = same(lambda z: softmax(z).sum(axis=1), lambda z: 1 + 0 * z[:, 0], at)
    return judged(every(total, same(softmax, positive, at).about("each output against its own absolute value")))


@claim(
    14, SOFTMAX_AGAIN.at(68), "statement", "holds",
    says="In a hidden layer the sigmoid leaves the outputs independent of each other, given their z.",
    printed="làm ngõ ra độc lập vs nhau",
)  # fmt: skip
def independent_hidden_outputs() -> Evidence:
    def own_only(dy, z):
        return dy * sigmoid(z) * sigmoid(-z)

    return judged(derivative(sigmoid, own_only, {"z": "N H"}, by="z").about("a Jacobian with the diagonal alone"))


@claim(
    15, SOFTMAX_AGAIN.at(70), "formula", "holds",
    says="The softmax, printed a second time.",
    printed=r"\sigma(z)_j = \frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}}",
)  # fmt: skip
def softmax_formula_again() -> Evidence:
    return _softmax_formula()


# -- cross-entropy ----------------------------------------------------------------------------------


def one_hot(label: int, classes: int) -> np.ndarray:
    """A row of the identity: (classes,)."""
    return np.eye(classes)[label]


@claim(
    16, LOSS.at(76), "statement", "holds",
    says="Cross-entropy is the negative log likelihood of the probability predicted for the label.",
    printed="negative log likelihood of the predicted probability",
)  # fmt: skip
def negative_log_likelihood() -> Evidence:
    at = {"z": "C"}
    return judged(
        same(
            lambda z: cross_entropy(one_hot(len(z) - 1, len(z)), softmax(z)),
            lambda z: np.log(sum(np.exp(v) for v in z)) - z[-1],
            at,
        ).about("of the last class")
    )


@claim(
    17, LOSS.at(81), "formula", "holds",
    says="The loss is minus the sum over the classes of y_i log(o_i).",
    printed=r"Loss = -\sum_{i=1}^{M} y_i \log(o_i)",
)  # fmt: skip
def loss_formula() -> Evidence:
    def term_by_term(z, y):
        o = softmax(z)
        return sum(y[i] * np.log(1 / o[i]) for i in range(len(y)))

    return judged(same(lambda z, y: cross_entropy(y, softmax(z)), term_by_term, {"z": "M", "y": "M"}))


@claim(
    18, LOSS.at(83), "statement", "convention",
    says="M is the number of classes.", printed="M – number of classes",
    convention="M counts classes on this slide only: lines 99 and 109 call the classes K, and on line 99 M is the "
      "number of inputs",
)  # fmt: skip
def number_of_classes() -> Evidence:
    def summed_to(count: int):
        return lambda y, z: -sum(y[i] * np.log(softmax(z)[i]) for i in range(count))

    rng = np.random.default_rng(0)
    at = [{"y": rng.standard_normal(3), "z": rng.standard_normal(3)}]
    right = same(summed_to(3), lambda y, z: cross_entropy(y, softmax(z)), at).about("with M = 3 classes")
    inputs = same(summed_to(2), lambda y, z: cross_entropy(y, softmax(z)), at).about("with M = 2 inputs, as on line 99")
    return conventional(right, inputs)


@claim(
    19, LOSS.at(86), "statement", "convention",
    says="y is the class label.", printed="y: class label",
    convention="one-hot: y_i is 1 for the label's class and 0 elsewhere (np.eye on line 336), not the class's number",
)  # fmt: skip
def label_is_one_hot() -> Evidence:
    def right(z):
        return np.log(sum(np.exp(v) for v in z)) - z[2]

    at = [{"z": np.array([1.0, 2.0, 0.5])}]
    hot = same(lambda z: cross_entropy(one_hot(2, 3), softmax(z)), right, at).about("class 2, one-hot")
    number = same(lambda z: cross_entropy(2, softmax(z)), right, at).about("with y = 2")
    return conventional(hot, number)


@claim(
    20, LOSS.at(88), "statement", "holds",
    says="o is a predicted probability: with it the loss is never negative, and 0 only where the label has all of it.",
    printed="o: predicted probability observation",
)  # fmt: skip
def probabilities_make_a_loss() -> Evidence:
    def positive(z):
        return np.abs(cross_entropy(one_hot(0, len(z)), softmax(z)))

    def as_it_is(z):
        return cross_entropy(one_hot(0, len(z)), softmax(z))

    return judged(same(as_it_is, positive, {"z": "C"}, least=2).about("the loss against its absolute value"))
