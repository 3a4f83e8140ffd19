"""The findings as Markdown, for a pull request's comment or a job's summary. Worst first."""

from __future__ import annotations

import re

from . import gaps, table, words
from .findings import Findings
from .terminal import said

_MOST_WORST = 50
_SPECIAL = re.compile(r"([\\`*_\[\]<>#!|~&$@])")


def render(findings: Findings) -> str:
    """Headline, grid, worst findings, proofs, what was not exercised; GitHub's tables. Foreign text is escaped."""
    cells = table.grid(findings)
    sentences = table.headline_sentences(findings, cells)
    parts = [f"# {_text(' '.join(sentences[:2]))}", _text(" ".join(sentences[2:])), _text(table.facts(findings, cells))]
    if cells.operations and findings.findings:
        parts.append(_grid(cells))
    groups = table.worst(findings)
    if groups:
        parts += ["## Worst findings", _worst(groups)]
    proofs = table.proofs(findings)
    if proofs:
        parts += ["## Proofs", _proofs(proofs)]
    missing = gaps.not_exercised(findings, cells)
    lines = "\n".join(f"- {_text(gap)}" for gap in missing) or "Everything that was declared was exercised."
    parts += ["## Not exercised", lines]
    return "\n\n".join(part for part in parts if part).encode("utf-8", "replace").decode("utf-8") + "\n"


def _text(value: object, limit: int = 2000) -> str:
    """One line of foreign text without markup, HTML, links or mentions; its underscores stay as they are in words."""
    escaped = _SPECIAL.sub(r"\\\1", words.line(value, limit))
    plain = re.sub(r"(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])", "_", escaped)
    return plain.replace("\\@", "@\u200b").replace("\\&", "&amp;").replace("\\<", "&lt;").replace("://", ":\u200b//")


def _row(values: list[str]) -> str:
    return f"| {' | '.join(values)} |"


def _grid(cells: table.Grid) -> str:
    head = ["operation", *(_text(name, 60) for name in cells.implementations)]
    lines = [_row(head), _row(["---"] * len(head))]
    for op in cells.operations:
        lines.append(_row([_text(op, 80), *(_cell(cell) for cell in cells.row(op))]))
    if any(not cell.native for cell in cells.cells.values()):
        lines += ["", "\\* composed of several calls: the framework has no such operation of its own"]
    return "\n".join(lines)


def _cell(cell: table.Cell) -> str:
    text = _text(cell.text("×")) + ("" if cell.native else "\\*")
    return text if cell.status in ("agree", "absent", "not-applicable", table.NOT_RUN) else f"**{text}**"


def _worst(groups: list[table.Group]) -> str:
    lines = [_row(["status", "operation", "implementation", "quantity", "case", "what was found", "findings"])]
    lines.append(_row(["---"] * 7))
    for group in groups[:_MOST_WORST]:
        finding = group.worst
        names = [_text(finding[key], 160) for key in ("status", "op", "implementation", "quantity", "case")]
        lines.append(_row([*names, _text(said(finding), 400), f"{group.number:,}"]))
    if len(groups) > _MOST_WORST:
        lines += ["", f"Truncated: {len(groups) - _MOST_WORST:,} more kinds of findings are in the findings file."]
    return "\n".join(lines)


def _proofs(proofs: list[table.Proof]) -> str:
    lines = [_row(["operation", "cases", "proved", "refuted", "undecided", "worst radius"])]
    lines.append(_row(["---", "---:", "---:", "---:", "---:", "---:"]))
    for proof in (p for p in proofs if p.cases):
        numbers = [f"{n:,}" for n in (proof.cases, proof.proved, proof.refuted, proof.undecided)]
        radius = "–" if proof.radius is None else f"{proof.radius:.1e}"
        lines.append(_row([_text(proof.op, 80), *numbers, radius]))
    lines = lines if len(lines) > 2 else []
    without = table.without_derivative(proofs)
    return "\n".join([*lines, *(["", _text(without, 4000)] if without else [])])
