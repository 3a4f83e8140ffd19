"""A fake marker, as `gradproof.grading.classes.job.MARKER` names one, and what a class run needs around it."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradproof.grading.classes.job import Job
from tests import marks_synthetic as synthetic

MARKER = "tests.marker_fake:mark"


@dataclass(frozen=True)
class Submission:
    id: str
    name: str
    path: Path
    late: bool | None = None
    group: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    name: str
    path: Path
    digest: str
    title: str = "Layers by hand"
    max_score: float = 7
    limits: dict[str, float] = field(default_factory=lambda: {"wall_seconds": 20})


def read(path: str) -> Assignment:
    content = Path(path).read_bytes()
    return Assignment(content.decode().split()[0], Path(path), hashlib.sha256(content).hexdigest())


def find(paths: list[Path], layout: str = "auto") -> list[Submission]:
    return [Submission(p.stem, p.stem.title(), p) for folder in paths for p in sorted(folder.glob("*.py"))]


def surroundings(level: str = "bubblewrap") -> Any:
    from gradproof.grading.classes.class_run import Surroundings

    def found(require: str) -> tuple[str, str]:
        if require and require != level:
            raise ValueError(f"--require-isolation: this machine offers {level}, not {require}")
        return level, f"{level}: keeps everything out"

    return Surroundings(read=read, find=find, level=found, secret=lambda assignment: "secret")


def mark(job: Job) -> dict[str, Any]:
    """The submission's text says what happens; the marks follow from its content, the id and the assignment alone."""
    text = Path(job.path).read_text(encoding="utf-8")
    log = os.environ.get("MARKER_FAKE_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as out:
            out.write(f"{job.submission}\n")
    if "sleep" in text:
        time.sleep(float(text.split("sleep ")[1].split()[0]))
    if "die" in text:
        print("the marker is dying", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if "exit" in text:
        os._exit(7)
    if "raise" in text:
        raise RuntimeError("a fault in the marker")
    if "nonsense" in text:
        return {"marks": "many"}
    if "zero-for-fault" in text:
        return synthetic.record(job.submission, score=0, status="not-graded", message="lost")
    return graded(job, text)


def graded(job: Job, text: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{job.submission} {text} {job.assignment_digest} {job.secret}".encode()).digest()
    stages = []
    for place, (task, part, most) in enumerate(synthetic.STAGES):
        if digest[place] % 3 and part == "dw":
            stages.append(synthetic.wrong_dw())
        else:
            stages.append(synthetic.stage(task, part, most, "ok" if digest[place] % 3 else "wrong"))
    record = synthetic.record(job.submission, stages, seconds=0.5)
    record["assignment"] = record["assignment"] | {"digest": job.assignment_digest, "name": "layers"}
    return record
