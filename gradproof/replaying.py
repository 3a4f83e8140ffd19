"""`gradproof replay ID`: one case again, from its id alone, before the implementations that are here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from . import recording
from .audit import frameworks_asked
from .cases import parse
from .frameworks.known import read as read_known
from .judging import judge_case
from .panel import Panel

if TYPE_CHECKING:
    from reference._op import Op


def replay(text: str, operations: Mapping[str, Op], panel: Panel, asked: Sequence[str], form: str, out: TextIO) -> int:
    """Judge a case and print every finding; exit code as an audit's. ValueError where the id is none."""
    spec = parse(text, operations)
    op = operations[spec.op]
    with panel:
        frameworks_asked(panel, asked)
        judged = judge_case(spec, op, panel, read_known())
    if form == "json":
        findings = [recording.finding_record(f) for f in judged.findings]
        record = {"case": recording.case_record(judged), "findings": findings}
        out.write(json.dumps(record, indent=2) + "\n")
    else:
        out.write(_text(judged, op))
    return _exit_code(judged)


def _exit_code(judged: Any) -> int:
    if any(f.failed for f in judged.findings):
        return 1
    if any(f.status == "broken" for f in judged.findings):
        return 3
    return 0 if judged.entries else 5


def _text(judged: Any, op: Op) -> str:
    proof = judged.proof
    lines = [judged.case.id, f"  {op.summary}"]
    lines += [f"  {name}: {x.dtype.name} {x.shape}" for name, x in judged.case.inputs.items()]
    how = f"{proof.status}, radius {proof.radius:.1e} at {proof.precision} bits, {proof.ties} ties. {proof.message}"
    lines.append(f"  proof: {proof.message if proof.status == 'not-asked' else how}".rstrip(". "))
    for f in judged.findings:
        ratio = "" if f.ratio is None else f"{f.ratio:.3g} of the allowance"
        lines.append(f"  {f.implementation:12} {f.quantity:14} {f.status:16} {ratio}".rstrip())
        if f.failed or f.status == "broken":
            lines.append(f"      {recording.explanation(f)}")
    worst = max((f for f in judged.findings if f.failed and f.worst), key=lambda f: f.ratio or 0.0, default=None)
    if worst is not None:
        lines += ["", recording.reproducer(worst, judged.case, op, "")]
    return "\n".join(lines) + "\n"
