"""The merged matrix as one HTML page: a single file, no network, readable without scripts, what changed first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import words
from ..findings import STATUSES, rank, ratio_of
from ..pictures import picture
from ..self_contained import digest, engine, jointed, slug, template_text, trusted
from . import telling

CALM = ("agree", "absent", "not-applicable")
# What keeps the page of a large matrix quick to open and well under 10 MB.
MOST_CHANGES = 400
MOST_PICTURES = 120
LONGEST_PROGRAM = 60_000
PROGRAMS_AT_ALL = 2_000_000
MOST_DRILLED = 60_000  # entries of all tables of operations


def render(merged: Mapping[str, Any]) -> str:
    """The whole page as text; every foreign text in it is escaped."""
    style = template_text("page.css", "matrix.css")
    script = template_text("matrix.js")
    first, *others = telling.headline(merged)
    operations = telling.in_order(merged)
    marked = telling.moved(merged)
    changes = merged["changes"]
    programs = _Programs(merged)
    page = engine(line=words.line, slug=slug, jointed=jointed, dashed=_dashed).get_template("matrix.html").render(
        first=first,
        others=others,
        facts=telling.facts(merged),
        created=str(merged["created"]),
        groups=_groups(changes[:MOST_CHANGES]),
        hidden=max(0, len(changes) - MOST_CHANGES),
        changes=changes,
        compared=bool(merged["bits"]),
        loud_bits=[telling.bits(each) for each in merged["bits"] if each["changed"] or not each["quantities"]],
        same_bits=[telling.bits(each) for each in merged["bits"] if each["quantities"] and not each["changed"]],
        not_run=telling.not_run(merged),
        unasked=telling.unasked(merged),
        cells=merged["cells"],
        columns=list(merged["grid"]),
        rows=[_row(merged, op, marked) for op in operations],
        statuses=[s for s in STATUSES if any(cell["counts"].get(s) for cell in merged["cells"])],
        drilled=_drilled(merged, operations, programs),
        left_out=programs.left_out,
        style=trusted(style),
        style_hash=digest(style),
        script=trusted(script),
        script_hash=digest(script),
    )  # fmt: skip
    return page.encode("utf-8", "replace").decode("utf-8")


def _dashed(name: str) -> Any:
    """A cell's name that may be broken after its dashes."""
    from markupsafe import Markup, escape

    return Markup(str(escape(words.line(name, 140))).replace("-", "-<wbr>"))


# -- changes ---------------------------------------------------------------------------------------------------------


def _groups(changes: list[Any]) -> list[dict[str, Any]]:
    groups = []
    drawn = 0
    for kind, title in telling.KINDS.items():
        told = []
        for place, change in enumerate(changes):
            if change["kind"] == kind:
                told.append(_change(change, place, drawn < MOST_PICTURES))
                drawn += told[-1]["picture"] is not None
        if told:
            groups.append({"kind": kind, "title": title, "quiet": kind in telling.QUIET, "changes": told})
    return groups


def _change(change: Mapping[str, Any], place: int, draw: bool) -> dict[str, Any]:
    detail = change["detail"] or {}
    program = str(detail.get("reproducer") or "")
    worse = min((change["before"], change["after"]), key=lambda side: rank(side["status"]))
    return {
        "anchor": f"change-{place + 1}",
        "op": change["op"],
        "implementation": change["implementation"],
        "quantity": change["quantity"],
        "several": len(change["operations"]) if change["kind"] == "declared" else 1,
        "steps": telling.steps(change),
        "before": change["before"]["status"],
        "before_said": telling.verdict(change["before"]),
        "after": change["after"]["status"],
        "after_said": telling.verdict(change["after"]),
        "worse": worse["status"],
        "right": change["right"],
        "cases": telling.cases(change),
        "case": change["case"],
        "entry": telling.entry(change),
        "caution": telling.caution(change),
        "messages": [
            (side, words.plain(change[side]["message"], 2000))
            for side in ("before", "after")
            if change[side]["message"] and (not change["entry"]["index"] or change[side]["status"] not in CALM)
        ],
        "pattern": words.line(detail.get("pattern") or "", 600),
        "cite": words.line(detail.get("cite") or "", 900),
        "picture": picture(detail, 12) if draw and detail else None,
        "program": program if len(program) <= LONGEST_PROGRAM else "",
        "too_long": len(program) > LONGEST_PROGRAM,
    }


