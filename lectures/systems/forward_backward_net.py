"""`net`: a stack of layers, each with forward and backward; gradients flow through the reversed stack."""

from itertools import pairwise

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import XOR, XOR_TARGETS
from ._points import normal

RATE, WIDTHS = 1.0, (2, 4, 3, 1)


class Affine:
    """x w + b. After a backward, `gradients` holds dw and db."""

    def __init__(self, w, b):
        self.parameters = [w, b]
        self.gradients = []

    def forward(self, x):
        y, self.cache = affine_forward(x, *self.parameters)
        return y

    def backward(self, dy):
        dx, *self.gradients = affine_backward(dy, self.cache)
        return dx


class Sigmoid:
    """sigma(x), without parameters."""

    parameters = gradients = ()

    def forward(self, x):
        y, self.cache = sigmoid_forward(x)
        return y

    def backward(self, dy):
        (dx,) = sigmoid_backward(dy, self.cache)
        return dx


class Net:
    """The lecture's `net`: inputs through every layer to the loss 1/2 sum (y - target)^2, and back."""

    def __init__(self, layers):
        self.layers = list(layers)

    def outputs(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def forward(self, inputs, target):
        loss, self.cache = squared_error_forward(self.outputs(inputs), target, scale="half", reduction="sum")
        return loss

    def backward(self, dloss=1.0):
        """The chain rule, last layer first: the gradient at the inputs, then every parameter's in the layers' order."""
        (upstream,) = squared_error_backward(dloss, self.cache)
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return [upstream, *(g for layer in self.layers for g in layer.gradients)]

    @property
    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters]


def stack(*parameters):
    """A net of affine layers, each followed by a sigmoid, from w1, b1, w2, b2, ..."""
    pairs = zip(parameters[::2], parameters[1::2], strict=True)
    return Net(layer for w, b in pairs for layer in (Affine(w, b), Sigmoid()))


def net_forward(x, w1, b1, w2, b2, w3, b3, target):
    """Loss of a net with three affine layers: x (N, D), target (N, C)."""
    network = stack(w1, b1, w2, b2, w3, b3)
    return network.forward(x, target), network


def net_backward(dloss, network):
    return tuple(network.backward(dloss))


def run(run: Run) -> Outcome:
    """XOR through three layers."""
    rng = np.random.default_rng(run.seed)
    layers = [(2 * rng.standard_normal((d, m)), np.zeros(m)) for d, m in pairwise(WIDTHS)]
    network = stack(*(parameter for layer in layers for parameter in layer))
    for epoch in range(run.epochs):
        loss = network.forward(XOR, XOR_TARGETS)
        _, *gradients = network.backward()
        for parameter, gradient in zip(network.parameters, gradients, strict=True):
            parameter -= RATE * gradient
        run.history.add(epoch=epoch, loss=loss)
        run.progress(epoch + 1)
    shown = ", ".join(f"{y:.3f}" for y in network.outputs(XOR)[:, 0])
    names = [f"{kind}{k}" for k in range(1, len(WIDTHS)) for kind in "wb"]
    line = f"outputs {shown} for targets 0, 1, 1, 0 after {run.epochs} epochs"
    return Outcome((line,), dict(zip(names, network.parameters, strict=True)))


def plot(outcome, records, folder):
    network = stack(*outcome.arrays.values())
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss", log=True),
        plotting.boundary(folder / "boundary.png", XOR, XOR_TARGETS[:, 0], lambda p: network.outputs(p)[:, 0]),
    ]


SYSTEM = System(
    name="forward_backward_net",
    lecture="003",
    headings=("API Building", "Forward/Backward API", "Back Propagate the Gradient", "2-steps in Backpropagation"),
    summary="net: layers with forward and backward, stacked to any depth",
    run=run,
    epochs=3000,
    plot=plot,
    gradients=(
        Gradient(
            "forward_backward_net",
            net_forward,
            net_backward,
            normal(x=(5, 3), w1=(3, 4), b1=(4,), w2=(4, 2), b2=(2,), w3=(2, 6), b3=(6,), target=(5, 6)),
            nondiff=("target",),
        ),
    ),
)
