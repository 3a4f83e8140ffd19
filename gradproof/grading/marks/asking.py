"""Running a task's programs on one submission, and whose fault it is where one does not run.

A whole program runs all lines. Where it fails, the forward lines run alone, and the backward lines alone where they
need nothing of the forward's: what is right is found right, and one fault is not charged twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from ...cases import Spec
from ..confinement.exchanged import Outcome, Program, Started
from .answers import Answer, Answered, answered
from .drawing_cases import Drawn
from .plainly import plainly_right
from .points import Point, point
from .program import PHASES, Compiled, compile_task, needs_forward
from .together import alike, apart, joined, suspicions
from .truth_store import TruthStore

if TYPE_CHECKING:
    from reference._op import Op

    from ..assignments.assignment import Accept, Task

HOPELESS = (
    "exited", "timeout-cpu", "timeout-wall", "memory", "output-limit", "killed", "bad-reply", "missing-function",
    "grader-fault",
)  # fmt: skip
TOGETHER_SECONDS = 1.0  # more work than that is not joined: a fork costs little beside it, and a limit is each point's
ENDLESS = ("timeout-cpu", "timeout-wall")
MOST_FAULTS = 3  # times that a phase does not run, after which it is not tried at the other points


class Box(Protocol):
    """What the marking needs of a sandbox."""

    def start(self) -> Started: ...
    def run(self, program: Program) -> Outcome: ...
    def close(self) -> None: ...


@dataclass
class TaskPlan:
    """A task with its operation and the points made so far: what all submissions share."""

    task: Task
    op: Op
    store: TruthStore
    public: tuple[Drawn, ...]
    hidden: Callable[[str], tuple[Drawn, ...]]
    points: dict[tuple[str, str], Point] = field(default_factory=dict)

    def point(
        self, spec: Spec, accepted: Mapping[str, Any] | None = None, public: bool = True, latent: bool = False
    ) -> Point:
        """The task at a spec, in a variant."""
        key = spec.id, repr(accepted)
        if key not in self.points:
            self.points[key] = point(self.task, self.op, spec, self.store, accepted, public, latent)
        return self.points[key]


@dataclass
class Subject:
    """A submission in its sandbox, with what it answered so far.

    hasty: whether all points of a task are asked together before any is asked alone; not where that took too long.
    trusted: the functions and classes that are called by tasks in which all was right.
    """

    box: Box
    accept: Accept
    started: Started
    memo: dict[Any, Answered] = field(default_factory=dict)
    output: list[str] = field(default_factory=list)
    programs: int = 0
    cpu: float = 0.0
    hasty: bool = True
    trusted: set[str] = field(default_factory=set)

    def ask(self, at: Point, phases: Sequence[str] = PHASES, own: bool = False) -> Answered:
        """What it answers to the task's lines at a point."""
        compiled = compiled_at(at, phases, own)
        key = id(compiled)
        if key not in self.memo:
            self.memo[key] = self.judged(at, compiled, self.run(compiled.program))
        return self.memo[key]

    def judged(self, at: Point, compiled: Compiled, outcome: Outcome) -> Answered:
        """What a program came to, judged."""
        found = plainly_right(at, compiled, outcome, self.accept)
        return answered(at, compiled, outcome, self.accept) if found is None else found

    def knows(self, at: Point) -> bool:
        """Has the whole program of a point been asked?"""
        return id(compiled_at(at)) in self.memo

    def ask_together(self, points: Sequence[Point]) -> bool:
        """Ask at several points in one fork, and remember the answers at those where all is right.

        The first point meets a fresh fork, as it would alone. False where it came to no end in TOGETHER_SECONDS.
        """
        new = [at for at in points if not self.knows(at)]
        if len(new) < 2 or new[0].task.draws:
            return True
        every = [compiled_at(at) for at in new]
        outcome = self.run(joined_at(new, every))
        if outcome.verdict != "ok":
            self.hasty = self.hasty and outcome.verdict not in ENDLESS
            return outcome.verdict not in ENDLESS
        unsure: list[Answered] = []
        for at, compiled, own in zip(new, every, apart(outcome, [c.program for c in every]), strict=True):
            if own is None:
                continue
            found = self.judged(at, compiled, own)
            if at is new[0] or not suspicions(found):
                self.memo[id(compiled)] = found
            if suspicions(found):
                unsure.append(found)
        if len(unsure) > 1 and unsure[0].compiled is every[0]:
            self._believe(unsure)
        return True

    def look(self, points: Sequence[Point]) -> Sequence[Answered | None] | None:
        """What it answers at several points in one fork, without remembering it: to be asked alone before it counts.

        None where it does not run to its end at all of them, or draws by chance; of a point, where it shares memory
        with another.
        """
        if points[0].task.draws or not self.hasty:
            return None
        every = [compiled_at(at) for at in points]
        outcome = self.run(joined_at(points, every), keeping=False)
        if outcome.verdict != "ok":
            return None
        parts = zip(points, every, apart(outcome, [c.program for c in every]), strict=True)
        return [None if own is None else self.judged(at, compiled, own) for at, compiled, own in parts]

    def _believe(self, unsure: Sequence[Answered]) -> None:
        """Remember what was not right in one fork, where nothing that came before it can have made it so.

        The first met a fresh fork. Where the last answers alone the very same bits, the others, wrong in nothing that
        the first is not wrong in, are taken as they are: they cost no mark that is not lost already.
        """
        first, *between, last = unsure
        if alike(last, self.ask(last.point)):
            for each in between:
                if suspicions(each) <= suspicions(first):
                    self.memo[id(each.compiled)] = each

    def run(self, program: Program, keeping: bool = True) -> Outcome:
        """One program, counted, its output kept if that is wanted."""
        outcome = self.box.run(program)
        self.programs += 1
        self.cpu += outcome.cpu
        if keeping and outcome.stdout and outcome.stdout not in self.output:
            self.output.append(outcome.stdout)
        return outcome


