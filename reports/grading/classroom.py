"""A marks record as GitHub Classroom's graders report it: JSON that the reporter adds up and shows.

The reporter takes it base64-encoded as a step's output; `encoded` gives that. Where nothing was graded there is
neither max_score nor score, and the reporter then reports no points instead of zero.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from ..table import number
from . import text
from .record import graded, name_of, shown, stages_of, why_for
from .record import number as points_of
from .telling import headline, told

_MOST_TEXT = 4_000


def render(record: Mapping[str, Any]) -> str:
    """The JSON text. Stages that students may not see are one test without words, so that the sum is right."""
    return json.dumps(result(record), ensure_ascii=True, indent=1, allow_nan=False) + "\n"


def encoded(record: Mapping[str, Any]) -> str:
    """The text that the grading step sets as its output `result`."""
    return base64.b64encode(json.dumps(result(record), ensure_ascii=True).encode("ascii")).decode("ascii")


def result(record: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain values."""
    if not graded(record):
        test = _test("not graded", "error", why_for(record, everything=False))
        return {"version": 1, "status": "error", "tests": [test]}
    seen = shown(record)
    tests = [_stage(stage) for stage in seen.stages]
    if seen.withheld:
        hidden = [s for s in stages_of(record) if s not in seen.stages]
        given = sum(points_of(stage.get("score")) for stage in hidden)
        status = "pass" if given >= seen.points else "fail"
        test = _test("checks that are not shown", status, "These are shown later or not at all.")
        tests.append({**test, "score": given, "max_score": seen.points})
    status = "pass" if all(test["status"] == "pass" for test in tests) else "fail"
    seconds = number(record.get("seconds"))
    if tests and seconds is not None:
        tests[0]["execution_time"] = f"{seconds:.1f}s"
    return {"version": 1, "status": status, "max_score": record.get("max_score", 0), "tests": tests}


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    right = stage.get("status") == "ok"
    # The reporter prints messages on a terminal and in a job summary: `told` holds no control characters.
    message = headline(stage) if right else text.block(told(stage), _MOST_TEXT)
    test = _test(name_of(stage), "pass" if right else "fail", message)
    return {**test, "score": stage.get("score"), "max_score": stage.get("max_score", 0)}


def _test(name: str, status: str, message: str) -> dict[str, Any]:
    return {"name": _no_command(name), "status": status, "message": _no_command(message), "filename": "", "line_no": 0}


def _no_command(said: str) -> str:
    """The runner obeys a line that begins with "::" (after any space) or holds "##[": no text here may do so."""
    return re.sub(r"(?m)^(\s*):(?=:)", "\\1:\u200b", said).replace("##[", "#\u200b#[")
