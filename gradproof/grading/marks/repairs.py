"""Where in a student's own code a mistake is: the small change of it that makes everything right.

No formula of another author is needed for that: the changes are reverses of frequent mistakes, made to the functions
that the task calls, and run in the submission's own sandbox. What is right afterwards, on every case, was wrong there.
The change itself is not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ...mistakes.fitting import digits, same
from .asking import Asked, Subject, TaskPlan, compiled_at
from .changing import Variant
from .points import Point
from .program import PHASES
from .stages import variants
from .trying import SECONDS, Tried, further, keep_mended, mended_before, right_of, tried_at

if TYPE_CHECKING:
    from .stages import Stage, TaskVerdict

MOST_AFTERWARDS = 60  # changes that are tried on the other points
MOST_POINTS = 4
ENOUGH_POINTS = 16  # at so many a change must mend, to be called the mistake
MOST_NAMED = 3
MOST_VARIANTS = 3  # accepted ones beside that by which it was judged
Where = Callable[[str, int], str]


@dataclass(frozen=True)
class Repair:
    """What makes quantities right. certain: no other change does, but in the same place or of the same kind."""

    kind: str
    sentence: str
    certain: bool


def repair(
    plan: TaskPlan, subject: Subject, verdict: TaskVerdict, stage: Stage, where: Where | None = None
) -> Repair | None:
    """Where the mistake is that a stage fails for; None where no small change mends it.

    where: from a file of the sandbox and a line to the words of the handed-in file.
    """
    if verdict.task.draws or not stage.failing or not hasattr(subject.box, "files"):
        return None
    if stage is not verdict.forward and verdict.forward.failing and mended_before(verdict) is None:
        # a second mistake shows only where the first is mended
        own = _points(verdict, verdict.forward)
        _at(subject, verdict, verdict.forward, own, ("setup", "forward"), where)
    points = _points(verdict, stage)
    forward = {a.returned.phase for a in stage.failing} == {"forward"}
    phases = ("setup", "forward") if forward and verdict.task.backward else PHASES
    found = _at(subject, verdict, stage, points, phases, where)
    if found is None and stage.name == "forward" and verdict.task.accept:
        # what is wrong says little about which of the accepted variants was meant
        for variant in [v for v in variants(verdict.task) if v != dict(verdict.variant)][:MOST_VARIANTS]:
            others = [plan.point(at.case.spec, variant, at.public, at.latent) for at in points[:MOST_POINTS]]
            found = found or _at(subject, verdict, stage, others, phases, where, tiers=1)
    return found


def _at(
    subject: Subject, verdict: TaskVerdict, stage: Stage, points: Sequence[Point], phases: Sequence[str],
    where: Where | None, tiers: int = 9,
) -> Repair | None:  # fmt: skip
    every, points = points, points[:MOST_POINTS]
    tried = tried_at(subject, verdict, points[0], phases)
    wanted = _wanted(stage, compiled_at(points[0], phases).returns)
    somewhere: list[Variant] = []
    for _ in range(tiers + 1):
        found = _mended(subject, tried, points, phases, wanted, stage)
        if found:
            whole = _everywhere(subject, tried, found, every[MOST_POINTS:], phases, stage)
            if whole:
                named = _named(whole, where)
                if stage is verdict.forward:
                    keep_mended(verdict, tried, whole[0], named)
                return named
            somewhere = somewhere or found
        if not further(subject, tried, points[0], phases):
            break
        if tried.right[0][wanted].all():
            mended = mended_before(verdict)
            return mended.words if tried.base and mended else None  # it is the forward's mistake that shows here
    if somewhere:
        named = _named(somewhere, where)
        return replace(named, sentence=f"perhaps {named.sentence}", certain=False) if named and named.certain else named
    return _apart(subject, tried, points, phases, wanted, where) if len(tried.right) else None


def _everywhere(
    subject: Subject, tried: Tried, found: Sequence[Variant], more: Sequence[Point], phases: Sequence[str], stage: Stage
) -> list[Variant]:
    """Those of the variants that mend at the other points too: sizes that happen to be equal at some are not at all."""
    if not more:
        return list(found)
    both = Tried(tried.functions, [], SECONDS, list(found), base=tried.base)
    # the point before the first is not looked at again
    return [found[k] for k in _elsewhere(subject, both, [more[0], *more], phases, range(len(found)), stage)]


def _mended(
    subject: Subject, tried: Tried, points: Sequence[Point], phases: Sequence[str], wanted: Sequence[int], stage: Stage
) -> list[Variant]:
    """The variants that make a stage right, and nothing else wrong."""
    if not len(tried.right) or tried.right[0][wanted].all():
        return []
    mending = np.flatnonzero(tried.right[:, wanted].all(axis=1) & _unbroken(tried, phases))
    kept = _elsewhere(subject, tried, points, phases, mending, stage) if len(mending) else []
    found = [tried.variants[k] for k in kept]
    if tuple(phases) == PHASES:
        return found
    # in a forward nothing stands for a derivative: a factor that makes it right is another thing there
    return [v for v in found if "derivative" not in v.edit.kind]


def _unbroken(tried: Tried, phases: Sequence[str]) -> np.ndarray:
    """Variants that leave right what was right: of a forward alone nothing else is known."""
    held = tried.right[0] if tuple(phases) == PHASES else np.zeros(tried.right.shape[1], dtype=bool)
    return np.asarray(tried.right[:, held].all(axis=1))


def _points(verdict: TaskVerdict, stage: Stage) -> list[Point]:
    """Points under one setting, those first that fail by far; small ones before large ones."""
    failing = {a.point.id: a for a in stage.failing}
    every = [each for each in (*verdict.asked, *stage.latent) if each.answers]

    def rank(each: Asked) -> tuple[bool, bool, int]:
        far = any(_far(a) for a in each.answers if a.returned in {b.returned for b in stage.failing} and not a.right)
        return each.point.id not in failing, not far, sum(x.size for x in each.point.case.inputs.values())

    return [each.point for each in sorted(every, key=rank)[:ENOUGH_POINTS]]


def _far(answer: Any) -> bool:
    """Is an answer wrong in a way that rounding has no part in?"""
    if answer.got is None or answer.true is None or answer.got.shape != answer.true.shape:
        return True
    return not same(answer.got, answer.true.nearest, digits(answer.got) ** 0.5)


def _wanted(stage: Stage, returns: Sequence[Any]) -> list[int]:
    names = {a.returned.name for a in stage.failing}
    own = {a.returned.stage for a in stage.failing}
    return [k for k, r in enumerate(returns) if r.name in names or r.stage in own]


# -- naming ------------------------------------------------------------------------------------------------------------


def _elsewhere(
    subject: Subject, tried: Tried, points: Sequence[Point], phases: Sequence[str], mending: Iterable[int],
    what: Stage | str,
) -> list[int]:  # fmt: skip
    """Those of the variants that make the stage's quantities, or one return, right at the other points too."""
    some, others = [int(k) for k in mending][:MOST_AFTERWARDS], points[1:]
    if not others:
        return some
    right = right_of(subject, tried, some, others, phases)
    if right is None:
        return []
    flags: list[bool] = []
    for at in others:
        returns = compiled_at(at, phases).returns
        wanted = [r.name == what for r in returns]
        if not isinstance(what, str):
            own = _wanted(what, returns)
            wanted = [k in own for k in range(len(returns))]
        flags += wanted
    kept = np.flatnonzero(right[:, np.array(flags)].all(axis=1))
    return [some[k] for k in kept]


