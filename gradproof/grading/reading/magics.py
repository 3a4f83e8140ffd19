"""A code cell as IPython takes it: magics, shell lines and help out, line numbers kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .parsing import parses
from .scanning import scan

_RUNS_BODY = {"time", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "matplotlib", "python", "python3", "py"}
_ASSIGNED = re.compile(r"^(\s*[\w.,\[\]'\" ]+=\s*)([%!])(.*)$")
_RUN = re.compile(r"^%run\s+(?:-\w+\s+)*[\"']?([^\s\"']+)\.(?:py|ipynb)\b")
_INLINE = re.compile(r"^%(?:time|prun|memit)\s+(?!-)(.+)$")


@dataclass(frozen=True)
class CellCode:
    """text: Python with as many lines as the cell; dropped: what kinds of lines were taken out;
    writes: (file name, appended) where the cell is written to a file instead of run."""

    text: str
    dropped: tuple[str, ...] = ()
    writes: tuple[str, bool] | None = None


def python_of(cell: str) -> CellCode:
    """The Python in a code cell."""
    lines = cell.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        return _cell_magic(lines, first)
    if parses(cell):
        return CellCode(cell)
    return _line_magics(lines)


def _cell_magic(lines: list[str], first: int) -> CellCode:
    magic, *arguments = lines[first][2:].split() or [""]
    body = [""] * (first + 1) + lines[first + 1 :]
    if magic in ("writefile", "file") and arguments:
        return CellCode("\n".join(body), (), (arguments[-1].strip("'\""), "-a" in arguments))
    if magic in _RUNS_BODY:
        inner = python_of("\n".join(body))
        return CellCode(inner.text, (f"%%{magic}", *inner.dropped), inner.writes)
    return CellCode("\n" * (len(lines) - 1), (f"%%{magic} cell",))


def _line_magics(lines: list[str]) -> CellCode:
    text, dropped = list(lines), []
    starts = scan("\n".join(lines)).starts
    for i, line in enumerate(lines):
        stripped = line.strip()
        assigned = _ASSIGNED.match(line)
        if i + 1 not in starts and not _after_magic(lines, i):
            continue
        if stripped.startswith(("%", "!", "?")):
            text[i] = line[: len(line) - len(line.lstrip())] + _replacement(stripped)
            dropped.append(
                stripped.split()[0] if stripped[0] == "%" else "shell line" if stripped[0] == "!" else "help"
            )
        elif stripped.endswith("?") and re.fullmatch(r"[\w.*]+\?\??", stripped):
            text[i] = line[: len(line) - len(line.lstrip())] + "pass"
            dropped.append("help")
        elif assigned and parses(assigned[1] + "0"):
            text[i] = assigned[1] + "get_ipython()"  # a call that is never run: the name is then known to be missing
            dropped.append("%" if assigned[2] == "%" else "shell line")
    return CellCode("\n".join(text), tuple(dict.fromkeys(dropped)))


def _after_magic(lines: list[str], i: int) -> bool:
    """Whether all lines since a shell line are magics too: an apostrophe in one opens no string."""
    before = i - 1
    while before >= 0 and not lines[before].strip():
        before -= 1
    return before >= 0 and lines[before].strip().startswith(("%", "!", "?"))


def _replacement(magic: str) -> str:
    run, inline = _RUN.match(magic), _INLINE.match(magic)
    if run:
        return f"from {run[1].replace('./', '').replace('/', '.')} import *"
    if inline and parses(inline[1]):
        return inline[1]
    return "pass"
