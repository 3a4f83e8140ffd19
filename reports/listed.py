"""The list of findings of the page: which of them, and what each row says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import table, words
from .findings import ratio_of

Record = Mapping[str, Any]


def listed(ordered: Sequence[Record], most: int) -> list[Record]:
    """At most so many of the findings, in their order: the first, and the first of each quantity of every cell.

    So every operation and implementation that has a finding is found in the list, however long the run was.
    """
    if len(ordered) <= most:
        return list(ordered)
    firsts: dict[tuple[str, str, str], int] = {}
    for place, finding in enumerate(ordered):
        firsts.setdefault((finding["op"], finding["implementation"], finding["quantity"]), place)
    kept = set(sorted(firsts.values())[:most])
    places = (place for place in range(len(ordered)) if place not in kept)
    kept.update(place for place, _ in zip(places, range(most - len(kept)), strict=False))
    return [ordered[place] for place in sorted(kept)]


def row(
    finding: Record, anchors: Mapping[tuple[str, str], str], details: Mapping[tuple[str, str], Record]
) -> dict[str, str]:
    """What a row of the list says, and where it leads: to its cell's section, and to the reproducer that is its own."""
    cell = (finding["op"], finding["implementation"])
    worst = table.mapping(finding.get("worst"))
    true, got = words.pair(worst.get("true"), worst.get("got")) if worst else ("", "")
    said = [words.line(finding.get(key) or "", 160) for key in ("reason", "message")]
    detail = details.get(cell, {})
    own = (detail.get("case"), detail.get("quantity")) == (finding["case"], finding["quantity"])
    return {
        "status": finding["status"],
        "op": words.line(finding["op"], 80),
        "implementation": words.line(finding["implementation"], 60),
        "quantity": words.line(finding["quantity"], 60),
        "dtype": words.line(finding.get("dtype") or "", 40),
        "regime": words.line(finding.get("regime") or "", 60),
        "case": words.line(finding["case"], 160),
        "ratio": words.times(ratio_of(finding), "×"),
        "true": true,
        "got": got,
        "at": _at(finding, worst),
        "said": ": ".join(text for text in said if text),
        "anchor": anchors.get(cell, ""),
        "program": anchors.get(cell, "") if own and detail.get("reproducer") else "",
    }


def _at(finding: Record, worst: Record) -> str:
    """Where the worst entry stands, and how far off it is."""
    if not worst:
        return ""
    index = ", ".join(str(i) for i in table.items(worst.get("index")))
    parts = [f"{finding['quantity']}[{index}]" if index else str(finding["quantity"])]
    if worst.get("error") is not None:
        parts.append(f"off by {words.amount(worst['error'])}")
    if worst.get("allowance") is not None:
        parts.append(f"allowed {words.amount(worst['allowance'])}")
    if finding.get("ulp") is not None:
        parts.append(f"{words.amount(finding['ulp'])} ulp")
    return words.line(", ".join(parts), 160)
