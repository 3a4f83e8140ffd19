"""Slides '6. Test Network' to '... Example (5)': winner take all, ReLU, sigmoid, softmax, their derivatives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._outcome import Outcome, conventional, every, judged, misread, observed
from .._points import points
from ._pieces import LOST, log10, relu, sigmoid, softmax

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

TEST = Slide("#### 6. Test Network", 606)
PICTURE = Slide("#### Backpropagation Gradient Descent", 624)
EXAMPLE_1 = Slide("### **Backpropagation Gradient Descent** Example (1)", 633)
EXAMPLE_2 = Slide("# Backpropagation Gradient Descent Example (2)", 641)
EXAMPLE_3 = Slide("# Backpropagation Gradient Descent Example (3)", 659)
EXAMPLE_4 = Slide("# Backpropagation Gradient Descent Example (4)", 678)
EXAMPLE_5 = Slide("# Backpropagation Gradient Descent Example (5)", 689)

OUTPUTS = (Fraction("0.82"), Fraction("0.31"))
TARGETS = (1, 0)
Z = {"z": "K"}


# -- winner take all --------------------------------------------------------------------------------


def _winner(outputs) -> tuple[int, ...]:
    """One for the largest output, the first of equal ones, and zero for the others."""
    first = max(range(len(outputs)), key=lambda k: outputs[k])
    return tuple(int(k == first) for k in range(len(outputs)))


@claim(
    205, TEST.at(608), "statement", "convention",
    says="The winner takes all: the largest output becomes 1, the others 0.",
    printed=r"$o_1 \rightarrow o_1 = 1, o_2 = 0$",
    convention="there is one largest output; of equal ones a rule has to choose",
)  # fmt: skip
def winner_takes_all() -> Evidence:
    def largest(outputs):
        return sum(o == max(outputs) for o in outputs)

    return conventional(
        observed(_winner(OUTPUTS) == (1, 0) and largest(OUTPUTS) == 1, f"0.82, 0.31 become {_winner(OUTPUTS)}"),
        observed(largest((Fraction(1, 2), Fraction(1, 2))) == 1, "0.5, 0.5 have two largest outputs"),
    )


def _record_output(number: int, line: int, index: int, printed: str) -> None:
    output, target = OUTPUTS[index], TARGETS[index]

    @claim(
        number, TEST.at(line), "number", "holds",
        says=f"Output {index + 1} is {float(output)}, and becomes its target {target}.", printed=printed,
    )  # fmt: skip
    def check() -> Evidence:
        read = [Fraction(number) for number in printed.split("\t")]
        right = read == [output, target] and _winner(OUTPUTS)[index] == target
        return judged(observed(right, f"winner take all gives {_winner(OUTPUTS)[index]}"))


_record_output(206, 618, 0, "0.82\t1.0")
_record_output(207, 619, 1, "0.31\t0.0")


@claim(
    208, TEST.at(619), "number", "transcription", says="The second output is called 02.", printed="02\t0.31",
    corrected="o_2, as o_1 on the line before",
)  # fmt: skip
def second_output() -> Evidence:
    names = ("o_1", "02")
    return misread(
        observed(len({name[0] for name in names}) == 1, f"names as read: {names}"),
        observed([name[-1] for name in names] == ["1", "2"], "the last signs count 1, 2"),
    )


@claim(
    209, TEST.at(619), "number", "convention",
    says="0.82 and 0.31 are the outputs of a network for classes.", printed="0.31",
    convention="sigmoid outputs (line 552), each a probability of its own; the softmax outputs of lines 412 and "
      "667 sum to 1",
)  # fmt: skip
def not_a_softmax() -> Evidence:
    total = sum(OUTPUTS)
    rounding = 2 * Fraction(5, 1000)
    return conventional(
        observed(all(0 < o < 1 for o in OUTPUTS), "each between 0 and 1"),
        observed(abs(total - 1) <= rounding, f"their sum is {float(total)}, rounding up to {float(rounding)}"),
    )


CLAIMS += [
    uncheckable("002-210", PICTURE.at(624), "Backpropagation gradient descent is pictured.", LOST),
    uncheckable("002-211", EXAMPLE_1.at(633), "The example's network: its sizes and weights.", LOST),
]


# -- ReLU and sigmoid -------------------------------------------------------------------------------


@claim(
    212, EXAMPLE_2.at(648), "formula", "holds",
    says="ReLU is the larger of 0 and x.", printed=r"\varphi_{H1}(x) = max(0, x)",
)  # fmt: skip
def relu_formula() -> Evidence:
    return judged(same(lambda x: relu(x) + 0 * x, lambda x: (x + abs(x)) / 2, {"x": "N"}).about("(x + |x|)/2"))


def _steps(x: Fraction) -> tuple[Fraction, Fraction]:
    """ReLU's difference quotients to the left and to the right, with a step that meets no other kink."""
    h = Fraction(1, 1000)

    def f(v):
        return max(Fraction(0), v)

    return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h


