"""Who is wrong: the root causes of what an audit found in PyTorch, TensorFlow, Keras and JAX, worst first.

`reports/found/who_is_wrong.toml` holds one entry a root cause: what it does, where it shows, a program of at most five
lines that shows it in that framework alone, the true number and the number printed. The wrong, inaccurate and broken
findings of an audit (--findings, or an audit run for this) are joined with it: how many cells of each cause were met,
which cells no cause names, which causes this run did not meet and why. A cell is an operation, implementation,
quantity, dtype and status; it may show several causes.

--write also writes the table, with every program, to `who_is_wrong.md` beside the entries.
"""

from __future__ import annotations

import fnmatch
import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradproof.frameworks.known import in_range
from gradproof.reports.findings import Findings, ratio_of, read

from .audit_cost import audit

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

PATH = Path(__file__).resolve().parents[1] / "reports" / "found" / "who_is_wrong.toml"
FAILURES = ("wrong", "inaccurate", "broken")
KINDS = ("wrong", "fails", "float32", "digits", "convention")
"""wrong: another number than the function's. fails: an exception or a wrong shape. float32: numbers of float64 computed
in float32. digits: lost to cancellation, underflow or one rounding too many. convention: chosen so, and documented."""
Cell = tuple[str, str, str, str, str]
HEAD = """# Who is wrong

{count} root causes of wrong, inaccurate or failing results, met by audits whose cases know nothing of them. Made by
`python -m benchmarks who_is_wrong --write` from `who_is_wrong.toml`; the tests run every program.
Seen in {versions}.

ulp: how far off the example is, of its dtype. x allowed: error over the rounding that the reference's formula may make,
in the audit's case. cells: operations, implementations, quantities, dtypes and statuses in the run that this page was
made from; a cell may show several causes.

Kinds. wrong: another number than the function's. fails: an exception or a wrong shape. float32: numbers of float64
computed in float32. digits: lost to cancellation, underflow or one rounding too many. convention: chosen so.

| id | kind | input | true | actual | ulp | x allowed | cells | report |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Cause:
    """One root cause, its fields the keys of the file.

    kind: one of KINDS. implementations, dtypes, statuses: where it shows, and as what; operations, quantities, cases:
    patterns of them, with * and ?. at_most: no finding that is off by more than so many allowances is explained by it.
    package, versions: where it was seen. input, true, actual: the shortest example, the numbers as text, dtype theirs;
    exact: the true numbers as an expression. reproducer: a Python program of at most five lines that prints `actual`.
    ulp: how far off that is, None where the truth is 0 or no number was printed. ratio: error over allowance in `case`,
    where the audit met it. report: address of a known report, or "none known". varies: whether the program may also
    print the true number, because it shows memory that nobody wrote.
    """

    id: str
    kind: str
    title: str
    implementations: tuple[str, ...]
    operations: tuple[str, ...]
    quantities: tuple[str, ...]
    dtypes: tuple[str, ...]
    statuses: tuple[str, ...]
    package: str
    versions: str
    input: str
    dtype: str
    exact: str
    reproducer: str
    true: str
    actual: str
    case: str
    report: str
    ulp: float | None = None
    ratio: float | None = None
    cases: tuple[str, ...] = ("*",)
    at_most: float = math.inf
    varies: bool = False

    def explains(self, finding: Mapping[str, Any]) -> bool:
        """Whether a finding shows this cause."""
        ratio = ratio_of(finding)
        return (
            finding["implementation"] in self.implementations
            and finding["dtype"] in self.dtypes
            and finding["status"] in self.statuses
            and _fits(finding["op"], self.operations)
            and _fits(finding["quantity"], self.quantities)
            and _fits(finding["case"], self.cases)
            and (self.at_most == math.inf or (ratio is not None and ratio <= self.at_most))
        )


@dataclass
class Joined:
    """Findings by cause id, and those that no cause names."""

    by_cause: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    unnamed: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)


def main(findings: Path | None = None, cases: int | None = None, write: bool = False) -> dict[str, Any]:
    """Print the table, the unnamed cells and the causes not met; returns the figures."""
    causes = read_causes()
    if findings is not None:
        found = read(findings / "findings.jsonl" if findings.is_dir() else findings)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = audit(Path(folder), cases)[1]
    joined = join(found, causes)
    text = table(causes, joined)
    print(text)
    unnamed = cells(joined.unnamed)
    print(f"cells without a cause: {len(unnamed)} of {len(cells(joined.failures))}")
    for cell, group in sorted(unnamed.items()):
        worst = max(group, key=_badness)
        entry = worst.get("worst") or {}
        numbers = f"true {entry['true']}, got {entry['got']}" if entry else worst["message"][:200]
        print(f"    {' '.join(cell)}: {len(group)} findings; {numbers}, {_count(_badness(worst))} x [{worst['case']}]")
    absent = {cause.id: reason for cause in causes if (reason := not_met(cause, joined, found))}
    print(f"causes not met in this run: {len(absent)} of {len(causes)}")
    for name, reason in absent.items():
        print(f"    {name}: {reason}")
    if write:
        PATH.with_suffix(".md").write_text(page(causes, joined, absent), encoding="utf-8")
    return {
        "causes": len(causes),
        "cells": len(cells(joined.failures)),
        "findings": len(joined.failures),
        "by_cause": {name: len(cells(group)) for name, group in joined.by_cause.items()},
        "unnamed": [" ".join(cell) for cell in sorted(unnamed)],
        "not_met": absent,
    }


def read_causes(path: Path = PATH) -> tuple[Cause, ...]:
    """Every entry of the file, in its order. ValueError, naming the entry, where a field is missing or unknown."""
    causes: list[Cause] = []
    for number, entry in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["cause"], start=1):
        where = f"{path.name}, cause {number} ({entry.get('id', 'without an id')})"
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()
        }
        try:
            cause = Cause(**fields)
        except TypeError as error:
            raise ValueError(f"{where}: {str(error).partition(') ')[2]}") from None
        if cause.kind not in KINDS:
            raise ValueError(f"{where}: kind must be one of {', '.join(KINDS)}")
        if cause.id in {earlier.id for earlier in causes}:
            raise ValueError(f"{where}: the id is taken by an earlier entry")
        causes.append(cause)
    return tuple(causes)


def join(found: Findings, causes: Sequence[Cause]) -> Joined:
    """The failures of a run, by the causes that they show."""
    joined = Joined(by_cause={cause.id: [] for cause in causes})
    for finding in found.findings:
        if finding["status"] not in FAILURES:
            continue
        joined.failures.append(finding)
        shown = [cause.id for cause in causes if cause.explains(finding)]
        for name in shown:
            joined.by_cause[name].append(finding)
        if not shown:
            joined.unnamed.append(finding)
    return joined


def cells(findings: Iterable[dict[str, Any]]) -> dict[Cell, list[dict[str, Any]]]:
    """Findings by operation, implementation, quantity, dtype and status."""
    groups: dict[Cell, list[dict[str, Any]]] = defaultdict(list)
    for f in findings:
        groups[f["op"], f["implementation"], f["quantity"], f["dtype"], f["status"]].append(f)
    return groups


def not_met(cause: Cause, joined: Joined, found: Findings) -> str:
    """Why this run has no finding of a cause; "" where it has."""
    if joined.by_cause[cause.id]:
        return ""
    implementations = found.header.get("implementations", {})
    ready = [name for name in cause.implementations if implementations.get(name, {}).get("status") == "ready"]
    if not ready:
        return f"{' and '.join(cause.implementations)} did not take part"
    audited = {case["op"] for case in found.cases.values()}
    if not any(_fits(op, cause.operations) for op in audited):
        return f"no case of {', '.join(cause.operations)} was judged"
    versions = {implementations[name].get("versions", {}).get(cause.package, "0") for name in ready}
    if not any(in_range(version, cause.versions) for version in versions):
        return f"it was seen in {cause.package} {cause.versions}, here is {', '.join(sorted(versions))}"
    return "no case of this run reached it"


def table(causes: Sequence[Cause], joined: Joined) -> str:
    """One row a cause, worst first, as text."""
    heads = ("id", "kind", "input", "true", "actual", "ulp", "x allowed", "cells", "report")
    rows = [heads, *(_row(cause, joined) for cause in worst_first(causes))]
    widths = [max(len(row[k]) for row in rows) for k in range(len(heads) - 1)]
    lines = ("  ".join(t.ljust(w) for t, w in zip(row, widths, strict=False)) + f"  {row[-1]}" for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def worst_first(causes: Iterable[Cause]) -> list[Cause]:
    """By kind, then by ulp; a number where the truth is 0, and no number at all, before all others."""
    return sorted(causes, key=lambda c: (KINDS.index(c.kind), -(math.inf if c.ulp is None else c.ulp), c.id))


def page(causes: Sequence[Cause], joined: Joined, absent: Mapping[str, str]) -> str:
    """The table and every program in Markdown."""
    versions = sorted({f"{cause.package} {cause.versions}" for cause in causes})
    lines = [HEAD.format(count=len(causes), versions=", ".join(versions))]
    order = worst_first(causes)
    for cause in order:
        row = [text.replace("|", "\\|") for text in _row(cause, joined)]
        row[0] = f"[{cause.id}](#{cause.id})"
        lines.append(f"| {' | '.join(row)} |")
    for cause in order:
        seen = absent.get(cause.id) or f"{len(cells(joined.by_cause[cause.id]))} cells, for example `{cause.case}`"
        lines += ["", f"## {cause.id}", "", f"{cause.title}.", "", "```python", cause.reproducer.rstrip(), "```", ""]
        lines += [f"True: {cause.true}. Printed by {cause.package} {cause.versions}: {cause.actual}.", ""]
        lines += [f"Shown by {', '.join(cause.implementations)} in {', '.join(cause.operations)}: {seen}."]
        lines += [f"Report: {cause.report}."]
    return "\n".join(lines) + "\n"


def _row(cause: Cause, joined: Joined) -> tuple[str, ...]:
    met = len(cells(joined.by_cause[cause.id]))
    ulp = "-" if cause.ulp is None else _count(cause.ulp)
    ratio = "-" if cause.ratio is None else _count(cause.ratio)
    return (cause.id, cause.kind, cause.input, cause.true, cause.actual, ulp, ratio, str(met), cause.report)


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _badness(finding: Mapping[str, Any]) -> float:
    ratio = ratio_of(finding)
    return math.inf if ratio is None else ratio


def _count(number: float) -> str:
    return "infinitely many" if math.isinf(number) else f"{number:.3g}"
