"""Every checkable claim of the lectures: one record each, with a check that runs and computes the verdict.

A lecture is a folder `lecture_NNN`; each module in it that does not start with "_" exports `CLAIMS`. A check
builds outcomes (`_exact`: formulas, derivatives, numbers, shapes; `_listings`: code) and turns them into a verdict
with `judged`, `misread` or `conventional` (`_outcome`). A new folder is found by itself.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ._claim import Claim

LECTURES = {
    "000": "Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation",
    "001": "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax",
    "002": "Module 2: Artificial Neural Networks",
    "003": "ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation",
    "004": "Wu, Training of Multi-Layer Neural Network",
}


def lectures() -> tuple[str, ...]:
    """The lectures that have claims here, by number."""
    return tuple(sorted(folder.name.removeprefix("lecture_") for folder in Path(__file__).parent.glob("lecture_*")))


def claims(lecture: str | None = None) -> tuple[Claim, ...]:
    """All claims, or those of one lecture ("003"), by id. ValueError where there is no such lecture."""
    if lecture is not None and lecture not in lectures():
        raise ValueError(f"there are no claims of a lecture {lecture!r}; there are {', '.join(lectures())}")
    found: list[Claim] = []
    for number in lectures() if lecture is None else (lecture,):
        for path in sorted((Path(__file__).parent / f"lecture_{number}").glob("[!_]*.py")):
            found.extend(import_module(f".lecture_{number}.{path.stem}", __name__).CLAIMS)
    return tuple(sorted(found, key=lambda claim: claim.id))
