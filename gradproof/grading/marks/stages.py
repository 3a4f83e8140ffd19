"""The verdict of each stage of a task: forward, backward or single gradients, and what the course does not exercise.

Everything is judged that can be: a backward with the true values of its explicit arguments, with the student's own
cache, and where the forward is wrong, as the derivative of that very forward.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..confinement.exchanged import Outcome
from .answers import Answer
from .asking import Asked, Subject, TaskPlan, ask, ask_all, compiled_at
from .drawing_cases import Drawn
from .drawing_law import unfair_draw
from .probing import right_for_own

if TYPE_CHECKING:
    from ..assignments.assignment import Task
    from .points import Point
    from .program import Return

MOST_VARIANTS = 16
EXCUSABLE = ("wrong", "wrong-shape", "non-finite", "raised")  # by a wrong forward: what follows from numbers and shapes
LATENT = "latent"


@dataclass
class Stage:
    """A stage's verdict and what it rests on.

    failing: wrong answers, public ones first. outcome: of a program that did not run. right: quantities that were
    right. unjudged: what could not be judged, and why. own: the backward is right for the student's own forward.
    latent: what was asked of this stage alone.
    """

    name: str
    status: str
    message: str = ""
    failing: list[Answer] = field(default_factory=list)
    outcome: Outcome | None = None
    asked: Asked | None = None
    right: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    blocked_by: str = ""
    charged: str = ""
    own: bool = False
    cases: int = 0
    latent: list[Asked] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return self.status == "ok"


@dataclass
class TaskVerdict:
    """All stages of a task, and the accepted variant that they were judged by.

    forward: its stage, also where it earns no points.
    """

    task: Task
    stages: list[Stage]
    variant: Mapping[str, Any]
    asked: list[Asked]
    forward: Stage

    def stage(self, name: str) -> Stage | None:
        return next((s for s in self.stages if s.name == name), None)


def judge_task(plan: TaskPlan, subject: Subject, drawn: Sequence[Drawn]) -> TaskVerdict:
    """Run and judge a task on its cases."""
    main = [d for d in drawn if not d.latent]
    variant, asked = _best_variant(plan, subject, main)
    task = plan.task
    names = list(task.points) or ["forward"]
    forward = _stage("forward", "forward", asked)
    if forward.status == "grader-fault" and not forward.unjudged and "forward" not in names:
        forward.status, forward.message = "ok", ""  # nothing of it is asked for
    if task.draws and forward.passed and asked:
        _judge_draw(forward, asked[-1], subject)
    stages = [forward]
    for name in names:
        if name not in ("forward", LATENT):
            stages.append(_backward(name, asked, forward, subject))
            if "forward" not in names and {j.step.phase for j in task.judged() if j.stage == name} == {"forward"}:
                _mutated(stages[-1], "forward", asked)  # what these lines write into costs no other points
    if LATENT in names:
        latent = [plan.point(d.spec, variant, d.public, True) for d in drawn if d.latent]
        stages.append(_latent(ask_all(subject, latent) if all(s.passed for s in stages) else [], stages))
    kept = [s for s in stages if s.name in names]
    return TaskVerdict(task, sorted(kept, key=lambda s: names.index(s.name)), variant, asked, forward)


def _judge_draw(forward: Stage, asked: Asked, subject: Subject) -> None:
    """What the student's code draws must also be drawn fairly."""
    said = unfair_draw(subject, asked.point)
    if said:
        forward.status, forward.message, forward.asked = "wrong", said, asked


# -- accepted variants ---------------------------------------------------------------------------------------------


def variants(task: Task) -> list[dict[str, Any]]:
    """Every combination of accepted values, the assignment's own first."""
    names = list(task.accept)
    every = itertools.product(*(task.accept[n] for n in names))
    return [dict(zip(names, values, strict=True)) for values in itertools.islice(every, MOST_VARIANTS)]


def first_points(plan: TaskPlan, drawn: Sequence[Drawn]) -> list[Point]:
    """The points at which a task is judged first: of what the course exercises, in the assignment's own variant."""
    variant = variants(plan.task)[0]
    return [plan.point(d.spec, variant, d.public, d.latent) for d in drawn if not d.latent]


def _best_variant(plan: TaskPlan, subject: Subject, drawn: Sequence[Drawn]) -> tuple[dict[str, Any], list[Asked]]:
    """The variant in which most is right, the forward before the backward; the first of equals."""
    best: tuple[tuple[float, float, float], dict[str, Any], list[Asked]] | None = None
    for variant in variants(plan.task):
        points = [plan.point(d.spec, variant, d.public, d.latent) for d in drawn]
        if best is not None and points and not _promising(ask(subject, points[0])):
            continue
        asked = ask_all(subject, points)
        rank = _rank(asked)
        if best is None or rank > best[0]:
            best = rank, variant, asked
        if rank == (1.0, 1.0, 1.0) or any(each.faults for each in asked):
            break
    if best is None:
        return {}, []
    return best[1], best[2]


def _promising(asked: Asked) -> bool:
    return any(a.right for a in asked.answers)


