"""The page "power": one HTML file, no network, readable without scripts, dark where the reader's system is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import words
from ..self_contained import digest, engine, template_text, trusted
from . import plot, summary
from .record import Power
from .terminal import cells, share, short

MOST_LISTED = 1_000
NOT_MEASURED = (
    "Mistakes of whole networks, of layouts that no operation declares, and of code that is not NumPy.",
    "Finite-difference checkers do not see a wrong forward with its own right derivative: they are not told which "
    "function was meant. Such mistakes count as survived, as they do in use.",
    "Mistakes that raise an exception by themselves are left out of the comparison: anybody notices them.",
    "A rejection counts as a kill only where the checker passes the reference on the same input.",
)


def render(power: Power) -> str:
    """The whole page as text; every foreign text in it is escaped."""
    style = template_text("page.css", "power.css")
    sentences = summary.headline(power)
    found = summary.least(power)
    scores = summary.scores(power) if power.header else []
    page = engine(line=words.line, short=short, told=plot.told, shade=_shade).get_template("power.html").render(
        headline=sentences,
        share=share,
        created=str(power.header.get("created", "")),
        settings=power.header.get("settings", {}),
        outcomes=summary.outcomes(power),
        until=summary.inputs_until(power.mutants),
        scores=[(s, cells(s)) for s in scores],
        checkers=power.header.get("checkers", {}),
        survivors=summary.survivors(power)[:MOST_LISTED],
        as_right={n: of[:MOST_LISTED] for n, of in summary.as_right(power).items() if of},
        survived=len(summary.survivors(power)),
        alarms=summary.alarms(power)[:MOST_LISTED],
        faults=power.faults[:MOST_LISTED],
        keys=summary.asked(power),
        tables=[
            ("by the function that was changed", "function", summary.table(power, "function")),
            ("by kind of mistake", "kind", summary.table(power, "kind")),
            ("by operation", "operation", summary.table(power, "op")),
        ],
        panels=[(title, trusted(svg)) for title, svg in plot.panels(found)],
        legend=[(name, trusted(plot.key(k))) for k, name in enumerate(plot.order(found))] if found else [],
        least=_least(found),
        sizes=sorted({x.entries for x in found}),
        unasked=NOT_MEASURED,
        end=power.end,
        environment=_flat(power.header.get("environment", {})),
        style=trusted(style),
        style_hash=digest(style),
    )  # fmt: skip
    return page.encode("utf-8", "replace").decode("utf-8")


def _shade(cell: tuple[int, int]) -> str:
    """The class of a cell of the table of mistakes and checkers: how many of them were killed."""
    killed, of = cell
    if not of:
        return "none"
    return "all" if killed == of else "no" if not killed else "most" if killed * 2 >= of else "few"


def _least(found: list[summary.Least]) -> list[tuple[str, list[tuple[tuple[str, str, str], dict[int, Any]]]]]:
    """By operation, a row for each checker, setting and dtype: by entries, what was found."""
    tables = []
    for op in dict.fromkeys(x.op for x in found):
        rows: dict[tuple[str, str, str], dict[int, Any]] = {}
        for x in found:
            if x.op == op:
                rows.setdefault((x.checker, x.setting, x.dtype), {})[x.entries] = x
        tables.append((op, list(rows.items())))
    return tables


def _flat(block: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """A nested environment as rows."""
    rows = []
    for name, value in block.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{before}{name} ")
        else:
            rows.append((f"{before}{name}", words.line(value, 300)))
    return rows