def compiled_at(at: Point, phases: Sequence[str] = PHASES, own: bool = False) -> Compiled:
    """The program of a task's lines at a point, compiled once for all submissions."""
    key = tuple(phases), own
    if key not in at.programs:
        at.programs[key] = compile_task(at.task, at.given, phases, own)
    compiled: Compiled = at.programs[key]
    return compiled


def joined_at(points: Sequence[Point], every: Sequence[Compiled]) -> Program:
    """The programs of several points as one, joined once for all submissions."""
    known: dict[tuple[int, ...], Program] = points[0].programs.setdefault("joined", {})
    key = tuple(map(id, every))
    if key not in known:
        known[key] = replace(joined([compiled.program for compiled in every]), cpu_seconds=TOGETHER_SECONDS)
    return known[key]


@dataclass(frozen=True)
class Asked:
    """What came of one point: answers, and where something did not run, whose fault that is.

    faults: by "forward" and "backward", the outcome that stopped it. blocked: the backward could not be tried, since
    the forward does not run. mutated: by the phase that wrote into something: verdict, name, sentence.
    """

    point: Point
    answers: tuple[Answer, ...]
    faults: Mapping[str, Outcome]
    blocked: bool = False
    mutated: Mapping[str, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    @property
    def whole_right(self) -> bool:
        """Did all of it run, and was every answer right?"""
        return not self.faults and not self.mutated and all(a.status == "ok" for a in self.answers)

    @property
    def forward_right(self) -> bool:
        return (
            "forward" not in self.faults
            and all(a.right for a in self.answers if a.returned.stage == "forward")
            and not any(verdict != "remark" for verdict, _, _ in self.mutated.get("forward", ()))
        )


def ask(subject: Subject, at: Point, given_up: Mapping[str, Outcome] | None = None) -> Asked:
    """A task's lines at one point, taken apart where they do not run as a whole.

    given_up: phases that are not run any more, with the outcome that stopped them.
    """
    given_up = given_up or {}
    if not given_up:
        whole = subject.ask(at)
        if whole.ran:
            return Asked(whole.point, whole.answers, {}, mutated=_whose(subject, at, whole))
        if at.task.backward:
            return _apart(subject, at, {}, whole.outcome)
        return Asked(at, (), {"forward": whole.outcome}, blocked=True)
    if not at.task.backward:
        return Asked(at, (), dict(given_up), blocked=True)
    return _apart(subject, at, given_up, given_up.get("backward"))


def _apart(subject: Subject, at: Point, given_up: Mapping[str, Outcome], backward_outcome: Outcome | None) -> Asked:
    """The forward alone, and where it does not run the backward alone, if that needs nothing of it."""
    faults = {"forward": given_up["forward"]} if "forward" in given_up else {}
    if not faults:
        forward = subject.ask(at, ("setup", "forward"))
        if forward.ran and backward_outcome is not None:
            stopped = {"backward": backward_outcome}
            return Asked(forward.point, forward.answers, stopped, mutated=_whose(subject, at, forward))
        faults = {"forward": forward.outcome}
    if needs_forward(at.task):
        return Asked(at, (), faults, blocked=True)
    if "backward" in given_up:
        return Asked(at, (), {**faults, "backward": given_up["backward"]})
    backward = subject.ask(at, ("setup", "backward"))
    if not backward.ran:
        return Asked(at, (), {**faults, "backward": backward.outcome})
    return Asked(at, backward.answers, faults, mutated={"backward": backward.mutated})


def _whose(subject: Subject, at: Point, whole: Answered) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """What was written into, by the phase that did it."""
    if not whole.mutated:
        return {}
    if not at.task.backward:
        return {"forward": whole.mutated}
    forward = subject.ask(at, ("setup", "forward")).mutated
    early = {name for _, name, _ in forward}
    return {"forward": forward, "backward": tuple(m for m in whole.mutated if m[1] not in early)}


def ask_all(subject: Subject, points: Sequence[Point]) -> list[Asked]:
    """Every point in order; a phase that cost much, or did not run several times, is not run again.

    The other phase is judged at every point all the same: what is right on the public cases alone earns nothing.
    """
    every: list[Asked] = []
    given_up: dict[str, Outcome] = {}
    count: Counter[str] = Counter()
    tried = subject.hasty
    settled = tried and subject.ask_together(points)
    wary = True
    for at in points:
        if len(every) == 1:
            wary = every[0].whole_right and not settled and _may_not_end(subject, points, tried)
        if wary and not subject.knows(at):
            _first_alone(subject, at, given_up)
        asked = ask(subject, at, given_up)
        every.append(asked)
        for phase, outcome in asked.faults.items():
            count[phase] += 1
            if outcome.verdict in HOPELESS or count[phase] >= MOST_FAULTS:
                given_up.setdefault(phase, outcome)
    return every


def _may_not_end(subject: Subject, points: Sequence[Point], tried: bool) -> bool:
    """Whether it was quick and right at the first point alone, and comes to no end at all of them together.

    tried: whether they were asked together before, and came to none.
    """
    slow = subject.ask(points[0]).outcome.wall * len(points) > TOGETHER_SECONDS
    return not slow and (tried or not subject.ask_together(points[1:]))


def _first_alone(subject: Subject, at: Point, given_up: dict[str, Outcome]) -> None:
    """Run the forward alone: one that comes to no end would else be met in the whole, and again to know whose it is."""
    if at.task.backward and not given_up:
        forward = subject.ask(at, ("setup", "forward")).outcome
        if forward.verdict in ENDLESS:
            given_up["forward"] = forward
