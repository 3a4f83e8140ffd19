"""A submission in its own confined process: imported once, then forked for each program.

The judge's trust ends here. What comes back is rebuilt from bytes (replies.py); time, memory and output are measured
from outside (confined.py); what misbehaves is ended from outside, with everything that it started.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from . import replies
from .confined import GRACE_SECONDS, Confined, Meter, Stopped, status_in_words, wire
from .exchanged import Claim, Limits, Outcome, Program, Started, Tagged, Value
from .isolation import best
from .isolation.interpreter import interpreter
from .isolation.launching import LAUNCHERS, CannotIsolate
from .isolation.watching import look

__all__ = ["Claim", "Limits", "Outcome", "Program", "Sandbox", "Started", "Tagged", "Value"]

DEFAULT_LIMITS = Limits()
LONGEST_STATUS = 16
NOTHING_TO_CALL = "missing-function", "the submission defines no function and no class"
PATIENCE = 4  # seconds on the clock for one of processor time


class Sandbox:
    """One submission, imported in a confined process, from which each program gets a fresh fork.

    files: text of each file by its path ("layers.py", "cs231n/layers.py"). entries: those to import, in this order;
    of two definitions of one name the later wins. level: a rung of the isolation ladder, by default the best that
    works here. python: the interpreter; it needs NumPy.

    Nothing is started before `start` or the first `run`. A program that is stopped takes the sandbox with it, and the
    next one starts it anew. Use it from one thread at a time; use it in a `with`, or call `close`.
    ValueError for an entry that is no file, an unknown level, or a Python that cannot be used.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        entries: tuple[str, ...],
        limits: Limits = DEFAULT_LIMITS,
        level: str | None = None,
        python: str = sys.executable,
    ) -> None:
        if absent := [entry for entry in entries if entry not in files]:
            raise ValueError(f"the entry {absent[0]!r} is not among the files ({', '.join(files) or 'there are none'})")
        if level is not None and level not in LAUNCHERS:
            raise ValueError(f"there is no isolation level {level!r}; known: {', '.join(LAUNCHERS)}")
        self.files = dict(files)
        self.entries = tuple(entries)
        self.limits = limits
        self.level = best().name if level is None else level
        self.python = interpreter(python)
        self._confined: Confined | None = None
        self._skeleton: frozenset[int] = frozenset()
        self._started: Started | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox and all that is left in it. It may be started again."""
        confined, self._confined = self._confined, None
        if confined is not None:
            confined.end()

    @property
    def token(self) -> str:
        """A text that the name or the command line of this sandbox's processes holds; empty while there are none."""
        return "" if self._confined is None else self._confined.name

    def start(self) -> Started:
        """Import the submission, if that has not been done; how it went."""
        if self._started is None or (self._confined is None and _can_run(self._started)):
            self._started = self._start()
        return self._started

    def run(self, program: Program) -> Outcome:
        """Execute a program in a fresh fork of the imported submission.

        Where the import gave nothing that can be called, the import's own verdict. ValueError where the program is
        not one: an array that it does not have, a value that no step keeps, a dtype that is not sent.
        """
        request = program.request
        began = self.start()
        if self._confined is None:
            # An import that went well and gave nothing to call is no program that went well.
            verdict, said = (began.verdict, began.message) if began.verdict != "ok" else NOTHING_TO_CALL
            return Outcome(verdict=verdict, message=said, where=began.where, stdout=began.stdout)
        meter = None
        try:
            meter = self._confined.meter(*self._seconds(program))
            outcome = self._run(self._confined, program, request, meter)
        except Stopped as stopped:
            if meter is not None:
                self._confined.drain(meter)
            outcome = Outcome(verdict=stopped.verdict, message=str(stopped))
            self.close()
        except BaseException:
            self.close()
            raise
        if meter is None:
            return outcome
        outcome = replace(outcome, stdout=meter.output.text(), cpu=meter.cpu, wall=meter.wall)
        return self._sweep(outcome, meter)

    def _seconds(self, program: Program) -> tuple[float, float]:
        """The processor time and the time on the clock that a program may take."""
        cpu, wall = self.limits.cpu_seconds, self.limits.wall_seconds
        if program.cpu_seconds is None:
            return cpu, wall
        return min(cpu, program.cpu_seconds), min(wall, PATIENCE * program.cpu_seconds)

    def run_all(self, programs: Iterable[Program]) -> Iterator[Outcome]:
        """The outcome of each program, in order and as soon as it is there."""
        for program in programs:
            yield self.run(program)

    def _start(self) -> Started:
        began = time.monotonic()
        try:
            confined = Confined(self.level, self.python, self.limits)
        except CannotIsolate as error:
            return Started("grader-fault", str(error))
        self._confined = confined
        try:
            meter = confined.wait_until_ready()
            self._skeleton = frozenset(meter.usage.pids) | frozenset(_now(meter))
            began = time.monotonic()
            started = self._import(confined)
        except Stopped as stopped:
            self.close()
            return Started(stopped.verdict, str(stopped), seconds=time.monotonic() - began)
        except BaseException:
            self.close()
            raise
        if not _can_run(started):
            self.close()
        return started

    def _import(self, confined: Confined) -> Started:
        seconds = self.limits.import_seconds
        # A busy machine must not make an import late that uses little time.
        meter = confined.meter(seconds, max(PATIENCE * seconds, self.limits.wall_seconds))
        texts = {name: np.frombuffer(text.encode("utf-8", "replace"), np.uint8) for name, text in self.files.items()}
        try:
            confined.send(confined.control, {"do": "import", "entries": self.entries}, texts, meter)
            header, _ = confined.receive(confined.control, meter)
            confined.drain(meter)
            return replies.started(header, self.files, meter.wall, meter.output.text())
        except (EOFError, OSError):
            raise Stopped(*confined.ending()) from None
        except (wire.WireError, replies.BadReply) as error:
            raise Stopped("bad-reply", f"its answer after the import is none: {error}") from None
        except Stopped as stopped:
            if stopped.verdict.startswith("timeout"):
                raise Stopped(stopped.verdict, f"the import took too long: {stopped}") from None
            raise

    def _run(self, confined: Confined, program: Program, request: bytes, meter: Meter) -> Outcome:
        ours, theirs = socket.socketpair()
        out, their_out = os.pipe()
        confined.add_output(out)
        with ours:
            try:
                confined.control.setblocking(True)
                confined.control.settimeout(GRACE_SECONDS)
                socket.send_fds(confined.control, [b"R"], [theirs.fileno(), their_out])
            except OSError:
                raise Stopped(*confined.ending()) from None
            finally:
                theirs.close()
                os.close(their_out)
            return self._converse(confined, ours, program, request, meter)

    def _converse(
        self, confined: Confined, ours: socket.socket, program: Program, request: bytes, meter: Meter
    ) -> Outcome:
        problem = ""
        outcome = None
        try:
            confined.send_bytes(ours, request, meter)
            header, arrays = confined.receive(ours, meter)
            outcome = Outcome(**replies.outcome_parts(header, arrays, program, self.files))
        except (EOFError, OSError):
            pass
        except (wire.WireError, replies.BadReply) as error:
            problem = f"its answer is none: {error}"
        status = self._exit_status(confined, meter)
        confined.drain(meter)
        meter.check(now=True)
        if outcome is not None:
            return outcome
        if problem:
            raise Stopped("bad-reply", problem)
        verdict, message = status_in_words(status)
        return Outcome(verdict=verdict, message=message)

    def _exit_status(self, confined: Confined, meter: Meter) -> int:
        """How the fork ended, in the word of its parent; Stopped where that gives none."""
        read = confined.reader(confined.control, meter)
        line = b""
        while not line.endswith(b"\n"):
            piece = read(1)
            if not piece:
                raise Stopped(*confined.ending())
            line += piece
            if len(line) > LONGEST_STATUS:
                break
        try:
            return int(line)
        except ValueError:
            raise Stopped("bad-reply", "the sandbox does not say how its program ended") from None

    def _sweep(self, outcome: Outcome, meter: Meter) -> Outcome:
        """End a sandbox in which a program left something running; the next program gets a new one.

        The meter looked last when the fork had been reaped: what is left then was left by it.
        """
        if self._confined is None:
            return outcome
        self._confined.close_outputs_but_first()
        left = set(meter.usage.pids) - self._skeleton
        if not left:
            return outcome
        self.close()
        note = f"it left {len(left)} process{'es' if len(left) > 1 else ''} running, which were ended"
        return replace(outcome, message="; ".join(filter(None, (outcome.message, note))))


def _can_run(started: Started) -> bool:
    return started.verdict in ("ok", "import-failed", "exited", "memory") and bool(started.names)


def _now(it: Meter) -> tuple[int, ...]:
    return look(it.pid).pids