@claim(
    213, EXAMPLE_2.at(651), "formula", "convention",
    says="The derivative of ReLU is 1 for x > 0 and 0 for x ≤ 0.",
    printed=r"1 & \text{if } x > 0 \\ 0 & \text{if } x \le 0",
    convention="0 at x = 0, where there is no derivative: its slopes are 0 to the left and 1 to the right",
)  # fmt: skip
def relu_derivative() -> Evidence:
    def printed(x):
        return int(x > 0)

    away = [Fraction(n, 7) for n in (-40, -3, -1, 1, 2, 50)]
    right = all(_steps(x) == (printed(x), printed(x)) for x in away)
    left_slope, right_slope = _steps(Fraction(0))
    return conventional(
        observed(right, f"both one-sided slopes at {len(away)} points away from 0"),
        observed(left_slope == right_slope == printed(0), f"at 0 the slopes are {left_slope} and {right_slope}"),
    )


@claim(
    214, EXAMPLE_2.at(655), "formula", "holds",
    says="The sigmoid is 1/(1 + e^-x), here in the second hidden layer.",
    printed=r"\varphi_{H2}(x) = \frac{1}{1 + e^{-x}}",
)  # fmt: skip
def sigmoid_formula() -> Evidence:
    return judged(same(lambda x: sigmoid(x), lambda x: np.exp(x) / (1 + np.exp(x)), {"x": "N"}))


@claim(
    215, EXAMPLE_2.at(657), "formula", "holds",
    says="Its derivative is φ (1 - φ).", printed=r"\varphi'_{H2}(x) = \varphi(x)[1 - \varphi(x)]",
)  # fmt: skip
def sigmoid_derivative() -> Evidence:
    return judged(derivative(sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x)), {"x": "N"}, by="x"))


# -- softmax ----------------------------------------------------------------------------------------


@claim(
    216, EXAMPLE_3.at(665), "shape", "holds",
    says="The output layer's sums are a row of n_o numbers, one row for each sample.",
    printed=r"O_v = H2 \times W^O + B_O",
)  # fmt: skip
def sums_of_the_output() -> Evidence:
    at = {"h": "N G", "w": "G K", "b": "1 K"}
    return judged(has_shape(lambda h, w, b: h @ w + b, "N K", at))


@claim(
    217, EXAMPLE_3.at(667), "formula", "holds",
    says="The softmax's output i is e^o_vi over the sum of all of them.",
    printed=r"o_i = \frac{e^{o_{vi}}}{\sum_{k=1}^{n_o} e^{o_{vk}}}",
)  # fmt: skip
def softmax_formula() -> Evidence:
    def as_printed(z):
        return np.array([np.exp(z[i]) / sum(np.exp(z[k]) for k in range(len(z))) for i in range(len(z))])

    def by_differences(z):
        return np.array([1 / sum(np.exp(other - own) for other in z) for own in z])

    return judged(same(as_printed, by_differences, Z).about("against 1/Σ_k e^(z_k - z_i)"))


@claim(
    218, EXAMPLE_3.at(670), "statement", "convention",
    says="O_v is the vector output, and o_vi the output of neuron i.", printed="where  $O_v$  is the vector output",
    convention="output before the activation function; on lines 181 and 494 the output is what φ makes of the sums",
)  # fmt: skip
def output_before_the_activation() -> Evidence:
    at = {"h": "N G", "w": "G K", "b": "1 K"}

    def sums(h, w, b):
        return h @ w + b

    def logits(h, w, b):
        o = softmax(h @ w + b)
        return np.log(o) - np.log(o[:, :1]) + (h @ w + b)[:, :1]

    return conventional(
        same(sums, logits, at).about("O_v is the logarithm of the outputs, up to a constant in each row"),
        same(sums, lambda h, w, b: softmax(h @ w + b), at).about("O_v as the outputs"),
    )


