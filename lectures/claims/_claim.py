"""The record of a claim, the evidence that its check returns, and the verdict against what the record expects."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

VERDICTS = {
    "erratum": "wrong; the right formula or value is given",
    "transcription": "the text was recognised wrongly; the right reading is plain from the context",
    "convention": "true only under a convention that the lecture does not state, or contradicts elsewhere",
    "uncheckable": "its figure is lost, or it is an opinion",
    "holds": "true as it stands",
}
"""What a claim can be, worst first."""

UNSETTLED = {
    "broken": "the check itself raised an exception",
    "undecided": "the check ran, and could not tell",
}
"""What a check may end in; no record expects it."""

KINDS = ("formula", "derivation", "number", "shape", "code", "result", "statement")


@dataclass(frozen=True)
class Place:
    """Where a claim stands in a lecture's text: slide heading and its line, and the claim's own line (from 1)."""

    heading: str
    heading_line: int
    line: int

    def __str__(self) -> str:
        return f"line {self.line}, slide '{self.heading}' (line {self.heading_line})"


@dataclass(frozen=True)
class Slide:
    """A slide of the text: its heading and the line on which that stands."""

    heading: str
    line: int

    def at(self, line: int) -> Place:
        """The place of a claim on this slide."""
        return Place(self.heading, self.line, line)


@dataclass(frozen=True)
class Evidence:
    """What a check found: the verdict it computed, in words, and the numbers that show it."""

    verdict: str
    text: str
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Claim:
    """One claim of a lecture.

    id:         lecture and number, "003-017"; printed: an exact excerpt of the text at its line, as short as it can be.
    says:       the claim in our own words. kind: one of `KINDS`. expected: one of `VERDICTS`.
    check:      runs, and computes the verdict; None only where the claim is uncheckable, which `reason` explains.
    corrected:  the right formula or value, where the claim is an erratum or a transcription slip.
    convention: the convention's name, where the claim needs one.

    ValueError where these do not fit together.
    """

    id: str
    place: Place
    says: str
    kind: str
    expected: str
    check: Callable[[], Evidence] | None = None
    printed: str = ""
    corrected: str = ""
    convention: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        for wrong, what in self._faults():
            if wrong:
                raise ValueError(f"claim {self.id}: {what}")

    def _faults(self) -> tuple[tuple[bool, str], ...]:
        correctable = self.expected in ("erratum", "transcription")
        return (
            (not re.fullmatch(r"\d{3}-\d{3}", self.id), "an id is lecture and number, such as 003-017"),
            (self.kind not in KINDS, f"kind {self.kind!r} is none of {', '.join(KINDS)}"),
            (self.expected not in VERDICTS, f"verdict {self.expected!r} is none of {', '.join(VERDICTS)}"),
            (self.check is None and self.expected != "uncheckable", "only an uncheckable claim has no check"),
            (
                (self.expected == "uncheckable") != bool(self.reason),
                "an uncheckable claim, and no other, gives a reason",
            ),
            (
                correctable != bool(self.corrected),
                f"a claim that is {self.expected} needs a corrected form, and no other has one",
            ),
            ((self.expected == "convention") != bool(self.convention), "a convention, and nothing else, is named"),
        )

    @property
    def lecture(self) -> str:
        """The lecture's number: "003" of "003-017"."""
        return self.id.partition("-")[0]


@dataclass(frozen=True)
class Examined:
    """A claim and what its check found."""

    claim: Claim
    evidence: Evidence

    @property
    def as_expected(self) -> bool:
        """Is the computed verdict the one that the record expects?"""
        return self.evidence.verdict == self.claim.expected


def examine(claim: Claim) -> Examined:
    """Run a claim's check. A check that raises is broken evidence, never a verdict."""
    if claim.check is None:
        return Examined(claim, Evidence("uncheckable", claim.reason))
    try:
        return Examined(claim, claim.check())
    except Exception as error:
        return Examined(claim, Evidence("broken", f"the check raised {type(error).__name__}: {error}"))


Check = Callable[[], Evidence]


def recorder(lecture: str, records: list[Claim]) -> Callable[..., Callable[[Check], Check]]:
    """A decorator that makes a check a claim's record: ``@claim(17, SLIDE.at(462), "number", "holds", says=...)``."""

    def claim(number: int, place: Place, kind: str, expected: str, **said: str) -> Callable[[Check], Check]:
        def record(check: Check) -> Check:
            records.append(Claim(f"{lecture}-{number:03}", place, kind=kind, expected=expected, check=check, **said))
            return check

        return record

    return claim


def uncheckable(identity: str, place: Place, says: str, reason: str, printed: str = "") -> Claim:
    """The record of a statement that nothing can be computed about."""
    return Claim(identity, place, says, "statement", "uncheckable", printed=printed, reason=reason)
