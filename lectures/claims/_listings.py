"""Code listings: executed as printed in a Python of their own, and as meant; an exception is evidence."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ._outcome import Outcome

_FOLDER = Path(__file__).with_name("listings")

AS_PRINTED = {
    "003_xor": (727, 749),
    "003_net": (771, 785),
    "003_multiply_blank": (791, 824),
    "003_multiply": (847, 858),
    "003_single_layer": (873, 881),
    "003_two_layers": (889, 901),
}
"""The listings that stand here as printed, and their first and last line in the lecture's text; the others are ours."""

LONGEST_SECONDS = 120.0


@dataclass(frozen=True)
class Run:
    """How a listing ended: its exception's last line (empty where it ran through), and what it printed."""

    exception: str
    printed: str

    @property
    def outcome(self) -> Outcome:
        """Did it run to its end?"""
        if self.exception:
            return Outcome(False, f"it stops with {self.exception}", (("exception", self.exception),))
        said = f", and prints {' '.join(self.printed.split())}" if self.printed.strip() else ""
        return Outcome(True, f"it runs to its end{said}")

    def stops_with(self, exception: str) -> bool:
        """Did it end in an exception whose last line begins so?"""
        return self.exception.startswith(exception)


def listing(name: str) -> str:
    """A listing by its file's name, without the ending."""
    return (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@cache
def execute(source: str, before: str = "", after: str = "") -> Run:
    """Run a listing in a fresh Python and an empty folder, between what it is given and what is asked of it.

    A listing that runs for too long ends in TimeoutExpired.
    """
    program = "\n".join(part for part in (before, source, after) if part)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [sys.executable, "-B", "-"],
                input=program,
                cwd=folder,
                env={**environment, "PYTHONIOENCODING": "utf-8"},
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=LONGEST_SECONDS,
            )
    except subprocess.TimeoutExpired:
        return Run("TimeoutExpired", "")
    last = (run.stderr.strip().splitlines() or [f"exit status {run.returncode}"])[-1]
    return Run(last if run.returncode else "", run.stdout)
