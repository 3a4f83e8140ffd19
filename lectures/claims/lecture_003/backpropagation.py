"""Slides 'Multi Layer Derivative?' to 'XOR Gate Example', and the summary: what backpropagation is said to be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._listings import listing
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import sigmoid, squared_errors

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

VECTORISED = Slide("Gradient Descent Example Vectorized", 623)
CHAIN_VECTORISED = Slide("Chain Rule Vectorized", 626)
SINGLE = Slide("Single Layer Derivative, Easy", 635)
MULTI = Slide("Multi Layer Derivative?", 639)
STACKS = Slide("MLPs = Stacks of Linear Functions", 652)
PROPAGATE = Slide("Back Propagate the Gradient", 660)
BACKPROPAGATION = Slide("Backpropagation", 673)
TWO_STEPS = Slide("2-steps in Backpropagation", 680)
XOR = Slide("XOR Gate Example", 693)
FORWARD = Slide("Forward Pass", 712)
BACKWARD = Slide("Backward Pass", 716)
COMPLETE = Slide("Complete Step (Iteration)", 720)
NETWORK = Slide("Neural Network Simplified", 754)
SUMMARY = Slide("Summary so far", 906)

NET = {"x": "N D", "w1": "D H", "b1": "H", "w2": "H C", "b2": "C", "y": "N C"}

LOST = "only the slide's heading is in the text; its figure is lost"
CLAIMS += [
    uncheckable("003-127", VECTORISED.at(623), "The example of the four points, in vectorised form.", LOST),
    uncheckable("003-128", CHAIN_VECTORISED.at(626), "The chain rule, in vectorised form.", LOST),
    uncheckable("003-129", SINGLE.at(635), "The derivative of a single layer is "
      "easy.", "an opinion; the slide's figure is lost"),
    uncheckable(
        "003-130", MULTI.at(648), "The derivative of the nested expression is complicated to calculate as a "
          "whole.", "an opinion",
        "Complicated to calculate as a whole",
    ),
    uncheckable("003-131", FORWARD.at(712), "The forward pass of the XOR network in pictures.", LOST),
    uncheckable("003-132", BACKWARD.at(716), "The backward pass of the XOR network in pictures.", LOST),
    uncheckable("003-133", COMPLETE.at(720), "One complete iteration of the XOR network in pictures.", LOST),
    uncheckable("003-134", SUMMARY.at(908), "Neural networks will be very "
      "large.", "a forecast without a number", "**very large**"),
    uncheckable(
        "003-135", SUMMARY.at(909), "Writing gradient formulas by hand for all parameters is "
          "impractical.", "an opinion",
        "Impractical to write down gradient formula by hand",
    ),
    uncheckable(
        "003-136", SUMMARY.at(912), "Implementations keep a graph with a forward and a backward.",
        "a statement about implementations that are not named", "Implementations maintain a **graph structure**",
    ),
]  # fmt: skip


def network(x, w1, b1, w2, b2):
    """Line 706 and 708 twice: sigmoid of an affine map of the sigmoid of an affine map."""
    return sigmoid(sigmoid(x @ w1 + b1) @ w2 + b2)


def loss(x, w1, b1, w2, b2, y):
    """Half the sum of squared errors of the network."""
    return squared_errors(network(x, w1, b1, w2, b2), y) / 2


def layer_by_layer(dy, x, w1, b1, w2, b2, y):
    """Gradients by x, w1, b1, w2, b2, from the output backwards, each layer's own gradient times what reaches it."""
    a1 = sigmoid(x @ w1 + b1)
    a2 = sigmoid(a1 @ w2 + b2)
    v2 = dy * (a2 - y) * (a2 - a2**2)
    v1 = v2 @ w2.T * (a1 - a1**2)
    return v1 @ w1.T, x.T @ v1, v1.sum(axis=0), a1.T @ v2, v2.sum(axis=0)


@claim(
    137, MULTI.at(641), "formula", "holds",
    says="f(W_3 f(W_2 f(W_1 x))) with the sigmoid for f, written out in one "
      "expression.", printed=r"f(W_3 f(W_2 f(W_1 x)))",
)  # fmt: skip
def nested() -> Evidence:
    def written_out(a, b, c, x):
        return 1 / (1 + np.exp(-(c * (1 / (1 + np.exp(-(b * (1 / (1 + np.exp(-(a * x)))))))))))

    at = {"a": "", "b": "", "c": "", "x": ""}
    return judged(same(written_out, lambda a, b, c, x: sigmoid(c * sigmoid(b * sigmoid(a * x))), at))


