"""Linux system calls that Python 3.10 does not offer, through ctypes. An OSError where the kernel refuses one."""

from __future__ import annotations

import ctypes
import os
import platform
import struct

PR_SET_KEEPCAPS = 8
PR_SET_NAME = 15
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MNT_DETACH = 2

# number of capset, pivot_root and seccomp by architecture
NUMBERS = {
    "x86_64": {"capset": 126, "pivot_root": 155, "seccomp": 317},
    "aarch64": {"capset": 91, "pivot_root": 41, "seccomp": 277},
}

_libc = ctypes.CDLL(None, use_errno=True)


def architecture() -> str:
    """ "x86_64", "aarch64", or another name for which there is neither filter nor raw system call here."""
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library that reports through errno."""
    function = getattr(_libc, name, None)
    if function is None:
        raise OSError(38, f"this C library has no {name}")
    result: int = function(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def syscall(number: int | str, *arguments: object) -> int:
    """A raw system call, by its number or by a name of `NUMBERS`."""
    if isinstance(number, str):
        known = NUMBERS.get(architecture())
        if known is None:
            raise OSError(38, f"{number} is not known on {architecture()}")
        number = known[number]
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return call("syscall", ctypes.c_long(number), *wide)


def prctl(option: int, first: int = 0, second: int = 0) -> int:
    """prctl with unsigned long arguments, the unused ones zero."""
    long = ctypes.c_ulong
    return call("prctl", option, long(first), long(second), long(0), long(0))


def set_name(name: str) -> None:
    """The name of this process, of at most 15 bytes, as /proc/PID/comm shows it; its forks inherit it."""
    buffer = ctypes.create_string_buffer(name.encode()[:15])
    prctl(PR_SET_NAME, ctypes.addressof(buffer))


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names for new ones."""
    call("unshare", flags)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """mount(2)."""
    call(
        "mount",
        os.fsencode(source),
        os.fsencode(target),
        kind.encode(),
        ctypes.c_ulong(flags),
        options.encode() or None,
    )


def drop_bounding_set() -> None:
    """Give up, for good, all capabilities that a program started later could bring back; as far as one may."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # no such capability, or none may be dropped
            break


def set_capabilities(kept: int) -> None:
    """Keep the capabilities of this bit mask, permitted and effective, and no others."""
    low, high = kept & 0xFFFFFFFF, kept >> 32
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    syscall("capset", header, struct.pack("=6I", low, low, 0, high, high, 0))
