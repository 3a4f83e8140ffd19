"""784-100-10 by mini-batches of 256: the run whose losses and accuracies the lecture prints."""

import numpy as np

from .. import data, plotting
from .._system import Gradient, Outcome, Run, System
from ._digits_100 import Step, digits_100_backward, digits_100_forward, measured, point, scores, train
from ._wu import initialize_weights
from .mnist_pipeline import scaled

HIDDEN, BATCH, RATE, EVERY = 100, 256, 1.0, 60

# 'epoch-batch': loss and accuracy in percent.
PRINTED = {
    "0-0": (2.51126276, 23.72),
    "0-60": (0.33310378, 93.48),
    "0-120": (0.30845169, 93.60),
    "0-180": (0.23942956, 95.40),
    "1-0": (0.20253645, 95.98),
    "1-60": (0.17660872, 96.48),
    "1-120": (0.17063644, 96.62),
    "1-180": (0.15613097, 96.96),
    "2-0": (0.14175469, 97.18),
    "9-0": (0.04812531, 98.38),
    "9-60": (0.04472160, 98.40),
    "9-120": (0.04300803, 98.52),
    "9-180": (0.04358591, 98.28),
}


def initial(inputs, classes, rng, dtype, hidden=HIDDEN):
    """The lecture's N(0, 1/rows), in the dtype that is trained in."""
    return tuple(w.astype(dtype) for w in initialize_weights(inputs, hidden, classes, rng))


def train_and_report(images, run, how="standardised"):
    """The lecture's run: the history holds, after batch 0, 60, 120, ... of each epoch, what it reports.

    loss: over all training images. The printed losses are those of standardised pixels; with pixels in [0, 1] they
    stay half as high again and more.
    accuracy: over the second half of the test images, which is what the printed numbers are of: they are multiples of
    0.02 %, so of 5000 images, and on the first half it is 2 to 4 % less.
    accuracy_all: over all test images. Returns w1 and w2.
    """
    x, x_test = scaled(images, how)
    keep = 600 if run.size == "small" else len(x)
    x, labels, half = x[:keep], images.labels[:keep], len(x_test) // 2
    step = Step(*initial(x.shape[1], images.classes, np.random.default_rng(run.seed), x.dtype))

    def after(epoch, batch, _):
        if batch % EVERY == 0:
            loss, _ = measured(step.w1, step.w2, x, labels)
            right = scores(step.w1, step.w2, x_test).argmax(axis=1) == images.labels_test
            run.history.add(
                epoch=epoch, batch=batch, loss=loss, accuracy=right[half:].mean(), accuracy_all=right.mean()
            )
        run.progress(epoch + (batch + 1 >= -(-len(x) // BATCH)))

    train(step, x, labels, epochs=run.epochs, batch_size=BATCH, rate=RATE, after=after)
    return step.w1, step.w2


def told(record, with_printed):
    """One line in the lecture's words, and the printed one beside it where there is one."""
    place = f"{record['epoch']}-{record['batch']}"
    line = f"{place} > Loss: {record['loss']:.8f}, Accuracy: {100 * record['accuracy']:.2f}%"
    loss, accuracy = PRINTED.get(place, (None, None))
    return f"{line}   printed {loss:.8f}, {accuracy:.2f}%" if with_printed and loss else line


def run(run: Run) -> Outcome:
    images = data.images(run.mnist, "float32")
    w1, w2 = train_and_report(images, run)
    records, real = run.history.records, images.name == "MNIST"
    last = records[-1]
    shape = "-".join(str(n) for n in (w1.shape[0] - 1, w1.shape[1], w2.shape[1]))
    lines = [
        f"{images.name}, {shape}, pixels standardised; accuracy over the second half of the test images",
        *(told(record, real) for record in records),
        f"over all test images: {last['accuracy_all']:.2%}",
    ]
    shown = images.x_test[:20]
    _, standardised = scaled(images, "standardised")
    return Outcome(
        tuple(lines),
        {
            "w1": w1,
            "w2": w2,
            "images": shown.reshape(-1, *images.shape),
            "labels": images.labels_test[:20],
            "chosen": scores(w1, w2, standardised[:20]).argmax(axis=1),
        },
    )


def plot(outcome, records, folder):
    kept = outcome.arrays
    captions = [f"{label}: read {chosen}" for label, chosen in zip(kept["labels"], kept["chosen"], strict=True)]
    both = {name: [r[name] for r in records] for name in ("accuracy", "accuracy_all")}
    steps = f"reports, every {EVERY} batches of an epoch"
    return [
        plotting.curves(folder / "loss.png", {"loss": [r["loss"] for r in records]}, x=steps, y="loss", log=True),
        plotting.curves(folder / "accuracy.png", both, x=steps, y="accuracy"),
        plotting.pictures(folder / "digits.png", kept["images"], captions),
    ]


SYSTEM = System(
    name="digits_100",
    lecture="004",
    headings=("Tuning Hyperparameters: 5_development.jpynb", "Multi-layer neural network"),
    summary="784-100-10 by mini-batches of 256, with the printed losses and accuracies",
    run=run,
    epochs=10,
    plot=plot,
    gradients=(Gradient("digits_100", digits_100_forward, digits_100_backward, point),),
    images=True,
)
