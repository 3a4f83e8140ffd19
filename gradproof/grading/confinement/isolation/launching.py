"""How a confined process is started on each rung of the ladder, best first."""

from __future__ import annotations

import functools
import os
import platform
import re
import resource
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....environment import BLAS_THREADS
from ....workers import wire
from ..exchanged import Limits
from ..inside import kernel, landlock, seccomp
from .interpreter import Interpreter

LEAST_ADDRESS_SPACE = 1 << 30
OPEN_FILES = 64
INSIDE = Path(kernel.__file__).parent
WIRE = wire.__file__
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
SHOWN_INSIDE, SHOWN_WIRE = "/gradproof/inside", "/gradproof/wire.py"
# A folder that is always there, that nothing is bound from, and that no one needs any more by then.
NEW_ROOT = "/proc"
NAMESPACE_FLAGS = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET
TRY_UNSHARE = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(int(sys.argv[1])) != 0)"


class CannotIsolate(RuntimeError):
    """A rung does not work here; the text says why."""


@dataclass(frozen=True)
class Launch:
    """A command line up to its last argument, the plan (see inside/confining.py and start.py), as a JSON object.

    nursery: the command line of a nursery instead (see inside/nursery.py); None where there must be none.
    """

    command: tuple[str, ...]
    plan: Mapping[str, Any]
    nursery: tuple[str, ...] | None = None


def environment() -> dict[str, str]:
    """All that a submission sees of the environment."""
    return {
        **dict.fromkeys(BLAS_THREADS, "1"),
        "HOME": "/tmp",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }


def bubblewrap(python: Interpreter, limits: Limits) -> Launch:
    """bubblewrap: a root folder and namespaces of its own."""
    start = _bubblewrap_start(python.executable)
    as_root = "--unshare-user" not in start
    plan = {**_plan(python, limits), "wire": SHOWN_WIRE, "uid": _other_user() if as_root else None}
    plan["limits"]["NPROC"] = _processes(limits, plan["uid"], not as_root)
    script = ("--as-pid-1", "--", python.executable, "-S", "-s", "-B", f"{SHOWN_INSIDE}/start.py")
    if _below_tmp(python):
        return Launch((*start, *_shown(python, limits.tmp_mib), *script), plan)
    # A nursery must be able to make namespaces within its own; its forks give that up with all else (confining.py).
    nursery = (*start, "--cap-add", "CAP_SYS_ADMIN", *_shown(python, 1), *script)
    plan = {**plan, "within": True, "tmp_mib": limits.tmp_mib}
    return Launch((*start, *_shown(python, limits.tmp_mib), *script), plan, nursery)


@functools.lru_cache(maxsize=8)
def _shown(python: Interpreter, tmp_mib: int) -> tuple[str, ...]:
    """bubblewrap's arguments for the file system that a submission sees."""
    # First: Python itself may stand somewhere below it.
    command = ["--perms", "1777", "--size", str(tmp_mib << 20), "--tmpfs", "/tmp"]
    # Folders that bubblewrap makes on its way, as root, only root may enter.
    for path in _parents((*python.readable, *python.shown, *DEVICES, SHOWN_INSIDE)):
        command += ["--perms", "0755", "--dir", path]
    for path in python.readable:
        command += ["--ro-bind", path, path]
    for path in python.hidden:
        command += ["--perms", "0755", "--tmpfs", path]
    for path in python.shown:
        command += ["--ro-bind", path, path]
    for path in python.hidden:
        command += ["--remount-ro", path]
    for path in DEVICES:
        command += ["--dev-bind", path, path]
    command += ["--ro-bind", str(INSIDE), SHOWN_INSIDE, "--ro-bind", WIRE, SHOWN_WIRE]
    return (*command, "--remount-ro", "/", "--chdir", "/tmp")


def namespaces(python: Interpreter, limits: Limits) -> Launch:
    """The same as bubblewrap does, by this program's own system calls."""
    own_user = _needs_user_namespace(python.executable)
    plan = {**_plan(python, limits), "own_user": own_user, "uid": None if own_user else _other_user()}
    plan["root"] = {
        "at": NEW_ROOT,
        "readable": python.readable,
        "hidden": python.hidden,
        "shown": python.shown,
        "tmp_mib": limits.tmp_mib,
    }
    plan["limits"]["NPROC"] = _processes(limits, plan["uid"], own_user)
    if _below_tmp(python):
        return Launch(_script(python), plan)
    return Launch(_script(python), {**plan, "within": True, "tmp_mib": limits.tmp_mib}, _script(python))


def landlock_and_seccomp(python: Interpreter, limits: Limits) -> Launch:
    """Landlock for files, a seccomp filter for the rest, and another user where the judge is root."""
    if not landlock.version():
        raise CannotIsolate("this kernel has no Landlock")
    if not _has_seccomp():
        raise CannotIsolate("this system has no seccomp filters that gradproof knows how to write")
    readable, listable = python.readable_without_hidden()
    plan = _plan(python, limits)
    # Python's own folder may be closed to other users; Landlock says what may be read, so permissions need not.
    plan["uid"] = _other_user()
    plan["keep_reading"] = plan["uid"] is not None
    plan["landlock"] = {
        "readable": [*readable, "/dev/urandom"],
        "listable": listable,
        "writable": ["/dev/null"],
    }
    plan["limits"].update(NPROC=_processes(limits, plan["uid"], False), FSIZE=0)
    return Launch(_script(python), plan, _script(python))


