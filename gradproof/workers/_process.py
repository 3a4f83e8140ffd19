"""One worker process: how it is started, asked, and ended, and what to say when it ends by itself."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..environment import BLAS_THREADS
from . import wire

STDERR_TAIL = 4096
POLITE_SECONDS = 2.0


class Broken(Exception):
    """The worker gave no usable answer; the text says what happened."""


def frameworks_root() -> Path:
    """The folder that holds the `frameworks` package: inside gradproof when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return package if (package / "frameworks").is_dir() else package.parent


def environment(python: str) -> dict[str, str]:
    """What a worker's process sees: one thread, quiet TensorFlow, no current folder on its path."""
    env = dict(os.environ)
    env.update(dict.fromkeys(BLAS_THREADS, "1"))
    env.update(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow")
    env.setdefault("CUDA_VISIBLE_DEVICES", "")
    entries = env.pop("PYTHONPATH", "").split(os.pathsep)
    if python == sys.executable:
        # A student's folder may hold a random.py; the judge's own is the same folder for a worker.
        entries = [entry for entry in entries if os.path.isabs(entry) and Path(entry) != Path.cwd()]
        if entries:
            env["PYTHONPATH"] = os.pathsep.join(entries)
    else:
        env.pop("PYTHONHOME", None)
    return env


class Process:
    """A running `serve.py` and the judge's end of its socket. Broken where it cannot even be started."""

    def __init__(self, framework: str, python: str, root: Path) -> None:
        self.connection, theirs = socket.socketpair()
        script = Path(wire.__file__).with_name("serve.py")
        command = [python, "-u", str(script), "--framework", framework, "--fd", str(theirs.fileno())]
        try:
            # A session of its own: the terminal's Ctrl-C is for the judge, which then ends its workers.
            self.popen = subprocess.Popen(
                [*command, "--root", str(root)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment(python),
                start_new_session=True,
            )
        except OSError as error:
            self.connection.close()
            raise Broken(f"{python} cannot be run: {error.strerror or error}") from None
        finally:
            theirs.close()
        self._tail = bytearray()
        self._killed = False
        self._drain = threading.Thread(target=self._read_output, args=(self.popen.stdout,), daemon=True)
        self._drain.start()

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.popen.poll() is None

    def exchange(self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], deadline: float) -> wire.Frame:
        """Send a request and wait for its answer, until `deadline` (`time.monotonic()`).

        Broken where the process dies, is late or answers no frame; ValueError where the request is no frame.
        """
        seconds = deadline - time.monotonic()
        frame = wire.encode(header, arrays)
        try:
            self.connection.settimeout(max(seconds, 0.001))
            self.connection.sendall(frame)
            return wire.receive(self.connection, deadline)
        except TimeoutError:
            self.kill()
            late = f"it gave no answer within {round(seconds, 1):g} s and was stopped"
            raise Broken(f"{late}{self._last_words()}") from None
        except wire.WireError as error:
            ended = f" ({self._end()})" if not self._outlives() else ""
            self.kill()
            raise Broken(f"it answered with a broken frame: {error}{ended}{self._last_words()}") from None
        except (EOFError, OSError):
            ended = "it closed its connection" if self._outlives() else self._end()
            self.kill()
            raise Broken(f"{ended}{self._last_words()}") from None

    def stop(self) -> None:
        """Ask the process to end; kill it where it has not done so soon."""
        with contextlib.suppress(OSError):
            wire.send(self.connection, {"do": "stop"}, deadline=time.monotonic() + POLITE_SECONDS)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(POLITE_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the process and all it started, and reap it. May be called again, and from another thread."""
        if not self._killed:
            self._killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                # The group may outlive its leader; its number is not reused while a member is left.
                os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()
        self._drain.join(timeout=1)
        with contextlib.suppress(OSError):
            # Wakes a thread that waits in recv; close alone would not.
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _outlives(self) -> bool:
        try:
            self.popen.wait(1)
        except subprocess.TimeoutExpired:
            return True
        return False

    def _end(self) -> str:
        status = self.popen.returncode
        if status >= 0:
            return f"it ended with exit status {status}"
        try:
            return f"it was killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"it was killed by signal {-status}"

    def _last_words(self) -> str:
        text = " ".join(bytes(self._tail).decode("utf-8", "replace").split())
        return f"; its last output: {text}" if text else ""

    def _read_output(self, stream: IO[bytes]) -> None:
        # Read for as long as it runs: a full pipe would stop a worker that prints much.
        with stream:
            while piece := os.read(stream.fileno(), 1 << 16):
                self._tail += piece
                del self._tail[:-STDERR_TAIL]
