"""One marking process, run as a script by file location: jobs come in on a socket, records go out.

It is started isolated (`python -I`) and told where to import from over the socket, so that a folder of submissions
that a run is started in can never lend it a module. When the other end goes away, it leaves its sandboxes in order
and ends; what then still runs in its process group is killed.

Usage: python -I marker_process.py FD. Frames are a little-endian 8-byte length and JSON in UTF-8.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import socket
import struct
import sys
import threading
from typing import Any

GRACE_SECONDS = 3.0
MOST_BYTES = 256 * 2**20


def send(connection: socket.socket, value: Any) -> None:
    """Write one frame. OSError where the other end is gone."""
    content = json.dumps(value, allow_nan=False).encode("ascii")
    connection.sendall(struct.pack("<Q", len(content)) + content)


def receive(connection: socket.socket) -> Any:
    """Read one frame; None at the end of the stream. ValueError for what is no frame."""
    head = _exactly(connection, 8)
    if head is None:
        return None
    (length,) = struct.unpack("<Q", head)
    if length > MOST_BYTES:
        raise ValueError(f"a frame of {length} bytes")
    content = _exactly(connection, length)
    return None if content is None else json.loads(content)


def _exactly(connection: socket.socket, number: int) -> bytes | None:
    pieces = []
    while number:
        piece = connection.recv(min(number, 2**20))
        if not piece:
            return None
        pieces.append(piece)
        number -= len(piece)
    return b"".join(pieces)


def main() -> None:
    connection = socket.socket(fileno=int(sys.argv[1]))
    hello = receive(connection)
    if hello is None:
        return
    sys.path[:0] = hello["path"]
    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_listen, args=(connection, jobs), daemon=True).start()
    try:
        # By name, since this file is a script here and no part of the package.
        work = importlib.import_module("gradproof.grading.classes.job")
        work.marker_of(hello["marker"])
    except Exception as error:
        send(connection, {"broken": f"{type(error).__name__}: {error}"})
        return
    send(connection, {"ready": os.getpid()})
    while True:
        job = jobs.get()
        answer = work.carry_out(work.Job.from_json(job))
        try:
            send(connection, answer)
        except OSError:
            return


def _listen(connection: socket.socket, jobs: queue.SimpleQueue[Any]) -> None:
    """Take jobs in; at the end of the stream end this process, politely first."""
    try:
        while (job := receive(connection)) is not None:
            jobs.put(job)
    except (OSError, ValueError):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    # The process leads its own group: nothing of the run itself is in it.
    os.killpg(0, signal.SIGKILL) if os.getpgrp() == os.getpid() else os._exit(1)


def _leave(_number: int, _frame: Any) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
