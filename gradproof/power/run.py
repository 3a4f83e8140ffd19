"""A whole run: what is to be measured, what an earlier run already did, and the file that grows as records come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..environment import environment
from ..mistakes.catalogue import Mistake, mistakes
from ..reports.power import FORMAT, VERSION, Power, Writer, read, summary
from ..reports.power.page import render as render_page
from ..run_folder import prepare
from .checkers import CHECKERS
from .measuring import MUTANTS, SMALLEST, VARIANTS, Settings, Unit
from .processes import measured
from .smallest import ENTRY_BY_ENTRY, JUDGE, SHAPES
from .variants import variants_of

if TYPE_CHECKING:
    from reference._op import Op

RECORDS, PAGE, PREVIOUS = "power.jsonl", "power.html", "power-previous.jsonl"
IN_A_UNIT = 60  # mistakes: a process draws an operation's cases once for so many
SEEDS = (0, 1, 2)  # of the arrays in which the smallest error is looked for


@dataclass
class Run:
    """A run over some operations into a folder. progress: called with an operation's name and the items done."""

    operations: Mapping[str, Op]
    folder: Path
    settings: Settings
    jobs: int = 1
    resume: bool = False
    progress: Callable[[str, int], None] = lambda operation, done: None
    started: Callable[[int, int], None] = lambda total, done: None
    _previous: Power | None = field(default=None)

    def run(self) -> int:
        """Measure everything that is left; the exit code. ValueError where the folder or the settings do not fit."""
        start = time.perf_counter()
        path = prepare(self.folder, self.resume, RECORDS, PREVIOUS)
        with Writer(path, resume=self.resume) as out:
            self._previous = out.previous
            if out.previous is not None and out.previous.header:
                self._same_run(out.previous)
            else:
                out.write(self._header())
            whole = self._units()
            left = [unit for unit in map(self._left, whole) if unit.items]
            total, todo = (sum(len(u.items) for u in units) for units in (whole, left))
            self.started(total, total - todo)
            status = "finished"
            try:
                for unit, record in measured(left, self.settings, self.jobs):
                    out.write(record)
                    self.progress(unit.op, 1)
            except KeyboardInterrupt:
                status = "interrupted"
            found = read(path)
            code = 2 if status == "interrupted" else summary.exit_code(found)
            out.write(
                {"record": "end", "status": status, "seconds": round(time.perf_counter() - start, 3), "exit": code}
            )
        (self.folder / PAGE).write_text(render_page(read(path)), encoding="utf-8")
        return code

    # -- what is to be done ---------------------------------------------------------------------------------------

    def _units(self) -> list[Unit]:
        """Everything: the errors of one entry first, since large arrays take longest; then operation by operation."""
        found = [Unit(SMALLEST, op, (item,)) for op in SHAPES if op in self.operations for item in self._errors()]
        for name, op in self.operations.items():
            chosen = sample(mistakes(op), self.settings.mutants, self.settings.seed)
            ids = [m.id for m in chosen]
            compared = frozenset(m.id for m in sample(chosen, self.settings.compared, self.settings.seed + 1))
            for at in range(0, len(ids), IN_A_UNIT):
                some = tuple(ids[at : at + IN_A_UNIT])
                found.append(Unit(MUTANTS, name, some, compared & frozenset(some)))
            if self.settings.variants:
                found.append(Unit(VARIANTS, name, tuple(v.name for v in variants_of(op))))
        return found

    def _errors(self) -> Iterable[str]:
        asked = [(JUDGE, "default", "")]
        asked += [(c, s.name, s.dtype) for c in self.settings.checkers for s in CHECKERS[c].settings]
        for checker, setting, dtype in asked:
            for each in (dtype,) if dtype else ("float32", "float64"):
                for entries in self.settings.sizes:
                    for seed in SEEDS[:1] if checker in ENTRY_BY_ENTRY else SEEDS:
                        yield f"{checker}/{setting}/{each}/{entries}/{self.settings.seed + seed}"

    def _left(self, unit: Unit) -> Unit:
        """What of a unit an earlier run has not done."""
        done = self._previous.done if self._previous is not None else frozenset()
        items = tuple(i for i in unit.items if (unit.kind, unit.op, i) not in done)
        return Unit(unit.kind, unit.op, items, unit.compared)

    # -- the header -------------------------------------------------------------------------------------------------

    def _header(self) -> dict[str, Any]:
        return {
            "record": "header", "format": FORMAT, "version": VERSION,
            "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "environment": environment(), "settings": self._asked(),
            "checkers": {name: described(name) for name in self.settings.checkers},
            "operations": {n: {"mistakes": len(mistakes(op))} for n, op in self.operations.items()},
        }  # fmt: skip

    def _asked(self) -> dict[str, Any]:
        said = {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(self.settings).items()}
        return {**said, "operations": list(self.operations)}

    def _same_run(self, previous: Power) -> None:
        """ValueError where the file that is to be gone on with was made with other settings."""
        kept = previous.header.get("settings", {})
        for name, value in self._asked().items():
            if kept.get(name) != value:
                raise ValueError(
                    f"--resume: {self.folder / RECORDS} was made with {name}={kept.get(name)!r}, now {value!r}; "
                    "repeat the settings of that run, or start a new one without --resume"
                )


def sample(of: Sequence[Mistake], count: int | None, seed: int) -> list[Mistake]:
    """So many mistakes, drawn from a seed, in their order; half of them written ones, as far as there are."""
    if count is None or count >= len(of):
        return list(of)
    rng = np.random.default_rng([seed, 6])
    written = [i for i, m in enumerate(of) if m.origin == "written"]
    derived = [i for i, m in enumerate(of) if m.origin != "written"]
    first = min(len(written), max(count // 2, count - len(derived)))
    chosen = [*_some(rng, written, first), *_some(rng, derived, count - first)]
    return [of[i] for i in sorted(chosen)]


def _some(rng: np.random.Generator, of: Sequence[int], count: int) -> list[int]:
    return [of[int(i)] for i in rng.choice(len(of), count, replace=False)] if count else []


def described(name: str) -> dict[str, Any]:
    """A checker as a report needs it: how it is called at each setting, and whether it is there."""
    c = CHECKERS[name]
    missing = c.missing()
    return {
        "title": c.title, "address": c.address, "told": c.told, "versions": c.versions(),
        "status": "absent" if missing else "ready", "message": f"{missing} is not installed" if missing else "",
        "settings": {s.name: {"call": s.call, "why": s.why, "dtype": s.dtype or "the case's own"} for s in c.settings},
    }  # fmt: skip
