"""Slides 'API Building' to 'Multi Layer Perceptron': the layers with a forward and a backward, as printed and as meant."""

from __future__ import annotations

from .._claim import Claim, Evidence, Slide, recorder
from .._exact import derivative
from .._listings import execute, listing
from .._outcome import Outcome, conventional
from ._pieces import sigmoid

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


# -- net and MultiplyLayer -----------------------------------------------------------------------------------------------


@claim(
    167, NET_CLASS.at(773), "code", "convention",
    says="net is a class whose forward takes the inputs.", printed="def forward(inputs):",
    convention="rough pseudo code, as line 768 says: self, layers, loss and gradients are left out",
)  # fmt: skip
def net_class() -> Evidence:
    gate = "class Double:\n    def forward(self, x):\n        return 2 * x\n    def backward(self, dz):\n        return 2 * dz\n"
    use = "n = Net([Double(), Double()]); print(n.forward(3), n.backward(1))"
    return conventional(
        execute(listing("003_net_meant"), before=gate, after=use).outcome.about("as meant"),
        execute(listing("003_net"), after="net().forward([1.0])").outcome.about("as printed"),
    )


def _backward_in_order(order: str) -> Outcome:
    """Gates v = x w + 1 and its sigmoid: passing back through them in this order, against the derivative by x."""

    def gradient(dy, x, w):
        v = x * w + 1
        local = {"sigmoid": lambda g: g * (sigmoid(v) - sigmoid(v) ** 2), "square": lambda g: g * 2 * sigmoid(v), "affine": lambda g: g * w}
        for gate in order.split():
            # a gate that comes too early sees its own input's place taken by the gradient, as a layer list run forwards does
            dy = local[gate](dy) if gate != "square" else dy * 2 * sigmoid(v) if order.startswith("square") else dy * dy
        return dy

    return derivative(lambda x, w: sigmoid(x * w + 1) ** 2, gradient, {"x": "", "w": ""}, by="x")
