"""One mistake is charged once: a task that is built on another is not judged wrong for what is wrong there.

A forward uses the other's forward; what comes back of gradients uses its gradients, and its forward where that shows.
A function that is not there at all is nobody else's mistake.
"""

from __future__ import annotations

from collections.abc import Mapping

from .stages import LATENT, Stage, TaskVerdict

FOLLOWS = ("wrong", "wrong-shape", "wrong-dtype", "non-finite", "raised")  # what another task's mistake can lead to


def charge_once(verdict: TaskVerdict, before: Mapping[str, TaskVerdict]) -> None:
    """Block the stages of a task that may be wrong through a task that it needs, of those judged before."""
    needed = [before[name] for name in verdict.task.after if name in before]
    by_forward = next(((other.task.name, "forward") for other in needed if _wrong(other.forward)), None)
    gradients = ((other.task.name, stage.name) for other in needed for stage in other.stages if _gradient(stage))
    by_gradient = next(gradients, None)
    forward = verdict.forward
    through: tuple[str, str] | None
    for stage in [*verdict.stages, *([forward] if forward not in verdict.stages else [])]:
        through = by_forward if _wrong(forward) else None
        # A loss that returns its gradients too stops in one line, whichever of both it was.
        if stage.name != "forward" or (stage.status == "raised" and not verdict.task.backward):
            through = by_gradient or through
        if through and (stage.status in FOLLOWS or (stage.blocked_by == "forward" and _follows(forward))):
            _charge(stage, *through)


def _wrong(stage: Stage) -> bool:
    return not stage.passed and stage.status != "grader-fault"


def _gradient(stage: Stage) -> bool:
    return stage.name not in ("forward", LATENT) and _wrong(stage)


def _follows(forward: Stage) -> bool:
    return forward.status in FOLLOWS or forward.status == "blocked-by"


def _charge(stage: Stage, name: str, wrong: str) -> None:
    stage.message = f"{name} is not right ({wrong}), and this needs it; found here: {stage.message or stage.status}"
    stage.status, stage.blocked_by, stage.charged = "blocked-by", name, name
