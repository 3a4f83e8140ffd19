"""Hyperparameters chosen one after another on the validation part, then one test: nodes, learning rate, batch, epochs.

Every trial is kept in `trials.jsonl` beside the run's history, as soon as it is done. A run that was stopped goes on
after the last finished trial: it reads what it has already trained, and trains the rest.
"""

import json

import numpy as np

from .. import data, plotting
from .._system import Outcome, Run, System
from ._digits_100 import Step, gradient, measured, scores, train
from .digits_100 import initial
from .mnist_pipeline import scaled
from .splits_and_folds import split

# The lecture prints one configuration, 100 nodes, 10 epochs, batches of 256 and rate 1; its curves' other values are
# in figures that are lost. Tuned in its order; each choice holds for the next.
START = {"n_hidden_nodes": 10, "lr": 0.1, "batch_size": 256, "epochs": None}
VALUES = {"n_hidden_nodes": (10, 30, 100), "lr": (0.01, 0.1, 1.0), "batch_size": (32, 64, 256), "epochs": None}
SHARES = (0.8, 0.2)


class Trials:
    """Finished trials by configuration, kept in a JSON Lines file where `path` is given; `key` names data and seed.

    A line that was cut off when a run was killed is trained again.
    """

    def __init__(self, path=None, key=None):
        self.path, self.key, self._done = path, key, {}
        whole = []
        for line in path.read_text(encoding="utf-8").splitlines() if path is not None and path.exists() else ():
            try:
                record = json.loads(line)
                self._done[self._name(record["configuration"], record["key"])] = record["curves"]
            except (ValueError, KeyError, TypeError):
                continue
            whole.append(line)
        if path is not None and path.exists():  # so that nothing is appended to half a line
            path.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")

    @staticmethod
    def _name(configuration, key):
        return json.dumps([configuration, key], sort_keys=True)

    def get(self, configuration):
        """The error curves of a finished trial, or None."""
        return self._done.get(self._name(configuration, self.key))

    def add(self, configuration, curves):
        self._done[self._name(configuration, self.key)] = curves
        if self.path is not None:
            record = {"configuration": configuration, "key": self.key, "curves": curves}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")


def trained(x, labels, configuration, seed, after=lambda step: None):
    """The weights that a configuration comes to on these rows; `after` is told of every epoch."""
    rng = np.random.default_rng([seed, 2])  # every configuration starts from the same draw
    step = Step(*initial(x.shape[1], 10, rng, x.dtype, configuration["n_hidden_nodes"]))
    for _ in range(configuration["epochs"]):
        train(step, x, labels, epochs=1, batch_size=configuration["batch_size"], rate=configuration["lr"])
        after(step)
    return step


def trial(known, unknown, configuration, seed):
    """Error curves of a configuration: by epoch, loss and error in training and in validation."""
    curves = {"loss": [], "error": [], "validation_loss": [], "validation_error": []}

    def after(step):
        for prefix, (x, labels) in (("", known), ("validation_", unknown)):
            loss, accuracy = measured(step.w1, step.w2, x, labels)
            curves[f"{prefix}loss"].append(loss)
            curves[f"{prefix}error"].append(1 - accuracy)

    trained(*known, configuration, seed, after)
    return curves


