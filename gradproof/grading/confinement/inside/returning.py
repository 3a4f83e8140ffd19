"""What a program's values become on the wire: arrays of numbers, or the kind of thing that they are instead."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

LONGEST_TEXT = 200
SHARING_WORK = 10_000


def pack(
    values: Mapping[str, Any], inputs: Mapping[str, np.ndarray], dtypes: Iterable[str], most: int
) -> tuple[dict[str, dict[str, Any]], dict[str, np.ndarray]]:
    """(description of each value, arrays by wire name) for at most `most` bytes of arrays in the named dtypes.

    A description is {"kind": "array", "scalar", "subclass", "shares"} or {"kind": ..., "text": ...}.
    Wire names are "value:NAME" and "input:NAME".
    """
    described: dict[str, dict[str, Any]] = {}
    arrays: dict[str, np.ndarray] = {}
    left = most
    allowed = frozenset(dtypes)
    for name, value in inputs.items():
        if value.dtype.name in allowed and value.nbytes <= left:
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
            shares = [other for other, one in arrays.items() if _share(array, one)]
            arrays[f"value:{name}"] = array
            described[name] = {
                "kind": "array",
                "scalar": not isinstance(value, np.ndarray),
                "subclass": "" if type(value) is np.ndarray or np.isscalar(value) else type(value).__name__,
                "shares": shares,
            }
    return described, arrays


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
