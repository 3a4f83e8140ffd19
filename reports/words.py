"""How numbers and foreign text are written, the same in every report."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

# Control characters (an escape sequence can rewrite a terminal) and the marks that turn the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"[\t\n\u2028\u2029]+")


def plain(value: Any, limit: int = 0) -> str:
    """Foreign text that is safe to show: control characters become visible escapes; line breaks and tabs stay.

    limit: the most characters kept, 0 for all; what is cut off is said.
    """
    text = _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), str(value))
    if limit and len(text) > limit:
        return f"{text[:limit]}… ({len(text) - limit:,} more characters)"
    return text


def line(value: Any, limit: int = 0) -> str:
    """`plain` on a single line."""
    return plain(_SPACE.sub(" ", str(value)), limit).strip()


def times(ratio: float | None, sign: str = "x") -> str:
    """Error over allowance in a few characters: "0.41" within the allowance, "6e9x" beyond, "" when there is none."""
    if ratio is None:
        return ""
    if math.isnan(ratio) or math.isinf(ratio):
        return "inf"
    if ratio == 0:
        return "0"
    if ratio < 0.001:
        return "<0.001"
    if ratio < 0.995:
        return f"{ratio:.2f}" if ratio >= 0.0995 else f"{ratio:.2g}"
    if ratio <= 1:
        # Rounding must not write an agreeing result as if it stood on the limit, nor a failing one as if it did not.
        return "1.00" if ratio == 1 else f"{min(ratio, 0.999):.3f}"
    if ratio < 10:
        return f"{max(ratio, 1.01):.3g}{sign}" if ratio < 1.1 else f"{ratio:.2g}{sign}"
    if ratio < 999.5:
        return f"{ratio:.0f}{sign}"
    mantissa, exponent = f"{ratio:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}{sign}"


def beyond(ratio: float | None) -> str:
    """Error over allowance as the end of a sentence."""
    if ratio is None:
        return "no ratio"
    if math.isinf(ratio) or math.isnan(ratio):
        return "beyond any allowance"
    if ratio > 1:
        return f"{times(ratio)} the allowance"
    return f"{times(ratio)} of the allowance"


def pair(true: Any, got: Any) -> tuple[str, str]:
    """The true and the computed number, each with as many digits as it takes to see that they differ."""
    try:
        exact, computed = float(true), float(got)
    except (TypeError, ValueError, OverflowError):
        return line(true, 40), line(got, 40)
    for digits in (6, 9, 12, 15):
        shown = f"{exact:.{digits}g}", f"{computed:.{digits}g}"
        if shown[0] != shown[1]:
            return shown
    return line(true, 40), line(got, 40)


def amount(value: Any) -> str:
    """A number with four digits: "0.8", "5.3e+15"; anything else as it is."""
    try:
        return f"{float(value):.4g}"
    except (TypeError, ValueError, OverflowError):
        return line(value, 40)


def count(number: int, noun: str, plural: str = "") -> str:
    """ "1 case", "1,200 cases"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shape(lengths: Sequence[int]) -> str:
    """A shape as NumPy writes it: "(3,)", "(2, 3)"."""
    return f"({', '.join(str(n) for n in lengths)}{',' if len(lengths) == 1 else ''})"


def listing(items: list[str], most: int = 0) -> str:
    """ "a, b and c"; with more than `most` items the rest are counted."""
    if most and len(items) > most:
        return f"{', '.join(items[:most])} and {len(items) - most} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
