"""One submission's marks as Markdown, for a student to read. Foreign text is escaped or stands in a code block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..table import items
from . import text
from .record import graded, name_of, shown, why_for
from .sentences import sentences
from .telling import cause, example_rows, facts, headline, sides

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#!|~&$@])")


def render(record: Mapping[str, Any], *, everything: bool = False) -> str:
    """The text. everything: also the stages that students may not see, for an instructor."""
    seen = shown(record, everything=everything)
    first, *rest = sentences(record, everything=everything)
    parts = [f"# {escaped(first)}", *(escaped(sentence) for sentence in rest)]
    if not graded(record):
        parts.append(f"Why: {escaped(why_for(record, everything))}")
    if seen.stages:
        parts.append(_table(seen.stages))
    parts += [_stage(stage) for stage in seen.stages if stage.get("status") != "ok"]
    notes = [escaped(note) for note in items(record.get("notes"))[:40]]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {note}" for note in notes))
    output = text.block(record.get("output") or "", 4000)
    if output:
        parts.append(f"## What the code printed\n\n{fenced(output)}")
    return "\n\n".join(parts) + "\n"


def escaped(value: object, limit: int = 2000) -> str:
    """One line of foreign text without markup, HTML, links or mentions."""
    plain = _SPECIAL.sub(r"\\\1", text.line(value, limit))
    plain = re.sub(r"(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])", "_", plain)
    plain = plain.replace("\\@", "@\u200b").replace("\\&", "&amp;").replace("\\<", "&lt;").replace("://", ":\u200b//")
    # A line that begins like a list, a heading's rule or a number would be one.
    plain = re.sub(r"^([-+=])", r"\\\1", plain)
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", plain)


def fenced(block: str) -> str:
    """Foreign text in a code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", block)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{block}\n{fence}"


def _table(stages: Iterable[Mapping[str, Any]]) -> str:
    lines = ["| task and stage | verdict | points | what was found |", "| --- | --- | ---: | --- |"]
    for stage in stages:
        status = escaped(stage.get("status") or "", 40)
        status = status if stage.get("status") == "ok" else f"**{status}**"
        points = text.of(stage.get("score"), stage.get("max_score"))
        lines.append(f"| {escaped(name_of(stage), 200)} | {status} | {points} | {escaped(headline(stage), 300)} |")
    return "\n".join(lines)


def _stage(stage: Mapping[str, Any]) -> str:
    parts = [f"## {escaped(name_of(stage), 200)}: {escaped(stage.get('status') or '', 40)}", escaped(headline(stage))]
    explanation = text.block(stage.get("explanation") or "", 4000)
    if explanation:
        parts.append("\n".join(f"{escaped(row)}  " if row else "" for row in explanation.split("\n")).strip())
    if cause(stage):
        parts.append(escaped(cause(stage)))
    rows = facts(stage)
    if rows:
        parts.append("\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in rows))
    arrays = example_rows(stage)
    if arrays:
        shown_rows = "\n".join(_aligned(name, value) for name, value in arrays)
        parts.append(f"The smallest case that shows it:\n\n{fenced(shown_rows)}")
    reproduce = text.block(stage.get("reproduce") or "", 4000)
    if reproduce:
        parts.append(f"To see it again:\n\n{fenced(reproduce)}")
    for title, lines in sides(stage):
        parts.append(f"{title}:\n\n" + "\n".join(f"- {escaped(item)}" for item in lines))
    return "\n\n".join(parts)


def _aligned(name: str, value: str) -> str:
    first = f"{name} = "
    return first + value.replace("\n", "\n" + " " * len(first))
