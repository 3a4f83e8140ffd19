"""The claims as one self-contained HTML page: no network, no scripts, readable light and dark and without colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

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

_STYLE = (Path(__file__).with_name("page.css")).read_text(encoding="utf-8")


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
        f"<title>The lectures' claims, "
        f"checked</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
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
            f'<tr><th scope="row">{number}</th>{cells}<td '
            f'class="num">{sum(row.values())}</td><td>{escape(LECTURES[number])}</td></tr>'
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
