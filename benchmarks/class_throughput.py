"""Submissions graded a minute: `gradproof grade`, otter-grader and nbgrader on the same submissions and checks.

Variants of an assignment's right answers, every third with one mistake, no two of the same content, are graded by all
three in one run:

- gradproof: `gradproof grade --jobs 2` as it is shipped, each submission in its sandbox, pages and all;
- otter-grader: what `otter run` does, in-process and without Docker, an autograder with a test file for each task;
- nbgrader: what `nbgrader autograde` does, a graded cell for each stage.

The other graders use one process as they come; they are measured so, and once more with the class in two halves, a
process each, as somebody with two processors may run them. Their checks are the same functions at the same points
(those of one student): every forward and gradient against the expected array by np.allclose, and each gradient
against central differences, as the courses' notebooks have it; with two processes also without those differences.

Cold: the first submissions of a run, its start included, in which truths are computed. Warm: the others of the same
run, up to a class of WHOLE. The processor time counts all processes, start and pages included; it says more than the
clock on a machine that does something else too. A class of 300 is extrapolated: cold once, then warm.

`--graders PYTHON` is an interpreter that has the other graders; these figures were made with otter-grader 7.0.0 and
nbgrader 0.9.6: `python -m venv graders && graders/bin/pip install otter-grader==7.0.0 nbgrader==0.9.6`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import _class, _course_checks
from ._other_graders import ASSIGNMENT as NAME

ROOT = Path(__file__).resolve().parent.parent
DRIVER = Path(__file__).with_name("_other_graders.py")
JOBS = 2
WAYS = ((True, 1), (True, JOBS), (False, JOBS))  # with central differences or without, and in how many processes
PROFILED = 8
WHOLE = 100  # submissions that gradproof grades in one run, the others' among them
CLASS = 300
PATIENCE_SECONDS = 3600


@dataclass
class Graded:
    """What one grader did. seconds: the clock's, for all; cpu: of all processes; scores: by submission and stage."""

    grader: str
    version: str
    seconds: float
    cpu: float
    scores: dict[str, dict[str, float]]
    marks: list[float] = field(default_factory=list)  # when each submission was done, where that is known

    @property
    def a_minute(self) -> float:
        return 60 * len(self.scores) / self.seconds


