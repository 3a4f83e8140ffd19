"""One submission to be marked, as plain data that may cross to another process or machine, and what comes back."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .content import digest_of

MARKER = "gradproof.grading.classes.marking_job:mark_submission"
"""What marks a submission, as "module:function"; the function takes a Job and gives a marks record (a dict)."""

PATIENCE_SECONDS = 1800.0
"""Longest time that the marking of one submission may take before it is given up as the grader's fault."""


@dataclass(frozen=True)
class Job:
    """One submission to mark.

    submission: its id. path, members: where it lies (see reading.Submission). content: its digest when the run began.
    assignment, assignment_digest: the assignment's file and what it held then. secret: of the assignment's cases.
    level: the isolation level to run it at, "" for the best of the machine that marks, which must then be as good as
    `require` if that is given. marker: see MARKER.
    """

    submission: str
    name: str
    path: str
    content: str
    assignment: str
    assignment_digest: str
    secret: str = ""
    level: str = ""
    require: str = ""
    members: tuple[str, ...] = ()
    late: bool | None = None
    group: str = ""
    marker: str = MARKER

    def to_json(self) -> dict[str, Any]:
        """The job as JSON holds it."""
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Job:
        """The job that `to_json` gave."""
        return Job(**{**value, "members": tuple(value["members"])})


@dataclass(frozen=True)
class Done:
    """What came of a job: a record, or in `fault` why there is none (a fault of the grader, never of the student)."""

    job: Job
    record: dict[str, Any] | None
    fault: str = ""


Marking = Callable[[Iterable[Job]], Iterator[Done]]
"""Marks jobs somewhere and gives each back as it is done, in any order."""


class Stopped(Exception):
    """The run cannot go on: no process starts, the scheduler is gone. The message is a sentence."""


def marker_of(name: str) -> Callable[[Job], dict[str, Any]]:
    """The function that "module:function" names. ValueError where there is none."""
    module, _, function = name.partition(":")
    found = getattr(importlib.import_module(module), function, None)
    if not callable(found):
        raise ValueError(f"there is no function {function!r} in {module}")
    marker: Callable[[Job], dict[str, Any]] = found
    return marker


def carry_out(job: Job) -> dict[str, Any]:
    """Mark one submission in this process: {"record": ...} or {"fault": why}. Raises nothing of the marker's.

    The submission must be what it was when the run began: a mark must not be kept under another content's key.
    """
    try:
        if not Path(job.path).exists():
            return {"fault": f"{job.path} is not there; every machine that marks must see the submissions' folder"}
        if digest_of(Path(job.path), job.members) != job.content:
            return {"fault": f"{job.path} is not what it was when the run began; grade again with --resume"}
        return {"record": plain(marker_of(job.marker)(job))}
    except RecursionError:
        return {"fault": "the marking ran into Python's recursion limit"}
    except MemoryError:
        return {"fault": "the marking ran out of memory"}
    except Exception as error:
        return {"fault": f"the marking raised {type(error).__name__}: {_last_line(error)}"}


def _last_line(error: BaseException) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{str(error)[:500]}{where}"


def plain(value: Any) -> Any:
    """A record as strict JSON holds it: NumPy values as Python's, non-finite numbers as "nan", "inf", "-inf"."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return plain(str(value))
