"""Names of handed-in files: what is ignored, what is unsafe, what a learning platform put in front, module paths."""

from __future__ import annotations

import fnmatch
import keyword
import posixpath
import re
import sys
from collections.abc import Iterable

IGNORED = {".ipynb_checkpoints", "__MACOSX", ".DS_Store", "__pycache__", ".git", ".idea", ".vscode", ".hg", ".svn"}
IGNORED |= {"venv", ".venv", "env", "site-packages", "node_modules", "Thumbs.db", "desktop.ini", ".pytest_cache"}
NEVER = {"conftest", "sitecustomize", "usercustomize", "setup"}  # run by tools at their start, never asked for by name
ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
CODE = (".py", ".ipynb", ".py.txt")

_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)$")
_CANVAS = re.compile(
    r"^(?P<name>[^_/]+)_(?:(?P<late>LATE)_)?(?P<id>\d+)_(?:question_\d+_)?(?P<upload>\d+)_(?P<file>.+)$"
)
_COPY = re.compile(r"(?:\s*\(\d+\)|-\d+| copy(?: \d+)?)$")


def moodle(name: str) -> re.Match[str] | None:
    """Name_12345_assignsubmission_file_ with an optional file name behind it: groups name, id, kind, file."""
    return _MOODLE.match(name)


def canvas(name: str) -> re.Match[str] | None:
    """lastfirst_LATE_12345_67890_file.py: groups name, late, id, upload, file."""
    return _CANVAS.match(name)


def ignored(path: str) -> bool:
    """Whether a path is no part of the work: what editors, archivers and version control leave behind."""
    parts = path.split("/")
    return any(p in IGNORED or p.startswith("._") or p.endswith(".dist-info") for p in parts)


def is_code(path: str) -> bool:
    return path.lower().endswith(CODE)


def unsafe(path: str) -> str:
    """Why a member's name cannot be taken as a path below the submission; empty where it can."""
    if "\0" in path:
        return "its name holds a null character"
    if path.startswith("/") or re.match(r"^[A-Za-z]:", path):
        return "its name is an absolute path"
    if ".." in path.split("/"):
        return "its name leads out of the archive (..)"
    if len(path) > 1000 or path.count("/") > 30:
        return "its name is too long"
    return ""


def own_name(path: str) -> str:
    """The file's name as its author gave it: without a platform's prefix and without the mark of a repeated upload."""
    folder, name = posixpath.split(path)
    for pattern in (moodle, canvas):
        found = pattern(name)
        if found and found["file"]:
            name = found["file"]
    if name.lower().endswith(".py.txt"):
        name = name[:-4]
    stem, suffix = posixpath.splitext(name)
    stem = _COPY.sub("", stem) or stem
    return posixpath.join(folder, stem + suffix)


def module_path(path: str) -> str:
    """A path that Python can import: each part an identifier; notebooks become .py."""
    folder, name = posixpath.split(own_name(path))
    parts = [*(folder.split("/") if folder else []), posixpath.splitext(name)[0]]
    return "/".join(_identifier(p) for p in parts) + ".py"


def _identifier(text: str) -> str:
    made = re.sub(r"\W", "_", text.encode("utf-8", "replace").decode()) or "_"
    if not made.isidentifier():
        made = f"_{made}"
    made = made if made.isidentifier() else re.sub(r"[^A-Za-z0-9_]", "_", made)
    return f"{made}_" if keyword.iskeyword(made) else made


def shadows(path: str) -> bool:
    """Whether a module path at the top would stand for a library's module: numpy.py, random.py."""
    top = path.split("/")[0].removesuffix(".py")
    return top in sys.stdlib_module_names or top in ("numpy", "_gradproof_kept")


def dotted(path: str) -> str:
    """cs231n.layers of cs231n/layers.py, cs231n of cs231n/__init__.py."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def matches(path: str, names: Iterable[str]) -> bool:
    """Whether a path or its last part is meant by one of the globs; letters' case does not count."""
    forms = {path.lower(), posixpath.basename(path).lower(), own_name(path).lower()}
    forms.add(posixpath.basename(own_name(path)).lower())
    return any(fnmatch.fnmatchcase(form, name.lower()) for form in forms for name in names)