def values_of(name, epochs, values=VALUES):
    """The values that a hyperparameter is tried at; of the epochs, fractions of the run's number, and all."""
    return values[name] or tuple(sorted({max(1, epochs // 4), max(1, epochs // 2), epochs}))


def tune(known, unknown, *, epochs, seed, trials, values=VALUES, start=START, after=lambda *told: None, trial=trial):
    """One hyperparameter after the other at its values, the others as chosen so far; the least validation error wins.

    known, unknown: (x, labels) to train on and to judge by; trial: what trains a configuration and gives its curves.
    `after(name, configuration, curves)` is told of every trial. A tie goes to the value tried first. Returns the best
    configuration.
    """
    best = {**start, "epochs": epochs}
    for name in values:
        found = []
        for value in values_of(name, epochs, values):
            configuration = {**best, name: value}
            curves = trials.get(configuration)
            if curves is None:
                curves = trial(known, unknown, configuration, seed)
                trials.add(configuration, curves)
            found.append((curves["validation_error"][-1], value))
            after(name, configuration, curves)
        best[name] = min(found, key=lambda pair: pair[0])[1]
    return best


def run(run: Run) -> Outcome:
    images = data.images(run.mnist, "float32")
    x, x_test = scaled(images, "standardised")
    keep = 300 if run.size == "small" else len(x)
    rows = split(keep, SHARES, np.random.default_rng(run.seed))
    known, unknown = ((x[part], images.labels[part]) for part in rows)
    values = {**VALUES, "n_hidden_nodes": (5, 10)} if run.size == "small" else VALUES
    total, done = sum(len(values_of(name, run.epochs, values)) for name in values), 0
    path = getattr(run.history, "path", None)  # of the history's file, where there is one
    key = {"data": images.name, "rows": keep, "seed": run.seed}
    trials = Trials(None if path is None else path.parent / "trials.jsonl", key)
    already = len(trials._done)

    def after(name, configuration, curves):
        nonlocal done
        done += 1
        last = {kind: curve[-1] for kind, curve in curves.items()}
        by_epoch = {"training_curve": curves["error"], "validation_curve": curves["validation_error"]}
        run.history.add(tuned=name, **configuration, **last, **by_epoch)
        run.progress(run.epochs * done // total)

    best = tune(known, unknown, epochs=run.epochs, seed=run.seed, trials=trials, values=values, after=after)
    final = trained(*known, best, run.seed)
    _, accuracy = measured(final.w1, final.w2, x_test, images.labels_test)
    lines = [f"{images.name}: {len(known[0])} rows for training, {len(unknown[0])} for validation, {total} trials"]
    lines += [f"{already} trials were already there"] if already else []
    for name in values:
        of_name = [r for r in run.history.records if r["tuned"] == name]
        shown = ", ".join(f"{r[name]:g}: {r['validation_error']:.2%}" for r in of_name)
        lines.append(f"{name}: validation error {shown}; chosen {best[name]:g}")
    lines.append(f"the best configuration, tested once: accuracy {accuracy:.2%}")
    chosen = scores(final.w1, final.w2, x_test[:20]).argmax(axis=1)
    return Outcome(tuple(lines), {"w1": final.w1, "w2": final.w2, "chosen": chosen})


def plot(outcome, records, folder):
    written = []
    for name in VALUES:
        trials = [r for r in records if r["tuned"] == name]
        by_value = {
            "training": [r["error"] for r in trials],
            "validation": [r["validation_error"] for r in trials],
        }
        values = ", ".join(f"{r[name]:g}" for r in trials)
        by_epoch = {f"{name} = {r[name]:g}, validation": r["validation_curve"] for r in trials}
        by_epoch |= {f"{name} = {r[name]:g}, training": r["training_curve"] for r in trials}
        written += [
            plotting.curves(folder / f"{name}.png", by_value, x=f"{name}: {values}", y="share misread"),
            plotting.curves(folder / f"{name}_epochs.png", by_epoch, x="epoch", y="share misread"),
        ]
    return written


SYSTEM = System(
    name="hyperparameter_tuner",
    lecture="004",
    headings=(
        "Splitting input data into a training, validation, and test set",
        "Tuning the Number of Hidden Nodes",
        "Tuning the Learning Rate",
        "Tuning the Batch Size",
    ),
    summary="hidden nodes, learning rate, batch size and epochs tuned on the validation part, one test at the end",
    run=run,
    epochs=10,
    plot=plot,
    gradients=(gradient("hyperparameter_tuner"),),
    images=True,
)
