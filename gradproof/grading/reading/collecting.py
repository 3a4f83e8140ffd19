"""The bytes of one submission, from a file, a folder or a zip; read in memory, nothing followed, nothing extracted."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from . import paths
from .record import Problem, shown

MIB = 2**20
FILE_MIB = 1  # a Python file; what students write has some ten KiB
NOTEBOOK_MIB = 32  # with the pictures of its outputs
ZIP_MIB = 64
TOTAL_MIB = 128  # all code of one submission
FILES = 2000
DEPTH = 20


@dataclass
class Collected:
    """Code files by their path below the submission, and what was met on the way."""

    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    total: int = 0

    def problem(self, kind: str, path: str, message: str) -> None:
        if len(self.problems) < 100:
            self.problems.append(Problem(kind, shown(path), 0, message))

    def add(self, path: str, content: bytes) -> None:
        """Take a file, unless one with the same name (letters' case aside) is there: it would replace it elsewhere."""
        twin = next((known for known in self.files if known.lower() == path.lower()), None)
        if twin is not None:
            self.problem("same-name", path, f"there is also {shown(twin)}; rename one of them: only that one is read")
            return
        self.total += len(content)
        self.files[path] = content

    def full(self, path: str) -> bool:
        """Whether no more is read; said once."""
        if len(self.files) < FILES and self.total < TOTAL_MIB * MIB:
            return False
        if not any(p.kind == "too-large" and not p.line and "the rest" in p.message for p in self.problems):
            self.problem(
                "too-large", path, f"more than {FILES} code files or {TOTAL_MIB} MiB of code; the rest is unread"
            )
        return True


def limit(name: str) -> int:
    """How many bytes a file with this name may have."""
    suffix = name.lower()
    mib = ZIP_MIB if suffix.endswith(".zip") else NOTEBOOK_MIB if suffix.endswith(".ipynb") else FILE_MIB
    return mib * MIB


def too_large(name: str, size: int) -> str:
    return f"it has {size / MIB:.1f} MiB; at most {limit(name) // MIB} MiB are read: hand in the code without its data"


def collect(path: Path, members: tuple[str, ...] = ()) -> Collected:
    """Everything that may be code at a path. Never raises for what is found there."""
    from .unzipping import unzip

    found = Collected()
    name = os.fsencode(path.name).decode("utf-8", "surrogateescape")
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        found.problem("unreadable", name, f"it cannot be read ({_reason(error)})")
        return found
    if stat.S_ISLNK(mode):
        found.problem("link", name, "it is a link; links are not followed: hand in the file itself")
        return found
    if stat.S_ISDIR(mode):
        _folder(path, "", found, members, 0)
    elif name.lower().endswith(".zip"):
        content = _read(path, name, found)
        if content is not None:
            unzip(content, name, "", found, members)
    elif paths.is_code(name):
        content = _read(path, name, found)
        if content is not None:
            found.add(name, content)
    else:
        kind = "archive" if name.lower().endswith(paths.ARCHIVES) else "no-code"
        found.problem(kind, name, "it is no Python file, notebook, folder or zip; hand in one of these")
    return found


def _folder(folder: Path, prefix: str, found: Collected, members: tuple[str, ...], depth: int) -> None:
    from .unzipping import unzip

    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda e: e.name)
    except OSError as error:
        found.problem("unreadable", prefix or folder.name, f"the folder cannot be read ({_reason(error)})")
        return
    if len(entries) > 20 * FILES:
        found.problem("too-large", prefix or folder.name, f"the folder has {len(entries)} entries; it is not read")
        return
    for entry in entries:
        path = prefix + entry.name
        if paths.ignored(path) or not _wanted(path, members):
            continue
        if found.full(path):
            return
        if entry.is_symlink():
            if paths.is_code(path) or not os.path.splitext(path)[1]:
                found.problem("link", path, "it is a link; links are not followed: hand in the file itself")
        elif entry.is_dir(follow_symlinks=False):
            if paths.is_code(path):
                found.problem("directory", path, "it is a folder with a file's name; hand in the file itself")
            elif depth >= DEPTH:
                found.problem("too-large", path, f"folders are nested more than {DEPTH} deep; this one is not read")
            else:
                _folder(Path(entry.path), path + "/", found, members, depth + 1)
        elif path.lower().endswith(".zip"):
            content = _read(Path(entry.path), path, found)
            if content is not None:
                unzip(content, path, path[:-4] + "/", found, ())
        elif paths.is_code(path):
            content = _read(Path(entry.path), path, found)
            if content is not None:
                found.add(path, content)
        elif path.lower().endswith(paths.ARCHIVES):
            found.problem("archive", path, "it is not unpacked; hand in a .zip or the files themselves")


def _wanted(path: str, members: tuple[str, ...]) -> bool:
    """Whether a path is a member, lies below one, or leads to one."""
    return not members or any(
        path == m.rstrip("/") or path.startswith(m.rstrip("/") + "/") or m.startswith(path + "/") for m in members
    )


def _read(path: Path, name: str, found: Collected) -> bytes | None:
    """The file's bytes; None and a problem where it is no plain readable file of a readable size."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW  # a pipe must not block
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        found.problem("unreadable", name, f"it cannot be read ({_reason(error)})")
        return None
    with os.fdopen(descriptor, "rb") as stream:
        try:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                found.problem(
                    "special-file", name, "it is no plain file (a device, a pipe or a socket); it is not read"
                )
                return None
            if status.st_size > limit(name):
                found.problem("too-large", name, too_large(name, status.st_size))
                return None
            return stream.read(limit(name))
        except OSError as error:
            found.problem("unreadable", name, f"it cannot be read ({_reason(error)})")
            return None


def _reason(error: Exception) -> str:
    return shown((error.strerror if isinstance(error, OSError) else "") or type(error).__name__)
