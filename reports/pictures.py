"""Heat maps of a detail record: the true array, what was got, and error over allowance, as rows of plain tiles."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import words
from .table import items, number, whole

_NUMBERS_SHOWN = 8


@dataclass(frozen=True)
class Tile:
    """One entry: its shade (a style class), the number in it or a mark where there is no room, the whole number."""

    shade: str
    text: str
    title: str
    worst: bool


@dataclass(frozen=True)
class Map:
    """One array in two dimensions: the last axis across, all leading axes down."""

    name: str
    rows: tuple[tuple[str, tuple[Tile, ...]], ...]


@dataclass(frozen=True)
class Picture:
    """True, got and error over allowance in the same window of an array, its column numbers, a sentence about it."""

    maps: tuple[Map, ...]
    columns: tuple[str, ...]
    note: str
    tiles: int


def picture(detail: Mapping[str, Any], side: int = 16) -> Picture | None:
    """The picture of a detail record; None if it holds no arrays.

    An array with more than `side` rows or columns is cut to a window around its worst entry, and the note says so.
    Arrays of any number of axes are laid out in two dimensions; an array of no axes is one tile.
    """
    arrays = {name: flat(detail.get(name)) for name in ("true", "got", "ratio")}
    sizes = {len(values) for values in arrays.values() if values}
    if not sizes:
        return None
    size = len(arrays["true"]) or max(sizes)
    shape = _shape(detail, size)
    across = shape[-1] if shape else 1
    down = size // across
    worst = min(_worst(arrays["ratio"]), size - 1)
    top, left = _window(down, side, worst // across), _window(across, side, worst % across)
    finite = [abs(v) for v in arrays["true"] + arrays["got"] if v is not None and math.isfinite(v)]
    scale = max(finite, default=0.0)
    rows = range(top, min(top + side, down))
    columns = range(left, min(left + side, across))
    with_text = len(columns) <= _NUMBERS_SHOWN

    def tile(name: str, place: int) -> Tile:
        value = arrays[name][place] if place < len(arrays[name]) else None
        return Tile(
            shade=_ratio_shade(value) if name == "ratio" else _value_shade(value, scale),
            text=_short(value) if with_text or not math.isfinite(value or 0) else _mark(name, value),
            title=f"{list(_index(place, shape))} {_title(name, value)}",
            worst=place == worst,
        )

    def across_row(name: str, row: int) -> tuple[str, tuple[Tile, ...]]:
        return _row_name(row, shape), tuple(tile(name, row * across + c) for c in columns)

    maps = tuple(Map(name, tuple(across_row(name, row) for row in rows)) for name, values in arrays.items() if values)
    tiles = len(maps) * len(rows) * len(columns)
    note = _note(shape, down, across, rows, columns)
    if arrays["got"] and len(arrays["got"]) != size:
        note += f"; what was got has {len(arrays['got']):,} entries instead of {size:,}, shown in their order"
    return Picture(maps, tuple(str(c) for c in columns), note, tiles)


def flat(nested: Any) -> list[float | None]:
    """The numbers of nested lists in order. Not recursive: a hostile file may nest deeply."""
    if nested is None:
        return []
    values: list[float | None] = []
    stack = [nested]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        else:
            values.append(number(item))
    return values


def _shape(detail: Mapping[str, Any], size: int) -> tuple[int, ...]:
    shape = tuple(whole(n) for n in items(detail.get("shape")))
    return shape if math.prod(shape) == size else (size,)


def _worst(ratios: list[float | None]) -> int:
    keys = [-1.0 if r is None else math.inf if math.isnan(r) else r for r in ratios]
    return max(range(len(keys)), key=keys.__getitem__, default=0)


def _window(length: int, side: int, place: int) -> int:
    """Start of a window of at most `side` that holds `place`, as near to the middle as it can."""
    return max(0, min(place - side // 2, length - side))


def _index(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for length in reversed(shape):
        place, rest = divmod(place, length)
        index.append(rest)
    return tuple(reversed(index))


def _row_name(row: int, shape: tuple[int, ...]) -> str:
    return ",".join(str(i) for i in _index(row, shape[:-1]))


def _value_shade(value: float | None, scale: float) -> str:
    if value is None or value == 0:
        return "z"
    if not math.isfinite(value):
        return "x"
    return f"{'n' if value < 0 else 'p'}{min(4, 1 + int(4 * (abs(value) / scale)))}"


def _ratio_shade(value: float | None) -> str:
    if value is None or value == 0:
        return "z"
    if not math.isfinite(value):
        return "x"
    limits = ((0.1, "g1"), (1, "g2"), (10, "r1"), (1e3, "r2"), (1e6, "r3"))
    return next((shade for limit, shade in limits if value <= limit), "r4")


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    text = f"{value:.3g}" if math.isfinite(value) else str(value)
    return text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e-").replace("-", "−")


def _mark(name: str, value: float | None) -> str:
    """What a tile without room for its number says without colour: beyond the allowance, or negative."""
    if name == "ratio":
        return "×" if (value or 0) > 1 else ""
    return "−" if (value or 0) < 0 else ""


def _title(name: str, value: float | None) -> str:
    if name == "ratio":
        return words.beyond(value)
    return f"{name} {'none' if value is None else repr(value)}"


def _note(shape: tuple[int, ...], down: int, across: int, rows: range, columns: range) -> str:
    text = f"shape {words.shape(shape)}"
    if len(shape) > 2:
        text += f", laid out as {down} × {across}: the last axis across, the leading axes down"
    if len(rows) < down or len(columns) < across:
        shown = [
            f"{name} {part[0]} to {part[-1]} of {length}"
            for name, part, length in (("rows", rows, down), ("columns", columns, across))
            if len(part) < length
        ]
        text += f"; truncated to {' and '.join(shown)}, around the worst entry"
    return text
