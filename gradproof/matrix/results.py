"""The numbers that a cell computed, kept bit for bit beside its findings: what two cells are compared by.

`results.bin` is written operation by operation and may stop anywhere: each part is its length (8 bytes, little-endian)
and its content, compressed; the first is the header. Of most results only the difference to the reference's bits is
stored, which is little where both are right.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..panel import REFERENCE
from .planes import from_planes, to_planes

RESULTS = "results.bin"
FORMAT, VERSION = "gradproof-results", 1
LENGTH = struct.Struct("<Q")
LARGEST = 1 << 30
DTYPES = {"float64": "<f8", "float32": "<f4", "int64": "<i8", "int32": "<i4", "bool": "|b1"}

Key = tuple[str, str, str]
"""Case, implementation, quantity."""


@dataclass
class Kept:
    """The results of a cell as read. arrays: by quantity, one array for each cotangent (one for an output)."""

    cases: str = ""
    operations: set[str] = field(default_factory=set)
    arrays: dict[Key, list[np.ndarray]] = field(default_factory=dict)

    def at(self, key: Key, cotangent: int | None, index: tuple[int, ...]) -> np.generic | None:
        """One entry of a result, or None where it was not kept or has no such entry."""
        arrays = self.arrays.get(key, [])
        k = min(cotangent or 0, len(arrays) - 1)
        if k < 0:
            return None
        try:
            return arrays[k][index]
        except IndexError:
            return None


def header(cases: str) -> bytes:
    """The first part of a file, for results on the case file with that hash."""
    return _part({"format": FORMAT, "version": VERSION, "cases": cases}, b"")


def part(operation: str, arrays: Mapping[Key, list[np.ndarray]]) -> bytes:
    """All results of an operation as one part of the file, but those of a dtype that no implementation may return."""
    told, streams = [], {name: bytearray() for name in DTYPES}
    for key, results in sorted(arrays.items(), key=lambda each: (each[0][1] != REFERENCE, each[0])):
        for k, result in enumerate(results):
            dtype = result.dtype.name
            if dtype not in DTYPES:
                continue
            raw = np.ascontiguousarray(result, dtype=DTYPES[dtype]).tobytes()
            told.append([*key, k, dtype, list(result.shape)])
            streams[dtype] += _difference(raw, key, k, dtype, arrays)
    sizes = {name: len(stream) for name, stream in streams.items()}
    body = b"".join(to_planes(np.frombuffer(bytes(s), DTYPES[n])).tobytes() for n, s in streams.items())
    return _part({"operation": operation, "results": told, "sizes": sizes}, body)


def _difference(raw: bytes, key: Key, k: int, dtype: str, arrays: Mapping[Key, list[np.ndarray]]) -> bytes:
    """The bits against those of the reference's result, where that has the same dtype and size."""
    own = arrays.get((key[0], REFERENCE, key[2]), [])
    if key[1] == REFERENCE or k >= len(own) or own[k].dtype.name != dtype or own[k].nbytes != len(raw):
        return raw
    base = np.ascontiguousarray(own[k], dtype=DTYPES[dtype]).tobytes()
    return (np.frombuffer(raw, np.uint8) ^ np.frombuffer(base, np.uint8)).tobytes()


def _part(told: Mapping[str, Any], body: bytes) -> bytes:
    text = json.dumps(told).encode()
    packed = zlib.compress(LENGTH.pack(len(text)) + text + body, 6)
    return LENGTH.pack(len(packed)) + packed


# -- reading --------------------------------------------------------------------------------------------------------


def read(path: Path, numbers: bool = True) -> Kept:
    """What is whole in a file; nothing where there is none. numbers: False for the operations alone."""
    kept = Kept()
    try:
        with path.open("rb") as handle:
            parts = [(told, body) for told, body, _ in _parts(handle)]
    except OSError:
        return kept
    if not parts or parts[0][0].get("format") != FORMAT or parts[0][0].get("version") != VERSION:
        return kept
    kept.cases = str(parts[0][0]["cases"])
    for told, body in parts[1:]:
        kept.operations.add(told["operation"])
        if numbers:
            kept.arrays.update(_arrays(told, body))
    return kept


def whole(path: Path) -> int:
    """Bytes of a file that are whole parts: where a resumed cell goes on."""
    try:
        with path.open("rb") as handle:
            return max((end for *_, end in _parts(handle)), default=0)
    except OSError:
        return 0


def _parts(handle: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes, int]]:
    """(header, body, offset of the byte after it) of each whole part; a file may be cut anywhere."""
    while len(prefix := handle.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(prefix)
        packed = handle.read(length) if length <= LARGEST else b""
        try:
            content = zlib.decompress(packed)
            (size,) = LENGTH.unpack_from(content)
            told = json.loads(content[LENGTH.size : LENGTH.size + size])
        except (zlib.error, struct.error, ValueError):
            return
        if len(packed) != length or not isinstance(told, dict):
            return
        yield told, content[LENGTH.size + size :], handle.tell()


def _arrays(told: Mapping[str, Any], body: bytes) -> dict[Key, list[np.ndarray]]:
    streams, start = {}, 0
    for name, size in told["sizes"].items():
        planes = np.frombuffer(body[start : start + size], np.uint8).reshape(np.dtype(DTYPES[name]).itemsize, -1)
        streams[name] = from_planes(planes, DTYPES[name]).tobytes()
        start += size
    at = dict.fromkeys(streams, 0)
    arrays: dict[Key, list[np.ndarray]] = {}
    for case, implementation, quantity, k, dtype, shape in told["results"]:
        kind = np.dtype(DTYPES[dtype])
        size = kind.itemsize * int(np.prod(shape, dtype=np.int64))
        raw = streams[dtype][at[dtype] : at[dtype] + size]
        at[dtype] += size
        own = arrays.get((case, REFERENCE, quantity), [])
        if implementation != REFERENCE and k < len(own) and own[k].dtype == kind and own[k].nbytes == size:
            base = np.frombuffer(own[k].tobytes(), np.uint8)
            raw = (np.frombuffer(raw, np.uint8) ^ base).tobytes()
        of = arrays.setdefault((case, implementation, quantity), [])
        of.append(np.frombuffer(raw, kind).reshape(shape))
    return arrays
