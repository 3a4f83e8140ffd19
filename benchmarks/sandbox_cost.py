"""What isolation costs an honest submission: starting a sandbox, NumPy included, and one program in a fresh fork.

On each rung of the isolation ladder that works here, a sandbox is started several times with a small submission; in
each, the submission's forward and backward run as several programs, each in its own fork. The clock runs from the call
to the outcome, and around closing the sandbox.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

from gradproof.grading.confinement.isolation import LEVELS, level
from gradproof.grading.confinement.sandbox import Program, Sandbox

SUBMISSION = """
def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
"""
PROGRAMS = 20


def main(repetitions: int = 5) -> dict[str, Any]:
    """Print, for each rung, the seconds that start, one program and end take; returns the figures."""
    figures: dict[str, Any] = {}
    for name in LEVELS:
        began = time.perf_counter()
        found = level(name)
        tried = time.perf_counter() - began
        if not found.works:
            print(f"{name}: does not work here: {found.message}")
            continue
        rounds = [_measure(name) for _ in range(repetitions)]
        starts, ends = [each["start"] for each in rounds], [each["end"] for each in rounds]
        programs = [seconds for each in rounds for seconds in each["programs"]]
        print(
            f"{name}: start {_spread(starts)}; one program {_spread(programs)}; end {_spread(ends)}; "
            f"trying the rung out, once in a process, {tried:.2f} s"
        )
        figures[name] = {"start": starts, "programs": programs, "end": ends, "tried": tried}
    return figures


def _measure(name: str) -> dict[str, Any]:
    program = _program()
    with Sandbox({"layers.py": SUBMISSION}, ("layers.py",), level=name) as sandbox:
        began = time.perf_counter()
        started = sandbox.start()
        start = time.perf_counter() - began
        if started.verdict != "ok":
            raise RuntimeError(f"an honest submission ended as {started.verdict}: {started.message}")
        seconds = []
        for _ in range(PROGRAMS):
            began = time.perf_counter()
            outcome = sandbox.run(program)
            seconds.append(time.perf_counter() - began)
            if outcome.verdict != "ok":
                raise RuntimeError(f"an honest program ended as {outcome.verdict}: {outcome.message}")
        began = time.perf_counter()
        sandbox.close()
        return {"start": start, "programs": seconds, "end": time.perf_counter() - began}


def _program() -> Program:
    draw = np.random.default_rng(0).normal
    arrays = {"x": draw(size=(3, 4)), "w": draw(size=(4, 2)), "b": draw(size=2), "dy": draw(size=(3, 2))}
    forward = {
        "do": "call",
        "function": "affine_forward",
        "args": [{"array": name} for name in ("x", "w", "b")],
        "to": {"tuple": [{"name": "y"}, {"name": "cache"}]},
    }
    backward = {
        "do": "call",
        "function": "affine_backward",
        "args": [{"array": "dy"}, {"name": "cache"}],
        "to": {"tuple": [{"name": name} for name in ("dx", "dw", "db")]},
    }
    return Program((forward, backward), arrays, ("y", "dx", "dw", "db"))


def _spread(seconds: list[float]) -> str:
    return f"median {1000 * statistics.median(seconds):.1f} ms, worst {1000 * max(seconds):.1f} ms"
