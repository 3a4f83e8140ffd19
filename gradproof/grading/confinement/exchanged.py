"""What crosses between the judge and a sandbox: limits, programs, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Union

import numpy as np

IMPORT_VERDICTS = (
    "ok",
    "import-failed",
    "exited",
    "timeout-cpu",
    "timeout-wall",
    "memory",
    "output-limit",
    "killed",
    "bad-reply",
    "grader-fault",
)
RUN_VERDICTS = (
    "ok",
    "raised",
    "exited",
    "timeout-cpu",
    "timeout-wall",
    "memory",
    "output-limit",
    "killed",
    "missing-function",
    "wrong-return",
    "bad-reply",
    "grader-fault",
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    import_seconds: CPU seconds for importing it; on the clock four times as many, or wall_seconds if that is more.
    cpu_seconds, wall_seconds: for one program. memory_mib: of all its processes together, beyond what
    Python and NumPy take; the address space of one
    process is never limited below 1 GiB, which NumPy needs to start.
    output_kib: what is kept of its output, half from the start and half from the end; 16 times as much ends it.
    tmp_mib: size of its private /tmp, where the isolation gives it one. file_mib: of one file.
    processes: processes and threads at a time.
    """

    import_seconds: float = 10
    cpu_seconds: float = 10
    wall_seconds: float = 20
    memory_mib: int = 2048
    output_kib: int = 64
    tmp_mib: int = 64
    processes: int = 32
    file_mib: int = 16

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"the limit {name} is {value}; it must be greater than zero")


@dataclass(frozen=True)
class Program:
    """One check's work for the sandbox.

    steps: JSON objects, executed in order: "call", "value" or "set"; see gradproof/grading/confinement/inside/steps.py.
    arrays: the inputs by name. returns: the kept names whose values come back. cpu_seconds: where it is to be stopped
    sooner than the limits say.
    """

    steps: tuple[dict[str, Any], ...]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    returns: tuple[str, ...] = ()
    cpu_seconds: float | None = None

    @cached_property
    def request(self) -> bytes:
        """What is sent for it, made once for all submissions.

        ValueError where it is no program: an array that it does not have, a value that no step keeps, a dtype that
        is not sent.
        """
        from . import replies
        from .confined import wire

        replies.check_program(self)
        content: bytes = wire.encode({"steps": self.steps, "returns": self.returns}, self.arrays)
        return content


@dataclass(frozen=True)
class Tagged:
    """A returned value that is no array of numbers: its kind ("None", "list", "complex128", ...) and some text."""

    kind: str
    text: str


Value = Union[np.ndarray, Tagged]  # noqa: UP007  (an alias that Python 3.10 evaluates)


@dataclass(frozen=True)
class Claim:
    """What the sandbox says of a returned array; a hostile submission can make it say anything.

    python_scalar: it was a number, not an array (float, int, bool or a NumPy scalar). subclass: name of the ndarray
    subclass that it was ("matrix"), else "". shares: "input:x" or "value:dw" for each other array of this program that
    shares memory with it.
    """

    python_scalar: bool = False
    subclass: str = ""
    shares: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of one program.

    verdict: one of RUN_VERDICTS, or the import's verdict where that failed. values: by the names of
    `Program.returns`, only where the verdict is "ok"; claims: of those that are arrays. where: (file of the
    submission, line) of an exception. stdout: its output, standard error included, capped and printable.
    cpu, wall: seconds, measured from outside; cpu in steps of the system's clock tick.
    inputs: the program's arrays as they were afterwards, as far as they still were arrays that can be sent; those
    that nothing was written into are the program's own.
    """

    verdict: str
    values: Mapping[str, Value] = field(default_factory=dict)
    message: str = ""
    where: tuple[str, int] | None = None
    stdout: str = ""
    cpu: float = 0.0
    wall: float = 0.0
    inputs: Mapping[str, np.ndarray] = field(default_factory=dict)
    claims: Mapping[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True)
class Started:
    """How the import of a submission went.

    verdict: one of IMPORT_VERDICTS. names: functions and classes that it defines, with the text of their signatures;
    with "import-failed" those that were defined nevertheless, and they can be called. notes: what was odd.
    where: (file of the submission, line) of an exception. stdout: as in Outcome. seconds: on the clock.
    """

    verdict: str
    message: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    where: tuple[str, int] | None = None
    seconds: float = 0.0
    stdout: str = ""
