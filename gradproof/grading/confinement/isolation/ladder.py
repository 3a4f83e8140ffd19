"""The rungs of the isolation ladder, and which of them this machine has: each is tried, none is believed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = ("bubblewrap", "namespaces", "landlock", "rlimits")
"""Best first. bubblewrap: a root folder and namespaces of its own. namespaces: the same without that program.
landlock: Landlock and a seccomp filter. rlimits: resource limits, and what of another user and seccomp there is."""

PROMISES = {
    "no-network": "reaches no network, not even this machine's own",
    "no-write": "writes nothing outside its own /tmp",
    "no-read-home": "reads nothing of the judge's, of the home folder or of other submissions",
    "no-other-processes": "sees and signals no process outside",
    "processes": "starts no more processes than allowed",
    "disk": "fills no disk",
    "memory": "uses no more memory than allowed",
    "cpu": "is stopped when its processor time is used up",
    "killed-whole": "leaves nothing running, however it detached",
}


@dataclass(frozen=True)
class Level:
    """A rung as it was found here.

    works: whether a submission can run on it at all; message: why not. promises: the keys of PROMISES that held when
    they were tried; broken: what happened instead, for each other one.
    """

    name: str
    works: bool
    promises: frozenset[str]
    broken: Mapping[str, str]
    message: str = ""

    def __hash__(self) -> int:
        return hash((self.name, self.works, self.promises))


@functools.lru_cache(maxsize=len(LEVELS))
def level(name: str) -> Level:
    """A rung, tried out by attempting what it must prevent; tried once in a process. ValueError for an unknown one."""
    _check(name)
    from .trying import attempt

    return attempt(name)


def best() -> Level:
    """The best rung that works here; a RuntimeError in words where none does."""
    for name in LEVELS:
        if (found := level(name)).works:
            return found
    reasons = "; ".join(f"{name}: {level(name).message}" for name in LEVELS)
    raise RuntimeError(f"no isolation works on this machine, so no submission can be run: {reasons}")


def require(name: str) -> Level:
    """The best rung, if it is `name` or better; else a ValueError that says what is missing."""
    _check(name)
    found = best()
    if LEVELS.index(found.name) <= LEVELS.index(name):
        return found
    reasons = "; ".join(f"{each}: {level(each).message}" for each in LEVELS[: LEVELS.index(name) + 1])
    raise ValueError(
        f"isolation {name!r} is required, and the best that works here is {found.name!r}. {reasons}. "
        f"Install what is missing, or require less"
    )


def describe(found: Level) -> str:
    """One sentence on what a rung gives here."""
    if not found.works:
        return f"{found.name}: does not work here: {found.message}"
    lacks = [PROMISES[name] for name in PROMISES if name not in found.promises]
    if not lacks:
        return f"{found.name}: a submission {'; '.join(PROMISES.values())}"
    return f"{found.name}: it is NOT ensured that a submission {'; '.join(lacks)}"


def _check(name: str) -> None:
    if name not in LEVELS:
        raise ValueError(f"there is no isolation level {name!r}; known, best first: {', '.join(LEVELS)}")
