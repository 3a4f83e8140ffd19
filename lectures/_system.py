"""The records that a system's file exports: what it is, how it runs, what its gradients rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from .training import History

LECTURES = {
    "000": "Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation",
    "001": "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax",
    "002": "Module 2: Artificial Neural Networks (Santa Clara)",
    "003": "ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation",
    "004": "吳育德 (Wu), Training of Multi-Layer Neural Network",
}


@dataclass(frozen=True)
class Gradient:
    """A forward and backward that a system rests on, and points at which they are judged.

    forward:  ``forward(*inputs) -> (y, cache)``; backward: ``backward(dy, cache) -> gradients``, one for each
              floating input that is not in `nondiff`, in order. Both run on exact numbers, as the reference does.
    point:    ``point(rng) -> {name: array}`` in the forward's order: generic float64 inputs of a small size, every
              axis of its own length.
    operation: the catalogue's operation that the pair is, whose counterparts then serve; "" where
              `counterparts/NAME.py` says how PyTorch and Keras compute it.
    """

    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[Any, Any], tuple[Any, ...]]
    point: Callable[[np.random.Generator], Mapping[str, np.ndarray]]
    nondiff: tuple[str, ...] = ()
    operation: str = ""


@dataclass(frozen=True)
class Run:
    """What a system is asked to do.

    seed:     of every random number in the run; the same seed gives the same bits on one machine.
    epochs:   passes over the data; 0 for a system that does not train.
    history:  takes one record an epoch or step.
    mnist:    folder with MNIST's four IDX files, or None for the data that need no download.
    size:     "full", or "small" where the system shall finish within a second or so: fewer points, fewer nodes.
    progress: told the epochs that are done; shows a bar on a terminal.
    """

    seed: int
    epochs: int
    history: History
    mnist: Path | None = None
    size: str = "full"
    progress: Callable[[int], None] = field(default=lambda done: None)


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    lines:   the result in words, as printed.
    arrays:  final weights and whatever the plot needs, by name.
    """

    lines: tuple[str, ...]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """One system of a lecture.

    name:      of its file, and of `gradproof lectures run NAME`.
    lecture:   a key of `LECTURES`; headings: the slides where it stands.
    summary:   one line.
    run:       ``run(Run) -> Outcome``.
    epochs:    the lecture's number of epochs, or a default where it prints none; 0 for a system that does not train.
    plot:      ``plot(Outcome, history records, folder) -> files written``, or None where the lecture plots nothing.
    gradients: the pairs that it rests on; empty where no gradient is involved.
    images:    whether it trains on `data.images`: scikit-learn's small digits, or MNIST from a folder.
    random:    False where nothing is drawn, because the lecture prints the points and the weights.
    """

    name: str
    lecture: str
    headings: tuple[str, ...]
    summary: str
    run: Callable[[Run], Outcome]
    epochs: int = 0
    plot: Callable[[Outcome, list[dict[str, Any]], Path], list[Path]] | None = None
    gradients: tuple[Gradient, ...] = ()
    images: bool = False
    random: bool = True

    def __post_init__(self) -> None:
        if self.lecture not in LECTURES:
            raise ValueError(f"system {self.name}: there is no lecture {self.lecture!r}; one of {', '.join(LECTURES)}")
        if not self.headings:
            raise ValueError(f"system {self.name} names no heading; give the slides where the lecture has it")

    @property
    def cite(self) -> str:
        """Lecture and headings, as a citation."""
        return f"{LECTURES[self.lecture]}, {', '.join(repr(h) for h in self.headings)}"
