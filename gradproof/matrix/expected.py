"""The cells that should be there: from a list, or from tox.ini; and what tox itself says became of them."""

from __future__ import annotations

import configparser
import itertools
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Expected:
    """cells: names of the cells that should be there; unasked: cells of tox.ini that are not part of this run."""

    cells: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    source: str = ""
    said: dict[str, str] = field(default_factory=dict)


def from_names(text: str) -> Expected:
    """The cells of a comma-separated list; braces as in tox.ini."""
    return Expected(tuple(dict.fromkeys(_names(text))), source="--expect")


def from_tox(path: Path, label: str | None = None) -> Expected:
    """The cells of a tox.ini: of env_list, or of a label. An environment with a section of its own is no cell.

    ValueError where the file cannot be read, or has no such label.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        with path.open(encoding="utf-8") as handle:
            parser.read_file(handle)
    except OSError as error:
        raise ValueError(f"--tox: cannot read {path}: {error.strerror or error}") from None
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ValueError(f"--tox: {path} is not a tox.ini: {' '.join(str(error).split())[:160]}") from None
    if not parser.has_section("tox"):
        raise ValueError(f"--tox: {path} has no section [tox]; name a tox.ini")
    own = {section.partition(":")[2] for section in parser.sections() if section.startswith("testenv:")}
    listed = parser["tox"].get("env_list", parser["tox"].get("envlist", ""))
    labels = _labels(parser["tox"].get("labels", ""))
    if label is not None and label not in labels:
        raise ValueError(f"--label: {path} has no label {label!r}; it has {', '.join(labels) or 'none'}")
    asked = _names(listed) if label is None else labels[label]
    every = [*_names(listed), *itertools.chain.from_iterable(labels.values())]
    cells = tuple(dict.fromkeys(name for name in asked if name not in own))
    unasked = tuple(dict.fromkeys(name for name in every if name not in own and name not in cells))
    return Expected(cells, unasked, f"{path.name}{f', label {label}' if label else ''}")


def _labels(text: str) -> dict[str, list[str]]:
    joined = re.sub(r"\\\s*\n", " ", text)
    pairs = (line.partition("=")[::2] for line in joined.splitlines() if "=" in line)
    return {name.strip(): _names(names) for name, names in pairs}


def _names(text: str) -> list[str]:
    """The names of a list separated by commas and line ends, each with its braces written out."""
    pieces = re.split(r"[,\n](?![^{]*\})", re.sub(r"\\\s*\n", " ", text))
    return [name for piece in pieces if piece.strip() for name in _written_out(piece.strip())]


def _written_out(piece: str) -> list[str]:
    """py3{10-12}-np{21,24} as its six names."""
    parts = re.split(r"\{([^{}]*)\}", piece)
    choices = [[part] if k % 2 == 0 else _choices(part) for k, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def _choices(text: str) -> list[str]:
    found: list[str] = []
    for choice in text.split(","):
        span = re.fullmatch(r"\s*(\d+)-(\d+)\s*", choice)
        found += map(str, range(int(span[1]), int(span[2]) + 1)) if span else [choice.strip()]
    return found


# -- what tox says --------------------------------------------------------------------------------------------------


def tox_says(path: Path) -> dict[str, str]:
    """Environment to why it did not run or failed, from `tox run --result-json FILE`; those that passed are left out.

    tox records an environment whose interpreter is missing as a success; it says `skipped` beside it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        every = content["testenvs"].items()
    except OSError as error:
        raise ValueError(f"--tox-result: cannot read {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"--tox-result: {path} is not what `tox run --result-json` writes") from None
    said = {name: _why(about if isinstance(about, dict) else {}) for name, about in every}
    return {name: why for name, why in said.items() if why}


def _why(about: dict[str, Any]) -> str:
    result = about.get("result") or {}
    if result.get("skipped"):
        return "tox skipped it and recorded a success: its interpreter is missing, or its platform does not fit"
    if result.get("success", True):
        return ""
    commands = [*(about.get("setup") or []), *(about.get("test") or [])]
    failed = next((c for c in commands if c.get("retcode")), None)
    stage = "setting up" if failed in (about.get("setup") or []) else "running"
    if failed is None:
        return f"tox failed with exit code {result.get('exit_code')}, before any command"
    words = [line for line in f"{failed.get('output', '')}\n{failed.get('err', '')}".splitlines() if line.strip()]
    last = f": {words[-1].strip()[:200]}" if words else ""
    return f"tox failed {stage} it (exit code {failed.get('retcode')}){last}"
