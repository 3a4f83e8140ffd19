"""Frames between the judge and a worker: a JSON header and the raw bytes of arrays; no pickle, no eval.

A frame is the header's length (8 bytes, little-endian), the header (a JSON object in UTF-8), then the
bytes of the arrays one after the other. The header's "arrays" describes each:
``{"name": "x", "dtype": "float32", "shape": [3, 2], "order": "C", "nbytes": 24}``.
Both ends distrust each other: everything is checked before anything is allocated for it.
Standard library and NumPy only; Python 3.10 and later.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

MAX_HEADER = 1 << 20
MAX_PAYLOAD = 256 << 20
MAX_AXES = 32
DTYPES = {"float32": "<f4", "float64": "<f8", "int64": "<i8", "int32": "<i4", "bool": "|b1"}
DESCRIPTOR = {"name", "dtype", "shape", "order", "nbytes"}
LENGTH = struct.Struct("<Q")
CHUNK = 1 << 20

Frame = tuple[dict[str, Any], dict[str, np.ndarray]]


class WireError(ValueError):
    """The bytes, or the arrays to be sent, are not a frame; the message says what is wrong in a sentence."""


def encode(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """One whole frame. WireError where the header is no JSON, or an array's dtype or size cannot be carried."""
    arrays = {name: np.asarray(array, order="C") for name, array in (arrays or {}).items()}
    try:
        text = json.dumps({**header, "arrays": [_describe(name, array) for name, array in arrays.items()]})
    except (TypeError, ValueError) as error:
        if isinstance(error, WireError):
            raise
        raise WireError(f"the header cannot be written as JSON: {error}") from None
    raw = text.encode()
    _check_length("header", len(raw), MAX_HEADER)
    _check_length("payload", sum(array.nbytes for array in arrays.values()), MAX_PAYLOAD)
    body = (array.astype(DTYPES[array.dtype.name], copy=False).tobytes() for array in arrays.values())
    return b"".join((LENGTH.pack(len(raw)), raw, *body))


def decode(read: Callable[[int], bytes]) -> Frame:
    """Read one frame: (header, arrays by name), the arrays aligned, writable and in C order.

    `read(n)` returns from 1 to n bytes, or none at the end of the stream.
    EOFError where the stream ends before a frame begins; WireError where it ends within one or is no frame.
    """
    prefix = _exactly(read, LENGTH.size, "header length", may_end=True)
    (length,) = LENGTH.unpack(prefix)
    _check_length("header", length, MAX_HEADER)
    header = _parse(_exactly(read, length, "header"))
    described = list(_descriptors(header.pop("arrays", [])))
    _check_length("payload", sum(nbytes for *_, nbytes in described), MAX_PAYLOAD)
    arrays = {}
    for name, dtype, shape, nbytes in described:
        arrays[name] = _array(name, dtype, shape, _exactly(read, nbytes, f"array {name!r}"))
    return header, arrays


def send(
    connection: socket.socket,
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray] | None = None,
    deadline: float | None = None,
) -> None:
    """Send one frame; `deadline` is a `time.monotonic()` moment. TimeoutError when it passes, OSError when cut."""
    frame = encode(header, arrays)
    connection.settimeout(_remaining(deadline))
    connection.sendall(frame)


def receive(connection: socket.socket, deadline: float | None = None) -> Frame:
    """Receive one frame, as `decode` does; TimeoutError when the deadline (`time.monotonic()`) passes first."""

    def read(count: int) -> bytes:
        connection.settimeout(_remaining(deadline))
        return connection.recv(count)

    return decode(read)


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _check_length(what: str, size: int, most: int) -> None:
    if size > most:
        raise WireError(f"the {what} of {size} bytes is larger than the {most} that a frame may carry")


def _describe(name: str, array: np.ndarray) -> dict[str, Any]:
    if array.dtype.name not in DTYPES:
        raise WireError(f"array {name!r} has dtype {array.dtype}; the wire carries {', '.join(DTYPES)}")
    return {
        "name": name,
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "order": "C",
        "nbytes": array.nbytes,
    }


def _exactly(read: Callable[[int], bytes], count: int, what: str, may_end: bool = False) -> bytearray:
    # Grown as bytes arrive: a header that promises much must not make us allocate it.
    got = bytearray()
    while len(got) < count:
        piece = read(min(count - len(got), CHUNK))
        if not piece:
            if may_end and not got:
                raise EOFError("the other end closed the connection")
            raise WireError(f"the stream ended {count - len(got)} bytes early, in the {what}")
        got += piece
    return got


def _parse(raw: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not JSON: {str(error)[:200]}") from None
    if not isinstance(header, dict):
        raise WireError(f"the header is a JSON {type(header).__name__}; expected an object")
    return header


def _descriptors(listed: Any) -> Iterator[tuple[str, np.dtype[Any], tuple[int, ...], int]]:
    if not isinstance(listed, list):
        raise WireError(f"the header's 'arrays' is a {type(listed).__name__}; expected a list")
    seen: set[str] = set()
    for entry in listed:
        if not isinstance(entry, dict) or set(entry) != DESCRIPTOR:
            raise WireError(f"an array's description must have exactly the keys {', '.join(sorted(DESCRIPTOR))}")
        name, dtype, shape = entry["name"], entry["dtype"], entry["shape"]
        if not isinstance(name, str) or name in seen:
            raise WireError(f"the array name {str(name)[:80]!r} is not a string or comes twice")
        seen.add(name)
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise WireError(f"array {name!r} has dtype {str(dtype)[:80]!r}; the wire carries {', '.join(DTYPES)}")
        if entry["order"] != "C":
            raise WireError(f"array {name!r} has an order other than 'C'")
        nbytes = _size(name, shape, np.dtype(DTYPES[dtype]).itemsize)
        if type(entry["nbytes"]) is not int or entry["nbytes"] != nbytes:
            raise WireError(f"array {name!r} of shape {shape} takes {nbytes} bytes, not {str(entry['nbytes'])[:40]}")
        yield name, np.dtype(DTYPES[dtype]), tuple(shape), nbytes


def _size(name: str, shape: Any, itemsize: int) -> int:
    if not isinstance(shape, list) or len(shape) > MAX_AXES:
        raise WireError(f"array {name!r} has no list of at most {MAX_AXES} sizes as its shape")
    if any(type(size) is not int or size < 0 for size in shape):
        raise WireError(f"array {name!r} has a size in its shape that is not a whole number of zero or more")
    # An empty array may hide a huge other axis that NumPy cannot hold: zeros count as one here.
    for_limit = itemsize * math.prod(max(size, 1) for size in shape)
    if for_limit > MAX_PAYLOAD:
        raise WireError(f"array {name!r} has a shape too large for the {MAX_PAYLOAD} bytes that a frame may carry")
    return itemsize * math.prod(shape)


def _array(name: str, dtype: np.dtype[Any], shape: tuple[int, ...], raw: bytearray) -> np.ndarray:
    if dtype.kind == "b" and max(raw, default=0) > 1:
        raise WireError(f"array {name!r} of booleans holds a byte other than 0 and 1")
    return np.frombuffer(raw, dtype=dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
