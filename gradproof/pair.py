"""A forward and its backward, whatever their calling convention was: what the judge works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from . import packing

if TYPE_CHECKING:
    from reference._op import Op


@dataclass(frozen=True)
class Pair:
    """forward(*inputs) -> (y, saved); backward(dy, saved) -> one gradient for each differentiable input, in order.

    Of several outputs y is the vector that `packing.joined` makes of copies: `separately` is the forward that returns
    them as they are, and `outputs` says what each is called.
    """

    name: str
    forward: Callable[..., tuple[Any, Any]]
    backward: Callable[[Any, Any], tuple[Any, ...]]
    inputs: tuple[str, ...]
    differentiable: tuple[str, ...]
    output: str = "y"  # the output's name: another one where an input is called y
    outputs: tuple[str, ...] = ()
    separately: Callable[..., tuple[Sequence[Any], Any]] | None = None


def of_operation(op: Op, options: Mapping[str, Any]) -> Pair:
    """The reference's own forward and backward under these options."""

    def separately(*inputs: Any) -> tuple[Sequence[Any], Any]:
        *outputs, cache = op.forward(*inputs, **options)
        return outputs, (cache, [np.shape(y) for y in outputs])

    def forward(*inputs: Any) -> tuple[Any, Any]:
        return op.forward(*inputs, **options)

    def backward(dy: Any, saved: Any) -> Any:
        if op.backward is None:
            return ()
        if not op.outputs:
            return op.backward(dy, saved)
        cache, shapes = saved
        cotangents = packing.split(dy, shapes)
        return op.backward(*cotangents[: len(cotangents) - len(op.buffers)], cache)

    names = tuple(i.name for i in op.inputs_for(options))
    pair = Pair(op.name, forward, backward, names, op.differentiable(options), op.output)
    return several(pair, op.outputs, separately) if op.outputs else pair


def several(pair: Pair, outputs: tuple[str, ...], separately: Callable[..., tuple[Sequence[Any], Any]]) -> Pair:
    """The pair with a forward of several outputs, which are judged as one vector."""

    def forward(*inputs: Any) -> tuple[Any, Any]:
        returned, saved = separately(*inputs)
        return packing.joined(returned), saved

    return replace(pair, forward=forward, outputs=outputs, separately=separately)
