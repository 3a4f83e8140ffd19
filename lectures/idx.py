"""Read IDX files, the format of MNIST: two zero bytes, a type, the number of axes, their sizes, the entries.

Format: Yann LeCun, Corinna Cortes, Christopher Burges, The MNIST database of handwritten digits, 'File formats'.
A file from anywhere may be read: every fault is a ValueError of one sentence, and no size is believed unseen.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path
from typing import IO

import numpy as np

UNSIGNED_BYTE = 8
MOST_BYTES = 1 << 30


def read_idx(path: Path | str, axes: int) -> np.ndarray:
    """The unsigned bytes of an IDX file, plain or compressed by gzip, as an array with this many axes.

    ValueError where it is no such file, or where it holds fewer or more bytes than its header says.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not packed:
                return _read(path, raw, axes)
            with gzip.open(raw) as unpacked:
                return _read(path, unpacked, axes)  # type: ignore[arg-type]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is no whole gzip file: {error}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None


def _read(path: Path, file: IO[bytes], axes: int) -> np.ndarray:
    header = file.read(4 + 4 * axes)
    if len(header) < 4 or header[:2] != b"\0\0":
        raise ValueError(f"{path} is no IDX file: it does not start with two zero bytes, a type and a number of axes")
    if header[2] != UNSIGNED_BYTE or header[3] != axes:
        raise ValueError(
            f"{path} holds entries of type {header[2]} along {header[3]} axes; expected type 8 (bytes) along {axes}"
        )
    if len(header) < 4 + 4 * axes:
        raise ValueError(f"{path} ends within its header; fetch it again")
    shape = struct.unpack(f">{axes}I", header[4:])
    size = math.prod(shape)
    if size > MOST_BYTES:
        raise ValueError(f"{path} says that it holds {size} entries; at most {MOST_BYTES} are read")
    entries = file.read(size)
    if len(entries) < size:
        raise ValueError(f"{path} ends after {len(entries)} of {size} entries; fetch it again")
    if file.read(1):
        raise ValueError(f"{path} goes on after its {size} entries; it is no whole IDX file, or holds something else")
    return np.frombuffer(entries, dtype=np.uint8).reshape(shape)
