"""Slides 'Artificial Neural Networks' to 'Recurrent Neural Networks': what each kind of network is said to be."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
from flint import arb_mat

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import ball, derivative, digits, same
from .._outcome import conventional, every, judged, observed
from ._pieces import LOST, sigmoid

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

TITLE = Slide("#### **Artificial Neural Networks**", 8)
MLP = Slide("#### Multilayer Perceptron Networks (MLP)", 21)
RBF = Slide("#### Radial Basis Function Networks (RBF)", 34)
DEEP = Slide("#### Deep Neural Networks (DNNs)", 51)
RECURRENT = Slide("#### Recurrent Neural Networks", 63)

SIZES = (4, 3, 4, 2)
"""The network of lines 144 to 183."""

CLAIMS.append(uncheckable("002-001", TITLE.at(8), "An artificial neural network is pictured.", LOST))


# -- multilayer perceptrons -------------------------------------------------------------------------


@claim(
    2, MLP.at(26), "statement", "convention",
    says="A multilayer perceptron has at least three layers.", printed="with, at least, three layers",
    convention="the input counts as a layer, so that one hidden layer is enough; with the counting of lines 409 and "
      "410 (a matrix for each of L layers) that network has two",
)  # fmt: skip
def three_layers() -> Evidence:
    smallest = (4, 3, 2)
    weights = [np.zeros(shape) for shape in pairwise(smallest)]
    return conventional(
        observed(len(smallest) >= 3, f"a 4-3-2 network, input counted, has {len(smallest)} layers"),
        observed(len(weights) >= 3, f"it has {len(weights)} matrices W^l, so L = {len(weights)}"),
    )


@claim(
    3, MLP.at(26), "statement", "holds",
    says="Its activation function has to be nonlinear: without one the layers are a single affine layer.",
    printed="a nonlinear activation function",
)  # fmt: skip
def nonlinear() -> Evidence:
    at = {"w1": "D H", "w2": "H K", "x": "N D", "b1": "H", "b2": "K"}

    def one_layer(w1, w2, x, b1, b2):
        return x @ (w1 @ w2) + (b1 @ w2 + b2)

    def second_difference(f):
        return float(f(np.array(0.0)) - 2 * f(np.array(1.0)) + f(np.array(2.0)))

    linear = same(lambda w1, w2, x, b1, b2: (x @ w1 + b1) @ w2 + b2, one_layer, at).about("two layers without one")
    bent = second_difference(sigmoid)
    return judged(every(linear, observed(bent != 0, f"σ(0) - 2 σ(1) + σ(2) is {bent:.4f}, and 0 for every affine map")))


@claim(
    4, MLP.at(27), "statement", "convention",
    says="Each neuron is connected to all neurons in a subsequent layer.",
    printed="connected to all neurons in a subsequent layer",
    convention="a subsequent layer is the next one only: the 4-3-4-2 network of lines 152 to 179 has no weight that "
      "skips a layer",
)  # fmt: skip
def next_layer() -> Evidence:
    printed = 3 * 4 + 4 * 3 + 2 * 4  # the products on lines 152-156, 160-167 and 177-179
    following = sum(a * b for a, b in pairwise(SIZES))
    all_later = sum(a * b for k, a in enumerate(SIZES) for b in SIZES[k + 1 :])
    return conventional(
        observed(following == printed, f"to the next layer: {following} weights, and {printed} are printed"),
        observed(all_later == printed, f"to every later layer: {all_later}"),
    )


def _wires(sizes: tuple[int, ...], feedback: bool = False) -> np.ndarray:
    """Entry (i, j) is 1 where neuron j reads neuron i; feedback: the first hidden layer reads itself too."""
    ends = np.cumsum((0, *sizes))
    wires = np.zeros((ends[-1], ends[-1]), dtype=int)
    for k in range(len(sizes) - 1):
        wires[ends[k] : ends[k + 1], ends[k + 1] : ends[k + 2]] = 1
    if feedback:
        wires[ends[1] : ends[2], ends[1] : ends[2]] = 1
    return wires


def _ends(wires: np.ndarray) -> bool:
    """Is there no way of wires that comes back? A power of the matrix is zero then."""
    return not np.linalg.matrix_power(np.minimum(wires, 1), len(wires)).any()


@claim(
    5, MLP.at(28), "statement", "holds",
    says="In a feedforward network information travels in one direction: no way through it comes back.",
    printed="information travels in one direction",
)  # fmt: skip
def one_direction() -> Evidence:
    return judged(
        every(
            observed(_ends(_wires(SIZES)), "in the 4-3-4-2 network every way ends"),
            observed(not _ends(_wires(SIZES, feedback=True)), "with a hidden layer that reads itself one does not"),
        )
    )


# -- radial basis functions -------------------------------------------------------------------------


def _gauss(x, c, s):
    """exp(-s² |x - c|²). x (D,), c (K, D), s (K,)."""
    return np.exp(-(s**2) * ((x - c) ** 2).sum(axis=1))


@claim(
    6, RBF.at(41), "statement", "holds",
    says="Its activation functions are radial: they depend on the distance from a centre alone.",
    printed="with radial basis",
)  # fmt: skip
def radial() -> Evidence:
    turn = np.array([[3.0, -4.0], [4.0, 3.0]])  # five times a rotation: no rounding

    def turned(x, c, s):
        return _gauss(c[0] + turn @ (x - c[0]), c, s)[0]

    at = {"x": "2", "c": "1 2", "s": "1"}
    return judged(
        same(turned, lambda x, c, s: _gauss(c[0] + 5 * (x - c[0]), c, s)[0], at).about(
            "the input turned about the centre, and moved straight out as far"
        )
    )


@claim(
    7, RBF.at(43), "formula", "holds",
    says="The output is a linear combination of the basis functions: linear in the output weights.",
    printed="The output is a linear combination of radial basis functions",
)  # fmt: skip
def linear_in_the_weights() -> Evidence:
    def combined(x, c, s, v, w):
        return _gauss(x, c, s) @ (3 * v - 2 * w)

    at = {"x": "D", "c": "K D", "s": "K", "v": "K", "w": "K"}
    return judged(same(combined, lambda x, c, s, v, w: 3 * (_gauss(x, c, s) @ v) - 2 * (_gauss(x, c, s) @ w), at))


@claim(
    8, RBF.at(43), "formula", "holds",
    says="The basis functions depend on inputs and neuron parameters: centre and width can be learned by gradient.",
    printed="of the inputs and neuron parameters",
)  # fmt: skip
def learned_parameters() -> Evidence:
    def gradients(dy, x, c, s, w):
        g = dy * w * _gauss(x, c, s)
        return 2 * (g * s**2)[:, None] * (x - c), -2 * g * s * ((x - c) ** 2).sum(axis=1)

    at = {"x": "D", "c": "K D", "s": "K", "w": "K"}
    return judged(derivative(lambda x, c, s, w: _gauss(x, c, s) @ w, gradients, at, by="c s"))


@claim(
    9, RBF.at(44), "statement", "holds",
    says="They approximate: a Gaussian on each of some points can take any values there.", printed="in approximation",
)  # fmt: skip
def approximation() -> Evidence:
    chosen = ((0, 0), (1, 0), (0, 2), (3, 1), (-1, 4))
    entries = [[(-ball(Fraction((p - r) ** 2 + (q - s) ** 2, 4))).exp() for r, s in chosen] for p, q in chosen]
    determinant = arb_mat(entries).det()
    said = f"the matrix of five Gaussians at five points has determinant {digits(determinant, 4)}"
    return judged(observed(not determinant.contains(0), said))


@claim(
    10, RBF.at(44), "statement", "holds",
    says="They predict time series: the next value of a chaotic one from the one before.",
    printed="time series prediction",
)  # fmt: skip
def time_series() -> Evidence:
    series = [0.3]
    for _ in range(59):
        series.append(4 * series[-1] * (1 - series[-1]))
    past, following = np.array(series[:-1]), np.array(series[1:])
    centres = np.linspace(0, 1, 6)
    features = np.exp(-((past[:, None] - centres) ** 2) / (2 * 0.2**2))
    weights = np.linalg.lstsq(features[:30], following[:30], rcond=None)[0]
    worst = abs(features[30:] @ weights - following[30:]).max()
    spread = abs(following[30:] - following[:30].mean()).max()
    said = f"x → 4 x (1 - x), six units fitted to 30 values: off by at most {worst:.2g} on 29 others, their mean by"
    return judged(observed(worst < spread / 10, f"{said} {spread:.2g}"))


@claim(
    11, RBF.at(44), "statement", "holds",
    says="They classify: two Gaussian units make the classes of XOR separable by a line.", printed="classification",
)  # fmt: skip
def classification() -> Evidence:
    x, label = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    features = np.stack([_gauss(row, np.array([[0.0, 0], [1, 1]]), np.ones(2)) for row in x])
    found = (features.sum(axis=1) < 1).astype(int)
    shown = ", ".join(f"{v:.3f}" for v in features.sum(axis=1))
    return judged(
        observed((found == label).all(), f"the two units' sum at the four points: {shown}; the line is sum 1")
    )


CLAIMS += [
    uncheckable(
        "002-012", RBF.at(44), "They are used in system control.", "no such system is described", "system control",
    ),
]  # fmt: skip


# -- shallow and deep -------------------------------------------------------------------------------


def _names(hidden: int, most_of_shallow: int) -> str:
    return "shallow" if 1 <= hidden <= most_of_shallow else "deep" if hidden else "no hidden layer"


@claim(
    13, DEEP.at(55), "statement", "convention",
    says="One or two hidden layers make a shallow network, as the 4-3-4-2 network of this lecture.",
    printed="with 1 or 2 hidden layers are called shallow networks",
    convention="a name: others call a network with two hidden layers deep",
)  # fmt: skip
def shallow() -> Evidence:
    hidden = len(SIZES) - 2
    return conventional(
        observed(_names(hidden, 2) == "shallow", "shallow up to two hidden layers: 4-3-4-2 is shallow"),
        observed(_names(hidden, 1) == "shallow", "shallow with one only: 4-3-4-2 is deep"),
    )


@claim(
    14, DEEP.at(56), "statement", "convention",
    says="More hidden layers make a deep network.", printed="with more hidden layers are called Deep Neural Networks",
    convention="a name: more than two here, more than one elsewhere",
)  # fmt: skip
def deep() -> Evidence:
    here, elsewhere = ([hidden for hidden in range(1, 5) if _names(hidden, most) == "deep"] for most in (2, 1))
    return conventional(
        observed(here == [3, 4], f"hidden layers of a deep network, of 1 to 4: {here}"),
        observed(elsewhere == [3, 4], f"with the other name {elsewhere}"),
    )


CLAIMS += [
    uncheckable(
        "002-015", DEEP.at(57), "Shallow networks are for simple tasks such as image classification.",
        "an opinion: what makes a task simple is not said (line 89 gives classification to convolutional networks)",
        "Shallow ANNs are for simple tasks",
    ),
    uncheckable(
        "002-016", DEEP.at(58), "Deep networks are for complex tasks such as segmentation and language.",
        "an opinion: what makes a task complex is not said", "DNNs are for complex tasks",
    ),
]  # fmt: skip


# -- recurrent networks -----------------------------------------------------------------------------


@claim(
    17, RECURRENT.at(69), "statement", "holds",
    says="A recurrent network has feedback connections: a way through it comes back to a neuron.",
    printed="recurrent or feedback",
)  # fmt: skip
def feedback() -> Evidence:
    return judged(
        every(
            observed(
                not _ends(_wires((4, 3, 2), feedback=True)), "hidden neurons that read each other: a way has no end"
            ),
            observed(_ends(_wires((4, 3, 2))), "without them every way ends"),
        )
    )


def _states(x, w, u):
    """s_t = σ(w x_t + u s_(t-1)) from s_0 = 0, all of them. x (T,), w and u scalars."""
    states = [0 * w]
    for value in x:
        states.append(sigmoid(w * value + u * states[-1]))
    return states


@claim(
    18, RECURRENT.at(71), "statement", "holds",
    says="Recurrent networks maintain temporal information: the last state depends on the first input.",
    printed="overcome the problem of maintaining temporal information",
)  # fmt: skip
def temporal_information() -> Evidence:
    def through_time(dy, x, w, u):
        d, by_x = dy, []
        for s in reversed(_states(x, w, u)[1:]):
            d = d * s * (1 - s)
            by_x.insert(0, d * w)
            d = d * u
        return np.array(by_x)

    found = derivative(lambda x, w, u: _states(x, w, u)[-1], through_time, {"x": "T", "w": "", "u": ""}, by="x")
    first = through_time(1.0, np.array([1.0, 2.0, 3.0]), np.array(1.0), np.array(1.0))[0]
    return judged(every(found.about("∂s_T/∂x_t"), observed(first != 0, f"∂s_3/∂x_1 at 1, 2, 3 is {first:.4g}")))


@claim(
    19, RECURRENT.at(71), "statement", "holds",
    says="Training them is harder: the gradient has a factor for each step, and vanishes or explodes.",
    printed="suffer the complexity in training",
)  # fmt: skip
def vanishes_or_explodes() -> Evidence:
    def by_first(u, steps):
        """|∂s_T/∂s_0| with no input and biases that keep every state at 1/2."""
        return float(np.prod([abs(u) * 0.5 * (1 - 0.5)] * steps))

    small, large = [by_first(1.0, t) for t in (1, 10, 50)], [by_first(8.0, t) for t in (1, 10, 50)]
    right = small[-1] < 1e-20 and large[-1] > 1e12
    said = [", ".join(f"{v:.2g}" for v in values) for values in (small, large)]
    return judged(observed(right, f"sigmoid states at 1/2 after 1, 10, 50 steps: u = 1 {said[0]}; u = 8 {said[1]}"))


@claim(
    20, RECURRENT.at(72), "statement", "holds",
    says="They learn sequences: trained on sums of up to four numbers, a linear one sums longer sequences too.",
    printed="learning sequences",
)  # fmt: skip
def learns_sequences() -> Evidence:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 4)) * (np.arange(4) < rng.integers(1, 5, (64, 1)))
    w = u = 0.5
    for _ in range(800):
        s, by_w, by_u = np.zeros(64), np.zeros(64), np.zeros(64)
        for column in x.T:
            by_w, by_u, s = column + u * by_w, s + u * by_u, w * column + u * s
        error = s - x.sum(axis=1)
        w, u = w - 0.05 * (error * by_w).mean(), u - 0.05 * (error * by_u).mean()
    longer, s = np.array([1.0, -2, 3, 4, 5, -6, 7]), 0.0
    for value in longer:
        s = w * value + u * s
    return judged(observed(abs(s - longer.sum()) < 1e-3, f"seven numbers with sum {longer.sum():g}: {s:.6f}"))


@claim(
    21, RECURRENT.at(72), "statement", "convention",
    says="They are applicable to tree structures.", printed="tree structures",
    convention="a recursive network, whose cell joins two states; a recurrent one is its case of a chain, and "
      "sees of a tree only the leaves in order",
)  # fmt: skip
def trees() -> Evidence:
    def over(tree, w, u):
        if not isinstance(tree, tuple):
            return tree
        left, right = (over(branch, w, u) for branch in tree)
        return sigmoid(u * left + w * right)

    def chain(x, w, u):
        return over((((0 * w, x[0]), x[1]), x[2]), w, u)

    def balanced(x, w, u):
        return over(((0 * w, x[0]), (x[1], x[2])), w, u)

    at = {"x": "3", "w": "", "u": ""}
    return conventional(
        same(chain, lambda x, w, u: _states(x, w, u)[-1], at).about("a recursive cell over a chain is recurrent"),
        same(balanced, lambda x, w, u: _states(x, w, u)[-1], at).about("a recurrent one instead of a balanced tree"),
    )
