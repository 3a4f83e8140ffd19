"""Helpers of the marking's tests: an assignment and a submission from texts, marked in a sandbox that is none."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from textwrap import dedent

from gradproof.grading.assignments.assignment_reading import assignment
from gradproof.grading.marks.marking import mark, plan_of
from gradproof.grading.reading.record import Source
from tests.marking_fake import FakeSandbox

HEAD = """
format = 1
name = "mini"
[cases]
public = 2
hidden = 3
pool = 2
secret = "of the tests"
"""

AFFINE = """
[[task]]
name = "affine"
operation = "affine"
forward = "affine_forward(x, w, b) -> y, cache"
backward = "affine_backward(dy, cache) -> dx, dw, db"
points = {forward = 2, backward = 3}
"""

AFFINE_SPLIT = AFFINE.replace("backward = 3}", "dx = 1, dw = 1, db = 1}")

RIGHT_AFFINE = """
import numpy as np
def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
"""


def source_of(text: str, name: str = "submission.py") -> Source:
    """A submission of one module."""
    text = dedent(text)
    return Source("a student", {name: text}, (name,), {}, (), (), hashlib.sha256(text.encode()).hexdigest())


@cache
def plan_for(text: str):
    """The plan of an assignment, made once for all tests."""
    content = (text if text.lstrip().startswith("format") else HEAD + text).encode()
    read = assignment(Path("mini.toml"), content, hashlib.sha256(content).hexdigest())
    return plan_of(read)


def marked(text: str, code: str, identity: str = "a student", **more):
    """The marks record of a code text for an assignment text."""
    plan = plan_for(text)
    return mark(source_of(code), plan.assignment, identity, plan=plan, box=more.pop("box", FakeSandbox), **more)


def statuses(record) -> dict[str, str]:
    """Verdict by "task.stage"."""
    return {f"{s['task']}.{s['stage']}": s["status"] for s in record["stages"]}


def stage_of(record, task: str, stage: str):
    """One stage of a record."""
    return next(s for s in record["stages"] if (s["task"], s["stage"]) == (task, stage))
