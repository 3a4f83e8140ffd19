"""The merged matrix in words: what every report says, the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .. import words
from ..findings import STATUSES, rank, ratio_of

KINDS = {
    "worse": "Worse than in the version before",
    "better": "Better than in the version before",
    "moved": "Not right in either, and another value",
    "appeared": "New in the later version",
    "vanished": "Gone in the later version",
    "convention": "Right in both, another convention",
    "declared": "Declared differences that begin or end",
}
QUIET = ("appeared", "vanished", "convention", "declared")
"""Kinds of changes that are told, but neither counted first nor marked in the grid."""
STATES = ("finished", "its name lies", "did not finish", "interrupted")
Record = Mapping[str, Any]


def headline(merged: Record) -> list[str]:
    """What changed, in a sentence; then how many cells there are, and what did not run."""
    return [_changed(merged), *filter(None, [_ran(merged), _beside(merged), _failing(merged)])]


def _changed(merged: Record) -> str:
    changes = merged["changes"]
    if not merged["bits"]:
        return "No two cells can be compared: nothing is known of what changed between versions."
    counts = {kind: sum(c["kind"] == kind for c in changes) for kind in KINDS}
    said = {"worse": "worse", "better": "better", "moved": "wrong in both, at another value"}
    loud = sum(counts[kind] for kind in said)
    if not loud:
        return "No verdict changed between neighbouring versions."
    listed = words.listing([f"{counts[kind]:,} {told}" for kind, told in said.items() if counts[kind]])
    return f"{words.count(loud, 'verdict')} changed between neighbouring versions: {listed}."


def _beside(merged: Record) -> str:
    """The quiet changes, in a sentence."""
    said = {
        "appeared": ("function is new", "functions are new"), "vanished": ("function is gone", "functions are gone"),
        "convention": ("kink is answered by another convention", "kinks are answered by another convention"),
        "declared": ("declared difference begins or ends", "declared differences begin or end"),
    }  # fmt: skip
    counts = {kind: sum(c["kind"] == kind for c in merged["changes"]) for kind in said}
    parts = [f"{n:,} {said[kind][n > 1]}" for kind, n in counts.items() if n]
    return f"Between neighbouring versions {words.listing(parts)}." if parts else ""


def _ran(merged: Record) -> str:
    states = [cell["state"] for cell in merged["cells"]]
    parts = [f"{words.count(states.count('finished'), 'cell')} finished"]
    for state, said in (("its name lies", "carry a name that lies"), ("did not finish", "did not finish")):
        if states.count(state):
            parts.append(
                f"{states.count(state)} {said if states.count(state) > 1 else said.replace('carry', 'carries')}"
            )
    if states.count("interrupted"):
        parts.append(f"{states.count('interrupted')} interrupted")
    if merged["missing"]:
        parts.append(f"{len(merged['missing'])} did not run")
    return f"{words.listing(parts)}."


def _failing(merged: Record) -> str:
    counts: dict[str, int] = {}
    for cell in merged["cells"]:
        for status, number in cell["counts"].items():
            counts[status] = counts.get(status, 0) + number
    said = [f"{counts[s]:,} {s}" for s in ("wrong", "broken", "inaccurate", "undecided") if counts.get(s)]
    total = sum(counts.values())
    if not total:
        return "Nothing was compared."
    return (
        f"Of {total:,} findings in all cells {words.listing(said)}." if said else f"All {total:,} findings are right."
    )


def facts(merged: Record) -> str:
    """Which cases all cells judged."""
    cases = merged["cases"]
    if not cases:
        return "No cell judged a case."
    settings = cases["settings"]
    by = ", ".join(f"{name} {version}" for name, version in cases.get("drawn_by", {}).items())
    return (
        f"Every cell judged the same case file: {settings['cases']} cases of each of {len(settings['operations'])} "
        f"operations, seed {settings['seed']}, {' and '.join(settings['dtypes'])}, hash {cases['hash'][:16]}; "
        f"truth and allowances found once, by {by}."
    )


# -- changes ---------------------------------------------------------------------------------------------------------


def what(change: Record) -> str:
    """What changed: "max_pool2d dx of keras"; of a declared difference, how many operations it touches."""
    if change["kind"] == "declared" and len(change["operations"]) > 1:
        return f"{len(change['operations'])} operations of {change['implementation']}"
    return f"{change['op']} {change['quantity']} of {change['implementation']}"


def steps(change: Record) -> str:
    """The versions between which something changed: "Keras 3.14.1 → 3.15.1"."""
    said = [f"{step['title']} {step['before']} → {step['after']}" for step in change["steps"]]
    return " and ".join(said) if said else f"the same versions, {change['cells'][0]} → {change['cells'][1]}"


def verdicts(change: Record) -> str:
    """Both verdicts: "agree (0.4) → wrong (6e9x)"."""
    return " → ".join(verdict(change[side]) for side in ("before", "after"))


def verdict(side: Record) -> str:
    """A status with its ratio, or its reason where there is none."""
    ratio = words.times(ratio_of(side), "×")
    said = ratio or (words.line(side.get("reason") or "", 40) if side["status"] != "absent" else "")
    return f"{side['status']} ({said})" if said else str(side["status"])


def entry(change: Record) -> list[tuple[str, str]]:
    """The entry that shows the change: where, the truth, both values and the allowance. Empty where there is none."""
    e = change["entry"]
    if e["index"] is None:
        return []
    at = f"{change['quantity']}{e['index']}" if e["index"] else change["quantity"]
    where = at if e["cotangent"] in (None, 0) else f"{at}, cotangent {e['cotangent']}"
    rows = [("entry", where), ("true", words.line(e["true"], 60))]
    for side, cell in (("before", change["cells"][0]), ("after", change["cells"][1])):
        rows.append((side, words.line(e[side], 60) if e[side] is not None else f"not kept by {cell}"))
    return [*rows, ("allowance", words.amount(e["allowance"]))]


def entry_line(change: Record) -> str:
    """The same in one line."""
    rows = entry(change)
    if not rows:
        said = [change[side]["message"] for side in ("before", "after") if change[side]["message"]]
        return words.line("; ".join(dict.fromkeys(said)), 300)
    at, true, before, after, allowance = (value for _, value in rows)
    return f"at {at}: true {true}, before {before}, after {after}, allowance {allowance}"


def caution(change: Record) -> str:
    """What else differs between the two cells, so that nobody takes the named version for the only suspect."""
    several = f"{len(change['steps'])} versions differ at once; " if len(change["steps"]) > 1 else ""
    also = change["also_different"]
    return several + (f"also different: {'; '.join(words.line(each, 200) for each in also)}" if also else "")


def cases(change: Record) -> str:
    """In how many cases, and in which further pairs of cells."""
    more = change["also_in"]
    also = f", also between {words.listing([f'{a} and {b}' for a, b in more], 3)}" if more else ""
    operations = change["operations"]
    of = (
        f" of {words.count(len(operations), 'operation')} ({words.listing(operations, 8)})"
        if len(operations) > 1
        else ""
    )
    return f"{words.count(change['cases'], 'case')}{of}, between {change['cells'][0]} and {change['cells'][1]}{also}"


def bits(each: Record) -> str:
    """The bits of a pair that changed while both are right, in a sentence."""
    who = f"{each['implementation']}, {steps(each)}"
    if not each["quantities"]:
        return f"{who}: no results of both were kept."
    if not each["changed"]:
        return f"{who}: all {each['quantities']:,} results that are right in both are the same bits."
    operations = words.listing(list(each["operations"]), 6)
    return (
        f"{who}: {each['changed']:,} of {each['quantities']:,} results that are right in both have other bits, "
        f"in {words.count(each['entries'], 'entry', 'entries')} ({operations})."
    )


# -- the grid --------------------------------------------------------------------------------------------------------


def summary(of: Record) -> tuple[str, int, int, float | None]:
    """A grid entry: the worst status of any implementation, how many have it, of how many, and the worst ratio."""
    worst = min((each["status"] for each in of.values()), key=rank)
    having = [each for each in of.values() if each["status"] == worst]
    ratios = [r for r in map(ratio_of, having) if r is not None]
    finite = [-1.0 if math.isnan(r) else r for r in ratios]
    return worst, len(having), len(of), max(finite, default=None)


def worst_of(merged: Record, op: str) -> int:
    """For sorting operations: the rank of the worst status in any cell."""
    ranks = [rank(each["status"]) for of in merged["grid"].values() for each in of.get(op, {}).values()]
    return min(ranks, default=len(STATUSES))


def fails(merged: Record, op: str) -> bool:
    """Whether an operation is wrong, broken, inaccurate or undecided in some cell."""
    return worst_of(merged, op) <= rank("undecided")


def moved(merged: Record) -> set[tuple[str, str]]:
    """(operation, cell) of every change: where the grid is marked."""
    found = set()
    for change in (c for c in merged["changes"] if c["kind"] not in QUIET):
        pairs = [change["cells"], *change["also_in"]]
        found |= {(change["op"], after) for _, after in pairs}
    return found


def in_order(merged: Record) -> list[str]:
    """Operations of the grid: those that changed, then the worst, then by name."""
    loud = [change["op"] for change in merged["changes"] if change["kind"] not in QUIET]
    changed = {op: k for k, op in reversed(list(enumerate(loud)))}
    names = {op for of in merged["grid"].values() for op in of}
    return sorted(names, key=lambda op: (changed.get(op, len(merged["changes"])), worst_of(merged, op), op))


# -- what did not run ------------------------------------------------------------------------------------------------


def not_run(merged: Record) -> list[tuple[str, str, str]]:
    """(cell, what became of it, why), the missing ones first."""
    rows = [(m["name"], "did not run", words.line(m["why"], 500)) for m in merged["missing"]]
    for cell in merged["cells"]:
        if cell["state"] != "finished":
            rows.append((cell["name"], cell["state"], words.line(cell["why"], 900)))
        elif cell["note"]:
            rows.append((cell["name"], "in doubt", words.line(cell["note"], 500)))
    return rows


def unasked(merged: Record) -> str:
    """The cells that tox.ini has and this run did not include."""
    names: Sequence[str] = merged["expected"]["unasked"]
    if not names:
        return ""
    return f"Not part of this run: {words.listing(list(names), 30)} ({words.line(merged['expected']['source'], 80)})."
