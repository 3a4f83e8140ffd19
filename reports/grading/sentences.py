"""What a submission's pages lead with: the points, what is wrong, what is not shown. Pure functions of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words import count, listing
from . import text
from .record import VERDICTS, graded, name_of, number, shown

_MOST_NAMED = 3


def sentences(record: Mapping[str, Any], *, everything: bool = False) -> list[str]:
    """The sentences, at least one. everything: for an instructor, with the stages that students may not see."""
    seen = shown(record, everything=everything)
    if not graded(record):
        return ["Not graded yet. This is no zero: the marks are still to come.", *_withheld(seen.withheld, seen.points)]
    where = " in the checks shown here" if seen.withheld else ""
    found = [f"{text.of(seen.score, seen.max_score)} points{where}."]
    trouble = [s for s in seen.stages if s.get("status") != "ok"]
    trouble.sort(key=lambda s: (s.get("status") in ("blocked-by", "latent"), -number(s.get("max_score"))))
    right = len(seen.stages) - len(trouble)
    message = text.line(record.get("message") or "")
    if message:  # why nothing of it could be run
        found.append(f"{message}.")
    elif not seen.stages:
        found.append("No check is shown here.")
    elif not trouble:
        found.append(f"All {count(right, 'check')} are right." if right > 1 else "The only check is right.")
    else:
        named = listing([f"{name_of(s)} ({_word(s)})" for s in trouble], most=_MOST_NAMED)
        found.append(f"{right} of {count(len(seen.stages), 'check')} right; to look at: {named}.")
    return [*found, *_withheld(seen.withheld, seen.points)]


def _word(stage: Mapping[str, Any]) -> str:
    status = text.line(stage.get("status") or "", 40)
    return status if status in VERDICTS else "unknown"


def _withheld(stages: int, points: float) -> list[str]:
    if not stages:
        return []
    return [
        f"{count(stages, 'more check')} worth {text.points(points)} points {'is' if stages == 1 else 'are'} not shown."
    ]
