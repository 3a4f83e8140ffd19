"""The findings on a terminal: the grid, the worst findings, what was not exercised. Worst first; words, not colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import gaps, table, words
from .findings import Findings, ratio_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES = {
    "wrong": "bold red",
    "broken": "bold magenta",
    "inaccurate": "yellow",
    "undecided": "yellow",
    "kink-convention": "cyan",
    "known-difference": "cyan",
    "absent": "dim",
    "not-applicable": "dim",
    "agree": "green",
    table.NOT_RUN: "dim",
}
_MOST_WORST = 20
_MOST_GAPS = 40
_NAME_WIDTH = 17
_GAP = 2


def render(findings: Findings, console: Console | None = None) -> None:
    """Print a run: headline, grid of operations x implementations, worst findings, what was not exercised.

    console: where to print, standard output by default. It decides about width and colour (NO_COLOR is honoured);
    the words are the same without colour.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    cells = table.grid(findings)
    console.print(Text(table.headline(findings, cells), style="bold"), highlight=False)
    console.print(Text(table.facts(findings, cells), style="dim"), highlight=False)
    if findings.findings:
        console.print()
        _grid(cells, console)
    _worst(findings, console)
    _not_exercised(gaps.not_exercised(findings, cells), console)


def _grid(cells: table.Grid, console: Console) -> None:
    names = [_folded(op) for op in cells.operations]
    heads = [_folded(name) for name in cells.implementations]
    bodies = [[_lines(cell) for cell in cells.row(op)] for op in cells.operations]
    columns = list(zip(*bodies, strict=True)) or [()] * len(heads)
    first = max(_width(text) for text in ["operation", *names])
    widths = [max(_width(text) for text in [head, *column]) for head, column in zip(heads, columns, strict=True)]
    if first + sum(widths) + _GAP * len(widths) <= console.width:
        _as_table(cells, names, heads, bodies, console)
    else:
        _as_list(cells, console)
    if any(not cell.native for cell in cells.cells.values()):
        console.print("* composed of several calls: the framework has no such operation of its own", highlight=False)


def _as_table(cells: table.Grid, names: list[str], heads: list[str], bodies: list[list[str]], console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    grid.add_column(Text("operation", style="bold"), no_wrap=True)
    for head in heads:
        grid.add_column(Text(head, style="bold"), no_wrap=True)
    for op, name, body in zip(cells.operations, names, bodies, strict=True):
        row = [Text(text, style=STYLES[cell.status]) for text, cell in zip(body, cells.row(op), strict=True)]
        grid.add_row(Text(name), *row)
    console.print(grid, highlight=False)


def _as_list(cells: table.Grid, console: Console) -> None:
    """The same cells under each other, for a terminal that is too narrow for the table."""
    from rich.padding import Padding
    from rich.text import Text

    for op in cells.operations:
        console.print(Text(words.line(op, 200)), highlight=False)
        for cell in cells.row(op):
            text = Text(f"{words.line(cell.implementation, 60)} ").append(_flat(cell), style=STYLES[cell.status])
            console.print(Padding(text, (0, 0, 0, 2)), highlight=False)


def _flat(cell: table.Cell) -> str:
    return cell.text() + ("" if cell.native else "*")


def _lines(cell: table.Cell) -> str:
    """A cell's words in lines of about ten characters, broken where a word has its own joint."""
    star = "" if cell.native else "*"
    lines: list[str] = []
    for piece in cell.text().replace("-", "- ").split():
        joined = lines[-1].endswith("-") if lines else False
        if lines and len(lines[-1]) + len(piece) + (not joined) <= 10:
            lines[-1] += piece if joined else f" {piece}"
        else:
            lines.append(piece)
    return "\n".join(lines) + star


def _folded(name: str) -> str:
    """A name broken after its underscores, so that a long one leaves room for the cells."""
    name = words.line(name, 60)
    if len(name) <= _NAME_WIDTH:
        return name
    lines = [""]
    for piece in (part + "_" for part in name.split("_")):
        if lines[-1] and len(lines[-1]) + len(piece) > _NAME_WIDTH:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)[:-1]


def _width(text: str) -> int:
    from rich.cells import cell_len

    return max(cell_len(part) for part in text.split("\n"))


def _worst(findings: Findings, console: Console) -> None:
    from rich.padding import Padding
    from rich.text import Text

    groups = table.worst(findings)
    if not groups:
        return
    console.print()
    console.print(Text("Worst findings", style="bold"), highlight=False)
    for group in groups[:_MOST_WORST]:
        first, case = _found(group)
        if case and first.cell_len + len(case) + 3 <= console.width:
            console.print(first.append(f" [{case}]", style="dim"), highlight=False)
            continue
        console.print(first, highlight=False)
        if case:
            # On a line of its own, so that it can be copied whole.
            console.print(Padding(Text(case, style="dim"), (0, 0, 0, 2)), highlight=False)
    if len(groups) > _MOST_WORST:
        console.print(f"and {len(groups) - _MOST_WORST:,} more; the html report lists them", highlight=False)


def _found(group: table.Group) -> tuple[Text, str]:
    from rich.text import Text

    finding = group.worst
    text = Text(finding["status"], style=STYLES[finding["status"]])
    names = ", ".join(words.line(finding[key], 60) for key in ("op", "implementation", "quantity"))
    text = Text.assemble(text, f" {names}: {said(finding)}")
    if group.number > 1:
        text.append(f" (and {words.count(group.number - 1, 'more finding')})", style="dim")
    return text, words.line(finding["case"], 160)


def said(finding: Mapping[str, Any]) -> str:
    """What a finding says, in a line: true, got, times the allowance; or its reason and message."""
    parts = []
    worst = table.mapping(finding.get("worst"))
    if worst:
        true, got = words.pair(worst.get("true"), worst.get("got"))
        parts.append(f"true {true}, got {got}")
    ratio = ratio_of(finding)
    if ratio is not None:
        parts.append(words.beyond(ratio))
    reason = words.line(finding.get("reason") or "", 80)
    if reason:
        parts.append(reason)
    message = words.line(finding.get("message") or "", 200)
    if message and not (worst and ratio is not None):
        parts.append(message)
    return ", ".join(parts) or "no reason given"


def _not_exercised(found: list[gaps.Gap], console: Console) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print()
    if not found:
        console.print(Text("Everything that was declared was exercised."), highlight=False)
        return
    console.print(Text("Not exercised", style="bold"), highlight=False)
    for gap in found[:_MOST_GAPS]:
        console.print(Padding(Text(words.line(gap, 1000)), (0, 0, 0, 2)), highlight=False)
    if len(found) > _MOST_GAPS:
        console.print(f"  and {len(found) - _MOST_GAPS:,} more", highlight=False)