def _named(found: Sequence[Variant], where: Where | None) -> Repair | None:
    """The mending changes as one sentence: certain where all of them say one thing."""
    if not found:
        return None
    fewest = min(len(set(v.places)) for v in found)
    alone = sorted((v for v in found if len(set(v.places)) == fewest), key=lambda v: (_plain(v), _reach(v)))
    if alone[0].edit.kind in ALONE:  # whatever makes a new array, or one of floats, mends that
        alone = [v for v in alone if v.edit.kind == alone[0].edit.kind]
    if any(_class(v) == "another value" for v in alone):  # h is meant, which max(h, 0) may equal
        alone = [v for v in alone if v.edit.kind != "missing derivative"]
    if any(v.edit.kind == "derivative too many" for v in alone):  # that of another may be 1 wherever it is tried
        alone = [v for v in alone if v.edit.kind != "another derivative"]
    alone = _told_by_more(alone)
    first = alone[0]
    by_place: dict[tuple[str, tuple[tuple[str, int], ...]], Variant] = {}
    for v in alone:
        by_place.setdefault((_class(v), tuple(dict.fromkeys(v.places))), v)
    lines = dict.fromkeys(places for _, places in by_place)
    said = [f"{v.edit.said} ({_where(v.places, where)})" for v in by_place.values()]
    if len({_class(v) for v in alone}) > 1:
        few = len(said) <= MOST_NAMED or len(lines) <= 2
        return Repair(first.edit.kind, f"one of these: {'; or '.join(said[:MOST_NAMED])}", False) if few else None
    if len(lines) == 1:
        return Repair(first.edit.kind, said[0], True)
    if len({v.edit.said for v in by_place.values()}) == 1:
        return Repair(first.edit.kind, f"{first.edit.said} ({' or '.join(_where(p, where) for p in lines)})", True)
    what = WORDS.get(_class(first), first.edit.kind)
    return Repair(first.edit.kind, f"{what}: {', or '.join(said[:MOST_NAMED])}", True)


