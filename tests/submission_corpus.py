"""The submissions of tests/submissions: texts with a head of comment lines, handed in as the files that they stand for.

The head is what begins with `# KEY = value`, up to the first line that does not; it is not part of what is handed in:

- `ASSIGNMENT`: a ready-made assignment. `TASKS`: those that the submission attempts, all by default.
- `FILE`: the name it is handed in under, `submission.py` by default.
- `EXPECTED`: of a wrong submission, what is not "ok", as `task.stage: status; ...`, or `status|status` where the
  machine decides. `CAUSE`: the cause that must be named for a stage, as `task.stage: words`, one line each; `certain`
  before the words says that it must be certain, `missed` that it is not named today: nothing may be, or the words.
- `KNOWN`: why something of this is not so today. The test fails as soon as it is.

A line `# -- NAME --` begins another file of the same submission.
"""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradproof.grading.assignments.assignment import read as read_assignment
from gradproof.grading.marks.marking import Plan, mark, plan_of
from gradproof.grading.reading import read_source

FOLDER = Path(__file__).parent / "submissions"
SECRET = "of the tests"
HEAD = re.compile(rb"# ([A-Z]+) = (.*?)\r?\n")
FURTHER = re.compile(rb"^# -- (\S+) --\r?\n", re.MULTILINE)


@dataclass(frozen=True)
class Cause:
    """Words that the named cause of a stage must hold, or its id. certain: no other cause may be named with it.

    missed: it may be that none is named.
    """

    stage: str
    words: str
    certain: bool
    missed: bool


@dataclass(frozen=True)
class Submission:
    """A submission and what must come of it. files: by name, as they are handed in; expected: by "task.stage"."""

    name: str
    assignment: str
    tasks: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    expected: tuple[tuple[str, str], ...] = ()
    causes: tuple[Cause, ...] = ()
    known: str = ""

    def hand_in(self, folder: Path) -> Path:
        """Write it; the path that the grader is given: a file where there is one only, else the folder."""
        for name, content in self.files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder / self.files[0][0] if len(self.files) == 1 else folder


def read(path: Path) -> Submission:
    """A submission of the corpus. ValueError where its head has no assignment."""
    content = path.read_bytes()
    mark_of_bytes = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    content, head = content[len(mark_of_bytes) :], []
    while found := HEAD.match(content):
        head.append((found[1].decode(), found[2].decode()))
        content = content[found.end() :]
    values = dict(head)
    if "ASSIGNMENT" not in values:
        raise ValueError(f"{path}: the first line must be `# ASSIGNMENT = NAME`")
    first, *others = FURTHER.split(content)
    files = [(values.get("FILE", "submission.py"), mark_of_bytes + first)] if first.strip() else []
    files += [(name.decode(), text) for name, text in zip(others[::2], others[1::2], strict=True)]
    return Submission(
        path.stem, values["ASSIGNMENT"], _listed(values.get("TASKS", ""), ","), tuple(files),
        tuple(_pair(each) for each in _listed(values.get("EXPECTED", ""), ";")),
        tuple(_cause(value) for key, value in head if key == "CAUSE"), values.get("KNOWN", ""),
    )  # fmt: skip


def _listed(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _pair(text: str) -> tuple[str, str]:
    stage, _, status = text.partition(":")
    return stage.strip(), status.strip()


def _cause(text: str) -> Cause:
    stage, words = _pair(text)
    first, _, others = words.partition(" ")
    return Cause(stage, others if first in ("certain", "missed") else words, first == "certain", first == "missed")


def corpus(kind: str) -> list[Submission]:
    """The submissions of a folder ("right", "wrong"), by name."""
    return [read(path) for path in sorted((FOLDER / kind).glob("*.txt"))]


@functools.cache
def plan_for(assignment: str) -> Plan:
    """An assignment made ready, once for all submissions of a process."""
    return plan_of(read_assignment(assignment), SECRET)


def marked(submission: Submission, folder: Path, **more: Any) -> dict[str, Any]:
    """The marks record of a submission, by the real sandbox. folder: an empty one, to write it into."""
    plan = plan_for(submission.assignment)
    called = {name for task in plan.assignment.tasks for name in task.called}
    source = read_source(submission.hand_in(folder), plan.assignment.names, called)
    return mark(source, plan.assignment, "a student", plan=plan, tasks=submission.tasks, **more)


def statuses(record: dict[str, Any]) -> dict[str, str]:
    """What is not "ok" in a record, by "task.stage"."""
    return {f"{s['task']}.{s['stage']}": s["status"] for s in record["stages"] if s["status"] != "ok"}


def as_expected(record: dict[str, Any], submission: Submission) -> bool:
    """Is everything that is not "ok" what the submission's head says, and nothing else?"""
    wanted = {stage: status.split("|") for stage, status in submission.expected if status != "ok"}
    found = statuses(record)
    return found.keys() == wanted.keys() and all(found[stage] in wanted[stage] for stage in wanted)


def told(record: dict[str, Any], names: Sequence[str] = ()) -> str:
    """What a record says of its stages that are not right: for the message of a failed test."""
    rows = [s for s in record["stages"] if s["status"] != "ok" or f"{s['task']}.{s['stage']}" in names]
    lines = [f"{s['task']}.{s['stage']}: {s['status']}: {s['headline']}\n  {s['explanation']}" for s in rows]
    causes = [f"  cause: {s['mistake']}" for s in rows if s["mistake"]]
    return "\n".join([record["message"], *record["notes"], *lines, *causes])
