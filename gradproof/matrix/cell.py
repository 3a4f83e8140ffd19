"""A cell: every case of a case file before the reference and every framework of this Python, and the stored truth.

Needs neither python-flint nor Hypothesis. Findings and results are written operation by operation; a cell that was
killed keeps the operations that are whole, and goes on from there.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from .. import frame, recording
from ..cases import Case
from ..environment import environment
from ..frameworks.known import read as read_known
from ..interrupting import Interrupts
from ..judging import Judged, open_against
from ..packing import split
from ..pair import of_operation
from ..panel import FLOAT32_ONLY, FRAMEWORKS, REFERENCE, Panel, members
from ..reference import operations
from ..reports.findings import Findings, Writer
from ..run_folder import FINDINGS, PAGE, prepare, write_page
from ..tally import Tally
from ..workers.pool import Reply, Request
from . import case_file, cell_name, results
from .case_file import CaseFile, Stored
from .drawing_cases import check_sources
from .results import RESULTS, Key

LIED, INTERRUPTED, BROKEN = 1, 2, 3
AHEAD = 4  # operations that are asked about while one is judged
Asked = list[dict[str, Future[Reply]]]


def run(
    name: str,
    cases: Path,
    output: Path,
    resume: bool = False,
    record: bool = False,
    panel: Panel | None = None,
    installed: Mapping[str, str] | None = None,
    progress: Callable[[str, int], None] = lambda operation, done: None,
) -> int:
    """Judge a cell into `output/name`; the exit code. Lies of the name are said on stderr, and nothing is judged then.

    record: 0 for every cell that was judged to its end. panel, installed: other than what is in this Python, for tests.
    Raises ValueError for a name that is none, a case file that cannot be used, or a folder that cannot be written.
    """
    claim = cell_name.parse(name)
    drawn = case_file.read(cases)
    check_sources(drawn)
    here = dict(installed or cell_name.installed())
    said = cell_name.lies(claim, here)
    panel = panel or Panel([] if said else members(FRAMEWORKS, []))
    folder = output / name
    prepare(folder, resume)
    with panel:
        silent = [] if said else cell_name.silent(claim, panel.hellos, here)
        said += [] if silent else cell_name.other_versions(panel.hellos, here)
        cell = Cell(name, drawn, panel, folder, here, (*said, *silent), progress)
        for sentence in cell.lies:
            print(f"gradproof: {name}: {sentence}", file=sys.stderr)
        code = cell.run(resume, LIED if said else BROKEN if silent else None)
    _page(folder)
    return 0 if record and code in (1, BROKEN) and not cell.lies and cell.finished else code


def _page(folder: Path) -> None:
    try:
        write_page(folder / FINDINGS, folder / PAGE)
    except ModuleNotFoundError as error:
        print(f"gradproof: no page was written: {error.name} is not installed", file=sys.stderr)


@dataclass
class Cell:
    """One run over a case file. here: factor to installed version; lies: what is wrong with the name."""

    name: str
    drawn: CaseFile
    panel: Panel
    folder: Path
    here: Mapping[str, str]
    lies: tuple[str, ...]
    progress: Callable[[str, int], None]
    tally: Tally = field(default_factory=Tally)
    finished: bool = False
    _known: Any = ()
    _interrupts: Interrupts = field(default_factory=Interrupts)
    _kept: set[str] = field(default_factory=set)

    def run(self, resume: bool, refused: int | None) -> int:
        """Judge everything that is left; refused: the exit code of a cell whose name lies, which judges nothing."""
        start = time.perf_counter()
        self._known = read_known()
        with Writer(self.folder / FINDINGS, resume=resume) as out, self._interrupts:
            if out.previous is not None and out.previous.header:
                self._continue(out.previous)
            else:
                out.write(self._header())
            if not resume or not self._kept:
                (self.folder / RESULTS).write_bytes(results.header(self.drawn.hash))
            status = "finished"
            try:
                if refused is None:
                    self._operations(out)
            except KeyboardInterrupt:
                status = "interrupted"
            self.finished = status == "finished"
            code = INTERRUPTED if not self.finished else refused if refused is not None else self._exit_code()
            out.write(self._end(status, time.perf_counter() - start, code))
        return code

    def _operations(self, out: Writer) -> None:
        """Every operation in turn; a few more are asked about before, so that nobody waits for the slowest worker."""
        ahead: deque[tuple[Any, list[Stored], Asked]] = deque()
        for op, batch in self._batches():
            self._interrupts.heed()
            if op.name in self._kept:
                self.progress(op.name, len(batch))
                continue
            ahead.append((op, batch, self._ask(op, batch)))
            if len(ahead) > AHEAD:
                self._operation(*ahead.popleft(), out)
        while ahead:
            self._operation(*ahead.popleft(), out)

    def _batches(self) -> Iterator[tuple[Any, list[Stored]]]:
        """Each operation with its cases, in the order of the file."""
        catalogue = operations()
        by_name = groupby(self.drawn.stored(catalogue), key=lambda stored: stored.case.spec.op)
        yield from ((catalogue[name], list(batch)) for name, batch in by_name)

    def _operation(self, op: Any, batch: list[Stored], replies: Asked, out: Writer) -> None:
        """Judge all cases of an operation in order, and keep what everybody returned."""
        arrays: dict[Key, list[np.ndarray]] = {}
        for stored, asked in zip(batch, replies, strict=True):
            with self._interrupts.heeded():
                judged = self._judge(op, stored, asked)
                arrays.update(_arrays(op, stored.case, {n: future.result() for n, future in asked.items()}))
            self.tally.add(judged)
            for finding in judged.findings:
                out.write(recording.finding_record(finding))
            out.write(recording.case_record(judged))
            self.progress(op.name, 1)
        for (operation, implementation), (finding, judged) in self.tally.worst.items():
            if operation == op.name:
                version = self._version(implementation)
                out.write(recording.detail_record(finding, judged.case, op, judged.proof.message, version))
        with (self.folder / RESULTS).open("ab") as handle:  # last: it says that the operation is whole
            handle.write(results.part(op.name, arrays))
            handle.flush()
            os.fsync(handle.fileno())

    def _ask(self, op: Any, batch: list[Stored]) -> Asked:
        """Every case to every implementation; those without float64 hear one such case, to say so."""
        heard: set[str] = set()
        replies = []
        for stored in batch:
            case = stored.case
            asked = {}
            for name in self.panel.ready:
                if case.spec.dtype == "float64" and self.panel.framework(name) in FLOAT32_ONLY:
                    if name in heard:
                        continue
                    heard.add(name)
                differentiable = op.differentiable(case.options)
                request = Request(op.name, case.options, case.inputs, differentiable, case.cotangents)
                asked[name] = self.panel.workers[name].submit(request)
            replies.append(asked)
        return replies

    def _judge(self, op: Any, stored: Stored, asked: Mapping[str, Future[Reply]]) -> Judged:
        case, start = stored.case, time.perf_counter()

        def grounds(_pair: Any) -> Any:
            return stored.truth, lambda: stored.wide

        twin = case_file.twin(case)
        return open_against(grounds, case, twin, op, asked, self.panel, self._known, (), start).finish()

    def _exit_code(self) -> int:
        for hello in self.panel.hellos.values():
            if hello.status == "broken":  # it never answered a case: no finding says so, the exit code must
                self.tally.statuses["broken"] = self.tally.statuses.get("broken", 0) + 1
        return self.tally.exit_code()

    # -- header, end and resumption ------------------------------------------------------------------------------

    def _version(self, implementation: str) -> str:
        versions = self.panel.described()[implementation]["versions"]
        own = {n: v for n, v in versions.items() if n != "numpy" or len(versions) == 1}
        return "(" + ", ".join(f"{n} {v}" for n, v in own.items()) + ")"

    def _header(self) -> dict[str, Any]:
        catalogue = operations()
        cell = {
            "name": self.name,
            "cases": {"file": self.drawn.path.name, "hash": self.drawn.hash, "drawn_by": self.drawn.index["drawn_by"]},
            "installed": dict(self.here),
            "lies": list(self.lies),
        }
        return {
            "record": "header",
            "format": "gradproof-findings",
            "version": 1,
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "environment": {**environment(), "distributions": cell_name.distributions(), "cell": cell},
            "settings": self.drawn.index["settings"],
            "implementations": self.panel.described(),
            "operations": {name: recording.operation_record(catalogue[name]) for name in self.drawn.operations},
        }

    def _end(self, status: str, seconds: float, code: int) -> dict[str, Any]:
        return {
            "record": "end",
            "status": status,
            "seconds": round(seconds, 3),
            "cases": self.tally.cases,
            "comparisons": self.tally.comparisons,
            "vacuous": 0,
            "exit": code,
        }

    def _continue(self, previous: Findings) -> None:
        """Take over the operations that an earlier run kept; ValueError where it was another run."""
        kept = previous.header.get("environment", {}).get("cell", {})
        for what, was, now in (
            ("another case file", kept.get("cases", {}).get("hash"), self.drawn.hash),
            ("other versions", kept.get("installed"), dict(self.here)),
            ("a name that lies", bool(kept.get("lies")), bool(self.lies)),
        ):
            if was != now:
                raise ValueError(
                    f"--resume: {self.folder / FINDINGS} was made with {what}; start a new run without --resume"
                )
        path = self.folder / RESULTS
        if path.exists():
            with path.open("r+b") as handle:
                handle.truncate(results.whole(path))
        self._kept = results.read(path, numbers=False).operations
        done = {case for case, record in previous.cases.items() if record["op"] in self._kept}
        for record in (r for r in previous.findings if r["case"] in done):
            status = record["status"]
            self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
            self.tally.comparisons += record.get("entries", 0) if record.get("worst") else 0
        self.tally.cases += len(done)


def _arrays(op: Any, case: Case, replies: Mapping[str, Reply]) -> dict[Key, list[np.ndarray]]:
    """What every implementation returned for a case, by quantity."""
    arrays: dict[Key, list[np.ndarray]] = {}
    try:
        own = frame.run(of_operation(op, case.options), case.inputs, case.cotangents)
    except Exception:  # then there is a finding that says so
        own = None
    returned = {REFERENCE: own, **{name: reply for name, reply in replies.items() if reply.status == "ok"}}
    for implementation, of in returned.items():
        if of is None:
            continue
        for name, y in _outputs(op, case, of.y):
            arrays[case.id, implementation, name] = [np.asarray(y)]
        for by_input in of.gradients:
            for name, gradient in by_input.items():
                arrays.setdefault((case.id, implementation, f"d{name}"), []).append(np.asarray(gradient))
    return arrays


def _outputs(op: Any, case: Case, y: Any) -> list[tuple[str, Any]]:
    if not case.parts:
        return [(op.output, y)]
    shapes = [shape for _, shape in case.parts]
    several = list(y) if isinstance(y, (tuple, list)) else split(np.asarray(y), shapes)
    return list(zip((name for name, _ in case.parts), several, strict=False))
