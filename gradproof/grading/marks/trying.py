"""Running a submission with changes of its own functions, in its own sandbox, and judging what comes back.

The judge sends the changes and a small engine (`_trials.py`), gets arrays, and compares them with the truth itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...mistakes.fitting import digits, same
from ..confinement.exchanged import Program
from .asking import Subject, compiled_at
from .changing import Variant, reached, tiers_of
from .edited_values import slots
from .edits import Edit, Function, functions
from .points import Point
from .program import Compiled

if TYPE_CHECKING:
    from ...truth import TrueArray
    from .stages import TaskVerdict

SECONDS = 2.0  # of the processor, for all changes of a task at its first point
TIER_SECONDS = 0.8  # of these, for one tier
MOST_PROBES = 150
SLACK = 2.0  # of the allowance: another formula rounds otherwise
ELSEWHERE = (
    "missing copy",
    "order of statements",
    "place of a statement",
    "another block",
    "into a loop",
)  # kinds that act elsewhere than where they are made
ENGINE, ROWS = "gradproof's engine", "gradproof's rows"  # no names that a submission can have


Change = tuple[int, int, int, str]
Span = tuple[int, int, int]  # a function, and where in its text a place begins and ends


@dataclass
class Tried:
    """What came of variants at one point: of each, by the return's place, whether it was right.

    left, later: tiers to come, of likely changes and of others; unlikely: the places that are known, and whether the
    mistake is not there; wrong: the names of the returns that are wrong; trusted: the places of functions that other
    tasks have shown to be right; base: changes that are made with each, where a first mistake is mended already.
    """

    functions: list[Function]
    left: list[list[Variant]]
    seconds: float = SECONDS
    variants: list[Variant] = field(default_factory=list)
    right: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    later: list[list[Variant]] = field(default_factory=list)
    unlikely: dict[Span, bool] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    trusted: set[int] = field(default_factory=set)
    looked: bool = False
    base: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Mended:
    """What mends the forward of a task: the changes, and the words for it."""

    verdict: TaskVerdict
    changes: tuple[tuple[Function, int, int, str], ...]
    words: Any


_mended: list[Mended] = []  # of the last task


def mended_before(verdict: TaskVerdict) -> Mended | None:
    """What mends the forward of a task, where that has been found."""
    return _mended[0] if _mended and _mended[0].verdict is verdict else None


def keep_mended(verdict: TaskVerdict, tried: Tried, variant: Variant, words: Any) -> None:
    """Remember what mends a task's forward: its backward is looked at with it."""
    changes = tuple((tried.functions[k], start, end, text) for k, start, end, text in variant.changes)
    _mended[:] = [Mended(verdict, changes, words)]


def _base(functions: Sequence[Function], verdict: TaskVerdict, phases: Sequence[str]) -> tuple[Change, ...]:
    if "backward" not in phases:
        return ()
    places = {(f.file, f.code_line, f.name): k for k, f in enumerate(functions)}
    mended = mended_before(verdict)
    found = [(places.get((f.file, f.code_line, f.name)), *rest) for f, *rest in mended.changes] if mended else []
    return tuple((k, *rest) for k, *rest in found if k is not None)  # type: ignore[misc]


_last: list[tuple[TaskVerdict, dict[Any, Tried]]] = []  # of the last task: its stages ask the same


def tried_at(subject: Subject, verdict: TaskVerdict, at: Point, phases: Sequence[str]) -> Tried:
    if not _last or _last[0][0] is not verdict:
        _last[:] = [(verdict, {})]
    known = _last[0][1]
    key = at.id, tuple(phases), mended_before(verdict) is None
    if key not in known:
        files, entries = subject.box.files, subject.box.entries  # type: ignore[attr-defined]
        every = functions({f: files[f] for f in dict.fromkeys([*files, *entries])})
        chosen = reached(verdict.task, every, phases)
        asked = {name.partition(".")[0] for name in verdict.task.called}
        known[key] = _with_tiers(chosen, subject.trusted - asked)
        wrong = {a.returned.name for each in verdict.asked for a in each.answers if not a.right}
        known[key].wrong, known[key].base = wrong, _base(chosen, verdict, phases)
        _likely_first(subject, known[key], at, phases, _slots(known[key]), wrong)
    return known[key]


def _with_tiers(functions: list[Function], trusted: Collection[str]) -> Tried:
    """The changes to come; what other tasks have shown to be right is changed last of all."""
    held = {k for k, f in enumerate(functions) if (f.method or f.name) in trusted}
    return Tried(functions, tiers_of(functions, set(range(len(functions))) - held), trusted=held)