def _rank(asked: Sequence[Asked]) -> tuple[float, float, float]:
    """Share of right forwards, of right answers, and of points at which all is right."""
    answers = [a for each in asked for a in each.answers]
    forward = [a.right for a in answers if a.returned.stage == "forward"]
    whole = [bool(each.answers) and all(a.right for a in each.answers) for each in asked]
    return _share(forward), _share([a.right for a in answers]), _share(whole)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


# -- single stages ---------------------------------------------------------------------------------------------------


def _stage(name: str, phase: str, asked: Sequence[Asked]) -> Stage:
    """A stage from what came of all points, without any probing."""
    stage = Stage(name, "ok", cases=len(asked))
    for each in asked:
        if phase in each.faults:
            outcome = each.faults[phase]
            stage.status, stage.message, stage.outcome, stage.asked = outcome.verdict, outcome.message, outcome, each
            break
    answers = [a for each in asked for a in each.answers if a.returned.stage == name]
    stage.failing = sorted((a for a in answers if not a.right), key=lambda a: not a.point.public)
    if stage.failing and stage.outcome is None:
        stage.status, stage.message, stage.asked = stage.failing[0].status, stage.failing[0].message, None
    _mutated(stage, phase, asked)
    failed = {a.quantity for a in stage.failing}
    stage.right = list(dict.fromkeys(a.quantity for a in answers if a.quantity not in failed))
    stage.unjudged = list(
        dict.fromkeys(f"{a.quantity} at {a.point.id}: {a.message}" for a in answers if a.status == "undecided")
    )
    stage.remarks = list(dict.fromkeys([*stage.remarks, *(r for a in answers for r in a.remarks)]))
    unjudged = all(a.status == "undecided" for a in answers)
    if stage.status == "ok" and unjudged and not any(each.blocked for each in asked):
        why = stage.unjudged[0] if stage.unjudged else "no case judges it"
        stage.status, stage.message = "grader-fault", f"nothing could be judged: {why}"
    return stage


def _mutated(stage: Stage, phase: str, asked: Sequence[Asked]) -> None:
    """What the phase wrote into: a remark, or its verdict where nothing worse is."""
    for each in asked:
        for verdict, _, sentence in each.mutated.get(phase, ()):
            if verdict == "remark":
                stage.remarks.append(sentence)
            elif stage.status == "ok":
                stage.status, stage.message, stage.asked = verdict, sentence, each
            else:
                stage.remarks.append(sentence)


def _backward(name: str, asked: Sequence[Asked], forward: Stage, subject: Subject) -> Stage:
    """The stage of the gradients, blocked or excused by the forward where that is the one mistake."""
    stage = _stage(name, "backward", asked)
    judged = [a for each in asked for a in each.answers if a.returned.stage == name]
    if any(each.blocked for each in asked) and (stage.passed or not judged):
        stage.status, stage.blocked_by, stage.charged = "blocked-by", "forward", "forward"
        stage.message = f"the forward does not run ({forward.status}), so nothing could be handed to the backward"
        return stage
    if stage.status in EXCUSABLE and not forward.passed:
        suspects = _only_where_forward_fails(name, asked)
        if suspects and right_for_own(subject, suspects):
            stage.own, stage.status, stage.charged, stage.outcome = True, "ok", "forward", None
            stage.message = "your backward is the right derivative of your forward; your forward is wrong"
            stage.failing, stage.right = [], list(dict.fromkeys(r.text for _, r in suspects))
    return stage


def _only_where_forward_fails(name: str, asked: Sequence[Asked]) -> list[tuple[Point, Return]]:
    """What a stage got wrong at the first and the last point where it did; nothing if the forward was right at one."""
    found: list[list[tuple[Point, Return]]] = []
    for each in asked:
        wrong = [a.returned for a in each.answers if a.returned.stage == name and not a.right]
        if "backward" in each.faults:
            wrong = [r for r in compiled_at(each.point).returns if r.stage == name]
        if wrong and each.forward_right:
            return []
        found += [[(each.point, returned) for returned in wrong]] if wrong else []
    return [*found[0], *(found[-1] if len(found) > 1 else [])] if found else []


def _latent(asked: Sequence[Asked], before: Sequence[Stage]) -> Stage:
    """What the course does not exercise: judged only where all that it does exercise is right."""
    wrong = [s for s in before if not s.passed]
    if wrong:
        said = f"the {wrong[0].name} stage is not right, so other sizes and options would say nothing new"
        return Stage(LATENT, "blocked-by", said, blocked_by=wrong[0].name, charged=wrong[0].name)
    if not asked:
        return Stage(LATENT, "ok", "there is no latent case")
    answers = [a for each in asked for a in each.answers]
    stage = Stage(LATENT, "ok", cases=len(asked), latent=list(asked))
    stage.failing = sorted((a for a in answers if not a.right), key=lambda a: not a.point.public)
    fault = next(((o, each) for each in asked for o in each.faults.values()), None)
    if fault is not None:
        stage.outcome, stage.asked = fault
        stage.status = fault[0].verdict if fault[0].verdict == "grader-fault" else LATENT
        stage.message = fault[0].message
    elif stage.failing:
        stage.status, stage.message = LATENT, stage.failing[0].message
    failed = {a.quantity for a in stage.failing}
    stage.right = list(dict.fromkeys(a.quantity for a in answers if a.quantity not in failed))
    return stage
