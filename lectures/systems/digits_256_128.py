"""The 784-256-128-10 network: its number of parameters and its error rate, on digits or MNIST."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.relu import relu_backward, relu_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, fit
from ._points import normal

WIDTHS, BATCH, RATE = (256, 128, 10), 64, 0.1
NAMES = ("w1", "b1", "w2", "b2", "w3", "b3")


def digits_forward(x, w1, b1, w2, b2, w3, b3, target):
    """Mean cross-entropy of three affine layers, ReLU after the first two (the lecture names none), softmax last.

    x: (N, D); wk: (inputs, units); bk: (units,); target: (N,), labels.
    """
    v1, at_affine1 = affine_forward(x, w1, b1)
    a1, at_relu1 = relu_forward(v1)
    v2, at_affine2 = affine_forward(a1, w2, b2)
    a2, at_relu2 = relu_forward(v2)
    v3, at_affine3 = affine_forward(a2, w3, b3)
    loss, at_loss = softmax_cross_entropy_forward(v3, target)
    return loss, (at_affine1, at_relu1, at_affine2, at_relu2, at_affine3, at_loss)


def digits_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2, dw3, db3: each step's backward, last step first."""
    at_affine1, at_relu1, at_affine2, at_relu2, at_affine3, at_loss = cache
    (dv3,) = softmax_cross_entropy_backward(dloss, at_loss)
    da2, dw3, db3 = affine_backward(dv3, at_affine3)
    (dv2,) = relu_backward(da2, at_relu2)
    da1, dw2, db2 = affine_backward(dv2, at_affine2)
    (dv1,) = relu_backward(da1, at_relu1)
    dx, dw1, db1 = affine_backward(dv1, at_affine1)
    return dx, dw1, db1, dw2, db2, dw3, db3


def network(p, x, labels):
    loss, cache = digits_forward(x, *(p[n] for n in NAMES), labels)
    _, *gradients = digits_backward(1.0, cache)
    return loss, dict(zip(NAMES, gradients, strict=True))


def scores(p, x):
    """The last layer's scores, (N, C)."""
    a1 = relu_forward(affine_forward(x, p["w1"], p["b1"])[0])[0]
    a2 = relu_forward(affine_forward(a1, p["w2"], p["b2"])[0])[0]
    return affine_forward(a2, p["w3"], p["b3"])[0]


def initial(inputs, rng, widths=WIDTHS):
    """Weights N(0, 2/inputs) for ReLU, zero biases."""
    p = {}
    for k, units in enumerate(widths, 1):
        p[f"w{k}"] = rng.standard_normal((inputs, units)) * np.sqrt(2 / inputs)
        p[f"b{k}"] = np.zeros(units)
        inputs = units
    return p


def parameter_count(inputs, widths=WIDTHS):
    """Weights and biases of the affine layers: 235,146 for 784 inputs."""
    return sum(d * m + m for d, m in zip((inputs, *widths[:-1]), widths, strict=True))


def run(run: Run) -> Outcome:
    """Mini-batches over digits, the small ones or MNIST; the error rate is the share of test images misread."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist)
    keep = 200 if run.size == "small" else len(images.x)
    x, labels = images.x[:keep], images.labels[:keep]
    found = fit(
        network, initial(x.shape[1], rng), x, labels, run=run, rate=RATE, batch_size=BATCH, rng=rng,
        measure=lambda p: {"error_rate": 1 - accuracy(scores(p, images.x_test), images.labels_test)},
    )  # fmt: skip
    last = run.history.records[-1]
    size = f"{x.shape[1]}-256-128-10"
    lines = (
        f"784-256-128-10 has {parameter_count(784):,} parameters, {size} has {parameter_count(x.shape[1]):,}",
        f"{images.name}: loss {last['loss']:.4g}, error rate {last['error_rate']:.2%} in test; the lecture says < 0.5%",
    )
    shown = {"images": images.x_test[:20].reshape(-1, *images.shape), "labels": images.labels_test[:20]}
    return Outcome(lines, {**found, **shown, "chosen": scores(found, images.x_test[:20]).argmax(axis=1)})


def plot(outcome, records, folder):
    kept = outcome.arrays
    captions = [f"{label}: read {chosen}" for label, chosen in zip(kept["labels"], kept["chosen"], strict=True)]
    return [
        *(
            plotting.curves(folder / f"{name}.png", {name: [r[name] for r in records]}, x="epoch", y=name)
            for name in ("loss", "error_rate")
        ),
        plotting.pictures(folder / "digits.png", kept["images"], captions),
    ]


def _point(rng):
    shapes = {"x": (5, 3), "w1": (3, 8), "b1": (8,), "w2": (8, 6), "b2": (6,), "w3": (6, 4), "b3": (4,)}
    return {**normal(**shapes)(rng), "target": rng.integers(0, 4, 5)}


SYSTEM = System(
    name="digits_256_128",
    lecture="001",
    headings=("Multi-class Classification; example",),
    summary="784-256-128-10: number of parameters and error rate on digits",
    run=run,
    epochs=20,
    plot=plot,
    gradients=(Gradient("digits_256_128", digits_forward, digits_backward, _point),),
    images=True,
)