def _likely_first(
    subject: Subject, tried: Tried, at: Point, phases: Sequence[str], spans: Iterable[Span], wrong: set[str]
) -> None:
    """Put changes first at places that what is wrong depends on, and nothing that is right does.

    That is found out by running: each of the places is disturbed once. wrong: the names of what is wrong at any point,
    be it by its shape: then its numbers are looked at all the same.
    """
    disturbed = Edit("", "", 0, ())
    probes = [Variant(disturbed, (), ())]
    for k, start, end in dict.fromkeys(spans):
        text = tried.functions[k].text.encode()[start:end].decode()
        probes.append(Variant(disturbed, ((k, start, end, f"(({text}) * 1.375 + 0.125)"),), ()))
    kept, tried.variants = tried.variants, probes
    found = rows_of(subject, tried, range(len(probes)), [at], phases, TIER_SECONDS, repeated=True)
    tried.variants = kept
    if found is None or len(found[0]) < 2:
        return
    rows, flat = found
    held = np.array([bool(tried.base) or r.name not in wrong for r in compiled_at(at, phases).returns])
    right = judged(rows[:1], flat)[0] & held
    blind = not np.isfinite(rows[0]).all()  # what is not there, or no number, does not show what moves it
    for row, probe in zip(rows[1:], probes[1:], strict=False):
        moved = _moved(rows[0], row, flat)
        if moved is not None:
            ((k, start, end, _),) = probe.changes
            if moved.any() or not (blind or _chooses(tried.functions[k], start, end)):
                tried.unlikely[k, start, end] = bool((moved & right).any() or not (moved & ~right).any())
    asked = cache(lambda s: _around(s[0], s[1], s[2], tried.unlikely))  # many changes are made at one place
    first, later = [], []
    for each in tried.left:
        late = [v for v in each if _unlikely(v, asked)]
        held_back = set(map(id, late))
        first.append([v for v in each if id(v) not in held_back])
        later.append(late)
    tried.left, tried.later = [each for each in first if each], [each for each in later if each] + tried.later


def _slots(tried: Tried) -> list[Span]:
    every = [(k, f) for k, f in enumerate(tried.functions) if k not in tried.trusted]
    return [(k, *f.span(part)) for k, f in every for part in slots(f)]


def _unknown(tried: Tried) -> list[Span]:
    """Places of the changes to come of which nothing is known yet: what a call gets that returns several values."""
    spans = dict.fromkeys((k, start, end) for each in tried.left for v in each for k, start, end, _ in v.changes)
    known = set(tried.unlikely)
    return [s for s in spans if s not in known and _around(s[0], s[1], s[2], tried.unlikely) is None][:MOST_PROBES]


def _chooses(function: Function, start: int, end: int) -> bool:
    """Is a place compared, or an index? Then a disturbance may change nothing at one point, and another value much."""
    for node in function.body:
        if isinstance(node, ast.Compare) or (
            isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant)
        ):
            first, last = function.span(node if isinstance(node, ast.Compare) else node.slice)
            if first <= start and end <= last:
                return True
    return False


def _moved(base: np.ndarray, row: np.ndarray, flat: Sequence[Any]) -> np.ndarray | None:
    """Which returns a disturbance changes; None where something did not come back."""
    found, start = [], 0
    for t in flat:
        a, b = base[start : start + t.nearest.size], row[start : start + t.nearest.size]
        start += t.nearest.size
        if not np.isfinite(b).all() and np.isfinite(a).all():
            return None
        found.append(not same(a, b, digits(a)))
    return np.array(found)


def _unlikely(variant: Variant, asked: Callable[[Span], bool | None]) -> bool:
    """Is every place of a variant one whose disturbance shows that the mistake is not there?"""
    if variant.edit.kind in ELSEWHERE:
        return False
    return bool(variant.changes) and all(asked((k, start, end)) for k, start, end, _ in variant.changes)


def _around(k: int, start: int, end: int, known: Mapping[Span, bool]) -> bool | None:
    """Is the smallest known place around a change an unlikely one? None where there is none."""
    around = [(e - s, bad) for (f, s, e), bad in known.items() if f == k and s <= start and end <= e]
    return min(around)[1] if around else None


def further(subject: Subject, tried: Tried, at: Point, phases: Sequence[str]) -> bool:
    """Try the next tier; False where there is none."""
    while (tried.left or tried.later or tried.trusted) and tried.seconds > 0:
        if len(tried.right) and not tried.looked:  # what is tried first has not mended it: time to look closer
            tried.looked = True
            _likely_first(subject, tried, at, phases, _unknown(tried), tried.wrong)
            continue
        if not tried.left and not tried.later:
            tried.later, tried.trusted = tiers_of(tried.functions, tried.trusted, not len(tried.right)), set()
            continue
        some = (tried.left or tried.later).pop(0)
        before = len(tried.right)
        tried.variants = [*tried.variants[:before], *some]
        seconds = min(tried.seconds, TIER_SECONDS)
        right = right_of(subject, tried, range(before, len(tried.variants)), [at], phases, seconds)
        if right is not None and len(right):
            tried.right = np.concatenate([tried.right, right]) if before else right
            return True
        if not before:
            tried.left, tried.later = [], []
    return False


def right_of(
    subject: Subject, tried: Tried, which: Iterable[int], points: Sequence[Point], phases: Sequence[str],
    seconds: float = TIER_SECONDS,
) -> np.ndarray | None:  # fmt: skip
    """For each variant, and each return of each point in order: is it right? None where nothing came back."""
    found = rows_of(subject, tried, which, points, phases, seconds)
    return None if found is None else judged(*found)


