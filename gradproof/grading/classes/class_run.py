"""A class run: find the submissions, mark those that have no mark yet, keep each as it is done, write the pages.

Exit codes: 0 every submission that was asked for has its mark, whatever the mark; 2 interrupted; 3 some have none
through a fault of the grader, or the run had to stop; 4 usage; 5 there was nothing to grade. 1 is not used: a mark
that is not full is no failure of a grading.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from ...interrupting import Interrupts
from ...reports.grading import record as records
from ..marks.truth_store import forget_old, truths_folder
from . import asked, pages
from .asked import Asked
from .changes import changed
from .content import digest_of, key_parts, versions
from .job import MARKER, PATIENCE_SECONDS, Done, Job, Marking, Stopped
from .progress import Progress
from .store import GRADES, Row, Store, StoreError, key

DONE, INTERRUPTED, BROKEN, NOTHING = 0, 2, 3, 5


@dataclass(frozen=True)
class Settings:
    """What a class run is asked for.

    submissions: files, folders, zips. output: the folder of the grades. jobs: processes here; scheduler: address of a
    cluster instead. layout: how submissions lie in the paths (see reading.find_submissions). resume: go on with the
    grades that the folder holds. only: ids. rerun: statuses of records ("graded", "not-graded", "all") or verdicts of
    stages, marked again though they have a mark. require: the lowest isolation level. secret: of the assignment's
    cases, "" for its own. student: the id under which the submissions given are one. patience: seconds for one
    submission. marker: see `job.MARKER`.
    """

    assignment: str
    submissions: tuple[Path, ...]
    output: Path
    jobs: int = 1
    layout: str = "auto"
    resume: bool = False
    only: tuple[str, ...] = ()
    rerun: tuple[str, ...] = ()
    scheduler: str = ""
    require: str = ""
    secret: str = ""
    student: str = ""
    patience: float = PATIENCE_SECONDS
    marker: str = MARKER


@dataclass(frozen=True)
class Surroundings:
    """What a run takes from the rest of gradproof; a test gives its own.

    read: an assignment by path or name. find: submissions in paths, by a layout. level: (required level or "") -> the
    level that submissions will run at and a sentence on what it ensures, ValueError where it is below. secret: an
    assignment's own secret.
    """

    read: Callable[[str], Any] = asked.read_assignment
    find: Callable[[list[Path], str], list[Any]] = asked.find_submissions
    level: Callable[[str], tuple[str, str]] = asked.isolation_level
    secret: Callable[[Any], str] = asked.secret_of


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its exit code, the class's records as kept, what changed, sentences about the run."""

    code: int
    records: tuple[dict[str, Any], ...]
    changes: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())


def grade(settings: Settings, stream: TextIO, surroundings: Surroundings | None = None) -> Outcome:
    """Run it. Progress and notes go to `stream`. ValueError for what was asked wrongly, before anything is marked."""
    around = surroundings or Surroundings()
    wanted = asked.prepare(settings, around)
    if not wanted.submissions or asked.without_code(settings, wanted):
        return Outcome(NOTHING, (), (), (asked.nothing_found(settings),))
    try:
        with Store(settings.output) as store:
            asked.agree(settings, wanted, store)
            return ClassRun(settings, wanted, store, stream).run()
    except StoreError as error:
        return Outcome(BROKEN, (), (), (str(error),))


