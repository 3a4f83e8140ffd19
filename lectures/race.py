"""784-100-10 trained by NumPy, by PyTorch eager and by a compiled Keras `fit`: how fast, and how far apart they end.

    python -m gradproof.lectures.race --mnist FOLDER

All three start from the same weights and take the same batches in the same order, each with one thread, in one process
and in turn. The times are ratios of medians; the clock starts when weights and data are in place. Then they train once
more, in step: Keras' `fit` calls back after each batch, and the other two take that batch too. What their weights may
differ by is in `drift`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .systems._digits_100 import Step, train

if TYPE_CHECKING:
    from .drift import Account, Weights

BATCH, HIDDEN, RATE = 256, 100, 1.0
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS",
           "TF_NUM_INTEROP_THREADS")  # fmt: skip
ONE_THREAD = {**dict.fromkeys(THREADS, "1"), "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}


@dataclass(frozen=True)
class Start:
    """What all contestants get: data x (N, D) and labels (N,), weights in Wu's layout, batch size and rate."""

    x: np.ndarray
    labels: np.ndarray
    w1: np.ndarray
    w2: np.ndarray
    batch_size: int = BATCH
    rate: float = RATE

    @property
    def weights(self) -> Weights:
        return self.w1, self.w2

    @property
    def steps(self) -> int:
        """Of one epoch."""
        return -(-len(self.x) // self.batch_size)

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """One epoch's, in order."""
        for start in range(0, len(self.x), self.batch_size):
            yield self.x[start : start + self.batch_size], self.labels[start : start + self.batch_size]


def start(mnist: Path | str | None = None, seed: int = 0, dtype: str = "float32", rows: int | None = None) -> Start:
    """Standardised digits, the small ones or MNIST, and drawn weights; `rows` keeps the first ones."""
    from . import data
    from .systems.digits_100 import initial
    from .systems.mnist_pipeline import scaled

    images = data.images(mnist, dtype)
    x = np.ascontiguousarray(scaled(images, "standardised")[0][:rows])
    w1, w2 = initial(x.shape[1], images.classes, np.random.default_rng(seed), dtype, HIDDEN)
    return Start(x, images.labels[:rows], w1, w2)


class OnNumpy:
    """`Step`, which gives the bits of the proved forward and backward."""

    name = "numpy"

    def __init__(self, start: Start) -> None:
        self.start = start
        self._step = Step(start.w1.copy(), start.w2.copy())

    def load(self, weights: Weights) -> None:
        """Take these weights, w1 and w2 in Wu's layout."""
        for own, given in zip((self._step.w1, self._step.w2), weights, strict=True):
            own[...] = given

    @property
    def weights(self) -> Weights:
        """w1 and w2, in Wu's layout."""
        return self._step.w1, self._step.w2

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        """Train on one batch."""
        self._step(x, labels, self.start.rate)

    def epoch(self) -> None:
        """Train on all batches, once."""
        s = self.start
        train(self._step, s.x, s.labels, epochs=1, batch_size=s.batch_size, rate=s.rate)


class OnPyTorch:
    """nn.Sequential, nn.CrossEntropyLoss and optim.SGD, eager, as PyTorch's tutorials train."""

    name = "pytorch"

    def __init__(self, start: Start) -> None:
        import torch

        torch.set_num_threads(1)
        nn, dtype = torch.nn, getattr(torch, start.x.dtype.name)
        (inputs, hidden), classes = (start.w1.shape[0] - 1, start.w1.shape[1]), start.w2.shape[1]
        self._torch, self.start = torch, start
        self._network = nn.Sequential(
            nn.Linear(inputs, hidden, dtype=dtype), nn.Sigmoid(), nn.Linear(hidden, classes, dtype=dtype)
        )
        self._loss = nn.CrossEntropyLoss()
        self._optimizer = torch.optim.SGD(self._network.parameters(), lr=start.rate)
        self._x, self._labels = torch.from_numpy(start.x), torch.from_numpy(start.labels)
        self.load(start.weights)

    def load(self, weights: Weights) -> None:
        state = {}
        for layer, w in zip((0, 2), weights, strict=True):
            state |= {f"{layer}.weight": self._torch.from_numpy(w[1:].T), f"{layer}.bias": self._torch.from_numpy(w[0])}
        self._network.load_state_dict(state)

    @property
    def weights(self) -> Weights:
        layers = [[p.detach().numpy() for p in self._network[k].parameters()] for k in (0, 2)]
        return tuple(np.concatenate([bias[None], weight.T]) for weight, bias in layers)

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._step(self._torch.from_numpy(x), self._torch.from_numpy(labels))

    def _step(self, x: Any, labels: Any) -> None:
        self._optimizer.zero_grad()
        self._loss(self._network(x), labels).backward()
        self._optimizer.step()

    def epoch(self) -> None:
        for k in range(0, len(self._x), self.start.batch_size):
            self._step(self._x[k : k + self.start.batch_size], self._labels[k : k + self.start.batch_size])


class OnKeras:
    """keras.Sequential, compiled with SGD, trained by `fit`; jit_compile as Keras chooses, or as given."""

    name = "keras"

    def __init__(self, start: Start, jit_compile: bool | str = "auto") -> None:
        for name, value in ONE_THREAD.items():
            os.environ.setdefault(name, value)
        import keras

        _one_tensorflow_thread()
        dtype = start.x.dtype.name
        self.start, self._keras = start, keras
        self._network = keras.Sequential(
            [
                keras.Input((start.x.shape[1],), dtype=dtype),
                keras.layers.Dense(start.w1.shape[1], activation="sigmoid", dtype=dtype),
                keras.layers.Dense(start.w2.shape[1], dtype=dtype),
            ]
        )
        self._network.compile(
            optimizer=keras.optimizers.SGD(start.rate),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=dtype),  # else it casts to float32
            jit_compile=jit_compile,
        )
        self.load(start.weights)

    def load(self, weights: Weights) -> None:
        self._network.set_weights([part for w in weights for part in (w[1:], w[0])])

    @property
    def weights(self) -> Weights:
        kept = self._network.get_weights()
        return tuple(np.concatenate([bias[None], weight]) for weight, bias in (kept[:2], kept[2:]))

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._fit(x, labels, len(x), [])

    def epoch(self, after: Callable[[], None] | None = None) -> None:
        """Train on all batches in one `fit`; `after` is called after each of them."""
        callbacks = [] if after is None else [self._keras.callbacks.LambdaCallback(on_train_batch_end=_calling(after))]
        self._fit(self.start.x, self.start.labels, self.start.batch_size, callbacks)

    def _fit(self, x: np.ndarray, labels: np.ndarray, batch_size: int, callbacks: list[Any]) -> None:
        config, dtype = self._keras.config, x.dtype.name
        before = config.floatx()
        config.set_floatx(dtype)  # `fit` casts the data to it, whatever the layers' dtype is
        try:
            self._network.fit(x, labels, batch_size=batch_size, epochs=1, shuffle=False, verbose=0, callbacks=callbacks)
        finally:
            config.set_floatx(before)


