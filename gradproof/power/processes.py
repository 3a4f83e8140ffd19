"""Units of work over several processes. One that dies or falls silent is ended and replaced; the item is named."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from ..environment import BLAS_THREADS
from .measuring import VARIANTS, Measuring, Settings, Unit

SILENT_SECONDS = 300.0  # each check has a limit far below


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Process:
    process: Any
    connection: Connection
    unit: Unit
    item: str = ""
    heard: float = 0.0
    said: str = ""  # why it ends, in its own words


def measured(units: Sequence[Unit], settings: Settings, jobs: int) -> Iterator[tuple[Unit, dict[str, Any]]]:
    """Each unit with its records as they come. A record "fault" says that an item could not be measured, and why."""
    waiting, busy = deque(units), dict[Connection, _Process]()
    try:
        while waiting or busy:
            while waiting and len(busy) < jobs:
                started = _started(waiting.popleft(), settings)
                busy[started.connection] = started
            for connection in wait(list(busy), timeout=1.0):
                yield from _heard(busy[connection], busy, waiting)  # type: ignore[index]
            for each in list(busy.values()):
                if time.monotonic() - each.heard > SILENT_SECONDS:
                    yield each.unit, _fault(each, f"nothing was heard of it for {SILENT_SECONDS:g} s")
                    _over(each, busy, waiting)
    finally:
        for each in busy.values():
            each.process.kill()
            each.process.join()


def _started(unit: Unit, settings: Settings) -> _Process:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    for name in BLAS_THREADS:  # the processes share the cores already
        os.environ.setdefault(name, "1")
    process = context.Process(target=_serve, args=(theirs, settings), daemon=False)
    process.start()
    theirs.close()
    ours.send(unit)
    return _Process(process, ours, unit, heard=time.monotonic())


def _heard(each: _Process, busy: dict[Connection, _Process], waiting: deque[Unit]) -> Iterator[Any]:
    """Everything that a process has said by now."""
    each.heard = time.monotonic()
    try:
        while each.connection.poll():
            what, item, record = each.connection.recv()
            if what == "begin":
                each.item = item
            elif what == "record":
                each.unit = replace(each.unit, items=tuple(i for i in each.unit.items if i != item))
                yield each.unit, record
            elif what == "fault":
                each.said = item
            elif what == "done" and waiting:
                each.unit, each.item = _next(each.unit, waiting), ""
                each.connection.send(each.unit)
            elif what == "done":
                each.connection.send(None)
                each.process.join()
                del busy[each.connection]
                return
    except (EOFError, OSError):
        each.process.join()
        code = each.process.exitcode
        how = f"signal {-code} ended the process" if code is not None and code < 0 else f"the process ended ({code})"
        yield each.unit, _fault(each, each.said or how)
        _over(each, busy, waiting)


def _next(unit: Unit, waiting: deque[Unit]) -> Unit:
    """The next unit, of the same operation if there is one: its cases and their truth are there already."""
    for other in waiting:
        if other.op == unit.op:
            waiting.remove(other)
            return other
    return waiting.popleft()


def _over(each: _Process, busy: dict[Connection, _Process], waiting: deque[Unit]) -> None:
    """End a process; what is left of its unit, less the item that it was at, waits for another one."""
    each.process.kill()
    each.process.join()
    del busy[each.connection]
    left = tuple(i for i in each.unit.items if i != each.item)
    if left and each.unit.kind != VARIANTS and each.item:
        waiting.appendleft(replace(each.unit, items=left))


def _fault(each: _Process, message: str) -> dict[str, Any]:
    unit = each.unit
    return {"record": "fault", "kind": unit.kind, "op": unit.op, "item": each.item, "message": message}


def _serve(connection: Connection, settings: Settings) -> None:
    """A process: units in, records out. What programs and frameworks print goes nowhere."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends this process
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    measuring = Measuring(settings, _alive(connection))
    while (unit := connection.recv()) is not None:
        try:
            for item, record in measuring.records(unit):
                connection.send(("begin", item, None) if record is None else ("record", item, record))
        except BaseException as error:  # a fault of the measuring itself: said, and the process starts anew
            where = traceback.extract_tb(error.__traceback__)[-1]
            message = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"
            connection.send(("fault", message, None))
            os._exit(1)
        connection.send(("done", "", None))


def _alive(connection: Connection) -> Any:
    last = [time.monotonic()]

    def alive() -> None:
        if time.monotonic() - last[0] > 5:
            last[0] = time.monotonic()
            connection.send(("alive", "", None))

    return alive
