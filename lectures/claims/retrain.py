"""Train again, on MNIST over several seeds, what the lectures print a result of: the records that judge such claims.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m gradproof.lectures.claims.retrain --mnist FOLDER --seeds 0 1 2

Each training runs under the settings that the lecture prints and under those that change or add one; every run is
written to `trained/NNN_name.json` as soon as it is done, and what is written there is not trained again. A run that
was stopped goes on with what is missing. Everything is in float32, on one BLAS thread.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from ..data import Images, mnist
from ..systems import _digits_100, _digits_512, digits_100, homework_10_1, homework_10_2
from ..systems._digits_512 import AccTest, Forwardpass
from ..systems.mnist_pipeline import scaled
from ..training import Progress, accuracy, batches
from ._trained import FOLDER, FORMAT, PROBABILITY, VERSION, Recorded, interval, read, scale_of

Results = dict[str, list[float]]
Told = Callable[[float], None]
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Training:
    """A training whose result a lecture prints.

    name:     lecture and what it is; that of its record. says: the network, and what all its settings share.
    settings: by name, what is changed between them, as arguments of `run`.
    run:      ``run(images, seed, told, **parameters) -> results``: lists of numbers by quantity; `told` is given the
              share that is done.
    """

    name: str
    says: str
    settings: Mapping[str, Parameters]
    run: Callable[..., Results]


def mini_batches_512(images: Images, seed: int, told: Told, *, rate: float, epochs: int = 5) -> Results:
    """Accuracy in test after each epoch, the update as printed."""
    rng = np.random.default_rng(seed)
    weights = list(_digits_512.initial(images.x.shape[1], images.classes, rng).values())
    x, y, y_test = images.x, images.y, images.y_test
    found: Results = {"accuracy": []}
    for epoch in range(epochs):
        for rows in batches(len(x), 200, rng):
            moves = _digits_512.printed_step(weights, x[rows], y[rows])
            weights = [w - rate * move for w, move in zip(weights, moves, strict=True)]
        found["accuracy"].append(AccTest(y_test, Forwardpass(images.x_test, *weights)))
        told((epoch + 1) / epochs)
    return found


PLACES = tuple(tuple(map(int, place.split("-"))) for place in digits_100.PRINTED)
"""Epoch and batch of the reports that the lecture prints."""


def reported_100(images: Images, seed: int, told: Told, *, pixels: str, epochs: int = 10) -> Results:
    """Loss over the training images and accuracies at the printed places; the batches in order, as printed."""
    x, x_test = scaled(images, pixels)
    half = len(x_test) // 2
    step = _digits_100.Step(*digits_100.initial(x.shape[1], images.classes, np.random.default_rng(seed), x.dtype))
    found: Results = {"loss": [], "accuracy": [], "accuracy_first_half": [], "accuracy_second_half": []}

    def after(epoch: int, batch: int, _: Any) -> None:
        if (epoch, batch) not in PLACES:
            return
        right = _digits_100.scores(step.w1, step.w2, x_test).argmax(axis=1) == images.labels_test
        values = (_digits_100.measured(step.w1, step.w2, x, images.labels)[0], right, right[:half], right[half:])
        for kept, value in zip(found.values(), values, strict=True):
            kept.append(float(np.mean(value)))
        told((epoch + 1) / epochs)

    _digits_100.train(
        step, x, images.labels, epochs=epochs, batch_size=digits_100.BATCH, rate=digits_100.RATE, after=after
    )
    return found


def dense_256_128(images: Images, seed: int, told: Told, *, dropout: float, epochs: int = 20) -> Results:
    """Share of the images misread: of the test images after each epoch, of the training images at the end."""
    rng = np.random.default_rng(seed)
    weights = homework_10_1.initial((images.x.shape[1], 256, 128, images.classes), rng, variance=2)
    found: Results = {"test_error": [], "training_error": []}
    for epoch in range(epochs):
        for rows in batches(len(images.x), 64, rng):
            homework_10_1.step(weights, images.x[rows], images.labels[rows], 0.1, dropout, rng)
        found["test_error"].append(1 - accuracy(homework_10_1.scores(weights, images.x_test), images.labels_test))
        told((epoch + 1) / epochs)
    found["training_error"].append(1 - accuracy(homework_10_1.scores(weights, images.x), images.labels))
    return found


def iterations_50(
    images: Images, seed: int, told: Told, *, rate: float, batch: int, as_listed: bool, iterations: int = 2000
) -> Results:
    """Accuracy in test after all iterations, nothing dropped."""

    def look(iteration: int, *_: Any) -> None:
        if iteration % 50 == 0:
            told(iteration / iterations)

    rng = np.random.default_rng(seed)
    weights = homework_10_1.descend(
        images, len(images.x), iterations, rate, rng, look, as_listed=as_listed, batch_size=batch
    )
    return {"accuracy": [accuracy(homework_10_1.scores(weights, images.x_test), images.labels_test)]}


def tuned(images: Images, seed: int, told: Told, **configuration: Any) -> Results:
    """Accuracy in test after each epoch, nothing dropped."""
    found: Results = {"accuracy": []}

    def after(weights: Any, _: float) -> None:
        found["accuracy"].append(accuracy(homework_10_1.scores(weights, images.x_test), images.labels_test))
        told(len(found["accuracy"]) / configuration["epochs"])

    homework_10_2.trained(images.x, images.labels, configuration, seed, after)
    return found


TRAININGS = (
    Training(
        "000_mini_batches",
        "784-512-10, sigmoid and softmax, mini-batches of 200 shuffled in each epoch, pixels in [0, 1], weights and "
        "biases drawn evenly as printed, the update as printed; accuracy over the 10,000 test images after each epoch",
        {"rate_0.5": {"rate": 0.5}, "rate_0.1": {"rate": 0.1}},
        mini_batches_512,
    ),
    Training(
        "001_256_128",
        "784-256-128-10, ReLU and softmax, batches of 64 shuffled in each epoch, rate 0.1, 20 epochs, pixels in "
        "[0, 1], weights N(0, 2/inputs); shares misread",
        {"plain": {"dropout": 0.0}, "dropout": {"dropout": 0.2}},
        dense_256_128,
    ),
    Training(
        "004_run_of_100",
        "784-100-10, sigmoid and softmax, 10 epochs of batches of 256 in the files' order, rate 1, weights N(0, "
        "1/rows); loss over the 60,000 training images and accuracies at the printed reports",
        {"bytes": {"pixels": "raw"}, "unit": {"pixels": "unit"}, "standardised": {"pixels": "standardised"}},
        reported_100,
    ),
    Training(
        "004_homework_1",
        "784-50-50-50-10, ReLU, dropout of 0.2, softmax, 2000 iterations, pixels in [0, 1], weights N(0, 1/rows); "
        "accuracy over the 10,000 test images",
        {
            "rate_0.01": {"rate": 0.01, "batch": 256, "as_listed": False},
            "rate_0.01_listed_backward": {"rate": 0.01, "batch": 256, "as_listed": True},
            "rate_0.01_1024_images": {"rate": 0.01, "batch": 1024, "as_listed": False},
            "rate_0.1": {"rate": 0.1, "batch": 256, "as_listed": False},
        },
        iterations_50,
    ),
    Training(
        "004_homework_2",
        "784-256-256-256-10, ReLU, dropout of 0.2, softmax, batches of 64 shuffled in each epoch, rate 0.3, 20 epochs, "
        "pixels in [0, 1], weights N(0, 1/rows); accuracy over the 10,000 test images after each epoch",
        {"tuned": {"n_hidden_nodes": 256, "lr": 0.3, "batch_size": 64, "epochs": 20}},
        tuned,
    ),
)


def environment() -> dict[str, str]:
    """What the bits of a training depend on: equal where two runs of one seed must agree to the last bit."""
    build = np.__config__.show(mode="dicts") or {}
    blas = build.get("Build Dependencies", {}).get("blas", {})
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "threads": os.environ.get("OMP_NUM_THREADS", "not set"),
    }


def _processor() -> str:
    """Family, model and name, as Linux tells them; elsewhere what Python says."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor() or "unknown"
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return " ".join(said[key] for key in ("model name", "cpu family", "model") if key in said) or platform.machine()


