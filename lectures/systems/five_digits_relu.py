"""The five 5x5 digits by a 25-20-20-20-5 network with ReLU, in the lecture's own functions."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import five_digits
from ..training import accuracy, fit
from ._wu import ReLU, loss, prepend_bias, soft_targets, softmax
from ._wu_deep import deep_weights

WIDTHS, RATE = (25, 20, 20, 20, 5), 0.1  # the lecture prints no rate
NAMES = ("w1", "w2", "w3", "w4")


def forward(X, w1, w2, w3, w4):
    """X (N, D); wk (inputs + 1, units), the bias first; y_hat (N, C) and every value on the way."""
    a = np.matmul(prepend_bias(X), w1)
    h1 = ReLU(a)
    b = np.matmul(prepend_bias(h1), w2)
    h2 = ReLU(b)
    c = np.matmul(prepend_bias(h2), w3)
    h3 = ReLU(c)
    d = np.matmul(prepend_bias(h3), w4)
    y_hat = softmax(d)
    return (y_hat, d, h3, c, h2, b, h1, a)


def back(X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3):
    """dw1 to dw4 of the mean cross-entropy. h > 0 is where a > 0: rho' may be taken from either."""
    dw4 = np.matmul(prepend_bias(h3).T, y_hat - Y) / X.shape[0]
    dh3 = np.matmul(y_hat - Y, w4[1:].T)
    dc = dh3 * (h3 > 0)
    dw3 = np.matmul(prepend_bias(h2).T, dc) / X.shape[0]
    dh2 = np.matmul(dc, w3[1:].T)
    db = dh2 * (h2 > 0)
    dw2 = np.matmul(prepend_bias(h1).T, db) / X.shape[0]
    dh1 = np.matmul(db, w2[1:].T)
    da = dh1 * (h1 > 0)
    dw1 = np.matmul(prepend_bias(X).T, da) / X.shape[0]
    return (dw1, dw2, dw3, dw4)


def relu_network_forward(X, w1, w2, w3, w4, Y):
    """Mean cross-entropy of `forward`. Y: (N, C), rows that sum to one."""
    y_hat, d, h3, c, h2, b, h1, a = forward(X, w1, w2, w3, w4)
    return loss(Y, y_hat), (X, Y, y_hat, w1, w2, w3, w4, a, b, c, d, h1, h2, h3)


def relu_network_backward(dloss, cache):
    """dw1 to dw4: the lecture's `back`, times dloss."""
    return tuple(dloss * dw for dw in back(*cache))


def network(p, X, Y):
    value, cache = relu_network_forward(X, *(p[n] for n in NAMES), Y)
    return value, dict(zip(NAMES, back(*cache), strict=True))


def run(run: Run) -> Outcome:
    """Batch gradient descent on the five digits from weights N(0, 1/r)."""
    X, Y = five_digits()
    start = dict(zip(NAMES, deep_weights(WIDTHS, np.random.default_rng(run.seed)), strict=True))
    labels = Y.argmax(axis=1)

    def measure(p):
        return {"accuracy": accuracy(forward(X, *p.values())[0], labels)}

    found = fit(network, start, X, Y, run=run, rate=RATE, measure=measure)
    y_hat = forward(X, *found.values())[0]
    last = run.history.records[-1]
    lines = (
        f"25-20-20-20-5 with ReLU, {run.epochs} epochs: loss {last['loss']:.4g}, accuracy {last['accuracy']:.0%}",
        "probability of the right digit, 1 to 5: " + ", ".join(f"{p:.4f}" for p in (y_hat * Y).sum(axis=1)),
    )
    return Outcome(lines, {**found, "y_hat": y_hat})


def plot(outcome, records, folder):
    return plot_digits(outcome.arrays["y_hat"], records, folder, ("loss",))


def plot_digits(y_hat, records, folder, losses):
    """The losses over the epochs, and the five digits with what they are read as."""
    X, _ = five_digits()
    captions = [f"{k + 1}: {row.argmax() + 1}, {row.max():.3f}" for k, row in enumerate(y_hat)]
    return [
        plotting.curves(
            folder / "loss.png", {n: [r[n] for r in records] for n in losses}, x="epoch", y="loss", log=True
        ),
        plotting.pictures(folder / "digits.png", X.reshape(5, 5, 5), captions),
    ]


def _point(rng):
    shapes = {"X": (5, 3), "w1": (4, 6), "w2": (7, 5), "w3": (6, 8), "w4": (9, 2)}
    return {**{n: rng.standard_normal(s) for n, s in shapes.items()}, "Y": soft_targets((5, 2), rng)}


SYSTEM = System(
    name="five_digits_relu",
    lecture="004",
    headings=("Example: ReLU and Dropout", "Data", "Forward using ReLU", "Backpropagation"),
    summary="the five printed digits by 25-20-20-20-5 with ReLU",
    run=run,
    epochs=1000,
    plot=plot,
    gradients=(Gradient("five_digits_relu", relu_network_forward, relu_network_backward, _point, nondiff=("X", "Y")),),
)
