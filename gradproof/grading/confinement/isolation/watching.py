"""What a tree of processes uses, seen from outside through /proc; nothing inside can falsify it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..inside import descendants

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """pids: the live processes of the tree. cpu: seconds of all, those that ended included. memory: bytes."""

    pids: tuple[int, ...]
    cpu: float
    memory: int


def look(pid: int) -> Usage:
    """What the process and all its descendants use now."""
    pids, ticks, kib = [], 0, 0
    for each in descendants.tree(pid):
        try:
            with open(f"/proc/{each}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            ticks += sum(map(int, fields[11:15]))
            if fields[0] not in (b"Z", b"X"):
                pids.append(each)
                kib += _memory(each)
        except (OSError, ValueError):
            continue
    return Usage(tuple(pids), ticks / TICKS, kib << 10)


def _memory(pid: int) -> int:
    # Its own pages and those of shared memory; not those of libraries, which all have in common.
    with open(f"/proc/{pid}/status", "rb") as file:
        lines = file.read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith((b"RssAnon:", b"RssShmem:")))
