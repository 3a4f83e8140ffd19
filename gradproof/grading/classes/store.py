"""What a class run keeps: one SQLite file, each submission's marks in one transaction, a lock against a second run.

The rollback journal, not WAL: a transaction that a kill or a power cut tore is undone by the next reader from the one
journal file beside the database, it works in a home folder on a network file system, and what is kept is one file.
Marks are keyed by content (see `key`), so that the same submission under the same assignment is never marked twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

GRADES, LOCK = "grades.sqlite", "grades.lock"
SCHEMA_VERSION = 1
PATIENCE_SECONDS = 20.0
_APPLICATION = 0x67726164  # "grad": what `file` and this module know the database by

_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE runs (run INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL);
CREATE TABLE marks (
    key TEXT NOT NULL, submission TEXT NOT NULL, status TEXT NOT NULL, score REAL, record TEXT NOT NULL,
    marked TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY (submission, key)
);
CREATE TABLE roll (submission TEXT PRIMARY KEY, path TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL);
CREATE TABLE changes (run INTEGER NOT NULL, submission TEXT NOT NULL, said TEXT NOT NULL);
"""


class StoreError(Exception):
    """The grades could not be read or kept; the message is a sentence that says what to do."""


@dataclass(frozen=True)
class Row:
    """A submission's current marks: its record, and the key that they were made under."""

    submission: str
    path: str
    key: str
    record: dict[str, Any]


