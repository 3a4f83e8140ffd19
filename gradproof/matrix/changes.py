"""What changed between two cells: a verdict, or a value by more than honest rounding; and, only counted, bits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..reports.findings import badness, rank
from .neighbours import Pair, also_different
from .reading import Cell

RIGHT = ("agree", "kink-convention", "known-difference")
KINDS = ("worse", "better", "moved", "appeared", "vanished", "convention", "declared")
"""In the order in which they are told. moved: not right in both, at another value; appeared, vanished: one of the two
has no such function; convention: right in both, at another value of a kink's interval; declared: a known difference
that begins or ends, told once for all that it touches."""
Finding = Mapping[str, Any]


@dataclass
class Change:
    """One verdict that changed, over all its cases; before and after are findings of the case that shows it best."""

    kind: str
    pair: Pair
    before: Finding
    after: Finding
    cases: list[str] = field(default_factory=list)
    others: list[Pair] = field(default_factory=list)
    operations: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[Any, ...]:
        a, b = self.before, self.after
        if self.kind == "declared":
            return self.pair.steps, self.kind, a["implementation"], a["reason"], b["reason"]
        return self.pair.steps, self.kind, a["op"], a["implementation"], a["quantity"], a["status"], b["status"]

    @property
    def weight(self) -> tuple[Any, ...]:
        """For sorting, the worst first."""
        worse = max(badness(self.before), badness(self.after))
        return KINDS.index(self.kind), -worse[0], -worse[1], -len(self.cases)


@dataclass
class Bits:
    """Results of a pair that are right in both, and how many of them are not the same bits."""

    pair: Pair
    quantities: int = 0
    changed: int = 0
    entries: int = 0
    operations: set[str] = field(default_factory=set)
    also: list[str] = field(default_factory=list)


def compare(pairs: Sequence[Pair]) -> tuple[list[Change], list[Bits]]:
    """Every change of every pair, the same one between the same versions told once; the worst first."""
    changes: dict[tuple[Any, ...], Change] = {}
    counted = []
    for pair in pairs:
        bits = Bits(pair, also=also_different(pair))
        for change in _changes(pair, bits):
            known = changes.setdefault(change.key, change)
            known.operations.add(change.before["op"])
            known.cases += [case for case in change.cases if case not in known.cases]
            if pair != known.pair and pair not in known.others:
                known.others.append(pair)
            if change.weight < known.weight and pair == known.pair:
                known.before, known.after = change.before, change.after
        counted.append(bits)
    return sorted(changes.values(), key=lambda change: change.weight), counted


def _changes(pair: Pair, bits: Bits) -> Iterator[Change]:
    name = pair.implementation
    old, new = pair.before.worst(name), pair.after.worst(name)
    for key, a in old.items():
        b = new.get(key)
        if b is None:
            continue
        kind = _kind(pair, a, b)
        if kind is None:
            _count(pair, a, b, bits)
        elif kind:
            yield Change(kind, pair, a, b, [a["case"]])


def _kind(pair: Pair, a: Finding, b: Finding) -> str | None:
    """What sort of change this is; None where both are right, "" where there is nothing to tell."""
    if a["status"] == b["status"]:
        if a["status"] == "kink-convention" and a["message"] != b["message"]:
            return "convention"
        if a["status"] in RIGHT:
            return None
        if a["status"] in ("wrong", "inaccurate") and (a["reason"] != b["reason"] or _moved(pair, a, b)):
            return "moved"
        return ""
    if "absent" in (a["status"], b["status"]):
        return "appeared" if a["status"] == "absent" else "vanished"
    if a["status"] in RIGHT and b["status"] in RIGHT:
        return "declared" if "known-difference" in (a["status"], b["status"]) else "convention"
    return "worse" if rank(b["status"]) < rank(a["status"]) else "better"


def _moved(pair: Pair, a: Finding, b: Finding) -> bool:
    """Whether the worst entry of either has another value in the other, by more than the allowance there."""
    for finding in (a, b):
        entry = entry_of(pair, a, b, finding)
        values = [_number(entry[side]) for side in ("before", "after")]
        if None in values or entry["allowance"] is None:
            continue
        first, second = values
        apart = abs(float(first) - float(second))  # type: ignore[arg-type]
        if (math.isnan(apart) and str(first) != str(second)) or apart > float(entry["allowance"]):
            return True
    return False


def entry_of(pair: Pair, a: Finding, b: Finding, worse: Finding) -> dict[str, Any]:
    """The worst entry of one finding: where, the true value, the allowance there, and the value in both cells."""
    worst = worse.get("worst")
    if not worst:
        return {"index": None, "cotangent": None, "true": None, "allowance": None, "before": None, "after": None}
    index, cotangent = tuple(worst["index"]), worst.get("cotangent")
    both = {}
    for side, cell, finding in (("before", pair.before, a), ("after", pair.after, b)):
        own = finding.get("worst")
        here = own and own["index"] == worst["index"] and own.get("cotangent") == cotangent
        kept = None if here else cell.kept.at((a["case"], a["implementation"], a["quantity"]), cotangent, index)
        both[side] = own["got"] if own and here else None if kept is None else str(kept)
    return {
        "index": list(index), "cotangent": cotangent, "true": worst["true"], "allowance": worst["allowance"], **both
    }  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _count(pair: Pair, a: Finding, b: Finding, bits: Bits) -> None:
    key = (a["case"], a["implementation"], a["quantity"])
    old, new = pair.before.kept.arrays.get(key), pair.after.kept.arrays.get(key)
    if old is None or new is None or len(old) != len(new):
        return
    bits.quantities += 1
    other = sum(_other_bits(x, y) for x, y in zip(old, new, strict=True))
    if other:
        bits.changed += 1
        bits.entries += other
        bits.operations.add(a["op"])


def _other_bits(x: np.ndarray, y: np.ndarray) -> int:
    """Entries that are not the same bits; all of them where dtype or shape differ."""
    if x.dtype != y.dtype or x.shape != y.shape:
        return max(x.size, y.size)
    raw = [np.frombuffer(a.tobytes(), np.uint8).reshape(-1, max(a.itemsize, 1)) for a in (x, y)]
    return int((raw[0] != raw[1]).any(axis=1).sum())


# -- as records -----------------------------------------------------------------------------------------------------


def change_record(change: Change) -> dict[str, Any]:
    """A change as plain values: what a report needs to tell it."""
    a, b, pair = change.before, change.after, change.pair
    worse = max((a, b), key=badness)
    detail = (pair.before if worse is a else pair.after).findings.details.get((a["op"], a["implementation"]))
    shown = detail if detail and (detail["case"], detail["quantity"]) == (worse["case"], worse["quantity"]) else None
    return {
        "kind": change.kind,
        "op": a["op"],
        "implementation": a["implementation"],
        "quantity": a["quantity"],
        "steps": [vars(step) for step in pair.steps],
        "cells": [pair.before.name, pair.after.name],
        "also_in": [[p.before.name, p.after.name] for p in change.others],
        "also_different": also_different(pair),
        "case": worse["case"],
        "cases": len(change.cases),
        "operations": sorted(change.operations),
        "before": _side(a),
        "after": _side(b),
        "entry": entry_of(pair, a, b, worse),
        "right": who_is_right(change),
        "detail": shown,
    }


def _side(finding: Finding) -> dict[str, Any]:
    return {key: finding.get(key) for key in ("status", "reason", "ratio", "ulp", "message")}


def who_is_right(change: Change) -> str:
    """One sentence: which of the two versions is right."""
    names = [_called(change.pair, cell) for cell in (change.pair.before, change.pair.after)]
    right = [finding["status"] in RIGHT for finding in (change.before, change.after)]
    if change.kind in ("appeared", "vanished"):
        lacking, other = (names[0], 1) if change.kind == "appeared" else (names[1], 0)
        status = (change.before, change.after)[other]["status"]
        return f"{names[other]} has it ({status}); {lacking} has no such function."
    if change.kind == "convention":
        return "Both are right: they chose another value where any of an interval is right."
    if change.kind == "declared":
        known, other = (0, 1) if change.before["status"] == "known-difference" else (1, 0)
        told = (change.before, change.after)[known]["reason"]
        return f"{names[known]} differs as declared ({told}); {names[other]} does not."
    if all(right):
        return "Both are right."
    if not any(right):
        undecided = "undecided" in (change.before["status"], change.after["status"])
        return "Who is right is undecided." if undecided else "Neither is right."
    return f"{names[0] if right[0] else names[1]} is right, {names[1] if right[0] else names[0]} is not."


def _called(pair: Pair, cell: Cell) -> str:
    """An implementation with the versions that tell the two cells apart."""
    own = [f"{step.title} {step.before if cell is pair.before else step.after}" for step in pair.steps]
    if len(own) == 1 and pair.steps[0].title.lower() == pair.implementation:
        return own[0]
    return f"{pair.implementation} with {' and '.join(own)}" if own else f"{pair.implementation} in {cell.name}"


def bits_record(bits: Bits) -> dict[str, Any]:
    """The counts of a pair as plain values."""
    return {
        "implementation": bits.pair.implementation,
        "cells": [bits.pair.before.name, bits.pair.after.name],
        "steps": [vars(step) for step in bits.pair.steps],
        "quantities": bits.quantities,
        "changed": bits.changed,
        "entries": bits.entries,
        "operations": sorted(bits.operations),
        "also_different": bits.also,
    }
