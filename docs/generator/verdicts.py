"""Verdicts on an operation's page, from a findings file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .markdown import code, page, plain, table


class Verdicts:
    """What a findings file says, by operation. ValueError where there is no such file."""

    def __init__(self, path: str | Path) -> None:
        from gradproof.reports import table as grids
        from gradproof.reports.findings import read

        path = Path(path)
        path = path / "findings.jsonl" if path.is_dir() else path
        if not path.is_file():
            raise ValueError(f"there is no findings file {path}; `gradproof audit` writes one")
        self.findings = read(path)
        self.grid = grids.grid(self.findings)
        self.proofs: dict[str, list[dict[str, Any]]] = {}
        for case in self.findings.cases.values():
            self.proofs.setdefault(case["op"], []).append(case["proof"])

    def origin(self) -> str:
        """The run that the verdicts come from."""
        header = self.findings.header
        versions: dict[str, str] = {}
        for known in header.get("implementations", {}).values():
            versions.update(known.get("versions", {}))
        named = ", ".join(f"{name} {version}" for name, version in versions.items())
        when = plain(str(header.get("created", "an unknown time")))
        return f"Verdicts are those of a run of {when} with {plain(named)}."

    def section(self, operation: str) -> str:
        """The operation's row of the grid, turned upright, and its proof."""
        if operation not in self.grid.operations:
            return page([self.origin(), "The run did not exercise this operation."])
        rows = [
            [code(c.implementation), c.text(), f"{c.entries:,}", code(c.case) if c.case and c.word != "agree" else ""]
            for c in self.grid.row(operation)
        ]
        proofs = self.proofs.get(operation, [])
        proved = sum(proof["status"] == "proved" for proof in proofs)
        asked = sum(proof["status"] != "not-asked" for proof in proofs)
        said = (
            f"The reference's backward is proved on {proved} of {asked} cases." if asked else "No derivative is asked."
        )
        head = ["implementation", "verdict, worst error / allowance", "entries compared", "the worst case"]
        return page([self.origin(), said, table(head, rows)])