def _own_derivative(log) -> Outcome:
    """s_i ∂log(s_i)/∂z_i, the logarithm's part found by differentiating, against ∂s_i/∂z_i."""

    def log_of_first(z):
        return log(softmax(z))[0]

    def printed(dy, z):
        s = softmax(z)
        scale = log(1 + 0 * s + np.exp(0 * s) * (np.exp(1 + 0 * s) - 1))[0]  # log(e): 1, or 1/ln(10)
        own = s[0] * scale * (1 - s[0])
        others = -s[0] * scale * s[1:]
        return dy * np.array([own, *others])

    def of_the_logarithm(dy, z):
        s = softmax(z)
        return printed(dy, z) / s[0]

    both = derivative(log_of_first, of_the_logarithm, Z, by="z").about("∂log(s_1)/∂z")
    return every(both, derivative(lambda z: softmax(z)[0], printed, Z, by="z", least=2).about("s_1 ∂log(s_1)/∂z"))


@claim(
    219, EXAMPLE_3.at(674), "derivation", "convention",
    says="The derivative of s_i is s_i times that of log(s_i).",
    printed=r"\frac{\partial s_i}{\partial z_i} = s_i \frac{\partial log(s_i)}{\partial z_i}",
    convention="the natural logarithm; line 542 needs log to be that to base 10, and then a factor ln 10 is "
      "missing here",
)  # fmt: skip
def logarithmic_derivative() -> Evidence:
    return conventional(_own_derivative(np.log).about("natural"), _own_derivative(log10).about("base 10"))


def _printed_diagonal(first: bool):
    """e^z_i Σ_{k≠i} e^z_k / (Σ e^z_k)² for every i; first: entry 1 as read, with its sum squared."""

    def entries(z):
        e = [np.exp(v) for v in z]
        total = sum(e[1:], e[0])
        rest = [sum((e[k] for k in range(len(e)) if k != i), 0 * e[0]) for i in range(len(e))]
        own = [e[i] * rest[i] / total**2 for i in range(len(e))]
        if first:
            own[0] = e[0] * rest[0] ** 2 / total**2
        return np.array(own)

    return entries


def _true_diagonal(z):
    s = softmax(z)
    return s * (1 - s)


@claim(
    220, EXAMPLE_4.at(685), "formula", "transcription",
    says="The first entry is e^it (Σ_{k≠1} e^o_vk)² over the squared sum.",
    printed=r"\frac{e^{it}(\sum_{k\neq 1}^{n_o} e^{ovk})^2}{\left(\sum_{k=1}^{n_o} e^{ovk}\right)^2}",
    corrected="e^o_v1 Σ_{k≠1} e^o_vk over the squared sum, in the form of the second entry: o_v1 was read as "
      "it, and the square belongs to the denominator",
)  # fmt: skip
def first_entry() -> Evidence:
    return misread(
        same(_printed_diagonal(first=True), _true_diagonal, Z).about("with the sum squared, and e^o_v1 for e^it"),
        same(_printed_diagonal(first=False), _true_diagonal, Z),
    )


@claim(
    221, EXAMPLE_4.at(685), "formula", "holds",
    says="Entry i is e^o_vi times the sum of the others over the squared sum: s_i (1 - s_i).",
    printed=r"\frac{e^{ov_2}(\sum_{k\neq 2}^{n_o} e^{ovk})}{\left(\sum_{k=1}^{n_o} e^{ovk}\right)^2}",
)  # fmt: skip
def other_entries() -> Evidence:
    def own_only(dy, z, c):
        e, rest = np.exp(z), np.exp(c).sum()
        return dy * e * rest / (e + rest) ** 2

    at = {"z": "", "c": "K"}
    found = derivative(lambda z, c: np.exp(z) / (np.exp(z) + np.exp(c).sum()), own_only, at, by="z")
    return judged(every(found.about("∂o_i/∂o_vi"), same(_printed_diagonal(first=False), _true_diagonal, Z)))


@claim(
    222, EXAMPLE_4.at(685), "formula", "transcription",
    says="The last entry has the exponent o_vn.", printed="e^{ov_n}(",
    corrected="o_v n_o: the sums run to n_o, and the entry is that of ∂o_{v n_o}",
)  # fmt: skip
def last_exponent() -> Evidence:
    def last(index):
        def entry(z):
            e = [np.exp(v) for v in z]
            return e[index(len(e))] * sum(e[:-1][1:], e[0]) / sum(e[1:], e[0]) ** 2

        return entry

    def right(z):
        return _true_diagonal(z)[-1]

    return misread(
        same(last(lambda count: 0), right, Z, least=2).about("with another n, here 1"),
        same(last(lambda count: count - 1), right, Z, least=2).about("with n = n_o"),
    )


