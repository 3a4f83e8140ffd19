"""The findings as one HTML page: a single file, no network, readable without scripts, worst first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import gaps, table, words
from .findings import COMPARED, STATUSES, Findings, badness, ratio_of
from .histogram import histogram, svg
from .listed import listed, row
from .pictures import Picture, picture
from .self_contained import digest, engine, jointed, slug, template_text, trusted

# What keeps a page of many thousand findings quick to open and well under 10 MB.
MOST_LISTED = 2_000
TOGETHER = "not-one-subgradient"  # the reason of what is wrong in no entry alone
_CALM = ("agree", "absent", "not-applicable")
_MOST_SECTIONS = 300
_MOST_ROWS = 300
_MOST_OPEN = 8
_TILES_IN_FULL = 20_000
_TILES_AT_ALL = 30_000
_SMALL_SIDE = 6
_LONGEST_PROGRAM = 60_000
_PROGRAMS_AT_ALL = 2_000_000
_LONGEST_TEXT = 6_000
_TEXTS_AT_ALL = 1_000_000


@dataclass(frozen=True)
class Section:
    """What the page says about one cell's worst case."""

    anchor: str
    cell: table.Cell
    open: bool
    says: str
    message: str
    no_numbers: str
    uncompared: str
    facts: tuple[tuple[str, str], ...]
    proof: str
    numbers: tuple[tuple[str, str], ...]
    quantities: tuple[tuple[str, ...], ...]
    picture: Picture | None
    picture_of: str
    no_picture: str
    errors: str
    errors_said: str
    pattern: str
    explanation: str
    cite: str
    program: str
    no_program: str


