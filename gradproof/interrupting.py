"""Ctrl-C, taken where the audit can bear it.

A KeyboardInterrupt that lands inside Hypothesis' engine can come out as another error (seen: an AssertionError,
where the signal met its reading of a source file), and one that lands in a write leaves half a record. So the
signal ends the judging of a case at once, and is kept for the next such moment anywhere else.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """While entered, SIGINT raises KeyboardInterrupt only inside `heeded()`; elsewhere `heed()` raises it later.

    A second signal raises wherever it lands: whoever presses twice wants out. In a thread other than the main one
    Python delivers no signal, and nothing is changed.
    """

    def __init__(self) -> None:
        self._asked = False
        self._open = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._arrived)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        again, self._asked = self._asked, True
        if self._open or again:
            raise KeyboardInterrupt

    def heed(self) -> None:
        """Raise KeyboardInterrupt if a signal came since the run began."""
        if self._asked:
            raise KeyboardInterrupt

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """A stretch of work that a signal may end at any point."""
        self.heed()
        self._open = True
        try:
            yield
        finally:
            self._open = False
