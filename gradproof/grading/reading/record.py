"""What reading a submission gives: its cleaned source, where each line came from, and problems in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

READER = 1  # part of every digest: a reader that cleans otherwise must not be answered from an old cache
_SHOWN = 200  # characters of a name or of a line that a message repeats


@dataclass(frozen=True)
class Origin:
    """Where one line of a cleaned module came from: the handed-in file, the cell (0 outside notebooks), the line.

    Cells are counted from the top of the notebook, text cells included, beginning with 1; lines within the cell.
    """

    file: str
    cell: int
    line: int

    def __str__(self) -> str:
        return f"{self.file}, {f'cell {self.cell}, ' if self.cell else ''}line {self.line}"


@dataclass(frozen=True)
class Problem:
    """Something in a submission that its author or its grader should know, in one sentence that says what to do.

    kind: a word from KINDS. line: 0 where the problem is the whole file's; within `cell` for a notebook.
    """

    kind: str
    file: str
    line: int
    message: str
    cell: int = 0

    def __str__(self) -> str:
        place = f", cell {self.cell}" if self.cell else ""
        return f"{self.file}{place}{f', line {self.line}' if self.line else ''}: {self.message}"


KINDS = (
    "syntax",  # Python cannot parse it
    "too-deep",  # nested beyond what is parsed
    "python2",
    "removed-numpy",
    "removed-stdlib",
    "empty",
    "binary",
    "no-code",
    "not-python",  # a notebook of another language
    "too-large",
    "unsafe-path",  # absolute, with .., or not writable as a name
    "link",
    "special-file",  # a device, a pipe, a socket
    "directory",  # a folder that is named as a file
    "unreadable",
    "same-name",  # two files whose names differ by case only, or not at all
    "broken-notebook",
    "broken-zip",
    "zip-bomb",
    "encrypted",
    "archive",  # a packed file of a kind that is not unpacked
    "shadows-library",  # numpy.py, random.py: renamed
    "left-out",  # conftest.py, sitecustomize.py: never imported
    "no-match",  # no file has a name that was asked for
)


@dataclass(frozen=True)
class Source:
    """One submission as it is given to the sandbox; nothing of it has been executed.

    files: module path ("layers.py", "cs231n/layers.py") -> cleaned Python text, line numbers as in the handed-in
    file; entries: the module paths to import, in this order (later definitions win); origins: for each module the
    origin of each line; notes: what was left out or renamed; problems: see Problem; digest: of all this.
    """

    name: str
    files: Mapping[str, str]
    entries: tuple[str, ...]
    origins: Mapping[str, tuple[Origin, ...]]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    digest: str

    def where(self, module: str, line: int) -> str:
        """A line of a cleaned module in the words of the handed-in file: "hw.ipynb, cell 3, line 2"."""
        known = self.origins.get(module, ())
        return str(known[line - 1]) if 0 < line <= len(known) else f"{module}, line {line}"


@dataclass(frozen=True)
class Submission:
    """One submission as it was found: a file, a folder or a zip, or the named members of one.

    members: paths inside `path` (a folder or a zip) that belong to it, folders with a slash at the end; empty: all.
    late: None where the layout does not say.
    """

    id: str
    name: str
    path: Path
    late: bool | None = None
    group: str = ""
    members: tuple[str, ...] = ()


def digest(
    files: Mapping[str, str], entries: tuple[str, ...], notes: tuple[str, ...], problems: tuple[Problem, ...]
) -> str:
    """SHA-256 of what a grading run depends on; equal for equal content whatever the submission is called."""
    said = [[p.kind, p.file, p.line, p.cell, p.message] for p in problems]
    content = json.dumps([READER, sorted(files.items()), list(entries), list(notes), said])
    return hashlib.sha256(content.encode()).hexdigest()


def shown(text: str) -> str:
    """A name or a line from a submission as a message may repeat it: control, bidirectional and lone surrogate
    characters written as escapes (a terminal or a browser must not act on them), and cut."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in cut)
