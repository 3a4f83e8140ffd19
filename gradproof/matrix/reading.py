"""Reads cells back: findings and results of each, as far as they are whole, and whether they may be merged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..reports.findings import FORMAT, Findings, badness
from ..reports.findings import read as read_findings
from ..run_folder import FINDINGS, PAGE
from . import results
from .results import RESULTS, Kept

FINISHED, CUT, INTERRUPTED, LIED = "finished", "did not finish", "interrupted", "its name lies"


@dataclass
class Cell:
    """One cell as read. folder: where its files are; findings: as far as they are whole."""

    name: str
    folder: Path
    findings: Findings
    page: Path | None = None
    _worst: dict[str, dict[tuple[str, str], dict[str, Any]]] = field(default_factory=dict)

    @property
    def about(self) -> Mapping[str, Any]:
        """What the header says of the cell: name, case file, installed versions, lies."""
        return self.environment.get("cell", {})

    @property
    def environment(self) -> Mapping[str, Any]:
        return self.findings.header.get("environment", {})

    @property
    def hash(self) -> str:
        return str(self.about.get("cases", {}).get("hash", ""))

    @property
    def installed(self) -> Mapping[str, str]:
        return self.about.get("installed", {})

    @property
    def lies(self) -> list[str]:
        return list(self.about.get("lies", []))

    @property
    def state(self) -> str:
        if self.lies:
            return LIED
        if self.findings.end is None:
            return CUT
        return FINISHED if self.findings.end["status"] == "finished" else INTERRUPTED

    @cached_property
    def kept(self) -> Kept:
        """The results; none where they are those of another case file."""
        kept = results.read(self.folder / RESULTS)
        return kept if kept.cases == self.hash else Kept()

    @property
    def ready(self) -> list[str]:
        """The implementations that could be asked."""
        return [n for n, about in self.findings.header.get("implementations", {}).items() if about["status"] == "ready"]

    def framework(self, implementation: str) -> str:
        about = self.findings.header["implementations"][implementation]
        return str(about.get("framework", implementation))

    def worst(self, implementation: str) -> dict[tuple[str, str], dict[str, Any]]:
        """The worst finding of each case and quantity of an implementation."""
        if not self._worst:
            for finding in self.findings.findings:
                of = self._worst.setdefault(finding["implementation"], {})
                key = (finding["case"], finding["quantity"])
                if key not in of or badness(finding) > badness(of[key]):
                    of[key] = finding
        return self._worst.get(implementation, {})


def read(paths: Sequence[Path], asked: Sequence[str] = ()) -> list[Cell]:
    """Every cell that the paths hold, by name. ValueError, one sentence, where they cannot be merged.

    asked: the cells that this merge is about. Others that an earlier run on another case file left are not read.
    """
    cells: dict[str, Cell] = {}
    for path in dict.fromkeys(file.resolve() for given in paths for file in _files(given)):
        cell = _cell(path)
        if cell.name in cells:
            raise ValueError(
                f"the cell {cell.name} is there twice, in {cells[cell.name].folder} and {cell.folder}; name one of them"
            )
        cells[cell.name] = cell
    hashes = {cells[name].hash for name in asked if name in cells and cells[name].findings.findings}
    if hashes:
        cells = {n: c for n, c in cells.items() if n in asked or c.hash in hashes or not c.findings.findings}
    _same_cases(cells.values())
    return [cells[name] for name in sorted(cells)]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / FINDINGS).is_file():
        return [path / FINDINGS]
    if not path.is_dir():
        raise ValueError(f"there is no folder or file {path}; `gradproof cell` makes the folder of a cell")
    return sorted(path.glob(f"*/{FINDINGS}"))


def _cell(path: Path) -> Cell:
    findings = read_findings(path)
    about = findings.header.get("environment", {}).get("cell")
    if findings.header and not about:
        raise ValueError(
            f"{path} is a {FORMAT} file of another run than a cell's: `gradproof cell` makes cells, "
            "and `gradproof report` shows others"
        )
    name = str(about["name"]) if about else path.parent.name
    page = path.with_name(PAGE)
    return Cell(name, path.parent, findings, page if page.is_file() else None)


def _same_cases(cells: Iterable[Cell]) -> None:
    """Cells that judged something have judged the same cases."""
    judged = [cell for cell in cells if cell.findings.findings]
    for cell in judged[1:]:
        if cell.hash != judged[0].hash:
            raise ValueError(
                f"{judged[0].name} and {cell.name} cannot be merged: they judged different case files "
                f"(hash {judged[0].hash[:12]}… and {cell.hash[:12]}…); run them again on one case file"
            )
