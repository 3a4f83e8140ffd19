"""The scalar network x -> a -> h -> b -> y_hat: two weights, two sigmoids, binary cross-entropy."""

import numpy as np

from .._system import Gradient, Outcome, Run, System
from ._wu import sigmoid

RATE = 0.5  # the lecture prints none


def layers(w1, w2, x):
    """a, h, b, y_hat of x; any shape."""
    a = x * w1
    h = sigmoid(a)
    b = h * w2
    return a, h, b, sigmoid(b)


def scalar_forward(w1, w2, x, y):
    """L = -y ln(y_hat) - (1 - y) ln(1 - y_hat); any shape, nothing is summed."""
    a, h, _, y_hat = layers(w1, w2, x)
    L = -y * np.log(y_hat) - (1 - y) * np.log1p(-y_hat)
    return L, (w2, x, y, a, h, y_hat)


def scalar_backward(dL, cache):
    """dw1 = (y_hat - y) w2 sigma(a) (1 - sigma(a)) x and dw2 = (y_hat - y) h, as printed."""
    w2, x, y, a, h, y_hat = cache
    dw1 = (y_hat - y) * w2 * sigmoid(a) * (1 - sigmoid(a)) * x
    dw2 = (y_hat - y) * h
    return dL * dw1, dL * dw2


def run(run: Run) -> Outcome:
    """Descent on the mean of L; the targets say whether x is positive, or are all 1."""
    rng = np.random.default_rng(run.seed)
    x = rng.uniform(-2, 2, 20 if run.size == "small" else 200)
    y = (x > 0) * 1.0
    w1, w2 = rng.standard_normal(2)
    for epoch in range(run.epochs):
        L, cache = scalar_forward(w1, w2, x, y)
        dw1, dw2 = scalar_backward(1.0, cache)
        w1, w2 = w1 - RATE * dw1.mean(), w2 - RATE * dw2.mean()
        run.history.add(epoch=epoch, loss=L.mean(), w1=w1, w2=w2)
        run.progress(epoch + 1)
    y_hat = layers(w1, w2, x)[-1]
    first, last = (run.history.records[k]["loss"] for k in (0, -1))
    lines = (
        f"w1 = {w1:.4f}, w2 = {w2:.4f}: loss {first:.4f} -> {last:.4f} in {run.epochs} epochs",
        f"y_hat from {y_hat.min():.3f} to {y_hat.max():.3f} where y is 0 or 1: without biases b = h w2 has the sign of "
        "w2 for every x, so y_hat stays on one side of 1/2 and the network names one class only",
        "the lecture writes y_hat = softmax(b) = sigma(b): a softmax of b alone is 1; sigma(b) is that of (0, b)",
    )
    return Outcome(lines, {"w1": w1, "w2": w2, "x": x, "y": y, "y_hat": y_hat})


def _point(rng):
    return {**{n: np.asarray(rng.standard_normal()) for n in ("w1", "w2", "x")}, "y": np.asarray(rng.uniform(0.1, 0.9))}


SYSTEM = System(
    name="scalar_two_layer",
    lecture="004",
    headings=("Forward of a simplified Multilayer Network", "Backpropagation of a simplified Multilayer Network"),
    summary="the scalar network of two weights under binary cross-entropy",
    run=run,
    epochs=500,
    gradients=(Gradient("scalar_two_layer", scalar_forward, scalar_backward, _point, nondiff=("x", "y")),),
)
