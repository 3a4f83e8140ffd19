"""The files that a class run writes beside its grades: a table, a class page, a page and a record for each student."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...reports.grading import class_page, csv, student_page
from ...reports.grading.record import graded, shown

TABLE, CLASS, STUDENTS, INSTRUCTORS, RECORDS = "grades.csv", "class.html", "students", "instructors", "marks"


def write(
    folder: Path, records: Sequence[Mapping[str, Any]], changes: Sequence[str], notes: Sequence[str]
) -> list[str]:
    """Write them all, each whole or not at all. OSError where the folder cannot be written.

    students/ID.html is for the student: it holds what the student may see. instructors/ID.html holds everything and
    exists only where that is more. marks/ID.json is the record. Returns a sentence for each submission whose page could
    not be made: no record may keep the others from their pages.
    """
    failed = []
    hidden = {str(r["submission"]["id"]) for r in records if shown(r).withheld or not graded(r)}
    for record in records:
        identity = str(record["submission"]["id"])
        name = file_name(identity)
        _write(folder / RECORDS / f"{name}.json", json.dumps(record, ensure_ascii=True, indent=1) + "\n")
        try:
            page = student_page.render(record)
            full = student_page.render(record, everything=True) if identity in hidden else ""
        except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
            failed.append(f"{identity}: its page could not be made: {type(error).__name__}: {error}")
            continue
        _write(folder / STUDENTS / f"{name}.html", page)
        if full:
            _write(folder / INSTRUCTORS / f"{name}.html", full)
    _write(folder / TABLE, csv.render(records))

    def link(identity: str) -> str:
        return f"{INSTRUCTORS if identity in hidden else STUDENTS}/{file_name(identity)}.html"

    _write(folder / CLASS, class_page.render(records, changes=changes, notes=[*notes, *failed], link=link))
    return failed


def file_name(identity: str) -> str:
    """A submission's id as a file name: letters, digits, dots, dashes; one that had to change gets some of its digest.

    So no id leaves the folder, and no two ids share a file.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", identity).strip(".-")[:80]
    if plain and plain == identity:
        return plain
    part = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return f"{plain}-{part}".lstrip("-")


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
