"""From image files to batches: loaded, scaled or not, flattened, one-hot, and cut into mini-batches."""

import numpy as np

from .. import data, plotting
from .._system import Outcome, Run, System

LEVELS = {"MNIST": 255, "digits": 16}  # the largest byte of a pixel
SCALES = ("unit", "raw", "standardised")
PRINTED_BATCHES = [[[0], [1]], [[2], [3]], [[4], [5]], [[6], [7]], [[8], [9]]]


def prepare_batches(X_train, Y_train, batch_size):
    """The lecture's function: lists of consecutive rows of X and of Y, the last ones shorter where they must be."""
    if batch_size < 1:
        raise ValueError(f"a batch of {batch_size} rows holds nothing; give a batch size of 1 or more")
    starts = range(0, X_train.shape[0], batch_size)
    return [X_train[k : k + batch_size] for k in starts], [Y_train[k : k + batch_size] for k in starts]


def scaled(images, how="unit"):
    """Training and test images: "unit" in [0, 1], "raw" as the files have them, or "standardised".

    Standardised is (x - m) / s with one mean m and one deviation s, of all pixels of all training images: what is
    measured on the training part alone also serves the test part.
    """
    if how not in SCALES:
        raise ValueError(f"there is no scale {how!r}; one of {', '.join(SCALES)}")
    if how == "unit":
        return images.x, images.x_test
    dtype = images.x.dtype
    if how == "raw":
        levels = LEVELS[images.name]
        return tuple(np.rint(x * levels).astype(dtype) for x in (images.x, images.x_test))
    mean, deviation = (dtype.type(f(images.x, dtype=np.float64)) for f in (np.mean, np.std))
    return (images.x - mean) / deviation, (images.x_test - mean) / deviation


def iterations(n, batch_size, epochs=1):
    """How many times the weights are updated: one for each batch, the shorter last one included."""
    return -(-n // batch_size) * epochs


def run(run: Run) -> Outcome:
    """The pipeline on the images, and the two printed examples."""
    images = data.images(run.mnist)
    raw, _ = scaled(images, "raw")
    standardised, _ = scaled(images, "standardised")
    ten = np.arange(10)[:, None]
    batches, _ = prepare_batches(ten, ten % 2, 2)
    as_printed = [b.tolist() for b in batches] == PRINTED_BATCHES
    lengths = [len(b) for b in prepare_batches(images.x, images.y, 256)[0]]
    counts = np.bincount(np.concatenate([images.labels, images.labels_test]))
    lines = (
        f"{images.name}: {len(raw)} training and {len(images.x_test)} test images of {images.shape[0]} x "
        f"{images.shape[1]}, flattened to rows of {raw.shape[1]}",
        f"pixels {raw.min():g} to {raw.max():g} in the files, {images.x.min():g} to {images.x.max():g} scaled; "
        f"standardised they have mean {abs(standardised.mean()):.1f} and deviation {standardised.std():.1f}",
        f"{counts.sum()} images, {counts.min()} to {counts.max()} of each digit; the lecture says 7,000 of each",
        f"one-hot: labels {images.labels[:4].tolist()} become {images.y[:4].astype(int).tolist()}",
        f"ten rows in twos: {len(batches)} batches, {'as printed' if as_printed else 'not as printed'}",
        f"99 rows in threes: {iterations(99, 3)} iterations an epoch, printed 33; 10 epochs: {iterations(99, 3, 10)}, "
        "printed 330",
        f"{len(images.x)} rows in batches of 256: {len(lengths)} iterations, the last batch has {lengths[-1]}",
    )
    shown = {"images": images.x[:20].reshape(-1, *images.shape), "labels": images.labels[:20], "one_hot": images.y[:20]}
    return Outcome(lines, {**shown, "batches": np.stack(batches), "lengths": np.array(lengths)})


def plot(outcome, records, folder):
    kept = outcome.arrays
    return [
        plotting.pictures(folder / "digits.png", kept["images"], [f"{label}" for label in kept["labels"]]),
        plotting.pictures(folder / "one_hot.png", kept["one_hot"][None], ["one row a digit"]),
    ]


SYSTEM = System(
    name="mnist_pipeline",
    lecture="004",
    headings=("Multiple Classification of MNIST", "One-Hot Encoding", "Mini-batch gradient descent with batch size 3"),
    summary="images loaded, scaled, flattened, one-hot, cut into mini-batches",
    run=run,
    plot=plot,
    images=True,
    random=False,
)
