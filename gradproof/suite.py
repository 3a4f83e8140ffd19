"""The findings file of a user's own test-suite: one case for each call of `gradproof.check`, named by its test.

The file has the format of an audit's, so every report renders it. Its operations are the functions that were checked,
and its one implementation is the user's own code.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import recording
from .checking import Checked
from .environment import environment
from .explaining import pattern_of
from .reports.findings import STATUSES, Findings, Writer, badness, rank, read
from .verdict import Finding

FINDINGS, PAGE, PARTS = "findings.jsonl", "report.html", "findings-*.part.jsonl"
COMMAND, IMPLEMENTATION, GIVEN = "pytest", "own code", "given"
MOST_DRAWN = 20_000  # entries of an array beyond which a picture is left out of the file
_SCRIPT = "\n\nto see it, run:\n\n"

Badness = tuple[int, float]


def prepare(folder: Path) -> None:
    """Make room in the folder for a new report. ValueError where it cannot be written, or holds another run's."""
    path = folder / FINDINGS
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder")
    if path.exists() and path.stat().st_size:
        try:
            kept = read(path)
        except ValueError:
            raise ValueError(f"{path} is not a findings file and is not replaced; name another folder") from None
        if kept.header and kept.header.get("settings", {}).get("command") != COMMAND:
            raise ValueError(f"{path} holds the findings of an audit and is not replaced; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (path, folder / PAGE, *folder.glob(PARTS)):
            old.unlink(missing_ok=True)
        path.touch()
    except OSError as error:
        raise ValueError(f"cannot write in {folder}: {error.strerror or error}; name another folder") from None


class Suite:
    """The findings of one process's tests, written as they come.

    worker: the name of pytest-xdist's worker, whose file is a part of the whole; "" for a process of its own.
    """

    def __init__(self, folder: Path, worker: str, seed: int, arguments: Sequence[str]) -> None:
        self.path = folder / (PARTS.replace("*", worker) if worker else FINDINGS)
        self._settings = {
            "command": COMMAND,
            "arguments": list(arguments),
            "operations": [],
            "cases": 0,
            "seed": seed,
            "dtypes": [],
        }
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._tally = _Tally()
        self._shown: dict[str, tuple[Badness, int]] = {}
        self._start = time.perf_counter()
        self._out = Writer(self.path, overwrite=True)
        self._out.__enter__()
        self._out.write(_header(self._settings))

    def add(
        self, test: str, name: str, forward: Callable[..., Any], outcome: Checked | ValueError, message: str,
        seconds: float,
    ) -> None:  # fmt: skip
        """Write what one check found, in the test of this id. message: of its Mismatch, "" where all agree."""
        with self._lock:
            self._calls[test] += 1
            case = test if self._calls[test] == 1 else f"{test} (check {self._calls[test]})"
            op = subject(name, forward)
            if isinstance(outcome, ValueError):
                self._write(_refused(case, op, str(outcome)))
                return
            findings = [
                replace(f, case=case, op=op, implementation=IMPLEMENTATION, regime=GIVEN) for f in outcome.findings
            ]
            for finding in findings:
                self._write(recording.finding_record(finding))
            self._write(_case(case, op, outcome, seconds))
            self._detail(findings, outcome, message)

    def _write(self, record: Mapping[str, Any]) -> None:
        self._out.write(record)
        self._tally.add(record)

    def _detail(self, findings: Sequence[Finding], checked: Checked, message: str) -> None:
        """Picture, explanation and script, where this is the worst of its function so far, or as bad and smaller."""
        if not findings:
            return
        finding = max(findings, key=lambda f: (_badness(f), bool(f.pictures)))
        bad, size = _badness(finding), sum(x.size for x in checked.inputs.values())
        before, before_size = self._shown.get(finding.op, ((-len(STATUSES), 0.0), 0))
        smaller = finding.failed and bad[0] == before[0] and size <= before_size
        if bad[0] > before[0] or smaller or (bad > before and not finding.failed):
            self._shown[finding.op] = (bad, size)
            self._out.write(_detail(finding, checked, message))

    def finish(self, status: str) -> None:
        """Write the end. status: "finished" or "interrupted"."""
        with self._lock:
            self._out.write(self._tally.end(status, round(time.perf_counter() - self._start, 3)))
            self._out.close()


def conclude(folder: Path, status: str) -> str:
    """Merge the workers' files where there are any, write the page; what to print, one line."""
    from .reports.html import render

    path = folder / FINDINGS
    parts = {part: read(part) for part in sorted(folder.glob(PARTS))}
    if any(found.header for found in parts.values()):
        _merge(path, list(parts.values()), status)
    for part in parts:
        part.unlink()
    found = read(path)
    page = folder / PAGE
    page.write_text(render(found), encoding="utf-8")
    if not found.findings:
        return f"gradproof: no gradproof.check was called; report: {page}"
    by_status = Counter(f["status"] for f in found.findings)
    tally = ", ".join(f"{by_status[s]:,} {s}" for s in STATUSES if by_status[s])
    checks = len({f["case"] for f in found.findings})
    calls = "1 check" if checks == 1 else f"{checks:,} checks"
    return f"gradproof: {calls}, findings: {tally}; report: {page}"


def _merge(path: Path, parts: Sequence[Findings], status: str) -> None:
    """One file of all parts, whose last detail of a function is the worst of them."""
    with Writer(path, overwrite=True) as out:
        out.write(next(p.header for p in parts if p.header))
        tally = _Tally()
        for part in parts:
            for record in (*part.findings, *part.cases.values()):
                out.write(record)
                tally.add(record)
        worst: dict[tuple[str, str], tuple[Badness, Mapping[str, Any]]] = {}
        for part in parts:
            by_case = {(f["case"], f["quantity"]): badness(f) for f in part.findings}
            for cell, detail in part.details.items():
                bad = by_case.get((detail["case"], detail["quantity"]), (-rank(detail["status"]), 0.0))
                if cell not in worst or bad > worst[cell][0]:
                    worst[cell] = (bad, detail)
        for _, detail in worst.values():
            out.write(detail)
        seconds = max((float((p.end or {}).get("seconds", 0.0)) for p in parts), default=0.0)
        out.write(tally.end(status, seconds))


@dataclass
class _Tally:
    """What the end of a file says of its findings."""

    cases: int = 0
    comparisons: int = 0
    statuses: set[str] = field(default_factory=set)

    def add(self, record: Mapping[str, Any]) -> None:
        if record["record"] == "case":
            self.cases += 1
        else:
            self.statuses.add(record["status"])
            self.comparisons += int(record["entries"]) if record["worst"] else 0

    def end(self, status: str, seconds: float) -> dict[str, Any]:
        """The end record, with the exit code that an audit of the same findings has."""
        wrong, broken = self.statuses & {"wrong", "inaccurate"}, "broken" in self.statuses
        code = 1 if wrong else 3 if broken else 0 if self.comparisons else 5
        return {
            "record": "end",
            "status": status,
            "seconds": seconds,
            "cases": self.cases,
            "comparisons": self.comparisons,
            "vacuous": 0,
            "exit": 2 if status == "interrupted" else code,
        }


def subject(name: str, forward: Callable[..., Any]) -> str:
    """What the checked pair is called: the name that was given, or the forward's own with its module."""
    if name:
        return name
    own = str(getattr(forward, "__qualname__", type(forward).__qualname__)).replace("<locals>.", "")
    module = str(getattr(forward, "__module__", "") or "").rpartition(".")[2]
    return f"{module}.{own}" if module else own


# -- records --------------------------------------------------------------------------------------------------------


def _header(settings: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

    return {
        "record": "header",
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "environment": environment(),
        "settings": dict(settings),
        "implementations": {
            IMPLEMENTATION: {"status": "ready", "versions": {"numpy": np.__version__}, "message": "the code under test"}
        },
        "operations": {},
    }


def _badness(finding: Finding) -> Badness:
    return badness(recording.finding_record(finding))


def _case(case: str, op: str, checked: Checked, seconds: float) -> dict[str, Any]:
    truth = checked.truth
    proof: dict[str, Any] = {"status": "undecided", "radius": None, "precision": None, "ties": None, "message": ""}
    if truth is not None:
        p = truth.proof
        radius = p.radius if p.status == "proved" else None
        proof = {
            "status": p.status,
            "radius": radius,
            "precision": p.precision,
            "ties": p.ties,
            "message": p.message,
        }
    return {
        "record": "case",
        "case": case,
        "op": op,
        "dtype": next((f.dtype for f in checked.findings if f.dtype), "float64"),
        "regime": GIVEN,
        "layout": GIVEN,
        "sizes": {name: list(x.shape) for name, x in checked.inputs.items()},
        "options": {},
        "cotangents": len(checked.cotangents),
        "proof": proof,
        "vacuous": [],
        "seconds": round(seconds, 6),
    }


def _refused(case: str, op: str, sentence: str) -> dict[str, Any]:
    """A check that raised ValueError: nothing was compared, and the call says why."""
    finding = Finding(case, op, "", GIVEN, IMPLEMENTATION, "", "not-applicable", "refused", message=sentence)
    return recording.finding_record(finding)


def _detail(finding: Finding, checked: Checked, message: str) -> dict[str, Any]:
    explanation, _, script = message.partition(_SCRIPT)
    if script.startswith("("):  # a sentence about inputs that are too large to be printed
        explanation, script = f"{explanation}\n\n{script}", ""
    drawn = finding.pictures if finding.pictures and finding.pictures[0].size <= MOST_DRAWN else ()
    true, got, ratio = drawn or ([], [], [])
    return {
        "record": "detail",
        "case": finding.case,
        "op": finding.op,
        "implementation": finding.implementation,
        "quantity": finding.quantity,
        "status": finding.status,
        "true": true,
        "got": got,
        "ratio": ratio,
        "shape": list(finding.pictures[0].shape) if finding.pictures else [],
        "reproducer": f"# {finding.op}, checked by {finding.case}\n{script}\n" if script else "",
        "explanation": explanation,
        "pattern": pattern_of(finding, checked) if finding.failed else "",
        "cite": "",
    }
