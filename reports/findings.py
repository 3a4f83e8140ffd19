"""The findings file of a run: JSON Lines, one record a line, read, checked and written here.

The first line is the header; every later line is a case, a finding, a detail, a vacuous case or the end of a run.
The file is written as the run goes and may stop anywhere, also in the middle of a line: what is whole is kept.
`findings.schema.json` beside this file describes one line.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "gradproof-findings"
VERSION = 1

STATUSES = (
    "wrong",
    "broken",
    "inaccurate",
    "undecided",
    "kink-convention",
    "known-difference",
    "absent",
    "not-applicable",
    "agree",
)
"""Every status of a finding, worst first.

wrong and broken need a person at once; inaccurate is a true error with an explanation; undecided means that nobody
knows; the next two are understood and within the mathematics; absent and not-applicable compared nothing. They still
come before agree: a group of findings is called by its worst, so what was not compared is never counted as agreeing.
"""

COMPARED = frozenset({"wrong", "inaccurate", "kink-convention", "known-difference", "agree"})
"""The statuses that rest on a comparison of numbers with the truth."""

_RANK = {status: rank for rank, status in enumerate(STATUSES)}

# The texts that every reader relies on, by record; the schema says the rest.
_NEEDED: dict[str, tuple[str, ...]] = {
    "header": (),
    "case": ("case", "op"),
    "finding": ("case", "op", "implementation", "quantity", "status"),
    "detail": ("case", "op", "implementation", "quantity"),
    "vacuous": ("op",),
    "end": ("status",),
}
_HEADER_START = f'{{"record":"header","format":"{FORMAT}","version":{VERSION},'


@dataclass
class Findings:
    """One run's records, as read.

    header      the header record, {} if the run was cut before it was written
    cases       case id -> case record
    findings    the finding records in the order they were written
    details     (op, implementation) -> the newest detail record: what the worst case's picture needs
    vacuous     the drawn cases that were refused
    end         the end record; None if the run was killed, or goes on
    cut         the file ended inside a line, and that line was left out
    path        where it was read from, "" if nowhere
    """

    header: dict[str, Any] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    details: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    vacuous: list[dict[str, Any]] = field(default_factory=list)
    end: dict[str, Any] | None = None
    cut: bool = False
    path: str = ""


def rank(status: str) -> int:
    """Place of a status in STATUSES: 0 is the worst."""
    return _RANK[status]


def ratio_of(finding: Mapping[str, Any]) -> float | None:
    """Worst error over allowance of a finding as a float (inf if infinite or not a number); None if there is none."""
    ratio = finding.get("ratio")
    if ratio is None:
        return None
    try:
        value = float(ratio)
    except (TypeError, ValueError, OverflowError):
        return math.inf
    return math.inf if math.isnan(value) else value


def badness(finding: Mapping[str, Any]) -> tuple[int, float]:
    """How bad a finding is, to be compared: larger is worse. The status decides, then the ratio.

    A wrong finding without a ratio (a wrong shape, say) is as bad as an infinite one.
    """
    ratio = ratio_of(finding)
    if ratio is None:
        ratio = math.inf if finding["status"] in ("wrong", "broken") else 0.0
    return -rank(finding["status"]), ratio


def collect(records: Iterable[Mapping[str, Any]]) -> Findings:
    """Findings from records in the order of the file; the records themselves are not checked.

    A resumed run may judge its last case again: a case counts once, and so does a finding that says the same about the
    same comparison. An end that is followed by more cases or findings is the end of an earlier, resumed run.
    """
    found = Findings()
    seen: set[tuple[str, ...]] = set()
    places: dict[tuple[str, ...], int] = {}
    for record in records:
        _add(found, dict(record), places, seen)
    return found


def _add(
    found: Findings, record: dict[str, Any], places: dict[tuple[str, ...], int], seen: set[tuple[str, ...]]
) -> None:
    kind = record["record"]
    if kind != "end" and kind != "header":
        found.end = None
    if kind == "header":
        found.header = record
    elif kind == "case":
        found.cases[record["case"]] = record
    elif kind == "finding":
        # Status and reason are part of the key, so that a second look can never hide what a first one found.
        key = tuple(str(record.get(k)) for k in ("op", "case", "implementation", "quantity", "status", "reason"))
        if key in places:
            found.findings[places[key]] = record
        else:
            places[key] = len(found.findings)
            found.findings.append(record)
    elif kind == "detail":
        found.details[record["op"], record["implementation"]] = record
    elif kind == "vacuous":
        key = (record["op"], str(record.get("case")), str(record.get("message")))
        if key not in seen:
            seen.add(key)
            found.vacuous.append(record)
    else:
        found.end = record


def read(path: str | os.PathLike[str]) -> Findings:
    """Read a findings file, also one that was cut anywhere.

    Raises ValueError, naming the file and the line, for what cannot be read, is not a findings file, or is of another
    version. A field that a reader relies on is checked; `validate` checks all of them.
    """
    cut: list[int] = []
    found = collect(record for _, record, _ in _records(path, cut))
    found.cut = bool(cut)
    found.path = os.fspath(path)
    return found


def _records(path: str | os.PathLike[str], cut: list[int]) -> Iterator[tuple[int, dict[str, Any], int]]:
    """(line number, record, offset of the byte after it); a cut last line is left out and its number put in `cut`."""
    name = os.fspath(path)
    try:
        with open(name, "rb") as handle:
            yield from _whole(handle, name, cut)
    except OSError as error:
        raise ValueError(f"cannot read {name}: {_why(error)}") from None


def _whole(handle: BinaryIO, name: str, cut: list[int]) -> Iterator[tuple[int, dict[str, Any], int]]:
    check = _check_header
    offset = 0
    for number, raw in enumerate(handle, start=1):
        ended = raw.endswith(b"\n")
        offset += len(raw)
        if ended and not raw.strip():
            continue
        try:
            record = _parse(raw)
        except ValueError:
            first = check is _check_header
            if ended or (first and not _starts_a_header(raw)):
                raise ValueError(_not_one(name, number, first)) from None
            cut.append(number)
            return
        check(record, name, number)
        check = _check
        yield number, record, offset


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(record, dict):
        raise ValueError("not an object")
    if b"\\ud" in raw.lower():
        return _without_surrogates(record)
    return record


def _without_surrogates(value: Any) -> Any:
    """Half a surrogate pair is legal JSON and no text: no report could be written with it."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def _starts_a_header(raw: bytes) -> bool:
    text = b"".join(raw.split())
    start = _HEADER_START.encode()
    return start.startswith(text) or text.startswith(start)


