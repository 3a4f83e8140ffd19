"""A model that has been opened: what the command asks of it, whichever framework it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._description import KINDS, Layer, Network, Optimiser, Shape

UNKNOWN = "own"  # kind of a layer that no reference operation is known for


class NotDescribed(Exception):
    """The model is no sequence of layers that the reference has; the message says what stands in the way, and where."""


class NoModel(ValueError):
    """There is no such model, or it cannot be opened as it was asked for."""


@dataclass(frozen=True)
class Leaf:
    """A layer of a model as it was called: `Step`'s part where there is no description.

    shapes: of its parameters by role, in the reference's layout, or by the framework's own names for a kind that the
    reference does not have.
    """

    layer: Layer
    before: Shape
    after: Shape
    shapes: Mapping[str, Shape] = field(default_factory=dict)

    def parameters(self) -> dict[str, Shape]:
        return dict(self.shapes)


@dataclass(frozen=True)
class Undescribed:
    """What stands in for `Network` where a model has no description: its layers as they were called."""

    name: str
    leaves: tuple[Leaf, ...]
    loss: str = "squared_error"
    optimiser: Optimiser = field(default_factory=lambda: Optimiser("sgd", {"rate": 0.125}))

    def walk(self) -> Iterator[Leaf]:
        yield from self.leaves

    @property
    def layers(self) -> list[Layer]:
        return [leaf.layer for leaf in self.leaves]


@dataclass
class Opened:
    """A model ready to run.

    framework: pytorch or keras. network: its description, or None and `why`. walk: its layers, of the description or as
    called. own_names: the framework's name of each layer. get, put: parameters by name in the reference's layouts.
    run: (case) -> Run, the case's network being whatever stands for this model. notes: what was set aside.
    """

    framework: str
    network: Network | None
    why: str
    walk: Sequence[Any]
    own_names: Mapping[str, str]
    output: Shape
    get: Callable[[], Mapping[str, np.ndarray]]
    put: Callable[[Mapping[str, np.ndarray]], None]
    run: Callable[[Any], Any]
    notes: tuple[str, ...] = ()


def unique(kind: str, counts: dict[str, int]) -> str:
    """The next name of a layer of this kind: dense1, dense2."""
    counts[kind] = counts.get(kind, 0) + 1
    return f"{kind}{counts[kind]}"


@dataclass
class Line:
    """Layers as they are met in a graph, each with the node it stands for; residual sums fold what is between.

    entries: (node, layer, the framework's layer or None, its name there).
    """

    start: Any
    entries: list[tuple[Any, Layer, list[tuple[Layer, Any, str, Any]]]] = field(default_factory=list)

    @property
    def last(self) -> Any:
        return self.entries[-1][0] if self.entries else self.start

    def add(self, node: Any, source: Any, layer: Layer, own: Any, own_name: str) -> None:
        """The next layer, which takes `source`. NotDescribed where that is not what the last one gave."""
        if source is not self.last:
            raise NotDescribed(f"{own_name} does not take what the layer before it gave: the layers are no sequence")
        self.entries.append((node, layer, [(layer, own, own_name, node)]))

    def pass_on(self, node: Any, source: Any, own_name: str) -> None:
        """A node that changes nothing: the last layer's output under another name."""
        if source is not self.last:
            raise NotDescribed(f"{own_name} does not take what the layer before it gave: the layers are no sequence")
        if self.entries:
            _, layer, members = self.entries[-1]
            self.entries[-1] = (node, layer, members)
        else:
            self.start = node

    def fold(self, node: Any, a: Any, b: Any, own_name: str) -> None:
        """x + f(x): what has come since x becomes a residual block."""
        places: list[Any] = [self.start, *(entry[0] for entry in self.entries)]
        other = a if b is self.last else b
        if self.last not in (a, b) or not any(other is place for place in places[:-1]):
            raise NotDescribed(f"{own_name} adds two branches of which neither is the input of the other")
        at = next(i for i, place in enumerate(places) if place is other)
        inner = self.entries[at:]
        block = Layer("residual", {}, tuple(layer for _, layer, _ in inner))
        members = [member for _, _, inside in inner for member in inside]
        self.entries[at:] = [(node, block, [*members, (block, None, own_name, node)])]

    def members(self) -> list[tuple[Layer, Any, str, Any]]:
        """(layer, the framework's layer, its name, its node), in the order of `Network.walk`."""
        return [member for _, _, members in self.entries for member in members]

    def layers(self) -> list[Layer]:
        return [layer for _, layer, _ in self.entries]


def known(kind: str) -> bool:
    """Whether a kind of layer is one of the description's."""
    return kind in KINDS
