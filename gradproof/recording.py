"""From the judge's records to the lines of a findings file, whose schema `reports` holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .cases import Case, regimes
from .judging import Judged
from .packing import split
from .pattern import describe
from .reproducer import script
from .verdict import Finding

if TYPE_CHECKING:
    from reference._op import Op


def operation_record(op: Op) -> dict[str, Any]:
    """What the header says of an operation."""
    options = op.defaults()
    inputs = [{"name": i.name, "shape": i.shape, "kind": i.kind} for i in op.inputs_for(options)]
    values = {
        name: [v if isinstance(v, (str, int, float, bool)) else str(v) for v in vs] for name, vs in op.options.items()
    }
    return {
        "summary": op.summary,
        "cite": op.cite,
        "options": values,
        "regimes": regimes(op, options),
        "inputs": inputs,
    }


def case_record(judged: Judged) -> dict[str, Any]:
    """The case line: what was drawn, and the proof of the reference's backward on it."""
    spec, proof = judged.case.spec, judged.proof
    radius = proof.radius if math.isfinite(proof.radius) else None
    return {
        "record": "case",
        "case": spec.id,
        "op": spec.op,
        "dtype": spec.dtype,
        "regime": spec.regime,
        "layout": spec.layout,
        "sizes": {n: list(s) if isinstance(s, tuple) else s for n, s in spec.sizes},
        "options": dict(spec.options),
        "cotangents": len(judged.case.cotangents),
        "proof": {
            "status": proof.status,
            "radius": radius,
            "precision": proof.precision,
            "ties": proof.ties,
            "message": proof.message,
        },
        "vacuous": list(judged.vacuous),
        "seconds": round(judged.seconds, 6),
    }


def _ratio(value: float | None) -> Any:
    return None if value is None else "inf" if math.isinf(value) else value


def finding_record(finding: Finding) -> dict[str, Any]:
    """One finding's line."""
    worst = finding.worst
    return {
        "record": "finding",
        "case": finding.case,
        "op": finding.op,
        "dtype": finding.dtype,
        "regime": finding.regime,
        "implementation": finding.implementation,
        "quantity": finding.quantity,
        "status": finding.status,
        "reason": finding.reason,
        "entries": finding.entries,
        "ratio": _ratio(finding.ratio),
        "ulp": finding.ulp,
        "worst": None if worst is None else {**vars(worst), "index": list(worst.index)},
        "truth": finding.truth,
        "native": finding.native,
        "message": finding.message,
    }


def detail_record(finding: Finding, case: Case, op: Op, proof_message: str, version: str) -> dict[str, Any]:
    """Pictures, explanation and reproducer of one finding."""
    true, got, ratio = finding.pictures or (np.empty(0), np.empty(0), np.empty(0))
    return {
        "record": "detail",
        "case": finding.case,
        "op": finding.op,
        "implementation": finding.implementation,
        "quantity": finding.quantity,
        "status": finding.status,
        "true": _nested(true),
        "got": _nested(got),
        "ratio": _nested(ratio),
        "shape": list(true.shape),
        "reproducer": reproducer(finding, case, op, version),
        "explanation": explanation(finding),
        "pattern": pattern_of(finding, case),
        "cite": op.cite,
    }


def pattern_of(finding: Finding, case: Case) -> str:
    """The pattern of a failed finding's picture, or nothing."""
    if not finding.failed or not finding.pictures:
        return ""
    true, got, ratio = finding.pictures
    with np.errstate(all="ignore"):
        allowance = np.where(ratio > 0, np.abs(got.astype(np.float64) - true) / ratio, 0.0)
    sizes = {n: s for n, s in case.spec.sizes if isinstance(s, int)}
    return describe(true, got, np.nan_to_num(allowance), sizes)


def explanation(finding: Finding) -> str:
    """The finding in sentences."""
    parts = [finding.message] if finding.message else []
    if finding.worst is not None and finding.ratio is not None:
        w = finding.worst
        times = "an exact truth was missed" if math.isinf(finding.ratio) else f"{finding.ratio:.3g} times the allowance"
        at = f"{finding.quantity}{list(w.index)}" if w.index else finding.quantity
        parts.append(
            f"At {at} the true value is {w.true}, got {w.got}: error {w.error}, allowance {w.allowance}, {times}."
        )
    if not finding.native:
        parts.append("The framework has no such function of its own; this one is composed of its parts.")
    return " ".join(p if p.endswith(".") else p + "." for p in parts)


def reproducer(finding: Finding, case: Case, op: Op, version: str) -> str:
    """The NumPy-only script of a finding on a catalogue operation."""
    w = finding.worst
    lines: Mapping[str, str] = {}
    if w is not None:
        lines = {"true value": w.true, f"{finding.implementation} {version}".strip(): w.got, "allowance": w.allowance}
    return script(
        f"{op.name}: {finding.quantity} of {finding.implementation} {version}, {finding.status}; case {finding.case}",
        (op.forward, op.backward),
        {n: np.ascontiguousarray(x).reshape(x.shape) for n, x in case.inputs.items()},
        op.differentiable(case.options),
        case.options,
        cotangents_by_output(op, case, w.cotangent if w is not None else 0),
        finding.quantity,
        op.outputs or (op.output,),
        w.index if w is not None else (),
        lines,
    )


def cotangents_by_output(op: Op, case: Case, k: int) -> dict[str, np.ndarray]:
    """The k-th cotangent by name of its output; buffers have none."""
    if not op.outputs:
        return {op.output: case.cotangents[k]}
    parts = split(case.cotangents[k], [shape for _, shape in case.parts])
    return {name: dy for name, dy in zip(op.outputs, parts, strict=True) if name not in op.buffers}


def _nested(x: np.ndarray) -> Any:
    """Nested lists of floats; what JSON has no number for as text."""
    if x.ndim:
        return [_nested(part) for part in x]
    value = float(x)
    return value if math.isfinite(value) else "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