@claim(
    138, MULTI.at(649), "statement", "holds",
    says="The derivative of the expression as a whole changes everywhere when one of its functions changes.",
    printed="Modifying any function require re-derive from scratch",
)  # fmt: skip
def one_function_changed() -> Evidence:
    # The derivative by W_1 with one f in the middle changed: the formula derived for the sigmoid no longer is it.
    def gradient(dy, a, b, x):
        inner = sigmoid(a * x)
        outer = sigmoid(b * inner)
        return dy * (outer - outer**2) * b * (inner - inner**2) * x

    at = {"a": "", "b": "", "x": ""}
    before = derivative(lambda a, b, x: sigmoid(b * sigmoid(a * x)), gradient, at, by="a")
    after = derivative(lambda a, b, x: sigmoid(b * np.tanh(a * x)), gradient, at, by="a")
    wrong = Outcome(
        after.holds is False, f"with tanh inside, the formula derived before is wrong: {after.text}", after.numbers
    )
    return judged(every(before, wrong))


@claim(
    139, STACKS.at(652), "statement", "convention",
    says="A multi-layer perceptron is a stack of linear functions.", printed="MLPs = Stacks of Linear Functions",
    convention="a linear function counts with its transformation, the f of line 641; by itself, a stack of them is "
      "one affine map",
)  # fmt: skip
def stack_of_linear_functions() -> Evidence:
    # Every affine f has f(0,0) + f(1,1) = f(0,1) + f(1,0); XOR, which the lecture's network learns, has 0 and 2.
    corners = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    signs = np.array([1, 1, -1, -1])
    at = {"w1": "2 H", "b1": "H", "w2": "H C", "b2": "C"}

    def defect(f: Callable[..., Any]) -> Callable[..., Any]:
        return lambda w1, b1, w2, b2: signs @ (f(f(corners @ w1 + b1) @ w2 + b2))

    def none(w1, b1, w2, b2):
        return 0 * b2

    linear = same(defect(lambda v: v), none, at)
    with_sigmoid = same(defect(sigmoid), none, at)
    defects = "f(0,0) + f(1,1) - f(0,1) - f(1,0)"
    return conventional(
        Outcome(
            with_sigmoid.holds is False and linear.holds,
            f"with the sigmoid after each, {defects} need not be 0: {with_sigmoid.text}",
            with_sigmoid.numbers,
        ),
        Outcome(
            None if linear.holds is None else not linear.holds,
            f"of any stack of affine maps {defects} is 0, and of XOR, which the lecture's network learns, it is -2",
        ),
    )


@claim(
    180, STACKS.at(654), "statement", "holds",
    says="Each layer of a network uses the same functions: the two-layer listing calls the same pair twice.",
    printed="Each layer use the **same function**",
)  # fmt: skip
def same_functions() -> Evidence:
    source = listing("003_two_layers")
    calls = {name: source.count(f"{name}(") for name in ("affine_forward", "sigmoid_forward")}
    said = ", ".join(f"{name} {count} times" for name, count in calls.items())
    return judged(observed(set(calls.values()) == {2}, f"lines 889 to 901 call {said}"))


@claim(
    140,
    STACKS.at(655),
    "statement",
    "holds",
    says="Each layer's backward gives a gradient by w and one by x.",
    printed="we get ∂w and ∂x",
)
def weights_and_inputs() -> Evidence:
    def gradient(dy, x, w, b):
        return dy @ w.T, x.T @ dy, dy.sum(axis=0)

    return judged(derivative(lambda x, w, b: x @ w + b, gradient, {"x": "N D", "w": "D M", "b": "M"}, by="x w b"))


@claim(
    141, PROPAGATE.at(663), "formula", "convention",
    says="What a gate passes back is the external gradient times its local "
      "gradient.", printed="Output Gradient = external gradient * local gradient",
    convention="each value feeds one gate only; where it feeds several, what they pass back is added",
)  # fmt: skip
def external_times_local() -> Evidence:
    at = {"x": "", "y": ""}
    one_gate = derivative(
        lambda x, y: sigmoid(x * y), lambda dy, x, y: dy * (sigmoid(x * y) - sigmoid(x * y) ** 2) * y, at, by="x"
    )
    two_gates = derivative(lambda x, y: x * y + sigmoid(x), lambda dy, x, y: dy * y, at, by="x")
    return conventional(one_gate.about("x in one gate"), two_gates.about("x in two gates, one of them followed"))


