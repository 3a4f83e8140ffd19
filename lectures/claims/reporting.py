"""The claims and what their checks found, as text, JSON or one HTML page; worst first."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from . import LECTURES, claims, lectures
from ._claim import UNSETTLED, VERDICTS, Examined, examine
from ._contradiction import Compared, compare
from ._page import page
from .contradictions import contradictions, lines

FORMATS = ("text", "json", "html")
ORDER = (*UNSETTLED, *VERDICTS)
"""Verdicts as reports list them, worst first."""

_WIDTH = 110


def show(lecture: str | None, output_format: str, stream: TextIO) -> int:
    """Check the claims and contradictions of one lecture, or of all, and write what was found.

    output_format: "text" (for None counts and everything that does not hold; for one lecture every claim),
    "json" or "html" (always every claim). Returns 0 where every verdict is what its record expects and every
    contradiction is shown, else 1. ValueError for an unknown lecture or format.
    """
    if output_format not in FORMATS:
        raise ValueError(f"format {output_format!r} is none of {', '.join(FORMATS)}")
    examined = [examine(claim) for claim in claims(lecture)]
    compared = [compare(contradiction) for contradiction in contradictions(lecture)]
    if output_format == "json":
        json.dump(as_data(examined, compared), stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    elif output_format == "html":
        stream.write(page(counts(examined), worst_first(examined), compared))
    else:
        stream.write("\n".join(_text(examined, compared, lecture)) + "\n")
    settled = all(e.as_expected for e in examined) and all(c.shown for c in compared)
    return 0 if examined and settled else 1


def counts(examined: Iterable[Examined]) -> dict[str, Counter[str]]:
    """How many claims of each lecture got each verdict."""
    by_lecture: dict[str, Counter[str]] = {number: Counter() for number in lectures()}
    for e in examined:
        by_lecture[e.claim.lecture][e.evidence.verdict] += 1
    return {number: counted for number, counted in by_lecture.items() if counted}


def worst_first(examined: Iterable[Examined]) -> list[Examined]:
    """What was not expected, then by verdict, then by id."""
    return sorted(examined, key=lambda e: (e.as_expected, ORDER.index(e.evidence.verdict), e.claim.id))


def as_data(examined: Sequence[Examined], compared: Sequence[Compared]) -> dict[str, Any]:
    """The whole result as JSON's types: counts by lecture, the contradictions, and every claim worst first."""
    return {
        "format": "gradproof-lecture-claims",
        "version": 1,
        "counts": {number: dict(counted) for number, counted in counts(examined).items()},
        "contradictions": [_contradiction(c) for c in compared],
        "claims": [_record(e) for e in worst_first(examined)],
    }


def _record(e: Examined) -> dict[str, Any]:
    claim, place = e.claim, e.claim.place
    return {
        "id": claim.id,
        "source": LECTURES[claim.lecture],
        "place": {"heading": place.heading, "heading_line": place.heading_line, "line": place.line},
        "says": claim.says,
        "kind": claim.kind,
        "printed": claim.printed,
        "expected": claim.expected,
        "verdict": e.evidence.verdict,
        "as_expected": e.as_expected,
        "evidence": e.evidence.text,
        "numbers": [list(pair) for pair in e.evidence.numbers],
        "corrected": claim.corrected,
        "convention": claim.convention,
    }


def _contradiction(found: Compared) -> dict[str, Any]:
    c = found.contradiction
    return {
        "id": c.id,
        "subject": c.subject,
        "lectures": list(c.lectures),
        "shown": found.shown,
        "evidence": found.text,
        "settled": c.settled,
        "readings": [
            {
                "reading": reading.name,
                "consequence": reading.consequence,
                "value": value,
                "sides": [
                    {"lecture": s.lecture, "says": s.says, "claims": list(s.claims), "lines": lines(s.claims)}
                    for s in reading.sides
                ],
            }
            for reading, value in zip(c.readings, found.values or [""] * len(c.readings), strict=True)
        ],
    }


# -- text -------------------------------------------------------------------------------------------


def _text(examined: Sequence[Examined], compared: Sequence[Compared], lecture: str | None) -> list[str]:
    said = [_headline(examined, compared), "", *_table(examined)]
    if compared:
        said += ["", f"{len(compared)} contradictions, between lectures or within one (lecture: lines):"]
        said += [line for c in compared for line in _contradiction_lines(c)]
    for e in worst_first(examined):
        if lecture is not None or not e.as_expected or e.evidence.verdict in ("erratum", "transcription"):
            said += ["", *_claim_lines(e)]
    if lecture is None:
        said += ["", "The conventions and what holds: gradproof lectures NUMBER, for one lecture in full."]
    return said


def _contradiction_lines(found: Compared) -> list[str]:
    c = found.contradiction
    readings = []
    for i, reading in enumerate(c.readings):
        places = ", ".join(f"{s.lecture}: {' '.join(map(str, lines(s.claims)))}" for s in reading.sides)
        readings.append(f"{reading.name} [{places}]" + (f" gives {found.values[i]}" if found.values else ""))
    missed = "" if found.shown else f" -- NOT SHOWN: {found.text}"
    return textwrap.wrap(
        f"{c.subject}: {'; '.join(readings)}{missed}", _WIDTH, initial_indent="  ", subsequent_indent="      "
    )


def _headline(examined: Sequence[Examined], compared: Sequence[Compared]) -> str:
    surprises = [e.claim.id for e in examined if not e.as_expected]
    surprises += [c.contradiction.id for c in compared if not c.shown]
    errata = sum(e.evidence.verdict == "erratum" for e in examined)
    said = f"{len(examined)} claims, {errata} of them wrong"
    if surprises:
        return f"{said}; NOT as recorded: {', '.join(surprises)}"
    return f"{said}; every verdict is the one on record"


def _table(examined: Sequence[Examined]) -> list[str]:
    counted = counts(examined)
    shown = [v for v in ORDER if any(row[v] for row in counted.values())]
    lines = ["lecture  " + "  ".join(f"{v:>13}" for v in shown) + f"  {'all':>5}"]
    for number, row in counted.items():
        lines.append(
            f"{number:<9}" + "  ".join(f"{row[v]:>13}" for v in shown) + f"  {sum(row.values()):>5}  {LECTURES[number]}"
        )
    return lines


def _claim_lines(e: Examined) -> list[str]:
    claim = e.claim
    surprise = "" if e.as_expected else f" (the record expects {claim.expected})"
    lines = [f"{claim.id}  {e.evidence.verdict}{surprise}  {claim.kind}, {claim.place}", *_wrapped("", claim.says)]
    said = (
        ("printed", claim.printed),
        ("right", claim.corrected),
        ("convention", claim.convention),
        ("evidence", e.evidence.text),
    )
    return lines + [line for name, text in said if text for line in _wrapped(f"{name}: ", " ".join(text.split()))]


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"    {name}", subsequent_indent="      ", break_long_words=False)
