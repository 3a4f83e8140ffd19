"""What a run did not exercise: a report that leaves it out reads as if more had been tested than was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import table
from .findings import Findings
from .words import count, line, listing


@dataclass(frozen=True)
class Gap:
    """Something the run did not exercise: whose, and what."""

    subject: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.sentence}"


def not_exercised(findings: Findings, cells: table.Grid | None = None) -> list[Gap]:
    """All that a reader could take for tested and was not: the run's end, implementations, regimes, options, cases.

    Subjects of which the same is to be said share one entry.
    """
    cells = cells or table.grid(findings)
    gaps = [*_implementation_gaps(findings, cells), *_operation_gaps(findings), *_vacuous(findings)]
    subjects: dict[str, list[str]] = {}
    for gap in gaps:
        subjects.setdefault(gap.sentence, []).append(line(gap.subject, 80))
    merged = [Gap(listing(list(dict.fromkeys(names))), sentence) for sentence, names in subjects.items()]
    return [*_run_gaps(findings), *merged]


def _run_gaps(findings: Findings) -> list[Gap]:
    gaps = []
    if not findings.header:
        gaps.append(Gap("the run", "was stopped before it wrote what it was to do"))
    elif findings.end is None:
        gaps.append(Gap("the run", "has no end: it was killed, or it is still going"))
    elif findings.end["status"] != "finished":
        gaps.append(Gap("the run", f"was {line(findings.end['status'], 40)} before its end"))
    if findings.cut:
        gaps.append(Gap("the file", "was cut in the middle of its last line, which is left out"))
    dtypes = [str(d) for d in table.items(table.mapping(findings.header.get("settings")).get("dtypes"))]
    missing = [d for d in dtypes if d not in {case.get("dtype") for case in findings.cases.values()}]
    if missing:
        gaps.append(Gap("the run", f"has no case in {listing(missing)}"))
    return gaps


def _implementation_gaps(findings: Findings, cells: table.Grid) -> list[Gap]:
    known = table.mapping(findings.header.get("implementations"))
    gaps = []
    for name in cells.implementations:
        about = table.mapping(known.get(name))
        if about.get("status") in ("absent", "broken"):
            message = line(about.get("message") or "no reason given", 300)
            gaps.append(Gap(name, f"{about['status']} ({message})"))
            continue
        column = [cells.cells[op, name] for op in cells.operations]
        not_run = [c.op for c in column if c.status == table.NOT_RUN]
        if not_run:
            gaps.append(Gap(name, f"not run in {listing(not_run, 8)}"))
        for status in ("absent", "not-applicable"):
            reasons: dict[str, list[str]] = {}
            for cell in column:
                said = next((f for f in cell.findings if f["status"] == status), None)
                if said is not None:
                    reasons.setdefault(line(said.get("message") or said.get("reason") or "", 200), []).append(cell.op)
            for reason, ops in reasons.items():
                gaps.append(Gap(name, f"{status} in {listing(ops, 8)}{f' ({reason})' if reason else ''}"))
    return gaps


def _operation_gaps(findings: Findings) -> list[Gap]:
    known = table.mapping(findings.header.get("operations"))
    by_op: dict[str, list[Mapping[str, Any]]] = {}
    for case in findings.cases.values():
        by_op.setdefault(case["op"], []).append(case)
    gaps = []
    for op in table.operations(findings):
        about, cases = table.mapping(known.get(op)), by_op.get(op, [])
        if not cases:
            gaps.append(Gap(op, "no case at all"))
            continue
        met = {case.get("regime") for case in cases}
        missing = [str(regime) for regime in table.items(about.get("regimes")) if regime not in met]
        if missing:
            gaps.append(Gap(op, f"no case in the {'regime' if len(missing) == 1 else 'regimes'} {listing(missing)}"))
        unused = _unused_options(about, cases)
        if unused:
            gaps.append(Gap(op, f"no case with {listing(unused)}"))
    return gaps


def _unused_options(about: Mapping[str, Any], cases: list[Mapping[str, Any]]) -> list[str]:
    unused = []
    for name, values in table.mapping(about.get("options")).items():
        drawn = [table.mapping(case.get("options")).get(name) for case in cases]
        unused += [f"{name}={line(value, 40)}" for value in table.items(values) if value not in drawn]
    return unused


def _vacuous(findings: Findings) -> list[Gap]:
    gaps = []
    refused: dict[str, list[str]] = {}
    for record in findings.vacuous:
        refused.setdefault(record["op"], []).append(line(record.get("message") or "", 200))
    for op, messages in refused.items():
        why = next((m for m in messages if m), "")
        gaps.append(Gap(op, f"{count(len(messages), 'drawn case')} refused as vacuous{f' ({why})' if why else ''}"))
    empty: dict[str, Counter[str]] = {}
    for case in findings.cases.values():
        empty.setdefault(case["op"], Counter()).update(str(q) for q in table.items(case.get("vacuous")))
    for op, quantities in empty.items():
        if quantities:
            cases = listing([f"{line(q, 40)} in {count(n, 'case')}" for q, n in quantities.most_common()])
            gaps.append(Gap(op, f"a true value that is zero or constant tells nothing: {cases}"))
    return gaps
