"""The submissions of a class: in plain folders, zips, and the layouts in which learning platforms export them."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from . import layouts, paths
from .record import Submission, shown
from .unzipping import MEMBERS

LAYOUTS = ("auto", "one", "files", "folders")
_LISTED = 200_000  # paths of one export
_PEEK = 65_536
_IMPORT = re.compile(r"^\s*(?:from\s+\.?([A-Za-z_]\w*)|import\s+([A-Za-z_]\w*))", re.MULTILINE)


def find_submissions(given: Iterable[Path], layout: str = "auto") -> list[Submission]:
    """The submissions at some paths, sorted by id; ids are unique.

    One folder or zip is a whole class: an export of Gradescope, nbgrader, Moodle or Canvas is known by its names;
    else each folder, zip and file in it is a submission, but loose files that import one another are one submission.
    Of several paths each is one submission, unless it is an export. layout: "one" (each path is one submission),
    "files" or "folders" (each file, each folder in a path is one) where that is guessed wrongly.
    ValueError for a path that does not exist and for an unknown layout.
    """
    given = list(given)
    if layout not in LAYOUTS:
        raise ValueError(f"there is no layout {layout!r}; choose one of {', '.join(LAYOUTS)}")
    found: list[Submission] = []
    for path in given:
        try:
            is_folder, exists = path.is_dir(), os.path.lexists(path)
        except (OSError, ValueError):
            is_folder = exists = False
        if not exists:
            raise ValueError(f"there is no file or folder {shown(str(path))}")
        title = path.name or path.resolve().name
        path = Path(os.path.realpath(path))  # a link that the grader gives is meant; those within are not followed
        chosen = "one" if layout == "auto" and len(given) > 1 else layout
        if is_folder:
            found += _in_folder(path, title, chosen, layout == "auto")
        elif path.suffix.lower() == ".zip":
            found += _in_zip(path, title, chosen, layout == "auto")
        else:
            found.append(_single(path, title))
    return sorted(_unique(found), key=lambda s: s.id)


def _single(path: Path, name: str) -> Submission:
    known = paths.canvas(name) or paths.moodle(name)
    if known:
        title = known["name"]
        return Submission(shown(f"{title}_{known['id']}"), shown(title), path)
    stem = shown(name if path.is_dir() else Path(name).stem)
    return Submission(stem, stem, path)


def _in_folder(folder: Path, title: str, layout: str, guess: bool) -> list[Submission]:
    listing = _walk(folder)

    def read(name: str) -> str:
        try:
            with open(folder / name, encoding="utf-8", errors="replace") as stream:
                return stream.read(_PEEK)
        except (OSError, ValueError):
            return ""

    groups = _groups(listing, layout, guess, read, title)
    return [_placed(folder, g) for g in groups] if groups else [_single(folder, title)]


def _placed(folder: Path, group: Submission) -> Submission:
    """A group of one folder or file as that path itself."""
    if len(group.members) == 1 and os.path.lexists(folder / group.members[0].rstrip("/")):
        return replace(group, path=folder / group.members[0].rstrip("/"), members=())
    return replace(group, path=folder)


def _walk(folder: Path) -> list[str]:
    """Paths below a folder, folders with a slash; links are listed and not followed."""
    found: list[str] = []
    waiting = [""]
    while waiting and len(found) < _LISTED:
        prefix = waiting.pop()
        try:
            with os.scandir(folder / prefix) as listing:
                entries = sorted(listing, key=lambda e: e.name)
        except OSError:
            continue  # reading the submission says it
        for entry in entries:
            path = prefix + entry.name
            if paths.ignored(path):
                continue
            if entry.is_dir(follow_symlinks=False):
                found.append(path + "/")
                if path.count("/") < 4:
                    waiting.append(path + "/")
            else:
                found.append(path)
    return sorted(found)


def _in_zip(path: Path, title: str, layout: str, guess: bool) -> list[Submission]:
    try:
        with zipfile.ZipFile(path) as archive:
            listing = archive.infolist()[:MEMBERS]
            names = sorted(
                {i.filename for i in listing if not paths.unsafe(i.filename) and not paths.ignored(i.filename)}
            )
            names = sorted({*names, *(f for n in names for f in _folders(n))})

            def read(name: str) -> str:
                try:
                    with archive.open(name) as stream:
                        return stream.read(_PEEK).decode("utf-8", "replace")
                except Exception:  # a damaged member; reading the submission says it
                    return ""

            groups = _groups(names, layout, guess, read, Path(title).stem)
    except Exception:  # a damaged archive is one submission with that problem
        return [_single(path, title)]
    return [replace(g, path=path) for g in groups] if groups else [_single(path, title)]


def _folders(name: str) -> list[str]:
    parts = name.rstrip("/").split("/")[:-1]
    return ["/".join(parts[: i + 1]) + "/" for i in range(len(parts))]


def _groups(listing: list[str], layout: str, guess: bool, read: Callable[[str], str], title: str) -> list[Submission]:
    """Submissions within a listing; empty where the whole is one."""
    if guess:
        exported = layouts.exported(listing, read, title)
        if exported:
            return exported
    if layout == "one":
        return []
    wrapped = _wrapper(listing)
    top = [n[len(wrapped) :] for n in listing if n.startswith(wrapped) and n != wrapped]
    here = [n for n in top if "/" not in n.rstrip("/")]
    folders = [n for n in here if n.endswith("/") and (layout == "folders" or _has_code(n, top))]
    loose = [n for n in here if not n.endswith("/") and paths.is_code(n)]
    zips = [n for n in here if n.lower().endswith(".zip")]
    if layout == "files":
        return [_group(wrapped + n, n) for n in loose + zips]
    if layout == "folders":
        return [_group(wrapped + n, n) for n in folders + zips]
    if loose and not zips and (folders or _one_program([wrapped + n for n in loose], read)):
        return []
    if len(folders) + len(loose) + len(zips) == 1 and not zips and (loose or not wrapped):
        return [] if loose else [_group(wrapped + folders[0], folders[0])]
    return [_group(wrapped + n, n) for n in [*folders, *loose, *zips]]


def _wrapper(listing: list[str]) -> str:
    """The one folder that everything lies in, if what lies in it is folders and zips; else empty."""
    tops = {n.split("/")[0] for n in listing}
    if len(tops) != 1 or not any("/" in n.rstrip("/") for n in listing):
        return ""
    prefix = next(iter(tops)) + "/"
    below = {n[len(prefix) :].split("/")[0] + ("/" if "/" in n[len(prefix) :] else "") for n in listing if n != prefix}
    many = [b for b in below if b.endswith("/") or b.lower().endswith(".zip")]
    return prefix if len(many) > 1 and not any(paths.is_code(b) for b in below) and "__init__.py" not in below else ""


def _has_code(folder: str, listing: list[str]) -> bool:
    """Whether a folder is worth a submission: an empty one is too, for its author gets a message."""
    inside = [n for n in listing if n.startswith(folder) and n != folder and not n.endswith("/")]
    return not inside or any(paths.is_code(n) or n.lower().endswith(".zip") for n in inside) or not listing


def _one_program(loose: list[str], read: Callable[[str], str]) -> bool:
    """Whether loose files belong together: one imports another."""
    stems = {n.rsplit("/", 1)[-1].rsplit(".", 1)[0] for n in loose if n.endswith(".py")}
    for name in loose[:50]:
        text = read(name).replace('"', "\n") if name.endswith(".ipynb") else read(name)
        own = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if any((a or b) in stems - {own} for a, b in _IMPORT.findall(text)):
            return True
    return False


def _group(member: str, name: str) -> Submission:
    bare = name.rstrip("/")
    stem = bare if name.endswith("/") else bare.rsplit(".", 1)[0]
    return Submission(shown(stem), shown(stem), Path(), None, "", (member,))


def _unique(found: list[Submission]) -> list[Submission]:
    """Ids made unique, by the file's whole name first, then by a number; the order of the paths does not matter."""
    counts: dict[str, int] = {}
    for one in found:
        counts[one.id] = counts.get(one.id, 0) + 1
    taken: set[str] = set()
    made = []
    for one in sorted(found, key=lambda s: (s.id, str(s.path), s.members)):
        identity = one.id
        if counts[one.id] > 1:
            last = one.members[0].rstrip("/").rsplit("/", 1)[-1] if one.members else one.path.name
            identity = shown(last)
        plain, number = identity, 1
        while identity in taken:
            number += 1
            identity = f"{plain}-{number}"
        taken.add(identity)
        made.append(replace(one, id=identity))
    return made
