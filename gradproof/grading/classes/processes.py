"""Marking in processes of this machine: each job in one of N, each N its own sandboxes, a lost one costs one job."""

from __future__ import annotations

import contextlib
import json
import os
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ...environment import BLAS_THREADS
from .job import PATIENCE_SECONDS, Done, Job, Stopped
from .marker_process import GRACE_SECONDS, MOST_BYTES, send

_SCRIPT = Path(__file__).with_name("marker_process.py")
_STARTS = 3
_START_SECONDS = 120.0
_TAIL = 4096


def mark_in_processes(jobs: Iterable[Job], number: int, patience: float = PATIENCE_SECONDS) -> Iterator[Done]:
    """Mark jobs in `number` processes and give each as it is done. Closing the generator ends the processes.

    A process that dies, or takes longer than `patience` seconds over one submission, is a fault of the grader for
    that submission; a new one takes its place. Raises Stopped where no process can be started at all.
    """
    waiting = deque(jobs)
    crew: list[MarkingProcess] = []
    selector = selectors.DefaultSelector()
    failed_starts = 0
    try:
        while waiting or any(process.job for process in crew):
            while waiting and len(crew) < max(1, number) and len(crew) < _busy(crew) + len(waiting):
                crew.append(MarkingProcess(waiting[0].marker))
                selector.register(crew[-1].socket, selectors.EVENT_READ, crew[-1])
            for process in _heard(selector, crew):
                done, ended = process.listen(patience)
                if process.started_well:
                    failed_starts = 0
                if ended:
                    selector.unregister(process.socket)
                    crew.remove(process)
                    process.stop()
                    failed_starts += not process.started_well
                    if failed_starts >= _STARTS:
                        raise Stopped(f"the marking processes do not start: {process.last_words()}")
                if done is not None:
                    yield done
            for process in crew:
                if process.idle and waiting:
                    process.give(waiting.popleft())
    finally:
        selector.close()
        for process in crew:
            process.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in crew:
            process.stop(max(0.0, deadline - time.monotonic()))


def _busy(crew: list[MarkingProcess]) -> int:
    return sum(1 for process in crew if process.job)


def _heard(selector: selectors.BaseSelector, crew: list[MarkingProcess]) -> list[MarkingProcess]:
    """The processes that said something, and those whose time is up."""
    heard = [entry.data for entry, _ in selector.select(timeout=0.2)]
    return heard + [process for process in crew if process not in heard and process.late()]


class MarkingProcess:
    """One marking process and the socket to it. Its own session, so that a Ctrl-C here does not reach it."""

    def __init__(self, marker: str, patience: float = PATIENCE_SECONDS) -> None:
        self.job: Job | None = None
        self.ready = False
        self.started_well = False
        self.patience = patience
        self._since = time.monotonic()
        self._read = bytearray()
        self._said = ""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", str(_SCRIPT), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                cwd="/",
                env=_environment(),
            )
        send(self.socket, {"path": import_path(), "marker": marker})

    @property
    def idle(self) -> bool:
        return self.ready and self.job is None

    def give(self, job: Job) -> None:
        """Send it a job; that it has died meanwhile is noticed by `listen`."""
        self.job, self._since = job, time.monotonic()
        with contextlib.suppress(OSError):
            send(self.socket, job.to_json())

    def late(self) -> bool:
        """Whether it has been given all the time there is for its job, or for its start."""
        waited = time.monotonic() - self._since
        return waited > (self.patience if self.job else _START_SECONDS) and not self.idle

    def mark(self, job: Job, patience: float) -> tuple[Done | None, bool]:
        """Give it a job and wait for the end of it: as `listen`. None where it did not start."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        self.patience = patience
        while True:
            if self.idle:
                self.give(job)
            if not poll.poll(200) and not self.late():
                continue
            done, ended = self.listen(patience)
            if done is not None or ended:
                return done, ended

    def listen(self, patience: float) -> tuple[Done | None, bool]:
        """Take what it says: (a job that is done, or None; whether the process has ended or must)."""
        self.patience = patience
        if self.late():
            return self._lost(f"the marking took longer than {patience:g} seconds and was stopped"), True
        try:
            piece = self.socket.recv(2**20)
        except OSError:
            piece = b""
        if not piece:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=GRACE_SECONDS)
            return self._lost(f"the marking process died ({self._how()}); {self.last_words()}"), True
        self._read += piece
        try:
            message = self._message()
        except ValueError as error:
            return self._lost(f"the marking process sent no record: {error}"), True
        return self._take(message) if message is not None else (None, False)

    def _take(self, message: dict[str, Any]) -> tuple[Done | None, bool]:
        if "ready" in message:
            self.ready = self.started_well = True
            return None, False
        if "broken" in message:
            self._said = str(message["broken"])
            return None, True
        job, self.job = self.job, None
        if job is None:
            return None, True
        return Done(job, message.get("record"), str(message.get("fault", ""))), False

    def _message(self) -> dict[str, Any] | None:
        if len(self._read) < 8:
            return None
        (length,) = struct.unpack("<Q", self._read[:8])
        if length > MOST_BYTES:
            raise ValueError(f"a frame of {length:,} bytes")
        if len(self._read) < 8 + length:
            return None
        content = bytes(self._read[8 : 8 + length])
        del self._read[: 8 + length]
        try:
            message = json.loads(content)
        except RecursionError:
            raise ValueError("JSON that is nested too deeply") from None
        if not isinstance(message, dict):
            raise ValueError("JSON that is no object")
        return message

    def _lost(self, why: str) -> Done | None:
        job, self.job = self.job, None
        return Done(job, None, why) if job is not None else None

    def _how(self) -> str:
        code = self.process.poll()
        if code is None:
            return "it closed its end"
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            memory = ", as the kernel does when memory runs out" if -code == signal.SIGKILL else ""
            return f"killed by {name}{memory}"
        return f"exit code {code}"

    def last_words(self) -> str:
        """The last line it wrote on its error output, or why it could not begin."""
        if self._said:
            return self._said
        with contextlib.suppress(OSError, ValueError):
            self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, self._errors.tell() - _TAIL))
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            if lines:
                return f"its last words: {lines[-1][:500]}"
        return "it said nothing"

    def ask_to_end(self) -> None:
        """Close the socket: the process leaves its sandboxes in order and ends."""
        with contextlib.suppress(OSError):
            self.socket.close()

    def stop(self, wait: float = 0.0) -> None:
        """End it: politely for `wait` seconds, then with its whole process group."""
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=wait)
        if self.process.poll() is None:
            # Its sandboxes are told to die with it; the group takes along what is not in one.
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def import_path() -> list[str]:
    """Where the marking process imports from: this process's path, without the folder that the run stands in.

    That folder may be full of submissions; it stays only where it holds gradproof itself.
    """
    own = str(Path(__file__).resolve().parents[3])
    here = os.path.realpath(os.getcwd())
    kept = [entry for entry in sys.path if os.path.isabs(entry)]
    kept = [entry for entry in kept if os.path.realpath(entry) != here or os.path.realpath(entry) == own]
    return kept if own in map(os.path.realpath, kept) else [*kept, own]


def _environment() -> dict[str, str]:
    """This process's variables without the secret; one thread each, since the processes share the machine."""
    variables = {name: value for name, value in os.environ.items() if name != "GRADPROOF_SECRET"}
    return {**variables, **{name: os.environ.get(name, "1") for name in BLAS_THREADS}}
