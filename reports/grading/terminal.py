"""A class's marks on a terminal: the class in a few lines, not graded first. Plain words; no colour carries meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import text
from .class_page import headline
from .class_summary import summarize
from .record import student_of
from .sentences import sentences

_MOST_MISSING = 20
_MOST_MISTAKES = 10
_MOST_CHANGES = 200


def render(records: Sequence[Mapping[str, Any]], changes: Sequence[str] = (), notes: Sequence[str] = ()) -> str:
    """The text, ending in a newline. One submission alone is told in full sentences; a class as a table of stages."""
    summary = summarize(records)
    lines = [" ".join(headline(summary))]
    if len(records) == 1:
        identity, name = student_of(records[0])
        lines = [" ".join([f"{name or identity}:", *sentences(records[0], everything=True)])]
    if summary.not_graded:
        lines += ["", "Not graded (no mark, and no zero):"]
        lines += [f"  {identity}: {why}" for identity, _, why in summary.not_graded[:_MOST_MISSING]]
        more = len(summary.not_graded) - _MOST_MISSING
        lines += [f"  and {more:,} more"] if more > 0 else []
    if summary.stages:
        lines += ["", *_stages(summary.stages)]
    if summary.mistakes:
        lines += ["", "Mistakes:"]
        for mistake in summary.mistakes[:_MOST_MISTAKES]:
            sure = "" if mistake.certain else " (likely)"
            lines.append(f"  {len(mistake.students):4}  {mistake.stage}: {mistake.sentence}{sure}")
    if changes:
        lines += ["", "Changed:", *(f"  {text.line(change)}" for change in changes[:_MOST_CHANGES])]
        more = len(changes) - _MOST_CHANGES
        lines += [f"  and {more:,} more; the class page lists them"] if more > 0 else []
    if notes:
        lines += ["", *(text.line(note) for note in notes)]
    return "\n".join(lines) + "\n"


def _stages(stages: Sequence[Any]) -> list[str]:
    width = max(len("task and stage"), *(len(stage.name) for stage in stages))
    lines = [f"{'task and stage':{width}}  {'right':>9}  {'mean':>5}  {'index':>5}  separates"]
    for stage in stages:
        index = "–" if stage.discrimination is None else f"{stage.discrimination:.2f}"
        right = f"{stage.right}/{stage.number}"
        lines.append(f"{stage.name:{width}}  {right:>9}  {100 * stage.mean:4.0f}%  {index:>5}  {stage.separates}")
    return lines
