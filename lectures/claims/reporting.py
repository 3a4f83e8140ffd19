"""The claims and what their checks found, as text, JSON or one HTML page; worst first."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from . import LECTURES, claims, lectures
from ._claim import UNSETTLED, VERDICTS, Examined, examine
from ._page import page

FORMATS = ("text", "json", "html")
ORDER = (*UNSETTLED, *VERDICTS)
"""Verdicts as reports list them, worst first."""

_WIDTH = 110


def show(lecture: str | None, output_format: str, stream: TextIO) -> int:
    """Check the claims of one lecture, or of all, and write what was found.

    output_format: "text" (for None counts and everything that does not hold; for one lecture every claim),
    "json" or "html" (always every claim). Returns 0 where every verdict is what its record expects, else 1.
    ValueError for an unknown lecture or format.
    """
    if output_format not in FORMATS:
        raise ValueError(f"format {output_format!r} is none of {', '.join(FORMATS)}")
    examined = [examine(claim) for claim in claims(lecture)]
    if output_format == "json":
        json.dump(as_data(examined), stream, ensure_ascii=False, indent=1)
        stream.write("\n")
    elif output_format == "html":
        stream.write(page(counts(examined), worst_first(examined)))
    else:
        stream.write("\n".join(_text(examined, lecture)) + "\n")
    return 0 if examined and all(e.as_expected for e in examined) else 1


def counts(examined: Iterable[Examined]) -> dict[str, Counter[str]]:
    """How many claims of each lecture got each verdict."""
    by_lecture: dict[str, Counter[str]] = {number: Counter() for number in lectures()}
    for e in examined:
        by_lecture[e.claim.lecture][e.evidence.verdict] += 1
    return {number: counted for number, counted in by_lecture.items() if counted}


def worst_first(examined: Iterable[Examined]) -> list[Examined]:
    """What was not expected, then by verdict, then by id."""
    return sorted(examined, key=lambda e: (e.as_expected, ORDER.index(e.evidence.verdict), e.claim.id))


def as_data(examined: Sequence[Examined]) -> dict[str, Any]:
    """The whole result as JSON's types: counts by lecture, and every claim worst first."""
    return {
        "format": "gradproof-lecture-claims",
        "version": 1,
        "counts": {number: dict(counted) for number, counted in counts(examined).items()},
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


# -- text -------------------------------------------------------------------------------------------


def _text(examined: Sequence[Examined], lecture: str | None) -> list[str]:
    lines = [_headline(examined), "", *_table(examined)]
    for e in worst_first(examined):
        if lecture is not None or not e.as_expected or e.evidence.verdict in ("erratum", "transcription"):
            lines += ["", *_claim_lines(e)]
    if lecture is None:
        lines += ["", "The conventions and what holds: gradproof lectures NUMBER, for one lecture in full."]
    return lines


def _headline(examined: Sequence[Examined]) -> str:
    surprises = [e.claim.id for e in examined if not e.as_expected]
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
