"""Truths kept between runs: found once for all submissions, and for all processes of a class run."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from ... import __version__
from ...true_values import Proof, TrueArray, Truth
from ...workers.wire import WireError, decode, encode

KEPT_DAYS = 30  # a truth that was found longer ago is found anew: most are of formulas that have changed since
DAY = 86_400.0


def truths_folder() -> Path | None:
    """Where truths are kept between runs: the user's cache folder; None where there is no such place."""
    home = os.environ.get("HOME", "")
    base = os.environ.get("XDG_CACHE_HOME") or (os.path.join(home, ".cache") if home else "")
    return Path(base) / "gradproof" / "truths" if base else None


def forget_old(folder: Path, now: float | None = None) -> int:
    """Delete truths that were found more than KEPT_DAYS ago, once a day at most; how many were deleted."""
    now = time.time() if now is None else now
    stamp, deleted = folder / "looked-through", 0
    with contextlib.suppress(OSError):  # a folder that cannot be tidied up costs space, not marks
        if stamp.exists() and now - stamp.stat().st_mtime < DAY:
            return 0
        folder.mkdir(parents=True, exist_ok=True)
        stamp.touch()
        os.utime(stamp, (now, now))
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".truth") and now - entry.stat().st_mtime > KEPT_DAYS * DAY:
                    os.unlink(entry.path)
                    deleted += 1
    return deleted


@cache
def what_judges() -> str:
    """All source that a truth comes of, in one word: no truth of other formulas is taken for theirs."""
    from ... import reference

    here = Path(__file__)
    digest = hashlib.sha256(f"{__version__} {np.__version__}".encode())
    for folder in (here.parents[2], here.parents[1] / "assignments", Path(str(reference.__file__)).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


@dataclass
class TruthStore:
    """Truths by their key. folder: where they are kept between runs, or None."""

    folder: Path | None = None
    known: dict[str, Truth] = field(default_factory=dict)

    def get(self, key: str, compute: Callable[[], Truth]) -> Truth:
        """The truth of that key, computed where nobody has yet."""
        if key not in self.known:
            self.known[key] = self._read(key) or self._written(key, compute())
        return self.known[key]

    def _read(self, key: str) -> Truth | None:
        if self.folder is None:
            return None
        try:
            return unpacked((self.folder / f"{key}.truth").read_bytes())
        except (OSError, WireError, EOFError, KeyError, TypeError, ValueError):
            return None

    def _written(self, key: str, truth: Truth) -> Truth:
        if self.folder is not None:
            path = self.folder / f"{key}.truth"
            draft = path.with_suffix(f".{os.getpid()}")
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                draft.write_bytes(packed(truth))
                draft.replace(path)
            except (OSError, WireError):
                pass  # a store that cannot be written costs time, not marks
        return truth


def packed(truth: Truth) -> bytes:
    """A truth as one frame of the wire format: five numbers an entry, no pickle."""
    arrays = {"y": _five(truth.y)}
    for name, true in (truth.gradients[0] if truth.gradients else {}).items():
        arrays[f"d:{name}"] = _five(true)
    proof = truth.proof
    header = {
        "proof": [proof.status, repr(proof.radius), proof.precision, proof.ties, proof.message],
        "source": truth.source,
        "uncertain": truth.uncertain,
        "notes": list(truth.notes),
    }
    return encode(header, arrays)


def unpacked(content: bytes) -> Truth:
    """The truth that was packed. WireError, KeyError or ValueError where it was none."""
    header, arrays = decode(io.BytesIO(content).read)
    status, radius, precision, ties, message = header["proof"]
    gradients = {name[2:]: _from_five(a) for name, a in arrays.items() if name.startswith("d:")}
    return Truth(
        _from_five(arrays["y"]),
        (gradients,),
        Proof(status, float(radius), precision, ties, message),
        header["source"],
        header["uncertain"],
        tuple(header["notes"]),
    )


def _five(true: TrueArray) -> np.ndarray:
    return np.stack([*true.low, *true.high, true.allowance])


def _from_five(array: np.ndarray) -> TrueArray:
    return TrueArray((array[0], array[1]), (array[2], array[3]), array[4])
