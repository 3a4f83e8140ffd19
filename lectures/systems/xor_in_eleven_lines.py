"""XOR by a two-layer network in eleven lines, as the lecture means them: the third column of ones is the bias."""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ._points import normal

DATA = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
TARGET = np.array([[0.0, 1, 1, 0]]).T
RATE, HIDDEN = 0.01, 4
RECORDS = 200  # in the history: 60000 epochs would be as many lines


def step(data, target, W1, W2):
    """Lines 6 to 10 of the eleven: the outputs, the error, and the two deltas."""
    A1 = 1 / (1 + np.exp(-(data @ W1)))
    A2 = 1 / (1 + np.exp(-(A1 @ W2)))
    error = target - A2
    D2 = error * (A2 * (1 - A2))
    D1 = (D2 @ W2.T) * (A1 * (1 - A1))
    return A1, error, D1, D2


def train(W1, W2, epochs, lr=RATE, each=lambda epoch, error: None):
    """Lines 5 to 11: the loop. W1 (3, H) and W2 (H, 1) stay; returns new ones."""
    W1, W2 = W1.copy(), W2.copy()
    for i in range(epochs):
        A1, error, D1, D2 = step(DATA, TARGET, W1, W2)
        W2 += A1.T @ D2 * lr
        W1 += DATA.T @ D1 * lr
        each(i, error)
    return W1, W2


def xor_forward(data, W1, W2, target):
    """The loss that the eleven lines go down, without naming it: 1/2 sum (target - A2)^2."""
    A1, error, D1, D2 = step(data, target, W1, W2)
    return (error**2).sum() / 2, (data, A1, D1, D2, W1)


def xor_backward(dloss, cache):
    """The deltas point downhill: what the lines add is minus the gradient."""
    data, A1, D1, D2, W1 = cache
    return -dloss * (D1 @ W1.T), -dloss * (data.T @ D1), -dloss * (A1.T @ D2)


def outputs(W1, W2, data):
    return sigmoid_forward(sigmoid_forward(data @ W1)[0] @ W2)[0]


def run(run: Run) -> Outcome:
    """Random weights in [-1, 1), then the loop."""
    rng = np.random.default_rng(run.seed)
    W1 = 2 * rng.random((DATA.shape[1], HIDDEN)) - 1
    W2 = 2 * rng.random((HIDDEN, 1)) - 1
    every = max(1, run.epochs // RECORDS)

    def note(epoch, error):
        if (epoch + 1) % every == 0 or epoch + 1 == run.epochs:
            run.history.add(epoch=epoch, loss=(error**2).sum() / 2)
            run.progress(epoch + 1)

    W1, W2 = train(W1, W2, run.epochs, each=note)
    found = outputs(W1, W2, DATA)[:, 0]
    right = ((found > 0.5) == (TARGET[:, 0] > 0.5)).sum()
    shown = ", ".join(f"{y:.3f}" for y in found)
    line = f"outputs {shown} for targets 0, 1, 1, 0 after {run.epochs} epochs: {right} of 4 on the right side"
    return Outcome((line,), {"W1": W1, "W2": W2})


def plot(outcome, records, folder):
    W1, W2 = outcome.arrays["W1"], outcome.arrays["W2"]
    losses = {"loss": [r["loss"] for r in records]}

    def score(points):
        return outputs(W1, W2, np.column_stack([points, np.ones(len(points))]))[:, 0]

    return [
        plotting.curves(folder / "loss.png", losses, x=f"{len(records)} epochs over the training", y="loss"),
        plotting.boundary(folder / "boundary.png", DATA[:, :2], TARGET[:, 0], score),
    ]


SYSTEM = System(
    name="xor_in_eleven_lines",
    lecture="003",
    headings=("Backpropagation Example in 2-Layer Neural Net", "XOR Gate Example", "2-layer NN needs ~11 lines"),
    summary="XOR by a two-layer network in eleven lines",
    run=run,
    epochs=60000,
    plot=plot,
    gradients=(
        Gradient(
            "xor_in_eleven_lines",
            xor_forward,
            xor_backward,
            normal(data=(5, 3), W1=(3, 4), W2=(4, 2), target=(5, 2)),
            nondiff=("target",),
        ),
    ),
)