@claim(
    142, BACKPROPAGATION.at(676), "statement", "holds",
    says="The gradients of all weights come from the error at the output, flowing back through the layers.",
    printed="flowing gradient error",
)  # fmt: skip
def from_the_output_back() -> Evidence:
    return judged(derivative(loss, layer_by_layer, NET, by="x w1 b1 w2 b2"))


@claim(
    143, TWO_STEPS.at(687), "statement", "holds",
    says="The backward pass needs what the forward pass computed: its gradients change with the input.",
    printed="Propagate back the errors to the weights via their gradients",
)  # fmt: skip
def forward_then_backward() -> Evidence:
    rng = np.random.default_rng(0)
    w1, b1, w2, b2, y = (
        rng.standard_normal((2, 3)),
        np.zeros(3),
        rng.standard_normal((3, 1)),
        np.zeros(1),
        np.zeros((1, 1)),
    )
    both = [layer_by_layer(1.0, x, w1, b1, w2, b2, y)[3] for x in (np.zeros((1, 2)), np.ones((1, 2)))]
    return judged(observed(not np.array_equal(*both), "the same weights and target, two inputs: two gradients by w2"))


@claim(144, XOR.at(696), "number", "holds", says="The table is exclusive or.", printed="i\tx_1\tx_2\ty")
def xor_table() -> Evidence:
    table = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0))
    return judged(observed(all(y == a ^ b for a, b, y in table), "y is x_1 xor x_2 in all four rows"))


@claim(
    145,
    XOR.at(706),
    "shape",
    "holds",
    says="v = X W + b has one row an example and one column a neuron.",
    printed=r"\mathbf{v} = \mathbf{X} \mathbf{W} + \mathbf{b}",
)
def layer_shape() -> Evidence:
    return judged(has_shape(lambda x, w, b: x @ w + b, "N H", {"x": "N D", "w": "D H", "b": "H"}))


@claim(
    146,
    XOR.at(708),
    "formula",
    "holds",
    says="A is the sigmoid of v, entry by entry.",
    printed=r"A = \frac{1}{1 + \exp(-\mathbf{v})}",
)
def activation() -> Evidence:
    def entry_by_entry(v):
        return np.array([[sigmoid(entry) for entry in row] for row in v])

    return judged(same(sigmoid, entry_by_entry, {"v": "N H"}))


@claim(
    147, NETWORK.at(758), "statement", "convention",
    says="A network with one hidden layer is a two-layer network.", printed="**2-layer ANN**",
    convention="the input is not counted as a layer: layers are counted by their weight matrices",
)  # fmt: skip
def counting_layers() -> Evidence:
    neurons = ("input", "hidden", "output")
    weights = [f"{a} to {b}" for a, b in pairwise(neurons)]
    return conventional(
        observed(len(weights) == 2, f"weight matrices: {', '.join(weights)}"),
        observed(len(neurons) == 2, f"rows of neurons: {', '.join(neurons)}"),
    )


@claim(
    148, NETWORK.at(758), "shape", "holds",
    says="N examples with D attributes, H hidden neurons and C outputs, all sigmoid, fully connected: the "
      "outputs are N by C.",
    printed="**C** parameter output",
)  # fmt: skip
def network_shape() -> Evidence:
    return judged(has_shape(network, "N C", {n: s for n, s in NET.items() if n != "y"}))


@claim(
    149, SUMMARY.at(911), "statement", "holds",
    says="The chain rule, applied again and again along the graph, gives the gradients of inputs, parameters "
      "and intermediates.",
    printed="Recursive application of the **chain rule**",
)  # fmt: skip
def recursive_chain_rule() -> Evidence:
    def from_hidden(a1, w2, b2, y):
        return squared_errors(sigmoid(a1 @ w2 + b2), y) / 2

    def by_hidden(dy, a1, w2, b2, y):
        a2 = sigmoid(a1 @ w2 + b2)
        return dy * ((a2 - y) * (a2 - a2**2)) @ w2.T

    hidden = derivative(from_hidden, by_hidden, {"a1": "N H", "w2": "H C", "b2": "C", "y": "N C"}, by="a1")
    return judged(
        every(derivative(loss, layer_by_layer, NET, by="x w1 b1 w2 b2"), hidden.about("by the hidden layer's values"))
    )
