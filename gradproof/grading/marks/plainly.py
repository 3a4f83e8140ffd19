"""Answers that are plainly right: within their allowance at every entry, in the shape and dtype that were asked for.

Most answers of most submissions are. They need no ratio, no worst entry and no words, so they are told apart first, by
truths that are looked up once for a class; all others go the long way (answers.py), which decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...truth import TrueArray
from ..confinement.exchanged import Claim, Outcome
from .answers import Answer, Answered

if TYPE_CHECKING:
    from ..assignments.assignment import Accept
    from .points import Point
    from .program import Compiled, Return

PLAIN = Claim()


def truth_of(point: Point, returned: Return) -> TrueArray | None:
    """The truth of a returned value; None where something is to be said even of a right one."""
    true = point.true(returned)
    return None if not true.low[0].size or true.undefined.any() else true


def holds(true: TrueArray, got: np.ndarray) -> bool:
    """Whether no entry is further from the truth than its allowance: as `TrueArray.error` has it; False for NaN."""
    if got.shape != true.shape:
        return False
    (low, lower), (high, higher), got = true.low, true.high, got.astype(np.float64, copy=False)
    with np.errstate(all="ignore"):
        below, above = (low - got) + lower, (got - high) - higher
    return bool((below <= true.allowance).all()) and bool((above <= true.allowance).all())


def truths_of(point: Point, compiled: Compiled) -> Sequence[TrueArray | None]:
    """The truths of all that a program returns, looked up once."""
    kept: dict[int, Sequence[TrueArray | None]] = point.programs.setdefault("truths", {})
    if id(compiled) not in kept:
        kept[id(compiled)] = [None if returned.draws else truth_of(point, returned) for returned in compiled.returns]
    return kept[id(compiled)]


def plainly_right(point: Point, compiled: Compiled, outcome: Outcome, accept: Accept) -> Answered | None:
    """The answers, where all are right, nothing was written into, and there is nothing to remark; else None."""
    if outcome.verdict != "ok" or not _untouched(compiled.program.arrays.items(), outcome):
        return None
    answers = []
    for returned, true in zip(compiled.returns, truths_of(point, compiled), strict=True):
        got, claim = outcome.values.get(returned.name), outcome.claims.get(returned.name, PLAIN)
        if true is None or not isinstance(got, np.ndarray) or got.dtype != point.dtype or claim.subclass:
            return None
        if (claim.shares and not accept.views) or not holds(true, got):
            return None
        answers.append(Answer(point, returned, "ok", "", None, got, true))
    return Answered(point, compiled, outcome, tuple(answers))


def _untouched(given: Iterable[tuple[str, np.ndarray]], outcome: Outcome) -> bool:
    return all(outcome.inputs.get(name) is x for name, x in given)
