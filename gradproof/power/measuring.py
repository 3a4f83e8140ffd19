"""What is measured on one operation, as records: its mistakes, its right variants, its smallest noticed error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..mistakes.catalogue import Mistake, Written, mistakes
from ..pair import Pair
from ..reference import operations
from .checkers import CHECKERS, Checker, Setting, fair, verdict_of
from .checkers.comparing import expected
from .outcomes import findings_at, made_by, outcome_of
from .points import Point, Points, drawn
from .smallest import smallest
from .variants import Variant, variants_of

MUTANTS, VARIANTS, SMALLEST = "mutants", "variants", "smallest"
ENOUGH_SECONDS = 5.0  # for another checker on the right programs of one operation; each gets its first input anyhow


@dataclass(frozen=True)
class Settings:
    """What a run measures.

    mutants: of an operation, None for all. cases: inputs until which a mistake must be killed. compared: mistakes of
    an operation that the other checkers get too. shared: inputs that these get, the judge's first. variants: inputs
    for each right program. sizes: gradient entries at which the smallest error is looked for. checkers: names.
    """

    mutants: int | None = None
    cases: int = 50
    compared: int = 6
    shared: int = 4
    variants: int = 100
    seed: int = 0
    checkers: tuple[str, ...] = tuple(CHECKERS)
    sizes: tuple[int, ...] = (10, 100, 1000, 10_000, 100_000)


@dataclass(frozen=True)
class Unit:
    """A piece of work for one process: items of one kind, of one operation. compared: items for the others too."""

    kind: str
    op: str
    items: tuple[str, ...]
    compared: frozenset[str] = frozenset()


@dataclass
class Measuring:
    """A process's measuring: what it found out about an operation's cases is kept while it stays with it."""

    settings: Settings
    alive: Callable[[], None] = lambda: None
    _op: str = ""
    _points: dict[str, Points] = field(default_factory=dict)
    _spent: dict[tuple[str, str], float] = field(default_factory=dict)

    def records(self, unit: Unit) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Each item's name with None when it begins, then with its record."""
        if unit.op != self._op:
            self._op, self._points = unit.op, {}
        known = {m.id: m for m in mistakes(operations()[unit.op])} if unit.kind == MUTANTS else {}
        if unit.kind == VARIANTS:  # all at once: they share every case and its truth
            yield unit.items[0], None
            for record in self.variants(unit.op, unit.items):
                yield record["variant"], record
            return
        for item in unit.items:
            yield item, None
            if unit.kind == MUTANTS:
                yield item, self.mutant(known[item], item in unit.compared)
            else:
                checker, setting, dtype, entries, seed = item.split("/")
                yield item, smallest(unit.op, checker, setting, dtype, int(entries), int(seed))

    # -- mistakes ------------------------------------------------------------------------------------------------

    def mutant(self, mistake: Mistake, compared: bool) -> dict[str, Any]:
        """A mistake before the judge, and where it is one of those compared, before the other checkers."""
        points = self._drawn(getattr(mistake, "fixed", {}), mistake)
        make = made_by(mistake)
        found = asdict(outcome_of(points, make, known=mistake.origin == "written"))
        found["seconds"] = round(found["seconds"], 4)
        if found["outcome"] == "survived" and isinstance(mistake, Written) and mistake.wrong.missed:
            found["message"] += f"; known: {mistake.wrong.missed}"
        said = {
            "record": "mutant", "mutant": mistake.id, "op": mistake.op.name, "origin": mistake.origin,
            "kind": mistake.kind, "function": mistake.function, "sentence": mistake.sentence, "place": mistake.place,
            "line": mistake.line, "before": mistake.before, "after": mistake.after, **found,
        }  # fmt: skip
        if compared:
            first = points.first(self.settings.shared)
            said["others"] = [
                self._asked(checker, setting, first, make)
                for checker in self._checkers()
                for setting in checker.settings
            ]
        return said

    def _drawn(self, fixed: Mapping[str, Any], mistake: Mistake) -> Points:
        key = repr(sorted(fixed.items()))
        if key not in self._points:
            self._points[key] = Points(mistake.op, self.settings.cases, self.settings.seed, fixed)
        return self._points[key]

    def _checkers(self) -> list[Checker]:
        return [CHECKERS[name] for name in self.settings.checkers if not CHECKERS[name].missing()]

    def _asked(
        self, checker: Checker, setting: Setting, points: Sequence[Point], make: Callable[[Point], Pair]
    ) -> dict[str, Any]:
        """A checker on the first cases, until it rejects the program at one where it passes the reference."""
        start = time.process_time()
        said: dict[str, Any] = {"checker": checker.name, "setting": setting.name, "outcome": "survived", "message": ""}
        unfair, asked, stood_in = 0, 0, 0
        for point in points:
            self.alive()
            right = fair(checker, setting, point)
            if right.status == "not-applicable":
                said.update(outcome="not-applicable", message=right.message)
                break
            asked += 1
            if not checker.derives:
                stood_in += expected(point)[0] != "pytorch"
            if right.status != "passes":
                unfair += 1
                continue
            found = verdict_of(checker, setting, point, make)
            if found.status == "times-out":
                unfair += 1
            elif found.against:
                said.update(outcome="killed", message=f"{found.status}: {found.message}"[:240], case=point.case.id)
                break
        if asked and unfair == asked:
            said.update(
                outcome="unfair", message="on every one of these inputs it rejects the reference, or takes long"
            )
        said.update(inputs=asked, unfair=unfair, stand_in=stood_in, seconds=round(time.process_time() - start, 4))
        return said

    # -- right programs ---------------------------------------------------------------------------------------------

    def variants(self, op_name: str, names: Sequence[str]) -> list[dict[str, Any]]:
        """Right programs before everybody: how many inputs, how many rejections, and the first of them."""
        op, s = operations()[op_name], self.settings
        found: list[Checking] = []
        groups: dict[str, list[Checking]] = {}
        self._spent = {}
        asked = [("gradproof", "default"), *((c.name, how.name) for c in self._checkers() for how in c.settings)]
        for variant in variants_of(op):
            if variant.name in names:
                found.append(Checking(variant, {key: Count(*key) for key in asked}))
                groups.setdefault(repr(sorted(variant.fixed.items())), []).append(found[-1])
        for group in groups.values():
            for point in drawn(op, s.variants, s.seed + 1, group[0].variant.fixed):
                for checking in group:
                    self.alive()
                    self._checked(point, checking)
        return [checking.record(op_name) for checking in found]

    def _checked(self, point: Point, checking: Checking) -> None:
        """One right program at one case."""
        start = time.process_time()
        pair = checking.variant.make(point)
        if pair is None:
            return
        judged = checking.counts["gradproof", "default"]
        _before_the_judge(point, checking.variant, pair, judged)
        if judged.inputs <= self.settings.shared:
            for checker in self._checkers():
                for how in checker.settings:
                    self.alive()
                    self._before(checker, how, point, pair, checking.counts[checker.name, how.name])
        checking.seconds += time.process_time() - start

    def _before(self, checker: Checker, how: Setting, point: Point, pair: Pair, count: Count) -> None:
        """A right program before another checker, while it has not taken too long with this operation."""
        key = checker.name, how.name
        if count.inputs and self._spent.get(key, 0.0) > ENOUGH_SECONDS:
            return
        start = time.process_time()
        _before(checker, how, point, pair, count)
        self._spent[key] = self._spent.get(key, 0.0) + time.process_time() - start


