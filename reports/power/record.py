"""The records of a run of `gradproof power`: JSON Lines, one record a line, read, checked and written here.

The first line is the header; every later line is a mutant, a variant, a smallest error, a fault, or the end. The file
is written as the run goes and may stop anywhere, also in the middle of a line: what is whole is kept.
`power.schema.json` beside this file describes one line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "gradproof-power"
VERSION = 1

# The texts that every reader relies on, by record; the schema says the rest.
_NEEDED: dict[str, tuple[str, ...]] = {
    "mutant": ("mutant", "op", "outcome", "origin", "kind"),
    "variant": ("variant", "op"),
    "smallest": ("op", "checker", "setting", "dtype"),
    "fault": ("kind", "op", "message"),
    "end": ("status",),
}


@dataclass
class Power:
    """A run's records, as read. end: None if the run was killed or goes on. cut: the file ended inside a line."""

    header: dict[str, Any] = field(default_factory=dict)
    mutants: list[dict[str, Any]] = field(default_factory=list)
    variants: list[dict[str, Any]] = field(default_factory=list)
    smallest: list[dict[str, Any]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    cut: bool = False
    path: str = ""

    @property
    def done(self) -> frozenset[tuple[str, str, str]]:
        """What needs not be measured again: kind, operation and item."""
        return frozenset(_item(r) for r in (*self.mutants, *self.variants, *self.smallest))


def _item(record: Mapping[str, Any]) -> tuple[str, str, str]:
    if record["record"] == "mutant":
        return "mutants", record["op"], record["mutant"]
    if record["record"] == "variant":
        return "variants", record["op"], record["variant"]
    parts = (record[n] for n in ("checker", "setting", "dtype", "entries", "seed"))
    return "smallest", record["op"], "/".join(map(str, parts))


def read(path: str | os.PathLike[str]) -> Power:
    """Read a file of records, also one that was cut anywhere.

    Raises ValueError, naming the file and the line, for what cannot be read, is no such file, or is of another version.
    """
    found = Power(path=os.fspath(path))
    places: dict[tuple[str, str, str], None] = {}
    cut: list[int] = []
    for record, _ in _records(path, cut):
        kind = record["record"]
        if kind == "header":
            found.header = record
        elif kind == "end":
            found.end = record
        elif kind == "fault":
            found.faults.append(record)
            found.end = None
        else:
            found.end = None
            if (item := _item(record)) not in places:
                places[item] = None
                of = {"mutant": found.mutants, "variant": found.variants, "smallest": found.smallest}
                of[kind].append(record)
    # what a resumed run could measure after all is no fault any more
    found.faults = [f for f in found.faults if (f["kind"], f["op"], f.get("item", "")) not in places]
    found.cut = bool(cut)
    return found


def _records(path: str | os.PathLike[str], cut: list[int]) -> Iterator[tuple[dict[str, Any], int]]:
    """Each record, and the offset of the byte after it; a cut last line is left out and its number put in `cut`."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as handle:
            yield from _whole(handle, name, cut)
    except OSError as error:
        raise ValueError(f"cannot read {name}: {error.strerror or error}") from None


def _whole(handle: BinaryIO, name: str, cut: list[int]) -> Iterator[tuple[dict[str, Any], int]]:
    offset = 0
    for number, raw in enumerate(handle, start=1):
        ended = raw.endswith(b"\n")
        offset += len(raw)
        try:
            record = json.loads(raw)
        except (ValueError, RecursionError):
            if ended or number == 1:
                raise ValueError(f"{name}, line {number}: not a record of {FORMAT}") from None
            cut.append(number)
            return
        _check(record, name, number)
        yield record, offset


def _check(record: Any, name: str, number: int) -> None:
    where = f"{name}, line {number}"
    kind = record.get("record") if isinstance(record, dict) else None
    if number == 1:
        if kind != "header" or record.get("format") != FORMAT:
            raise ValueError(f"{where}: not the records of a power run (its first record is no header of {FORMAT})")
        if record.get("version") != VERSION:
            raise ValueError(
                f"{where}: version {record.get('version')!r} is not known; this gradproof reads version {VERSION}"
            )
        return
    if not isinstance(kind, str) or kind not in _NEEDED:
        raise ValueError(f"{where}: unknown record {kind!r}; known are {', '.join(_NEEDED)}")
    for key in _NEEDED[kind]:
        if not isinstance(record.get(key), str):
            raise ValueError(f"{where}: a {kind} record needs {key!r} as a string")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line."""
    return json.loads(Path(__file__).with_name("power.schema.json").read_text(encoding="utf-8"))


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    whole = schema()
    return Draft202012Validator({"$defs": whole["$defs"], "$ref": f"#/$defs/{kind}"})


def check_record(record: Mapping[str, Any]) -> None:
    """Hold one record against the schema; ValueError naming the field and what is wrong with it."""
    from jsonschema.exceptions import best_match

    kind = str(record.get("record"))
    if kind != "header" and kind not in _NEEDED:
        raise ValueError(f"unknown record {kind!r}; known are header, {', '.join(_NEEDED)}")
    error = best_match(_validator(kind).iter_errors(dict(record)))
    if error is not None:
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path).lstrip(".")
        raise ValueError(f"{kind}{' field ' + place if place else ''}: {error.message[:300]}")


def validate(path: str | os.PathLike[str]) -> int:
    """Hold every whole line against the schema; the number of lines held."""
    number = 0
    for number, (record, _) in enumerate(_records(path, []), start=1):
        try:
            check_record(record)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}, line {number}: {error}") from None
    return number


class Writer:
    """Writes records line by line, as a run goes. A context manager.

    resume: go on with an existing file, whose cut last line is removed; a missing or empty one is begun. previous:
    what the resumed file held. ValueError where it cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False) -> None:
        self.path = os.fspath(path)
        self.previous: Power | None = None
        self._resume = resume
        self._handle: BinaryIO | None = None

    def __enter__(self) -> Writer:
        try:
            if self._resume and os.path.isfile(self.path) and os.path.getsize(self.path):
                self._go_on()
            else:
                self._handle = open(self.path, "wb")
        except OSError as error:
            raise ValueError(f"cannot write {self.path}: {error.strerror or error}") from None
        return self

    def _go_on(self) -> None:
        self.previous = read(self.path)
        whole = max((offset for _, offset in _records(self.path, [])), default=0)
        with open(self.path, "r+b") as handle:
            handle.truncate(whole)
            handle.seek(whole - 1)
            ended = handle.read(1) == b"\n"
        self._handle = open(self.path, "ab")  # noqa: SIM115 (closed by __exit__)
        if not ended:
            self._handle.write(b"\n")

    def write(self, record: Mapping[str, Any]) -> None:
        """One record, on the disk when this returns to the system."""
        if self._handle is None:
            raise ValueError(f"{self.path} is not open")
        self._handle.write(json.dumps(record, ensure_ascii=True, allow_nan=False).encode() + b"\n")
        self._handle.flush()

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None