@dataclass
class ClassRun:
    """One run over a class, into an open store."""

    settings: Settings
    wanted: Asked
    store: Store
    stream: TextIO
    faults: int = 0
    notes: list[str] = field(default_factory=list)
    _interrupts: Interrupts = field(default_factory=Interrupts)
    _before: dict[str, Row] = field(default_factory=dict)
    _jobs: dict[str, tuple[Job, str, int]] = field(default_factory=dict)
    _new: int = 0
    _reused: int = 0

    def run(self) -> Outcome:
        """Mark what has no mark; what is done stays done however this ends."""
        w = self.wanted
        if (truths := truths_folder()) is not None:
            forget_old(truths)
        self.store.begin({"assignment": w.assignment.name, "assignment_digest": w.assignment.digest})
        self._before = {row.submission: row for row in self.store.rows()}
        code, ended = DONE, "finished"
        with self._interrupts:
            try:
                self._plan()
                self._mark()
            except KeyboardInterrupt:
                code, ended = INTERRUPTED, "interrupted"
                self.notes.append("Interrupted: what is done is kept; --resume goes on with the rest.")
            except (Stopped, StoreError) as error:
                code, ended = BROKEN, "stopped"
                self.notes.append(f"The run stopped: {error}.".replace("..", "."))
                self.notes.append(f"Kept: {self._new} newly marked in this run; --resume goes on with the rest.")
        return self._finish(code, ended)

    # -- what is to be marked --------------------------------------------------------------------------

    def _plan(self) -> None:
        """Sort the submissions: kept as they are, found among earlier marks of the same content, or to be marked."""
        for place, submission in enumerate(self.wanted.submissions):
            with self._interrupts.heeded():
                try:
                    content = digest_of(submission.path, submission.members)
                except OSError as error:
                    content, unread = "", f"{submission.path} cannot be read: {(error.strerror or str(error)).lower()}"
                else:
                    unread = ""
            job = self._job(submission, content)
            parts = key_parts(
                job.submission, content, job.assignment_digest, job.secret, self.wanted.level, self.wanted.limits
            )
            self._sort(job, key({**parts, "marker": job.marker, "unread": unread}), place, unread)

    def _sort(self, job: Job, content_key: str, place: int, unread: str) -> None:
        before = self._before.get(job.submission)
        if unread:
            self._jobs[job.submission] = (job, content_key, place)
            self._keep(Done(job, None, unread))
            return
        again = before is not None and _matches(before.record, self.settings.rerun)
        if before is not None and before.key == content_key and records.graded(before.record) and not again:
            return
        known = None if again else self.store.kept(job.submission, content_key)
        if known is not None:
            self._reused += 1
            self.store.keep(Row(job.submission, job.path, content_key, known), place, self._change(job, known))
            return
        self._jobs[job.submission] = (job, content_key, place)

    def _job(self, submission: Any, content: str) -> Job:
        w = self.wanted
        return Job(
            submission=str(submission.id),
            name=str(submission.name),
            path=os.path.abspath(submission.path),
            content=content,
            assignment=os.path.abspath(w.assignment.path),
            assignment_digest=w.assignment.digest,
            secret=w.secret,
            level="" if self.settings.scheduler else w.level,
            require=self.settings.require,
            members=tuple(submission.members),
            late=submission.late,
            group=str(submission.group),
            marker=self.settings.marker,
        )

    # -- marking ---------------------------------------------------------------------------------------

    def _mark(self) -> None:
        waiting = [job for job, _, _ in self._jobs.values() if job.content]
        stream = _marking(self.settings)(waiting)
        with Progress(self.stream, len(waiting)) as progress, contextlib.closing(stream):  # type: ignore[type-var]
            for sentence in self._opening(len(waiting)):
                progress.note(sentence)
            while True:
                with self._interrupts.heeded():
                    done = next(stream, None)
                if done is None:
                    return
                progress.done(self._keep(done))

    def _opening(self, waiting: int) -> list[str]:
        total = len(self.wanted.submissions)
        where = f"on {self.settings.scheduler}" if self.settings.scheduler else f"isolation {self.wanted.isolation}"
        lines = [f"{waiting} of {total} to mark; {where}"]
        if self._reused:
            lines.append(f"{self._reused} marked before with the same content: those marks are used")
        return lines

    def _keep(self, done: Done) -> dict[str, Any]:
        """Make what came back a record and keep it; the record that was kept."""
        job, content_key, place = self._jobs[done.job.submission]
        record = self._record(job, done)
        before = self._before.get(job.submission)
        if not records.graded(record):
            self.faults += 1
            if before is not None and before.key == content_key and records.graded(before.record):
                # Marking again the same content failed: the mark that it has is as good as before.
                why = records.why_not_graded(record)
                self.notes.append(f"{job.submission} keeps its mark: marking it again failed: {why}")
                return record
        self.store.keep(Row(job.submission, job.path, content_key, record), place, self._change(job, record))
        self._new += 1
        return record

    def _change(self, job: Job, record: dict[str, Any]) -> str:
        before = self._before.get(job.submission)
        said = changed(before.record if before else None, record)
        return f"{job.submission}: {said}" if said else ""

    def _record(self, job: Job, done: Done) -> dict[str, Any]:
        if done.record is None:
            return self._without_mark(job, done.fault or "the marking gave no record")
        record = done.record
        try:
            records.check(record)
            if record["submission"]["id"] != job.submission:
                raise ValueError(f"it is the record of {record['submission']['id']!r}")
            if record["assignment"]["digest"] != job.assignment_digest:
                raise ValueError("it was marked by another assignment file")
        except (ValueError, RecursionError) as error:
            return self._without_mark(job, f"the marking gave no valid record: {error}")
        about = {"name": job.name, "late": job.late, "group": job.group}
        return {**record, "submission": {**record["submission"], **about}}

    def _without_mark(self, job: Job, why: str) -> dict[str, Any]:
        """The record of a submission that the grader failed on: no score, which is not a score of zero."""
        assignment = self.wanted.assignment
        return {
            "format": records.FORMAT,
            "version": records.VERSION,
            "assignment": {
                "name": assignment.name,
                "title": assignment.title,
                "digest": assignment.digest,
                "max_score": assignment.max_score,
            },
            "submission": {
                "id": job.submission,
                "name": job.name,
                "files": [],
                "digest": job.content,
                "late": job.late,
                "group": job.group,
            },
            "isolation": job.level,
            "versions": versions(),
            "seconds": 0.0,
            "score": None,
            "max_score": assignment.max_score,
            "status": "not-graded",
            "message": why,
            "notes": [],
            "output": "",
            "stages": [],
        }

    # -- the end ---------------------------------------------------------------------------------------

    def _finish(self, code: int, ended: str) -> Outcome:
        code = self._end(code, ended)
        try:
            rows, changes = self.store.rows(), self.store.changes()
        except StoreError as error:
            # The pages are left as they are: a class page without anybody would be taken for the truth.
            self.notes.append(str(error))
            return Outcome(code or BROKEN, (), (), tuple(dict.fromkeys(self.notes)))
        kept = tuple(row.record for row in rows)
        self.notes += asked.left_over(self.settings, self.wanted, rows)
        if self.faults:
            code = code or BROKEN
            them = "submission" if self.faults == 1 else "submissions"
            self.notes.append(
                f"THE GRADER FAILED on {self.faults} {them}: no mark was given, and no zero; --resume marks again."
            )
        try:
            self.notes += pages.write(self.settings.output, kept, changes, self.notes)
        except OSError as error:
            code = code or BROKEN
            why = (error.strerror or str(error)).lower()
            self.notes.append(f"The marks are kept in {GRADES}; the pages could not be written: {why}")
        return Outcome(code, kept, tuple(changes), tuple(self.notes))

    def _end(self, code: int, ended: str) -> int:
        """Say in the store how the run ended; a store that has failed before is not blamed twice."""
        try:
            self.store.end(ended)
        except StoreError as error:
            if ended != "stopped":
                self.notes.append(str(error))
            return code or BROKEN
        return code


def _marking(settings: Settings) -> Marking:
    if settings.scheduler:
        from .cluster import mark_on_cluster

        return lambda jobs: mark_on_cluster(jobs, settings.scheduler, settings.patience)
    from .processes import mark_in_processes

    return lambda jobs: mark_in_processes(jobs, settings.jobs, settings.patience)


def _matches(record: dict[str, Any], rerun: Sequence[str]) -> bool:
    """Whether a kept record is one of those to be marked again."""
    status = "graded" if records.graded(record) else "not-graded"
    found = {"all", status, *(str(stage.get("status")) for stage in records.stages_of(record))}
    return bool(found & set(rerun))
