"""Code listings: executed as printed in a Python of their own, and as meant; an exception is evidence."""

from __future__ import annotations

import atexit
import json
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
    """Run a listing in a Python of its own and an empty folder, between what it is given and what is asked of it.

    A listing that runs for too long ends in TimeoutExpired. On Linux it runs in a fork of a Python that has nothing
    but NumPy loaded, which saves the start.
    """
    program = "\n".join(part for part in (before, source, after) if part)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "work").mkdir()
        status = _in_fork(program, folder) if sys.platform == "linux" else _started(program, folder)
        if status is None:
            return Run("TimeoutExpired", "")
        said, faults = ((folder / stream).read_text(encoding="utf-8") for stream in ("stdout", "stderr"))
    last = (faults.strip().splitlines() or [f"exit status {status}"])[-1]
    return Run(last if status else "", said)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _started(program: str, folder: Path) -> int | None:
    """The exit status of a fresh Python; None where it takes too long."""
    with (folder / "stdout").open("wb") as said, (folder / "stderr").open("wb") as faults:
        try:
            return subprocess.run(
                [sys.executable, "-B", "-"],
                input=program.encode(),
                cwd=folder / "work",
                env=_environment(),
                stdout=said,
                stderr=faults,
                timeout=LONGEST_SECONDS,
            ).returncode
        except subprocess.TimeoutExpired:
            return None


def _in_fork(program: str, folder: Path) -> int | None:
    """The same of a fork of the Python that waits for programs."""
    server = _server(os.getpid())
    asks, answers = server.stdin, server.stdout
    if asks is None or answers is None:
        raise RuntimeError("the Python that runs the listings has no pipes")
    asks.write(json.dumps({"program": program, "folder": str(folder), "seconds": LONGEST_SECONDS}) + "\n")
    asks.flush()
    answer = answers.readline()
    if not answer:
        raise RuntimeError(f"the Python that runs the listings ended with status {server.wait()}")
    status: int | None = json.loads(answer)
    return status


@cache
def _server(of_process: int) -> subprocess.Popen[str]:
    """One for each process that asks: a fork of this one must not share its pipes."""
    source = Path(__file__).with_name("_forking.py").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as empty:
        server = subprocess.Popen(
            [sys.executable, "-B", "-c", source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=empty,
            env=_environment(),
        )
    atexit.register(_end, server, of_process)
    return server


def _end(server: subprocess.Popen[str], of_process: int) -> None:
    if os.getpid() == of_process:
        server.communicate()
