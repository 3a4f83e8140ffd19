"""The report of a comparison of two models, as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gradproof.verdict import Finding

from .comparing import Comparison
from .mapping import Pairs
from .outcome import SIDES, Gap, Outcome, own_name
from .sides import Opening, Task

FORMAT, VERSION = "gradproof-comparison", 1


@dataclass(frozen=True)
class About:
    """What was compared: the sides and what they are, the map, the task, the input and who said its shape."""

    sides: Sequence[Any]
    openings: Sequence[Opening]
    pairs: Pairs
    task: Task
    shape: tuple[int, ...]
    tokens: int
    source: str

    def named(self, side: str, quantity: str) -> str:
        """A layer or parameter with the framework's own name of it."""
        own = own_name(self.openings[SIDES.index(side)].layers, quantity)
        return quantity if own in (quantity, quantity.rpartition(".")[0]) else f"{quantity} ({own})"


# -- text ----------------------------------------------------------------------------------------------------------


def as_text(about: About, outcome: Outcome) -> str:
    """The verdict first, then both models, then what was found."""
    lines = [_headline(about, outcome), ""]
    for name, side, opening in zip(SIDES, about.sides, about.openings, strict=True):
        lines.append(f"{name}  {side.reference} ({side.framework}): {_layers(opening)}")
        lines += [f"   {note}" for note in opening.notes]
    lines += [_weights(about), _batch(about), ""]
    lines += _judged(about, outcome) if outcome.truth == "exact" else _apart(about, outcome)
    return "\n".join(lines) + "\n"


def _headline(about: About, outcome: Outcome) -> str:
    if outcome.truth == "exact":
        failed = {s: c for s, by, c in reversed(outcome.judged) if s == by and c.first is not None}
        said = [f"{s} is {c.status} ({c.dtype}): {_first(about, s, c)}" for s, c in sorted(failed.items())]
        said += [f"{s} agrees with the truth" for s in SIDES if said and s not in failed]
        if outcome.differences:
            said.insert(0, f"A and B are not the same network: {outcome.differences[0]}")
            said += [] if failed else ["Each agrees with the truth of what it is"]
        if not said and not outcome.compared:
            return "Whether A and B agree is undecided: a branch is decided by rounding, or the truth is not defined."
        return ". ".join(said) + "." if said else f"A and B agree with the truth: {_whole(about, outcome)}."
    gaps = list(outcome.first_gaps())
    if outcome.differences:
        return f"A and B are not the same network: {outcome.differences[0]}."
    if not gaps:
        return f"A and B agree up to rounding, without a truth: {_whole(about, outcome)}."
    return ". ".join(f"{gap.between} differ: {gap}" for gap in gaps) + "."


def _whole(about: About, outcome: Outcome) -> str:
    """What was compared; as many steps as were judged."""
    steps = min((c.steps for _, _, c in outcome.judged), default=about.task.steps)
    if not steps:
        return "layers, loss and gradients"
    asked = "" if steps == about.task.steps else f" of {about.task.steps}"
    return f"layers, loss, gradients and {steps}{asked} step{'s' if about.task.steps > 1 else ''}"


def _first(about: About, side: str, comparison: Comparison) -> str:
    first = comparison.first
    own = own_name(about.openings[SIDES.index(side)].layers, first.layer) if first else ""
    named = f", which is {own} there" if first and own != first.layer else ""
    return f"{first}{named}"


def _layers(opening: Opening) -> str:
    names = [layer.name if layer.own == layer.name else f"{layer.name} ({layer.own})" for layer in opening.layers]
    if opening.network is None:
        return f"{opening.why}; called are {', '.join(names)}"
    return ", ".join(names)


def _weights(about: About) -> str:
    pairs = ", ".join(f"{a.own} -> {b.own}" for a, b in about.pairs)
    return f"A's weights in both: {pairs}" if pairs else "neither has weights"


def _batch(about: About) -> str:
    task = about.task
    kind = f"tokens below {about.tokens}" if about.tokens else "normal numbers"
    steps = (
        f"{task.steps} steps of {task.optimiser.kind} at {task.optimiser.options['rate']:g}"
        if task.steps
        else "no step"
    )
    return f"{len(task.x)} examples of {about.shape}, {kind}; {task.loss}; {steps}"


def _judged(about: About, outcome: Outcome) -> Iterator[str]:
    for difference in outcome.differences:
        yield f"not the same network: {difference}"
    if outcome.judged:
        proof = outcome.judged[0][2].proof
        yield f"truth: the network on exact numbers; its backward is {proof.status} (radius {proof.radius:.0e})"
    for side, by, comparison in outcome.judged:
        if side != by:
            yield from _apart_from(about, side, by, comparison)
            continue
        counted = Counter(f.status for f in comparison.findings)
        entries = sum(f.entries for f in comparison.findings)
        worst = max((f.ratio for f in comparison.findings if f.ratio is not None), default=0.0)
        statuses = ", ".join(f"{n} {status}" for status, n in counted.most_common())
        yield f"{side} in {comparison.dtype}: {statuses} ({entries} entries, at worst {worst:.2g} of the allowance)"
        first = comparison.first
        if first is not None:
            yield f"  {_first(about, side, comparison)}"
            yield f"  {_worst(first.finding)}"
        yield from (f"  {note}" for note in comparison.notes)


