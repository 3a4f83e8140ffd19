"""What a class run was asked for, checked before anything is marked: the assignment, the submissions, the folder."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...reports.grading.record import VERDICTS
from .store import Row, Store

if TYPE_CHECKING:
    from .class_run import Settings, Surroundings

STATUSES = ("all", "graded", "not-graded", *VERDICTS)
"""What --rerun knows."""


@dataclass(frozen=True)
class Asked:
    """A run's subject: the assignment, the submissions asked for, every one found, the level, the secret.

    isolation: a sentence on what the level ensures. limits: what a submission may use.
    """

    assignment: Any
    submissions: tuple[Any, ...]
    found: tuple[str, ...]
    level: str
    isolation: str
    secret: str
    limits: Mapping[str, Any]


def prepare(settings: Settings, around: Surroundings) -> Asked:
    """Read and find what the settings name. ValueError, a sentence, for what cannot be."""
    for status in settings.rerun:
        if status not in STATUSES:
            raise ValueError(
                f"--rerun: {status!r} is no status{_nearest(status, STATUSES)}; known are {', '.join(STATUSES)}"
            )
    assignment = around.read(settings.assignment)
    submissions = tuple(_submissions(settings, around))
    found = tuple(str(s.id) for s in submissions)
    twice = [identity for identity, number in Counter(found).items() if number > 1]
    if twice:
        paths = " and ".join(str(s.path) for s in submissions if str(s.id) == twice[0])
        raise ValueError(f"two submissions have the id {twice[0]!r}: {paths}; rename one, or grade them apart")
    # On a cluster it is each worker that runs submissions: what this machine offers does not matter.
    cluster = f"at least {settings.require or 'any'}, on a cluster"
    level, says = (cluster, cluster) if settings.scheduler else around.level(settings.require)
    secret = settings.secret or around.secret(assignment)
    limits = vars(assignment.limits) if is_dataclass(assignment.limits) else assignment.limits
    return Asked(assignment, _only(submissions, settings.only), found, level, says, secret, dict(limits))


def _submissions(settings: Settings, around: Surroundings) -> Sequence[Any]:
    missing = [path for path in settings.submissions if not path.exists()]
    if missing:
        raise ValueError(f"there is no {missing[0]}; name files, folders or zips of submissions")
    if not settings.student:
        return around.find(list(settings.submissions), settings.layout)
    if len(settings.submissions) != 1:
        raise ValueError("--student takes one submission: a file, a folder or a zip")
    return [_One(settings.student, settings.student, settings.submissions[0])]


@dataclass(frozen=True)
class _One:
    """The one submission of --student; the fields of reading.Submission."""

    id: str
    name: str
    path: Path
    late: bool | None = None
    group: str = ""
    members: tuple[str, ...] = ()


def _only(submissions: tuple[Any, ...], only: Sequence[str]) -> tuple[Any, ...]:
    if not only:
        return submissions
    known = [str(s.id) for s in submissions]
    for identity in only:
        if identity not in known:
            raise ValueError(f"--only: no submission has the id {identity!r}{_nearest(identity, known)}")
    return tuple(s for s in submissions if str(s.id) in only)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def nothing_found(settings: Settings) -> str:
    """The sentence for a run without a submission."""
    where = ", ".join(str(path) for path in settings.submissions)
    return f"Nothing was graded: no submission was found in {where}; name the folder that holds their code"


def without_code(settings: Settings, asked: Asked) -> bool:
    """Whether all that was found is one folder that holds no code: the wrong folder, and no submission of anyone.

    Among other submissions, or under the name of its student, it is one, and its mark says so.
    """
    if len(asked.found) != 1 or settings.student or not asked.submissions:
        return False
    from ..reading import read_source

    only = asked.submissions[0]
    if not Path(only.path).is_dir():
        return False
    source = read_source(only)
    return not source.files and bool(source.problems) and all(p.kind == "no-code" for p in source.problems)


def agree(settings: Settings, asked: Asked, store: Store) -> None:
    """Whether this run may go into this folder. ValueError where it holds grades that nobody asked to go on with."""
    held = store.about("assignment")
    if not held:
        return
    if held != asked.assignment.name:
        raise ValueError(
            f"{settings.output} holds grades of the assignment {held!r}, and this is {asked.assignment.name!r}; name"
            " another folder with --output"
        )
    if store.number() and not (settings.resume or settings.rerun):
        raise ValueError(
            f"{settings.output} already holds grades of {store.number()} submissions; --resume goes on with them,"
            " --rerun STATUS marks some again, --output names another folder"
        )


def left_over(settings: Settings, asked: Asked, rows: Sequence[Row]) -> list[str]:
    """Sentences about submissions that this run did not touch and a reader of its pages would take for touched."""
    notes = []
    gone = [row.submission for row in rows if row.submission not in asked.found]
    if gone:
        notes.append(f"{len(gone)} graded earlier and not found among the submissions of this run: {_some(gone)}")
    digest = asked.assignment.digest
    old = [r.submission for r in rows if r.record["assignment"]["digest"] != digest]
    if old:
        notes.append(f"{len(old)} marked by another version of the assignment file: {_some(old)}; --resume marks again")
    held = {row.submission for row in rows}
    missing = [identity for identity in asked.found if identity not in held]
    if missing:
        notes.append(f"{len(missing)} of {len(asked.found)} not marked yet: {_some(missing)}")
    return notes


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


# -- the rest of gradproof --------------------------------------------------------------------------------------


def read_assignment(path_or_name: str) -> Any:
    """An assignment by path or by the name of a ready-made one."""
    from ..assignments.assignment import read

    return read(path_or_name)


def find_submissions(paths: list[Path], layout: str) -> list[Any]:
    """The submissions in files, folders, zips, exports."""
    from ..reading import find_submissions as find

    return list(find(paths, layout))


def isolation_level(require: str) -> tuple[str, str]:
    """The best isolation level of this machine, and in words what it ensures.

    ValueError where it is below the required one, or where none works.
    """
    from ..confinement.isolation import PROMISES, best, describe
    from ..confinement.isolation import require as at_least

    try:
        found = at_least(require) if require else best()
    except RuntimeError as error:
        raise ValueError(f"{'--require-isolation: ' if require else ''}{error}") from None
    # The best rung is named alone; one that ensures less says what it does not.
    return found.name, describe(found) if set(PROMISES) - found.promises else found.name


def secret_of(assignment: Any) -> str:
    """The secret that an assignment's hidden cases are drawn from, as text."""
    from ..marks.drawing_cases import secret_of as secret

    found: bytes = secret(assignment)
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("the assignment's secret is no UTF-8 text; write it as text") from None
