"""What every training run shares: batches, history, the descent itself, a progress bar on a terminal.

A network here is a function ``network(parameters, x, y) -> (loss, gradients)``: parameters and gradients are dicts of
arrays by name, the loss is a scalar. Nothing draws a random number but the generator that is passed in, so the same
seed gives the same bits on one machine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ._system import Run

Parameters = dict[str, np.ndarray]
Network = Callable[[Parameters, np.ndarray, np.ndarray], tuple[Any, Mapping[str, np.ndarray]]]


class History:
    """Records of a run, one for each epoch or step: kept here, and written to a JSON Lines file as they come.

    path: the file, which is replaced; None to write nothing. A context manager that closes the file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.records: list[dict[str, Any]] = []
        self._file: IO[str] | None = None if path is None else path.open("w", encoding="utf-8")

    def add(self, **values: Any) -> None:
        """Append one record; numbers that JSON does not know are written as "nan", "inf" and "-inf"."""
        record = {name: _plain(value) for name, value in values.items()}
        self.records.append(record)
        if self._file is not None:
            self._file.write(json.dumps({k: _json(v) for k, v in record.items()}, allow_nan=False) + "\n")
            self._file.flush()

    def column(self, name: str) -> list[Any]:
        """One quantity over the records that have it."""
        return [record[name] for record in self.records if name in record]

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def _json(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return [_json(v) for v in value] if isinstance(value, list) else value


def batches(n: int, size: int, rng: np.random.Generator | None = None) -> Iterator[np.ndarray | slice]:
    """Indices of one epoch's batches of `size` of n rows, the last one smaller where it must be.

    Shuffled by `rng`; in order, as slices, without one. ValueError for a size below 1.
    """
    if size < 1:
        raise ValueError(f"a batch of {size} rows holds nothing; give a batch size of 1 or more")
    if rng is None:
        yield from (slice(start, min(start + size, n)) for start in range(0, n, size))
        return
    order = rng.permutation(n)
    yield from (order[start : start + size] for start in range(0, n, size))


def descend(parameters: Parameters, gradients: Mapping[str, np.ndarray], rate: float) -> None:
    """One step of gradient descent, in place: p <- p - rate dp for every parameter."""
    for name, gradient in gradients.items():
        parameters[name] -= rate * gradient


def fit(
    network: Network,
    parameters: Parameters,
    x: np.ndarray,
    y: np.ndarray,
    *,
    run: Run,
    rate: float,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    measure: Callable[[Parameters], Mapping[str, Any]] | None = None,
) -> Parameters:
    """Gradient descent over the rows of x (N, ...) and y (N, ...); returns new parameters, the given ones stay.

    run:        gives the number of epochs, and gets history and progress.
    batch_size: rows a step; None takes all of them.
    rng:        shuffles the rows anew in each epoch; without one they stay in order.
    measure:    what the history shall hold besides `loss`, from the parameters after each epoch: accuracies, say.
                `loss` is the mean over the epoch's steps of the loss before the step.
    ValueError where x and y have not as many rows, or no row at all, and for a batch size below 1.
    """
    if len(x) != len(y) or not len(x):
        raise ValueError(f"x has {len(x)} rows and y {len(y)}; training needs as many of each, and one at least")
    own = {name: np.array(value) for name, value in parameters.items()}
    for epoch in range(run.epochs):
        losses = []
        for rows in batches(len(x), len(x) if batch_size is None else batch_size, rng):
            loss, gradients = network(own, x[rows], y[rows])
            losses.append(float(loss))
            descend(own, gradients, rate)
        run.history.add(epoch=epoch, loss=sum(losses) / len(losses), **(measure(own) if measure else {}))
        run.progress(epoch + 1)
    return own


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Share of rows whose largest score (N, C), or whose single score above one half (N, 1), names the label (N,)."""
    chosen = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0.5).astype(np.int64)
    return float((chosen == labels).mean())


class Progress:
    """A bar on a terminal, nothing elsewhere; called with the epochs that are done."""

    def __init__(self, what: str, total: int, stream: IO[str] | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=stream is None, file=stream)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=console, disable=not console.is_terminal or total == 0, transient=True)
        self._task = self._bar.add_task(what, total=total)

    def __call__(self, done: int) -> None:
        self._bar.update(self._task, completed=done)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
