"""A forward and its backward, whatever their calling convention was: what the judge works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from . import packing

if TYPE_CHECKING:
    from reference._op import Op


@dataclass(frozen=True)
class Pair:
    """forward(*inputs) -> (y, saved); backward(dy, saved) -> one gradient for each differentiable input, in order."""

    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[Any, Any], tuple[Any, ...]]
    inputs: tuple[str, ...]
    differentiable: tuple[str, ...]
    output: str = "y"  # the output's name: another one where an input is called y


def of_operation(op: Op, options: Mapping[str, Any]) -> Pair:
    """The reference's own forward and backward under these options."""

    def forward(*inputs: Any) -> tuple[Any, Any]:
        result: tuple[Any, Any] = op.forward(*inputs, **options)
        if not op.outputs:
            return result
        *outputs, cache = result
        return packing.joined(outputs), (cache, [np.shape(y) for y in outputs])

    def backward(dy: Any, saved: Any) -> Any:
        if op.backward is None:
            return ()
        if not op.outputs:
            return op.backward(dy, saved)
        cache, shapes = saved
        cotangents = packing.split(dy, shapes)
        return op.backward(*cotangents[: len(cotangents) - len(op.buffers)], cache)

    names = tuple(i.name for i in op.inputs_for(options))
    return Pair(op.name, forward, backward, names, op.differentiable(options), op.output)