def run(training: Training, settings: str, seed: int, images: Images) -> dict[str, Any]:
    """One run, as the record holds it."""
    started = time.monotonic()
    with Progress(f"{training.name} {settings} seed {seed}", 100) as progress:
        results = training.run(images, seed, lambda share: progress(int(100 * share)), **training.settings[settings])
    return {
        "settings": settings,
        "seed": seed,
        "results": results,
        "seconds": round(time.monotonic() - started, 1),
        "date": datetime.now(timezone.utc).date().isoformat(),
        "environment": environment(),
    }


def write(training: Training, runs: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """The record of a training, whole or not at all: a killed run leaves the last one."""
    order = list(training.settings)
    record = {
        "format": FORMAT,
        "version": VERSION,
        "name": training.name,
        "says": training.says,
        "settings": {name: dict(parameters) for name, parameters in training.settings.items()},
        "runs": sorted(runs, key=lambda run: (order.index(run["settings"]), run["seed"])),
    }
    path = folder / f"{training.name}.json"
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with new.open("w", encoding="utf-8") as file:
            json.dump(record, file, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def kept(training: Training, folder: Path) -> list[dict[str, Any]]:
    """The runs on record, but for those of settings or a training that are others by now."""
    path = folder / f"{training.name}.json"
    if not path.is_file():
        return []
    record: Recorded = read(path)
    same = {name for name, parameters in training.settings.items() if record.settings.get(name) == dict(parameters)}
    return [run for run in record.runs if run["settings"] in same and record.says == training.says]


def disagreements(record: Recorded, again: Mapping[str, Any]) -> list[str]:
    """What a run gives otherwise than the run of its settings and seed on record; empty where they agree.

    In an environment equal to the recorded one they agree to the last bit. Elsewhere every number must lie in the
    prediction interval of the seeds on record.
    """
    (before,) = (r for r in record.runs if (r["settings"], r["seed"]) == (again["settings"], again["seed"]))
    exact = before["environment"] == again["environment"]
    found = []
    for quantity, values in before["results"].items():
        for index, (was, now) in enumerate(zip(values, again["results"][quantity], strict=True)):
            low, high = (was, was) if exact else _spread(record, again["settings"], quantity, index)
            if not low <= now <= high:
                found.append(f"{quantity} {index}: {now}, on record {was}, from {low} to {high}")
    return found


def _spread(record: Recorded, settings: str, quantity: str, index: int) -> tuple[float, float]:
    return interval(record.over_seeds(settings, quantity, index), PROBABILITY, scale_of(quantity))


def retrain(
    folder: Path | str, seeds: Sequence[int], *, output: Path = FOLDER, only: Sequence[str] = (), stream: Any = None
) -> None:
    """Train what is missing for these seeds, on MNIST from `folder`, and write it to `output` run by run.

    only: "NAME" of a training or "NAME/SETTINGS"; all of them where it is empty. ValueError for any other, for a
    negative seed, and for a folder that holds no MNIST.
    """
    known = {f"{t.name}/{s}": (t, s) for t in TRAININGS for s in t.settings}
    for name in only:
        if not any(key == name or key.startswith(f"{name}/") for key in known):
            raise ValueError(f"there is no training {name!r}; there are {', '.join(known)}")
    if any(seed < 0 for seed in seeds):
        raise ValueError(f"the seed {min(seeds)} is negative; give 0 or more")
    images = mnist(folder, "float32")
    output.mkdir(parents=True, exist_ok=True)
    for seed in dict.fromkeys(seeds):
        for key, (training, settings) in known.items():
            if only and not any(key == name or key.startswith(f"{name}/") for name in only):
                continue
            before = kept(training, output)
            if any((run["settings"], run["seed"]) == (settings, seed) for run in before):
                continue
            done = run(training, settings, seed, images)
            write(training, [*before, done], output)
            last = ", ".join(f"{name} {values[-1]:.4f}" for name, values in done["results"].items())
            print(f"{key} seed {seed}: {last} ({done['seconds']} s)", file=stream, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where everything is on record, 2 for arguments or data that make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m gradproof.lectures.claims.retrain",
        description="Train again, over several seeds, what the lectures print a result of.",
    )
    parser.add_argument("--mnist", required=True, metavar="FOLDER", help="the folder with MNIST's four IDX files")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="0 1 2 by default")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME[/SETTINGS]", help="these trainings only")
    parser.add_argument(
        "--output", type=Path, default=FOLDER, metavar="FOLDER", help="of the records; by default those that are judged"
    )
    given = parser.parse_args(arguments)
    try:
        retrain(given.mnist, given.seeds, output=given.output, only=given.only)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