def _apart_from(about: About, side: str, by: str, comparison: Comparison) -> Iterator[str]:
    """What the difference of two descriptions comes to: one side against what the other is."""
    first = comparison.first
    if first is not None:
        yield f"{side} by the truth of what {by} is, in {comparison.dtype}: {_first(about, side, comparison)}"
        yield f"  {_worst(first.finding)}"


def _worst(finding: Finding) -> str:
    w = finding.worst
    if w is None:
        return finding.message
    place = f"{finding.quantity}{list(w.index)}" if w.index else finding.quantity
    return f"{place}: true {w.true}, got {w.got}, error {w.error}, allowance {w.allowance} ({finding.ratio:.3g} times)"


def _apart(about: About, outcome: Outcome) -> Iterator[str]:
    for difference in outcome.differences:
        yield f"not the same network: {difference}"
    yield f"no truth: {outcome.why}"
    firsts = {gap.between: gap for gap in outcome.first_gaps()}
    for between in dict.fromkeys(gap.between for gap in outcome.gaps):
        gaps = [gap for gap in outcome.gaps if gap.between == between]
        differing = sum(gap.differ for gap in gaps)
        yield f"{between}: {len(gaps) - differing} of {len(gaps)} quantities agree up to rounding"
        if between in firsts:
            yield f"  {firsts[between]}"
            yield f"  {_gap(firsts[between])}"


def _gap(gap: Gap) -> str:
    at = gap.apart
    place = f"{gap.quantity}{list(at.entry)}" if at.entry else gap.quantity
    left, _, right = gap.between.partition(" and ")
    return (
        f"{place}: {at.a!r} in {left}, {at.b!r} in {right}, apart by {at.difference:.3g} in float64, "
        f"where float32 changes {at.rounding:.3g}"
    )


# -- JSON ----------------------------------------------------------------------------------------------------------


def as_json(about: About, outcome: Outcome, code: int) -> str:
    """One JSON object; `first` says where a side diverges first, `findings` holds every quantity."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "models": {name: _model(s, o) for name, s, o in zip(SIDES, about.sides, about.openings, strict=True)},
        "map": [{"a": a.own, "b": b.own, "kind": a.kind} for a, b in about.pairs],
        "input": {"shape": list(about.shape), "tokens": about.tokens, "batch": len(about.task.x), "from": about.source},
        "task": {
            "loss": about.task.loss,
            "steps": about.task.steps,
            "optimiser": {"kind": about.task.optimiser.kind, **about.task.optimiser.options},
        },
        "truth": outcome.truth,
        "why": outcome.why,
        "verdict": _headline(about, outcome),
        "differences": outcome.differences,
        "judged": [_comparison(about, side, by, comparison) for side, by, comparison in outcome.judged],
        "apart": [_gap_record(gap) for gap in outcome.gaps],
        "first_apart": [_gap_record(gap) for gap in outcome.first_gaps()],
        "exit": code,
    }
    return json.dumps(record, indent=2) + "\n"


def _model(side: Any, opening: Opening) -> dict[str, Any]:
    layers = [{"name": x.name, "own": x.own, "kind": x.kind, "options": dict(x.options)} for x in opening.layers]
    described = opening.network is not None
    return {
        "reference": side.reference, "framework": side.framework, "described": described, "why": opening.why,
        "layers": layers, "notes": list(opening.notes),
    }  # fmt: skip


def _comparison(about: About, side: str, by: str, comparison: Comparison) -> dict[str, Any]:
    first = comparison.first
    return {
        "model": side,
        "as": by,
        "dtype": comparison.dtype,
        "status": comparison.status,
        "proof": comparison.proof.status,
        "first": None if first is None else {
            "where": first.where, "layer": first.layer, "step": first.step,
            "own": own_name(about.openings[SIDES.index(side)].layers, first.layer),
            **_finding(first.finding),
        },
        "findings": [{"where": where, "step": step, **_finding(f)} for where, step, f in comparison.found],
        "notes": list(comparison.notes),
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, Any]:
    worst = None if finding.worst is None else {**vars(finding.worst), "index": list(finding.worst.index)}
    ratio = finding.ratio if finding.ratio is None or finding.ratio < float("inf") else "inf"
    return {
        "quantity": finding.quantity, "status": finding.status, "reason": finding.reason, "entries": finding.entries,
        "ratio": ratio, "worst": worst, "message": finding.message,
    }  # fmt: skip


def _gap_record(gap: Gap) -> dict[str, Any]:
    at = gap.apart
    numbers = {"difference": at.difference, "rounding": at.rounding, "a": at.a, "b": at.b}
    written = {name: value if abs(value) < float("inf") else repr(value) for name, value in numbers.items()}
    return {
        "between": gap.between, "where": gap.where, "step": gap.step, "quantity": gap.quantity, "differ": gap.differ,
        "entry": list(at.entry), **written,
    }  # fmt: skip
