"""Right programs that nobody may reject: those written down as unusual, and general ones made from the reference.

A general variant computes the same function with other roundings. The order of summation is turned by other memory
layouts, and by taking the examples of a batch in reverse; this last one is used only where balls prove that the
operation does not mind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..mistakes.catalogue import pair_of, unusual_of
from ..mistakes.written._records import Unusual
from ..pair import Pair
from ..running import copies
from .equivalence import agreement
from .points import Point

if TYPE_CHECKING:
    from reference._op import Op

Turn = Callable[[Any], Any]
WIDER = {"float32": "float64", "float64": "longdouble"}


@dataclass(frozen=True)
class Variant:
    """A right program. origin: reference, general or written. fixed: options held fixed. loses: digits that it may
    lose, in words ("" where none). make: its pair at a case; None where it has no meaning there."""

    name: str
    origin: str
    make: Callable[[Point], Pair | None] = field(repr=False)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    loses: str = ""


def variants_of(op: Op) -> list[Variant]:
    """The reference, the general variants, and the written ones."""
    general = [
        Variant("reference", "reference", lambda point: point.pair),
        Variant("fortran-order", "general", lambda point: _turned(point.pair, _fortran, _same)),
        Variant("strided", "general", lambda point: _turned(point.pair, _strided, _same)),
        Variant("wider-inside", "general", _wider),
    ]
    if op.backward is not None and not op.outputs:
        general.append(Variant("batch-reversed", "general", _reversed))
    return [*general, *(_written(op, unusual) for unusual in unusual_of(op))]


def _written(op: Op, unusual: Unusual) -> Variant:
    import inspect

    parameters = inspect.signature(unusual.forward).parameters
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    held = {n: v for n, v in op.defaults().items() if not anything and n not in parameters}

    def make(point: Point) -> Pair:
        given = copies(point.case.inputs)
        return pair_of(op, unusual.forward, unusual.backward, point.case.options, given)[0]

    return Variant(unusual.name, "written", make, {**held, **unusual.options}, unusual.loses)


# -- other roundings -------------------------------------------------------------------------------------------------


def _same(x: Any) -> Any:
    return x


def _fortran(x: Any) -> Any:
    return np.array(x, order="F")


def _strided(x: Any) -> Any:
    """The same numbers, every second place of a longer array."""
    x = np.asarray(x)
    if x.ndim == 0:
        return x
    room = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), dtype=x.dtype)
    room[..., ::2] = x
    return room[..., ::2]


def _turned(pair: Pair, before: Turn, after: Turn) -> Pair:
    """A pair whose inputs and cotangent are turned on their way in, and whose results are turned on their way out."""

    def forward(*inputs: Any) -> tuple[Any, Any]:
        y, saved = pair.forward(*map(before, inputs))
        return after(y), saved

    def backward(dy: Any, saved: Any) -> tuple[Any, ...]:
        return tuple(map(after, pair.backward(before(dy), saved)))

    def separately(*inputs: Any) -> tuple[Sequence[Any], Any]:
        returned, saved = pair.separately(*map(before, inputs))  # type: ignore[misc]
        return tuple(map(after, returned)), saved

    return replace(
        pair, forward=forward, backward=backward, separately=separately if pair.separately is not None else None
    )


def _wider(point: Point) -> Pair | None:
    """Computed in the next wider dtype and rounded once."""
    narrow = point.spec.dtype
    if np.finfo(WIDER[narrow]).nmant == np.finfo(narrow).nmant:
        return None  # a longdouble that is a double

    def cast(dtype: str) -> Turn:
        def turn(x: Any) -> Any:
            x = np.asarray(x)
            return x.astype(dtype) if x.dtype.kind == "f" else x

        return turn

    return _turned(point.pair, cast(WIDER[narrow]), cast(narrow))


def _reversed(point: Point) -> Pair | None:
    """The examples of the batch in reverse, where that is proved to be the same function."""
    declared = point.op.inputs_for(point.case.options)
    along = {i.name for i in declared if i.shape.split()[:1] == ["N"]}
    count = dict(point.spec.sizes).get("N", 0)
    if not along or not isinstance(count, int) or count < 2:
        return None
    pair = _flipped(point.pair, along, count)
    key = point.op.name, point.spec.options
    if key not in _reversible:
        _reversible[key] = _proved(point, pair)
    return pair if _reversible[key] else None


_reversible: dict[Any, bool] = {}  # by operation and options: proved once, at the first case


def _proved(point: Point, pair: Pair) -> bool:
    try:
        return agreement(point, pair).status == "same"
    except Exception:  # whatever the reversed examples lead to: then it is no variant
        return False


def _flipped(pair: Pair, along: set[str], count: int) -> Pair:
    def turned(x: Any) -> Any:
        return x[::-1] if np.ndim(x) and np.shape(x)[0] == count else x

    def forward(*inputs: Any) -> tuple[Any, Any]:
        given = [x[::-1] if n in along else x for n, x in zip(pair.inputs, inputs, strict=True)]
        y, saved = pair.forward(*given)
        return turned(y), saved

    def backward(dy: Any, saved: Any) -> tuple[Any, ...]:
        gradients = pair.backward(turned(dy), saved)
        return tuple(g[::-1] if n in along else g for n, g in zip(pair.differentiable, gradients, strict=True))

    return replace(pair, forward=forward, backward=backward)
