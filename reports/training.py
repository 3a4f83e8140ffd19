"""The page of one training run: its result in words, curves over the history, and pictures, in a single HTML file."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import words
from .curves import MOST_PANELS, PLACES, panels
from .self_contained import digest, engine, template_text, trusted

MOST_BYTES = 6_000_000  # of pictures, so that the page stays under 10 MB


@dataclass(frozen=True)
class Run:
    """What the page tells of a run.

    name, summary, cite: of the system. settings: name and value of each. proofs: a line for each gradient. lines: the
    result in words. records: the history, one mapping an epoch or step. pictures: PNG files with what they are called.
    no_pictures: why there are none, "" where there are or where none belong there.
    """

    name: str
    summary: str
    cite: str
    settings: Sequence[tuple[str, str]]
    proofs: Sequence[str]
    lines: Sequence[str]
    records: Sequence[Mapping[str, Any]]
    pictures: Sequence[tuple[str, bytes]] = ()
    no_pictures: str = ""


def render(run: Run) -> str:
    """The whole page as text. It asks nothing of the network; every foreign text in it is escaped."""
    style = template_text("page.css", "power.css")
    shown, left_out = _fitting(run.pictures)
    drawn = panels(run.records)
    page = (
        engine(line=words.line)
        .get_template("training.html")
        .render(
            run=run,
            panels=[(p.title, trusted(p.svg), [(trusted(mark), name) for mark, name in p.legend]) for p in drawn],
            truncated=len(drawn) == MOST_PANELS,
            pictures=[(name, base64.b64encode(data).decode("ascii")) for name, data in shown],
            left_out=left_out,
            table=_table(run.records),
            style=trusted(style),
            style_hash=digest(style),
        )
    )
    return str(page.encode("utf-8", "replace").decode("utf-8"))


def _fitting(pictures: Sequence[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """The pictures that the page has room for, and the names of the others."""
    shown: list[tuple[str, bytes]] = []
    left_out: list[str] = []
    for name, data in pictures:
        if sum(len(d) for _, d in shown) + len(data) <= MOST_BYTES:
            shown.append((name, data))
        else:
            left_out.append(name)
    return shown, left_out


def _table(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Each quantity's first, least, greatest and last value: what the curves show, without the picture."""
    rows = []
    for name in dict.fromkeys(key for record in records for key in record):
        values = [v for v in (record.get(name) for record in records) if isinstance(v, (int, float))]
        finite = [float(v) for v in values if not isinstance(v, bool) and math.isfinite(v)]
        if finite and name not in PLACES:
            four = (finite[0], min(finite), max(finite), finite[-1])
            rows.append((name, *(words.amount(v) for v in four), f"{len(values) - len(finite)}"))
    return rows
