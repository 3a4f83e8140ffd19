"""The power of checkers as text: scores, survivors, false alarms, and the smallest error noticed."""

from __future__ import annotations

import io
from typing import Any

from .. import words
from .record import Power
from .summary import JUDGE, Score, alarms, headline, inputs_until, least, outcomes, scores, survivors

MOST_LISTED = 40


def render(power: Power, width: int = 100) -> str:
    """The whole report, ending in a newline."""
    from rich.console import Console

    out = io.StringIO()
    console = Console(file=out, width=max(width, 80), no_color=True, force_terminal=False, highlight=False)
    for sentence in headline(power):
        console.print(sentence, markup=False)
    if power.mutants:
        said = ", ".join(f"{n:,} {name}" for name, n in outcomes(power).items() if n)
        console.print(f"\nmistakes: {said}", markup=False)
        until = ", ".join(f"{name}: {n:,}" for name, n in inputs_until(power.mutants).items() if n)
        console.print(f"inputs until the kill: {until}", markup=False)
    if power.mutants or power.variants:
        _scores(console, power)
    _listed(console, "survivors", [f"{m['mutant']}: {m['sentence']} ({m['message']})" for m in survivors(power)])
    _listed(
        console,
        "gradproof's false alarms",
        [f"{a['op']} {a['variant']}: {a['message']} ({a['case']})" for a in alarms(power)],
    )
    _listed(console, "not measured", [f"{f['op']} {f['item']}: {f['message']}" for f in power.faults])
    _least(console, power)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _table(*columns: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for k, name in enumerate(columns):
        table.add_column(name, justify="left" if k < 2 else "right", overflow="fold")
    return table


def _scores(console: Any, power: Power) -> None:
    table = _table("checker", "setting", "killed", "survived", "rejects all", "false alarms", "s")
    for score in scores(power):
        table.add_row(*cells(score))
    console.print(
        "\non the same mistakes and inputs; 'rejects all': the reference too, so nothing is known", markup=False
    )
    console.print(table)


def cells(score: Score) -> tuple[str, ...]:
    """A score in the columns of its table."""
    if score.status == "absent":
        return score.checker, score.setting, "absent", "", "", "", ""
    return (
        score.checker, score.setting, share(score.killed, score.mutants), f"{score.survived:,}", f"{score.unfair:,}",
        share(score.alarms, score.inputs), f"{score.seconds:.1f}",
    )  # fmt: skip


def share(part: int, of: int) -> str:
    """'12 of 40 (30 %)'; a dash where nothing was asked."""
    return f"{part:,} of {of:,} ({part / of:.0%})" if of else "-"


def _listed(console: Any, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"\n{title}:", markup=False)
    for line in lines[:MOST_LISTED]:
        console.print(f"  {words.line(line, 240)}", markup=False)
    if len(lines) > MOST_LISTED:
        console.print(f"  and {len(lines) - MOST_LISTED:,} more; the page and --format json list all", markup=False)


def _least(console: Any, power: Power) -> None:
    found = least(power)
    sizes = sorted({x.entries for x in found})
    for op in dict.fromkeys(x.op for x in found):
        table = _table("checker", "setting", "dtype", *(f"{n:,}" for n in sizes))
        here = {(x.checker, x.setting, x.dtype, x.entries): x for x in found if x.op == op}
        for key in dict.fromkeys(k[:3] for k in here):
            table.add_row(*key, *(short(here.get((*key, n))) for n in sizes))
        console.print(
            f"\nsmallest relative error of one gradient entry that is noticed, {op}, by entries", markup=False
        )
        console.print(table)
    if found:
        console.print(
            f"({JUDGE}: error beyond the entry's own allowance; checkers without float32 cast it)", markup=False
        )


def short(x: Any) -> str:
    """An error, or why there is none, in a table's cell."""
    if x is None:
        return ""
    if x.error is not None:
        return f"{x.error:.1e}"
    starts = {
        "passes": "none", "not asked": "too large", "it did": "too slow", "absent": "absent", "rejects": "rejects all",
    }  # fmt: skip
    return next((said for start, said in starts.items() if x.why.startswith(start)), "-")