def rlimits(python: Interpreter, limits: Limits) -> Launch:
    """Resource limits; another user where the judge is root; a seccomp filter where the system has it."""
    plan = _plan(python, limits)
    plan["uid"] = _other_user()
    plan["keep_reading"] = plan["uid"] is not None and not _readable_by_others(python)
    plan["seccomp"] = _has_seccomp()
    plan["limits"].update(NPROC=_processes(limits, plan["uid"], False), FSIZE=0)
    # As the same user, a submission could write into the nursery that the next one comes from.
    return Launch(_script(python), plan, None if plan["uid"] is None else _script(python))


LAUNCHERS = {
    "bubblewrap": bubblewrap,
    "namespaces": namespaces,
    "landlock": landlock_and_seccomp,
    "rlimits": rlimits,
}


def _plan(python: Interpreter, limits: Limits) -> dict[str, Any]:
    return {
        "wire": WIRE,
        "numpy": python.numpy,
        "root": None,
        "within": False,
        "own_user": False,
        "uid": None,
        "keep_reading": False,
        "landlock": None,
        "seccomp": _has_seccomp(),
        "limits": {
            "AS": max(limits.memory_mib << 20, LEAST_ADDRESS_SPACE),
            "FSIZE": limits.file_mib << 20,
            "NOFILE": OPEN_FILES,
            "CORE": 0,
        },
    }


def _script(python: Interpreter) -> tuple[str, ...]:
    return (python.executable, "-S", "-s", "-B", str(INSIDE / "start.py"))


def _below_tmp(python: Interpreter) -> bool:
    """Whether the interpreter stands in /tmp, which each fork of a nursery hides under one of its own."""
    return any(os.path.realpath(path).startswith("/tmp/") for path in (*python.readable, *python.shown))


def _parents(paths: Iterable[str]) -> list[str]:
    return sorted({str(parent) for path in paths for parent in Path(path).parents} - {"/", "/tmp"})


@functools.lru_cache(maxsize=4)
def _bubblewrap_start(executable: str) -> tuple[str, ...]:
    program = shutil.which("bwrap")
    if program is None:
        raise CannotIsolate("bubblewrap is not installed (the program bwrap; Debian's package is called bubblewrap)")
    common = (program, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
    user = (*common, "--unshare-user", "--uid", "65534", "--gid", "65534")
    # Root needs no user namespace; what it keeps, it gives up when it becomes another user, inside.
    root = (*common, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    said = ""
    for start in (root, user) if os.geteuid() == 0 else (user,):
        run = subprocess.run(
            [*start, "--ro-bind", "/", "/", "--", executable, "-S", "-c", "pass"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if run.returncode == 0:
            return start
        said = " ".join(run.stderr.split())[:300]
    raise CannotIsolate(f"bubblewrap does not work here: {said}")


@functools.lru_cache(maxsize=4)
def _needs_user_namespace(executable: str) -> bool:
    for own_user in (False, True):
        flags = NAMESPACE_FLAGS | (kernel.CLONE_NEWUSER if own_user else 0)
        command = [executable, "-S", "-c", TRY_UNSHARE, str(flags)]
        if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0:
            return own_user
    raise CannotIsolate("the kernel lets this user make no namespaces")


@functools.lru_cache(maxsize=1)
def _has_seccomp() -> bool:
    if not sys.platform.startswith("linux") or kernel.architecture() not in seccomp.AUDIT_ARCH:
        return False
    get_action_available = 2
    try:
        kernel.syscall("seccomp", get_action_available, 0, seccomp.ERRNO.to_bytes(4, "little"))
    except OSError:
        return False
    return True


def _other_user() -> int | None:
    """A user id that nothing else uses, where the judge may become another user; else None."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return None
    busy = _users_of_processes()
    mapped = _mapped_users()
    # A range far from real users; where the judge is in a container with few ids, one that systemd leaves free.
    for first, size in ((1_879_048_192, 1 << 24), (60_578, 600)):
        if any(low <= first and first + size <= low + count for low, count in mapped):
            for _ in range(size):
                # By chance: judges beside each other must not choose alike, since a user's processes end together.
                uid = first + secrets.randbelow(size)
                if uid not in busy:
                    return uid
    return None


def _mapped_users() -> list[tuple[int, int]]:
    with open("/proc/self/uid_map") as file:
        return [(int(line.split()[0]), int(line.split()[2])) for line in file]


def _users_of_processes() -> set[int]:
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found.add(os.stat(f"/proc/{name}").st_uid)
            except OSError:
                continue
    return found


def _processes(limits: Limits, uid: int | None, own_namespace: bool) -> int:
    """The limit on the user's processes: where the user has others outside the sandbox, the kernel counts those too."""
    if uid is not None or (own_namespace and _counts_by_namespace()):
        return limits.processes
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    wanted = limits.processes + _own_threads()
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def _counts_by_namespace() -> bool:
    # Linux 5.14: "ucounts: Move RLIMIT_NPROC handling"; a user namespace has a count of its own.
    numbers = re.match(r"(\d+)\.(\d+)", platform.release())
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (5, 14)


def _own_threads() -> int:
    count = 0
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{name}/task"))
        except OSError:
            continue
    return count


def _readable_by_others(python: Interpreter) -> bool:
    for path in (python.executable, python.numpy, *python.readable):
        parents = [path, *map(str, Path(path).parents)]
        if any(os.path.isdir(each) and not os.stat(each).st_mode & 0o001 for each in parents):
            return False
    return True
