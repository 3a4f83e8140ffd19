"""Reverse mode over exact scalars: the whole gradient of any forward in one pass and one sweep.

The jets prove a backward along one random direction. Where the backward is refuted, or cannot run on
exact numbers, the truth of *each entry* is needed: a tape gives all of them for about twice the price
of one jet pass, where unit directions would cost one pass an entry. Run on rounded numbers, the same
sweep bounds the rounding error of an automatically derived backward.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from flint import arb

from .elementary import apply, slope
from .exact_number import Current, Number, sign


class Traced(Number):
    """A scalar that remembers how it was computed: its parents and the partial derivative by each."""

    __slots__ = ("index", "partials", "v")
    tape: ClassVar[list[Traced]] = []  # the run under way, in order of creation; exact runs do not nest

    def __init__(self, v: Any, partials: tuple[tuple[Traced, Any], ...] = (), constant: bool = False) -> None:
        self.v = v
        self.partials = partials
        self.index = -1
        if not constant:
            self.index = len(Traced.tape)
            Traced.tape.append(self)

    @classmethod
    def constant(cls, value: Any) -> Traced:
        return cls(value, constant=True)

    def _made(self, v: Any, *partials: tuple[Traced, Any]) -> Traced:
        kept = tuple(p for p in partials if p[0].index >= 0)
        return type(self)(v, kept, constant=not kept)

    def add(self, o: Traced) -> Traced:
        return self._made(self.v + o.v, (self, 1), (o, 1))

    def subtract(self, o: Traced) -> Traced:
        return self._made(self.v - o.v, (self, 1), (o, -1))

    def multiply(self, o: Traced) -> Traced:
        return self._made(self.v * o.v, (self, o.v), (o, self.v))

    def divide(self, o: Traced) -> Traced:
        v = self.v / o.v
        if o.index < 0:
            return self._made(v, (self, 1 / o.v))
        return self._made(v, (self, 1 / o.v), (o, -v / o.v))

    def power(self, o: Traced) -> Traced:
        v = self.v**o.v
        partials: list[tuple[Traced, Any]] = []
        if self.index >= 0:
            partials.append((self, o.v * self.v ** (o.v - 1)))
        if o.index >= 0:
            partials.append((o, v * apply("log", self.v)))
        return self._made(v, *partials)

    def elementary(self, name: str) -> Traced:
        v = apply(name, self.v)
        return self._made(v, (self, slope(name, self.v, v))) if self.index >= 0 else type(self)(v, constant=True)

    def compare(self, o: Traced) -> int:
        difference = self.v - o.v
        order = sign(difference) if isinstance(difference, arb) else difference.order()
        if order == 0:
            Current.trace.tie(self, o)
            return Current.trace.at_tie
        return order

    def __repr__(self) -> str:
        return f"Traced({self.v})"


def sweep(outputs: Iterable[Traced], cotangents: Iterable[Any], inputs: list[Traced]) -> list[Any]:
    """Gradients of <cotangents, outputs> by each of `inputs`; None where an input does not matter."""
    gradient: dict[int, Any] = {}
    for y, dy in zip(outputs, cotangents, strict=True):
        if y.index >= 0:
            gradient[y.index] = gradient[y.index] + dy if y.index in gradient else dy
    wanted = {x.index for x in inputs}
    for node in reversed(Traced.tape):
        g = gradient.get(node.index) if node.index in wanted else gradient.pop(node.index, None)
        if g is None:
            continue
        for parent, partial in node.partials:
            part = partial * g if type(partial) is not int else g if partial > 0 else -g
            known = gradient.get(parent.index)
            gradient[parent.index] = part if known is None else known + part
    return [gradient.get(x.index) for x in inputs]


def ancestors(nodes: Iterable[Traced]) -> set[int]:
    """Tape positions that the given nodes depend on, themselves included."""
    seen: set[int] = set()
    todo = [n for n in nodes if n.index >= 0]
    while todo:
        node = todo.pop()
        if node.index not in seen:
            seen.add(node.index)
            todo.extend(parent for parent, _ in node.partials)
    return seen
