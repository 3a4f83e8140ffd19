"""Slides 'API Building' to 'Multi Layer Perceptron': layers with a forward and a backward, as printed and as meant."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative, same
from .._listings import execute, listing
from .._outcome import Outcome, conventional, every, judged, observed
from ._pieces import sigmoid, squared_errors
from .backpropagation import NET, loss

CLAIMS: list[Claim] = []
claim = recorder("003", CLAIMS)

NET_CLASS = Slide("Forward/Backward API", 766)
BLANKS = Slide("Forward/Backward API", 788)
MULTIPLY = Slide("Forward/Backward API", 843)
SINGLE = Slide("Single Layer using API", 867)
MULTI = Slide("Multi Layer Perceptron", 884)

SCALARS = {"x": "", "y": ""}
LAYER = {"x": "N D", "w": "D C", "b": "C", "y": "N C"}
FUNCTIONS = listing("003_functions_meant")


# -- net and MultiplyLayer --------------------------------------------------------------------------


@claim(
    167, NET_CLASS.at(773), "code", "convention",
    says="net is a class whose forward takes the inputs.", printed="def forward(inputs):",
    convention="rough pseudo code, as line 768 says: self, layers, loss and gradients are left out",
)  # fmt: skip
def net_class() -> Evidence:
    gate = "class Double:\n    def forward(self, x): return 2 * x\n    def backward(self, dz): return 2 * dz\n"
    use = "n = Net([Double(), Double()]); print(n.forward(3), n.backward(1))"
    return conventional(
        execute(listing("003_net_meant"), before=gate, after=use).outcome.about("as meant"),
        execute(listing("003_net"), after="net().forward([1.0])").outcome.about("as printed"),
    )


@claim(
    168, NET_CLASS.at(782), "statement", "holds",
    says="The backward goes through the layers in the reversed order.", printed="for layer in reversed(layers):",
)  # fmt: skip
def reversed_order() -> Evidence:
    at = {"x": "N D", "w1": "D H", "w2": "H C"}

    def forward(x, w1, w2):
        return x @ w1 @ w2

    backwards = derivative(forward, lambda dy, x, w1, w2: dy @ w2.T @ w1.T, at, by="x").about(
        "reversed, for two linear layers"
    )
    in_order = derivative(forward, lambda dy, x, w1, w2: dy @ w1.T @ w2.T, at, by="x").about(
        "in the order of the forward"
    )
    return judged(every(backwards, Outcome(in_order.holds is False, in_order.text, in_order.numbers)))


@claim(
    169, BLANKS.at(815), "code", "convention",
    says="The first MultiplyLayer has ?? for its gradients.", printed="dx = ??",
    convention="?? is a blank to be filled in; the next slide does",
)  # fmt: skip
def blanks() -> Evidence:
    printed = listing("003_multiply_blank")
    filled = printed.replace("dx = ??", "dx = self.y * dz").replace("dy = ??", "dy = self.x * dz")
    return conventional(
        execute(filled).outcome.about("with the blanks filled in as on "
          "lines 856 and 857"), execute(printed).outcome.about("as printed"),
    )  # fmt: skip


_USE = "layer = MultiplyLayer(); print(layer.forward(2, 3), layer.backward(5))"


@claim(
    170, MULTIPLY.at(849), "code", "erratum",
    says="MultiplyLayer multiplies x and y and keeps them for its backward.", printed="def forward(x, y):",
    corrected="def forward(self, x, y) and def backward(self, dz): methods take self first",
)  # fmt: skip
def multiply_layer() -> Evidence:
    printed = execute(listing("003_multiply"), after=_USE).outcome
    on_the_class = execute(listing("003_multiply"), after="MultiplyLayer.forward(2, 3)").outcome.about(
        "called on the class"
    )
    meant = execute(listing("003_multiply_meant"), after=_USE)
    right = Outcome(meant.printed.split() == ["6", "(15,", "10)"], meant.outcome.text)
    found = judged(printed, right)
    return Evidence(found.verdict, f"{found.text}; {on_the_class.text}", found.numbers + on_the_class.numbers)


@claim(171, MULTIPLY.at(856), "formula", "holds", says="dL/dx is y times dz.", printed="dx = self.y * dz")
def product_by_x() -> Evidence:
    return judged(derivative(lambda x, y: x * y, lambda dz, x, y: y * dz, SCALARS, by="x"))


@claim(172, MULTIPLY.at(857), "formula", "holds", says="dL/dy is x times dz.", printed="dy = self.x * dz")
def product_by_y() -> Evidence:
    return judged(derivative(lambda x, y: x * y, lambda dz, x, y: x * dz, SCALARS, by="y"))


@claim(
    173, MULTIPLY.at(863), "statement", "holds",
    says="x, y and z are scalars: for arrays of different "
      "shapes the formulas would not do.", printed="x, y, z are scalars",
)  # fmt: skip
def scalars_only() -> Evidence:
    scalars = derivative(lambda x, y: x * y, lambda dz, x, y: (y * dz, x * dz), SCALARS, by="x y")
    arrays = derivative(lambda x, y: x * y, lambda dz, x, y: (y * dz, x * dz), {"x": "N C", "y": "C"}, by="x y")
    return judged(every(scalars, Outcome(arrays.holds is False, f"with a row y for all rows of x {arrays.text}")))


@claim(
    174, MULTIPLY.at(865), "statement", "holds",
    says="The layer keeps the local gradients that its backward "
      "needs.", printed="storing intermediate gradient that needed in backward pass",
)  # fmt: skip
def keeps_local_gradients() -> Evidence:
    # The kept x and y are inputs by name; as numbers they are dz/dy and dz/dx.
    return judged(
        derivative(lambda x, y: x * y, lambda dz, x, y: (dz * y, dz * x), SCALARS, by="x y").about(
            "the kept y and x are dz/dx and dz/dy"
        )
    )


# -- single layer -----------------------------------------------------------------------------------


def layer_loss(x, w, b, y):
    """Half the sum of squared errors of one sigmoid layer."""
    return squared_errors(sigmoid(x @ w + b), y) / 2


def single_layer(err, x, w, b):
    """dx, dw, db of lines 880 and 881, from what is passed back at the output."""
    a1 = sigmoid(x @ w + b)
    dv1 = err(a1) * a1 * (1 - a1)
    return dv1 @ w.T, x.T @ dv1, dv1.sum(axis=0)


@claim(
    175, SINGLE.at(874), "code", "convention",
    says="The single layer runs with four functions.", printed="v1 = affine_forward(x, w, b)",
    convention="the functions are to be written by the reader: affine_forward and sigmoid_forward return only "
      "their output",
)  # fmt: skip
def single_layer_listing() -> Evidence:
    source = listing("003_single_layer")
    shapes = "print(dx.shape == x.shape, dw.shape == w.shape, db.shape == b.shape)"
    return conventional(
        execute(source, before=FUNCTIONS, after=shapes).outcome.about("with the four "
          "functions"), execute(source).outcome.about("as printed"),
    )  # fmt: skip


@claim(
    176, SINGLE.at(878), "formula", "convention",
    says="The printed mse is the loss whose gradients follow.", printed="print('mse =', np.mean(err**2))",
    convention="the gradients are those of half the sum of squared errors; of the mean they would be 2 / (N C) of it",
)  # fmt: skip
def loss_that_is_differentiated() -> Evidence:
    def gradients(dy, x, w, b, y):
        return tuple(dy * g for g in single_layer(lambda a: a - y, x, w, b))

    half_sum = derivative(layer_loss, gradients, LAYER, by="x w b").about("half the sum")
    mean = derivative(
        lambda x, w, b, y: squared_errors(sigmoid(x @ w + b), y) / y.size, gradients, LAYER, by="x w b"
    ).about("the mean")
    return conventional(half_sum, mean)


@claim(
    177, SINGLE.at(877), "derivation", "convention",
    says="dx, dw, db, passed back from err = y - a1, are the gradients.", printed="err = y-a1",
    convention="they are minus the gradients of the squared error, to be added to the weights; line 603 "
      "subtracts, and line 502 has ŷ - y",
)  # fmt: skip
def sign_of_the_error() -> Evidence:
    def gradients(sign):
        return lambda dy, x, w, b, y: tuple(sign * dy * g for g in single_layer(lambda a: y - a, x, w, b))

    minus = derivative(layer_loss, gradients(-1), LAYER, by="x w b").about("minus dx, dw, db")
    return conventional(minus, derivative(layer_loss, gradients(1), LAYER, by="x w b").about("dx, dw, db themselves"))


@claim(
    178,
    SINGLE.at(880),
    "formula",
    "holds",
    says="The sigmoid's backward needs only its output a1.",
    printed="dv1 = sigmoid_backward(err, a1)",
)
def sigmoid_from_its_output() -> Evidence:
    def gradient(dy, v):
        a = sigmoid(v)
        return dy * a * (1 - a)

    return judged(derivative(sigmoid, gradient, {"v": "N C"}, by="v"))


@claim(
    179, SINGLE.at(881), "formula", "holds",
    says="The affine backward gives dx, dw and db "
      "from dv1, x, w and b.", printed="dx, dw, db = affine_backward(dv1, x, w, b)",
)  # fmt: skip
def affine_gradients() -> Evidence:
    def gradients(dv, x, w, b):
        return dv @ w.T, x.T @ dv, dv.sum(axis=0)

    return judged(derivative(lambda x, w, b: x @ w + b, gradients, {"x": "N D", "w": "D C", "b": "C"}, by="x w b"))


# -- two layers -------------------------------------------------------------------------------------


@claim(
    181, MULTI.at(890), "code", "convention",
    says="Two layers run with the same four functions.", printed="v1 = affine_forward(x, w1, b1)",
    convention="the functions are to be written by the reader",
)  # fmt: skip
def two_layer_listing() -> Evidence:
    source = listing("003_two_layers")
    return conventional(
        execute(source, before=FUNCTIONS).outcome.about("with the four "
          "functions"), execute(source).outcome.about("as printed"),
    )  # fmt: skip


def two_layers(passed, x, w1, b1, w2, b2):
    """dx, dw, db of the first layer and dw2, db2, as lines 898 to 901 compute them."""
    a1 = sigmoid(x @ w1 + b1)
    a2 = sigmoid(a1 @ w2 + b2)
    dv2 = passed(a2) * a2 * (1 - a2)
    da1, dw2, db2 = dv2 @ w2.T, a1.T @ dv2, dv2.sum(axis=0)
    dv1 = da1 * a1 * (1 - a1)
    return dv1 @ w1.T, x.T @ dv1, dv1.sum(axis=0), dw2, db2


@claim(
    182, MULTI.at(898), "derivation", "holds",
    says="The four backward calls, fed with the gradient at the output, give the gradients by x, w1, b1, w2 and b2.",
    printed="dv2 = sigmoid_backward(err, a2)",
)  # fmt: skip
def four_calls() -> Evidence:
    def gradients(dy, x, w1, b1, w2, b2, y):
        return tuple(dy * g for g in two_layers(lambda a: a - y, x, w1, b1, w2, b2))

    return judged(
        derivative(loss, gradients, NET, by="x w1 b1 w2 b2").about("fed with a2 - y, of half the sum of squared errors")
    )


@claim(
    183, MULTI.at(895), "derivation", "convention",
    says="Fed with err = y - a2 as printed, they give the gradients.", printed="err = y-a2",
    convention="minus the gradients, as for the single layer: to be added to the weights",
)  # fmt: skip
def sign_of_the_error_again() -> Evidence:
    def gradients(sign):
        return lambda dy, x, w1, b1, w2, b2, y: tuple(
            sign * dy * g for g in two_layers(lambda a: y - a, x, w1, b1, w2, b2)
        )

    minus = derivative(loss, gradients(-1), NET, by="x w1 b1 w2 b2").about("minus the results")
    return conventional(minus, derivative(loss, gradients(1), NET, by="x w1 b1 w2 b2").about("the results themselves"))


@claim(
    184, MULTI.at(901), "code", "convention",
    says="The gradients of w1 and b1 are called dw and db, beside dw2 and "
      "db2.", printed="dx, dw, db = affine_backward(dv1, x, w1, b1)",
    convention="a name without a number belongs to layer 1 here: there is no dw1 after the listing",
)  # fmt: skip
def names_of_the_gradients() -> Evidence:
    source = listing("003_two_layers")
    unnumbered = execute(source, before=FUNCTIONS, after="print(dw.shape == w1.shape, db.shape == b1.shape)")
    return conventional(
        observed("True True" in unnumbered.printed, "dw and db have the shapes of w1 and b1"),
        execute(source, before=FUNCTIONS, after="dw1, db1").outcome.about("asked for dw1"),
    )


@claim(
    185,
    MULTI.at(899),
    "formula",
    "holds",
    says="da1, the gradient at the hidden layer, is dv2 w2ᵀ.",
    printed="da1, dw2, db2 = affine_backward(dv2, a1, w2, b2)",
)
def gradient_of_the_hidden_layer() -> Evidence:
    at = {"a1": "N H", "w2": "H C", "b2": "C"}
    return judged(derivative(lambda a1, w2, b2: a1 @ w2 + b2, lambda dv2, a1, w2, b2: dv2 @ w2.T, at, by="a1"))


@claim(
    186,
    MULTI.at(896),
    "formula",
    "holds",
    says="The printed mse is the mean over all entries of the squared error.",
    printed="np.mean(err**2)",
)
def mean_squared_error() -> Evidence:
    at = {"y": "N C", "a2": "N C"}
    return judged(same(lambda y, a2: np.mean((y - a2) ** 2), lambda y, a2: squared_errors(a2, y) / y.size, at))