def key(parts: Mapping[str, Any]) -> str:
    """The content key of one marking: SHA-256 of everything that may change a mark, as canonical JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class Store:
    """The grades of one output folder. A context manager: entering takes the lock, leaving gives it back.

    Raises StoreError, one sentence, when another run holds the folder, or the file is locked, damaged, of another
    kind or version, or cannot be written. What was kept before stays kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / GRADES
        self.run = 0
        self._lock: int | None = None
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Store:
        self._take_lock()
        try:
            with self._said():
                self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and give the lock back; closing twice is fine."""
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # -- reading ---------------------------------------------------------------------------------------

    def about(self, name: str) -> str:
        """A fact about the folder ("assignment", ...), "" where it is not known."""
        with self._said():
            found = self._sql("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def rows(self) -> list[Row]:
        """The current marks of every submission of the roll, in the roll's order."""
        with self._said():
            found = self._sql(
                "SELECT roll.submission, roll.path, roll.key, marks.record FROM roll JOIN marks"
                " ON marks.submission = roll.submission AND marks.key = roll.key ORDER BY roll.place, roll.submission"
            ).fetchall()
            return [Row(s, path, k, json.loads(record)) for s, path, k, record in found]

    def kept(self, submission: str, content: str) -> dict[str, Any] | None:
        """The marks that an earlier marking of the same content gave, if it gave a mark."""
        with self._said():
            found = self._sql(
                "SELECT record FROM marks WHERE submission = ? AND key = ? AND status = 'graded'",
                (submission, content),
            ).fetchone()
            return dict(json.loads(found[0])) if found else None

    def changes(self) -> list[str]:
        """What this run, with the runs that it continues, changed: a line for each submission."""
        with self._said():
            found = self._sql("SELECT said FROM changes WHERE run = ? ORDER BY rowid", (self.run,)).fetchall()
        return [str(said) for (said,) in found]

    def number(self) -> int:
        """How many submissions have current marks or a record of why they have none."""
        with self._said():
            return int(self._sql("SELECT count(*) FROM roll").fetchone()[0])

    # -- writing ---------------------------------------------------------------------------------------

    def begin(self, about: Mapping[str, str]) -> None:
        """Begin a run, or continue the last one if it did not finish. about: facts to keep about the folder."""
        with self._said(), self._transaction():
            last = self._sql("SELECT run, status FROM runs ORDER BY run DESC LIMIT 1").fetchone()
            if last and last[1] != "finished":
                self.run = int(last[0])
                self._sql("UPDATE runs SET status = 'running', ended = NULL WHERE run = ?", (self.run,))
            else:
                self.run = int(last[0]) + 1 if last else 1
                self._sql("INSERT INTO runs VALUES (?, ?, NULL, 'running')", (self.run, _now()))
            for name, value in about.items():
                self._sql("INSERT OR REPLACE INTO about VALUES (?, ?)", (name, value))

    def keep(self, row: Row, place: int, changed: str = "") -> None:
        """Make a record the submission's current marks, in one transaction with the line of what it changed."""
        record = json.dumps(row.record, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
        status, score = str(row.record.get("status")), row.record.get("score")
        with self._said(), self._transaction():
            self._sql(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row.key, row.submission, status, score, record, _now(), self.run),
            )
            self._sql("INSERT OR REPLACE INTO roll VALUES (?, ?, ?, ?)", (row.submission, row.path, row.key, place))
            if changed:
                self._sql("INSERT INTO changes VALUES (?, ?, ?)", (self.run, row.submission, changed))

    def end(self, status: str) -> None:
        """Say how the run ended: "finished", "interrupted" or "stopped"."""
        with self._said(), self._transaction():
            self._sql("UPDATE runs SET status = ?, ended = ? WHERE run = ?", (status, _now(), self.run))

    # -- the file --------------------------------------------------------------------------------------

    def _take_lock(self) -> None:
        path = self.folder / LOCK
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(
                f"{self.folder} cannot be written ({_why(error)}); name another folder with --output"
            ) from None
        try:
            # The kernel gives this lock back when its process ends, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._lock, 200, 0).decode("utf-8", "replace").strip() or "unknown"
            os.close(self._lock)
            self._lock = None
            raise StoreError(
                f"another run is grading into {self.folder} ({holder}); wait for it, or name another folder with"
                " --output"
            ) from None
        except OSError:
            pass  # a file system without locks: SQLite's own lock still keeps two writers apart
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"process {os.getpid()} on {socket.gethostname()} since {_now()}\n".encode(), 0)

    def _open(self) -> None:
        new = not self.path.exists() or self.path.stat().st_size == 0
        self._database = sqlite3.connect(self.path, timeout=PATIENCE_SECONDS, isolation_level=None)
        self._sql("PRAGMA journal_mode = DELETE")
        self._sql("PRAGMA synchronous = FULL")
        if new:
            self._create()
            return
        if self._sql("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            if self._sql("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                self._create()  # a run that was killed before it made the tables
                return
            raise StoreError(f"{self.path} is a database of another program; name another folder with --output")
        version = self._sql("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} is of version {version}, and this gradproof reads version {SCHEMA_VERSION}; use the"
                " gradproof that wrote it, or name another folder with --output"
            )
        found = self._sql("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    def _create(self) -> None:
        with self._transaction():
            for statement in filter(str.strip, _TABLES.split(";\n")):
                self._sql(statement)
            self._sql(f"PRAGMA application_id = {_APPLICATION}")
            self._sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _sql(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        if self._database is None:
            raise StoreError(f"{self.path} is not open")
        return self._database.execute(statement, values)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._sql("BEGIN IMMEDIATE")
        try:
            yield
            self._sql("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has rolled back already
                self._sql("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """SQLite's errors as one sentence each."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(self._sentence(error)) from None
        except ValueError as error:  # a record that is no JSON any more
            raise StoreError(self._damaged(str(error))) from None
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read or written: {_why(error)}") from None

    def _sentence(self, error: sqlite3.Error) -> str:
        said = str(error)
        if "locked" in said or "busy" in said:
            return (
                f"{self.path} is locked by another program (a database viewer, a backup); close that and go on with"
                " --resume"
            )
        if "full" in said:
            return f"the disk that holds {self.path} is full; make room and go on with --resume"
        if "readonly" in said or "unable to open" in said:
            return f"{self.path} cannot be written ({said}); make it writable, or name another folder with --output"
        if isinstance(error, sqlite3.OperationalError) and "I/O" in said:
            return f"{self.path} cannot be written ({said}: a quota, or a failing disk); go on with --resume after that"
        return self._damaged(said)

    def _damaged(self, said: str) -> str:
        return (
            f"{self.path} is damaged ({said}); restore a copy of it, or move it away and grade again: the marks in it"
            " are not used"
        )


def _now() -> str:
    return datetime.fromtimestamp(time.time(), tz=timezone.utc).isoformat(timespec="seconds")


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
