"""The frozen record that an operation file exports: what it is called, what it takes, how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._domain import Input


@dataclass(frozen=True)
class Op:
    """One operation: a mathematical function with named inputs, options, a forward and a backward.

    forward:  ``forward(*inputs, **options) -> (y, cache)``; `cache` is whatever the backward needs.
    backward: ``backward(dy, cache) -> gradients``, a tuple with one array for each differentiable
              input, in the order of the inputs, each of its input's shape and dtype; None where no
              input is differentiable (an optimiser's step).
    inputs:   a tuple of `Input`, or a function of the options that returns one (an operation whose
              target is an integer vector or a one-hot matrix, say).
    options:  each option's name and the values that a case may draw, the first being the default.
    output:   the output's name; the first one's where there are several.
    outputs:  names of the outputs where there are several: ``forward -> (y, h, cache)`` then, and
              ``backward(dy, dh, cache)``.
    buffers:  those of the outputs, the last ones, that no gradient flows through (running statistics):
              the backward is not given their cotangents.
    sizes:    the sizes that a dimension may have, where not any will do: ``{"K": (1, 2, 3)}``.
    empty:    the dimension names that may be zero.
    lengths:  True where Euclidean lengths are taken: it is then tried on entries whose squares vanish.
    excluded: regimes that make no sense here, each with its reason: ``{"huge": "exp overflows"}``.
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    inputs: tuple[Input, ...] | Callable[..., tuple[Input, ...]]
    cite: str
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    output: str = "y"
    outputs: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    empty: tuple[str, ...] = ()
    lengths: bool = False
    excluded: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.buffers != self.outputs[len(self.outputs) - len(self.buffers) :]:
            raise ValueError(f"operation {self.name}: the buffers {self.buffers} are not the last of {self.outputs}")
        if self.outputs:
            object.__setattr__(self, "output", self.outputs[0])

    def defaults(self) -> dict[str, Any]:
        """Every option at its default."""
        return {name: values[0] for name, values in self.options.items()}

    def inputs_for(self, options: Mapping[str, Any]) -> tuple[Input, ...]:
        """The inputs as they are under these options."""
        return self.inputs(**options) if callable(self.inputs) else self.inputs

    def differentiable(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the inputs that have a gradient under these options, in order."""
        return tuple(i.name for i in self.inputs_for(options) if i.differentiable)

    @property
    def summary(self) -> str:
        """The first line of the forward's docstring."""
        return (self.forward.__doc__ or "").strip().splitlines()[0]
