"""`gradproof list`: the operations of the catalogue, with inputs, options, regimes and source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from .recording import operation_record

if TYPE_CHECKING:
    from reference._op import Op


def show(operations: Mapping[str, Op], full: bool, form: str, out: TextIO) -> int:
    """Print the operations; `full` with everything that is declared of each."""
    if form == "json":
        out.write(json.dumps({name: operation_record(op) for name, op in operations.items()}, indent=2) + "\n")
        return 0
    width = max(map(len, operations), default=0)
    for name, op in operations.items():
        out.write(_full(op) if full else f"{name:{width}}  {op.summary}\n")
    if not full:
        out.write(f"{len(operations)} operations; `gradproof list NAME` shows one in full\n")
    return 0


def _full(op: Op) -> str:
    record = operation_record(op)
    lines = [op.name, f"  {op.summary}"]
    lines += [f"  input    {i['name']}: {i['kind']}, axes {i['shape'] or 'none (a scalar)'}" for i in record["inputs"]]
    lines += [f"  option   {n}: {', '.join(map(str, vs))}" for n, vs in record["options"].items()]
    lines += [f"  regimes  {', '.join(record['regimes'])}"]
    lines += [f"  excluded {regime}: {why}" for regime, why in op.excluded.items()]
    return "\n".join([*lines, f"  source   {op.cite}", ""]) + "\n"
