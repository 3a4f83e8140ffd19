"""The merged matrix as Markdown, for a job's summary or a pull request's comment; never longer than those may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import words
from ..markdown import _row, _text
from . import telling

LIMIT = 65_536  # characters of a comment or a step's summary on GitHub
ROOM = 400  # for the sentences that announce what was cut


def render(merged: Mapping[str, Any]) -> str:
    """Headline, what changed, what did not run, bits, grid; rows are left out at the end, and that is said."""
    first, *others = telling.headline(merged)
    parts = [f"# {_text(first)}", _text(" ".join(others)), _text(telling.facts(merged), 3000)]
    blocks: list[tuple[str, list[str], list[str]]] = []
    for kind, title in telling.KINDS.items():
        of = [change for change in merged["changes"] if change["kind"] == kind]
        if of:
            blocks.append((f"## {title} ({len(of):,})", _head(CHANGES), [_change(change) for change in of]))
    rows = telling.not_run(merged)
    if rows:
        lines = [_row([_text(name, 140), _text(state), _text(why, 600)]) for name, state, why in rows]
        blocks.insert(
            0 if not blocks else min(2, len(blocks)), ("## Did not run", _head(["cell", "what", "why"]), lines)
        )
    if telling.unasked(merged):
        parts.append(_text(telling.unasked(merged), 3000))
    changed = [f"- {_text(telling.bits(each), 600)}" for each in merged["bits"] if each["changed"]]
    if changed:
        blocks.append(("## Bits that changed where both are right", [], changed))
    if merged["grid"]:
        blocks.append(
            ("## Cells and operations", _head(["operation", *(_text(c, 140) for c in merged["grid"])]), _grid(merged))
        )
    return _fitted(parts, blocks)


CHANGES = ["operation", "implementation", "quantity", "versions", "verdicts", "the entry", "who is right", "cases"]


def _head(names: Sequence[str]) -> list[str]:
    return [_row(list(names)), _row(["---"] * len(names))]


def _change(change: Mapping[str, Any]) -> str:
    several = change["kind"] == "declared" and len(change["operations"]) > 1
    op, quantity = (f"{len(change['operations'])} operations", "") if several else (change["op"], change["quantity"])
    names = [_text(each, 80) for each in (op, change["implementation"], quantity)]
    said = (telling.steps(change), telling.verdicts(change), telling.entry_line(change), change["right"])
    return _row([*names, *(_text(each, 400) for each in said), _text(telling.cases(change), 300)])


def _grid(merged: Mapping[str, Any]) -> list[str]:
    marked = telling.moved(merged)
    lines = []
    for op in telling.in_order(merged):
        entries = []
        for cell, grid in merged["grid"].items():
            entries.append(_entry(grid.get(op), (op, cell) in marked))
        lines.append(_row([_text(op, 80), *entries]))
    return lines


def _entry(of: Mapping[str, Any] | None, changed: bool) -> str:
    if not of:
        return "not run"
    status, number, total, _ = telling.summary(of)
    text = _text(f"{status} {number}/{total}") + (" (changed)" if changed else "")
    return text if status in ("agree", "absent", "not-applicable") else f"**{text}**"


def _fitted(parts: Sequence[str], blocks: Sequence[tuple[str, list[str], list[str]]]) -> str:
    text = "\n\n".join(part for part in parts if part)
    for place, (title, head, rows) in enumerate(blocks):
        opening = "\n\n" + title + "\n\n" + "".join(f"{line}\n" for line in head)
        room = LIMIT - ROOM - len(text) - len(opening)
        kept: list[str] = []
        for row in rows:
            room -= len(row) + 1
            if room < 0:
                break
            kept.append(row)
        if kept:
            text += opening + "\n".join(kept)
        if len(kept) < len(rows):
            left = sum(len(more) for _, _, more in blocks[place + 1 :])
            also = f", and the {words.count(left, 'row')} of the sections after it," if left else ""
            text += (
                f"\n\nTruncated: {words.count(len(rows) - len(kept), 'row')} of the section "
                f"“{title.lstrip('# ')}”{also} had no room here; the page has them."
            )
            break
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
