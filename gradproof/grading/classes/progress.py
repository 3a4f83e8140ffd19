"""How a class run shows where it is: a bar with rate and time left on a terminal, else a line for each submission."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, TextIO

from ...reports.grading import text
from ...reports.grading.record import graded, stages_of, student_of, why_not_graded


class Progress:
    """A context manager around the marking of `total` submissions; `done` after each, `note` for a sentence."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self.stream = stream
        self.total = total
        self.finished = 0
        self.without_mark = 0
        self._start = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if self.total and self.stream.isatty():
            self._begin_bar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def done(self, record: Mapping[str, Any]) -> None:
        """One more submission has its marks, or none through a fault."""
        self.finished += 1
        has_mark = graded(record)
        self.without_mark += not has_mark
        if self._bar is None:
            self._say(f"[{self.finished}/{self.total}] {summary(record)}{self._left()}")
            return
        if not has_mark:
            self.note(summary(record))
        self._bar.update(self._task, advance=1, rate=self._rate(), lost=self._lost())

    def note(self, sentence: str) -> None:
        """A sentence that stays."""
        if self._bar is None:
            self._say(sentence)
        else:
            self._bar.console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    def _begin_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("marking"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("left{task.fields[lost]}"),
        )
        self._bar = Bar(*columns, console=Console(file=self.stream), transient=True)
        self._task = self._bar.add_task("marking", total=self.total, rate="", lost="")
        self._bar.start()

    def _rate(self) -> str:
        seconds = time.monotonic() - self._start
        return f"{60 * self.finished / seconds:.0f} a minute" if seconds > 1 else ""

    def _lost(self) -> str:
        return f", {self.without_mark} without a mark" if self.without_mark else ""

    def _left(self) -> str:
        """The time left, now and then: a log of 200 lines needs it some ten times."""
        every = max(1, self.total // 10)
        seconds = time.monotonic() - self._start
        if self.finished % every or self.finished == self.total or seconds < 1:
            return ""
        left = seconds / self.finished * (self.total - self.finished)
        return f"  [{self._rate()}, about {_duration(left)} left]"

    def _say(self, sentence: str) -> None:
        self.stream.write(f"{sentence}\n")
        self.stream.flush()


def summary(record: Mapping[str, Any]) -> str:
    """One submission in a line: id, points, and the verdicts that are not ok."""
    identity, _ = student_of(record)
    if not graded(record):
        return f"{identity}: NOT GRADED: {why_not_graded(record)}"
    verdicts = Counter(text.line(stage.get("status") or "", 40) for stage in stages_of(record))
    verdicts.pop("ok", None)
    trouble = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
    points = text.of(record.get("score"), record.get("max_score"))
    return f"{identity}: {points}{f' ({trouble})' if trouble else ''}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
