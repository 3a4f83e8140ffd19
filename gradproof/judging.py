"""One case before the judge: the truth, every implementation's results, and the findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from . import frame
from .cases import Case, build
from .pair import Pair, of_operation
from .panel import REFERENCE, Panel
from .true_values import CannotRun, Proof, Truth
from .verdict import About, Finding, Results, judge
from .workers.pool import Reply

if TYPE_CHECKING:
    from reference._op import Op

    from .cases import Spec

Wide = Callable[[], Truth]


@dataclass
class Judged:
    """A case with everything that was found on it."""

    case: Case
    proof: Proof
    truth: Truth | None
    findings: list[Finding] = field(default_factory=list)
    vacuous: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def entries(self) -> int:
        """Entries compared with a truth."""
        return sum(f.entries - f.undecided for f in self.findings if f.worst is not None)

    @property
    def largest_ratio(self) -> float:
        return max((f.ratio for f in self.findings if f.ratio is not None), default=0.0)


# Drawn for their frame and values: a gradient that vanishes is the truth there, and is reported, not redrawn.
FOR_THEIR_VALUES = ("empty", "size-one", "tails", "tiny", "huge", "offset", "underflow")


def vacuous_quantities(case: Case, results: Results, pair: Pair) -> tuple[str, ...]:
    """Gradients that prove nothing here: zero, or constant over several entries, for every cotangent."""
    found = []
    for name in pair.differentiable:
        arrays = [np.asarray(by_input[name]) for by_input in results.gradients]
        if all(g.size == 0 or not g.any() or (g.size > 2 and (g == g.flat[0]).all()) for g in arrays):
            found.append(f"d{name}")
    return tuple(found)


def refused(spec: Spec, op: Op) -> tuple[str, ...] | None:
    """The vacuous quantities of a case that must be redrawn, or None where some gradient says something."""
    if spec.regime in FOR_THEIR_VALUES:
        return None
    case = build(spec, op)
    pair = of_operation(op, case.options)
    try:
        results = frame.run(pair, case.inputs, case.cotangents)
    except Exception:  # whatever it raises, judge_case makes a finding of it
        return None
    vacuous = vacuous_quantities(case, results, pair)
    return vacuous if vacuous and len(vacuous) == len(pair.differentiable) else None


@dataclass
class Opened:
    """A case that was judged as far as could be without waiting for the implementations that `later` names."""

    judged: Judged
    later: Mapping[str, tuple[Future[Reply], Callable[[], list[Finding]]]] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether `finish` would not wait."""
        return all(future.done() for future, _ in self.later.values())

    def finish(self) -> Judged:
        """Wait for the implementations that are left, and judge them."""
        for _, findings in self.later.values():
            self.judged.findings += findings()
        self.later = {}
        return self.judged


def judge_case(spec: Spec, op: Op, panel: Panel, known: Any = (), turn: int = 0, only: str | None = None) -> Judged:
    """Judge one spec: workers evaluate while the truth is computed here."""
    return open_case(spec, op, panel, known, turn, only).finish()


def open_case(
    spec: Spec,
    op: Op,
    panel: Panel,
    known: Any = (),
    turn: int = 0,
    only: str | None = None,
    slow: Collection[str] = (),
) -> Opened:
    """Judge one spec, but do not wait for the implementations named in `slow`."""
    from .truth import coarse, find_truth

    start = time.perf_counter()
    case = build(spec, op)
    replies = panel.ask(case, op, turn, only)

    def grounds(pair: Pair) -> tuple[Truth, Wide]:
        truth = find_truth(pair, case.inputs, case.cotangents, spec.seed)
        return truth, cache(lambda: coarse(pair, case.inputs, case.cotangents, truth))

    return open_against(grounds, case, build(spec, op), op, replies, panel, known, slow, start)


