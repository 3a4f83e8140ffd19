"""A marks record as Gradescope's results.json.

The fields are those of the published format: score, execution_time, output, output_format, visibility,
stdout_visibility, extra_data and tests; a test has score, max_score, status, name, number, output, output_format,
tags and visibility. A submission that was not graded gets no score at all: neither of its own nor in a test, so that
the platform cannot show a zero that nobody gave; what went wrong stands in a test that only instructors see.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..table import items, mapping, number
from . import text
from .record import VISIBLE, graded, name_of, stages_of, student_of, why_not_graded
from .telling import told

HIDDEN = "hidden"
_VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
_MOST_TEXT = 12_000


def render(record: Mapping[str, Any]) -> str:
    """The file's text. Every text in it is plain text, said so to the platform: it renders no HTML and no Markdown."""
    return json.dumps(results(record), ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def results(record: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain values."""
    out: dict[str, Any] = {}
    has_mark = graded(record)
    if has_mark:
        out["score"] = record["score"]
    seconds = number(record.get("seconds"))
    if seconds is not None:
        out["execution_time"] = round(seconds, 2)
    out["output"] = _summary(record, has_mark)
    out["output_format"] = "text"
    out["visibility"] = VISIBLE
    out["stdout_visibility"] = HIDDEN
    out["extra_data"] = _extra(record)
    out["tests"] = [_test(stage, n, has_mark) for n, stage in enumerate(stages_of(record), start=1)]
    if not has_mark:
        out["tests"].append(_note(record, len(out["tests"]) + 1))
    return out


def broken(reason: str, details: str = "") -> str:
    """results.json for a grader that produced no record: no score, a sentence for all, the details for instructors."""
    out = {
        "output": "The grader failed on this submission. It has no mark yet; the instructors can see why.",
        "output_format": "text",
        "visibility": VISIBLE,
        "stdout_visibility": HIDDEN,
        "extra_data": {"gradproof": {"status": "not-graded"}},
        "tests": [
            {
                "name": "the grader failed (only instructors see this)",
                "number": "1",
                "output": text.block(f"{reason}\n{details}".strip(), _MOST_TEXT),
                "output_format": "text",
                "visibility": HIDDEN,
            }
        ],
    }
    return json.dumps(out, ensure_ascii=True, indent=1) + "\n"


def _summary(record: Mapping[str, Any], has_mark: bool) -> str:
    lines = []
    if not has_mark:
        lines.append("This submission was not graded. It has no mark yet; that is no zero.")
    lines += [text.line(note) for note in items(record.get("notes"))[:40]]
    isolation = text.line(record.get("isolation") or "", 60)
    if isolation:
        lines.append(f"Isolation: {isolation}")
    output = text.block(record.get("output") or "", 4000)
    if output:
        lines.append(f"The code printed:\n{output}")
    return "\n".join(lines)


def _test(stage: Mapping[str, Any], place: int, has_mark: bool) -> dict[str, Any]:
    visibility = stage.get("visibility", VISIBLE)
    out: dict[str, Any] = {}
    if has_mark and stage.get("score") is not None:
        out["score"] = stage["score"]
        out["max_score"] = stage.get("max_score", 0)
    fault = stage.get("status") == "grader-fault"
    if not fault:
        out["status"] = "passed" if stage.get("status") == "ok" else "failed"
    out["name"] = name_of(stage)
    out["number"] = str(place)
    out["output"] = "The grader failed here; this costs no points." if fault else text.block(told(stage), _MOST_TEXT)
    out["output_format"] = "text"
    out["tags"] = [text.line(stage[key], 80) for key in ("task", "stage", "status") if stage.get(key)]
    out["visibility"] = visibility if visibility in _VISIBILITIES else HIDDEN
    return out


def _note(record: Mapping[str, Any], place: int) -> dict[str, Any]:
    return {
        "name": "why this was not graded (only instructors see this)",
        "number": str(place),
        "output": why_not_graded(record),
        "output_format": "text",
        "visibility": HIDDEN,
    }


def _extra(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a later run of the platform, or a script over its export, can read back."""
    assignment = mapping(record.get("assignment"))
    stages = [
        {key: text.line(s[key], 80) for key in ("task", "stage", "status") if s.get(key)} for s in stages_of(record)
    ]
    return {
        "gradproof": {
            "status": "graded" if graded(record) else "not-graded",
            "submission": student_of(record)[0],
            "assignment": text.line(assignment.get("name") or "", 120),
            "assignment_digest": text.line(assignment.get("digest") or "", 120),
            "versions": {text.line(k, 40): text.line(v, 40) for k, v in mapping(record.get("versions")).items()},
            "isolation": text.line(record.get("isolation") or "", 60),
            "stages": stages,
        }
    }
