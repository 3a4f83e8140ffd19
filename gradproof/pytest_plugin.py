"""The pytest plugin: what every `gradproof.check` of a test-suite found, as one findings file and one page.

    pytest --gradproof-report FOLDER

writes FOLDER/findings.jsonl as the tests run and FOLDER/report.html at their end, and prints one line. With
pytest-xdist each worker writes a file of its own, and they are merged at the end. No test passes or fails because of
it: where the report cannot be written, the line says so.

Importing this module loads neither pytest nor NumPy nor anything else that is heavy.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import observing

if TYPE_CHECKING:
    import pytest

    from .suite import Suite

INTERRUPTED = 2  # pytest's exit status for a run that was stopped by hand


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options `--gradproof-report` and `--gradproof-seed`."""
    group = parser.getgroup("gradproof", "gradproof: findings of gradproof.check")
    group.addoption(
        "--gradproof-report",
        metavar="FOLDER",
        default=None,
        help="write what every gradproof.check found to FOLDER/findings.jsonl and FOLDER/report.html",
    )
    group.addoption(
        "--gradproof-seed",
        metavar="N",
        type=int,
        default=None,
        help="draw the upstream gradients of every gradproof.check without a seed of its own from this seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start the report that was asked for. A folder that cannot hold it is a usage error, before any test."""
    folder, seed = config.getoption("gradproof_report"), config.getoption("gradproof_seed")
    if seed is not None and seed < 0:
        _refuse(f"--gradproof-seed: {seed} is negative; give 0 or more")
    if folder is None and seed is None:
        return
    worker = str(getattr(config, "workerinput", {}).get("workerid", ""))
    if folder is not None:
        # Whole, so that a worker of pytest-xdist, which is given these options, means the same folder.
        folder = Path(os.path.abspath(folder))
        config.option.gradproof_report = str(folder)
        if not worker:
            _prepare(folder)
    config.pluginmanager.register(Reporting(config, folder, worker, seed or 0), "gradproof-reporting")


def _prepare(folder: Path) -> None:
    from .suite import prepare

    try:
        prepare(folder)
    except ValueError as error:
        _refuse(f"--gradproof-report: {error}")


def _refuse(sentence: str) -> None:
    import pytest

    raise pytest.UsageError(sentence)


class Reporting:
    """Hears of every check, and keeps what it found. folder: None where only a seed was asked for."""

    def __init__(self, config: pytest.Config, folder: Path | None, worker: str, seed: int) -> None:
        self.folder, self.worker, self.seed = folder, worker, seed
        self.arguments = [str(argument) for argument in config.invocation_params.args]
        self.suite: Suite | None = None
        self.problem = ""
        self.status = "finished"
        self.line = ""
        self._seed_before = observing.default_seed[0]
        observing.default_seed[0] = seed
        if folder is not None:
            observing.observers.append(self.heard)

    def heard(self, name: str, forward: Any, outcome: Any, message: str, seconds: float) -> None:
        """Keep what came of one check. Whatever goes wrong here is for the last line, never for the test."""
        try:
            self._opened().add(_test(), name, forward, outcome, message, seconds)
        except Exception as error:
            self.problem = self.problem or _said(error)

    def _opened(self) -> Suite:
        if self.suite is None:
            from .suite import Suite

            self.suite = Suite(self.folder or Path(), self.worker, self.seed, self.arguments)
        return self.suite

    def pytest_keyboard_interrupt(self) -> None:
        self.status = "interrupted"  # also where a second Ctrl-C cuts the end of the session short

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if int(exitstatus) == INTERRUPTED:
            self.status = "interrupted"
        if self.worker:
            self._finish()  # before pytest-xdist says that this worker has ended, and the parts are merged

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The one line; by now the workers of pytest-xdist have ended."""
        self._finish()
        if self.line:
            terminalreporter.write_line(self.line)

    def pytest_unconfigure(self) -> None:
        """The end, also of a run without a terminal."""
        self._finish()
        observing.default_seed[0] = self._seed_before

    def _finish(self) -> None:
        if self.heard not in observing.observers:
            return
        observing.observers.remove(self.heard)
        try:
            self._opened().finish(self.status)
            if not self.worker:
                from .suite import conclude

                self.line = conclude(self.folder or Path(), self.status)
        except Exception as error:
            self.problem = self.problem or _said(error)
        if self.problem:
            self.line = f"gradproof: the report in {self.folder} is not whole: {self.problem}"


def _test() -> str:
    """The id of the test that runs now, without its phase; pytest keeps it there for whoever looks from outside."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0] or "outside of any test"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
