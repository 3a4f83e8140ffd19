"""A class's marks as CSV: a row for each submission, two columns for each stage (points and verdict).

Every cell is quoted. A cell of foreign text that a spreadsheet would take for a formula gets a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..table import mapping, number
from . import text
from .record import graded, key_of, stages_of, student_of, why_not_graded

# The last four are the full-width forms, which some spreadsheets read as the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST = 1_000
FIRST = ("submission", "name", "status", "score", "max_score")
LAST = ("message", "late", "group", "isolation", "seconds", "assignment_digest", "submission_digest")


def render(records: Sequence[Mapping[str, Any]]) -> str:
    """The text of the file, lines ended by CR LF as RFC 4180 has it. A mark that was not given is an empty cell."""
    keys = list(dict.fromkeys(key_of(stage) for record in records for stage in stages_of(record)))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    head = [f"{key} {what}" for key in keys for what in ("points", "verdict")]
    writer.writerow([cell(name) for name in (*FIRST, *head, *LAST)])
    for record in records:
        writer.writerow(_row(record, keys))
    return out.getvalue()


def cell(value: Any) -> str:
    """Foreign text as one harmless cell: one line, no control characters, no formula."""
    raw = str(value)
    said = text.line(raw, _LONGEST)
    return f"'{said}" if said.startswith(_FORMULA) or raw.startswith(_FORMULA) else said


def _row(record: Mapping[str, Any], keys: Iterable[str]) -> list[str]:
    submission, assignment = mapping(record.get("submission")), mapping(record.get("assignment"))
    has_mark = graded(record)
    stages = {key_of(stage): stage for stage in stages_of(record)}
    row = [cell(submission.get("id", "")), cell(student_of(record)[1]), "graded" if has_mark else "not-graded"]
    row += [_points(record.get("score")) if has_mark else "", _points(record.get("max_score"))]
    for key in keys:
        stage = stages.get(key, {})
        row += [_points(stage.get("score")), cell(stage.get("status", ""))]
    row.append("" if has_mark else cell(why_not_graded(record)))
    row += [cell(submission.get(key) or "") for key in ("late", "group")]
    seconds = number(record.get("seconds"))
    row += [cell(record.get("isolation", "")), "" if seconds is None else f"{seconds:.2f}"]
    return [*row, cell(assignment.get("digest", "")), cell(submission.get("digest", ""))]


def _points(value: Any) -> str:
    return "" if value is None else text.points(value)