def _calling(after: Callable[[], None]) -> Callable[[int, Any], None]:
    return lambda batch, logs=None: after()


def _one_tensorflow_thread() -> None:
    import tensorflow as tf

    threading = tf.config.threading
    wanted = (threading.set_intra_op_parallelism_threads, threading.set_inter_op_parallelism_threads)
    for set_threads in wanted:
        try:
            set_threads(1)
        except RuntimeError:  # TensorFlow already runs, with the threads that its environment named
            return


def times(start: Start, rounds: int = 7) -> dict[str, list[float]]:
    """Seconds of one epoch from the same weights, by contestant and round, interleaved; one round first is not kept.

    "keras" is fit as compile() makes it, "keras xla" with jit_compile=True.
    """
    contestants: dict[str, Any] = {"numpy": OnNumpy(start), "pytorch": OnPyTorch(start), "keras": OnKeras(start)}
    contestants["keras xla"] = OnKeras(start, jit_compile=True)
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, contestant in contestants.items():
            contestant.load(start.weights)
            begun = time.perf_counter()
            contestant.epoch()
            taken[name].append(time.perf_counter() - begun)
    return {name: seconds[1:] for name, seconds in taken.items()}


@dataclass
class Agreement:
    """How far apart the contestants are after every step, and how far they may be.

    apart, allowed: by pair ("numpy-pytorch", ...), one number a step: the 2-norm of the difference of all weights, and
    the sum of both accumulated allowances. parted: by pair, the first step (from 1) after which some bit differs.
    beyond: the first step after which they are further apart than allowed, None for never.
    worst: by contestant, the largest error of a weight after one step over its one-step allowance; wrong_at the step.
    growth: what the exact run has multiplied a distance by. size: 2-norm of the final weights.
    """

    dtype: str
    apart: dict[str, list[float]] = field(default_factory=dict)
    allowed: dict[str, list[float]] = field(default_factory=dict)
    parted: dict[str, int | None] = field(default_factory=dict)
    beyond: dict[str, int | None] = field(default_factory=dict)
    worst: dict[str, float] = field(default_factory=dict)
    wrong_at: dict[str, int | None] = field(default_factory=dict)
    growth: float = 1.0
    size: float = 0.0

    @property
    def holds(self) -> bool:
        """Every step right, and nobody further apart than allowed."""
        return not any(step is not None for step in (*self.beyond.values(), *self.wrong_at.values()))


