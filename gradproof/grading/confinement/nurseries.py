"""The judge's nurseries: one for each way to launch a sandbox, kept for as long as the judge's process lives.

A nursery that does not come up, or whose rung cannot nest, is not asked again: sandboxes are then launched one by one.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import socket
import subprocess
import threading
from collections.abc import Mapping
from typing import Any

from .isolation import launching
from .outermost import Forked

START_SECONDS = 60.0
END_SECONDS = 5.0
READY = b"ready"  # as inside/nursery.py says it
OWN = ("uid", "limits", "tmp_mib", "name")  # of a plan: what is a sandbox's own, and no nursery's


class NoNursery(Exception):
    """There is no nursery for this launch."""


class Nursery:
    """A nursery's process and the socket to it. NoNursery where it does not come up."""

    def __init__(self, command: tuple[str, ...], shared: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self.connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        plan = {**shared, "nursery": True, "control": theirs.fileno(), "lifeline": None}
        try:
            with theirs:
                self.popen = subprocess.Popen(
                    [*command, json.dumps(plan)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env=dict(environment),
                    cwd="/",
                    start_new_session=True,
                )
        except OSError as error:
            self.connection.close()
            raise NoNursery(str(error)) from None
        if not self._ready():
            self.close()
            raise NoNursery("it did not come up")

    def _ready(self) -> bool:
        poller = select.poll()
        poller.register(self.connection, select.POLLIN)
        return bool(poller.poll(START_SECONDS * 1000)) and self.connection.recv(len(READY)) == READY

    def fork(self, plan: Mapping[str, Any], control: int, output: int, lifeline: int) -> Forked:
        """A fork that becomes a sandbox with these ends of its wire, its output and its lifeline. NoNursery."""
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        request = json.dumps({name: plan[name] for name in OWN if name in plan}).encode()
        try:
            with self._lock, theirs:
                socket.send_fds(self.connection, [request], [control, output, lifeline, theirs.fileno()])
            return Forked(ours, START_SECONDS)
        except (OSError, EOFError, IndexError) as error:
            ours.close()
            raise NoNursery(str(error)) from None

    def close(self) -> None:
        """End it, and with it what was forked from it."""
        self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(END_SECONDS)
            return
        self.popen.kill()
        self.popen.wait()


_nurseries: dict[Any, Nursery | None] = {}
_starting = threading.Lock()


def nursery_for(launch: launching.Launch) -> Nursery:
    """The nursery of a launch, started where there is none yet. NoNursery where there can be none.

    Launches that differ in anything but `OWN` have different ones: rungs share command lines.
    """
    if launch.nursery is None:
        raise NoNursery("this launch has none")
    environment = launching.environment()
    shared = {name: value for name, value in launch.plan.items() if name not in OWN}
    key = os.getpid(), launch.nursery, json.dumps(shared), tuple(environment.items())
    with _starting:
        if key not in _nurseries:
            try:
                _nurseries[key] = Nursery(launch.nursery, shared, environment)
            except NoNursery:
                _nurseries[key] = None
        found = _nurseries[key]
    if found is None:
        raise NoNursery("it did not come up")
    return found


def forget(nursery: Nursery) -> None:
    """Let go of a nursery that has failed; the next sandbox of its kind starts another."""
    with _starting:
        for key in [key for key, each in _nurseries.items() if each is nursery]:
            del _nurseries[key]
    nursery.close()


@atexit.register
def _close_all() -> None:
    for (pid, *_), nursery in list(_nurseries.items()):
        if nursery is not None and pid == os.getpid():
            nursery.close()
