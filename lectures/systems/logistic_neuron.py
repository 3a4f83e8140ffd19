"""One logistic neuron, gate by gate: forward, backward and update on the four printed points."""

import numpy as np

from gradproof.reference.multiply import multiply_backward, multiply_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import FOUR_POINTS, FOUR_TARGETS
from ._points import normal

START = {"w1": np.array(0.5), "w2": np.array(0.7), "b": np.array(0.0)}
RATE = 1.0

# The lecture's own numbers for the first point, as printed.
PRINTED = {
    "m": -0.05, "n": 0.14, "v": -0.09, "yhat": 0.522, "dyhat": 0.522, "local": 0.249, "dv": 0.13,
    "db": 0.13, "dn": 0.13, "dm": 0.13, "dw2": 0.026, "dw1": -0.013, "w1": 0.513, "w2": 0.674, "b": -0.37,
}  # fmt: skip


def neuron_forward(w1, w2, b, x1, x2, y):
    """Loss 1/2 (yhat - y)^2 with yhat = sigma(w1 x1 + w2 x2 + b); every argument a scalar, shape ()."""
    m, at_m = multiply_forward(w1, x1)
    n, at_n = multiply_forward(w2, x2)
    v = m + n + b
    yhat, at_sigmoid = sigmoid_forward(v)
    loss = (yhat - y) ** 2 / 2
    return loss, (at_m, at_n, at_sigmoid, yhat - y, {"m": m, "n": n, "v": v, "yhat": yhat})


def neuron_backward(dloss, cache):
    """Gradients dw1, dw2, db, dx1, dx2: each gate's upstream gradient times its local one."""
    gates = gate_gradients(dloss, cache)
    return tuple(gates[name] for name in ("dw1", "dw2", "db", "dx1", "dx2"))


def gate_gradients(dloss, cache):
    """The gradient at every wire of the gate structure, by name."""
    at_m, at_n, at_sigmoid, error, _ = cache
    dyhat = dloss * error
    (dv,) = sigmoid_backward(dyhat, at_sigmoid)
    dm, dn, db = dv, dv, dv
    dw1, dx1 = multiply_backward(dm, at_m)
    dw2, dx2 = multiply_backward(dn, at_n)
    return {"dyhat": dyhat, "dv": dv, "db": db, "dn": dn, "dm": dm, "dw2": dw2, "dw1": dw1, "dx1": dx1, "dx2": dx2}


def update(weights, point, target, rate=RATE):
    """One step on one point: the new weights, and every value on the way by name."""
    loss, cache = neuron_forward(weights["w1"], weights["w2"], weights["b"], point[0], point[1], target)
    values = cache[-1]
    gradients = gate_gradients(1.0, cache)
    new = {name: w - rate * gradients[f"d{name}"] for name, w in weights.items()}
    local = values["yhat"] - values["yhat"] ** 2
    return new, {**values, "local": local, **gradients, **new, "loss": loss}


def run(run: Run) -> Outcome:
    """One update on each printed point in turn; the first beside the numbers that the lecture prints."""
    weights = dict(START)
    lines: list[str] = []
    for epoch in range(run.epochs):
        for i, (point, target) in enumerate(zip(FOUR_POINTS, FOUR_TARGETS[:, 0], strict=True)):
            weights, values = update(weights, point, target)
            run.history.add(epoch=epoch, point=i + 1, loss=values["loss"], **weights)
            if epoch == 0:
                lines += _first(values) if i == 0 else []
                lines.append(f"after point {i + 1}: " + ", ".join(f"{n} = {w:.4f}" for n, w in weights.items()))
        run.progress(epoch + 1)
    return Outcome(tuple(lines), {n: np.asarray(w) for n, w in weights.items()})


def _first(values):
    for name, printed in PRINTED.items():
        # A printed number is right where it is the value, cut or rounded to as many digits.
        digits = len(f"{printed}".partition(".")[2])
        near = abs(values[name] - printed) < 10.0**-digits
        yield f"  {name:5} = {values[name]:+.6f}   printed {printed:+.{digits}f}{'' if near else '   differs'}"


def plot(outcome, records, folder):
    w1, w2, b = (outcome.arrays[n] for n in ("w1", "w2", "b"))
    losses = {"loss": [r["loss"] for r in records]}

    def score(points):
        return sigmoid_forward(points[:, 0] * w1 + points[:, 1] * w2 + b)[0]

    return [
        plotting.curves(folder / "loss.png", losses, x="update", y="1/2 (yhat - y)^2"),
        plotting.boundary(folder / "boundary.png", FOUR_POINTS, FOUR_TARGETS[:, 0], score),
    ]


SYSTEM = System(
    name="logistic_neuron",
    lecture="003",
    headings=(
        "Gradient Descent Example",
        "Neuron Gate Structure",
        "Forward Pass",
        "Loss Gradient",
        "Backward Pass",
        "Weight Update",
    ),
    summary="one logistic neuron gate by gate, updated on the four printed points",
    run=run,
    epochs=1,
    plot=plot,
    gradients=(
        Gradient(
            "logistic_neuron",
            neuron_forward,
            neuron_backward,
            normal(w1=(), w2=(), b=(), x1=(), x2=(), y=()),
            nondiff=("y",),
        ),
    ),
    random=False,
)
