"""A limit on how long a program that nobody trusts may run in this process."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class TimedOut(BaseException):
    """It did not finish. Not an Exception: no program's own `except Exception` may swallow it."""


ASLEEP = 20  # times as long by the clock: for a program that waits instead of computing


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise TimedOut inside the block after so many seconds of this process's own processor time.

    Not of the clock's: on a machine that does something else too, that would count against whoever is slow anyhow.
    By signals, so in the main thread of a POSIX system only; elsewhere the block runs without a limit, and the
    process that started this one has to end it.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: Any) -> None:
        raise TimedOut(f"it did not finish in {seconds:g} s")

    timers = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, ASLEEP * seconds))
    before = [signal.signal(number, late) for number, _, _ in timers]
    for _, timer, limit in timers:
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for _, timer, _ in timers:
            signal.setitimer(timer, 0)
        for (number, _, _), handler in zip(timers, before, strict=True):
            signal.signal(number, handler)
