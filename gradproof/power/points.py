"""The inputs of a measurement: cases drawn as an audit draws them, each with its truth, found once for all programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import frame
from ..cases import Case, build
from ..drawing import plain_specs
from ..pair import Pair, of_operation
from ..truth import Truth, coarse, find_truth
from ..verdict import Results

if TYPE_CHECKING:
    from reference._op import Op

    from ..cases import Spec

DTYPES = ("float32", "float64")


@dataclass
class Point:
    """One case of an operation, its truth, and whatever else is found out once and used for every program."""

    op: Op
    spec: Spec
    kept: dict[Any, Any] = field(default_factory=dict)  # what others remember about this case

    @cached_property
    def case(self) -> Case:
        return build(self.spec, self.op)

    @cached_property
    def pair(self) -> Pair:
        """The reference under the case's options."""
        return of_operation(self.op, self.case.options)

    @cached_property
    def truth(self) -> Truth:
        return find_truth(self.pair, self.case.inputs, self.case.cotangents, self.spec.seed)

    @cached_property
    def coarse(self) -> Truth:
        """The truth with allowances at the scale of the inputs."""
        return coarse(self.pair, self.case.inputs, self.case.cotangents, self.truth)

    @cached_property
    def reference(self) -> Results:
        """The reference's own numbers."""
        return frame.run(self.pair, self.case.inputs, self.case.cotangents)


class Points:
    """The first so many cases of an operation under fixed options, drawn when they are asked for and kept."""

    def __init__(self, op: Op, count: int, seed: int, fixed: Mapping[str, Any] | None = None) -> None:
        self._kept: list[Point] = []
        self._more = drawn(op, count, seed, fixed)

    def __iter__(self) -> Iterator[Point]:
        at = 0
        while True:
            if at == len(self._kept):
                point = next(self._more, None)
                if point is None:
                    return
                self._kept.append(point)
            yield self._kept[at]
            at += 1

    def first(self, count: int) -> Sequence[Point]:
        """The first so many, or as many as there are."""
        return [point for point, _ in zip(self, range(count), strict=False)]


def drawn(op: Op, count: int, seed: int, fixed: Mapping[str, Any] | None = None) -> Iterator[Point]:
    """So many cases, not kept. fixed: options that are not drawn."""
    return (Point(op, spec) for spec in plain_specs(op, count, seed, DTYPES, fixed))
