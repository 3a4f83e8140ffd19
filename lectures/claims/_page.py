"""The claims as one self-contained HTML page: no network, no scripts, readable light and dark and without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from . import LECTURES
from ._claim import UNSETTLED, VERDICTS, Claim, Examined
from ._contradiction import Compared, Side
from .contradictions import lines

_MEANING = {**UNSETTLED, **VERDICTS}
_MARKS = {
    "broken": "‼",
    "undecided": "?",
    "erratum": "✗",
    "transcription": "≈",
    "convention": "◇",
    "uncheckable": "–",
    "holds": "✓",
}

_FOLDED = ("uncheckable", "holds")

_STYLE = (Path(__file__).with_name("page.css")).read_text(encoding="utf-8")


def page(counts: Mapping[str, Counter[str]], examined: Sequence[Examined], compared: Sequence[Compared] = ()) -> str:
    """The whole page. counts: verdicts by lecture; examined: the claims in the order in which they are to stand."""
    verdicts = [v for v in _MEANING if any(row[v] for row in counts.values())]
    body = [f"<h1>{escape(_headline(examined, compared))}</h1>", *_table(counts, verdicts)]
    if compared:
        body += [
            f'<p><a href="#contradictions">⇄ {len(compared)} contradictions</a>, between lectures or within one</p>'
        ]
    unexpected = [e for e in examined if not e.as_expected]
    if unexpected:
        body += ['<h2 id="unexpected">Not as recorded</h2>', *map(_claim, unexpected)]
    table = _contradictions(compared, {e.claim.id for e in examined}) if compared else []
    shown = all(found.shown for found in compared)
    actionable, rest = ([v for v in verdicts if (v in _FOLDED) == folded] for folded in (False, True))
    sections = {v: _section(v, counts, examined) for v in verdicts}
    body += [] if shown else table
    body += [line for v in actionable for line in sections[v]]
    body += table if shown else []
    body += [line for v in rest for line in sections[v]]
    return _document("\n".join(body))


def _section(verdict: str, counts: Mapping[str, Counter[str]], examined: Sequence[Examined]) -> list[str]:
    said = [f'<h2 id="{verdict}">{_MARKS[verdict]} {verdict}</h2>', f'<p class="soft">{escape(_MEANING[verdict])}</p>']
    chosen = [e for e in examined if e.as_expected and e.evidence.verdict == verdict]
    for number, row in counts.items():
        said += _group(verdict, number, [e for e in chosen if e.claim.lecture == number]) if row[verdict] else []
    return said


def _group(verdict: str, number: str, chosen: Sequence[Examined]) -> list[str]:
    """The claims of one lecture with one verdict; folded where there is nothing to correct."""
    said = f'{number} <span class="soft">{escape(LECTURES[number])}: {len(chosen)}</span>'
    if verdict in _FOLDED:
        opened = f'<details class="group" id="{verdict}-{number}"><summary>{said}</summary>'
        return [opened, *map(_claim, chosen), "</details>"]
    return [f'<h3 id="{verdict}-{number}">{said}</h3>', *map(_claim, chosen)]


def _document(body: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>The lectures' claims, "
        f"checked</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _headline(examined: Sequence[Examined], compared: Sequence[Compared]) -> str:
    unexpected = sum(not e.as_expected for e in examined) + sum(not c.shown for c in compared)
    said = f"{len(examined)} claims of the lectures, checked"
    return f"{said}: {unexpected} are not as recorded" if unexpected else f"{said}: every verdict is the one on record"


def _table(counts: Mapping[str, Counter[str]], verdicts: Sequence[str]) -> list[str]:
    head = "".join(f'<th scope="col" class="num"><a href="#{v}">{_MARKS[v]} {v}</a></th>' for v in verdicts)
    rows = []
    for number, row in counts.items():
        cells = "".join(f'<td class="num">{_counted(v, number, row[v])}</td>' for v in verdicts)
        rows.append(
            f'<tr><th scope="row">{number}</th>{cells}<td class="num">{sum(row.values())}</td>'
            f'<td class="source">{escape(LECTURES[number])}</td></tr>'
        )
    columns = f'<th scope="col">lecture</th>{head}<th scope="col" class="num">all</th><th scope="col">source</th>'
    return [
        f'<div class="scroll" tabindex="0"><table><thead><tr>{columns}</tr></thead><tbody>',
        *rows,
        "</tbody></table></div>",
    ]


def _counted(verdict: str, number: str, count: int) -> str:
    return f'<a href="#{verdict}-{number}">{count}</a>' if count else "0"


# -- contradictions ---------------------------------------------------------------------------------


def _contradictions(compared: Sequence[Compared], on_page: Container[str]) -> list[str]:
    columns = ("reading", "at the example", "where", "what follows")
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    return [
        '<h2 id="contradictions">⇄ contradictions</h2>',
        '<p class="soft">Between lectures, or within one: each reading was run; they differ at the example, and agree '
        "at further points once they are settled as said.</p>",
        f'<div class="scroll" tabindex="0"><table class="contradictions"><thead><tr>{head}</tr></thead>',
        *(_contradiction(found, on_page) for found in compared),
        "</table></div>",
    ]


def _contradiction(found: Compared, on_page: Container[str]) -> str:
    c = found.contradiction
    missed = "" if found.shown else f'<p class="unshown">✗ not shown: {escape(found.text)}</p>'
    example = ", ".join(f"{name} = {value}" for name, value in c.example.items())
    rows = [
        f'<tr class="subject"><th scope="rowgroup" colspan="4">{escape(c.subject)}{missed}'
        f'<p class="soft">Settled: {escape(c.settled)}. Example: {escape(example)}.</p></th></tr>'
    ]
    for i, reading in enumerate(c.readings):
        where = "".join(f"<p>{_side(s, on_page)}</p>" for s in reading.sides)
        value = found.values[i] if found.values else ""
        rows.append(
            f"<tr><td>{escape(reading.name)}</td><td><code>{escape(value)}</code></td><td>{where}</td>"
            f"<td>{escape(reading.consequence)}</td></tr>"
        )
    return f'<tbody id="contradiction-{escape(c.id)}">{"".join(rows)}</tbody>'


def _side(taken: Side, on_page: Container[str]) -> str:
    ids = " ".join(f'<a href="#c{c}">{c}</a>' if c in on_page else f"<span>{c}</span>" for c in taken.claims)
    where = f"{taken.lecture}, line{'s' * (len(lines(taken.claims)) > 1)} {' '.join(map(str, lines(taken.claims)))}"
    return f'{where}: {escape(taken.says)} <span class="ids">{ids}</span>'


# -- claims -----------------------------------------------------------------------------------------


def _claim(e: Examined) -> str:
    claim, verdict = e.claim, e.evidence.verdict
    opened = " open" if verdict not in ("holds", "uncheckable") or not e.as_expected else ""
    shown = f"{_MARKS[verdict]} {verdict}" + ("" if e.as_expected else f", expected {claim.expected}")
    state = verdict if e.as_expected else f"{verdict} unexpected"
    facts = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in _facts(claim, e))
    return (
        f'<details class="{state}" id="c{claim.id}"{opened}><summary><span class="id">{claim.id}</span>'
        f'<span class="verdict">{escape(shown)}</span>{escape(claim.says)}</summary><dl>{facts}</dl></details>'
    )


def _facts(claim: Claim, e: Examined) -> list[tuple[str, str]]:
    numbers = "; ".join(f"{name} {value}" for name, value in e.evidence.numbers)
    facts = [
        ("place", escape(str(replace(claim.place, heading=claim.place.heading.strip("#* "))))),
        ("kind", claim.kind),
        ("printed", f"<code>{escape(claim.printed)}</code>" if claim.printed else ""),
        ("right", escape(claim.corrected)),
        ("convention", escape(claim.convention)),
        ("evidence", escape(e.evidence.text)),
        ("numbers", escape(numbers)),
    ]
    return [(name, text) for name, text in facts if text]