def rows_of(
    subject: Subject, tried: Tried, which: Iterable[int], points: Sequence[Point], phases: Sequence[str],
    seconds: float, repeated: bool = False,
) -> tuple[np.ndarray, list[TrueArray]] | None:  # fmt: skip
    """What each variant returns at the points, in a row; and the truth of every return.

    repeated: what has another shape is repeated to as many entries, and not left out.
    """
    compiled = [compiled_at(at, phases) for at in points]
    # a program that loses digits is right: the same formula as the student's, and not the reference's, is expected
    true = [[at.true(r, wide=True) for r in c.returns] for at, c in zip(points, compiled, strict=True)]
    shapes = [_shapes(c, each) for c, each in zip(compiled, true, strict=True)]
    outcome = subject.box.run(_program(tried, list(which), compiled, shapes, seconds, repeated))
    rows, flat = outcome.values.get(ROWS), [t for each in true for t in each]
    tried.seconds -= outcome.cpu
    if not isinstance(rows, np.ndarray) or rows.ndim != 2 or rows.dtype.kind != "f":
        return None
    return (rows, flat) if rows.shape[1] == sum(t.nearest.size for t in flat) else None


def _shapes(compiled: Compiled, true: Sequence[TrueArray]) -> list[tuple[str, tuple[int, ...]]]:
    return [(r.name, t.shape) for r, t in zip(compiled.returns, true, strict=True)]


def judged(rows: np.ndarray, flat: Sequence[Any]) -> np.ndarray:
    """For each row, and each return: is it right?"""
    right, start = np.zeros((len(rows), len(flat)), dtype=bool), 0
    for k, t in enumerate(flat):
        part = rows[:, start : start + t.nearest.size]
        start += t.nearest.size
        with np.errstate(all="ignore"):
            # at ties the truth is a range, from one side's derivative to the other's
            beyond = np.maximum(t.low[0].ravel() - part, part - t.high[0].ravel())
            near = beyond <= SLACK * t.allowance.ravel()
        right[:, k] = (near | t.undefined.ravel()).all(axis=1)
    return right


@cache
def _engine() -> str:
    return (Path(__file__).parent / "_trials.py").read_text(encoding="utf-8")


def _program(
    tried: Tried, which: Sequence[int], compiled: Sequence[Compiled], shapes: Sequence[Sequence[tuple[str, Any]]],
    seconds: float, repeated: bool,
) -> Program:  # fmt: skip
    """One program of the sandbox that runs the variants: Python's own exec is reached through a function's globals."""
    called = sorted({name for c in compiled for step in c.program.steps for name in _submitted(step)})
    builtins = {"item": "__builtins__", "of": {"attribute": "__globals__", "of": _reference(tried, called)}}
    engine, rows = {"name": ENGINE}, {"name": ROWS}
    arrays = {f"{k}/{n}": x for k, c in enumerate(compiled) for n, x in c.program.arrays.items()}
    given = [{"dict": {n: {"array": f"{k}/{n}"} for n in c.program.arrays}} for k, c in enumerate(compiled)]
    steps: list[dict[str, Any]] = [
        {"do": "value", "of": {"dict": {}}, "to": engine},
        {"do": "call", "on": {"item": "exec", "of": builtins}, "method": "__call__",
         "args": [{"literal": _engine()}, engine], "to": {"ignore": True}},
        *({"do": "set", "on": {"item": "SUBMITTED", "of": engine}, "item": n, "value": {"name": n}} for n in called),
        {"do": "call", "on": {"item": "trials", "of": engine}, "method": "__call__", "to": rows,
         "args": [
             {"literal": [[f.file, f.code_line, f.text, f.name] for f in tried.functions]},
             {"literal": [_with_base(tried.variants[k].changes, tried.base) for k in which]},
             {"literal": [c.program.steps for c in compiled]},
             {"list": given},
             {"literal": [[[n, list(s)] for n, s in each] for each in shapes]},
             {"literal": seconds},
             {"literal": repeated},
         ]},
    ]  # fmt: skip
    return Program(tuple(steps), arrays, (ROWS,))


def _with_base(changes: tuple[Change, ...], base: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes and those that are made with each, where they do not meet."""
    apart = all(k != f or end < first or last < start for k, start, end, _ in changes for f, first, last, _ in base)
    return (*changes, *base) if apart else changes


def _reference(tried: Tried, called: Sequence[str]) -> dict[str, Any]:
    """A function of the submission's: one that it calls, or a method."""
    plain = {f.name for f in tried.functions if not f.method}
    name = next((n for n in called if n in plain), None)
    if name is not None:
        return {"name": name}
    method = next(f for f in tried.functions if f.method)
    return {"attribute": method.name, "of": {"name": method.method}}


def _submitted(step: Any) -> Iterable[str]:
    """The submission's functions that a step calls."""
    if isinstance(step, Mapping) and isinstance(step.get("function"), str):
        yield step["function"].split(".")[0]
