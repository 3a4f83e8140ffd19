"""The nursery: a process with NumPy loaded that forks a sandbox for each submission, and runs nothing of any itself.

Loading Python and NumPy costs far more than all that a right submission computes. A fork has them at once, and has
nothing else: the nursery is given no submission, no input and no answer, and sends nothing back, so that what a fork
starts from is the same for the first submission and for the last. Where the rung has namespaces, every fork enters new
ones before anything else (processes, mounts with a /tmp of its own, network, IPC, host name).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
import traceback
from types import ModuleType
from typing import Any

import numpy as np

from . import confining, kernel, mounts, warden, zygote

READY, REFUSED = b"ready", b"refused"
LONGEST_REQUEST = 1 << 16
DESCRIPTORS = 4  # control, output, lifeline, status
FAILED = 70


def serve(plan: dict[str, Any], wire: ModuleType) -> None:
    """Fork a sandbox for each request, until the judge closes the connection.

    A request is a JSON object of what differs from the nursery's plan ("uid", "limits", "tmp_mib", "name"), with four
    descriptors: the sandbox's end of the wire, its output, its lifeline, and a socket for its status (see `_begin`).
    """
    with socket.socket(fileno=plan["control"]) as connection:
        connection.set_inheritable(False)
        if plan["within"] and not (_emptied() and _can_enter()):
            connection.send(REFUSED)
            return
        gc.collect()
        # Forks do not write into what is there now, but for counts of references.
        gc.freeze()
        woken, wake = os.pipe()
        for each in (woken, wake):
            os.set_blocking(each, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        connection.send(READY)
        while True:
            readable, _, _ = select.select([connection.fileno(), woken], [], [])
            if woken in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4096)
                warden.reaped()
            if connection.fileno() not in readable:
                continue
            request, passed, *_ = socket.recv_fds(connection, LONGEST_REQUEST, DESCRIPTORS)
            if not request:
                return
            if not os.fork():
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                connection.close()
                for each in (woken, wake):
                    os.close(each)
                _begin({**plan, **json.loads(request)}, passed, wire)
            for each in passed:
                os.close(each)


def _emptied() -> bool:
    """Make the /tmp that all forks have below their own one that nothing can be left in; whether that went."""
    try:
        quiet = kernel.MS_NOSUID | kernel.MS_NODEV
        kernel.mount("tmpfs", "/tmp", "", kernel.MS_REMOUNT | kernel.MS_RDONLY | quiet)
    except OSError:
        return False
    return not os.listdir("/tmp")


def _can_enter() -> bool:
    """Whether a fork of this process can enter namespaces of its own, and start a process there."""
    child = os.fork()
    if not child:
        status = 1
        try:
            mounts.enter_namespaces_within(1)
            inner = os.fork()
            status = os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]) if inner else 0
        except OSError:
            pass
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _begin(plan: dict[str, Any], passed: list[int], wire: ModuleType) -> None:
    """In the fork: become a sandbox. It never returns.

    To `status` it sends one byte, with which the kernel tells the judge its process number, and at its end the exit
    status in four bytes; the other end is closed when nothing of the sandbox is left to guard.
    """
    code = FAILED
    try:
        control, output, lifeline, status = passed
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        kernel.set_name(plan["name"])
        # Chance of its own, as a process has that loads NumPy for itself.
        np.random.seed()
        os.write(status, b"+")
        if plan["within"]:
            mounts.enter_namespaces_within(plan["tmp_mib"])
            if child := os.fork():
                for each in (control, lifeline):
                    os.close(each)
                code = warden.exit_status(os.waitpid(child, 0)[1])
                os.write(status, struct.pack("<i", code))
                os._exit(code)

        def run() -> None:
            confining.confine(plan)
            zygote.serve(control, wire)

        code = warden.watch(run, control, lifeline, plan["uid"], own=(status,))
        if not plan["within"]:
            os.write(status, struct.pack("<i", code))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
