"""Text of a marks record, which a student may have written: made harmless before it goes anywhere."""

from __future__ import annotations

import re
from typing import Any

from .. import words

# Beyond what `words` escapes: the Arabic letter mark, the interlinear and the invisible tag characters, and the
# byte order mark. All of them are unseen and change how the text around them is read.
_UNSEEN = re.compile("[\u061c\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_SEPARATORS = re.compile("[\x85\u2028\u2029]|\r\n?")

LONGEST_LINE = 500
MOST_LINES = 400
MOST_CHARACTERS = 20_000


def line(value: Any, limit: int = LONGEST_LINE) -> str:
    """Foreign text on one line: control and direction characters visible as escapes, cut at `limit` characters."""
    return _escaped(words.line(_without_surrogates(value), limit))


def block(value: Any, limit: int = MOST_CHARACTERS) -> str:
    """Foreign text of several lines: as `line`, each line cut at LONGEST_LINE, at most MOST_LINES and `limit`."""
    lines = _SEPARATORS.sub("\n", _without_surrogates(value)).split("\n")
    shown = [_escaped(words.plain(text.rstrip(), LONGEST_LINE)) for text in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        shown.append(f"… ({len(lines) - MOST_LINES:,} more lines)")
    text = "\n".join(shown).strip("\n")
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more characters)"


def points(value: Any) -> str:
    """Points with at most two decimals: "2", "2.5"; a dash where nothing was given."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "–"
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def of(score: Any, most: Any) -> str:
    """ "7.5 of 10"."""
    return f"{points(score)} of {points(most)}"


def _escaped(text: str) -> str:
    return _UNSEEN.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def _without_surrogates(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")
