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
              input, in the order of the inputs, each of its input's shape and dtype.
    inputs:   a tuple of `Input`, or a function of the options that returns one (an operation whose
              target is an integer vector or a one-hot matrix, say).
    options:  each option's name and the values that a case may draw, the first being the default.
    empty:    the dimension names that may be zero.
    excluded: regimes that make no sense here, each with its reason: ``{"huge": "exp overflows"}``.
    """

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[Input, ...] | Callable[..., tuple[Input, ...]]
    cite: str
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    output: str = "y"
    empty: tuple[str, ...] = ()
    excluded: Mapping[str, str] = field(default_factory=dict)

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
