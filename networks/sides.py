"""The two sides of a comparison, as the judge sees them: a ready network in NumPy here, a user's model in a process.

Each model has a process of its own: frameworks may crash each other, and the judge then needs NumPy alone.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.workers._process import Broken, Process, environment

from . import numpy_network, ready_networks
from ._description import Network, Optimiser, Shape, from_json
from ._opened import NoModel
from ._side import check_input, received
from .comparing import Case, Run, run_numpy

OPEN_SECONDS, RUN_SECONDS = 240.0, 300.0


@dataclass(frozen=True)
class LayerOf:
    """A layer of a side: its name in the comparison, the framework's own, its kind, options and parameters' shapes."""

    name: str
    own: str
    kind: str
    options: Mapping[str, Any]
    roles: Mapping[str, Shape]


@dataclass(frozen=True)
class Opening:
    """What a side is at one dtype and input. network: its description, or None and `why`; parameters: its own."""

    network: Network | None
    why: str
    layers: tuple[LayerOf, ...]
    output: Shape
    parameters: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """What both sides are asked to do: a loss, an optimiser, a number of steps, a dtype and a batch."""

    loss: str
    optimiser: Optimiser
    steps: int
    dtype: str
    x: np.ndarray
    target: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


class ReadyInNumpy:
    """A ready network, computed by the reference."""

    framework = "numpy"

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self.network = ready_networks()[reference.removeprefix("numpy:")]
        missing = numpy_network.missing_operations(self.network)
        if missing:
            raise NoModel(f"{reference} needs {', '.join(missing)}, which the catalogue does not hold")

    def peek(self) -> tuple[Shape | None, int]:
        return self.network.input, self.network.tokens

    def open(self, x: np.ndarray, tokens: int, dtype: str) -> Opening:
        check_input(self.reference, self.network, x)
        drawn = numpy_network.draw_parameters(self.network)
        layers = tuple(
            LayerOf(s.layer.name, s.layer.name, s.layer.kind, s.layer.options, s.parameters())
            for s in self.network.walk()
        )
        return Opening(self.network, "", layers, self.network.output, drawn)

    def run(self, parameters: Mapping[str, np.ndarray], task: Task) -> Run:
        network = replace(self.network, loss=task.loss, optimiser=task.optimiser)
        return run_numpy(Case(network, parameters, task.x, task.target, task.steps, task.dtype))

    def close(self) -> None: ...


class Model:
    """A model in a process of its own. NoModel where there is none of that name, Broken where it does not run."""

    framework = ""

    def __init__(self, reference: str) -> None:
        self.reference = reference
        self._process = _Child()

    def peek(self) -> tuple[Shape | None, int]:
        """Shape of one example as far as the model knows it, and how many tokens it takes, 0 for real numbers."""
        header, _ = self._ask({"do": "peek"}, {}, OPEN_SECONDS)
        self.framework = header["framework"]
        return None if header["input"] is None else tuple(header["input"]), header["tokens"]

    def open(self, x: np.ndarray, tokens: int, dtype: str) -> Opening:
        """Load the model at this dtype and run it once on x; its layers and its own weights."""
        header, arrays = self._ask({"do": "open", "dtype": dtype, "tokens": tokens}, {"x": x}, OPEN_SECONDS)
        layers = tuple(
            LayerOf(
                one["name"], one["own"], one["kind"], one["options"], {r: tuple(s) for r, s in one["roles"].items()}
            )
            for one in header["layers"]
        )
        network = from_json(header["network"]) if header["network"] else None
        return Opening(network, header["why"], layers, tuple(header["output"]), arrays, tuple(header["notes"]))

    def run(self, parameters: Mapping[str, np.ndarray], task: Task) -> Run:
        """One forward and backward, and the steps, from these parameters, at the dtype that was opened last."""
        optimiser = {"kind": task.optimiser.kind, **task.optimiser.options}
        header = {"do": "run", "loss": task.loss, "optimiser": optimiser, "steps": task.steps, "dtype": task.dtype}
        return received(self._ask(header, {**parameters, "x": task.x, "target": task.target}, RUN_SECONDS)[1])

    def close(self) -> None:
        self._process.stop()

    def _ask(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], seconds: float) -> Any:
        try:
            answer, results = self._process.exchange(
                {**header, "reference": self.reference}, arrays, time.monotonic() + seconds
            )
        except Broken as error:
            raise Broken(f"{self.reference}: {error}") from None
        if not answer["ok"]:
            if answer["kind"] == "usage":
                raise NoModel(answer["message"])
            raise Broken(f"{self.reference}: {answer['message']}")
        return answer, results


class _Child(Process):
    """A process that runs `_side`; asked, heard and ended as a worker is."""

    def __init__(self) -> None:
        self.connection, theirs = socket.socketpair()
        # Last on the path: a user's own `reference` or `networks` stays the one that a user's file imports.
        root = str(Path(sys.modules["gradproof"].__file__ or "").resolve().parent.parent)
        program = (
            f"import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.append({root!r}); "
            f"from gradproof.networks._side import main; sys.exit(main({theirs.fileno()}))"
        )
        try:
            self.popen = subprocess.Popen(
                [sys.executable, "-u", "-c", program],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment(sys.executable),
                start_new_session=True,
            )
        finally:
            theirs.close()
        self._tail = bytearray()
        self._killed = False
        self._drain = threading.Thread(target=self._read_output, args=(self.popen.stdout,), daemon=True)
        self._drain.start()


def side(reference: str) -> ReadyInNumpy | Model:
    """The side that a reference names: a ready network by its name, or a model of the user's or of a framework."""
    name = reference.removeprefix("numpy:")
    if name in ready_networks():
        return ReadyInNumpy(reference)
    if reference.startswith("numpy:"):
        raise NoModel(f"there is no ready network {name!r}; there are {', '.join(ready_networks())}")
    return Model(reference)


def both(calls: Sequence[Any]) -> list[Any]:
    """What the calls return, each in a thread of its own: one waits for a process while the other does."""
    results: list[Any] = [None] * len(calls)
    errors: list[BaseException] = []

    def do(place: int) -> None:
        try:
            results[place] = calls[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=do, args=(place,), daemon=True) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise next((e for e in errors if isinstance(e, NoModel)), errors[0])
    return results


@contextlib.contextmanager
def closing(sides: Sequence[Any]) -> Any:
    """Ends the sides' processes, whatever happens."""
    try:
        yield
    finally:
        for each in sides:
            each.close()
