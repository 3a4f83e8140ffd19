"""A contradiction between lectures, or within one: readings that give different numbers, and what settles them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from ._exact import FAULTS, Formula, same
from ._outcome import Outcome
from ._points import Point, shown


@dataclass(frozen=True)
class Side:
    """Where a lecture takes a reading: claims by their ids ("003-106"), all of one lecture, and what it says there."""

    claims: tuple[str, ...]
    says: str

    @property
    def lecture(self) -> str:
        """The lecture's number."""
        return self.claims[0].partition("-")[0]


def side(lecture: str, numbers: str, says: str) -> Side:
    """A side of claims 46 and 47 of lecture 001: ``side("001", "046 047", ...)``."""
    return Side(tuple(f"{lecture}-{number}" for number in numbers.split()), says)


@dataclass(frozen=True)
class Reading:
    """One way to read it: a formula of named arrays, what follows from it, and the formula once it is settled.

    settled: None where nothing has to be done to it.
    """

    name: str
    consequence: str
    formula: Formula
    settled: Formula | None
    sides: tuple[Side, ...]

    @property
    def agreed(self) -> Formula:
        """The formula that is to agree with the others'."""
        return self.settled or self.formula


@dataclass(frozen=True)
class Contradiction:
    """Readings that exclude each other.

    example: a point at which all of them differ. at: named shapes, or points, at which the settled ones agree.
    settled: in words, what makes the readings agree. ValueError where the record does not fit together.
    """

    id: str
    subject: str
    settled: str
    readings: tuple[Reading, ...]
    example: Mapping[str, object]
    at: Mapping[str, str] | Sequence[Point]

    def __post_init__(self) -> None:
        if len(self.readings) < 2:
            raise ValueError(f"contradiction {self.id}: it needs two readings")
        if not all(r.sides and r.consequence for r in self.readings):
            raise ValueError(f"contradiction {self.id}: each reading needs a side that takes it, and a consequence")
        if any(s.lecture != c.partition("-")[0] for r in self.readings for s in r.sides for c in s.claims):
            raise ValueError(f"contradiction {self.id}: a side's claims are of one lecture")

    @property
    def point(self) -> Point:
        """The example as arrays."""
        return {name: np.asarray(value, dtype=np.float64) for name, value in self.example.items()}

    @property
    def lectures(self) -> tuple[str, ...]:
        """Those that take part, by number."""
        return tuple(sorted({s.lecture for r in self.readings for s in r.sides}))

    @property
    def claims(self) -> tuple[str, ...]:
        """The ids of all claims it refers to."""
        return tuple(sorted({c for r in self.readings for s in r.sides for c in s.claims}))


@dataclass(frozen=True)
class Compared:
    """What the comparison found: is the contradiction shown (they differ, and agree once settled), and the numbers."""

    contradiction: Contradiction
    shown: bool
    text: str
    values: tuple[str, ...] = field(default=())


def compare(contradiction: Contradiction) -> Compared:
    """Run the readings. Shown only where every two differ at the example, and all agree once they are settled."""
    try:
        apart = [(a, b, _differ(a.formula, b.formula, contradiction.point)) for a, b in _pairs(contradiction)]
        together = [(a, b, same(b.agreed, a.agreed, contradiction.at)) for a, b in _pairs(contradiction)]
        values = tuple(_value(r.formula, contradiction.point) for r in contradiction.readings)
    except Exception as error:
        return Compared(contradiction, False, f"the comparison raised {type(error).__name__}: {error}")
    faults = [f"{a.name} and {b.name} are not told apart: {o.text}" for a, b, o in apart if o.holds is not False]
    faults += [f"{b.name}, settled, does not agree with {a.name}: {o.text}" for a, b, o in together if not o.holds]
    text = f"at {shown(contradiction.point)} they differ; settled, they are {together[0][2].text}"
    return Compared(contradiction, not faults, "; ".join(faults) or text, values)


def _pairs(contradiction: Contradiction) -> list[tuple[Reading, Reading]]:
    return list(combinations(contradiction.readings, 2))


def _differ(one: Formula, other: Formula, point: Point) -> Outcome:
    try:
        return same(one, other, [point])
    except FAULTS:  # the other cannot be computed there: then the one has to be
        return same(other, one, [point])


def _value(formula: Formula, point: Point) -> str:
    try:
        value = np.asarray(formula(**point))
    except FAULTS:
        return "cannot be computed"
    return shown({"": value}).removeprefix(" = ")