SCALES = (
    "missing division by a count",
    "divided once too often",
    "sum or mean",
    "wrong count",
    "factor too many",
    "missing factor",
    "missing divisor",
    "division",
    "factor of two",
    "constant",
)  # what says most first


ONE = {
    "root": "exponent", "dimension": "axis", "swapped": "another value", "another expression": "another value",
    "own function missing": "another value",
    "another count": "scale",
}  # fmt: skip
WORDS = {
    "scale": "a factor is missing or one too many",
    "sign": "a sign is turned",
    "another value": "another value is used than the one that belongs there",
}  # where it can be mended in several places


def _class(variant: Variant) -> str:
    """Kinds that say one thing in several ways: that something is too large or too small by a factor."""
    kind = variant.edit.kind
    return "scale" if kind in SCALES else ONE.get(kind, kind)


MORE = {
    "another block": ("scale", "assigned for added", "missing derivative", "into a loop"),
    "divided once too often": ("into a loop",),
    "shift": ("term too many", "order of statements", "place of a statement"),
    "parentheses": ("exponent",),
    "term too many": ("parentheses",),
    "function too many": ("another function",),
    "side of a call": ("scale",),
}
"""Of a kind that says why, the classes that are what it comes to: C times too much is one loop too deep."""


def _told_by_more(found: list[Variant]) -> list[Variant]:
    """Without what a mistake of another kind in the same function comes to."""
    less = {(p[0], kind) for v in found for p in v.places for kind in MORE.get(v.edit.kind, ())}
    return [v for v in found if not all((file, _class(v)) in less for file, _ in v.places)]


ALONE = ("missing copy", "option", "cast", "whole division")
LATE = ("factor of two", "constant", "missing factor", "missing divisor", "root")


def _plain(variant: Variant) -> int:
    """What is to be said before another thing that mends it too.

    Every function that makes a new array mends a missing copy, every division mends whole numbers. Where the batch has
    two examples a division by their number is one by two: the number is what is meant.
    """
    return 0 if variant.edit.kind in ALONE else 2 if variant.edit.kind in LATE else 1


def _reach(variant: Variant) -> int:
    """How much of the text a variant replaces: the smallest of several changes says most exactly what is wrong.

    Of terms that are too many it is the largest: without the whole of it, a part of it says nothing.
    """
    replaced = sum(end - start for _, start, end, _ in variant.changes)
    return -replaced if variant.edit.kind == "term too many" else replaced


def _where(places: Sequence[tuple[str, int]], where: Where | None) -> str:
    said = dict.fromkeys(where(*p) if where else f"{p[0]}, line {p[1]}" for p in places)
    return " and ".join(list(said)[:MOST_NAMED])


def _apart(
    subject: Subject,
    tried: Tried,
    points: Sequence[Point],
    phases: Sequence[str],
    wanted: Sequence[int],
    where: Where | None,
) -> Repair | None:
    """Several mistakes, each of which makes other quantities wrong: a change for each of these.

    Certain only where all of the changes, made together, make all of it right.
    """
    returns = compiled_at(points[0], phases).returns
    wrong = [k for k in wanted if not tried.right[0][k]]
    found: dict[str, list[str]] = {}
    every: list[tuple[Repair, Variant]] = []
    for k in wrong if len(wrong) > 1 else ():
        mending = np.flatnonzero(tried.right[:, k] & _unbroken(tried, phases))
        kept = _elsewhere(subject, tried, points, phases, mending, returns[k].name) if len(mending) else []
        one = _named([tried.variants[v] for v in kept], where)
        if one is not None:
            every.append((one, tried.variants[kept[0]]))
            found.setdefault(one.sentence, []).append(returns[k].text)
    if not every:
        return None
    whole = len(every) == len(wrong) and _right_together(subject, tried, points, phases, [v for _, v in every])
    said = "; and ".join(f"for {', '.join(names)}: {sentence}" for sentence, names in found.items())
    if not whole:
        return Repair(every[0][0].kind, f"perhaps {said}", False) if len(found) == 1 else None
    return Repair(every[0][0].kind, said, all(r.certain for r, _ in every))


def _right_together(
    subject: Subject, tried: Tried, points: Sequence[Point], phases: Sequence[str], each: Sequence[Variant]
) -> bool:
    """Do several variants, made at once, make everything right?"""
    changes = tuple(dict.fromkeys(change for v in each for change in v.changes))
    spans = sorted(changes)
    if any(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(spans)):
        return False
    both = Tried(tried.functions, [], SECONDS, [Variant(each[0].edit, changes, ())], base=tried.base)
    right = right_of(subject, both, [0], points, phases)
    return right is not None and bool(right.all())
