"""Training, validation and test parts; k-fold cross-validation; the error curves that tell when to stop."""

import numpy as np

from .. import data, plotting
from .._system import Outcome, Run, System
from ._digits_100 import Step, gradient, measured, train
from .digits_100 import initial

SHARES = (0.6, 0.2, 0.2)
FOLDS, HIDDEN, BATCH, RATE = 5, 100, 4, 1.0
ROWS = 500
NOISE = 0.2  # of the training labels are drawn anew: learning them by heart is what turns the validation error
PATIENCE = 10  # epochs without a better validation error


def split(n, shares, rng):
    """Disjoint index arrays that cover 0 to n - 1, shuffled; as large as the shares say, the last takes the rest.

    ValueError where a share is not positive, where they do not sum to one, or where a part would be empty.
    """
    if min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError(f"shares {shares} do not split a whole; give positive numbers that sum to one")
    ends = [round(n * sum(shares[: k + 1])) for k in range(len(shares) - 1)]
    parts = np.split(rng.permutation(n), ends)
    if not all(len(part) for part in parts):
        raise ValueError(f"{n} rows are too few for the shares {shares}; a part would be empty")
    return parts


def folds(n, k, rng):
    """k pairs (training rows, validation rows): every row is validated exactly once, and trained on k - 1 times."""
    if not 2 <= k <= n:
        raise ValueError(f"{n} rows do not make {k} folds; give 2 to {n}")
    parts = np.array_split(rng.permutation(n), k)
    return [(np.concatenate(parts[:j] + parts[j + 1 :]), parts[j]) for j in range(k)]


def stopping_epoch(errors, patience=PATIENCE):
    """Epoch with the least validation error before `patience` epochs bring no better one; the training stops there."""
    best = 0
    for epoch, error in enumerate(errors):
        if error < errors[best]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def error_curves(x, labels, parts, epochs, rng, after=lambda *values: None):
    """Train on the first part; after each epoch, cross-entropy and error rate of the first and the second part."""
    training, validation = parts
    step = Step(*initial(x.shape[1], int(labels.max()) + 1, rng, x.dtype, HIDDEN))
    for epoch in range(epochs):
        train(step, x[training], labels[training], epochs=1, batch_size=BATCH, rate=RATE)
        known, unknown = (measured(step.w1, step.w2, x[part], labels[part]) for part in (training, validation))
        after(epoch, known, unknown)
    return step


def with_noise(labels, rows, rng, share=NOISE):
    """The labels, of which a share of these rows is drawn anew from all classes."""
    noisy = labels.copy()
    chosen = rng.choice(rows, round(share * len(rows)), replace=False)
    noisy[chosen] = rng.integers(0, labels.max() + 1, len(chosen))
    return noisy


def run(run: Run) -> Outcome:
    rng = np.random.default_rng(run.seed)
    images = data.images(run.mnist, "float32")
    rows = 200 if run.size == "small" else ROWS
    x, labels = images.x[:rows], images.labels[:rows]
    training, validation, test = split(rows, SHARES, rng)

    def after(epoch, known, unknown):
        run.history.add(
            epoch=epoch, loss=known[0], error=1 - known[1], validation_loss=unknown[0], validation_error=1 - unknown[1]
        )
        run.progress(epoch + 1)

    noisy = with_noise(labels, training, rng)
    step = error_curves(x, noisy, (training, validation), run.epochs, rng, after)
    records = run.history.records
    stop = stopping_epoch([r["validation_loss"] for r in records])
    stopped = error_curves(x, noisy, (training, validation), stop + 1, np.random.default_rng([run.seed, 1]))
    late = measured(step.w1, step.w2, x[test], labels[test])[1]
    accuracies, validated = [], np.zeros(rows, dtype=np.int64)
    pairs = folds(rows, FOLDS, rng)
    for pair in pairs:
        found = error_curves(x, labels, pair, stop + 1, rng)
        accuracies.append(measured(found.w1, found.w2, x[pair[1]], labels[pair[1]])[1])
        validated[pair[1]] += 1
    last, best = records[-1], records[stop]
    once = "exactly once" if (validated == 1).all() else "NOT exactly once"
    lines = (
        f"{images.name}: {rows} rows in parts of {len(training)} for training, {len(validation)} for validation, "
        f"{len(test)} for the test; {NOISE:.0%} of the training labels are drawn anew",
        f"the training loss falls to {last['loss']:.4f} in epoch {last['epoch']}; the validation loss is least, "
        f"{best['validation_loss']:.4f}, in epoch {stop}, and {last['validation_loss']:.4f} in the end",
        f"stopped there, tested once: accuracy {measured(stopped.w1, stopped.w2, x[test], labels[test])[1]:.2%}; "
        f"trained to the end it would be {late:.2%}",
        f"{FOLDS} folds of the right labels, each row validated {once}: accuracy {np.mean(accuracies):.2%}, "
        f"from {min(accuracies):.2%} to {max(accuracies):.2%}",
    )
    fold_of = np.zeros(rows, dtype=np.int64)
    for number, (_, rows_of) in enumerate(pairs):
        fold_of[rows_of] = number
    return Outcome(
        lines,
        {"w1": step.w1, "w2": step.w2, "fold": fold_of, "accuracies": np.array(accuracies), "stop": np.array(stop)},
    )


def plot(outcome, records, folder):
    stop = int(outcome.arrays["stop"])
    written = []
    for name, what in (("loss", "cross-entropy"), ("error", "share misread")):
        series = {"training": [r[name] for r in records], "validation": [r[f"validation_{name}"] for r in records]}
        # From where the training should have stopped: what it would have kept.
        kept = series["validation"][stop]
        series["early stopping"] = [kept if k >= stop else np.nan for k in range(len(records))]
        path = plotting.curves(folder / f"{name}_curves.png", series, x="epoch", y=what, title=f"stop at epoch {stop}")
        written.append(path)
    grid = np.array([outcome.arrays["fold"] == k for k in range(FOLDS)], dtype=float)
    captions = [f"fold {k}: {a:.1%}" for k, a in enumerate(outcome.arrays["accuracies"])]
    side = int(np.ceil(np.sqrt(grid.shape[1])))
    padded = np.pad(grid, ((0, 0), (0, side * side - grid.shape[1]))).reshape(FOLDS, side, side)
    return [*written, plotting.pictures(folder / "folds.png", padded, captions, columns=FOLDS)]


SYSTEM = System(
    name="splits_and_folds",
    lecture="004",
    headings=(
        "Splitting input data into a training, validation, and test set",
        "K-fold cross-validation",
        "An idealized set of error curves",
    ),
    summary="training, validation and test parts, k folds, error curves and early stopping",
    run=run,
    epochs=60,
    plot=plot,
    gradients=(gradient("splits_and_folds"),),
    images=True,
)
