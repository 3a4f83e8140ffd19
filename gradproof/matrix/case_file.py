"""The case file: cases drawn once, with their arrays, their truth and every entry's allowance, to be judged anywhere.

One NumPy archive (.npz, no pickle). Its member `index` is JSON: what was drawn, by what, and a record for each case.
The others hold the numbers of all cases one after the other, as planes of bytes, which compress better than numbers.
Nothing is rounded: a stored truth is the truth that the judge found, bit for bit. The hash covers index and numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..cases import Case, Spec, laid_out, parse
from ..true_values import Proof, Together, TrueArray, Truth
from .planes import from_planes, to_planes

FORMAT, VERSION = "gradproof-cases", 1
INPUTS = {"float32": "<f4", "float64": "<f8", "int64": "<i8", "bool": "|b1"}
TRUE = ("high", "low", "above", "above-low", "allowance", "wide")
"""Pools of a true array: the leading and trailing double of its value, of the upper end where an entry is an interval,
its allowance, and the allowance at the scale of the inputs."""
DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, UnicodeDecodeError, json.JSONDecodeError)
TOGETHER = "together"  # the pool of directions at ties, and of what a gradient may give along each
POOLS = {**INPUTS, **dict.fromkeys((*TRUE, TOGETHER), "<f8")}


@dataclass(frozen=True)
class Stored:
    """One case with its truth, and the same truth with allowances at the scale of the inputs."""

    case: Case
    truth: Truth
    wide: Truth


@dataclass(frozen=True)
class CaseFile:
    """A case file as read. index: the JSON member; hash: of everything in it."""

    path: Path
    index: Mapping[str, Any]
    hash: str
    pools: Mapping[str, np.ndarray]

    @property
    def operations(self) -> list[str]:
        """Names of the operations, in the order of the file."""
        return list(dict.fromkeys(record["id"].partition(":")[0] for record in self.index["cases"]))

    def stored(self, catalogue: Mapping[str, Any]) -> Iterator[Stored]:
        """Every case, in the order of the file, each in memory of its own. catalogue: the operations by name."""
        at = dict.fromkeys(self.pools, 0)

        def take(pool: str, shape: Sequence[int]) -> np.ndarray:
            start = at[pool]
            at[pool] = start + math.prod(shape)
            return self.pools[pool][start : at[pool]].reshape(shape).copy()

        for record in self.index["cases"]:
            yield _stored(record, parse(record["id"], catalogue), take)


def twin(case: Case) -> Case:
    """The same case in other memory, laid out alike."""
    layout = case.spec.layout
    inputs = {n: laid_out(x.copy(), layout) if x.dtype.kind == "f" else x.copy() for n, x in case.inputs.items()}
    return replace(case, inputs=inputs, cotangents=tuple(laid_out(dy.copy(), layout) for dy in case.cotangents))


# -- one case -------------------------------------------------------------------------------------------------------


def record_of(stored: Stored) -> dict[str, Any]:
    """What the index says of a case: all but its numbers."""
    case, truth = stored.case, stored.truth
    proof = truth.proof
    return {
        "id": case.id,
        "inputs": [[name, x.dtype.name, list(x.shape)] for name, x in case.inputs.items()],
        "output": list(truth.y.shape),
        "parts": [[name, list(shape)] for name, shape in case.parts],
        "cotangents": len(case.cotangents),
        "gradients": list(truth.gradients[0]) if truth.gradients else [],
        "intervals": [bool(true.kinks.any()) for true in _true_arrays(truth)],
        "proof": {**vars(proof), "radius": proof.radius if math.isfinite(proof.radius) else None},
        "source": truth.source,
        "uncertain": truth.uncertain,
        "notes": list(truth.notes),
        "together": [list(asked.direction) for asked in truth.together],
    }


def numbers_of(stored: Stored) -> Iterator[tuple[str, np.ndarray]]:
    """The numbers of a case in the order in which they are stored: the pool and the array of each."""
    case = stored.case
    yield from ((x.dtype.name, x) for x in case.inputs.values())
    yield from ((dy.dtype.name, dy) for dy in case.cotangents)
    for true, wide in zip(_true_arrays(stored.truth), _true_arrays(stored.wide), strict=True):
        yield from zip(TRUE[:2], true.low, strict=True)
        if true.kinks.any():
            yield from zip(TRUE[2:4], true.high, strict=True)
        yield from (("allowance", true.allowance), ("wide", wide.allowance))
    for asked in stored.truth.together:
        yield from ((TOGETHER, v) for v in asked.direction.values())
        yield TOGETHER, np.array(asked.ends, dtype=np.float64)


def _true_arrays(truth: Truth) -> list[TrueArray]:
    return [truth.y, *(true for by_input in truth.gradients for true in by_input.values())]


def _stored(record: Mapping[str, Any], spec: Spec, take: Any) -> Stored:
    shapes = {name: tuple(shape) for name, _, shape in record["inputs"]}
    inputs = {name: take(dtype, shape) for name, dtype, shape in record["inputs"]}
    laid = {n: laid_out(x, spec.layout) if x.dtype.kind == "f" else x for n, x in inputs.items()}
    output = tuple(record["output"])
    cotangents = tuple(laid_out(take(spec.dtype, output), spec.layout) for _ in range(record["cotangents"]))
    parts = tuple((name, tuple(shape)) for name, shape in record["parts"])
    intervals = iter(record["intervals"])

    def true_array(shape: tuple[int, ...]) -> tuple[TrueArray, TrueArray]:
        low = take("high", shape), take("low", shape)
        high = (take("above", shape), take("above-low", shape)) if next(intervals) else low
        true = TrueArray(low, high, take("allowance", shape))
        return true, replace(true, allowance=take("wide", shape))

    y, wide_y = true_array(output)
    every = [{name: true_array(shapes[name]) for name in record["gradients"]} for _ in cotangents]
    radius = record["proof"]["radius"]
    proof = Proof(**{**record["proof"], "radius": math.inf if radius is None else radius})
    together = tuple(_together(names, shapes, len(cotangents), take) for names in record["together"])
    truth = Truth(
        y, tuple({n: both[0] for n, both in by.items()} for by in every), proof, record["source"], record["uncertain"],
        tuple(record["notes"]), together,
    )  # fmt: skip
    wide = replace(truth, y=wide_y, gradients=tuple({n: both[1] for n, both in by.items()} for by in every))
    return Stored(Case(spec, dict(spec.options), laid, cotangents, parts), truth, wide)


def _together(names: Sequence[str], shapes: Mapping[str, tuple[int, ...]], cotangents: int, take: Any) -> Together:
    direction = {name: take(TOGETHER, shapes[name]) for name in names}
    ends = tuple((float(low), float(high)) for low, high in take(TOGETHER, (cotangents, 2)))
    return Together(direction, ends)


# -- the file -------------------------------------------------------------------------------------------------------


def write(path: Path, about: Mapping[str, Any], stored: Sequence[Stored]) -> str:
    """Write a case file, whole or not at all; its hash. about: what else the index says (settings, sources, ...)."""
    gathered: dict[str, list[np.ndarray]] = {name: [] for name in POOLS}
    for each in stored:
        for pool, array in numbers_of(each):
            gathered[pool].append(np.ascontiguousarray(array, dtype=POOLS[pool]).reshape(-1))
    pools = {n: np.concatenate(of) if of else np.empty(0, POOLS[n]) for n, of in gathered.items()}
    index = {"format": FORMAT, "version": VERSION, **about, "cases": [record_of(each) for each in stored]}
    whole = _hash(index, pools)
    text = json.dumps({**index, "hash": whole}, allow_nan=False).encode()
    members = {"index": np.frombuffer(text, dtype=np.uint8), **{n: to_planes(x) for n, x in pools.items()}}
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", suffix=".npz", delete=False) as part:
        try:
            np.savez_compressed(part, **members)  # type: ignore[arg-type]
            part.flush()
            os.fsync(part.fileno())
            os.chmod(part.name, 0o644)
            os.replace(part.name, path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise
    return whole


def _hash(index: Mapping[str, Any], pools: Mapping[str, np.ndarray]) -> str:
    told = {name: value for name, value in index.items() if name != "hash"}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True, allow_nan=False).encode())
    for name, numbers in sorted(pools.items()):
        digest.update(f"\n{name} {numbers.size}\n".encode())
        digest.update(np.ascontiguousarray(numbers).data)
    return digest.hexdigest()


def read(path: Path) -> CaseFile:
    """Read and check a case file. ValueError, one sentence, where it is missing, cut, edited, or of another version."""
    if not path.is_file():
        raise ValueError(f"there is no case file {path}; `gradproof cases draw {path}` draws one")
    if not zipfile.is_zipfile(path):
        raise ValueError(_not_whole(path, "it is no archive"))
    try:
        with np.load(path, allow_pickle=False) as archive:
            index = json.loads(bytes(archive["index"]))
            _check_version(path, index)
            pools = {name: from_planes(archive[name], dtype) for name, dtype in POOLS.items()}
    except DAMAGED as error:
        raise ValueError(_not_whole(path, error)) from None
    except ValueError as error:
        raise ValueError(str(error) if str(path) in str(error) else _not_whole(path, error)) from None
    if _hash(index, pools) != index.get("hash"):
        raise ValueError(f"{path} was changed after it was drawn: its hash does not fit what it holds; draw it again")
    return CaseFile(path, index, index["hash"], pools)


def _not_whole(path: Path, error: Exception | str) -> str:
    said = " ".join(str(error).split())[:120]
    return f"{path} is not a whole case file ({said}): cut short, damaged or something else; draw or copy it again"


def _check_version(path: Path, index: Any) -> None:
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise ValueError(f"{path} is not a case file; `gradproof cases draw` draws one")
    if index.get("version") != VERSION:
        raise ValueError(
            f"{path} is a case file of version {index.get('version')!r}; this gradproof reads version {VERSION}: "
            "draw it again with this one"
        )