def _not_one(name: str, number: int, first: bool) -> str:
    if first:
        return f"{name}, line {number}: not a findings file (its first record is no header of {FORMAT})"
    return f"{name}, line {number}: not a record (a line of a findings file is one JSON object)"


def _check_header(record: dict[str, Any], name: str, number: int) -> None:
    if record.get("record") != "header" or record.get("format") != FORMAT:
        raise ValueError(_not_one(name, number, True))
    version = record.get("version")
    if version != VERSION:
        raise ValueError(
            f"{name}, line {number}: findings version {version!r} is not known; this gradproof reads version {VERSION}"
        )


def _check(record: dict[str, Any], name: str, number: int) -> None:
    where = f"{name}, line {number}"
    kind = record.get("record")
    if kind == "header":
        raise ValueError(f"{where}: a second header; a findings file holds one run")
    if not isinstance(kind, str) or kind not in _NEEDED:
        raise ValueError(f"{where}: unknown record {kind!r}; known are {', '.join(_NEEDED)}")
    for key in _NEEDED[kind]:
        if not isinstance(record.get(key), str):
            raise ValueError(f"{where}: a {kind} record needs {key!r} as a string")
    if kind == "finding" and record["status"] not in _RANK:
        raise ValueError(f"{where}: unknown status {record['status']!r}; known are {', '.join(STATUSES)}")


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line of a findings file."""
    return json.loads(Path(__file__).with_name("findings.schema.json").read_text(encoding="utf-8"))


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator

    whole = schema()
    # The part for this kind of record alone: faster than trying all, and its errors name the field.
    return Draft202012Validator({"$defs": whole["$defs"], "$ref": f"#/$defs/{kind}"})


def check_record(record: Mapping[str, Any]) -> None:
    """Hold one record against the schema; ValueError naming the field and what is wrong with it."""
    from jsonschema.exceptions import best_match

    kind = record.get("record")
    if not isinstance(kind, str) or kind not in _NEEDED:
        raise ValueError(f"unknown record {kind!r}; known are {', '.join(_NEEDED)}")
    error = best_match(_validator(kind).iter_errors(dict(record)))
    if error is not None:
        place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path).lstrip(".")
        message = error.message if len(error.message) < 300 else error.message[:297] + "..."
        raise ValueError(f"{kind}{' field ' + place if place else ''}: {message}")


def validate(path: str | os.PathLike[str]) -> int:
    """Hold every whole line against the schema; the number of lines held.

    Raises ValueError naming the file, the line and the field. A cut last line is no error; read says it is cut.
    """
    number = 0
    for number, record, _ in _records(path, []):
        try:
            check_record(record)
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}, line {number}: {error}") from None
    return number


class Writer:
    """Writes a findings file line by line, as the run goes. A context manager.

        with Writer(path, resume=True) as out:
            if not (out.previous and out.previous.header):
                out.write(header)
            out.write(finding)

    resume     go on with an existing file: a cut last line is removed, then lines are appended; a missing file is begun
    overwrite  replace an existing findings file; anything else in the way is never replaced
    previous   what the resumed file held (Findings), None for a new file

    Raises ValueError, one sentence, when the file is in the way or cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], *, resume: bool = False, overwrite: bool = False) -> None:
        self.path = os.fspath(path)
        self.previous: Findings | None = None
        self._resume = resume
        self._overwrite = overwrite
        self._handle: BinaryIO | None = None
        self._empty = True

    def __enter__(self) -> Writer:
        try:
            occupied = os.path.isfile(self.path) and os.path.getsize(self.path) > 0
            if occupied and self._resume:
                self._handle = self._go_on()
            else:
                if occupied:
                    self._make_way()
                self._handle = open(self.path, "wb")
        except OSError as error:
            raise ValueError(
                f"cannot write {self.path}: {_why(error)}; name a file in a folder that exists and can be written"
            ) from None
        return self

    def _go_on(self) -> BinaryIO:
        self.previous = read(self.path)
        whole = max((offset for _, _, offset in _records(self.path, [])), default=0)
        with open(self.path, "r+b") as handle:
            handle.truncate(whole)
            handle.seek(max(whole - 1, 0))
            if handle.read(1) not in (b"", b"\n"):
                handle.write(b"\n")
        self._empty = whole == 0
        return open(self.path, "ab")

    def _make_way(self) -> None:
        if not self._overwrite:
            raise ValueError(f"{self.path} already exists; resume it, overwrite it, or name another file")
        with open(self.path, "rb") as handle:
            if not _starts_a_header(handle.read(1000)):
                raise ValueError(f"{self.path} is not a findings file and is not overwritten; name another file")

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            try:
                handle.close()
            except OSError as error:
                raise ValueError(f"cannot write {self.path}: {_why(error)}") from None

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record and flush it. Non-finite floats become "nan", "inf", "-inf"; NumPy values plain ones."""
        if self._handle is None:
            raise ValueError(f"{self.path} is not open for writing; use Writer in a with statement")
        kind = record.get("record")
        if self._empty != (kind == "header"):
            raise ValueError(f"{self.path}: a findings file begins with its one header; got a {kind!r} record")
        if kind not in _NEEDED:
            raise ValueError(f"unknown record {kind!r}; known are {', '.join(_NEEDED)}")
        if kind == "header":
            record = {"record": "header", "format": FORMAT, "version": VERSION, **record}
        try:
            self._handle.write(_line(record))
            self._handle.flush()
        except OSError as error:
            raise ValueError(f"cannot write {self.path}: {_why(error)}") from None
        self._empty = False


def _line(record: Mapping[str, Any]) -> bytes:
    plain = _finite(record)
    return json.dumps(plain, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def _finite(value: Any) -> Any:
    """A value that JSON can hold. NumPy scalars and arrays are known by their `tolist`, so NumPy is not needed here."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    return str(value)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
