"""What a process gives up, for good, before it imports a submission."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import Any

from . import kernel, landlock, seccomp


def confine(plan: dict[str, Any]) -> None:
    """Give up what the plan says; OSError where the kernel refuses a part of it.

    plan: "uid": the user to become, or null; "keep_reading": bypass file permissions for reading (what may be read
    is then said by Landlock); "limits": address space, processes, file size, open files; "landlock": null or the
    paths "readable", "listable" and "writable"; "seccomp": whether to install the filter.
    """
    _change_user(plan["uid"], plan["keep_reading"])
    for name, value in plan["limits"].items():
        _limit(name, value)
    if not sys.platform.startswith("linux"):
        return
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if plan["landlock"] is not None:
        landlock.restrict(**plan["landlock"])
    if plan["seccomp"]:
        seccomp.install()


def _change_user(uid: int | None, keep_reading: bool) -> None:
    linux = sys.platform.startswith("linux")
    if linux:
        kernel.drop_bounding_set()
    if uid is not None:
        if keep_reading:
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if linux:
        kernel.set_capabilities(1 << kernel.CAP_DAC_READ_SEARCH if keep_reading else 0)


def _limit(name: str, value: int) -> None:
    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # macOS knows some limits that it does not let one set.
    with contextlib.suppress(ValueError):
        resource.setrlimit(which, (value, value))
