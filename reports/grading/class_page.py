"""A class's marks as an HTML page: not graded first, scores, tasks, mistakes, and a row for each submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import words
from . import text
from .class_summary import DEFINITION, ClassSummary, summarize
from .page import rendered
from .record import graded, key_of, name_of, stages_of, student_of

_MOST_ROWS = 5_000
_MOST_NAMES = 12


def render(
    records: Sequence[Mapping[str, Any]],
    *,
    changes: Sequence[str] = (),
    notes: Sequence[str] = (),
    link: Callable[[str], str] | None = None,
) -> str:
    """The page.

    changes: lines about what a new grading changed. notes: lines about the run (what was not done). link: a
    submission's id -> the address of its own page, relative to this one; None for no links.
    """
    summary = summarize(records)
    rows = [_row(record, summary, link) for record in summary.records[:_MOST_ROWS]]
    counts = summary.bins() if summary.graded else []
    return rendered(
        "class.html",
        title=summary.title,
        headline=headline(summary),
        summary=summary,
        not_graded=[
            (identity, name, why, link(identity) if link else "") for identity, name, why in summary.not_graded
        ],
        figures=_figures(summary),
        bins=[(label, n, n / max(1, max(c for _, c in counts))) for label, n in counts],
        definition=DEFINITION,
        mistakes=[(m, words.listing(list(m.students), most=_MOST_NAMES)) for m in summary.mistakes],
        columns=[(stage.key, stage.name) for stage in summary.stages] or _columns(summary),
        isolation=_isolation(summary),
        rows=rows,
        total=len(summary.records),
        changes=[text.line(change) for change in changes],
        notes=[text.line(note) for note in notes],
    )


def headline(summary: ClassSummary) -> list[str]:
    """The page's first sentences: how many have a mark, the middle, the commonest mistake."""
    total = len(summary.records)
    if not total:
        return ["Nothing was graded: there are no submissions."]
    found = []
    missing = len(summary.not_graded)
    if missing:
        them = "has no mark: the grader failed on it" if missing == 1 else "have no mark: the grader failed on them"
        found.append(f"{missing} of {words.count(total, 'submission')} {them}.")
    else:
        found.append(f"{words.count(total, 'submission')} graded.")
    if summary.graded:
        middle, most = summary.quantile(0.5), summary.max_score
        full = f"{summary.full} {'has' if summary.full == 1 else 'have'} all points"
        found.append(f"The median is {text.points(middle)} of {text.points(most)}; {full}.")
    if summary.mistakes:
        first = summary.mistakes[0]
        found.append(f"The commonest mistake, {words.count(len(first.students), 'time')}: {first.sentence}")
    return found


def _columns(summary: ClassSummary) -> list[tuple[str, str]]:
    return list({key_of(s): name_of(s) for r in summary.records for s in stages_of(r)}.items())


def _figures(summary: ClassSummary) -> list[tuple[str, str]]:
    if not summary.graded:
        return []
    mean = sum(summary.shares) / summary.graded * summary.max_score
    low, high = summary.quantile(0.25), summary.quantile(0.75)
    return [
        ("graded", str(summary.graded)),
        ("not graded", str(len(summary.not_graded))),
        ("mean", text.points(mean)),
        ("median", text.points(summary.quantile(0.5))),
        ("middle half", f"{text.points(low)} to {text.points(high)}"),
        ("all points", str(summary.full)),
    ]


def _isolation(summary: ClassSummary) -> str:
    found = Counter(text.line(r.get("isolation") or "none said", 60) for r in summary.records)
    return ", ".join(f"{name} ({number})" for name, number in found.most_common(6))


def _row(record: Mapping[str, Any], summary: ClassSummary, link: Callable[[str], str] | None) -> dict[str, Any]:
    identity, name = student_of(record)
    stages = {key_of(s): (str(s.get("status")), text.points(s.get("score"))) for s in stages_of(record)}
    keys = [stage.key for stage in summary.stages] or [key for key, _ in _columns(summary)]
    has_mark = graded(record)
    return {
        "identity": identity,
        "name": "" if name == identity else name,
        "link": link(identity) if link else "",
        "graded": has_mark,
        "score": text.points(record.get("score")) if has_mark else "not graded",
        "stages": [stages.get(key, ("–", "")) for key in keys],
    }
