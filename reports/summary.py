"""The findings added up as one JSON document, for another program to read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from . import gaps, table
from .findings import STATUSES, Findings


def render(findings: Findings) -> str:
    """One JSON object: headline, counts, grid, worst findings, proofs, what was not exercised.

    The grid's cells say "not run" where there is no finding. Infinite numbers are the string "inf". The findings file
    itself holds every finding; this holds the worst of each kind.
    """
    cells = table.grid(findings)
    document = {
        "format": "gradproof-summary",
        "version": 1,
        "headline": table.headline(findings, cells),
        "created": findings.header.get("created"),
        "end": findings.end,
        "cut": findings.cut,
        "cases": len(findings.cases),
        "findings": len(findings.findings),
        "entries": sum(cell.entries for cell in cells.cells.values()),
        "counts": {status: cells.counts.get(status, 0) for status in STATUSES},
        "implementations": findings.header.get("implementations", {}),
        "environment": findings.header.get("environment", {}),
        "settings": findings.header.get("settings", {}),
        "grid": [_cell(cell) for op in cells.operations for cell in cells.row(op)],
        "worst": [{**group.worst, "findings": group.number} for group in table.worst(findings)],
        "proofs": [vars(proof) for proof in table.proofs(findings)],
        "not_exercised": [vars(gap) for gap in gaps.not_exercised(findings, cells)],
    }
    return json.dumps(_finite(document), allow_nan=False, indent=2) + "\n"


def _cell(cell: table.Cell) -> dict[str, Any]:
    return {
        "op": cell.op,
        "implementation": cell.implementation,
        "status": cell.status,
        "ratio": cell.ratio,
        "entries": cell.entries,
        "counts": dict(cell.counts),
        "case": cell.case,
        "native": cell.native,
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items() if key != "record"}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
