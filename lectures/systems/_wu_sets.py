"""One classifier trained on Wu's three point sets side by side: the perceptron, and the network with a hidden layer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from .. import plotting
from .._system import Run
from ..data import POINT_SETS, points
from ..training import Network, Parameters, descend

Score = Callable[[Parameters, np.ndarray], np.ndarray]


def train_on_sets(
    run: Run,
    start: Callable[[np.random.Generator], Parameters],
    network: Network,
    targets: Callable[[np.ndarray], np.ndarray],
    score: Score,
    rate: float,
) -> dict[str, np.ndarray]:
    """Batch gradient descent on each set; points, labels and parameters by set and name, as "circles w1".

    start: parameters from a generator. targets: the network's own from labels (N,). score: of points (M, 2) -> (M,),
    above one half for class 1. The history has each set's loss and accuracy; its `loss` is their mean.
    """
    rng = np.random.default_rng(run.seed)
    n = 60 if run.size == "small" else 300
    kept: dict[str, np.ndarray] = {}
    trained: dict[str, Parameters] = {}
    for name in POINT_SETS:
        kept[f"{name} points"], kept[f"{name} labels"] = points(name, n, rng)
        trained[name] = start(rng)
    for epoch in range(run.epochs):
        record = {}
        for name, p in trained.items():
            X, labels = kept[f"{name} points"], kept[f"{name} labels"]
            record[f"loss_{name}"], gradients = network(p, X, targets(labels))
            descend(p, gradients, rate)
            record[f"accuracy_{name}"] = _accuracy(score(p, X), labels)
        run.history.add(
            epoch=epoch, loss=sum(record[f"loss_{name}"] for name in POINT_SETS) / len(POINT_SETS), **record
        )
        run.progress(epoch + 1)
    for name, p in trained.items():
        kept |= {f"{name} {key}": value for key, value in p.items()}
    return kept


def parameters_of(kept: Any, name: str) -> Parameters:
    """A set's trained parameters out of what `train_on_sets` keeps."""
    own = {key.removeprefix(f"{name} "): value for key, value in kept.items() if key.startswith(f"{name} ")}
    return {key: value for key, value in own.items() if key not in ("points", "labels")}


def best_line(X: np.ndarray, labels: np.ndarray) -> float:
    """The largest accuracy that any straight line reaches on points (N, 2) in general position, labels 0 or 1.

    Some best line passes as near as you like to two of the points, which a small turn then puts on their right sides;
    so the lines through each pair are all that have to be tried.
    """
    first, second = np.array(list(combinations(range(len(X)), 2))).T
    along = X[second] - X[first]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    above = across @ X.T > (across * X[first]).sum(axis=1, keepdims=True)
    others = np.ones(above.shape, dtype=bool)
    rows = np.arange(len(first))
    others[rows, first] = others[rows, second] = False
    right = ((above == (labels == 1)) & others).sum(axis=1)
    return float((np.maximum(right, len(X) - 2 - right).max() + 2) / len(X))


def plot_sets(kept: Any, records: list[dict[str, Any]], folder: Path, score: Score) -> list[Path]:
    """The boundary on each set, and the losses and accuracies over the epochs."""
    written = []
    for name in POINT_SETS:
        p = parameters_of(kept, name)
        title = f"{name.replace('_', ' ')}: accuracy {records[-1][f'accuracy_{name}']:.1%}"
        written.append(
            plotting.boundary(
                folder / f"{name}.png",
                kept[f"{name} points"],
                kept[f"{name} labels"],
                lambda at, p=p: score(p, at),  # type: ignore[misc]
                title=title,
            )
        )
    for quantity in ("loss", "accuracy"):
        series = {name.replace("_", " "): [r[f"{quantity}_{name}"] for r in records] for name in POINT_SETS}
        written.append(plotting.curves(folder / f"{quantity}.png", series, x="epoch", y=quantity))
    return written


def _accuracy(score: np.ndarray, labels: np.ndarray) -> float:
    return float(((score > 0.5) == (labels == 1)).mean())
