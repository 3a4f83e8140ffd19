"""Drawing the specs of an operation from its declared domain: as a Hypothesis strategy, or plainly from a seed.

Both go through `draw_spec`, which asks for one choice at a time, so they draw from the same space. The plain
way spares `gradproof check` the import of Hypothesis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .cases import (
    LAYOUTS,
    MOST_ENTRIES,
    MOST_ENTRIES_OTHERWISE,
    MOST_PRODUCT,
    SIZES,
    Spec,
    axes,
    regimes,
    shape_of,
    starred,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from reference._op import Op

SEEDS = 2**16
ALIKE = (*[False] * 7, True)  # one case in eight is square: programs that tell axes apart by their sizes fail there
Choose = Callable[[Sequence[Any]], Any]


def specs(
    op: Op, dtypes: Sequence[str] = ("float32", "float64"), regime: str | None = None, start: int | None = None
) -> SearchStrategy[Spec]:
    """A Hypothesis strategy for the specs of one operation; shrinks to small, plain and ordinary.

    start: a seed that turns every choice, so that the first spec is any other than the plainest. Hypothesis always
    begins with the simplest example, which would be the same one for every seed of a run of few examples.
    """
    from hypothesis import strategies as st

    @st.composite
    def one(draw: Any) -> Spec:
        turn = None if start is None else np.random.default_rng([start, 5])

        def choose(values: Sequence[Any]) -> Any:
            at = draw(st.integers(0, len(values) - 1))
            return values[at if turn is None else (at + int(turn.integers(len(values)))) % len(values)]

        return draw_spec(choose, choose(range(SEEDS)), op, dtypes, regime)

    return one()


def plain_specs(
    op: Op, count: int, seed: int, dtypes: Sequence[str], fixed: Mapping[str, Any] | None = None
) -> Iterator[Spec]:
    """`count` specs from a seed, the regimes and dtypes in turn, vacuous ones redrawn a few times."""
    from .judging import refused

    offered = regimes(op, {**op.defaults(), **(fixed or {})})
    rng = np.random.default_rng([seed, 4])

    def choose(values: Sequence[Any]) -> Any:
        return values[int(rng.integers(len(values)))]

    for k in range(count):
        dtype = dtypes[(k % len(offered) + k // len(offered)) % len(dtypes)]  # each regime meets each dtype in turn
        for _ in range(REDRAWS):
            at = int(rng.integers(SEEDS))
            spec = draw_spec(choose, at, op, [dtype], offered[k % len(offered)], fixed)
            if refused(spec, op) is None:
                break
        yield spec


REDRAWS = 20


def draw_spec(
    choose: Choose,
    seed: int,
    op: Op,
    dtypes: Sequence[str],
    regime: str | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Spec:
    """One spec by single choices: dtype, options, regime, sizes and layout. fixed: options that are not drawn."""
    dtype = choose(dtypes)
    options = {
        n: (fixed or {}).get(n, None) if n in (fixed or {}) else choose(values) for n, values in op.options.items()
    }
    offered = regimes(op, options)
    chosen = regime if regime in offered else choose(offered)
    stars = starred(op, options)
    sizes = {
        name: choose(op.sizes[name]) if name in op.sizes else _size(choose, name in stars) for name in axes(op, options)
    }
    most = MOST_ENTRIES.get(chosen, MOST_ENTRIES_OTHERWISE)
    if choose(ALIKE):
        _one_size(op, options, sizes, most)
    else:
        _own_sizes(sizes, op.sizes)
    _within_reach(op, options, sizes, most)
    if chosen in ("size-one", "empty") and sizes:
        one = 1 if chosen == "size-one" else 0
        may = [n for n in sizes if (one in op.sizes.get(n, (1,)) if one else n in op.empty)]
        if may:
            name = choose(may)
            sizes[name] = (one, *sizes[name][1:]) if isinstance(sizes[name], tuple) else one
    return Spec(op.name, dtype, tuple(sizes.items()), tuple(options.items()), chosen, choose(LAYOUTS), seed)


def _size(choose: Choose, is_starred: bool) -> Any:
    if not is_starred:
        return choose(SIZES)
    return tuple(choose(SIZES) for _ in range(choose((2, 3, 1, 2, 3, 0))))


def _own_sizes(sizes: dict[str, Any], fixed: Mapping[str, Any]) -> None:
    """Give every axis a size of its own where it can be: equal sizes hide transposes."""
    taken = {sizes[name] for name in fixed if name in sizes}

    def own(size: int) -> int:
        while size in taken and size > 1:
            size += 1
        taken.add(size)
        return size

    for name, size in sizes.items():
        if name not in fixed:
            sizes[name] = tuple(own(s) for s in size) if isinstance(size, tuple) else own(size)


def _one_size(op: Op, options: dict[str, Any], sizes: dict[str, Any], most: int) -> None:
    """Give every axis whose size is free the same one: the first that was drawn, or the largest that is affordable."""
    free = [name for name in sizes if name not in op.sizes]
    drawn = (s for name in free for s in (sizes[name] if isinstance(sizes[name], tuple) else (sizes[name],)))
    for size in range(max(next(drawn, 2), 2), 1, -1):
        for name in free:
            sizes[name] = (size,) * len(sizes[name]) if isinstance(sizes[name], tuple) else size
        if not _too_big(op, options, sizes, most):
            return


def _too_big(op: Op, options: dict[str, Any], sizes: dict[str, Any], most: int) -> bool:
    """Whether an input, or the product of all axes, is too large for exact arithmetic."""
    product = math.prod(math.prod(s) if isinstance(s, tuple) else s for s in sizes.values())
    return product > MOST_PRODUCT or any(math.prod(shape_of(i, sizes)) > most for i in op.inputs_for(options))


def _within_reach(op: Op, options: dict[str, Any], sizes: dict[str, Any], most: int) -> None:
    """Halve the largest axis until every input, and the product of all axes, is affordable in exact arithmetic.

    The half is rounded down to a size that no other axis has.
    """

    def largest_of(name: str) -> int:
        size = sizes[name]
        return max(size, default=0) if isinstance(size, tuple) else size

    def may_shrink(name: str) -> bool:
        return largest_of(name) > min(op.sizes.get(name, (1,)))

    while _too_big(op, options, sizes, most) and any(map(may_shrink, sizes)):
        name = max(filter(may_shrink, sizes), key=largest_of)
        size, largest = sizes[name], largest_of(name)
        if name in op.sizes:
            sizes[name] = max(s for s in op.sizes[name] if s < size)
            continue
        taken = {s for each in sizes.values() for s in (each if isinstance(each, tuple) else (each,))}
        smaller = next((s for s in range(largest // 2, 1, -1) if s not in taken), max(largest // 2, 1))
        if isinstance(size, tuple):
            at = size.index(largest)
            sizes[name] = (*size[:at], smaller, *size[at + 1 :])
        else:
            sizes[name] = smaller
