"""The merged matrix on a terminal: what changed first, then the grid, then what did not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .. import words
from . import telling

MOST_CHANGES, MOST_ROWS = 40, 60
STYLES = {
    "wrong": "bold red", "broken": "bold magenta", "inaccurate": "yellow", "undecided": "yellow", "agree": "green",
    "kink-convention": "cyan", "known-difference": "cyan", "absent": "dim", "not-applicable": "dim",
}  # fmt: skip


def render(merged: Mapping[str, Any], console: Console) -> None:
    """Print the report. Status is a word; colour only repeats it."""
    say = _say(console)
    first, *others = telling.headline(merged)
    console.print(Text(first, style="bold"))
    for sentence in [*others, telling.facts(merged)]:
        say(sentence)
    _changes(merged, console)
    _bits(merged, say)
    _grid(merged, console)
    _not_run(merged, console)


def _say(console: Console) -> Any:
    def say(text: str, style: str = "") -> None:
        indented = len(text) - len(text.lstrip())
        console.print(Padding(Text(words.line(text), style=style), (0, 0, 0, indented)))

    return say


def _changes(merged: Mapping[str, Any], console: Console) -> None:
    say = _say(console)
    for kind, title in telling.KINDS.items():
        of = [change for change in merged["changes"] if change["kind"] == kind]
        if not of:
            continue
        console.print()
        say(f"{title} ({len(of):,})", "bold")
        most = MOST_CHANGES if kind not in telling.QUIET else 10
        for change in of[:most]:
            console.print(_title(change))
            say(f"    {telling.entry_line(change)}")
            say(f"    {change['right']} {telling.cases(change)}.")
            if telling.caution(change):
                say(f"    {telling.caution(change)}", "dim")
        if len(of) > most:
            say(f"  Truncated: {len(of) - most:,} more; --output FOLDER writes a page with all of them.")


def _title(change: Mapping[str, Any]) -> Text:
    text = Text("  ")
    text.append(f"{telling.what(change)}: ", "bold")
    text.append(telling.verdict(change["before"]), STYLES.get(change["before"]["status"], ""))
    text.append(" → ")
    text.append(telling.verdict(change["after"]), STYLES.get(change["after"]["status"], ""))
    return text.append(f", {telling.steps(change)}")


def _bits(merged: Mapping[str, Any], say: Any) -> None:
    changed = [each for each in merged["bits"] if each["changed"]]
    same = [each for each in merged["bits"] if each["quantities"] and not each["changed"]]
    if merged["bits"]:
        say("")
        say("Bits that changed where both are right", "bold")
    for each in changed:
        say(f"  {telling.bits(each)}")
    if same:
        say(f"  {words.count(len(same), 'pair')} of cells with the same bits throughout.")


def _grid(merged: Mapping[str, Any], console: Console) -> None:
    cells = list(merged["grid"])
    if not cells:
        return
    marked = telling.moved(merged)
    operations = telling.in_order(merged)
    loud = [op for op in operations if any((op, cell) in marked for cell in cells) or telling.fails(merged, op)]
    console.print()
    table = Table(title="Cells", title_justify="left", box=None, pad_edge=False)
    table.add_column("#", justify="right")
    for heading in ("cell", "findings"):
        table.add_column(heading, overflow="fold")
    for k, cell in enumerate(merged["cells"], 1):
        counts = ", ".join(f"{number:,} {status}" for status, number in sorted(cell["counts"].items()))
        table.add_row(str(k), Text(words.line(cell["name"])), Text(counts or cell["state"]))
    console.print(table)
    number = {cell["name"]: str(k) for k, cell in enumerate(merged["cells"], 1)}
    grid = Table(title="\nOperations that changed or fail", title_justify="left", box=None, pad_edge=False)
    grid.add_column("operation")
    for cell in cells:
        grid.add_column(number.get(cell, "?"), overflow="fold", min_width=7)
    for op in loud[:MOST_ROWS]:
        grid.add_row(
            Text(words.line(op, 60)), *(_entry(merged["grid"][cell].get(op), (op, cell) in marked) for cell in cells)
        )
    if loud:
        console.print(grid)
    more = f"; truncated, {len(loud) - MOST_ROWS} more fail" if len(loud) > MOST_ROWS else ""
    _say(console)(
        f"{words.count(len(operations) - len(loud), 'operation')} without a change or failure{more}. "
        "An entry is the worst status of any implementation and how many have it; * changed."
    )


def _entry(of: Mapping[str, Any] | None, changed: bool) -> Text:
    if not of:
        return Text("not run", style="dim")
    status, number, total, _ = telling.summary(of)
    return Text(f"{status} {number}/{total}{'*' if changed else ''}", style=STYLES.get(status, ""))


def _not_run(merged: Mapping[str, Any], console: Console) -> None:
    rows = telling.not_run(merged)
    say = _say(console)
    if rows:
        console.print()
        say("Cells that did not run, or not to their end", "bold")
    for name, state, why in rows:
        say(f"  {name}: {state}: {why}")
    if telling.unasked(merged):
        say(telling.unasked(merged))
