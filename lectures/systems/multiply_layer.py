"""`MultiplyLayer`: the gate that keeps what its backward needs."""

import numpy as np

from gradproof.reference.multiply import multiply_backward, multiply_forward

from .._system import Gradient, Outcome, Run, System
from ._points import normal


class MultiplyLayer:
    """z = x y; on the way back each input gets the upstream gradient times the other input."""

    def forward(self, x, y):
        z = x * y
        self.x = x  # kept for the backward pass
        self.y = y
        return z

    def backward(self, dz):
        dx = self.y * dz  # dz/dx * dL/dz
        dy = self.x * dz  # dz/dy * dL/dz
        return dx, dy


def layer_forward(x, y):
    """The layer as a function; what it keeps is the cache."""
    layer = MultiplyLayer()
    return layer.forward(x, y), layer


def layer_backward(dz, layer):
    return layer.backward(dz)


def run(run: Run) -> Outcome:
    """One forward and backward on two scalars, beside the reference's."""
    x, y, dz = np.random.default_rng(run.seed).standard_normal(3)
    layer = MultiplyLayer()
    z = layer.forward(x, y)
    dx, dy = layer.backward(dz)
    same = (dx, dy) == multiply_backward(dz, multiply_forward(x, y)[1])
    lines = (
        f"forward:  z = x y = {x:.4f} * {y:.4f} = {z:.4f}",
        f"backward: dx = y dz = {dx:.4f}, dy = x dz = {dy:.4f} for dz = {dz:.4f}",
        f"the same bits as the reference's multiply: {'yes' if same else 'no'}",
    )
    return Outcome(lines, {"z": np.asarray(z), "dx": np.asarray(dx), "dy": np.asarray(dy)})


SYSTEM = System(
    name="multiply_layer",
    lecture="003",
    headings=("Forward/Backward API",),
    summary="MultiplyLayer: a gate that keeps what its backward needs",
    run=run,
    gradients=(Gradient("multiply_layer", layer_forward, layer_backward, normal(x=(), y=()), operation="multiply"),),
)
