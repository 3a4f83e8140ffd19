"""Counts of a run, and the exit code that they make."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import recording
from .judging import Judged
from .reports.findings import badness
from .verdict import Finding


@dataclass
class Tally:
    """Counts of a run, and the worst finding of each cell (operation, implementation)."""

    cases: int = 0
    comparisons: int = 0
    vacuous: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    worst: dict[tuple[str, str], tuple[Finding, Judged]] = field(default_factory=dict)

    def add(self, judged: Judged) -> None:
        self.cases += 1
        self.comparisons += judged.entries
        for finding in judged.findings:
            self.statuses[finding.status] = self.statuses.get(finding.status, 0) + 1
            cell = (finding.op, finding.implementation)
            if cell not in self.worst or finding_badness(finding) > finding_badness(self.worst[cell][0]):
                self.worst[cell] = (finding, judged)

    def exit_code(self) -> int:
        """0 all agree, 1 something is wrong or inaccurate, 3 something broke, 5 nothing was compared."""
        if self.statuses.get("wrong") or self.statuses.get("inaccurate"):
            return 1
        if self.statuses.get("broken"):
            return 3
        return 0 if self.comparisons else 5


def finding_badness(finding: Finding) -> tuple[int, float]:
    """How bad a finding is, to be compared: larger is worse."""
    return badness(recording.finding_record(finding))
