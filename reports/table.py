"""A run's findings added up: the grid of operations x implementations, the worst of them, the proofs, the headline.

Pure functions of `Findings`; every report is made from them, so that all reports say the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .findings import COMPARED, STATUSES, Findings, badness, rank, ratio_of
from .words import beyond, count, line, listing, times

NOT_RUN = "not run"
"""What a cell without any finding is called. Unknown is never agree."""

_TROUBLE = ("wrong", "broken", "inaccurate", "undecided")
_VERBS = {"wrong": "is wrong", "broken": "broke", "inaccurate": "is inaccurate", "undecided": "is undecided"}


@dataclass(frozen=True)
class Cell:
    """All findings of one implementation in one operation.

    status   the worst status among them, or NOT_RUN
    counts   status -> number of findings
    ratio    error over allowance of the worst finding; where that compared nothing, the largest of those that did
    entries  array entries that were compared
    worst    the worst finding itself, None if there is none
    native   False if the implementation had to compose the operation in any of them
    """

    op: str
    implementation: str
    status: str = NOT_RUN
    counts: Mapping[str, int] = field(default_factory=dict)
    ratio: float | None = None
    entries: int = 0
    worst: Mapping[str, Any] | None = None
    native: bool = True
    findings: tuple[Mapping[str, Any], ...] = ()

    @property
    def case(self) -> str:
        """Id of the worst case, "" if there is none."""
        return str(self.worst["case"]) if self.worst else ""

    @property
    def word(self) -> str:
        """The status as a reader sees it; "partly absent" where some findings did compare."""
        compared = any(self.counts.get(status) for status in COMPARED)
        if self.status in ("absent", "not-applicable") and compared:
            return f"partly {self.status}"
        return self.status

    def text(self, sign: str = "x") -> str:
        """Word and worst ratio: "agree 0.41", "wrong 6e9x", "not run"."""
        return f"{self.word} {times(self.ratio, sign)}".strip()


@dataclass(frozen=True)
class Grid:
    """Operations (worst first) x implementations (in the run's order), with a cell for every pair."""

    operations: tuple[str, ...]
    implementations: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    counts: Mapping[str, int]

    def row(self, op: str) -> list[Cell]:
        """The cells of one operation, in the order of the implementations."""
        return [self.cells[op, implementation] for implementation in self.implementations]

    def worst_first(self) -> list[Cell]:
        """Every cell that has a finding, worst first."""
        return sorted((c for c in self.cells.values() if c.worst), key=_cell_key)


@dataclass(frozen=True)
class Group:
    """Findings of one operation, implementation, quantity and status: the worst of them, and how many they are.

    What broke gave no quantity at all, so broken findings are one group whatever their quantity.
    """

    worst: Mapping[str, Any]
    number: int


@dataclass(frozen=True)
class Proof:
    """What was proved of one operation's hand-written backward, over its cases.

    cases      those of which a derivative was asked; not_asked counts the others (an optimiser's step has none)
    radius     the largest radius of the difference ball over the proved cases, None if none was proved
    precision  the smallest and the largest number of bits used
    """

    op: str
    cases: int = 0
    proved: int = 0
    refuted: int = 0
    undecided: int = 0
    not_asked: int = 0
    radius: float | None = None
    precision: tuple[int, int] | None = None
    ties: int = 0
    vacuous: int = 0
    message: str = ""


def number(value: Any) -> float | None:
    """A JSON number, or one of the strings "inf", "-inf", "nan", as a float; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def whole(value: Any) -> int:
    """A count as an int, 0 for anything that is none."""
    found = number(value)
    return int(found) if found is not None and math.isfinite(found) and found > 0 else 0


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one: a report is made also from a file that lacks a piece."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return list(value) if isinstance(value, (list, tuple)) else []


def operations(findings: Findings) -> list[str]:
    """Every operation that the run was to exercise or did, in the order of the file."""
    settings = mapping(findings.header.get("settings"))
    names = [str(n) for n in items(settings.get("operations"))] or list(mapping(findings.header.get("operations")))
    seen: Iterable[Mapping[str, Any]] = (*findings.cases.values(), *findings.findings, *findings.vacuous)
    return list(dict.fromkeys([*names, *(record["op"] for record in seen)]))


def implementations(findings: Findings) -> list[str]:
    """Every implementation that the run named or met, in the order of the file."""
    names = list(mapping(findings.header.get("implementations")))
    return list(dict.fromkeys([*names, *(record["implementation"] for record in findings.findings)]))


def grid(findings: Findings) -> Grid:
    """Operations x implementations, worst operation first. A pair without findings is "not run", never agree.

    An implementation that the header calls absent or broken has that word in every cell it left empty.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for finding in findings.findings:
        groups.setdefault((finding["op"], finding["implementation"]), []).append(finding)
    known = mapping(findings.header.get("implementations"))
    names = implementations(findings)
    cells = {}
    for op in operations(findings):
        for name in names:
            group = groups.get((op, name))
            cells[op, name] = cell_of(op, name, group) if group else _empty_cell(op, name, mapping(known.get(name)))
    order = sorted(operations(findings), key=lambda op: (min((_cell_key(cells[op, n]) for n in names), default=()), op))
    return Grid(tuple(order), tuple(names), cells, Counter(f["status"] for f in findings.findings))


def cell_of(op: str, name: str, group: Sequence[Mapping[str, Any]]) -> Cell:
    """One or more findings added up to a cell."""
    worst = max(group, key=badness)
    ratio = ratio_of(worst)
    if ratio is None and worst["status"] not in ("wrong", "broken"):
        ratios = [r for r in (ratio_of(f) for f in group if f["status"] in COMPARED) if r is not None]
        ratio = max(ratios, default=None)
    return Cell(
        op=op,
        implementation=name,
        status=worst["status"],
        counts=Counter(f["status"] for f in group),
        ratio=ratio,
        entries=sum(whole(f.get("entries")) for f in group if f["status"] in COMPARED),
        worst=worst,
        native=all(f.get("native", True) is not False for f in group),
        findings=tuple(group),
    )


def _empty_cell(op: str, name: str, known: Mapping[str, Any]) -> Cell:
    status = known.get("status")
    return Cell(op, name, status=status if status in ("absent", "broken") else NOT_RUN)


def _cell_key(cell: Cell) -> tuple[float, float, str, str]:
    if cell.worst is not None:
        status, ratio = badness(cell.worst)
        return -status, -ratio, cell.op, cell.implementation
    # A hole is better than any trouble and worse than agreement.
    place = rank("agree") - 0.5 if cell.status == NOT_RUN else rank(cell.status) + 0.5
    return place, 0.0, cell.op, cell.implementation


def worst(findings: Findings) -> list[Group]:
    """What is not as it should be, worst first: wrong, broken, inaccurate, undecided, kinks and known differences.

    Findings that differ only in their case are one group, shown by the worst of them.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for finding in findings.findings:
        if finding["status"] not in ("agree", "absent", "not-applicable"):
            quantity = "" if finding["status"] == "broken" else finding["quantity"]
            key = (finding["op"], finding["implementation"], finding["status"], quantity)
            groups.setdefault(key, []).append(finding)
    shown = [Group(max(group, key=badness), len(group)) for group in groups.values()]
    return sorted(shown, key=lambda group: badness(group.worst), reverse=True)


def headline(findings: Findings, cells: Grid | None = None) -> str:
    """What is worst, in a few sentences; an empty run says that nothing was compared."""
    return " ".join(headline_sentences(findings, cells))


def headline_sentences(findings: Findings, cells: Grid | None = None) -> list[str]:
    """The sentences of the headline: what is worst comes first."""
    cells = cells or grid(findings)
    refuted = [line(p.op, 60) for p in proofs(findings) if p.refuted]
    start = [f"The hand-written backward of {listing(refuted, 4)} is proved wrong."] if refuted else []
    if not findings.findings:
        return [*start, "Nothing was compared: the file holds no findings."]
    troubled = [cell for cell in cells.worst_first() if cell.status in _TROUBLE]
    if troubled:
        return start + _trouble(troubled)
    if not any(cells.counts.get(status) for status in COMPARED):
        return [*start, f"Nothing was compared: {_tally(cells.counts)}."]
    return [*start, _agreement(cells)]


def _trouble(troubled: list[Cell]) -> list[str]:
    sentences = []
    for status in _TROUBLE:
        by_name = Counter(cell.implementation for cell in troubled if cell.status == status)
        if by_name:
            (name, n), *others = by_name.most_common()
            parts = [f"{line(name, 40)} {_VERBS[status]} in {count(n, 'operation')}"]
            parts += [f"{line(name, 40)} in {n}" for name, n in others]
            sentences.append(f"{listing(parts, 5)}.")
    first = troubled[0].worst or {}
    where = f"{line(first['implementation'], 40)} in {line(first['op'], 60)}, {line(first['quantity'], 40)}"
    ratio = ratio_of(first)
    what = beyond(ratio) if ratio is not None else line(first.get("reason") or first["status"], 120)
    sentences.insert(1, f"The worst is {where}: {what}.")
    return sentences if troubled[0].status == "wrong" else ["Nothing is wrong, but not all is well.", *sentences]


def _agreement(cells: Grid) -> str:
    compared = [c for c in cells.cells.values() if any(c.counts.get(s) for s in COMPARED)]
    names, ops = {c.implementation for c in compared}, {c.op for c in compared}
    ratios = [c.ratio for c in compared if c.ratio is not None and c.status == "agree"]
    text = f"Nothing is wrong: {count(len(names), 'implementation')}, {count(len(ops), 'operation')}"
    if ratios:
        text += f"; the worst agreeing entry reaches {times(max(ratios))} of its allowance"
    known = sum(1 for c in compared if c.status in ("kink-convention", "known-difference"))
    if known:
        text += f"; {count(known, 'cell')} of the grid {'differs' if known == 1 else 'differ'} in a known way"
    return text + "."


def _tally(counts: Mapping[str, int]) -> str:
    return listing([f"{counts[s]:,} {s}" for s in STATUSES if counts.get(s)])


def facts(findings: Findings, cells: Grid | None = None, *, tally: bool = True) -> str:
    """The run in numbers, one line: cases, findings (by status if `tally`), entries compared, seconds."""
    cells = cells or grid(findings)
    entries = sum(cell.entries for cell in cells.cells.values())
    by_status = f" ({_tally(cells.counts)})" if tally and findings.findings else ""
    parts = [
        count(len(findings.cases), "case"),
        count(len(findings.findings), "finding") + by_status,
        f"{entries:,} {'entry' if entries == 1 else 'entries'} compared",
    ]
    seconds = number(findings.end.get("seconds")) if findings.end else None
    if seconds is not None and math.isfinite(seconds):
        parts.append(f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s")
    return ", ".join(parts)


def proofs(findings: Findings) -> list[Proof]:
    """What was proved, an entry for each operation that has a case; refuted first, then undecided, then by name."""
    by_op: dict[str, list[Mapping[str, Any]]] = {}
    for case in findings.cases.values():
        by_op.setdefault(case["op"], []).append(case)
    found = [_proof(op, cases) for op, cases in by_op.items()]
    return sorted(found, key=lambda p: (-p.refuted, -p.undecided, p.op))


def without_derivative(proofs: list[Proof]) -> str:
    """A sentence about the operations of which no derivative is asked; nothing where there are none."""
    names = [line(proof.op, 80) for proof in proofs if proof.not_asked and not proof.cases]
    return f"No derivative is asked of {listing(names, 40)}: they are judged by their outputs alone." if names else ""


def _proof(op: str, cases: list[Mapping[str, Any]]) -> Proof:
    every = [mapping(case.get("proof")) for case in cases]
    proofs_of = [proof for proof in every if proof.get("status") != "not-asked"]
    status = Counter(str(proof.get("status", "undecided")) for proof in proofs_of)
    radii = [number(p.get("radius")) for p in proofs_of if p.get("status") == "proved"]
    bits = [b for b in (whole(p.get("precision")) for p in proofs_of) if b]
    messages = [str(p["message"]) for p in proofs_of if p.get("message") and p.get("status") != "proved"]
    return Proof(
        op=op,
        cases=len(proofs_of),
        proved=status["proved"],
        refuted=status["refuted"],
        undecided=len(proofs_of) - status["proved"] - status["refuted"],
        not_asked=len(every) - len(proofs_of),
        radius=max((r for r in radii if r is not None), default=None),
        precision=(min(bits), max(bits)) if bits else None,
        ties=sum(1 for p in proofs_of if whole(p.get("ties"))),
        vacuous=sum(1 for case in cases if items(case.get("vacuous"))),
        message=messages[0] if messages else "",
    )
