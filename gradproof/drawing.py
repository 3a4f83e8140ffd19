"""Hypothesis strategies for the specs of an operation: from its declared domain, nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from .cases import LAYOUTS, MOST_ENTRIES, MOST_ENTRIES_OTHERWISE, MOST_PRODUCT, SIZES, Spec, axes, regimes, shape_of, starred

if TYPE_CHECKING:
    from reference._op import Op

SEEDS = 2**16


@st.composite
def specs(draw: Any, op: Op, dtypes: Sequence[str] = ("float32", "float64"), regime: str | None = None) -> Spec:
    """Specs of one operation: options, sizes, regime, layout and seed; shrinks to small, plain and ordinary."""
    dtype = draw(st.sampled_from(list(dtypes)))
    options = {name: draw(st.sampled_from(values)) for name, values in op.options.items()}
    chosen = regime or draw(st.sampled_from(regimes(op, options)))
    sizes = {name: _size(draw, name in starred(op, options)) for name in axes(op, options)}
    _own_sizes(sizes)
    _within_reach(op, options, sizes, MOST_ENTRIES.get(chosen, MOST_ENTRIES_OTHERWISE))
    if chosen in ("size-one", "empty") and sizes:
        names = [n for n in sizes if chosen == "size-one" or n in op.empty]
        name = draw(st.sampled_from(names))
        one = 1 if chosen == "size-one" else 0
        sizes[name] = (one, *sizes[name][1:]) if isinstance(sizes[name], tuple) else one
    layout = draw(st.sampled_from(LAYOUTS))
    seed = draw(st.integers(0, SEEDS - 1))
    return Spec(op.name, dtype, tuple(sizes.items()), tuple(options.items()), chosen, layout, seed)


def _size(draw: Any, is_starred: bool) -> Any:
    if not is_starred:
        return draw(st.sampled_from(SIZES))
    rank = draw(st.sampled_from((1, 2, 3, 0)))
    return tuple(draw(st.sampled_from(SIZES)) for _ in range(rank))


def _own_sizes(sizes: dict[str, Any]) -> None:
    """Give every axis a size of its own where it can be: equal sizes hide transposes."""
    taken: set[int] = set()

    def own(size: int) -> int:
        while size in taken and size > 1:
            size += 1
        taken.add(size)
        return size

    for name, size in sizes.items():
        sizes[name] = tuple(own(s) for s in size) if isinstance(size, tuple) else own(size)


def _within_reach(op: Op, options: dict[str, Any], sizes: dict[str, Any], most: int) -> None:
    """Halve the largest axis until every input, and the product of all axes, is affordable in exact arithmetic."""

    def too_big() -> bool:
        product = math.prod(math.prod(s) if isinstance(s, tuple) else s for s in sizes.values())
        return product > MOST_PRODUCT or any(math.prod(shape_of(i, sizes)) > most for i in op.inputs_for(options))

    while too_big():
        name = max(sizes, key=lambda n: max(sizes[n], default=0) if isinstance(sizes[n], tuple) else sizes[n])
        size = sizes[name]
        if isinstance(size, tuple):
            largest = size.index(max(size))
            sizes[name] = (*size[:largest], size[largest] // 2, *size[largest + 1 :])
        else:
            sizes[name] = size // 2
