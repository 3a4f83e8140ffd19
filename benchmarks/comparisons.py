"""What an audit compared and found, and whether every error that it reports is one: the figure "no false alarm".

The findings of an audit (--findings, or an audit run for this) are counted: entries compared by implementation and
dtype, statuses, and each (operation, implementation, quantity, dtype) that is wrong or inaccurate.

Then the worst entry of every wrong or inaccurate finding is computed again by a path that shares nothing with the
judge's truth but the forward's formula and Arb: no jets, no tape, no backward, no rounded numbers. The case is rebuilt
from its id and the forward runs on balls.

- an output: its value, at 300 bits.
- a gradient entry: difference quotients of <dy, y> at 2000 bits with the step h = 2^-400, to the right and to the left,
  R and L. The truth is between them, also at a kink, where they are the one-sided derivatives. Each is off by h f''/2
  and higher terms; that is bounded by twice its change when h is halved, and added to the interval's ends together with
  the radius of the ball (relative errors of about 1e-100 are usual).

A findings file must come from this version of gradproof: a case is rebuilt by today's code.

A finding is confirmed where the recorded true value is this one to within the float64 that it is recorded in, and where
the recorded result is off from it by as much as was recorded, which is more than its allowance.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, ctx

from gradproof.cases import Case, build, parse
from gradproof.exact_arrays import exact, exact_run, flat
from gradproof.jets import Ball
from gradproof.reference import operations
from gradproof.reports.findings import COMPARED, Findings, ratio_of, read

from .audit_cost import audit

VALUE_BITS, QUOTIENT_BITS, STEP_BITS = 300, 2000, 400
FAILURES = ("wrong", "inaccurate")


def main(findings: Path | None = None, cases: int | None = None) -> dict[str, Any]:
    """Print counts, the failures and which of them an independent computation confirms; returns the figures."""
    found = _findings(findings, cases)
    counts = _counts(found)
    failures = [f for f in found.findings if f["status"] in FAILURES]
    rows = list(_by_cell(failures))
    for row in rows:
        print(
            f"{row['status']:10} {row['op']} {row['implementation']} {row['quantity']} {row['dtype']}: "
            f"{row['findings']} findings; the worst: true {row['true']}, got {row['got']}, "
            f"{row['ratio']} times the allowance, {row['case']}"
        )
    confirmed, denied = _verified(failures)
    print(
        f"worst entries computed again: {confirmed + len(denied)}; confirmed {confirmed}, not confirmed {len(denied)}"
    )
    for line in denied:
        print(f"    NOT CONFIRMED {line}")
    close = sum((ratio_of(f) or math.inf) < 2 for f in failures)
    print(f"within twice the allowance: {close} of {len(failures)} wrong or inaccurate findings")
    without = [f for f in failures if not f.get("worst")]
    for f in without:
        print(f"    nothing to compute, its frame is wrong: {f['implementation']} {f['message']} [{f['case']}]")
    figures: dict[str, Any] = {
        "within_twice": close,
        "failures": rows,
        "confirmed": confirmed,
        "not_confirmed": denied,
        "without_an_entry": len(without),
    }
    return {**counts, **figures}


def _findings(path: Path | None, cases: int | None) -> Findings:
    if path is not None:
        return read(path / "findings.jsonl" if path.is_dir() else path)
    with tempfile.TemporaryDirectory() as folder:
        return audit(Path(folder), cases)[1]


def _counts(found: Findings) -> dict[str, Any]:
    entries: dict[str, dict[str, int]] = {}
    statuses: dict[str, dict[str, int]] = {}
    for f in found.findings:
        by_status = statuses.setdefault(f["implementation"], {})
        by_status[f["status"]] = by_status.get(f["status"], 0) + 1
        if f["status"] in COMPARED and f.get("worst"):
            by_dtype = entries.setdefault(f["implementation"], {"float32": 0, "float64": 0})
            by_dtype[f["dtype"]] += f["entries"]
    print(f"cases: {len(found.cases)}; entries compared with a truth, by implementation and dtype:")
    for implementation, by_dtype in entries.items():
        said = ", ".join(f"{n} {s}" for s, n in sorted(statuses[implementation].items()))
        print(
            f"  {implementation:12} float32 {by_dtype['float32']:8}, float64 {by_dtype['float64']:8}; findings: {said}"
        )
    total = sum(sum(by_dtype.values()) for by_dtype in entries.values())
    print(f"  {'all':12} {total} entries")
    return {"cases": len(found.cases), "entries": entries, "total": total, "statuses": statuses}


def _by_cell(failures: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The worst failure of each operation, implementation, quantity, dtype and status."""
    cells: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for f in failures:
        cells.setdefault((f["status"], f["op"], f["implementation"], f["quantity"], f["dtype"]), []).append(f)
    for (status, op, implementation, quantity, dtype), group in sorted(cells.items()):
        worst = max(group, key=lambda f: math.inf if ratio_of(f) is None else ratio_of(f) or 0.0)
        entry = worst.get("worst") or {}
        ratio = ratio_of(worst)
        yield {
            "status": status,
            "op": op,
            "implementation": implementation,
            "quantity": quantity,
            "dtype": dtype,
            "findings": len(group),
            "true": entry.get("true", "-"),
            "got": entry.get("got", "-"),
            "ratio": "-" if ratio is None else "infinitely many" if math.isinf(ratio) else f"{ratio:.3g}",
            "reason": worst["reason"],
            "case": worst["case"],
        }


