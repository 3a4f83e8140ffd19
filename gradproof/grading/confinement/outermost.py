"""The outermost process of a sandbox, as the judge sees it: launched for it alone, or forked by a nursery."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import time
from typing import Protocol

from .inside.descendants import is_zombie

STATUS = struct.Struct("<i")
CREDENTIALS = struct.Struct("3i")


class Outermost(Protocol):
    """What starts and guards all else of a sandbox. pid: its number here."""

    pid: int

    def wait(self, seconds: float) -> int | None:
        """Its exit status (minus a signal's number); None where it has not ended after so long."""

    def kill(self) -> None:
        """End it, with what it leads."""


class Launched:
    """A process that was started for one sandbox."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen
        self.pid = popen.pid

    def wait(self, seconds: float) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.popen.wait(seconds)
        return None

    def kill(self) -> None:
        _kill_group(self.pid)
        self.popen.kill()
        self.popen.wait()


class Forked:
    """A fork of a nursery. status: the socket on which it tells its end (see inside/nursery.py).

    EOFError where it ended before it could say its number, OSError where that cannot be had.
    """

    def __init__(self, status: socket.socket, seconds: float) -> None:
        self.status = status
        self.code = -signal.SIGKILL  # where it ends without a word, somebody killed it
        self.over = False
        status.settimeout(seconds)
        # The kernel says who wrote, in this process's own numbers; what the process wrote says nothing.
        said, ancillary, *_ = status.recvmsg(1, socket.CMSG_SPACE(CREDENTIALS.size))
        if not said:
            raise EOFError("the nursery's fork ended at once")
        known = [data for _, kind, data in ancillary if kind == socket.SCM_CREDENTIALS]
        self.pid, *_ = CREDENTIALS.unpack(known[0])

    def wait(self, seconds: float) -> int | None:
        while not self.over:
            poller = select.poll()
            poller.register(self.status, select.POLLIN)
            if not poller.poll(seconds * 1000):
                return None
            said = self.status.recv(STATUS.size)
            if len(said) == STATUS.size:
                (self.code,) = STATUS.unpack(said)
            self.over = not said
        self.status.close()
        # It closes its descriptors a moment before it has ended.
        deadline = time.monotonic() + seconds
        while not is_zombie(self.pid) and time.monotonic() < deadline:
            time.sleep(0.0005)
        return self.code

    def kill(self) -> None:
        if not self.over:
            _kill_group(self.pid)
        self.status.close()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
