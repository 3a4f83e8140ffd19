"""The audit: draw cases of each operation, judge every implementation on each, keep what was found as it comes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from . import recording
from .cases import Spec, parse, regimes, simpler
from .drawing import specs
from .environment import environment
from .frameworks.known import read as read_known
from .interrupting import Interrupts
from .judging import Judged, Opened, judge_case, open_case, refused
from .panel import REFERENCE, Panel
from .reports.findings import Findings, Writer, badness
from .run_folder import FINDINGS as FINDINGS
from .run_folder import PAGE as PAGE
from .run_folder import PREVIOUS as PREVIOUS
from .run_folder import prepare as prepare
from .run_folder import write_page
from .tally import Tally as Tally
from .tally import finding_badness
from .verdict import Finding

if TYPE_CHECKING:
    from reference._op import Op

SHRINKING_STEPS = 40  # for an implementation that hears every case; fewer for one that hears a share of them
MOST_OPEN = 6  # cases that may wait for a slow implementation while others are judged


@dataclass(frozen=True)
class Settings:
    """What an audit is asked for. cases: cases an operation; dtypes: "float32", "float64" or both."""

    cases: int = 60
    seed: int = 0
    dtypes: tuple[str, ...] = ("float32", "float64")
    resume: bool = False


@dataclass
class Audit:
    """One run over some operations with a panel of implementations, written to a folder."""

    operations: Mapping[str, Op]
    panel: Panel
    folder: Path
    settings: Settings
    progress: Callable[[str, int], None] = lambda operation, done: None
    tally: Tally = field(default_factory=Tally)
    _known: Any = ()
    _interrupts: Interrupts = field(default_factory=Interrupts)
    _done: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _old_worst: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _detailed: set[tuple[str, str]] = field(default_factory=set)
    _open: list[Opened] = field(default_factory=list)

    def run(self) -> int:
        """Judge everything; returns the exit code. Raises ValueError where the folder cannot be written."""
        start = time.perf_counter()
        self._known = read_known()
        path = prepare(self.folder, self.settings.resume)
        with Writer(path, resume=self.settings.resume) as out, self._interrupts:
            if out.previous is not None and out.previous.header:
                self._continue(out.previous)
            else:
                out.write(self._header())
            status = "finished"
            try:
                for name, op in self.operations.items():
                    self._operation(name, op, out)
                    self._interrupts.heed()
            except KeyboardInterrupt:
                status = "interrupted"
            for hello in self.panel.hellos.values():
                if hello.status == "broken":  # it never answered a case: no finding says so, the exit code must
                    self.tally.statuses["broken"] = self.tally.statuses.get("broken", 0) + 1
            code = 2 if status == "interrupted" else self.tally.exit_code()
            t = self.tally
            out.write(
                {
                    "record": "end",
                    "status": status,
                    "seconds": round(time.perf_counter() - start, 3),
                    "cases": t.cases,
                    "comparisons": t.comparisons,
                    "vacuous": t.vacuous,
                    "exit": code,
                }
            )
        write_page(path, self.folder / PAGE)
        return code

    # -- one operation ---------------------------------------------------------------------------------

    def _operation(self, name: str, op: Op, out: Writer) -> None:
        seen: set[str] = set()
        offered = regimes(op, op.defaults())
        kinds = [(regime, dtype) for regime in offered for dtype in self.settings.dtypes]
        each, more = divmod(self.settings.cases, len(kinds))
        for position, (regime, dtype) in enumerate(kinds):
            cases = each + (position < more)
            if cases:
                self._draw(op, regime, dtype, cases, self.settings.seed + 1000 * position, seen, out)
        self._finish(out, 0)
        self._recall(op)
        for (operation, implementation), (finding, judged) in list(self.tally.worst.items()):
            if operation == name and (operation, implementation) not in self._detailed:
                self._detail(op, implementation, finding, judged, out)

    def _recall(self, op: Op) -> None:
        """Judge again the worst kept cases of a resumed run whose pictures were not written yet."""
        for (operation, implementation), record in self._old_worst.items():
            cell = (operation, implementation)
            if operation != op.name or cell in self._detailed:
                continue
            if cell not in self.tally.worst or badness(record) > finding_badness(self.tally.worst[cell][0]):
                with self._interrupts.heeded():
                    judged = judge_case(parse(record["case"], self.operations), op, self.panel, self._known)
                again = [
                    f for f in judged.findings if (f.implementation, f.quantity) == (implementation, record["quantity"])
                ]
                if again:
                    self.tally.worst[cell] = (again[0], judged)

    def _draw(self, op: Op, regime: str, dtype: str, cases: int, seed: int, seen: set[str], out: Writer) -> None:
        """Let Hypothesis draw `cases` cases of one regime and dtype, climbing towards larger errors."""

        @hypothesis.seed(seed)
        @hypothesis_settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.target),
            suppress_health_check=list(HealthCheck),
        )
        @given(specs(op, (dtype,), regime, seed))
        def one(spec: Spec) -> None:
            self._interrupts.heed()
            hypothesis.assume(spec.id not in seen)
            ratio = self._one(spec, op, len(seen), seen, out)
            hypothesis.target(math.log10(min(max(ratio, 1e-9), 1e30)), label="error/allowance")

        self._interrupts.heed()
        try:
            one()
        except hypothesis.errors.Unsatisfiable:
            message = f"no {dtype} case of the regime {regime} was drawn that says anything"
            out.write({"record": "vacuous", "op": op.name, "case": "", "message": message})

    def _one(self, spec: Spec, op: Op, turn: int, seen: set[str], out: Writer) -> float:
        """Judge one drawn spec, or take what an earlier run kept of it; the largest error/allowance."""
        if spec.id in self._done:
            seen.add(spec.id)
            self.progress(op.name, 1)
            return max((_number(r.get("ratio")) for r in self._done[spec.id]), default=0.0)
        vacuous = refused(spec, op)
        if vacuous is not None:
            self.tally.vacuous += 1
            out.write(
                {
                    "record": "vacuous",
                    "op": op.name,
                    "case": spec.id,
                    "message": f"{', '.join(vacuous)} zero or constant",
                }
            )
            hypothesis.reject()
        with self._interrupts.heeded():
            opened = open_case(spec, op, self.panel, self._known, turn, slow=self.panel.slow)
        seen.add(spec.id)
        ratio = opened.judged.largest_ratio  # of those that answer at once: the climb does not wait for the others
        self._open.append(opened)
        self._finish(out, MOST_OPEN)
        return ratio

    def _finish(self, out: Writer, most: int) -> None:
        """Write the cases for which every implementation has answered; wait until at most `most` are open."""
        while self._open and (len(self._open) > most or self._open[0].ready):
            with self._interrupts.heeded():
                judged = self._open[0].finish()
            del self._open[0]
            self.tally.add(judged)
            for finding in judged.findings:
                out.write(recording.finding_record(finding))
            out.write(recording.case_record(judged))  # last: a case line says that all of its findings are there
            self.progress(judged.case.spec.op, 1)

    def _detail(self, op: Op, implementation: str, finding: Finding, judged: Judged, out: Writer) -> None:
        """The worst case of a cell, shrunk where it failed, with its picture and reproducer."""
        if finding.failed:
            with self._interrupts.heeded():
                smaller = shrink(finding, judged, op, self.panel, self._known)
            if smaller is not None:
                finding, judged = smaller
                out.write(recording.finding_record(finding))
                out.write(recording.case_record(judged))
        version = self._version(implementation)
        out.write(recording.detail_record(finding, judged.case, op, judged.proof.message, version))

    # -- header and resumption --------------------------------------------------------------------------

    def _version(self, implementation: str) -> str:
        versions = self.panel.described()[implementation]["versions"]
        own = {n: v for n, v in versions.items() if n != "numpy" or len(versions) == 1}
        return "(" + ", ".join(f"{n} {v}" for n, v in own.items()) + ")"

    def _header(self) -> dict[str, Any]:
        s = self.settings
        return {
            "record": "header",
            "format": "gradproof-findings",
            "version": 1,
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "environment": environment(),
            "settings": {
                "operations": list(self.operations),
                "cases": s.cases,
                "seed": s.seed,
                "dtypes": list(s.dtypes),
            },
            "implementations": self.panel.described(),
            "operations": {name: recording.operation_record(op) for name, op in self.operations.items()},
        }

    def _continue(self, previous: Findings) -> None:
        """Take over what an earlier run of the same settings kept; ValueError where it was another run."""
        asked, kept = self._header()["settings"], previous.header.get("settings", {})
        for name, value in asked.items():
            if kept.get(name) != value:
                raise ValueError(
                    f"--resume: {self.folder / FINDINGS} was made with {name}={kept.get(name)!r}, now {value!r}; "
                    "repeat the settings of that run, or start a new one without --resume"
                )
        # A shrunk case carries one finding only; a drawn one has the reference's among others.
        drawn = {r["case"] for r in previous.findings if r["implementation"] == REFERENCE}
        complete = set(previous.cases) & drawn
        for record in previous.findings:
            if record["case"] in complete:
                self._done.setdefault(record["case"], []).append(record)
                status = record["status"]
                self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
                self.tally.comparisons += record.get("entries", 0) if record.get("worst") else 0
                cell = (record["op"], record["implementation"])
                if cell not in self._old_worst or badness(record) > badness(self._old_worst[cell]):
                    self._old_worst[cell] = record
        self.tally.cases += len(complete)
        self._detailed = set(previous.details)


def _number(ratio: Any) -> float:
    return math.inf if ratio == "inf" else float(ratio or 0.0)


def shrink(finding: Finding, judged: Judged, op: Op, panel: Panel, known: Any) -> tuple[Finding, Judged] | None:
    """A simpler case on which the same implementation fails in the same quantity in the same way, or None."""
    best: tuple[Finding, Judged] | None = None
    only = finding.implementation if finding.implementation != REFERENCE else ""
    spec, steps = judged.case.spec, SHRINKING_STEPS // (panel.share(only) if only else 1)
    progressed = True
    while progressed and steps > 0:
        progressed = False
        for smaller in simpler(spec, op.sizes):
            steps -= 1
            if steps <= 0:
                break
            again = judge_case(smaller, op, panel, known, only=only)
            same = [f for f in again.findings if _alike(f, finding)]
            if same:
                spec, best, progressed = smaller, (max(same, key=finding_badness), again), True
                break
    return best


def _alike(a: Finding, b: Finding) -> bool:
    return (a.implementation, a.quantity, a.status, a.reason) == (b.implementation, b.quantity, b.status, b.reason)


def frameworks_asked(panel: Panel, names: Sequence[str]) -> None:
    """ValueError where a framework that was asked for by name is not there."""
    for name in names:
        hello = panel.hellos[name]
        if hello.status != "ready":
            raise ValueError(f"{name} was asked for and is {hello.status}: {hello.message}")