def open_against(
    grounds: Callable[[Pair], tuple[Truth, Wide]],
    case: Case,
    twin: Case,
    op: Op,
    replies: Mapping[str, Future[Reply]],
    panel: Panel,
    known: Any,
    slow: Collection[str],
    start: float,
) -> Opened:
    """Judge the reference and the replies on a case against the truth that `grounds` gives, found now or long ago.

    grounds: gives the truth, and what gives the truth at the scale of the inputs. twin: the same case in other memory.
    start: the moment (`time.perf_counter`) from which the seconds of the case count.
    """
    pair = of_operation(op, case.options)
    about = About(case.id, op.name, case.spec.dtype, case.spec.regime, REFERENCE, op.output, case.parts)
    try:
        results = frame.run(pair, case.inputs, case.cotangents)
        truth, wide = grounds(pair)
    except Exception as error:  # a fault of the reference, or of the judge, is a finding: the run goes on
        how = "does not run on exact numbers" if isinstance(error, CannotRun) else f"raised {type(error).__name__}"
        message = f"the reference {how}: {error}"
        broken = Finding(*_of(about), about.output, "broken", reason="reference", message=message)
        seconds = time.perf_counter() - start
        return Opened(Judged(case, Proof("undecided", message=message), None, [broken], seconds=seconds))
    judged = Judged(case, truth.proof, truth, vacuous=vacuous_quantities(case, results, pair))
    # The frame is tried on a twin: it may be changed there, while the workers' threads still read the case itself.
    judged.findings = _reference(about, pair, twin, truth, results, wide, known)
    later = {
        name: (
            future,
            partial(_other, replace(about, implementation=name), case, truth, future, wide, results, panel, known),
        )
        for name, future in replies.items()
    }
    now = Opened(judged, {name: each for name, each in later.items() if name not in slow})
    now.finish()
    judged.seconds = time.perf_counter() - start
    return Opened(judged, {name: each for name, each in later.items() if name in slow})


def _of(about: About) -> tuple[str, str, str, str, str]:
    return about.case, about.op, about.dtype, about.regime, about.implementation


def _reference(
    about: About, pair: Pair, case: Case, truth: Truth, results: Results, wide: Any, known: Any
) -> list[Finding]:
    findings = judge(about, truth, results, wide, results)
    if any(f.reason == "wrong-dtype" for f in findings):
        rounded = _in_dtype(results, about.dtype)
        again = judge(about, truth, rounded, wide, rounded)
        findings = [_promoted(f, other, case, known) for f, other in zip(findings, again, strict=True)]
    for fault in frame.faults(pair, case.inputs, case.cotangents):
        findings.append(
            Finding(
                *_of(about), fault.quantity, "wrong", reason=fault.reason, truth=truth.source, message=fault.message
            )
        )
    return findings


def _in_dtype(results: Results, dtype: str) -> Results:
    """The same results, rounded to a dtype."""
    y = tuple(np.asarray(part, dtype) for part in results.y) if isinstance(results.y, tuple) else results.y
    gradients = tuple({n: np.asarray(g, dtype) for n, g in by_input.items()} for by_input in results.gradients)
    return Results(y if isinstance(y, tuple) else np.asarray(y, dtype), gradients, results.native)


def _promoted(finding: Finding, rounded: Finding, case: Case, known: Any) -> Finding:
    """A declared difference of the reference's dtype under this NumPy does not excuse its numbers: they are judged."""
    from .frameworks.known import matching

    versions = {"numpy": np.__version__}
    entry = matching(
        known, REFERENCE, versions, finding.op, finding.quantity, case.inputs, case.options, finding.reason
    )
    if entry is None or rounded.failed:
        return finding if entry is None else rounded
    return replace(rounded, status="known-difference", reason=entry.id, message=f"{finding.message}: {entry.reason}")


def _other(
    about: About,
    case: Case,
    truth: Truth,
    future: Future[Reply],
    wide: Any,
    reference: Results,
    panel: Panel,
    known: Any,
) -> list[Finding]:
    reply = future.result()
    if reply.status != "ok":
        return [Finding(*_of(about), about.output, reply.status, message=reply.message, truth=truth.source)]
    results = Results(reply.y, reply.gradients, reply.native)
    findings = judge(about, truth, results, wide, reference)
    return [_known(f, case, panel, known) if f.failed else f for f in findings]


def _known(finding: Finding, case: Case, panel: Panel, known: Any) -> Finding:
    """A declared, versioned difference instead of a failure, where one is declared for exactly this."""
    from .frameworks.known import matching

    name = finding.implementation
    versions: Mapping[str, str] = panel.hellos[name].versions
    entry = matching(
        known, panel.framework(name), versions, finding.op, finding.quantity, case.inputs, case.options, finding.reason
    )
    return (
        finding if entry is None else replace(finding, status="known-difference", reason=entry.id, message=entry.reason)
    )
