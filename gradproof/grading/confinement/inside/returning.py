"""What a program's values become on the wire: arrays of numbers, or the kind of thing that they are instead."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

try:
    from numpy.lib.array_utils import byte_bounds
except ImportError:  # NumPy before 2
    from numpy import byte_bounds  # type: ignore[attr-defined,no-redef,unused-ignore]

LONGEST_TEXT = 200
SHARING_WORK = 10_000


def pack(
    values: Mapping[str, Any],
    inputs: Mapping[str, np.ndarray],
    dtypes: Iterable[str],
    most: int,
    unchanged: Collection[str] = (),
) -> tuple[dict[str, dict[str, Any]], dict[str, np.ndarray]]:
    """(description of each value, arrays by wire name) for at most `most` bytes of arrays in the named dtypes.

    A description is {"kind": "array", "scalar", "subclass", "shares"} or {"kind": ..., "text": ...}.
    Wire names are "value:NAME" and "input:NAME"; inputs that are `unchanged` are not sent back.
    """
    described: dict[str, dict[str, Any]] = {}
    arrays: dict[str, np.ndarray] = {}
    placed: list[tuple[int, int, str, np.ndarray]] = []
    left = most
    allowed = frozenset(dtypes)
    for name, value in inputs.items():
        if value.dtype.name in allowed and value.nbytes <= left:
            placed.append((*byte_bounds(value), f"input:{name}", value))
            if name not in unchanged:
                left -= value.nbytes
                arrays[f"input:{name}"] = value
    for name, value in values.items():
        array = _as_array(value)
        if array is None or array.dtype.name not in allowed:
            described[name] = {"kind": _kind(value, array), "text": _text(value)}
        elif (size := array.dtype.itemsize * math.prod(array.shape)) > left:
            described[name] = {"kind": "too-large", "text": f"an array of shape {array.shape}, {size} bytes"}
        else:
            left -= size
            placed.append((*byte_bounds(array), f"value:{name}", array))
            arrays[f"value:{name}"] = array
            described[name] = {
                "kind": "array",
                "scalar": not isinstance(value, np.ndarray),
                "subclass": "" if type(value) is np.ndarray or np.isscalar(value) else type(value).__name__,
                "shares": [],
            }
    for name, other in _sharing(placed):
        described[name.removeprefix("value:")]["shares"].append(other)
    return described, arrays


def _sharing(placed: Sequence[tuple[int, int, str, np.ndarray]]) -> list[tuple[str, str]]:
    """Each value with each input and each value before it that shares memory with it, in their order."""
    found = []
    # By address, so that of hundreds of arrays only neighbours are compared.
    order = sorted(range(len(placed)), key=lambda k: placed[k][0])
    for position, k in enumerate(order):
        end = placed[k][1]
        for j in order[position + 1 :]:
            if placed[j][0] >= end:
                break
            first, second = sorted((k, j))
            if placed[second][2].startswith("value:") and _share(placed[second][3], placed[first][3]):
                found.append((second, first))
    return [(placed[second][2], placed[first][2]) for second, first in sorted(found)]


def _as_array(value: Any) -> np.ndarray | None:
    if isinstance(value, np.ma.MaskedArray):
        return None
    if isinstance(value, (np.ndarray, np.generic)):
        # The base class's own view: a subclass's __array__ and its like are not asked.
        return np.asarray(value).view(np.ndarray) if isinstance(value, np.ndarray) else np.asarray(value)
    if isinstance(value, (bool, int, float)):
        with contextlib.suppress(OverflowError):
            return np.asarray(value)
    return None


def _kind(value: Any, array: np.ndarray | None) -> str:
    if array is not None:
        return str(array.dtype.name)
    return "masked_array" if isinstance(value, np.ma.MaskedArray) else type(value).__name__.removesuffix("Type")


def _text(value: Any) -> str:
    try:
        return repr(value)[:LONGEST_TEXT]
    except Exception:
        return ""


def _share(one: np.ndarray, other: np.ndarray) -> bool:
    try:
        return bool(np.shares_memory(one, other, max_work=SHARING_WORK))  # type: ignore[arg-type]
    except Exception:
        return bool(np.may_share_memory(one, other))
