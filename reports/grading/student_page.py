"""One submission's marks as an HTML page: points, stages, and for each stage that is not right all that helps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..pictures import Picture, picture
from ..self_contained import slug
from ..table import items, mapping, number
from . import text
from .page import rendered
from .record import VERDICTS, graded, name_of, shown, student_of, why_for
from .sentences import sentences
from .telling import cause, example_rows, facts, headline, sides

_TILES_AT_ALL = 20_000


@dataclass(frozen=True)
class Section:
    """What the page says of one stage."""

    anchor: str
    name: str
    status: str
    meaning: str
    points: str
    share: float
    visibility: str
    headline: str
    explanation: str
    cause: str
    facts: list[tuple[str, str]]
    example: list[tuple[str, str]]
    picture: Picture | None
    reproduce: str
    sides: list[tuple[str, list[str]]]

    @property
    def right(self) -> bool:
        return self.status == "ok"


def render(record: Mapping[str, Any], *, everything: bool = False) -> str:
    """The page. everything: for an instructor, with the stages that students may not see."""
    seen = shown(record, everything=everything)
    tiles = 0
    sections = []
    for place, stage in enumerate(seen.stages, start=1):
        drawn = _picture(stage) if tiles < _TILES_AT_ALL else None
        tiles += drawn.tiles if drawn else 0
        sections.append(_section(stage, place, drawn))
    first, *rest = sentences(record, everything=everything)
    assignment = mapping(record.get("assignment"))
    identity, name = student_of(record)
    return rendered(
        "student.html",
        headline=first,
        also=rest,
        graded=graded(record),
        why="" if graded(record) else why_for(record, everything),
        identity=identity,
        name=name,
        assignment=text.line(assignment.get("title") or assignment.get("name") or "", 200),
        everything=everything,
        sections=sections,
        notes=[text.line(note) for note in items(record.get("notes"))[:60]],
        output=text.block(record.get("output") or "", 8000),
        facts=_about(record),
    )


def _section(stage: Mapping[str, Any], place: int, drawn: Picture | None) -> Section:
    score, most = number(stage.get("score")), number(stage.get("max_score"))
    status = stage.get("status") if stage.get("status") in VERDICTS else "unknown"
    return Section(
        anchor=f"{place}-{slug(name_of(stage))}",
        name=name_of(stage),
        status=str(status),
        meaning=VERDICTS.get(str(status), ""),
        points=text.of(stage.get("score"), stage.get("max_score")),
        share=0.0 if not most or score is None else max(0.0, min(1.0, score / most)),
        visibility=text.line(stage.get("visibility") or "visible", 40),
        headline=headline(stage),
        explanation=text.block(stage.get("explanation") or "", 6000),
        cause=cause(stage),
        facts=facts(stage),
        example=example_rows(stage),
        picture=drawn,
        reproduce=text.block(stage.get("reproduce") or "", 8000),
        sides=sides(stage),
    )


def _picture(stage: Mapping[str, Any]) -> Picture | None:
    example = mapping(stage.get("example"))
    if example.get("true") is None and example.get("got") is None:
        return None
    true = example.get("true") if example.get("true") is not None else example.get("got")
    detail = {key: example.get(key) for key in ("true", "got", "ratio")} | {"shape": _shape(true)}
    return picture(detail, side=8)


def _shape(nested: Any) -> list[int]:
    """The shape of nested lists, by their first items; a wrong one is laid out flat by the picture."""
    shape: list[int] = []
    while isinstance(nested, (list, tuple)) and len(shape) < 32:
        shape.append(len(nested))
        nested = nested[0] if nested else None
    return shape


def _about(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    assignment, submission = mapping(record.get("assignment")), mapping(record.get("submission"))
    seconds = number(record.get("seconds"))
    rows = [
        ("assignment", assignment.get("name")),
        ("assignment's digest", assignment.get("digest")),
        ("submission's files", ", ".join(text.line(f, 200) for f in items(submission.get("files"))[:30])),
        ("submission's digest", submission.get("digest")),
        ("isolation", record.get("isolation")),
        ("versions", ", ".join(f"{k} {v}" for k, v in mapping(record.get("versions")).items())),
        ("seconds", None if seconds is None else f"{seconds:.1f}"),
    ]
    return [(name, text.line(value)) for name, value in rows if value]
