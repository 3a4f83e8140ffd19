"""The claims as one self-contained HTML page: no network, no scripts, readable light and dark and without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from . import LECTURES
from ._claim import UNSETTLED, VERDICTS, Claim, Examined

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

_STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfa; --card: #ffffff; --ink: #1c2024; --soft: #5c6168; --line: #dfe0dc;
  --bad: #a81e1e; --warn: #835000; --known: #1d5a7c; --good: #256432; }
@media (prefers-color-scheme: dark) { :root { --paper: #141618; --card: #1b1e21; --ink: #e4e6e8; --soft: #9aa1a9;
  --line: #2e3236; --bad: #ff9d92; --warn: #efc06a; --known: #8fcbec; --good: #93d3a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.2rem 4rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 400 0.95rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.3; margin: 0 0 0.5rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 0.3rem; }
p { margin: 0 0 0.6rem; } .soft { color: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 1rem 0.3rem 0; text-align: left; border-bottom: 1px solid var(--line); } td.num, th.num { text-align: right; }
details { margin: 0 0 0.5rem; border: 1px solid var(--line); border-left: 4px solid var(--v, var(--line)); border-radius: 6px; background: var(--card); }
summary { padding: 0.5rem 0.9rem; cursor: pointer; } summary:focus-visible, a:focus-visible { outline: 2px solid var(--known); outline-offset: 2px; }
.id { font-weight: 600; margin-right: 0.5rem; } .verdict { color: var(--v, inherit); font-weight: 600; margin-right: 0.5rem; white-space: nowrap; }
.erratum, .broken, .unexpected { --v: var(--bad); } .transcription, .undecided { --v: var(--warn); }
.convention { --v: var(--known); } .holds { --v: var(--good); } .uncheckable { --v: var(--soft); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1.1rem; margin: 0; padding: 0.2rem 0.9rem 0.9rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } code { font: 0.85rem/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
a { color: var(--known); } @media (max-width: 34rem) { dl { grid-template-columns: minmax(0, 1fr); } dd { margin-bottom: 0.4rem; } }
"""


def page(counts: Mapping[str, Counter[str]], examined: Sequence[Examined]) -> str:
    """The whole page. counts: verdicts by lecture; examined: the claims in the order in which they are to stand."""
    verdicts = [v for v in _MEANING if any(row[v] for row in counts.values())]
    body = [f"<h1>{escape(_headline(examined))}</h1>", *_table(counts, verdicts)]
    unexpected = [e for e in examined if not e.as_expected]
    if unexpected:
        body += ['<h2 id="unexpected">Not as recorded</h2>', *map(_claim, unexpected)]
    for verdict in verdicts:
        chosen = [e for e in examined if e.as_expected and e.evidence.verdict == verdict]
        if chosen:
            body += [
                f'<h2 id="{verdict}">{_MARKS[verdict]} {verdict}</h2>',
                f'<p class="soft">{escape(_MEANING[verdict])}</p>',
                *map(_claim, chosen),
            ]
    return _document("\n".join(body))


def _document(body: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>The lectures' claims, checked</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _headline(examined: Sequence[Examined]) -> str:
    unexpected = sum(not e.as_expected for e in examined)
    said = f"{len(examined)} claims of the lectures, checked"
    return f"{said}: {unexpected} are not as recorded" if unexpected else f"{said}: every verdict is the one on record"


def _table(counts: Mapping[str, Counter[str]], verdicts: Sequence[str]) -> list[str]:
    head = "".join(f'<th scope="col" class="num"><a href="#{v}">{_MARKS[v]} {v}</a></th>' for v in verdicts)
    rows = []
    for number, row in counts.items():
        cells = "".join(f'<td class="num">{row[v]}</td>' for v in verdicts)
        rows.append(
            f'<tr><th scope="row">{number}</th>{cells}<td class="num">{sum(row.values())}</td><td>{escape(LECTURES[number])}</td></tr>'
        )
    columns = f'<th scope="col">lecture</th>{head}<th scope="col" class="num">all</th><th scope="col">source</th>'
    return [
        f'<div class="scroll" tabindex="0"><table><thead><tr>{columns}</tr></thead><tbody>',
        *rows,
        "</tbody></table></div>",
    ]


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
        ("place", escape(str(claim.place))),
        ("kind", claim.kind),
        ("printed", f"<code>{escape(claim.printed)}</code>" if claim.printed else ""),
        ("right", escape(claim.corrected)),
        ("convention", escape(claim.convention)),
        ("evidence", escape(e.evidence.text)),
        ("numbers", escape(numbers)),
    ]
    return [(name, text) for name, text in facts if text]
