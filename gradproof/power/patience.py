"""A limit on how long a program that nobody trusts may run in this process."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any


class TimedOut(BaseException):
    """It did not finish. Not an Exception: no program's own `except Exception` may swallow it."""


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise TimedOut inside the block after so many seconds.

    By a signal, so in the main thread of a POSIX system only; elsewhere the block runs without a limit, and the
    process that started this one has to end it.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: Any) -> None:
        raise TimedOut(f"it did not finish in {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
