"""Draws the cases of a case file, each with its truth: the one place of a matrix where python-flint is needed."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..cases import Spec, build
from ..drawing import plain_specs
from ..environment import installed_version
from ..pair import of_operation
from . import case_file
from .case_file import CaseFile, Stored

SHARED = "_"  # the reference's modules that several operations share


@dataclass
class Drawn:
    """What a drawing made: the hash of the file, how many cases it holds, and the cases that were left out, and why."""

    hash: str = ""
    cases: int = 0
    left_out: list[str] = field(default_factory=list)


def draw(
    path: Path,
    operations: Mapping[str, Any],
    cases: int,
    seed: int,
    dtypes: Sequence[str],
    progress: Callable[[str, int], None] = lambda operation, done: None,
) -> Drawn:
    """Draw `cases` cases of each operation and write the file; nothing is written where it is interrupted."""
    drawn, stored = Drawn(), []
    for name, op in operations.items():
        for spec in {spec.id: spec for spec in plain_specs(op, cases, seed, dtypes)}.values():
            try:
                stored.append(with_truth(spec, op))
            except Exception as error:  # a case that the judge cannot do must not cost the others
                drawn.left_out.append(f"{spec.id}: {type(error).__name__}: {error}")
            progress(name, 1)
    about = {
        "settings": {"operations": list(operations), "cases": cases, "seed": seed, "dtypes": list(dtypes)},
        "sources": sources(operations),
        "left_out": drawn.left_out,
        "drawn_by": {
            "gradproof": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "python-flint": installed_version("python-flint"),
        },
    }
    drawn.hash, drawn.cases = case_file.write(path, about, stored), len(stored)
    return drawn


def with_truth(spec: Spec, op: Any) -> Stored:
    """A case and everything that a verdict needs to know of it."""
    from ..truth import coarse, find_truth

    case = build(spec, op)
    pair = of_operation(op, case.options)
    truth = find_truth(pair, case.inputs, case.cotangents, spec.seed)
    return Stored(case, truth, coarse(pair, case.inputs, case.cotangents, truth))


def sources(names: Any) -> dict[str, str]:
    """A hash of each operation's source file, and one, under "_", of the modules that they share."""
    from .. import reference

    folder = Path(str(reference.__file__)).parent
    every = {name: _hash_of([folder / f"{name}.py"]) for name in names}
    return {**every, SHARED: _hash_of(sorted(folder.glob("_*.py")))}


def _hash_of(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.name}\n{path.read_text(encoding='utf-8')}\n".encode())
    return digest.hexdigest()[:32]


def check_sources(drawn: CaseFile) -> None:
    """ValueError where the reference here is another one than the file was drawn with."""
    told = drawn.index["sources"]
    try:
        here = sources(name for name in told if name != SHARED)
    except FileNotFoundError as error:
        raise ValueError(
            f"{drawn.path} was drawn with another catalogue: it has no {Path(error.filename).stem} here"
        ) from None
    other = sorted(name for name, digest in told.items() if here[name] != digest)
    if other:
        names = ", ".join("shared modules" if name == SHARED else name for name in other[:4])
        more = f" and {len(other) - 4} more" if len(other) > 4 else ""
        raise ValueError(
            f"{drawn.path} was drawn from another reference than the one here ({names}{more} differ); "
            "draw the cases again, or run the cell from the sources that drew them"
        )
