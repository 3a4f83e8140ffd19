"""From propositions that were run to a verdict: an outcome is true, false with a counterexample, or not to be told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ._claim import Evidence

Numbers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Outcome:
    """One proposition that was run: does it hold (None: it could not be told), and what was seen."""

    holds: bool | None
    text: str
    numbers: Numbers = ()

    def about(self, what: str) -> Outcome:
        """The same outcome, said of `what`."""
        return replace(self, text=f"{what}: {self.text}")


def observed(holds: bool, text: str, **numbers: object) -> Outcome:
    """An outcome of a plain observation, with the numbers that were looked at."""
    return Outcome(bool(holds), text, tuple((name.replace("_", " "), str(value)) for name, value in numbers.items()))


def every(*outcomes: Outcome) -> Outcome:
    """All of them hold; otherwise the first that does not."""
    for outcome in outcomes:
        if not outcome.holds:
            return outcome
    return Outcome(True, "; ".join(o.text for o in outcomes), tuple(n for o in outcomes for n in o.numbers))


def judged(printed: Outcome, corrected: Outcome | None = None) -> Evidence:
    """holds where the printed form does; erratum where it is false and the corrected form (if there is one) is true."""
    return _verdict("erratum", "corrected", printed, corrected)


def misread(printed: Outcome, meant: Outcome) -> Evidence:
    """holds where the printed form does; transcription where it is false and the plain reading is true."""
    return _verdict("transcription", "as meant", printed, meant)


def _verdict(failing: str, word: str, printed: Outcome, right: Outcome | None) -> Evidence:
    if printed.holds is None or (right is not None and right.holds is None):
        return Evidence("undecided", f"{printed.text}; {right.text if right else ''}", printed.numbers)
    if printed.holds:
        return Evidence("holds", printed.text, printed.numbers)
    if right is None:
        return Evidence(failing, printed.text, printed.numbers)
    if not right.holds:
        return Evidence(
            "undecided",
            f"neither the printed form nor the other is right: {printed.text}; {right.text}",
            printed.numbers,
        )
    return Evidence(
        failing, f"as printed: {printed.text}. {word.capitalize()}: {right.text}", printed.numbers + right.numbers
    )


def conventional(under: Outcome, otherwise: Outcome) -> Evidence:
    """convention where the claim is true under one reading and false under the other; holds where both are true."""
    numbers = under.numbers + otherwise.numbers
    text = f"{under.text}. Otherwise: {otherwise.text}"
    if under.holds is None or otherwise.holds is None:
        return Evidence("undecided", text, numbers)
    if under.holds and otherwise.holds:
        return Evidence("holds", text, numbers)
    return Evidence("convention" if under.holds else "erratum", text, numbers)
