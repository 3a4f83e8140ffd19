"""A root folder of its own: what may be read is bound into an empty file system, read-only; then there is no other."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from . import kernel

DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def enter_namespaces(own_user: bool) -> None:
    """New mount, process, network, IPC and host name spaces; with a user namespace of their own where not root."""
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(flags | (kernel.CLONE_NEWUSER if own_user else 0))
    if own_user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)


def enter_namespaces_within(tmp_mib: int) -> None:
    """As much again inside a root folder that is there already: nothing of what ran before is seen, nothing is left.

    tmp_mib: size of a new /tmp. It needs the right to mount; no user namespace is made.
    """
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    kernel.unshare(flags)
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    kernel.mount("tmpfs", "/tmp", "tmpfs", quiet, f"size={tmp_mib}m,mode=1777")
    # The /tmp below is the same for all: no process may keep it as its own folder.
    os.chdir("/tmp")


def change_root(root: dict[str, Any]) -> None:
    """Leave the file system for one that holds only this.

    root: "at": a folder to build it on, which is hidden thereby; "readable": files and folders, bound at their paths;
    "hidden": folders within these that become empty; "shown": what is bound again within the hidden ones;
    "tmp_mib": size of /tmp.
    """
    new = root["at"]
    quiet = kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("tmpfs", new, "tmpfs", quiet, "size=1m,mode=755")
    # First: Python itself may stand somewhere below it.
    os.mkdir(f"{new}/tmp")
    kernel.mount("tmpfs", f"{new}/tmp", "tmpfs", quiet | kernel.MS_NOEXEC, f"size={root['tmp_mib']}m,mode=1777")
    for path in root["readable"]:
        _bind(path, new)
    for path in root["hidden"]:
        if os.path.isdir(new + path):
            kernel.mount("tmpfs", new + path, "tmpfs", quiet, "size=1m,mode=755")
    for path in root["shown"]:
        _bind(path, new)
    for path in root["hidden"]:
        if os.path.isdir(new + path):
            kernel.mount("tmpfs", new + path, "", kernel.MS_REMOUNT | kernel.MS_RDONLY | quiet)
    for path in DEVICES:
        _bind(path, new, writable=True)
    kernel.mount("tmpfs", new, "", kernel.MS_REMOUNT | kernel.MS_RDONLY | quiet)
    os.chdir(new)
    # The new root is put over the old one, which then lies beneath it and is let go.
    kernel.syscall("pivot_root", b".", b".")
    kernel.call("umount2", b".", kernel.MNT_DETACH)
    os.chdir("/tmp")


def _bind(path: str, new: str, writable: bool = False) -> None:
    target = new + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    elif os.path.exists(path):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    else:
        return
    kernel.mount(path, target, "", kernel.MS_BIND | kernel.MS_REC)
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_NOSUID | (0 if writable else kernel.MS_RDONLY)
    # In a user namespace a mount keeps the flags that it had outside; which these are is not known beforehand.
    for kept in (0, kernel.MS_NODEV, kernel.MS_NODEV | kernel.MS_NOEXEC):
        try:
            kernel.mount("none", target, "", flags | kept)
            return
        except PermissionError:
            continue
    raise PermissionError(f"{path} cannot be bound read-only")
