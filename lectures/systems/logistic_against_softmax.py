"""Ten logistic outputs against softmax regression: one layer, the same images, the same first weights."""

import numpy as np

from gradproof.reference.affine import affine_backward, affine_forward
from gradproof.reference.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits_backward,
    binary_cross_entropy_with_logits_forward,
)
from gradproof.reference.sigmoid import sigmoid_forward
from gradproof.reference.softmax import softmax_forward
from gradproof.reference.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ..training import accuracy, fit
from ._points import normal
from .one_hidden_layer_softmax import shares

RATE, BATCH = 0.5, 50
SHOWN = ("accuracy", "test_accuracy")


def logistic_outputs_forward(x, w, b, y):
    """Mean over the rows of -sum_k (y_k ln o_k + (1 - y_k) ln(1 - o_k)), o = sigma(x w + b): C separate classifiers.

    x: (N, D); w: (D, C); b: (C,); y: (N, C).
    """
    z, at_affine = affine_forward(x, w, b)
    loss, at_loss = binary_cross_entropy_with_logits_forward(z, y, reduction="sum")
    return loss / len(x), (at_affine, at_loss)


def logistic_outputs_backward(dloss, cache):
    """dx, dw, db from dz = (o - y) / N."""
    at_affine, at_loss = cache
    (dz,) = binary_cross_entropy_with_logits_backward(dloss / len(at_affine[0]), at_loss)
    return affine_backward(dz, at_affine)


def softmax_regression_forward(x, w, b, y):
    """Mean over the rows of -sum_k y_k ln o_k, o = softmax(x w + b). Shapes as above; y's rows sum to one."""
    z, at_affine = affine_forward(x, w, b)
    loss, at_loss = softmax_cross_entropy_forward(z, y, labels="one_hot")
    return loss, (at_affine, at_loss)


def softmax_regression_backward(dloss, cache):
    """dx, dw, db from dz = (o - y) / N: the same form, with other outputs o."""
    at_affine, at_loss = cache
    (dz,) = softmax_cross_entropy_backward(dloss, at_loss)
    return affine_backward(dz, at_affine)


KINDS = {
    "logistic": (logistic_outputs_forward, logistic_outputs_backward, sigmoid_forward),
    "softmax": (softmax_regression_forward, softmax_regression_backward, softmax_forward),
}


def outputs(kind, p, x):
    """o, (N, C), of the kind's own weights among `p`."""
    return KINDS[kind][2](affine_forward(x, p[f"{kind}_w"], p[f"{kind}_b"])[0])[0]


def network(p, x, y):
    """Both classifiers at once, on the same rows: the sum of their losses, and each one's gradients."""
    total, gradients = 0.0, {}
    for kind, (forward, backward, _) in KINDS.items():
        loss, cache = forward(x, p[f"{kind}_w"], p[f"{kind}_b"], y)
        _, gradients[f"{kind}_w"], gradients[f"{kind}_b"] = backward(1.0, cache)
        total = total + loss
    return total, gradients


def one_form(p, x, y):
    """Each kind's dw by its backward, and (o - y) x over N by its outputs."""
    _, gradients = network(p, x, y)
    return {kind: (gradients[f"{kind}_w"], x.T @ (outputs(kind, p, x) - y) / len(x)) for kind in KINDS}


def _measured(p, images, x, labels):
    values = {}
    for kind in KINDS:
        values[f"{kind}_accuracy"] = accuracy(outputs(kind, p, x), labels)
        values[f"{kind}_test_accuracy"] = accuracy(outputs(kind, p, images.x_test), images.labels_test)
    return values


def _lines(images, found, last, x, y):
    for kind in KINDS:
        o = outputs(kind, found, images.x_test)
        high, sums = (o > 0.5).sum(axis=1), o.sum(axis=1)
        yield (
            f"{kind + ':':9} outputs of a test image sum to {sums.min():.4f} ... {sums.max():.4f}; above 0.5 is "
            f"none of them for {(high == 0).sum()} of {len(o)} images, one for {(high == 1).sum()}, "
            f"several for {(high > 1).sum()}"
        )
        yield (
            f"{kind + ':':9} accuracy {last[f'{kind}_accuracy']:.4f} in training "
            f"and {last[f'{kind}_test_accuracy']:.4f} in test"
        )
    apart = max(np.abs(by_backward - by_form).max() for by_backward, by_form in one_form(found, x, y).values())
    yield f"the gradient by w is (o - y) x, averaged, in both: at most {apart:.1e} from what the backward gives"


def run(run: Run) -> Outcome:
    """Both from weights of zero, on the same batches of digits, the small ones or MNIST."""
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist)
    keep = 200 if run.size == "small" else len(images.x)
    x, y, labels = images.x[:keep], images.y[:keep], images.labels[:keep]
    shapes = {"w": (x.shape[1], images.classes), "b": images.classes}
    start = {f"{kind}_{name}": np.zeros(shape) for kind in KINDS for name, shape in shapes.items()}
    found = fit(
        network, start, x, y, run=run, rate=RATE, batch_size=BATCH, rng=rng,
        measure=lambda p: _measured(p, images, x, labels),
    )  # fmt: skip
    head = f"{images.name}: {len(x)} images, {run.epochs} epochs; each loss is the mean over the images"
    shown = {f"{kind}_outputs": outputs(kind, found, images.x_test[:20]) for kind in KINDS}
    lines = (head, *_lines(images, found, run.history.records[-1], x, y))
    return Outcome(lines, {**found, **shown})


def plot(outcome, records, folder):
    sums = {kind: outcome.arrays[f"{kind}_outputs"].sum(axis=1) for kind in KINDS}
    return [
        *(
            plotting.curves(
                folder / f"{name}.png", {kind: [r[f"{kind}_{name}"] for r in records] for kind in KINDS},
                x="epoch", y=name,
            )
            for name in SHOWN
        ),
        plotting.curves(folder / "sums.png", sums, x="test image", y="sum of the ten outputs"),
    ]  # fmt: skip


SYSTEM = System(
    name="logistic_against_softmax",
    lecture="000",
    headings=(
        "Multiclass classification with logistic regression",
        "Multiclass classification with softmax regression",
        "Lost function – cross entropy",
    ),
    summary="ten logistic outputs against softmax regression, on the same digits",
    run=run,
    epochs=30,
    plot=plot,
    gradients=(
        Gradient(
            "logistic_outputs", logistic_outputs_forward, logistic_outputs_backward,
            normal(x=(5, 3), w=(3, 4), b=(4,), y=(5, 4)), nondiff=("y",),
        ),
        Gradient(
            "softmax_regression", softmax_regression_forward, softmax_regression_backward,
            lambda rng: {**normal(x=(5, 3), w=(3, 4), b=(4,))(rng), "y": shares(rng, 5, 4)}, nondiff=("y",),
        ),
    ),
    images=True,
)  # fmt: skip
