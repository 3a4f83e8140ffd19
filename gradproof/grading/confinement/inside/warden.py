"""The warden: parent of the submission's process. It runs none of the submission's code, and leaves nothing behind.

In a process namespace it is process 1, whose end is the end of all. Elsewhere it is the subreaper, to which
orphans come back, and it ends them one by one.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable

from . import descendants, kernel


def watch(run: Callable[[], None], control: int, lifeline: int, uid: int | None, own: tuple[int, ...] = ()) -> int:
    """Fork; the child executes `run`. Return its exit status when it ends, all its descendants ended as well.

    control: the child's end of the wire, closed here. lifeline: a pipe that the judge holds open; when it closes,
    everything is ended. uid: the user that the child becomes, if another one. own: descriptors that are not the
    child's.
    """
    with contextlib.suppress(OSError, AttributeError):
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = os.fork()
    if not child:
        for each in (lifeline, woken, wake, *own):
            os.close(each)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _execute(run)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    _let_go(control)
    status = _reap_until(child, lifeline, woken)
    if os.getpid() != 1:
        _end_all(uid)
    return status


def exit_status(waited: int) -> int:
    """An exit status for what waitpid said: the same, or 128 and the signal's number."""
    code = os.waitstatus_to_exitcode(waited)
    return code if code >= 0 else 128 - code


def _execute(run: Callable[[], None]) -> None:
    status = 0
    try:
        run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        status = 70
    os._exit(status)


def _let_go(control: int) -> None:
    os.close(control)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _reap_until(child: int, lifeline: int, woken: int) -> int:
    while True:
        readable, _, _ = select.select([lifeline, woken], [], [])
        if lifeline in readable:
            return 128 + signal.SIGKILL
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 4096)
        for pid, waited in reaped():
            if pid == child:
                return exit_status(waited)


def reaped() -> list[tuple[int, int]]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while (one := os.waitpid(-1, os.WNOHANG))[0]:
            found.append(one)
    return found


def _end_all(uid: int | None) -> None:
    for _ in range(50):
        if uid is not None:
            _kill_user(uid)
        descendants.end_all_of(os.getpid(), seconds=1)
        reaped()
        if not descendants.tree(os.getpid())[1:]:
            return


def _kill_user(uid: int) -> None:
    # All processes of a user that only this sandbox has, at one stroke: none can start another in between.
    helper = os.fork()
    if not helper:
        with contextlib.suppress(OSError):
            os.setuid(uid)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    os.waitpid(helper, 0)
