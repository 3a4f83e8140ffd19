"""The processes that come from one process, read from /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import time


def children(pid: int) -> list[int]:
    """Direct children of a process, those of all its threads; empty where it is gone."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    except FileNotFoundError:
        if os.path.exists("/proc/self/task") and not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
            return _children_by_scan(pid)
    except (ProcessLookupError, PermissionError, NotADirectoryError):
        pass
    return found


def tree(pid: int) -> list[int]:
    """The process and all that descend from it, parents first."""
    found = [pid]
    for each in found:
        found += [child for child in children(each) if child not in found]
    return found


def end(pids: list[int]) -> None:
    """Stop them all, so that none can start another meanwhile, then kill them."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def end_all_of(pid: int, seconds: float = 5.0) -> bool:
    """End everything below a process (not itself), again and again until nothing is left; whether that succeeded."""
    deadline = time.monotonic() + seconds
    while below := [each for each in tree(pid)[1:] if not is_zombie(each)]:
        if time.monotonic() > deadline:
            return False
        end(below)
        time.sleep(0.001)
    return True


def is_zombie(pid: int) -> bool:
    """Whether it has ended and only waits to be reaped, or is gone altogether."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True


def _children_by_scan(pid: int) -> list[int]:
    # For kernels without /proc/PID/task/TID/children.
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) == pid:
                    found.append(int(name))
    return found