@dataclass
class Count:
    """A checker's verdicts on a right program: inputs, rejections among them, and the first of these."""

    checker: str
    setting: str
    inputs: int = 0
    alarms: int = 0
    inaccurate: int = 0
    case: str = ""
    message: str = ""

    def alarm(self, point: Point, message: str) -> None:
        self.alarms += 1
        if not self.case:
            self.case, self.message = point.case.id, message.strip()[:240]


@dataclass
class Checking:
    """A right program and what everybody said of it so far."""

    variant: Variant
    counts: dict[tuple[str, str], Count]
    seconds: float = 0.0

    def record(self, op: str) -> dict[str, Any]:
        v = self.variant
        return {
            "record": "variant", "op": op, "variant": v.name, "origin": v.origin, "loses": v.loses,
            "checked": [asdict(count) for count in self.counts.values()], "seconds": round(self.seconds, 3),
        }  # fmt: skip


def _before_the_judge(point: Point, variant: Variant, pair: Pair, count: Count) -> None:
    count.inputs += 1
    failed = [f for f in findings_at(point, lambda _: pair) if f.failed or f.status == "broken"]
    if variant.loses and all(f.status == "inaccurate" for f in failed):
        count.inaccurate += bool(failed)
    elif failed:
        count.alarm(point, f"{failed[0].quantity}: {failed[0].status} {failed[0].reason} {failed[0].message}")


def _before(checker: Checker, how: Setting, point: Point, pair: Pair, count: Count) -> None:
    found = verdict_of(checker, how, point, lambda _: pair)
    if found.status in ("not-applicable", "times-out"):
        return
    count.inputs += 1
    if found.against:
        count.alarm(point, f"{found.status}: {found.message}")
