"""`kill -9` of the grader at random moments of a class, each followed by --resume: is everybody graded exactly once?

A class of generated submissions is graded twice by `gradproof grade` with two processes: once undisturbed, and once
killed again and again, the class run alone, after a random part of the time that the undisturbed run took, each time
followed by the same command with --resume. Afterwards each submission must have one row in the grades, and its record
must be the undisturbed one's but for the times. What the killed runs left running is counted too: the processes
that marked end when the run does, and with them their sandboxes.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from . import _class

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "lecture-003"
KILLS = 20
SEED = 20
JOBS = 2
GRACE_SECONDS = 10.0


def main(submissions: int = 200) -> dict[str, Any]:
    """Print what became of the class; returns the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        where = _class.written(_class.generated(ASSIGNMENT, submissions), folder / "class")
        first, undisturbed = _finished(_command(where, folder / "undisturbed"))
        print(
            f"{submissions} submissions of {ASSIGNMENT}, {JOBS} processes: {undisturbed:.0f} s undisturbed", flush=True
        )
        kept, left = _killed(_command(where, folder / "killed", "--resume"), folder / "killed", first, undisturbed)
        _, last = _finished(_command(where, folder / "killed", "--resume"))
        figures = {
            "submissions": submissions,
            "undisturbed_seconds": undisturbed,
            "last_seconds": last,
            "kept_at_kill": kept,
            "left_running": left,
            **_compared(folder / "undisturbed", folder / "killed"),
        }
    _say(figures)
    return figures


def _say(figures: dict[str, Any]) -> None:
    kept = ", ".join(map(str, figures["kept_at_kill"]))
    print(f"{len(figures['kept_at_kill'])} times killed, with so many graded: {kept}")
    print(
        f"the last --resume took {figures['last_seconds']:.0f} s; left running after a kill: {figures['left_running']}"
    )
    print(
        f"graded {figures['graded']} of {figures['submissions']}; more than once {figures['twice']}, never"
        f" {figures['never']}; records that differ from the undisturbed run's {len(figures['different'])}"
    )


def _command(submissions: Path, output: Path, *more: str) -> list[str]:
    command = [sys.executable, "-m", "gradproof", "grade", ASSIGNMENT, str(submissions), "--output", str(output)]
    return [*command, "--jobs", str(JOBS), "--format", "json", *more]


def _finished(command: list[str]) -> tuple[float, float]:
    """Run it to its end: seconds to its first mark, and of all."""
    began = time.perf_counter()
    first, said = 0.0, ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            said = line
            if line.startswith("[") and not first:
                first = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"gradproof grade ended with exit code {process.returncode}: {said}")
    return first, time.perf_counter() - began


def _killed(command: list[str], output: Path, first: float, seconds: float) -> tuple[list[int], int]:
    """Kill the run at random moments: how many were graded each time, and how many processes stayed too long.

    first, seconds: what an undisturbed run took to its first mark, and in all. A moment is any time from the start on,
    until after the first mark twice the share of one kill of the rest has passed.
    """
    draw = random.Random(SEED)
    kept: list[int] = []
    stayed = 0
    while len(kept) < KILLS:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0, first + 2 * (seconds - first) / KILLS))
        others = _descendants(process.pid)
        if process.poll() is not None:
            print("  the class was graded before the last kills", flush=True)
            break
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        stayed += _still_running(others)
        kept.append(len(_rows(output)))
        print(f"  kill {len(kept)}: {kept[-1]} graded", flush=True)
    return kept, stayed


def _descendants(pid: int) -> list[tuple[int, str]]:
    """Processes that come from one, each with the time at which it started, which tells it from a later one."""
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{each}/task"):
                waiting += map(int, Path(f"/proc/{each}/task/{thread}/children").read_text().split())
            if each != pid:
                found.append((each, _born(each)))
    return found


def _born(pid: int) -> str:
    """When a process started; "" where there is none, or only its exit status."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""


def _still_running(processes: list[tuple[int, str]]) -> int:
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := [p for p in processes if p[1] and _born(p[0]) == p[1]]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(left)


def _rows(output: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every row of marks: submission and record. What a kill left half written is undone, as by the next run."""
    path = output / "grades.sqlite"
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as database:
        try:
            rows = database.execute("SELECT submission, record FROM marks").fetchall()
        except sqlite3.OperationalError:  # killed before it made the tables
            return []
    return [(submission, json.loads(record)) for submission, record in rows]


def _compared(undisturbed: Path, killed: Path) -> dict[str, Any]:
    expected = dict(_rows(undisturbed))
    rows = _rows(killed)
    times = Counter(submission for submission, _ in rows)
    found = dict(rows)
    different = [name for name in expected if name in found and _timeless(found[name]) != _timeless(expected[name])]
    return {
        "graded": sum(1 for record in found.values() if record["status"] == "graded"),
        "twice": sum(1 for count in times.values() if count > 1),
        "never": len(expected.keys() - times.keys()),
        "different": different,
    }


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "seconds"}
