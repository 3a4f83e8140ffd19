"""The softmax layer on four classes: scores of any sign become probabilities, with and without a sigmoid before."""

import numpy as np

from gradproof.reference.sigmoid import sigmoid_forward
from gradproof.reference.softmax import softmax_backward, softmax_forward

from .._system import Gradient, Outcome, Run, System
from ._points import normal


def run(run: Run) -> Outcome:
    """Four scores through sigmoids, through softmax, and through softmax after sigmoids."""
    z = 2 * np.random.default_rng(run.seed).standard_normal((1, 4))
    sigmoids = sigmoid_forward(z)[0]
    results = {
        "z": z,
        "sigmoid": sigmoids,
        "softmax": softmax_forward(z)[0],
        "softmax after sigmoid": softmax_forward(sigmoids)[0],
    }
    lines = [f"{n:22}" + " ".join(f"{v:+.4f}" for v in a[0]) + f"   sum {a.sum():.4f}" for n, a in results.items()]
    lines.append(f"sigmoids above 0.5: {(sigmoids > 0.5).sum()} of 4; softmax names one class")
    return Outcome(tuple(lines), results)


SYSTEM = System(
    name="softmax_layer",
    lecture="001",
    headings=("SoftMax", "SoftMax; Architecture"),
    summary="the softmax layer on four classes, beside sigmoids",
    run=run,
    gradients=(Gradient("softmax_layer", softmax_forward, softmax_backward, normal(x=(5, 4))),),
)
