"""Marking one submission for a class run: read it, mark it; the assignment is made ready once in each process."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .job import Job

if TYPE_CHECKING:
    from ..marks.marking import Plan


OWN_ROOT = ("bubblewrap", "namespaces")  # levels at which a submission has a root folder of its own, without the cache


def mark_submission(job: Job) -> dict[str, Any]:
    """The marks record of a job. What it raises is a fault of the grader, never of the submission."""
    from ..marks.marking import mark
    from ..reading import Submission, read_source

    level = _level(job)
    plan = _plan(job.assignment, job.assignment_digest, job.secret, _truths(level))
    assignment = plan.assignment
    submission = Submission(job.submission, job.name, Path(job.path), job.late, job.group, job.members)
    called = {name for task in assignment.tasks for name in task.called}
    source = read_source(submission, assignment.names, called)
    return mark(source, assignment, job.submission, plan=plan, level=level)


@functools.lru_cache(maxsize=2)
def _plan(path: str, digest: str, secret: str, truths: Path | None) -> Plan:
    """The assignment made ready; ValueError where its file is not what it was when the run began.

    truths: a folder that shares them with the run's other processes.
    """
    from ..assignments.assignment import read
    from ..marks.marking import plan_of

    assignment = read(path)
    if assignment.digest != digest:
        raise ValueError(f"{path} changed while the run went on; grade again with --resume")
    return plan_of(assignment, secret, truths)


def _truths(level: str | None) -> Path | None:
    """Where the processes of a class run share truths: nowhere a submission could read them or write its own."""
    from ..marks.truth_store import truths_folder

    return truths_folder() if level in OWN_ROOT else None


def _level(job: Job) -> str | None:
    """The isolation level to run at: the job's, or on another machine its best, if that is as good as required."""
    from ..confinement.isolation import require

    return job.level or (str(require(job.require).name) if job.require else None)
