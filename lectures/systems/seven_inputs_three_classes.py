"""7 inputs, 3 classes: the network that the lecture's input row asks for, on generated wheat seeds."""

import numpy as np

from gradproof.reference.softmax import softmax_forward

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from ..data import one_hot
from ..training import accuracy, fit
from ._mlp import classifier, classifier_backward, classifier_forward, classifier_scores, initial, report
from ._points import normal

WIDTHS, BATCH, RATE = (7, 8, 6, 3), 16, 0.1
PRINTED_ROW = np.array([[15.26, 14.84, 0.871, 5.763, 3.312, 2.221, 5.22]])

# The printed row is the first one of the wheat seeds of Charytanowicz, Niewczas, Kulczycki, Kowalski, Łukasik and Żak
# (2010), UCI Machine Learning Repository: area, perimeter, compactness, length, width, asymmetry and groove of a
# kernel. That data set is not bundled; these are its classes' means and standard deviations, rounded, without the
# perimeter, which follows from area and compactness.
CLASSES = {
    "Kama": ((14.33, 0.880, 5.51, 3.24, 2.67, 5.09), (1.22, 0.016, 0.23, 0.18, 1.17, 0.26)),
    "Rosa": ((18.33, 0.884, 6.15, 3.68, 3.64, 6.02), (1.44, 0.016, 0.27, 0.19, 1.18, 0.25)),
    "Canadian": ((11.87, 0.849, 5.23, 2.85, 4.79, 5.12), (0.72, 0.022, 0.14, 0.15, 1.34, 0.16)),
}
# How much of a kernel's size each feature shares: a large kernel is long and wide, too.
SHARED = np.array([1.0, 0.0, 0.9, 0.9, 0.0, 0.8])


def perimeter(area, compactness):
    """P with compactness = 4 pi area / P^2, which the printed row obeys: 4 pi 15.26 / 14.84^2 = 0.871."""
    return np.sqrt(4 * np.pi * area / compactness)


def seeds(n, rng):
    """n generated kernels (n, 7) and their labels (n,), a third of each class, shuffled."""
    labels = rng.permutation(np.arange(n) % len(CLASSES))
    means, spreads = (np.array([c[k] for c in CLASSES.values()])[labels] for k in (0, 1))
    size, own = rng.standard_normal((n, 1)), rng.standard_normal((n, 6))
    features = means + spreads * (SHARED * size + np.sqrt(1 - SHARED**2) * own)
    area, compactness, *others = features.T
    return np.column_stack([area, perimeter(area, compactness), compactness, *others]), labels


def standardise(x, like):
    """Each column less the mean of `like`'s, over its standard deviation: test rows by the training rows' numbers."""
    return (x - like.mean(axis=0)) / like.std(axis=0)


def run(run: Run) -> Outcome:
    """Trained on standardised rows; the test rows and the printed one are standardised by the training rows."""
    rng = np.random.default_rng(run.seed)
    n = 45 if run.size == "small" else 210
    rows, labels = seeds(n + n // 2, rng)
    x, test = standardise(rows[:n], rows[:n]), standardise(rows[n:], rows[:n])
    found = fit(
        classifier, initial(WIDTHS, rng, gain=2.0), x, labels[:n], run=run, rate=RATE, batch_size=BATCH, rng=rng,
        measure=lambda p: {
            "accuracy": accuracy(classifier_scores(p, x), labels[:n]),
            "test_accuracy": accuracy(classifier_scores(p, test), labels[n:]),
        },
    )  # fmt: skip
    outputs = softmax_forward(classifier_scores(found, standardise(PRINTED_ROW, rows[:n])))[0][0]
    said = ", ".join(f"{name} {p:.3f}" for name, p in zip(CLASSES, outputs, strict=True))
    lines = (
        f"{n} generated kernels of wheat that resemble the data set of the printed row; that one is not bundled",
        report(f"test, {n // 2} kernels", classifier_scores(found, test), one_hot(labels[n:], 3)),
        f"printed row 15.26, 14.84, 0.871, ...: {said}; it is a Kama kernel",
    )
    return Outcome(lines, {**found, "inputs": rows, "labels": labels, "printed row": outputs})


def plot(outcome, records, folder):
    both = {name: [r[name] for r in records] for name in ("accuracy", "test_accuracy")}
    size = outcome.arrays["inputs"][:, [0, 6]]
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x="epoch", y="loss", log=True),
        plotting.curves(folder / "accuracy.png", both, x="epoch", y="accuracy"),
        plotting.boundary(
            folder / "kernels.png",
            size,
            outcome.arrays["labels"],
            title="kernels",
            names=("area (x1)", "groove (x7)"),
        ),
    ]


def network_forward(x, w1, b1, w2, b2, w3, b3, target):
    """Mean softmax cross-entropy of three layers, ReLU after the first two; 7 inputs and 3 outputs, N rows."""
    return classifier_forward(x, (w1, b1, w2, b2, w3, b3), target)


def _point(rng):
    shapes = {"x": (5, 7), "w1": (7, 8), "b1": (8,), "w2": (8, 6), "b2": (6,), "w3": (6, 3), "b3": (3,)}
    return {**normal(**shapes)(rng), "target": rng.integers(0, 3, 5)}


SYSTEM = System(
    name="seven_inputs_three_classes",
    lecture="002",
    headings=("Supervised Learning Input Data", "Feed-forward Networks"),
    summary="7 inputs and 3 classes: kernels of wheat that resemble the printed row's data",
    run=run,
    epochs=60,
    plot=plot,
    gradients=(Gradient("seven_inputs_three_classes", network_forward, classifier_backward, _point),),
)
