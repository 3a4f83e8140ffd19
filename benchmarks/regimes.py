"""How often each operation was exercised in each regime, and why an empty cell of that table is empty.

Counted are the judged cases of an audit (--findings, or an audit run for this). A cell is empty where the operation
excludes the regime, with the reason that its file gives, or where it has nothing for it (no kink, no axis that may be
empty); a regime that an operation offers and no case reached is called a gap.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from gradproof.cases import REGIMES, not_offered
from gradproof.reference import operations
from gradproof.reports.findings import read

from .audit_cost import audit

NONE = "."


def main(findings: Path | None = None, cases: int | None = None) -> dict[str, Any]:
    """Print the table and the reasons; returns the counts, the reasons and the gaps."""
    if findings is not None:
        found = read(findings / "findings.jsonl" if findings.is_dir() else findings)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = audit(Path(folder), cases)[1]
    counts = Counter((case["op"], case["regime"]) for case in found.cases.values())
    audited = [op for op in operations().values() if op.name in found.header["operations"]]
    reasons: dict[str, dict[str, list[str]]] = {regime: {} for regime in REGIMES}
    gaps = []
    print(f"{'operation':34}" + "".join(f"{regime:>10}" for regime in REGIMES))
    for op in audited:
        print(f"{op.name:34}" + "".join(f"{counts[op.name, regime] or NONE:>10}" for regime in REGIMES))
        without = not_offered(op, op.defaults())
        for regime in REGIMES:
            if regime in without:
                reasons[regime].setdefault(without[regime], []).append(op.name)
            elif not counts[op.name, regime]:
                gaps.append(f"{op.name}, {regime}")
    print(f"{'all':34}" + "".join(f"{sum(counts[op.name, r] for op in audited):>10}" for r in REGIMES))
    print("\nwhy a cell is empty")
    for regime, why in reasons.items():
        for reason, names in sorted(why.items()):
            print(f"  {regime}: {reason} ({', '.join(names) if len(names) < 12 else f'{len(names)} operations'})")
    print(f"gaps, offered and not reached: {'; '.join(gaps) or 'none'}")
    table = {op.name: {regime: counts[op.name, regime] for regime in REGIMES} for op in audited}
    return {"table": table, "reasons": reasons, "gaps": gaps}
