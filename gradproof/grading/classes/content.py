"""What a mark depends on, as digests: the submitted bytes, and everything else that goes into a marking's key.

The digest is taken of the bytes as they lie there, before anything parses them: it is the class run's own process
that takes it, and no submission may hurt that.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import zipfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

_PIECE = 2**20
# What is beyond is told apart by size and time only; `reading` reads far less.
_MOST_BYTES = 256 * 2**20
_MOST_FILES = 20_000


def digest_of(path: Path, members: Iterable[str] = ()) -> str:
    """SHA-256 of a submission's bytes and names: a file, a folder, or the named members of a folder or zip.

    Links and special files count by name and kind, nothing is followed. Raises OSError where it cannot be read.
    """
    found = hashlib.sha256()
    wanted = tuple(members)
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        mode = os.stat(path).st_mode  # the path that the instructor gave, not one that a submission holds
    if stat.S_ISDIR(mode):
        _folder(path, wanted, found)
    elif wanted and zipfile.is_zipfile(path):
        _members(path, wanted, found)
    else:
        _file(path, found, _MOST_BYTES)
    return found.hexdigest()


def _folder(folder: Path, wanted: tuple[str, ...], found: Any) -> None:
    left = _MOST_BYTES
    number = 0
    for place, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in sorted([*names, *links]):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if wanted and not _belongs(relative, wanted):
                continue
            number += 1
            if number > _MOST_FILES:
                found.update(b"\0and more files")
                return
            _label(relative, found)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                left -= _file(path, found, max(left, 0))
            else:
                found.update(f"\0{stat.S_IFMT(mode)}".encode())


def _members(path: Path, wanted: tuple[str, ...], found: Any) -> None:
    left = _MOST_BYTES
    try:
        with zipfile.ZipFile(path) as packed:
            for info in sorted(packed.infolist(), key=lambda i: i.filename):
                if info.is_dir() or not _belongs(info.filename, wanted):
                    continue
                _label(info.filename, found)
                found.update(f"\0{info.CRC} {info.file_size} {info.external_attr}".encode())
                if info.flag_bits & 1:
                    continue
                with packed.open(info) as handle:
                    left -= _stream(handle, found, max(left, 0))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        _file(path, found, _MOST_BYTES)  # a broken archive is known by its own bytes


def _belongs(relative: str, wanted: tuple[str, ...]) -> bool:
    return any(relative == name or (name.endswith("/") and relative.startswith(name)) for name in wanted)


def _label(relative: str, found: Any) -> None:
    found.update(b"\0" + relative.encode("utf-8", "surrogateescape") + b"\0")


def _file(path: Path, found: Any, most: int) -> int:
    about = os.stat(path)
    found.update(f"\0{about.st_size}".encode())
    if about.st_size > most:
        found.update(f"\0{about.st_mtime_ns}".encode())
    with open(path, "rb") as handle:
        return _stream(handle, found, most)


def _stream(handle: Any, found: Any, most: int) -> int:
    taken = 0
    while taken < most and (piece := handle.read(min(_PIECE, most - taken))):
        found.update(piece)
        taken += len(piece)
    return taken


def versions() -> dict[str, str]:
    """The versions that may change a mark, as they stand in every record's key."""
    from ... import __version__

    found = {"gradproof": __version__, "python": platform.python_version()}
    for name in ("numpy", "python-flint"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def key_parts(
    submission: str, content: str, assignment: str, secret: str, level: str, limits: Mapping[str, Any]
) -> dict[str, Any]:
    """What `store.key` is made of: who, the submitted bytes, the assignment and its limits, versions, isolation.

    The identity counts because each student's cases follow from it. The secret enters as a digest only.
    """
    return {
        "submission": submission,
        "content": content,
        "assignment": assignment,
        "secret": hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest(),
        "isolation": level,
        "limits": dict(limits),
        "versions": versions(),
    }