class Referee:
    """Keeps the accounts while the contestants train in step."""

    def __init__(self, start: Start, names: tuple[str, ...]) -> None:
        from .drift import Account, Growth

        self.found = Agreement(start.x.dtype.name)
        self._growth = Growth(start.weights)
        self._rate = start.rate
        self.accounts: dict[str, Account] = {name: Account(start.weights, self.found.dtype) for name in names}
        for pair in self._pairs():
            self.found.apart[pair], self.found.allowed[pair] = [], []
            self.found.parted[pair] = self.found.beyond[pair] = None

    def _pairs(self) -> list[str]:
        return [f"{a}-{b}" for a, b in combinations(self.accounts, 2)]

    def judge(self, x: np.ndarray, labels: np.ndarray, weights: dict[str, Weights]) -> None:
        """All have trained on this batch and come to these weights."""
        from .drift import distance

        self._growth.step(x, labels, self._rate)
        for name, account in self.accounts.items():
            account.step(weights[name], x, labels, self._rate, self._growth.last)
        for pair in self._pairs():
            a, b = pair.split("-")
            apart = distance(weights[a], weights[b])
            allowed = self.accounts[a].allowance + self.accounts[b].allowance
            self.found.apart[pair].append(apart)
            self.found.allowed[pair].append(allowed)
            step = len(self.found.apart[pair])
            if apart > 0 and self.found.parted[pair] is None:
                self.found.parted[pair] = step
            if not apart <= allowed and self.found.beyond[pair] is None:
                self.found.beyond[pair] = step

    def result(self) -> Agreement:
        self.found.worst = {name: account.worst for name, account in self.accounts.items()}
        self.found.wrong_at = {name: account.wrong_at for name, account in self.accounts.items()}
        self.found.growth = self._growth.total
        self.found.size = float(np.sqrt(sum(np.square(w).sum() for w in self._growth.weights)))
        return self.found


def agreement(start: Start, epochs: int = 1) -> Agreement:
    """Train all three in step: Keras by `fit`, whose callback after each batch lets the others take that batch."""
    others, keras = (OnNumpy(start), OnPyTorch(start)), OnKeras(start)
    referee = Referee(start, tuple(c.name for c in (*others, keras)))
    for _ in range(epochs):
        batches = start.batches()

        def after(batches: Iterator[Any] = batches) -> None:
            x, labels = next(batches)
            for contestant in others:
                contestant.step(x, labels)
            referee.judge(x, labels, {c.name: c.weights for c in (*others, keras)})

        keras.epoch(after)
    return referee.result()


def told_times(taken: dict[str, list[float]], steps: int) -> list[str]:
    """Median milliseconds a step, and NumPy's time over each other's."""
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    lines = [f"{name:10} {1e3 * s / steps:6.3f} ms a step" for name, s in medians.items()]
    for name in taken:
        if name != "numpy":
            each = sorted(a / b for a, b in zip(taken["numpy"], taken[name], strict=True))
            lines.append(
                f"numpy / {name}: {medians['numpy'] / medians[name]:.2f} (rounds: {each[0]:.2f} to {each[-1]:.2f})"
            )
    return lines


def told_agreement(found: Agreement) -> list[str]:
    """The table of distances over the steps, and what became of every pair."""
    total = len(next(iter(found.apart.values())))
    shown = sorted({k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000) if k < total} | {total})
    lines = [f"{found.dtype}; after step: distance of the weights (accumulated allowance)"]
    for k in shown:
        row = (f"{pair} {found.apart[pair][k - 1]:.2e} ({found.allowed[pair][k - 1]:.2e})" for pair in found.apart)
        lines.append(f"{k:6} {'   '.join(row)}")
    for pair, step in found.parted.items():
        bits = "the same bits to the end" if step is None else f"the first bit differs after step {step}"
        beyond = found.beyond[pair]
        end = (
            "never further apart than allowed" if beyond is None else f"further apart than allowed after step {beyond}"
        )
        lines.append(f"{pair}: {bits}; {end}")
    for name, ratio in found.worst.items():
        wrong = found.wrong_at[name]
        says = "every step is right" if wrong is None else f"step {wrong} is wrong"
        lines.append(f"{name}: {says}, the worst error is {ratio:.2g} of its one-step allowance")
    lines.append(f"the run multiplies a distance by {found.growth:.3g}; the weights' size is {found.size:.3g}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Race, then train in step, in a process of its own with one thread; the exit code is 1 where they disagree."""
    parser = argparse.ArgumentParser(
        prog="python -m gradproof.lectures.race", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--mnist", default=os.environ.get("GRADPROOF_MNIST"), help="folder with MNIST's IDX files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=7, help="timed epochs of each; 0 to measure no time")
    parser.add_argument("--epochs", type=int, default=1, help="of the run in step; 0 for none")
    given = parser.parse_args(arguments)
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        words = sys.argv[1:] if arguments is None else arguments
        command = [sys.executable, "-m", "gradproof.lectures.race", *words]
        return subprocess.run(command, env={**os.environ, **ONE_THREAD}).returncode
    code = 0
    begun = start(given.mnist, given.seed)
    shape = f"{begun.w1.shape[0] - 1}-{HIDDEN}-{begun.w2.shape[1]}"
    print(f"{len(begun.x)} digits, {shape}, {begun.steps} batches of {begun.batch_size} an epoch, one thread each")
    if given.rounds > 0:
        print(*told_times(times(begun, given.rounds), begun.steps), sep="\n", flush=True)
    for dtype in ("float32", "float64") if given.epochs > 0 else ():
        found = agreement(start(given.mnist, given.seed, dtype), given.epochs)
        print("", *told_agreement(found), sep="\n", flush=True)
        code = code if found.holds else 1
    return code


if __name__ == "__main__":
    sys.exit(main())
