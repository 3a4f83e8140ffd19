"""Assignments: what a course asks for, how its functions are called, and what each is worth. One TOML file each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .lines import Line, patterns
from .words import Words

if TYPE_CHECKING:
    import ast

    from reference._domain import Input

FORMAT = 1
STAGES = ("forward", "backward", "latent")
VISIBILITY = ("visible", "hidden", "after_due_date", "after_published")


class AssignmentError(ValueError):
    """What is wrong in an assignment file, every mistake a line: ``FILE:LINE: what is wrong; how to mend it``."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds, mebibytes, kibibytes of captured output."""

    import_seconds: float = 10
    cpu_seconds: float = 10
    wall_seconds: float = 20
    memory_mib: int = 2048
    output_kib: int = 64
    tmp_mib: int = 64


@dataclass(frozen=True)
class Cases:
    """How many cases a task is judged on. `pool`: sets of cases, of which a student gets one, by the secret."""

    public: int = 3
    hidden: int = 6
    pool: int = 4
    secret: str = ""
    secret_file: str = ""
    dtype: tuple[str, ...] = ("float64",)


@dataclass(frozen=True)
class Accept:
    """What is no mistake in this course."""

    views: bool = True
    mutated_cotangent: str = "remark"
    float32: bool = True
    size_one_axis: bool = True
    matrix: bool = True


@dataclass(frozen=True)
class Step:
    """One line of a task: which list it stands in (setup, forward or backward), at which place."""

    phase: str
    index: int
    line: Line


@dataclass(frozen=True)
class Judged:
    """One target pattern that is judged: the words that it holds, and the stage that its points belong to."""

    step: Step
    pattern: ast.expr
    words: tuple[str, ...]
    stage: str


@dataclass(frozen=True)
class Task:
    """One task. `operation` names the catalogue's, or `network` holds lines of catalogue calls on `inputs`.

    options: fixed, or drawn from where there are several values. accept: variants of options or constants that are
    all right. constants: the task's own words, numbers or texts. axes: how many axes a starred size has. draws: inputs
    that the student's code draws itself, each with the name whose zeros show it. mutable: inputs that it may write
    into. values: inputs that are filled with one number. not_judged: gradients that nobody asks for. outputs: what a
    network gives. line: where the task begins in its file.
    """

    name: str
    title: str
    text: str
    line: int
    words: Words
    operation: str = ""
    network: tuple[Line, ...] = ()
    inputs: Mapping[str, Input] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    accept: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    regimes: tuple[str, ...] = ()
    setup: tuple[Line, ...] = ()
    forward: tuple[Line, ...] = ()
    backward: tuple[Line, ...] = ()
    maps: Mapping[str, str] = field(default_factory=dict)
    points: Mapping[str, float] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    visibility: str = "visible"
    not_judged: tuple[str, ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    latent_sizes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    latent_options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    latent_axes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    draws: Mapping[str, str] = field(default_factory=dict)
    mutable: tuple[str, ...] = ()

    def steps(self) -> Iterator[Step]:
        """Every line in the order in which it runs."""
        for phase, lines in (("setup", self.setup), ("forward", self.forward), ("backward", self.backward)):
            for index, line in enumerate(lines):
                yield Step(phase, index, line)

    def judged(self) -> tuple[Judged, ...]:
        """Every target pattern that is judged, in the order of the lines."""
        return self._judged

    @cached_property
    def _judged(self) -> tuple[Judged, ...]:
        every = ((step, pattern) for step in self.steps() for pattern in patterns(step.line.targets))
        held = [(step, p, self.words.held(p)) for step, p in every if self.words.is_judged(p)]
        return tuple(Judged(step, p, words, self.stage_of(words)) for step, p, words in held)

    def stage_of(self, held: tuple[str, ...]) -> str:
        """The stage of a judged pattern: a gradient's own where it has points, else "backward"; "forward" without."""
        gradients = [w for w in held if self.words.kind(w) == "gradient"]
        if not gradients:
            return "forward"
        return next((w for w in gradients if w in self.points), "backward")

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that earn points, in the order of the file."""
        return tuple(self.points)

    @property
    def max_score(self) -> float:
        return sum(self.points.values())

    @property
    def called(self) -> tuple[str, ...]:
        """The student's functions and classes that the lines call, each once."""
        return tuple(dict.fromkeys(name for step in self.steps() for name in step.line.called))


@dataclass(frozen=True)
class Assignment:
    """An assignment file, read and checked. digest: of the file's content. path: where it was read."""

    name: str
    title: str
    text: str
    path: Path
    digest: str
    tasks: tuple[Task, ...]
    names: tuple[str, ...] = ("*.py", "*.ipynb")
    entry: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    cases: Cases = field(default_factory=Cases)
    accept: Accept = field(default_factory=Accept)

    @property
    def max_score(self) -> float:
        return sum(task.max_score for task in self.tasks)

    def task(self, name: str) -> Task:
        """The task of that name. KeyError where there is none."""
        return next(t for t in self.tasks if t.name == name)


def read(path_or_name: str | Path) -> Assignment:
    """Read an assignment: a file, or the name of a ready-made one. AssignmentError with every mistake of the file."""
    from .assignment_reading import assignment

    path = find(path_or_name)
    content = path.read_bytes()
    return assignment(path, content, hashlib.sha256(content).hexdigest())


def find(path_or_name: str | Path) -> Path:
    """The file that a path or the name of a ready-made assignment stands for. ValueError where there is none."""
    from ...naming import nearest

    path = Path(path_or_name)
    if path.is_file():
        return path
    ready = ready_made()
    if str(path_or_name) in ready:
        return ready[str(path_or_name)]
    near = nearest(str(path_or_name), ready)
    hint = f"did you mean {' or '.join(near)}?" if near else "`gradproof assignment list` shows the ready-made ones"
    raise ValueError(f"there is no assignment {path_or_name}, as a file or by name; {hint}")


def ready_made() -> dict[str, Path]:
    """The assignments that gradproof brings, by name."""
    from importlib.resources import files

    inside = Path(str(files("gradproof"))) / "assignments"
    folder = inside if inside.is_dir() else inside.parents[1] / "assignments"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}
