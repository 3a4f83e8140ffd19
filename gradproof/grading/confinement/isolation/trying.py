"""Each rung of the ladder put to the test: every forbidden act is attempted on it, and what happened is told."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ..exchanged import Limits, Outcome, Program, Tagged
from ..inside.descendants import is_zombie
from ..sandbox import Sandbox
from .ladder import LEVELS, PROMISES, Level, describe, level

FILE = "forbidden.py"
LIMITS = Limits(import_seconds=10, cpu_seconds=0.3, wall_seconds=10, memory_mib=1024, tmp_mib=4, processes=12)
NOT_STARTED = "grader-fault"


@dataclass(frozen=True)
class Surroundings:
    """What the forbidden acts are aimed at: a listening service, a folder and files that everybody may use."""

    service: socket.socket
    open_folder: Path
    open_file: Path

    @property
    def port(self) -> int:
        return int(self.service.getsockname()[1])

    @property
    def readable(self) -> list[str]:
        with contextlib.suppress(OSError):
            at_home = [str(path) for path in Path.home().iterdir() if path.is_file()]
            return [str(self.open_file), __file__, *at_home[:5]]
        return [str(self.open_file), __file__]


def attempt(name: str) -> Level:
    """Try a rung: start a sandbox on it, attempt every forbidden act, and see from outside what came of them."""
    with surroundings() as around, Sandbox({FILE: _acts()}, (FILE,), LIMITS, level=name) as sandbox:
        started = sandbox.start()
        if started.verdict != "ok":
            return Level(name, False, frozenset(), {}, started.message)
        lives = _call(sandbox, "honest")
        if lives.verdict != "ok":
            return Level(name, False, frozenset(), {}, f"an honest submission fails there: {lives.message}")
        broken = {}
        for promise, trial in TRIALS.items():
            said = trial(sandbox, around)
            if said:
                broken[promise] = said
        return Level(name, True, frozenset(TRIALS) - set(broken), broken)


def report(out: TextIO) -> int:
    """Write a table of the rungs and what each ensures here, for `gradproof doctor --isolation`.

    Returns the exit code: 0, or 3 where no rung works and so no submission can be run.
    """
    found = [level(name) for name in LEVELS]
    width = max(map(len, PROMISES)) + 2
    for each in found:
        print(f"{each.name}{'' if each.works else ': does not work here: ' + each.message}", file=out)
        for promise, words in PROMISES.items() if each.works else ():
            if promise in each.promises:
                print(f"  {promise:<{width}}held     a submission {words}", file=out)
            else:
                print(f"  {promise:<{width}}not held {each.broken[promise]}", file=out)
        print(file=out)
    working = [each for each in found if each.works]
    if not working:
        print("No isolation works here, so no submission can be run.", file=out)
        return 3
    print(f"Submissions run with {describe(working[0])}.", file=out)
    return 0


@contextlib.contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Something to reach, to write and to read, for as long as a rung is tried."""
    with tempfile.TemporaryDirectory(prefix="gradproof-isolation-") as folder, socket.socket() as service:
        service.bind(("127.0.0.1", 0))
        service.listen()
        service.setblocking(False)
        file = Path(folder) / "file"
        file.write_text("unchanged", encoding="utf-8")
        os.chmod(folder, 0o777)
        file.chmod(0o666)
        yield Surroundings(service, Path(folder), file)


def left_running(token: str) -> list[int]:
    """Processes whose name or command line holds this text, and that have not ended."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError):
                said = b"".join(Path(f"/proc/{name}/{each}").read_bytes() for each in ("comm", "cmdline"))
                if token.encode() in said and not is_zombie(int(name)):
                    found.append(int(name))
    return found


def _acts() -> str:
    return (Path(__file__).with_name(FILE)).read_text(encoding="utf-8")


def _call(sandbox: Sandbox, function: str, *arguments: Any) -> Outcome:
    step = {
        "do": "call",
        "function": function,
        "args": [{"literal": each} for each in arguments],
        "to": {"name": "said"},
    }
    return sandbox.run(Program((step,), {}, ("said",)))


def _said(outcome: Outcome) -> str:
    """What an act achieved; empty where it was refused."""
    value = outcome.values.get("said")
    if outcome.verdict == "ok" and isinstance(value, Tagged) and value.kind == "None":
        return ""
    return value.text[1:-1] if isinstance(value, Tagged) else f"{outcome.verdict}: {outcome.message}"


def _network(sandbox: Sandbox, around: Surroundings) -> str:
    said = _said(_call(sandbox, "network", around.port))
    with contextlib.suppress(BlockingIOError):
        around.service.accept()[0].close()
        return said or "it reached the service"
    return said


def _write(sandbox: Sandbox, around: Surroundings) -> str:
    said = _said(_call(sandbox, "write", str(around.open_folder), str(around.open_file)))
    changed = around.open_file.read_text(encoding="utf-8") != "unchanged"
    created = len(list(around.open_folder.iterdir())) - 1
    return said or ("it changed a file" if changed else "it made a file" if created else "")


def _read(sandbox: Sandbox, around: Surroundings) -> str:
    return _said(_call(sandbox, "read", around.readable))


def _other_processes(sandbox: Sandbox, around: Surroundings) -> str:
    # In a process namespace the judge's number may be that of nobody, or of the sandbox's own first process.
    return _said(_call(sandbox, "other_processes", os.getpid()))


def _processes(sandbox: Sandbox, around: Surroundings) -> str:
    return _said(_call(sandbox, "many_processes", LIMITS.processes))


def _disk(sandbox: Sandbox, around: Surroundings) -> str:
    return _said(_call(sandbox, "fill_disk", LIMITS.tmp_mib))


def _memory(sandbox: Sandbox, around: Surroundings) -> str:
    outcome = _call(sandbox, "memory", LIMITS.memory_mib)
    return "" if outcome.verdict == "memory" else _said(outcome)


def _cpu(sandbox: Sandbox, around: Surroundings) -> str:
    # Ends the sandbox; what it left is looked for by the next trial.
    _tokens[sandbox.level] = sandbox.token
    outcome = _call(sandbox, "daemon")
    return "" if outcome.verdict == "timeout-cpu" else f"{outcome.verdict}: {outcome.message}"


def _killed_whole(sandbox: Sandbox, around: Surroundings) -> str:
    left = left_running(_tokens[sandbox.level])
    return f"{len(left)} of its processes still ran after its end" if left else ""


_tokens: dict[str, str] = {}

TRIALS: dict[str, Callable[[Sandbox, Surroundings], str]] = {
    "no-network": _network,
    "no-write": _write,
    "no-read-home": _read,
    "no-other-processes": _other_processes,
    "processes": _processes,
    "disk": _disk,
    "memory": _memory,
    "cpu": _cpu,
    "killed-whole": _killed_whole,
}
