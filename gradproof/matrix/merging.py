"""`gradproof matrix`: cells merged into one record, from which every report is made."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .. import __version__
from ..reports.findings import COMPARED, badness
from ..reports.matrix import FORMATS, render
from ..verdict import FAILURES
from . import changes, expected, neighbours, reading
from .expected import Expected
from .reading import FINISHED, LIED, Cell

FORMAT, VERSION = "gradproof-matrix", 1
FILES = {"html": "matrix.html", "markdown": "matrix.md", "json": "matrix.json"}


def run(args: argparse.Namespace) -> int:
    """The command: merge, write what was asked for, and say it on stdout; the exit code."""
    wanted = _expected(args)
    cells = reading.read(args.cells, wanted.cells)
    if not cells and not wanted.cells:
        raise ValueError(f"no cell is in {', '.join(map(str, args.cells))}; `gradproof cell` makes cells")
    merged = merge(cells, wanted, args.output, args.record)
    if args.output is not None:
        _write(args.output, merged)
    if args.format == "text":
        from rich.console import Console

        from ..reports.matrix.terminal import render as to_terminal

        to_terminal(merged, Console())
    else:
        sys.stdout.write(render(merged, args.format))
    if args.output is not None:
        print(f"page: {args.output / FILES['html']}", file=sys.stderr)
    return int(merged["exit"])


def _expected(args: argparse.Namespace) -> Expected:
    if args.label is not None and args.tox is None:
        raise ValueError("--label goes with --tox TOX.INI, whose labels it chooses from")
    if args.tox is not None:
        wanted = expected.from_tox(args.tox, args.label)
    else:
        wanted = expected.from_names(args.expect or "")
    said = expected.tox_says(args.tox_result) if args.tox_result is not None else {}
    return Expected(wanted.cells, wanted.unasked, wanted.source, said)


def _write(folder: Path, merged: Mapping[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for format, name in FILES.items():
            if format in FORMATS:
                part = folder / f".{name}.part"
                part.write_text(render(merged, format), encoding="utf-8")
                part.replace(folder / name)
    except OSError as error:
        raise ValueError(
            f"--output: cannot write in {folder}: {error.strerror or error}; name a folder that can be written"
        ) from None


# -- the record -----------------------------------------------------------------------------------------------------


def merge(cells: Sequence[Cell], wanted: Expected, output: Path | None = None, record: bool = False) -> dict[str, Any]:
    """The merged matrix as plain values. output: the page's folder, from which it links to the cells' own pages."""
    judged = [cell for cell in cells if cell.findings.findings]
    pairs = neighbours.pairs(judged)
    changed, bits = changes.compare(pairs)
    missing = _missing(cells, wanted)
    told = [_cell_record(cell, wanted, output) for cell in cells]
    return {
        "format": FORMAT,
        "version": VERSION,
        "gradproof": __version__,
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cases": dict(judged[0].about["cases"]) | {"settings": judged[0].findings.header["settings"]} if judged else {},
        "expected": {"source": wanted.source, "cells": list(wanted.cells), "unasked": _unasked(cells, wanted)},
        "cells": told,
        "missing": missing,
        "changes": [changes.change_record(change) for change in changed],
        "bits": [changes.bits_record(each) for each in bits],
        "operations": {name: about["summary"] for name, about in _operations(judged).items()},
        "grid": {cell.name: _grid(cell) for cell in judged},
        "reproducers": _reproducers(judged),
        "exit": exit_code(cells, missing, record),
    }


def exit_code(cells: Sequence[Cell], missing: Sequence[Any], record: bool) -> int:
    """0 everything agrees and every cell is there; 1 a failure or a lie; 3 broken, missing or unfinished; 5 nothing."""
    statuses = {finding["status"] for cell in cells for finding in cell.findings.findings}
    lied = any(cell.state == LIED for cell in cells)
    if lied or (not record and statuses & set(FAILURES)):
        return 1
    if missing or any(cell.state != FINISHED for cell in cells) or (not record and "broken" in statuses):
        return 3
    return 0 if statuses & COMPARED else 5


def _missing(cells: Sequence[Cell], wanted: Expected) -> list[dict[str, str]]:
    """Expected cells that are not there, and why, as far as that is known."""
    there = {cell.name for cell in cells}
    default = "there is no folder of it, and nothing says why"
    return [{"name": name, "why": wanted.said.get(name, default)} for name in wanted.cells if name not in there]


def _unasked(cells: Sequence[Cell], wanted: Expected) -> list[str]:
    there = {cell.name for cell in cells}
    return [name for name in wanted.unasked if name not in there]


def _operations(cells: Sequence[Cell]) -> dict[str, Any]:
    every: dict[str, Any] = {}
    for cell in cells:
        every.update(cell.findings.header["operations"])
    return dict(sorted(every.items()))


def _cell_record(cell: Cell, wanted: Expected, output: Path | None) -> dict[str, Any]:
    header, end = cell.findings.header, cell.findings.end or {}
    counts: dict[str, int] = {}
    for finding in cell.findings.findings:
        counts[finding["status"]] = counts.get(finding["status"], 0) + 1
    page = os.path.relpath(cell.page, output.resolve()) if cell.page is not None and output is not None else ""
    return {
        "name": cell.name,
        "state": cell.state,
        "why": "; ".join(cell.lies) or _why_unfinished(cell),
        "note": _note(cell, wanted),
        "created": header.get("created", ""),
        "installed": dict(cell.installed),
        "implementations": {
            name: {key: about.get(key, "") for key in ("status", "message", "versions")}
            for name, about in header.get("implementations", {}).items()
        },
        "environment": _where(cell.environment),
        "counts": counts,
        "cases": len(cell.findings.cases),
        "operations": len({record["op"] for record in cell.findings.cases.values()}),
        "seconds": end.get("seconds"),
        "results": bool(cell.kept.arrays),
        "page": Path(page).as_posix() if page else "",
    }


def _why_unfinished(cell: Cell) -> str:
    if cell.state == FINISHED:
        return ""
    asked = len(cell.findings.header.get("settings", {}).get("operations", []))
    done = len({record["op"] for record in cell.findings.cases.values()})
    how = (
        "it was interrupted" if cell.findings.end else "its findings stop without an end: it was killed, or still runs"
    )
    return f"{how}; {done} of {asked or 'unknown'} operations were begun"


def _note(cell: Cell, wanted: Expected) -> str:
    """What tox says of a cell whose folder is there: it may be that of an earlier run."""
    why = wanted.said.get(cell.name, "")
    if cell.lies or not why:
        return ""
    return f"{why}; what is here may be of an earlier run"


def _where(environment: Mapping[str, Any]) -> dict[str, str]:
    cpu, numpy = environment.get("cpu", {}), environment.get("numpy", {})
    threads = environment.get("threads", {})
    return {
        "platform": str(environment.get("platform", "")),
        "processor": f"{cpu.get('model', '')}, {cpu.get('cores', '?')} cores" if cpu else "",
        "BLAS": str(numpy.get("blas", "")),
        "threads": ", ".join(f"{name} {value}" for name, value in threads.items() if value != "not set"),
        "hash seed": str(environment.get("hash_seed", "")),
    }


def _grid(cell: Cell) -> dict[str, dict[str, Any]]:
    """Operation to implementation to its worst finding; only what failed says more than status and ratio."""
    grid: dict[str, dict[str, Any]] = {}
    for implementation in cell.ready:
        worst: dict[str, dict[str, Any]] = {}
        for finding in cell.worst(implementation).values():
            if finding["op"] not in worst or _grid_rank(finding) > _grid_rank(worst[finding["op"]]):
                worst[finding["op"]] = finding
        for op, finding in worst.items():
            grid.setdefault(op, {})[implementation] = _worst_record(finding)
    return grid


def _grid_rank(finding: Mapping[str, Any]) -> tuple[bool, Any]:
    """What was judged comes before what could not be: a framework without float64 is not absent in float32."""
    return finding["status"] not in ("absent", "not-applicable"), badness(finding)


def _worst_record(finding: Mapping[str, Any]) -> dict[str, Any]:
    short: dict[str, Any] = {"status": finding["status"], "ratio": finding["ratio"]}
    if finding["status"] == "agree":
        return short
    keys = ("quantity", "case", "reason", "message", "worst", "native")
    return {**short, **{key: finding.get(key) for key in keys}}


def _reproducers(cells: Sequence[Cell]) -> dict[str, dict[str, Any]]:
    """ "operation implementation" to the script of its worst failure, from the newest of the cells that have one."""
    found: dict[str, dict[str, Any]] = {}
    for cell in cells:
        for (op, implementation), detail in cell.findings.details.items():
            if detail["status"] in FAILURES and detail.get("reproducer"):
                keys = ("case", "quantity", "status", "reproducer", "explanation", "pattern", "cite")
                found[f"{op} {implementation}"] = {"cell": cell.name, **{key: detail.get(key) for key in keys}}
    return found


def load(path: Path) -> dict[str, Any]:
    """A merged record that was written earlier. ValueError where it is none, or of another version."""
    try:
        merged = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ValueError(f"{path} is not a merged matrix; `gradproof matrix` writes matrix.json") from None
    if not isinstance(merged, dict) or merged.get("format") != FORMAT:
        raise ValueError(f"{path} is not a merged matrix; `gradproof matrix` writes matrix.json")
    if merged.get("version") != VERSION:
        raise ValueError(
            f"{path} is a merged matrix of version {merged.get('version')!r}; this gradproof reads version {VERSION}"
        )
    return merged
