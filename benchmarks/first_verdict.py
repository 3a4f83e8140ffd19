"""How long a new process takes to its first verdict on a student's file, and what it imports for that.

A small file with one hand-written forward and backward is judged by `python -m gradproof check FILE` in a new process,
several times. The clock runs from the start of the process to the first line on its stdout, which is the verdict. One
more run under `-X importtime` lists every module that it imported: no framework may be among them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "jaxlib")
SMALL_FILE = """
import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
"""


def main(repetitions: int = 15) -> dict[str, Any]:
    """Print median and worst seconds to the verdict and the frameworks imported; returns the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small_file.py"
        path.write_text(SMALL_FILE, encoding="utf-8")
        runs = [_first_line(path) for _ in range(repetitions)]
        modules = _imported(path)
    seconds = [s for s, _ in runs]
    frameworks = sorted({m.partition(".")[0] for m in modules} & set(FRAMEWORKS))
    verdict = runs[0][1]
    print(f"first line: {verdict}")
    print(
        f"seconds to it: median {statistics.median(seconds):.2f}, worst {max(seconds):.2f}; {repetitions} new processes"
    )
    print(f"modules imported: {len(modules)}; frameworks among them: {', '.join(frameworks) or 'none'}")
    return {
        "seconds": seconds,
        "median": statistics.median(seconds),
        "worst": max(seconds),
        "verdict": verdict,
        "modules": len(modules),
        "frameworks_imported": frameworks,
    }


def _command(path: Path, *flags: str) -> list[str]:
    return [sys.executable, *flags, "-m", "gradproof", "check", str(path)]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1"}  # the line is timed when it is written, not when a buffer is full


def _first_line(path: Path) -> tuple[float, str]:
    """Seconds from the start of a new process to its first line on stdout, and that line."""
    start = time.perf_counter()
    with subprocess.Popen(
        _command(path), cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - start
        process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"`gradproof check` of a right file ended with exit code {process.returncode}: {line!r}")
    return seconds, line.strip()


def _imported(path: Path) -> set[str]:
    """Names of the modules that such a process imports."""
    command = _command(path, "-X", "importtime")
    run = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=300)
    lines = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines[1:]}
