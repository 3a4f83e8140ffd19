"""The general two-layer ANN: N data with D parameters, H hidden neurons, C outputs, sigmoids throughout."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.squared_error import squared_error_backward, squared_error_forward

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, fit
from ._points import normal

HIDDEN, BATCH, RATE = 32, 32, 1.0


def two_layer_ann_forward(x, w1, b1, w2, b2, y):
    """Loss 1/(2N) sum (a2 - y)^2 with a1 = sigma(x w1 + b1) and a2 = sigma(a1 w2 + b2).

    x: (N, D); w1: (D, H); b1: (H,); w2: (H, C); b2: (C,); y: (N, C).
    """
    v1, at_affine1 = affine_forward(x, w1, b1)
    a1, at_sigmoid1 = sigmoid_forward(v1)
    v2, at_affine2 = affine_forward(a1, w2, b2)
    a2, at_sigmoid2 = sigmoid_forward(v2)
    loss, at_loss = squared_error_forward(a2, y, scale="half", reduction="batch_mean")
    return loss, (at_affine1, at_sigmoid1, at_affine2, at_sigmoid2, at_loss)


def two_layer_ann_backward(dloss, cache):
    """dx, dw1, db1, dw2, db2: each step's backward, last step first."""
    at_affine1, at_sigmoid1, at_affine2, at_sigmoid2, at_loss = cache
    (da2,) = squared_error_backward(dloss, at_loss)
    (dv2,) = sigmoid_backward(da2, at_sigmoid2)
    da1, dw2, db2 = affine_backward(dv2, at_affine2)
    (dv1,) = sigmoid_backward(da1, at_sigmoid1)
    dx, dw1, db1 = affine_backward(dv1, at_affine1)
    return dx, dw1, db1, dw2, db2


def initial(d, h, c, rng):
    """Weights and zero biases; each weight N(0, 1/rows), so that no sigmoid starts saturated."""
    return {
        "w1": rng.standard_normal((d, h)) / np.sqrt(d),
        "b1": np.zeros(h),
        "w2": rng.standard_normal((h, c)) / np.sqrt(h),
        "b2": np.zeros(c),
    }


def network(p, x, y):
    loss, cache = two_layer_ann_forward(x, p["w1"], p["b1"], p["w2"], p["b2"], y)
    _, *gradients = two_layer_ann_backward(1.0, cache)
    return loss, dict(zip(("w1", "b1", "w2", "b2"), gradients, strict=True))


def scores(parameters, x):
    """a2, (N, C)."""
    a1 = sigmoid_forward(affine_forward(x, parameters["w1"], parameters["b1"])[0])[0]
    return sigmoid_forward(affine_forward(a1, parameters["w2"], parameters["b2"])[0])[0]


def run(run: Run) -> Outcome:
    """Digits, the small ones or MNIST, in mini-batches."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist)
    keep = 200 if run.size == "small" else len(images.x)
    x, y, labels = images.x[:keep], images.y[:keep], images.labels[:keep]
    start = initial(x.shape[1], HIDDEN, images.classes, rng)
    found = fit(
        network, start, x, y, run=run, rate=RATE, batch_size=BATCH, rng=rng,
        measure=lambda p: {
            "accuracy": accuracy(scores(p, x), labels),
            "test_accuracy": accuracy(scores(p, images.x_test), images.labels_test),
        },
    )  # fmt: skip
    last = run.history.records[-1]
    accuracies = f"accuracy {last['accuracy']:.4f} in training and {last['test_accuracy']:.4f} in test"
    shown = {"images": images.x_test[:20].reshape(-1, *images.shape), "labels": images.labels_test[:20]}
    return Outcome(
        (f"{images.name}: loss {last['loss']:.4g}, {accuracies}",),
        {**found, **shown, "chosen": scores(found, images.x_test[:20]).argmax(axis=1)},
    )


def plot(outcome, records, folder):
    kept = outcome.arrays
    captions = [f"{label}: read {chosen}" for label, chosen in zip(kept["labels"], kept["chosen"], strict=True)]
    both = {name: [r[name] for r in records] for name in ("accuracy", "test_accuracy")}
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss"),
        plotting.curves(folder / "accuracy.png", both, x="epoch", y="accuracy"),
        plotting.pictures(folder / "digits.png", kept["images"], captions),
    ]


SYSTEM = System(
    name="two_layer_ann",
    lecture="003",
    headings=("Neural Network Simplified", "Complete Step (Iteration)"),
    summary="the general two-layer network with sigmoids, on digits",
    run=run,
    epochs=20,
    plot=plot,
    gradients=(
        Gradient(
            "two_layer_ann",
            two_layer_ann_forward,
            two_layer_ann_backward,
            normal(x=(5, 3), w1=(3, 4), b1=(4,), w2=(4, 2), b2=(2,), y=(5, 2)),
            nondiff=("y",),
        ),
    ),
    images=True,
)