def main(
    submissions: int = 24, graders: str = "", assignments: Sequence[str] = ("cs231n-a1", "cs231n-a2")
) -> dict[str, Any]:
    """Print submissions a minute, ratios and where the time goes; returns the figures."""
    figures: dict[str, Any] = {"jobs": JOBS, "processors": os.cpu_count(), "load": os.getloadavg()}
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start; gradproof with {JOBS} jobs")
    for assignment in assignments:
        print(f"\n{assignment}, {submissions} submissions, every third with a mistake", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            figures[assignment] = _compared(assignment, submissions, graders, Path(folder))
    return figures


def _compared(assignment: str, number: int, graders: str, folder: Path) -> dict[str, Any]:
    everyone = _class.generated(assignment, max(WHOLE, 2 * number))
    first = everyone[:number]
    own = _gradproof(assignment, _class.written(everyone, folder / "class"), folder / "grades")
    found = _own_figures(own, number)
    answer = (_class.ANSWERS / f"{assignment}.py").read_text(encoding="utf-8")
    checks = {n: _course_checks.written_for(assignment, answer, first[0].name, n) for n in (True, False)}
    full = checks[True]
    print(f"other graders' checks: {full.number} at {full.at} points; {len(full.dropped)} more are left out, as right")
    print("  answers do not pass them: central differences at a kink, values that are up to chance")
    for numeric, processes in WAYS:
        for grader, prepare in (("otter", _otter_folder), ("nbgrader", _nbgrader_folder)):
            name = f"{grader} in {processes}{'' if numeric else ', no central differences'}"
            try:
                other = _other(grader, graders, prepare, checks[numeric], first, folder / name, processes)
            except NotMeasured as reason:
                print(f"{name}: not measured: {reason}")
                continue
            found[name] = _other_figures(name, other, own, found, first)
    found["where"] = _where_time_goes(assignment, folder / "class", first)
    return found


class NotMeasured(Exception):
    """Why a grader could not be measured, in words."""


# -- gradproof -------------------------------------------------------------------------------------------------------


def _gradproof(assignment: str, submissions: Path, output: Path) -> Graded:
    """`gradproof grade` in a new process; when each line of progress came."""
    command = [sys.executable, "-m", "gradproof", "grade", assignment, str(submissions), "--output", str(output)]
    command += ["--jobs", str(JOBS), "--format", "json"]
    marks = []
    with _cpu() as cpu:
        began = time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            for line in process.stderr or ():
                if line.startswith("["):
                    marks.append(time.perf_counter() - began)
        seconds = time.perf_counter() - began
    if process.returncode != 0:
        raise RuntimeError(f"gradproof grade ended with exit code {process.returncode}")
    return Graded("gradproof", "", seconds, cpu[0], _own_scores(output), marks)


def _own_scores(output: Path) -> dict[str, dict[str, float]]:
    from gradproof.grading.classes.store import Store

    with Store(output) as store:
        return {
            row.submission: {f"{s['task']}.{s['stage']}": float(s["score"]) for s in row.record["stages"]}
            for row in store.rows()
        }


def _own_figures(own: Graded, number: int) -> dict[str, Any]:
    every = len(own.scores)
    cold, both = own.marks[number - 1], own.marks[every - 1]
    warm = (both - cold) / (every - number)
    figures = {
        "cold_a_minute": 60 * number / cold,
        "warm_a_minute": 60 / warm,
        "class_minutes": (cold + (CLASS - number) * warm + (own.seconds - both) * CLASS / every) / 60,
        "a_minute": own.a_minute,
        "cpu_seconds_each": own.cpu / len(own.scores),
        "pages_seconds": own.seconds - both,
    }
    print(
        f"gradproof: {figures['cold_a_minute']:.1f} a minute cold, start included; {figures['warm_a_minute']:.1f} warm;"
        f" {figures['a_minute']:.1f} over all {len(own.scores)} with pages ({figures['pages_seconds']:.1f} s);"
        f" {figures['cpu_seconds_each']:.3f} s of processor each; a class of {CLASS} would take"
        f" {figures['class_minutes']:.1f} minutes",
        flush=True,
    )
    return {"gradproof": figures}


# -- the others ------------------------------------------------------------------------------------------------------


def _other(
    grader: str,
    python: str,
    prepare: Callable[[Path, _course_checks.Checks, Sequence[_class.Submission]], None],
    checks: _course_checks.Checks,
    submissions: Sequence[_class.Submission],
    folder: Path,
    processes: int,
) -> Graded:
    """Grade with another grader: the class in parts, one process each. NotMeasured where it is not there."""
    _there(grader, python)
    parts = [submissions[k::processes] for k in range(processes)]
    for k, part in enumerate(parts):
        prepare(folder / str(k), checks, part)
    with _cpu() as cpu:
        began = time.perf_counter()
        running = [_started(grader, python, folder / str(k), part) for k, part in enumerate(parts)]
        said = [process.communicate(timeout=PATIENCE_SECONDS)[0].splitlines() for process in running]
        seconds = time.perf_counter() - began
    if any(process.returncode for process in running):
        log = (folder / "0" / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise NotMeasured(f"it ended with exit code {running[0].returncode}: {' '.join(log[-3:])}")
    head, *_ = [json.loads(lines[0]) for lines in said]
    records = [json.loads(line) for lines in said for line in lines[1:]]
    return Graded(grader, head["version"], seconds, cpu[0], {r["name"]: r["scores"] for r in records})


def _there(grader: str, python: str) -> None:
    if not python:
        raise NotMeasured("no interpreter was given (--graders PYTHON)")
    module = {"otter": "otter.api", "nbgrader": "nbgrader.apps"}[grader]
    try:
        run = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMeasured(f"{python} does not run: {error}") from None
    if run.returncode:
        raise NotMeasured(f"{python} does not have it: {(run.stderr.strip().splitlines() or ['?'])[-1]}")


def _started(grader: str, python: str, folder: Path, part: Sequence[_class.Submission]) -> subprocess.Popen[str]:
    command = [os.path.abspath(python), str(DRIVER), grader, str(folder), *(s.name for s in part)]
    with open(folder / "log", "w", encoding="utf-8") as log:
        return subprocess.Popen(
            command, cwd=folder, env=_environment(python), stdout=subprocess.PIPE, stderr=log, text=True
        )


def _otter_folder(folder: Path, checks: _course_checks.Checks, part: Sequence[_class.Submission]) -> None:
    """The autograder's zip, as `otter generate` packs it, and the notebooks."""
    _class.written(list(part), folder / "submissions")
    with zipfile.ZipFile(folder / "autograder.zip", "w") as packed:
        packed.writestr("otter_config.json", json.dumps({"print_summary": False, "show_stdout": False}))
        packed.writestr("files/course_checks.py", checks.source)
        for task in dict.fromkeys(task for task, _ in checks.points):
            packed.writestr(f"tests/{task}.py", _otter_test(task, checks))


def _otter_test(task: str, checks: _course_checks.Checks) -> str:
    lines = ["from otter.test_files import test_case", "OK_FORMAT = False", f"name = {task!r}", "points = None"]
    for (owner, stage), points in checks.points.items():
        if owner == task:
            lines += [
                f"\n@test_case(points={points}, name={stage!r})",
                f"def test_{len(lines)}(env):",
                "    from course_checks import check",
                f"    check({task!r}, {stage!r}, env)",
            ]
    return "\n".join(lines) + "\n"


def _nbgrader_folder(folder: Path, checks: _course_checks.Checks, part: Sequence[_class.Submission]) -> None:
    """A course: the source notebook with its graded cells, and the same notebook as each student hands it in."""
    graded = [
        (
            f"from course_checks import check\ncheck({task!r}, {stage!r}, globals())",
            _cell(f"{task}__{stage}", grade=True, points=points),
        )
        for (task, stage), points in checks.points.items()
    ]
    places = {folder / "source" / NAME: "pass\n"}
    places.update({folder / "submitted" / s.name / NAME: s.source for s in part})
    for place, source in places.items():
        place.mkdir(parents=True)
        content = _class.notebook([(source, _cell("answer", grade=False)), *graded])
        (place / f"{NAME}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    (folder / "source" / NAME / "course_checks.py").write_text(checks.source, encoding="utf-8")


def _cell(name: str, grade: bool, points: float = 0) -> dict[str, object]:
    about = {"grade_id": name, "grade": grade, "solution": not grade, "locked": grade, "task": False}
    return {"nbgrader": {**about, "schema_version": 3, **({"points": points} if grade else {})}}


def _other_figures(
    name: str, other: Graded, own: Graded, found: dict[str, Any], submissions: Sequence[_class.Submission]
) -> dict[str, Any]:
    ours = found["gradproof"]
    wrong = [s.name for s in submissions if s.mistake]
    figures = {
        "version": other.version,
        "a_minute": other.a_minute,
        "cpu_seconds_each": other.cpu / len(other.scores),
        "cold_ratio": ours["cold_a_minute"] / other.a_minute,
        "warm_ratio": ours["warm_a_minute"] / other.a_minute,
        "cpu_ratio": other.cpu / len(other.scores) / ours["cpu_seconds_each"],
        "right_with_all_points": _full(other, [s.name for s in submissions if not s.mistake]),
        "wrong_with_all_points": _full(other, wrong),
        "wrong_with_all_points_of_gradproof": _full(own, wrong),
        "right": len(submissions) - len(wrong),
        "wrong": len(wrong),
    }
    print(
        f"{name} {other.version}: {figures['a_minute']:.1f} a minute, {figures['cpu_seconds_each']:.2f} s of processor"
        f" each; gradproof is {figures['cold_ratio']:.1f} times as fast cold, {figures['warm_ratio']:.1f} times warm,"
        f" {figures['cpu_ratio']:.1f} times by processor time; all points to {figures['right_with_all_points']} of"
        f" {figures['right']} right and {figures['wrong_with_all_points']} of {len(wrong)} wrong submissions"
        f" (gradproof: {figures['wrong_with_all_points_of_gradproof']})",
        flush=True,
    )
    return figures


def _full(graded: Graded, names: Sequence[str]) -> int:
    most = max(sum(scores.values()) for scores in graded.scores.values())
    return sum(1 for name in names if sum(graded.scores[name].values()) == most)


# -- where gradproof's time goes -------------------------------------------------------------------------------------


def _where_time_goes(assignment: str, folder: Path, submissions: Sequence[_class.Submission]) -> dict[str, Any]:
    """Mark a few in this process with a clock around each part, twice: the second time every truth is known."""
    from gradproof.grading.assignments.assignment import read, ready_made
    from gradproof.grading.classes.content import digest_of
    from gradproof.grading.classes.job import Job
    from gradproof.grading.classes.marking_job import mark_submission

    path = ready_made()[assignment]
    digest = read(path).digest
    found: dict[str, Any] = {}
    chosen = submissions[:PROFILED]
    for turn in ("cold", "warm"):
        clock = Clock()
        began = time.perf_counter()
        with clock.around():
            for s in chosen:
                at = folder / f"{s.name}.ipynb"
                mark_submission(Job(s.name, s.name, str(at), digest_of(at), str(path), digest))
        whole = time.perf_counter() - began
        parts = {**clock.seconds, "the rest": whole - sum(clock.seconds.values())}
        found[turn] = {name: seconds / len(chosen) for name, seconds in parts.items()}
        largest = sorted(found[turn].items(), key=lambda part: -part[1])
        said = ", ".join(f"{name} {1000 * seconds:.0f}" for name, seconds in largest)
        print(f"where the time goes, {turn}, ms a submission ({1000 * whole / len(chosen):.0f} in all): {said}")
    return found


class Clock:
    """The seconds of each part of the marking, without those of the parts that it calls."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner: list[float] = []

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **keywords: Any) -> Any:
            began = time.perf_counter()
            self._inner.append(0.0)
            try:
                return function(*args, **keywords)
            finally:
                taken = time.perf_counter() - began
                self.seconds[part] = self.seconds.get(part, 0.0) + taken - self._inner.pop()
                if self._inner:
                    self._inner[-1] += taken

        return measured

    @contextmanager
    def around(self) -> Iterator[None]:
        """Put the clock around every part."""
        from gradproof.grading import reading
        from gradproof.grading.confinement import sandbox
        from gradproof.grading.marks import asking, feedback, marking, points, stages

        parts = (
            (reading, "read_source", "reading"), (sandbox.Sandbox, "start", "sandbox start"),
            (sandbox.Sandbox, "run", "fork and run"), (sandbox.Sandbox, "close", "sandbox end"),
            (points.Point, "_find", "truth"), (asking, "answered", "judging"), (asking, "point", "drawing cases"),
            (marking, "hidden_cases", "drawing cases"), (marking, "public_cases", "drawing cases"),
            (asking, "compile_task", "compiling lines"), (feedback, "cause_of", "diagnosis"),
            (feedback, "smallest", "smallest example"), (feedback, "smallest_stop", "smallest example"),
            (feedback, "pattern_of", "pattern"), (stages, "right_for_own", "own derivative"),
        )  # fmt: skip
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
        for owner, name, part in parts:
            setattr(owner, name, self.timed(part, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)


# -- processes -------------------------------------------------------------------------------------------------------


@contextmanager
def _cpu() -> Iterator[list[float]]:
    """The processor seconds of all processes that end meanwhile, theirs included."""
    spent: list[float] = []
    before = os.times()
    yield spent
    after = os.times()
    spent.append(after.children_user + after.children_system - before.children_user - before.children_system)


def _environment(python: str = "") -> dict[str, str]:
    variables = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if python:
        variables["PATH"] = f"{Path(os.path.abspath(python)).parent}{os.pathsep}{variables.get('PATH', '')}"
    return variables
