"""Slides 'Convolutional Neural networks' to 'Unsupervised Learning': building blocks, and three ways of learning."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import conventional, every, judged, misread, observed
from ._pieces import LOST, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

CNN = Slide("#### Convolutional Neural networks (1)", 74)
BLOCKS = Slide("#### Convolutional Neural networks (2)", 83)
SUPERVISED = Slide("# Supervised Learning", 91)
REINFORCEMENT = Slide("## Reinforcement Learning", 105)
UNSUPERVISED = Slide("## Unsupervised Learning", 116)

CLAIMS += [
    uncheckable("002-022", CNN.at(74), "A convolutional network is pictured.", LOST),
    uncheckable(
        "002-023", CNN.at(81), "The overview stands in Insights into imaging 9 (2018), pages 611 to 629.",
        "a reference to literature: nothing to compute", "Insights into imaging 9 (2018): 611-629",
    ),
]  # fmt: skip


# -- convolutional networks -------------------------------------------------------------------------


def _convolved(x, f):
    """The filter at every place where it fits. x (n,), f (k,); result (n - k + 1,)."""
    return np.array([sum(f[j] * x[i + j] for j in range(len(f))) for i in range(len(x) - len(f) + 1)])


def _band(x, f):
    """The weights of the fully connected layer that does the same: the filter, shifted, and zeros elsewhere."""
    places = len(x) - len(f) + 1
    return np.array([[f[i - j] if 0 <= i - j < len(f) else 0 * f[0] for j in range(places)] for i in range(len(x))])


@claim(
    24, BLOCKS.at(85), "statement", "holds",
    says="A convolutional network is a regularized feed-forward network: a fully connected layer most of "
      "whose weights are zero, and the others shared.",
    printed="regularized feed-forward neural networks",
)  # fmt: skip
def restricted_layer() -> Evidence:
    equal = same(_convolved, lambda x, f: x @ _band(x, f), {"x": "5", "f": "2"})
    free, shared = 5 * 4, 2
    return judged(every(equal, observed(shared < free, f"{shared} weights to choose instead of {free}")))


@claim(
    25, BLOCKS.at(85), "statement", "holds",
    says="Its filters are learned by optimization: the loss has a gradient by them.",
    printed="via filter (or kernel) optimization",
)  # fmt: skip
def filter_gradient() -> Evidence:
    def by_filter(dy, x, f):
        return np.array([sum(dy[i] * x[i + j] for i in range(len(dy))) for j in range(len(f))])

    return judged(derivative(_convolved, by_filter, {"x": "5", "f": "2"}, by="f"))


@claim(
    26, BLOCKS.at(86), "statement", "convention",
    says="Regularization makes the answer simpler.", printed='changes the resulting answer to be "simpler."',
    convention="what simpler is depends on the penalty: with squared weights shorter, not fewer of them",
)  # fmt: skip
def simpler() -> Evidence:
    x, y = np.array([[1.0, 1.0], [1.0, 2.0], [2.0, 1.0]]), np.array([1.0, 3.0, 1.0])
    plain, ridge = (np.linalg.solve(x.T @ x + rate * np.eye(2), x.T @ y) for rate in (0.0, 1.0))
    said = f"weights {np.round(plain, 3).tolist()} without, {np.round(ridge, 3).tolist()} with the squares added"
    return conventional(
        observed(np.linalg.norm(ridge) < np.linalg.norm(plain), f"{said}: shorter"),
        observed(np.count_nonzero(ridge) < np.count_nonzero(plain), "as many of them not zero as before"),
    )


def _network(picture, kernel, w):
    """Convolution with a 3 x 3 filter, max pooling 2 x 2, fully connected. picture (6, 6), w (4, K)."""
    places = range(len(picture) - 2)
    maps = np.array([[(picture[i : i + 3, j : j + 3] * kernel).sum() for j in places] for i in places])
    pooled = maps.reshape(2, 2, 2, 2).max(axis=(1, 3))
    return maps, pooled, pooled.reshape(1, 4) @ w


@claim(
    27, BLOCKS.at(87), "shape", "holds",
    says="Convolution, pooling and fully connected layers fit together into a network.",
    printed="convolution, pooling, and fully connected layers",
)  # fmt: skip
def three_building_blocks() -> Evidence:
    at = {"picture": "6 6", "kernel": "3 3", "w": "4 K"}
    return judged(
        every(
            has_shape(lambda picture, kernel, w: _network(picture, kernel, w)[0], "4 4", at).about("convolution"),
            has_shape(lambda picture, kernel, w: _network(picture, kernel, w)[1], "2 2", at).about("pooling"),
            has_shape(lambda picture, kernel, w: _network(picture, kernel, w)[2], "1 K", at).about("fully connected"),
        )
    )


@claim(
    28, BLOCKS.at(88), "statement", "holds",
    says="Convolution and pooling extract features: an edge is found, and moves with the picture.",
    printed="Convolution and pooling layers perform feature extraction",
)  # fmt: skip
def features() -> Evidence:
    edge = np.array([[-1.0, 0.0, 1.0]] * 3)
    flat, left, right = np.ones((6, 6)), np.tile(np.arange(6) >= 2, (6, 1)), np.tile(np.arange(6) >= 4, (6, 1))
    found = [_network(1.0 * picture, edge, np.zeros((4, 2)))[1][0].tolist() for picture in (flat, left, right)]
    said = "pooled row for no edge, an edge at column 2, at column 4"
    return judged(observed(found == [[0, 0], [3, 0], [0, 3]], f"{said}: {found}"))


@claim(
    29, BLOCKS.at(89), "statement", "holds",
    says="The fully connected layer maps the features to the output: with a softmax, a probability for each class.",
    printed="maps the extracted features into the final",
)  # fmt: skip
def maps_to_classes() -> Evidence:
    def total(pooled, w):
        return softmax(pooled @ w).sum(axis=1)

    at = {"pooled": "N F", "w": "F K"}
    shape = has_shape(lambda pooled, w: softmax(pooled @ w), "N K", at)
    return judged(every(shape, same(total, lambda pooled, w: 1 + 0 * (pooled @ w).sum(axis=1), at).about("the sum")))


@claim(
    30, BLOCKS.at(89), "statement", "transcription",
    says="The features are mapped into the final output.", printed="Santa Cla Qutput",
    corrected="output: the Santa Clara on the slide's edge was read into the line",
)  # fmt: skip
def slide_edge() -> Evidence:
    words = ["Santa", "Cla", "Qutput"]
    wrong = sum(a != b for a, b in zip(words[-1].lower(), "output", strict=True))
    return misread(
        observed(words == ["output"], f"printed {' '.join(words)}"),
        observed(wrong == 1 and "Santa Clara".startswith(" ".join(words[:-1])), "one letter from 'output'"),
    )


# -- supervised learning ----------------------------------------------------------------------------


def _trained_neuron(targets: list[float]) -> np.ndarray:
    """Outputs of one sigmoid neuron after 2000 steps on the four points of two bits."""
    x = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    w, t = np.zeros(3), np.array(targets)
    for _ in range(2000):
        w = w - x.T @ (sigmoid(x @ w) - t)
    return sigmoid(x @ w)


@claim(
    31, SUPERVISED.at(93), "shape", "convention",
    says="The output vector is compared to the desired output.", printed="compared to the desired output D",
    convention="D is a vector like Y, a one for the right class; the y of the other slides is D on lines 330 and 502, "
      "and the network's output on lines 181 and 494",
)  # fmt: skip
def compared() -> Evidence:
    y, label = np.array([0.0, 0.0, 1.0]), 2
    hot = np.eye(3)[label]
    return conventional(
        observed(not (y - hot).any(), "output 0, 0, 1 and class 2, one-hot: no error"),
        observed(not (y - label).any(), f"and the class's number: {(y - label).tolist()}"),
    )


@claim(
    32, SUPERVISED.at(94), "statement", "convention",
    says="The weights are adjusted until the output matches the desired one, or is close to it.",
    printed="weights are adjusted until the actual output is matched with (or close to)",
    convention="the network can represent it: one neuron cannot learn XOR, however long it is adjusted",
)  # fmt: skip
def until_it_matches() -> Evidence:
    errors = {}
    for name, targets in (("AND", [0.0, 0, 0, 1]), ("XOR", [0.0, 1, 1, 0])):
        errors[name] = float(abs(_trained_neuron(targets) - np.array(targets)).max())
    return conventional(
        observed(errors["AND"] < 0.1, f"one neuron on AND: largest error {errors['AND']:.3f} after 2000 steps"),
        observed(errors["XOR"] < 0.1, f"on XOR: {errors['XOR']:.3f}"),
    )


@claim(
    33, SUPERVISED.at(95), "statement", "holds",
    says="The data contain the desired outputs: the weights' gradient cannot be computed without them.",
    printed="contains input vectors and labels",
)  # fmt: skip
def labels_are_needed() -> Evidence:
    def gradient(dy, w, x, d):
        y = x @ w
        return dy * x.T @ (y - d)

    at = {"w": "D K", "x": "N D", "d": "N K"}
    found = derivative(lambda w, x, d: ((x @ w - d) ** 2).sum() / 2, gradient, at, by="w")
    one, other = (gradient(1.0, np.ones((1, 1)), np.ones((1, 1)), np.array([[d]])).item() for d in (0.0, 3.0))
    return judged(every(found, observed(one != other, f"w = x = 1: {one:g} with d = 0, {other:g} with d = 3")))


CLAIMS += [
    uncheckable(
        "002-034", SUPERVISED.at(96), "Machine learning is most often used this way.",
        "a statement about how often, without a count", "Common ML applications",
    ),
    uncheckable(
        "002-035", SUPERVISED.at(98), "Supervised learning is pictured.", "the figure is lost; its source is given",
    ),
]  # fmt: skip


# -- reinforcement learning -------------------------------------------------------------------------

CLAIMS.append(
    uncheckable(
        "002-036", REINFORCEMENT.at(108), "The network receives a feedback signal R that depends on the output.",
        "it says what reinforcement is; its figure is lost", "feedback signal R based on the output Y",
    )
)  # fmt: skip


@claim(
    37, REINFORCEMENT.at(109), "statement", "holds",
    says="The weights can be adjusted for better feedback: rewards alone, tried out, give the gradient of the mean "
      "reward.",
    printed="weight adjustments for better feedback",
)  # fmt: skip
def policy_gradient() -> Evidence:
    def mean_of_trials(dy, z, r):
        p = softmax(z)
        return dy * sum(p[a] * r[a] * (np.eye(len(p))[a] - p) for a in range(len(p)))

    found = derivative(lambda z, r: (softmax(z) * r).sum(), mean_of_trials, {"z": "A", "r": "A"}, by="z")
    return judged(found.about("the mean over actions of R times the gradient of log p"))


@claim(
    38, REINFORCEMENT.at(109), "statement", "holds",
    says="It is a mechanism of reward and punishment: a rewarded output becomes likelier, a punished one less likely.",
    printed="reward and punishment mechanism",
)  # fmt: skip
def reward_and_punishment() -> Evidence:
    rng, changes = np.random.default_rng(0), {1: [], -1: []}
    for z in (np.zeros(2), *rng.standard_normal((20, 3)), *rng.standard_normal((20, 5))):
        for reward, seen in changes.items():
            p, action = softmax(z), int(rng.integers(len(z)))
            after = softmax(z + 0.1 * reward * (np.eye(len(z))[action] - p))
            seen.append(float(after[action] - p[action]))
    right = min(changes[1]) > 0 > max(changes[-1])
    least, most = min(changes[1]), max(changes[-1])
    return judged(observed(right, f"at 41 points its probability changes by at least {least:.2g}, at most {most:.2g}"))


CLAIMS += [
    uncheckable(
        "002-039", REINFORCEMENT.at(110), "It is used for cars, data centres, trading, language.",
        "a list of uses: nothing to compute", "Self-driving Cars",
    ),
]  # fmt: skip


# -- unsupervised learning --------------------------------------------------------------------------


def _clusters(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two units that compete for 40 points of two groups, without labels: points, units, which unit each point has."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2)) / 4 + np.where(np.arange(40)[:, None] < 20, -1.0, 1.0)
    units = np.random.default_rng(seed).standard_normal((2, 2)) / 10
    for _ in range(5):
        for point in x:
            winner = ((units - point) ** 2).sum(axis=1).argmin()
            units[winner] += 0.2 * (point - units[winner])
    return x, units, ((x[:, None] - units) ** 2).sum(axis=2).argmin(axis=1)


@claim(
    40, UNSUPERVISED.at(119), "statement", "holds",
    says="The network discovers patterns by itself: units that compete find two groups without a label.",
    printed="The network discovers by itself the patterns and features",
)  # fmt: skip
def finds_groups() -> Evidence:
    _, units, found = _clusters(0)
    right = len(set(found[:20])) == len(set(found[20:])) == 1 and found[0] != found[-1]
    return judged(observed(right, f"groups around (-1, -1) and (1, 1); units at {np.round(units, 2).tolist()}"))


@claim(
    41, UNSUPERVISED.at(119), "statement", "convention",
    says="It discovers the relation between the inputs and the output.",
    printed="the relation between the input data and the output",
    convention="up to the outputs' names: which group gets which output depends on the first weights",
)  # fmt: skip
def names_of_the_groups() -> Evidence:
    found = [_clusters(seed)[2] for seed in range(8)]
    groups = {tuple(f == f[0]) for f in found}
    return conventional(
        observed(len(groups) == 1, "eight first weights: the same two groups"),
        observed(len({int(f[0]) for f in found}) == 1, f"the first group's output: {[int(f[0]) for f in found]}"),
    )


@claim(
    42, UNSUPERVISED.at(120), "statement", "holds",
    says="It detects anomalies: a point that belongs to no group is farther from every unit than those that do.",
    printed="Anomaly detection",
)  # fmt: skip
def anomalies() -> Evidence:
    x, units, _ = _clusters(0)
    usual = np.sqrt(((x[:, None] - units) ** 2).sum(axis=2)).min(axis=1).max()
    odd = np.sqrt(((np.array([2.0, -2.0]) - units) ** 2).sum(axis=1)).min()
    return judged(
        observed(odd > 2 * usual, f"(2, -2) is {odd:.2f} from the nearest unit, the 40 points up to {usual:.2f}")
    )


CLAIMS += [
    uncheckable(
        "002-043", UNSUPERVISED.at(120), "It is used for clusters, association rules, recommendations, customers.",
        "a list of uses: nothing to compute", "association rule, recommendation system, customer segmentation",
    ),
]  # fmt: skip