# -- the grid and what is behind it ----------------------------------------------------------------------------------


def _row(merged: Mapping[str, Any], op: str, marked: set[tuple[str, str]]) -> dict[str, Any]:
    entries = []
    for cell, grid in merged["grid"].items():
        of = grid.get(op)
        if not of:
            entries.append({"status": "not-run", "word": "not run", "said": "", "changed": False})
            continue
        status, number, total, ratio = telling.summary(of)
        said = words.times(ratio, "×")
        many = "" if status == "agree" else f"{number} of {total}"
        entries.append({"status": status, "word": status, "said": many or said, "changed": (op, cell) in marked})
    statuses = [str(entry["status"]) for entry in entries if entry["status"] != "not-run"]
    worst = min(statuses, key=rank, default="not-run")
    return {
        "op": op, "anchor": f"op-{slug(op)}", "entries": entries, "worst": worst,
        "summary": words.line(merged["operations"].get(op, ""), 300), "changed": any(e["changed"] for e in entries),
    }  # fmt: skip


class _Programs:
    """Hands out the scripts of failures as long as there is room on the page."""

    def __init__(self, merged: Mapping[str, Any]) -> None:
        self.of = merged["reproducers"]
        self.used = self.left_out = 0

    def take(self, op: str, implementation: str) -> dict[str, Any] | None:
        found = self.of.get(f"{op} {implementation}")
        if found is None:
            return None
        size = len(found["reproducer"])
        if size > LONGEST_PROGRAM or self.used + size > PROGRAMS_AT_ALL:
            self.left_out += 1
            return None
        self.used += size
        return {key: words.plain(value or "", LONGEST_PROGRAM) for key, value in found.items()}


def _drilled(merged: Mapping[str, Any], operations: list[str], programs: _Programs) -> list[dict[str, Any]]:
    told, entries = [], 0
    changes: dict[str, list[tuple[str, str]]] = {}
    for place, change in enumerate(merged["changes"][:MOST_CHANGES]):
        title = f"{change['implementation']} {change['quantity']}, {telling.steps(change)}"
        changes.setdefault(change["op"], []).append((f"change-{place + 1}", title))
    for op in operations:
        names = dict.fromkeys(name for grid in merged["grid"].values() for name in grid.get(op, {}))
        entries += len(names) * len(merged["grid"])
        table = [
            {"name": name, "entries": [_cell(grid.get(op, {}).get(name)) for grid in merged["grid"].values()]}
            for name in names
        ]
        told.append({
            "op": op, "anchor": f"op-{slug(op)}", "summary": words.line(merged["operations"].get(op, ""), 300),
            "table": table if entries <= MOST_DRILLED else None, "changes": changes.get(op, []),
            "failures": [f for name in names for f in _failures(merged, op, name, programs)],
        })  # fmt: skip
    return told


def _cell(each: Mapping[str, Any] | None) -> dict[str, str]:
    if each is None:
        return {"status": "not-run", "said": "not run"}
    ratio = words.times(ratio_of(each), "×")
    return {"status": each["status"], "said": f"{each['status']} {ratio}".strip()}


def _failures(merged: Mapping[str, Any], op: str, name: str, programs: _Programs) -> list[dict[str, Any]]:
    """What is not calm about an implementation, cells that say the same told once."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for cell, grid in merged["grid"].items():
        each = grid.get(op, {}).get(name)
        if each is None or each["status"] in CALM:
            continue
        worst = each.get("worst") or {}
        key = (each["status"], each["quantity"], each["case"], worst.get("got"), each["message"])
        group = groups.setdefault(key, {"name": name, "cells": [], "finding": each})
        group["cells"].append(cell)
    failures = []
    for group in groups.values():
        each = group["finding"]
        worst = each.get("worst") or {}
        true, got = words.pair(worst.get("true"), worst.get("got")) if worst else ("", "")
        at = f"{each['quantity']}{worst['index']}" if worst.get("index") else each["quantity"]
        every = len(group["cells"]) == sum(name in grid.get(op, {}) for grid in merged["grid"].values())
        failures.append({
            "name": name, "status": each["status"], "ratio": words.times(ratio_of(each), "×"), "at": at,
            "case": each["case"], "true": true, "got": got, "message": words.line(each["message"] or "", 500),
            "where": "every cell that has it" if every else words.listing(group["cells"], 6), "program": None,
        })  # fmt: skip
    if failures:
        failures[0]["program"] = programs.take(op, name)
    return failures
