"""One confined process tree and the judge's end of its wire: started, fed, watched and ended from outside."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .capture import Capture, printable
from .exchanged import Limits
from .inside import descendants, frames
from .isolation import launching
from .isolation.interpreter import Interpreter
from .isolation.watching import Usage, look
from .nurseries import NoNursery, forget, nursery_for
from .outermost import Launched, Outermost

LOADING_SECONDS = 60.0
GRACE_SECONDS = 1.0
LOOK_EVERY = 0.01
LONGEST_PAUSE = 0.05
RECEIVED = 1 << 16

wire = frames.load(launching.WIRE)


class Stopped(Exception):
    """The sandbox was ended, or ended; `verdict` and the text say how."""

    def __init__(self, verdict: str, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


class Meter:
    """What one piece of work may use from now on: CPU and wall seconds, memory, output."""

    def __init__(self, pid: int, cpu: float, wall: float, limits: Limits) -> None:
        self.pid = pid
        self.limits = limits
        self.cpu_limit, self.wall_limit = cpu, wall
        self.output = Capture(limits.output_kib << 10)
        self.began = self.looked = time.monotonic()
        self.usage = look(pid)
        self.cpu_before, self.memory_before = self.usage.cpu, self.usage.memory

    @property
    def cpu(self) -> float:
        return max(self.usage.cpu - self.cpu_before, 0.0)

    @property
    def wall(self) -> float:
        return time.monotonic() - self.began

    def check(self, now: bool = False) -> None:
        """Stopped where a limit is passed; looks at most once in a while unless told to."""
        if self.output.excessive:
            most = self.limits.output_kib
            raise Stopped("output-limit", f"it printed {self.output.count >> 10} KiB; about {most} KiB are kept")
        if not now and time.monotonic() - self.looked < LOOK_EVERY:
            return
        usage = look(self.pid)
        # A process reaped by nobody takes its seconds with it: the count must not fall.
        self.usage = Usage(usage.pids, max(usage.cpu, self.usage.cpu), usage.memory)
        self.looked = time.monotonic()
        if self.cpu > self.cpu_limit:
            raise Stopped("timeout-cpu", f"it used more than {self.cpu_limit:g} s of processor time")
        if self.wall > self.wall_limit:
            raise Stopped("timeout-wall", f"it was not done after {self.wall_limit:g} s")
        if usage.memory - self.memory_before > self.limits.memory_mib << 20:
            raise Stopped("memory", f"it used more than {self.limits.memory_mib} MiB of memory")


class Confined:
    """A started sandbox. CannotIsolate or Stopped where it does not come up."""

    def __init__(self, level: str, python: Interpreter, limits: Limits) -> None:
        self.limits = limits
        # As long as the kernel keeps a process's name.
        self.name = f"gp-{secrets.token_hex(6)}"
        self.outermost: Outermost | None = None
        self.lifeline = -1
        self.plan: Mapping[str, Any] = {}
        self.control, theirs = socket.socketpair()
        out, their_out = os.pipe()
        self.outputs = [out]
        try:
            launch = launching.LAUNCHERS[level](python, limits)
            self._start(launch, theirs, their_out)
        except BaseException:
            self.end()
            raise
        finally:
            theirs.close()
            os.close(their_out)

    def _start(self, launch: launching.Launch, theirs: socket.socket, output: int) -> None:
        lifeline, self.lifeline = os.pipe()
        self.plan = plan = {**launch.plan, "name": self.name, "control": theirs.fileno(), "lifeline": lifeline}
        try:
            with contextlib.suppress(NoNursery):
                self.outermost = self._forked(launch, theirs.fileno(), output, lifeline)
                return
            # A session of its own: the terminal's Ctrl-C is for the judge, which then ends its sandboxes.
            popen = subprocess.Popen(
                [*launch.command, json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(), lifeline),
                env=launching.environment(),
                cwd="/",
                start_new_session=True,
            )
            self.outermost = Launched(popen)
        except OSError as error:
            raise launching.CannotIsolate(f"{launch.command[0]} cannot be started: {error.strerror}") from None
        finally:
            os.close(lifeline)

    def _forked(self, launch: launching.Launch, control: int, output: int, lifeline: int) -> Outermost:
        """A fork of the launch's nursery; of a new one where that has died meanwhile. NoNursery."""
        for _ in range(2):
            nursery = nursery_for(launch)
            try:
                return nursery.fork(self.plan, control, output, lifeline)
            except NoNursery:
                forget(nursery)
        raise NoNursery("two of them died")

    @property
    def pid(self) -> int:
        """The outermost process of the sandbox."""
        if self.outermost is None:
            raise RuntimeError("this sandbox was never started")
        return self.outermost.pid

    def meter(self, cpu: float, wall: float) -> Meter:
        """A meter that runs from now on; Stopped where the sandbox has ended meanwhile."""
        meter = Meter(self.pid, cpu, wall, self.limits)
        self._check_alive(meter)
        return meter

    def _check_alive(self, meter: Meter) -> None:
        # Without its outermost process nothing of it could be measured any more.
        if not meter.usage.pids:
            raise Stopped(*self.ending())

    def wait_until_ready(self) -> Meter:
        """Wait for the submission's process to have loaded NumPy; Stopped with grader-fault where it does not."""
        meter = Meter(self.pid, LOADING_SECONDS, LOADING_SECONDS, self.limits)
        try:
            header, _ = self.receive(self.control, meter)
        except (Stopped, EOFError, OSError, wire.WireError) as error:
            self.drain(meter)
            text = " ".join(meter.output.text().split())[-600:]
            raise Stopped("grader-fault", f"the sandbox did not start ({error}): {text}") from None
        if header.get("do") != "ready":
            raise Stopped("grader-fault", "the sandbox did not say that it is ready")
        return meter

    def send(
        self, to: socket.socket, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], meter: Meter
    ) -> None:
        """Send a frame, however slowly it is taken, within the meter's limits."""
        self.send_bytes(to, wire.encode(header, arrays), meter)

    def send_bytes(self, to: socket.socket, data: bytes, meter: Meter) -> None:
        """Send bytes likewise. OSError where the other end is gone."""
        to.setblocking(False)
        left = memoryview(data)
        while left:
            self._wait(to, select.POLLOUT, meter)
            with contextlib.suppress(BlockingIOError):
                left = left[to.send(left[: 1 << 16]) :]

    def receive(self, source: socket.socket, meter: Meter) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """One frame; Stopped past the meter's limits, EOFError or WireError where none comes."""
        header, arrays = wire.decode(self.reader(source, meter))
        return header, arrays

    def reader(self, source: socket.socket, meter: Meter) -> Callable[[int], bytes]:
        """A function that reads up to n bytes, none at the end, while output is drained and limits are kept.

        It may take more from the source than it is asked for: the other end sends nothing that was not asked for.
        """
        source.setblocking(False)
        there = bytearray()

        def read(count: int) -> bytes:
            while not there:
                self._wait(source, select.POLLIN, meter)
                try:
                    piece = source.recv(RECEIVED)
                except BlockingIOError:
                    continue
                except ConnectionError:
                    return b""
                if not piece:
                    return b""
                there.extend(piece)
            taken = bytes(there[:count])
            del there[:count]
            return taken

        return read

    def _wait(self, connection: socket.socket, event: int, meter: Meter) -> None:
        poller = select.poll()
        poller.register(connection, event)
        for each in self.outputs:
            poller.register(each, select.POLLIN)
        pause = LOOK_EVERY
        while True:
            ready = {descriptor for descriptor, _ in poller.poll(pause * 1000)}
            for each in ready - {connection.fileno()}:
                piece = os.read(each, 1 << 16)
                meter.output.add(piece)
                if not piece:
                    poller.unregister(each)
                    self._close_output(each)
            meter.check()
            if connection.fileno() in ready:
                return
            self._check_alive(meter)
            pause = LOOK_EVERY if ready else min(pause * 1.5, LONGEST_PAUSE)

    def add_output(self, descriptor: int) -> None:
        """Drain this pipe too, until it is at its end."""
        self.outputs.append(descriptor)

    def drain(self, meter: Meter) -> None:
        """Take what output is there already."""
        for each in list(self.outputs):
            os.set_blocking(each, False)
            with contextlib.suppress(BlockingIOError):
                while not meter.output.excessive:
                    piece = os.read(each, 1 << 16)
                    if not piece:
                        self._close_output(each)
                        break
                    meter.output.add(piece)

    def close_outputs_but_first(self) -> None:
        """Let go of the pipes of a program that is over; the first is the submission's process's own."""
        for each in self.outputs[1:]:
            self._close_output(each)

    def _close_output(self, descriptor: int) -> None:
        if descriptor in self.outputs:
            self.outputs.remove(descriptor)
            os.close(descriptor)

    def ending(self) -> tuple[str, str]:
        """(verdict, words) for a sandbox that closed its wire by itself."""
        if self.outermost is None:
            return "grader-fault", "the sandbox was never started"
        status = self.outermost.wait(GRACE_SECONDS)
        if status is None:
            return "bad-reply", "it closed its connection to the judge"
        return status_in_words(status if status < 128 else 128 - status)

    def end(self) -> None:
        """End everything in the sandbox and wait until it is gone. May be called again."""
        self.control.close()
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1
        if self.outermost is not None:
            self._end_processes(self.outermost)
        for each in list(self.outputs):
            self._close_output(each)

    def _end_processes(self, outermost: Outermost) -> None:
        # The warden ends them when the lifeline closes; where it does not, for whatever reason, we do.
        if outermost.wait(5) is None:
            descendants.end_all_of(outermost.pid)
            outermost.kill()


def status_in_words(status: int) -> tuple[str, str]:
    """(verdict, words) for how a process ended: its exit status, or minus the signal that killed it."""
    if status >= 0:
        return "exited", f"it ended its own process with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (a crash, often of too deep a recursion)" if name == "SIGSEGV" else ""
    return "killed", printable(f"its process was killed by {name}{hint}")
