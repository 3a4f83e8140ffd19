"""784-512-10 by mini-batches of 200, shuffled in each epoch; the lecture prints the accuracies of epochs 0 to 4."""

import numpy as np

from .. import plotting
from .._system import Gradient, Outcome, Run, System
from . import _digits_512 as digits
from .one_hidden_layer_softmax import NAMES, matrix_backward, matrix_forward, point

BATCH = 200
SLOW_RATE = 0.1  # on MNIST it comes within thousandths of the printed accuracies, which the listing's 0.5 exceeds
WAYS = {**digits.BOTH, "slow_": (digits.printed_step, SLOW_RATE)}
WATCH = 8  # accuracies an epoch besides the one at its end: one after each step costs more than the training


def mini_batch_forward(x_train, Wh, bh, Wo, bo, y_train, Batch_samples):
    """Mean loss of some rows of all images: x_train (N, D), y_train (N, C), Batch_samples (B,) numbers of rows."""
    return matrix_forward(x_train[Batch_samples], Wh, bh, Wo, bo, y_train[Batch_samples])


def run(run: Run) -> Outcome:
    """Mini-batches; our accuracies beside the printed ones, as far as the epochs go."""
    images, arrays = digits.train(run, ways=WAYS, batch_size=BATCH, watch=WATCH)
    lines = list(digits.lines(run, images, f"mini-batches of {BATCH}"))
    lines.append(f"accuracies in test by the gradient, by the update as printed, and by that with rate {SLOW_RATE}:")
    for epoch, (printed, record) in enumerate(zip(digits.PRINTED, run.history.records, strict=False)):
        ours = "  ".join(f"{record[f'{prefix}accuracy']:.4f}" for prefix in WAYS)
        lines.append(f"epoch {epoch}: {ours}   printed, on MNIST: {printed}")
    return Outcome(tuple(lines), arrays)


def plot(outcome, records, folder):
    steps = outcome.arrays["steps"]
    over = {"accuracy": steps[:, 1]}
    printed = {
        "by the gradient": [r["accuracy"] for r in records[:5]],
        "update as printed": [r["printed_accuracy"] for r in records[:5]],
        f"update as printed, rate {SLOW_RATE}": [r["slow_accuracy"] for r in records[:5]],
        "printed, MNIST": np.array(digits.PRINTED),
    }
    return [
        *digits.plot(outcome, records, folder),
        plotting.curves(folder / "accuracy_by_step.png", over, x="step", y="accuracy in test", at=steps[:, 0].tolist()),
        plotting.curves(folder / "accuracy_and_printed.png", printed, x="epoch", y="accuracy in test"),
    ]


def _point(rng):
    x, *weights, y = point(rng).values()
    weights = dict(zip(NAMES, weights, strict=True))
    return {"x_train": x, **weights, "y_train": y, "Batch_samples": np.array([3, 0, 4])}


SYSTEM = System(
    name="digits_512_mini_batch",
    lecture="000",
    headings=("Stochastic gradient descent – batch and mini-batch gradient descent", "Training the model"),
    summary="784-512-10 by mini-batches of 200, on digits or MNIST",
    run=run,
    epochs=50,
    plot=plot,
    gradients=(
        Gradient("digits_512_mini_batch", mini_batch_forward, matrix_backward, _point, nondiff=("x_train", "y_train")),
    ),
    images=True,
)
