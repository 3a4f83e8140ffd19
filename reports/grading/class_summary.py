"""A class's marks added up: who has none, which task is hard, which one separates, which mistake how often.

Pure functions of marks records. Everything that needs a mark is computed over the graded submissions alone, and says
over how many.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..table import mapping
from . import text
from .record import VERDICTS, graded, key_of, name_of, number, stages_of, student_of, why_not_graded

FEWEST_TO_SEPARATE = 5
"""Fewer graded submissions than this say nothing about how a task separates."""

DEFINITION = (
    "The discrimination index of a stage is the correlation, over the graded submissions, between the points of this "
    "stage and the points of all other stages together. From 0.4 up the stage separates well; below 0.2 it says little "
    "about the rest; below 0 those who do well elsewhere fail here, which is a reason to read the task again."
)


@dataclass(frozen=True)
class StageSummary:
    """One stage over the class.

    number of graded submissions that have it, how many are right in it, mean share of its points (0 to 1), verdict ->
    number, and the discrimination index, None where it is not defined (too few, or no variation).
    """

    key: str
    name: str
    max_score: float
    number: int
    right: int
    mean: float
    verdicts: Mapping[str, int]
    discrimination: float | None

    @property
    def separates(self) -> str:
        """The index in a word."""
        if self.discrimination is None:
            return "not defined"
        index = self.discrimination
        return "against" if index < 0 else "little" if index < 0.2 else "somewhat" if index < 0.4 else "well"


@dataclass(frozen=True)
class Mistake:
    """One mistake in one stage: how many submissions show it, and their ids. certain: in all of them."""

    stage: str
    sentence: str
    certain: bool
    students: tuple[str, ...]


@dataclass(frozen=True)
class ClassSummary:
    """All of it. `shares`: score over the most possible for each graded submission, ascending."""

    title: str
    records: tuple[Mapping[str, Any], ...]
    not_graded: tuple[tuple[str, str, str], ...]
    stages: tuple[StageSummary, ...]
    mistakes: tuple[Mistake, ...]
    shares: tuple[float, ...]
    max_score: float
    verdicts: Mapping[str, int]
    digests: tuple[str, ...] = field(default=())

    @property
    def graded(self) -> int:
        return len(self.shares)

    @property
    def full(self) -> int:
        """Submissions with every point."""
        return sum(1 for share in self.shares if share >= 1)

    def quantile(self, part: float) -> float | None:
        """The quantile of the scores in points, linear between neighbours; None without a graded submission."""
        if not self.shares:
            return None
        place = part * (len(self.shares) - 1)
        low, high = math.floor(place), math.ceil(place)
        share = self.shares[low] + (self.shares[high] - self.shares[low]) * (place - low)
        return share * self.max_score

    def bins(self) -> list[tuple[str, int]]:
        """(label in points, number) for ten equal parts of the scale and a last one for full marks."""
        counts = [0] * 11
        for share in self.shares:
            counts[10 if share >= 1 else min(9, int(share * 10))] += 1
        edges = [text.points(self.max_score * n / 10) for n in range(11)]
        labels = [f"{edges[n]} to {edges[n + 1]}" for n in range(10)]
        labels[9] = f"{edges[9]} to below {edges[10]}"
        return [*zip(labels, counts, strict=False), (f"all {edges[10]}", counts[10])]


def summarize(records: Sequence[Mapping[str, Any]]) -> ClassSummary:
    """The summary of a class's records; those without a mark first, then by id."""
    ordered = sorted(records, key=lambda r: (graded(r), student_of(r)[0]))
    marked = [record for record in ordered if graded(record)]
    most = max((number(r.get("max_score")) for r in marked), default=0.0)
    titles = [mapping(r.get("assignment")) for r in ordered]
    return ClassSummary(
        title=next((text.line(a.get("title") or a.get("name") or "", 200) for a in titles), ""),
        records=tuple(ordered),
        not_graded=tuple((*student_of(r), why_not_graded(r)) for r in ordered if not graded(r)),
        stages=_stages(marked),
        mistakes=_mistakes(ordered),
        shares=tuple(sorted(_share(r) for r in marked)),
        max_score=most,
        verdicts=Counter(str(s.get("status")) for r in ordered for s in stages_of(r)),
        digests=tuple(dict.fromkeys(text.line(a.get("digest") or "", 80) for a in titles)),
    )


def _share(record: Mapping[str, Any]) -> float:
    most = number(record.get("max_score"))
    return number(record.get("score")) / most if most else 0.0


def _stages(marked: Sequence[Mapping[str, Any]]) -> tuple[StageSummary, ...]:
    found: dict[str, list[tuple[Mapping[str, Any], float]]] = {}
    for record in marked:
        total = sum(number(stage.get("score")) for stage in stages_of(record))
        for stage in stages_of(record):
            found.setdefault(key_of(stage), []).append((stage, total - number(stage.get("score"))))
    return tuple(_stage(key, rows) for key, rows in found.items())


def _stage(key: str, rows: Sequence[tuple[Mapping[str, Any], float]]) -> StageSummary:
    stages = [stage for stage, _ in rows]
    scores = [number(stage.get("score")) for stage in stages]
    most = max(number(stage.get("max_score")) for stage in stages)
    known = Counter(str(s.get("status")) for s in stages)
    return StageSummary(
        key=key,
        name=name_of(stages[0]),
        max_score=most,
        number=len(rows),
        right=known.get("ok", 0),
        mean=sum(scores) / len(scores) / most if most else 0.0,
        verdicts={verdict: known[verdict] for verdict in VERDICTS if known.get(verdict)},
        discrimination=_correlation(scores, [rest for _, rest in rows]),
    )


def _correlation(these: Sequence[float], those: Sequence[float]) -> float | None:
    """Pearson's correlation; None for too few pairs or where one side does not vary."""
    if len(these) < FEWEST_TO_SEPARATE:
        return None
    a, b = sum(these) / len(these), sum(those) / len(those)
    both = sum((x - a) * (y - b) for x, y in zip(these, those, strict=True))
    spread = math.sqrt(sum((x - a) ** 2 for x in these)) * math.sqrt(sum((y - b) ** 2 for y in those))
    return max(-1.0, min(1.0, both / spread)) if spread else None


def _mistakes(records: Sequence[Mapping[str, Any]]) -> tuple[Mistake, ...]:
    found: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for record in records:
        for stage in stages_of(record):
            mistake = mapping(stage.get("mistake"))
            if mistake.get("sentence"):
                key = (key_of(stage), text.line(mistake.get("id") or mistake["sentence"], 120))
                sentence = text.line(mistake["sentence"])
                found.setdefault(key, []).append((student_of(record)[0], sentence, bool(mistake.get("certain"))))
    rows = [
        Mistake(stage, group[0][1], all(sure for _, _, sure in group), tuple(dict.fromkeys(who for who, _, _ in group)))
        for (stage, _), group in found.items()
    ]
    return tuple(sorted(rows, key=lambda m: (-len(m.students), m.stage, m.sentence)))
