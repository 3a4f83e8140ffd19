"""Landlock: a process gives up the file system but for what it names, TCP, and signals to others.

Source: the kernel's Documentation/userspace-api/landlock.rst; the three system calls have the same numbers on all
architectures.
"""

from __future__ import annotations

import contextlib
import os
import struct

from . import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG = 1
PATH_BENEATH = 1
WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
TRUNCATE = 1 << 14
RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NO_TCP = 0b11  # bind, connect; from version 4
SCOPES = 0b11  # abstract unix sockets, signals; from version 6


def version() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    try:
        return kernel.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: list[str], listable: list[str], writable: list[str]) -> None:
    """Allow reading `readable` (files, or folders with all in them), listing `listable`, writing the files `writable`.

    All else of the file system is refused from here on, to this process and all that it starts.
    OSError where the kernel has no Landlock; a path that does not exist is passed over.
    """
    known = version()
    handled = RIGHTS_BY_VERSION[max(v for v in RIGHTS_BY_VERSION if v <= max(known, 1))]
    attributes = struct.pack("=Q", handled)
    if known >= 4:
        attributes += struct.pack("=Q", NO_TCP)
    if known >= 6:
        attributes += struct.pack("=Q", SCOPES)
    ruleset = kernel.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            _allow(ruleset, path, READ_FILE | READ_DIR)
        for path in listable:
            _allow(ruleset, path, READ_DIR)
        for path in writable:
            _allow(ruleset, path, (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not os.path.isdir(path):
                rights &= ~READ_DIR
            kernel.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, folder), 0)
        finally:
            os.close(folder)
