"""Zip archives, read in memory within limits: names, kinds, sizes and nesting are all the sender's word."""

from __future__ import annotations

import io
import stat
import zipfile

from . import paths
from .collecting import MIB, TOTAL_MIB, Collected, _wanted, limit, too_large
from .record import shown

MEMBERS = 20_000
NESTING = 2  # zips in a zip
RATIO = 300  # text does not shrink more; deflate's limit is 1032
_LISTED = b"PK\x01\x02"  # begins each entry of the central directory


def unzip(
    content: bytes, name: str, prefix: str, found: Collected, members: tuple[str, ...] = (), nesting: int = 0
) -> None:
    """Add the code files of an archive. Never raises for what is in it."""
    if content.count(_LISTED) > MEMBERS:
        found.problem("zip-bomb", name, f"the archive lists more than {MEMBERS} files; it is not opened")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listing = archive.infolist()
            if _too_much(listing):
                found.problem(
                    "zip-bomb", name, "its code unpacks to more than is read; hand in the code without its data"
                )
                return
            for info in sorted(listing, key=lambda i: i.filename):
                if found.full(name):
                    return
                _member(archive, info, name, prefix, found, members, nesting)
    except Exception as error:  # zipfile raises a dozen kinds of error for a damaged archive, and not all are its own
        found.problem("broken-zip", name, f"the archive is damaged ({type(error).__name__}); pack it again")


def _too_much(listing: list[zipfile.ZipInfo]) -> bool:
    """Whether the members that would be read say that they are too much together."""
    return sum(i.file_size for i in listing if _readable(i.filename)) > TOTAL_MIB * MIB


def _readable(path: str) -> bool:
    return paths.is_code(path) or path.lower().endswith(".zip")


def _member(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: str,
    prefix: str,
    found: Collected,
    members: tuple[str, ...],
    nesting: int,
) -> None:
    inside = info.filename.replace("\\", "/")
    path = prefix + inside
    wrong = paths.unsafe(inside)
    if wrong:
        found.problem("unsafe-path", path, f"{wrong}; it is not read: pack the archive again")
        return
    if paths.ignored(inside) or not _wanted(inside.rstrip("/"), members):
        return
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        if _readable(path) or "." not in inside.rsplit("/", 1)[-1]:
            found.problem("link", path, "it is a link; links are not followed: hand in the file itself")
        return
    if info.is_dir():
        if paths.is_code(inside.rstrip("/")):
            found.problem("directory", path, "it is a folder with a file's name; hand in the file itself")
        return
    if not _readable(path):
        if path.lower().endswith(paths.ARCHIVES):
            found.problem("archive", path, "it is not unpacked; hand in a .zip or the files themselves")
        return
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        found.problem("special-file", path, "it is no plain file; it is not read")
        return
    content = _content(archive, info, path, found)
    if content is None:
        return
    if not path.lower().endswith(".zip"):
        found.add(path, content)
    elif nesting >= NESTING:
        found.problem("zip-bomb", path, f"archives are nested more than {NESTING} deep; this one is not opened")
    else:
        unzip(content, path, path[:-4] + "/", found, (), nesting + 1)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, found: Collected) -> bytes | None:
    if info.flag_bits & 1:
        found.problem("encrypted", path, "it is locked with a password; hand it in without")
        return None
    if info.file_size > limit(path):
        found.problem("too-large", path, too_large(path, info.file_size))
        return None
    if info.file_size > MIB // 2 and info.file_size > RATIO * max(info.compress_size, 1):
        found.problem("zip-bomb", path, "it unpacks to hundreds of times its size; it is not read")
        return None
    try:
        with archive.open(info) as stream:
            content = stream.read(limit(path) + 1)  # the listed size is only a claim
    except Exception as error:  # as above: damage in one member is that member's
        found.problem("broken-zip", path, f"it is damaged in the archive ({type(error).__name__}); pack it again")
        return None
    if len(content) > limit(path):
        found.problem("zip-bomb", path, f"it unpacks to more than the archive says ({shown(info.filename)}); not read")
        return None
    return content