def render(findings: Findings) -> str:
    """The whole page as text. It asks nothing of the network; every foreign text in it is escaped."""
    cells = table.grid(findings)
    sections = _sections(findings, cells)
    anchors = {(s.cell.op, s.cell.implementation): s.anchor for s in sections}
    script = template_text("page.js")
    style = template_text("page.css")
    sentences = [_signed(sentence) for sentence in table.headline_sentences(findings, cells)]
    ordered = sorted(findings.findings, key=badness, reverse=True)
    proofs = table.proofs(findings)
    page = (
        engine(times=lambda ratio: words.times(ratio, "×"), line=words.line, slug=slug, jointed=jointed)
        .get_template("page.html")
        .render(
            headline=sentences[:2],
            also=sentences[2:],
            facts=table.facts(findings, cells, tally=False),
            created=str(findings.header.get("created", "")),
            source=findings.path,
            tally=[(status, cells.counts[status]) for status in STATUSES if cells.counts.get(status)],
            grid=cells,
            sections=len(sections),
            compared=len(_with_sections(cells)),
            most=_MOST_ROWS,
            summaries=_summaries(findings),
            anchors=anchors,
            bad=[s for s in sections if s.cell.status not in _CALM],
            good=[s for s in sections if s.cell.status in _CALM],
            gaps=gaps.not_exercised(findings, cells),
            proofs=[proof for proof in proofs if proof.cases],
            no_derivative=table.without_derivative(proofs),
            rows=[row(finding, anchors, findings.details) for finding in listed(ordered, MOST_LISTED)],
            total=len(ordered),
            replay=table.mapping(findings.header.get("settings")).get("command", "audit") == "audit",
            statuses=[s for s in STATUSES if cells.counts.get(s)],
            operations=sorted({f["op"] for f in ordered}),
            implementations=sorted({f["implementation"] for f in ordered}),
            dtypes=_values(ordered, "dtype"),
            regimes=_values(ordered, "regime"),
            versions=_versions(findings),
            environment=_environment_rows(findings),
            script=trusted(script),
            style=trusted(style),
            script_hash=digest(script),
            style_hash=digest(style),
        )
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def _signed(sentence: str) -> str:
    return re.sub(r"(?<=\d)x (?=the allowance)", "× ", sentence)


def _summaries(findings: Findings) -> dict[str, str]:
    known = table.mapping(findings.header.get("operations"))
    return {op: words.line(table.mapping(about).get("summary", ""), 300) for op, about in known.items()}


def _sections(findings: Findings, cells: table.Grid) -> list[Section]:
    """A section for each cell that compared something or broke, worst first, within the page's budget."""
    sections: list[Section] = []
    tiles = programs = texts = 0
    for place, cell in enumerate(_with_sections(cells)[:_MOST_SECTIONS]):
        detail = findings.details.get((cell.op, cell.implementation), {})
        side = 16 if tiles < _TILES_IN_FULL else _SMALL_SIDE
        drawn = picture(detail, side) if tiles < _TILES_AT_ALL else None
        tiles += drawn.tiles if drawn else 0
        program = str(detail.get("reproducer") or "")
        fits = len(program) <= _LONGEST_PROGRAM and programs + len(program) <= _PROGRAMS_AT_ALL
        programs += len(program) if fits else 0
        texts += min(len(str(detail.get("explanation") or "")), _LONGEST_TEXT)
        longest = _LONGEST_TEXT if texts <= _TEXTS_AT_ALL else 300
        anchor = f"{place + 1}-{slug(cell.op)}-{slug(cell.implementation)}"
        early = place < _MOST_OPEN
        sections.append(_section(findings, cell, detail, anchor, early, drawn, program if fits else "", longest))
    return sections


def _with_sections(cells: table.Grid) -> list[table.Cell]:
    return [c for c in cells.worst_first() if c.status not in ("absent", "not-applicable") or _compared(c)]


def _compared(cell: table.Cell) -> bool:
    return any(cell.counts.get(status) for status in COMPARED)


def _section(
    findings: Findings,
    cell: table.Cell,
    detail: Mapping[str, Any],
    anchor: str,
    early: bool,
    drawn: Picture | None,
    program: str,
    longest: int,
) -> Section:
    finding = _shown_finding(cell)
    case = findings.cases.get(finding["case"], {})
    known = table.mapping(table.mapping(findings.header.get("operations")).get(cell.op))
    errors = histogram(detail, _dtype(findings, detail)) if drawn else None
    long_program = "" if program or not detail.get("reproducer") else "The reproducer is too long for this page"
    return Section(
        anchor=anchor,
        cell=cell,
        open=early and cell.status not in _CALM,
        says=_says(finding),
        message=words.plain(finding.get("message") or "", longest).strip(),
        no_numbers=_no_numbers(finding),
        uncompared=_uncompared(cell),
        facts=_case_facts(finding, case),
        proof=_proof(case),
        numbers=_numbers(finding),
        quantities=_quantities(cell),
        picture=drawn,
        picture_of=_picture_of(detail, finding),
        no_picture="" if drawn else _no_picture(detail, finding),
        errors=trusted(svg(errors)) if errors else "",
        errors_said=errors.sentence if errors else "",
        pattern=words.line(detail.get("pattern") or "", 400),
        explanation=words.plain(detail.get("explanation") or "", longest).strip(),
        cite=words.line(detail.get("cite") or known.get("cite") or "", 400),
        program=program,
        no_program=long_program or "The findings file holds no reproducer for this cell",
    )


def _dtype(findings: Findings, detail: Mapping[str, Any]) -> str:
    """The dtype of the case that a detail record is of."""
    return str(findings.cases.get(str(detail.get("case")), {}).get("dtype", ""))


def _values(ordered: Sequence[Mapping[str, Any]], key: str) -> list[str]:
    """What a filter offers: nothing where all findings are alike in it."""
    found = sorted({str(f[key]) for f in ordered if f.get(key)})
    return found if len(found) > 1 else []


def _shown_finding(cell: table.Cell) -> Mapping[str, Any]:
    """The finding that a section is about: the worst; where that compared nothing, the worst that did."""
    compared = [f for f in cell.findings if f["status"] in COMPARED]
    if cell.status in ("absent", "not-applicable") and compared:
        return max(compared, key=badness)
    return cell.worst or {}


def _uncompared(cell: table.Cell) -> str:
    """What of a cell compared nothing, and why, where the rest did."""
    parts = []
    for status in ("absent", "not-applicable"):
        found = [f for f in cell.findings if f["status"] == status]
        if found:
            why = next((words.line(f["message"], 200) for f in found if f.get("message")), "no reason given")
            parts.append(f"{words.count(len(found), 'finding')} {status}: {why}.")
    return " ".join(parts)


def _says(finding: Mapping[str, Any]) -> str:
    ratio = ratio_of(finding)
    quantity = words.line(finding["quantity"], 60)
    if ratio is not None:
        return _signed(f"{quantity}: {words.beyond(ratio)}")
    return f"{quantity}: {words.line(finding.get('reason') or finding['status'], 100)}"


def _case_facts(finding: Mapping[str, Any], case: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    sizes = " ".join(f"{k}={_size(v)}" for k, v in table.mapping(case.get("sizes")).items())
    options = ", ".join(f"{k}={v}" for k, v in table.mapping(case.get("options")).items())
    facts = [
        ("case", finding["case"]),
        ("options", options if case else ""),
        ("sizes", sizes),
        ("regime", case.get("regime", finding.get("regime", ""))),
        ("layout", case.get("layout", "")),
        ("dtype", case.get("dtype", finding.get("dtype", ""))),
        ("cotangents", case.get("cotangents", "")),
        ("truth", finding.get("truth", "")),
        ("computed by", "the implementation's own operation" if finding.get("native", True) else "composed calls"),
    ]
    shown = [(name, words.line(value, 300)) for name, value in facts if value not in ("", None)]
    if not case:
        shown.append(("note", "the findings file holds no record of this case"))
    return tuple(shown)


def _size(value: Any) -> str:
    return "×".join(str(v) for v in value) if isinstance(value, list) else str(value)


def _proof(case: Mapping[str, Any]) -> str:
    proof = table.mapping(case.get("proof"))
    if not proof:
        return ""
    status = words.line(proof.get("status", "undecided"), 40)
    text = {
        "proved": "Proved: the hand-written backward is the derivative of the forward here",
        "refuted": "Refuted: the hand-written backward is not the derivative of the forward here",
        "not-asked": "No derivative asked: the forward ran on exact numbers",
    }.get(status, f"{status.capitalize()}: nothing was proved here")
    if proof.get("radius") is not None:
        text += f"; radius {words.amount(proof['radius'])}"
    if proof.get("precision"):
        text += f" at {words.line(proof['precision'], 20)} bits"
    ties = table.whole(proof.get("ties"))
    if ties:
        text += f"; {words.count(ties, 'comparison')} met a tie"
    message = "" if status == "not-asked" else words.line(proof.get("message") or "", 300)
    return f"{text}. {message}".strip() if message else f"{text}."


def _numbers(finding: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    worst = table.mapping(finding.get("worst"))
    if not worst:
        return ()
    index = ", ".join(str(i) for i in table.items(worst.get("index")))
    cotangent = worst.get("cotangent")
    rows = [
        ("true", worst.get("true")),
        ("got", worst.get("got")),
        ("error", worst.get("error")),
        ("allowance", worst.get("allowance")),
        ("error / allowance", words.times(ratio_of(finding), "×")),
        ("error in ulp", None if finding.get("ulp") is None else words.amount(finding["ulp"])),
        ("at", f"{finding['quantity']}[{index}]" + (f", cotangent {cotangent}" if cotangent is not None else "")),
    ]
    return tuple((name, words.line(value, 200)) for name, value in rows if value not in (None, ""))


def _quantities(cell: table.Cell) -> tuple[tuple[str, ...], ...]:
    """One row a quantity: name, word, worst ratio, entries, findings; shows at a glance what is right."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for finding in cell.findings:
        groups.setdefault(finding["quantity"], []).append(finding)
    cells = [(quantity, table.cell_of(cell.op, cell.implementation, group)) for quantity, group in groups.items()]
    return tuple(
        (name, c.status, c.word, words.times(c.ratio, "×"), f"{c.entries:,}", f"{len(c.findings):,}")
        for name, c in cells
    )


def _picture_of(detail: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
    if not detail or (detail["case"], detail["quantity"]) == (finding["case"], finding["quantity"]):
        return ""
    return words.line(f"This picture is of {detail['quantity']} in case {detail['case']}.", 300)


def _no_numbers(finding: Mapping[str, Any]) -> str:
    """Why there is no worst entry, where there is none."""
    if finding.get("reason") == TOGETHER:
        return "None: each entry lies in its own interval, and together they are wrong."
    return "No numbers were compared."


def _no_picture(detail: Mapping[str, Any], finding: Mapping[str, Any]) -> str:
    if finding.get("reason") == TOGETHER:
        return "No entry is wrong alone, so there is nothing to frame."
    if not detail:
        return "The findings file holds no picture for this cell."
    shape = table.items(detail.get("shape"))
    if 0 in shape:
        return f"There are no entries to show{f': shape {words.shape(shape)}' if len(shape) > 1 else ''}."
    if detail.get("true") is None and detail.get("got") is None:
        return "The findings file holds no arrays for this cell."
    return "Left out to keep this page light; the findings file holds it."


def _versions(findings: Findings) -> list[dict[str, str]]:
    rows = []
    for name, about in table.mapping(findings.header.get("implementations")).items():
        about = table.mapping(about)
        versions = ", ".join(f"{k} {v}" for k, v in table.mapping(about.get("versions")).items())
        precision = ", ".join(f"{k} {v}" for k, v in _leaves(about.get("precision"), ""))
        python = f"Python {about['python']}" if about.get("python") else ""
        said = "; ".join(text for text in (words.line(about.get("message") or "", 300), python, precision) if text)
        rows.append({"name": name, "status": str(about.get("status", "")), "versions": versions, "said": said})
    return rows


def _environment_rows(findings: Findings) -> list[tuple[str, str]]:
    rows = _leaves(findings.header.get("environment"), "") + _leaves(findings.header.get("settings"), "settings")
    return [(words.line(key, 100), words.line(value, 600)) for key, value in rows]


def _leaves(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [leaf for key, item in value.items() for leaf in _leaves(item, f"{name}.{key}" if name else str(key))]
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    return [] if value in (None, "") else [(name, str(value))]