# -- the same entries, computed again ---------------------------------------------------------------------------------


def _verified(failures: Sequence[dict[str, Any]]) -> tuple[int, list[str]]:
    """How many worst entries are confirmed, and a line for each that is not."""
    confirmed, denied = 0, []
    for f in failures:
        if not f.get("worst"):
            continue
        low, high = _interval(f["case"], f["quantity"], tuple(f["worst"]["index"]), f["worst"]["cotangent"])
        objection = _objection(f, low, high)
        confirmed += not objection
        if objection:
            denied.append(f"{f['implementation']} {f['quantity']}{f['worst']['index']} [{f['case']}]: {objection}")
    return confirmed, denied


def _objection(finding: dict[str, Any], low: arb, high: arb) -> str:
    """Why the recorded finding does not follow from the recomputed interval; "" where it does."""
    w, ratio = finding["worst"], ratio_of(finding)
    with ctx.workprec(QUOTIENT_BITS):
        if not (low.is_finite() and high.is_finite()):
            return f"computed again, the truth is not a number: {low.str(10)} to {high.str(10)}"
        recorded, middle = arb(float(w["true"])), (low + high) / 2
        width = high - low
        slack = abs(middle) * arb(2) ** -52 + width + arb(2) ** -1074
        if not abs(recorded - middle) < slack:
            return f"the true value is recorded as {w['true']}, computed again it is {middle.str(20)}"
        got = float(np.dtype(finding["dtype"]).type(w["got"]))
        if not math.isfinite(got):
            return ""
        error = max(float(low - arb(got)), float(arb(got) - high), 0.0)
    if abs(error - float(w["error"])) > 0.006 * float(w["error"]) or error == 0:  # recorded with three digits
        return f"the error is recorded as {w['error']}, computed again it is {error:.6g}"
    if ratio is None or not ratio > 1:
        return f"the error is {ratio} of the allowance, which is no failure"
    return ""


@cache
def _interval(case_id: str, quantity: str, index: tuple[int, ...], cotangent: int) -> tuple[arb, arb]:
    """The true value of one entry of an output or of a gradient, between two numbers."""
    case = _case(case_id)
    outputs = _operation(case).outputs or (_operation(case).output,)
    if quantity in outputs:
        with ctx.workprec(VALUE_BITS):
            value = np.asarray(_forward(case, {}, VALUE_BITS)[outputs.index(quantity)])[index]
            return value.lower(), value.upper()
    with ctx.workprec(QUOTIENT_BITS):
        ends: list[arb] = []
        for h in (arb(2) ** -STEP_BITS, -(arb(2) ** -STEP_BITS)):
            quotient, half = (_quotient(case_id, quantity[1:], index, cotangent, step) for step in (h, h / 2))
            bound = 2 * abs(quotient - half)
            ends += [(quotient - bound).lower(), (quotient + bound).upper()]
        return min(ends), max(ends)


@cache
def _case(case_id: str) -> Case:
    known = operations()
    return build(parse(case_id, known), known[case_id.partition(":")[0]])


def _operation(case: Case) -> Any:
    return operations()[case.spec.op]


def _quotient(case_id: str, name: str, index: tuple[int, ...], cotangent: int, h: arb) -> arb:
    """(<dy, y(x + h e)> - <dy, y(x)>) / h, where e is the unit vector of one entry."""
    return (_inner(_case(case_id), {name: (index, h)}, cotangent) - _unmoved(case_id, cotangent)) / h


@cache
def _unmoved(case_id: str, cotangent: int) -> arb:
    return _inner(_case(case_id), {}, cotangent)


def _inner(case: Case, moved: dict[str, Any], cotangent: int) -> arb:
    """<dy, y>, over every output that has a cotangent."""
    op = _operation(case)
    outputs = _forward(case, moved, QUOTIENT_BITS)
    y = [entry for output in outputs for entry in output.ravel()]
    dy = case.cotangents[cotangent].ravel().tolist()
    without = sum(np.size(output) for output in outputs[len(outputs) - len(op.buffers) :])
    counted = len(y) - without
    return sum((arb(a) * b for a, b in zip(dy[:counted], y[:counted], strict=True)), arb(0))


def _forward(case: Case, moved: dict[str, tuple[tuple[int, ...], arb]], bits: int) -> list[np.ndarray]:
    """The outputs of the reference's forward on balls, as object arrays of arb, with single entries moved by a step."""
    arguments: list[Any] = []
    for name, x in case.inputs.items():
        if x.dtype.kind == "f":
            values = np.array([arb(v) for v in x.ravel().tolist()] + [None], dtype=object)[:-1].reshape(x.shape)
            if name in moved:
                index, h = moved[name]
                values[index] = values[index] + h
            arguments.append(exact([Ball(v) for v in values.ravel()], x.shape))
        else:
            arguments.append(x)
    with exact_run(Ball, bits):
        outputs = _operation(case).forward(*arguments, **case.options)[:-1]
        return [np.array([n.v for n in flat(y)] + [None], dtype=object)[:-1].reshape(np.shape(y)) for y in outputs]
