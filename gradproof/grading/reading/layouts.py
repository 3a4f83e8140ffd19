"""How learning platforms name the submissions that they export: Gradescope, nbgrader, Moodle, Canvas."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from . import paths
from .record import Submission, shown

_GRADESCOPE = re.compile(r"^(?P<root>(?:[^/]+/)?)(?P<folder>submission_\d+)/")
_NBGRADER = re.compile(
    r"^(?P<root>(?:.*/)?submitted/|)(?P<student>[^/]+)/(?P<assignment>[^/]+)/(?P<file>[^/]+\.ipynb|timestamp\.txt)$"
)
_KEY = re.compile(r"^(submission_\d+):")
_NAMED = re.compile(r"^\s*-?\s*:name:\s*(.+?)\s*$")


def exported(listing: list[str], read: Callable[[str], str], title: str) -> list[Submission]:
    """The submissions of an export, empty where it is none; members relative to the listing's folder or zip.

    listing: paths, folders with a slash at the end; read: the start of one file as text; title: the folder's name.
    """
    return _gradescope(listing, read) or _nbgrader(listing, title) or _moodle(listing) or _canvas(listing)


def _gradescope(listing: list[str], read: Callable[[str], str]) -> list[Submission]:
    folders = sorted({(m["root"], m["folder"]) for n in listing for m in [_GRADESCOPE.match(n)] if m})
    known = next((n for n in listing if n.rsplit("/", 1)[-1] == "submission_metadata.yml"), "")
    if not folders or not (known or len(folders) > 1):
        return []
    authors = _authors(read(known)) if known else {}
    found = []
    for root, folder in folders:
        names = authors.get(folder, [])
        name = ", ".join(names) or folder
        group = name if len(names) > 1 else ""
        found.append(Submission(shown(folder), shown(name), Path(), None, shown(group), (f"{root}{folder}/",)))
    return found


def _authors(metadata: str) -> dict[str, list[str]]:
    """submission_ID -> its authors, from the lines of submission_metadata.yml; the rest of it is not needed."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in metadata.split("\n"):
        begins, named = _KEY.match(line), _NAMED.match(line)
        if begins:
            key = begins[1]
        elif named and key:
            found.setdefault(key, []).append(named[1].strip("'\""))
    return found


def _nbgrader(listing: list[str], title: str) -> list[Submission]:
    """submitted/STUDENT/ASSIGNMENT/: known by the folder's name or by nbgrader's timestamp.txt."""
    hits = [m for n in listing for m in [_NBGRADER.match(n)] if m]
    marked = any(m["root"] for m in hits) or any(m["file"] == "timestamp.txt" for m in hits)
    if not hits or not (marked or title == "submitted"):
        return []
    if any(m["root"] for m in hits):
        hits = [m for m in hits if m["root"]]
    works = sorted({(m["root"], m["student"], m["assignment"]) for m in hits})
    several = len({a for _, _, a in works}) > 1
    return [
        Submission(
            shown(f"{student}/{assignment}" if several else student),
            shown(student),
            Path(),
            None,
            "",
            (f"{root}{student}/{assignment}/",),
        )
        for root, student, assignment in works
    ]


def _moodle(listing: list[str]) -> list[Submission]:
    found: dict[tuple[str, str], list[str]] = {}
    for name in listing:
        first, _, rest = name.partition("/")
        top = paths.moodle(first)
        if not top:
            continue
        members = found.setdefault((top["name"], top["id"]), [])
        if top["kind"] == "file" and (rest or top["file"]):
            member = f"{first}/" if "/" in name else name
            if member not in members:
                members.append(member)
    loose = [n for n in listing if paths.is_code(n) and not paths.moodle(n.split("/")[0])]
    if not found or loose:
        return []
    # Without a file there is still an author, who gets a message.
    return [
        Submission(shown(f"{name}_{number}"), shown(name), Path(), None, "", tuple(members) or (f"{name}_{number}",))
        for (name, number), members in sorted(found.items())
    ]


def _canvas(listing: list[str]) -> list[Submission]:
    found: dict[tuple[str, str], list[str]] = {}
    late: set[tuple[str, str]] = set()
    for name in listing:
        if name.endswith("/"):
            continue
        known = paths.canvas(name)
        if "/" in name or not known:
            return []  # Canvas puts all files in one folder
        key = (known["name"], known["id"])
        found.setdefault(key, []).append(name)
        if known["late"]:
            late.add(key)
    return [
        Submission(shown(f"{key[0]}_{key[1]}"), shown(key[0]), Path(), key in late, "", tuple(members))
        for key, members in sorted(found.items())
    ]
