"""What a new marking changed for one submission, in a line: the total, and each stage that is not what it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...reports.grading import text
from ...reports.grading.record import graded, key_of, stages_of, why_not_graded


def changed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """The line, "" where there was nothing before or nothing is different."""
    if before is None:
        return ""
    # Where one side has no mark, every stage would read as new or gone: the total says it.
    stages = _stages(before, after) if graded(before) and graded(after) else []
    return "; ".join(part for part in (_total(before, after), *stages) if part)


def _total(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    had, has = _mark(before), _mark(after)
    if had == has:
        return ""
    why = "" if graded(after) else f" ({why_not_graded(after)})"
    return f"{had} to {has}{why}"


def _mark(record: Mapping[str, Any]) -> str:
    return text.of(record.get("score"), record.get("max_score")) if graded(record) else "not graded"


def _stages(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old = {key_of(stage): stage for stage in stages_of(before)}
    new = {key_of(stage): stage for stage in stages_of(after)}
    lines = []
    for key in dict.fromkeys((*old, *new)):
        if key not in new:
            lines.append(f"{key} is gone")
        elif key not in old:
            lines.append(f"{key} is new: {_stage(new[key])}")
        elif _stage(old[key]) != _stage(new[key]):
            lines.append(f"{key}: {_stage(old[key])} to {_stage(new[key])}")
    return lines


def _stage(stage: Mapping[str, Any]) -> str:
    return f"{text.line(stage.get('status') or '', 40)} ({text.of(stage.get('score'), stage.get('max_score'))})"