def _carried(full: bool) -> Outcome:
    """∇ carried back through the softmax: with the whole Jacobian, or with its diagonal alone."""

    def back(dy, z):
        s = softmax(z)
        return s * (dy - (dy * s).sum()) if full else dy * _true_diagonal(z)

    return derivative(softmax, back, Z, by="z", least=2)


@claim(
    223, EXAMPLE_4.at(685), "formula", "erratum",
    says="The derivative of the softmax is a vector: each output's by its own sum.",
    printed=r"\begin{bmatrix} \frac{\partial o_1}{\partial o_{v1}} \\ \frac{\partial o_2}{\partial o_{v2}} \\ \vdots",
    corrected="an n_o x n_o matrix, s_i (1 if i = j else 0) - s_i s_j: every output depends on every sum, as "
      "the code on line 767 has it; the vector is its diagonal",
)  # fmt: skip
def only_the_diagonal() -> Evidence:
    return judged(_carried(full=False).about("two classes"), _carried(full=True).about("the whole matrix"))


@claim(
    224, EXAMPLE_3.at(674), "formula", "convention",
    says="The derivative of the softmax is that of s_i by z_i.", printed=r"\frac{\partial s_i}{\partial z_i}",
    convention="i = i only; for j ≠ i the same rule gives s_i ∂log(s_i)/∂z_j = -s_i s_j, which is not zero",
)  # fmt: skip
def own_sum_only() -> Evidence:
    def first(dy, z):
        s = softmax(z)
        return dy * np.array([s[0] * (1 - s[0]), *(-s[0] * s[1:])])

    found = derivative(lambda z: softmax(z)[0], first, Z, by="z").about("∂s_1/∂z, all entries")
    cross = max(abs(float(first(1.0, p["z"])[1])) for p in points(Z, least=2))
    return conventional(found, observed(cross == 0, f"∂s_1/∂z_2 is up to {cross:.3g}"))


# -- the whole example ------------------------------------------------------------------------------

NET = {"w1": "D H", "w2": "H G", "wo": "G K", "b1": "H", "b2": "G", "bo": "K", "x": "D", "u": "K"}


def _network(w1, w2, wo, b1, b2, bo, x):
    h1 = 0 * b1 + relu(x @ w1 + b1)
    h2 = sigmoid(h1 @ w2 + b2)
    return h1, h2, softmax(h2 @ wo + bo)


def _loss(w1, w2, wo, b1, b2, bo, x, u):
    return -(softmax(u) * np.log(_network(w1, w2, wo, b1, b2, bo, x)[2])).sum()


def _backward(full: bool):
    def gradients(dy, w1, w2, wo, b1, b2, bo, x, u):
        h1, h2, o = _network(w1, w2, wo, b1, b2, bo, x)
        nabla = -dy * softmax(u) / o
        jacobian = np.eye(len(o)) * o - np.outer(o, o) if full else np.eye(len(o)) * (o * (1 - o))
        d3 = jacobian @ nabla
        d2 = h2 * (1 - h2) * (wo @ d3)
        d1 = (h1 > 0) * (w2 @ d2)
        return np.outer(x, d1), np.outer(h1, d2), np.outer(h2, d3), d1, d2, d3

    return gradients


@claim(
    225, EXAMPLE_5.at(693), "derivation", "convention",
    says="Similar steps propagate the error back through softmax, sigmoid and ReLU.",
    printed="Follow the similar steps to propagate error backward to each layer",
    convention="with the softmax's whole Jacobian (line 767) in the place of φ' ∘; with the vector of line 685 all "
      "gradients are wrong",
)  # fmt: skip
def similar_steps() -> Evidence:
    by = "w1 w2 wo b1 b2 bo"
    with np.errstate(over="ignore"):  # in floats; the proof has numbers of any size
        whole = derivative(_loss, _backward(full=True), NET, by=by).about("whole Jacobian, all weights and biases")
        diagonal = derivative(_loss, _backward(full=False), NET, by=by, least=2).about("its diagonal")
    return conventional(whole, diagonal)
