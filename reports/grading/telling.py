"""What is said about one stage, in the same order in every output: what, where, why, the smallest case, what to run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import words
from ..table import items, mapping, number
from . import text
from .record import VERDICTS, name_of

_MOST_ENTRIES = 64
_MOST_INPUTS = 12


def headline(stage: Mapping[str, Any]) -> str:
    """The sentence that a stage leads with, on one line."""
    status = text.line(stage.get("status") or "", 40)
    said = text.line(stage.get("headline") or "")
    # What the grader's own machine said stands in the reason of the record, which students are not shown.
    if said and status != "grader-fault":
        return said
    if status == "blocked-by" and stage.get("blocked_by"):
        return f"not judged: it needs {text.line(stage['blocked_by'], 80)} to be right first"
    return VERDICTS.get(status, status)


def cause(stage: Mapping[str, Any]) -> str:
    """The mistake that explains the values, as a sentence that says how sure it is; "" where there is none."""
    mistake = mapping(stage.get("mistake"))
    sentence = text.line(mistake.get("sentence") or "")
    if not sentence:
        return ""
    # Only "certain" is said as a fact: several mistakes may explain the same numbers.
    return f"{'The cause' if mistake.get('certain') else 'A likely cause'}: {sentence}"


def facts(stage: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, one line) for the worst entry, the pattern, the accepted variant, the case and what else is known."""
    example = mapping(stage.get("example"))
    worst = mapping(example.get("worst"))
    rows: list[tuple[str, str]] = []
    # What the words above it say already is not said twice.
    said_above = f"{stage.get('headline') or ''} {stage.get('explanation') or ''}"
    if worst and "worst entry" not in said_above:
        true, got = words.pair(worst.get("true"), worst.get("got"))
        index = ", ".join(text.line(i, 20) for i in items(worst.get("index"))[:12])
        name = text.line(example.get("quantity") or stage.get("quantity") or "value", 60)
        at = f"{name}[{index}]" if index else name
        ratio = number(worst.get("ratio"))
        how_far = f", {words.beyond(ratio)}" if ratio is not None else ""
        rows.append(("worst entry", f"{at}: true {text.line(true, 40)}, got {text.line(got, 40)}{how_far}"))
    variant = mapping(stage.get("variant"))
    said = ", ".join(f"{text.line(k, 40)}={text.line(v, 60)}" for k, v in list(variant.items())[:8])
    blocked = stage.get("blocked_by") if stage.get("status") == "blocked-by" else ""
    for name, value in (
        ("pattern", "" if str(stage.get("pattern") or "") in said_above else stage["pattern"]),
        ("accepted variant", said),
        ("blocked by", blocked),
        ("charged once, at", stage.get("charged")),
        ("case", "" if stage.get("status") == "ok" else stage.get("case")),
    ):
        if value:
            rows.append((name, text.line(value)))
    return rows


def example_rows(stage: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, array as text) of the smallest case: the inputs, the cotangent, true and got."""
    example = mapping(stage.get("example"))
    rows = [(text.line(k, 60), v) for k, v in list(mapping(example.get("inputs")).items())[:_MOST_INPUTS]]
    if example.get("cotangent") is not None:
        rows.append(("cotangent", example["cotangent"]))
    quantity = text.line(example.get("quantity") or stage.get("quantity") or "result", 60)
    rows += [(f"{word} {quantity}", example[key]) for word, key in _SIDES if example.get(key) is not None]
    return [(name, array(value)) for name, value in rows]


_SIDES = (("true", "true"), ("your", "got"))


def array(nested: Any) -> str:
    """Nested lists as NumPy prints them: a row a line, numbers short; a large one is said by its size only."""
    size = _size(nested)
    if size > _MOST_ENTRIES:
        return f"({size:,} entries, too many to print here)"
    return _array(nested, 0)


def _array(nested: Any, depth: int) -> str:
    if not isinstance(nested, (list, tuple)):
        return _scalar(nested)
    if depth > 8:
        return "[…]"
    inner = [_array(item, depth + 1) for item in nested]
    flat = all(not isinstance(item, (list, tuple)) for item in nested)
    return f"[{', '.join(inner)}]" if flat else f"[{(',' + chr(10) + ' ' * (depth + 1)).join(inner)}]"


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return text.line(f"{value:.6g}", 40)
    return text.line(value, 40)


def _size(nested: Any) -> int:
    """Number of entries; not recursive, since a hostile record may nest deeply."""
    size, stack = 0, [nested]
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend(item)
        else:
            size += 1
    return size


def sides(stage: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The lists of what was right and what could not be judged, where there are any."""
    found = []
    for title, key in (("Right", "right"), ("Not judged", "not_judged")):
        lines = [text.line(item) for item in items(stage.get(key))[:20] if item]
        if lines:
            found.append((title, lines))
    return found


def told(stage: Mapping[str, Any]) -> str:
    """All of it as plain text, for the formats that hold text only."""
    parts = [headline(stage)]
    explanation = text.block(stage.get("explanation") or "", 4000)
    parts += [part for part in (explanation, cause(stage)) if part and part != parts[0]]
    parts += [f"{name}: {value}" for name, value in facts(stage)]
    rows = example_rows(stage)
    if rows:
        parts.append("The smallest case that shows it:")
        parts += [_indented(name, value) for name, value in rows]
    reproduce = text.block(stage.get("reproduce") or "", 4000)
    if reproduce:
        parts.append(f"To see it again:\n{_shifted(reproduce)}")
    for title, lines in sides(stage):
        parts.append(f"{title}:\n" + "\n".join(f"  - {item}" for item in lines))
    return "\n".join(parts)


def _indented(name: str, value: str) -> str:
    first = f"  {name} = "
    return first + value.replace("\n", "\n" + " " * len(first))


def _shifted(lines: str) -> str:
    return "\n".join(f"  {text_line}" for text_line in lines.split("\n"))


def title_and_points(stage: Mapping[str, Any]) -> str:
    """ "Affine layer: dw, 0 of 2, wrong"."""
    return f"{name_of(stage)}, {text.of(stage.get('score'), stage.get('max_score'))}, {stage.get('status')}"
