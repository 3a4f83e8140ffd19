"""Whether a task's lines make sense together: every name has a value, every gradient is judged once, points fit."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...naming import nearest
from .lines import FUNCTIONS, LineError, names, patterns, root, unparsed

if TYPE_CHECKING:
    from .assignment import Judged, Step, Task

Where = tuple[str | int, ...]
Wrong = Callable[[ast.AST, str], LineError]
Problem = tuple[Where, str]  # a path below the task, and what is wrong there and how to mend it


def problems(task: Task) -> Iterator[Problem]:
    """Everything that is wrong with the lines of a task, each with the key where it stands."""
    bound: set[str] = set()
    whole = True
    for step in task.steps():
        for error in _of_line(task, step, bound):
            whole = False
            yield (step.phase, step.index), str(error)
        bound |= _kept(task, step)
    if not any(True for _ in task.steps()):
        yield (), 'it has no lines; write at least `forward`, e.g. forward = "affine_forward(x, w, b) -> y, cache"'
    elif whole:
        judged = list(task.judged())
        yield from _coverage(task, judged)
        yield from _cotangents(task, judged)
        yield from _passed(task)
        yield from _drawn(task, bound)


# -- one line -------------------------------------------------------------------------------------------------------


def _of_line(task: Task, step: Step, bound: set[str]) -> Iterator[LineError]:
    def wrong(node: ast.AST, problem: str) -> LineError:
        return LineError(step.line.text, getattr(node, "col_offset", 0) + 1, problem)

    called = {id(n.func) for n in ast.walk(step.line.expression) if isinstance(n, ast.Call)}
    for node in ast.walk(step.line.expression):
        if not isinstance(node, ast.Name):
            continue
        if id(node) in called:
            yield from _of_call(task, node, bound, wrong)
        elif node.id in task.draws:
            yield wrong(node, f"{node.id} is drawn by the student's code (`draws`) and cannot be passed to it")
        elif node.id not in bound and not task.words.kind(node.id):
            yield wrong(node, _unbound(task, node.id, bound))
    arithmetic = (ast.BinOp, ast.UnaryOp)
    for node in ast.walk(step.line.expression):
        if isinstance(node, arithmetic) and not task.words.is_expression(node):
            yield wrong(node, "arithmetic on a value of the student's code; it is for catalogue words and numbers only")
            return
    for pattern in patterns(step.line.targets):
        yield from _of_pattern(task, step, pattern, bound, wrong)


def _of_call(task: Task, node: ast.Name, bound: set[str], wrong: Wrong) -> Iterator[LineError]:
    if node.id in bound:
        yield wrong(node, f"{node.id} is a value from an earlier line; only functions of the submission are called so")
    elif task.words.kind(node.id) and node.id not in FUNCTIONS:
        what = f"{node.id} is a word of the task ({task.words.kind(node.id)}), not a function"
        yield wrong(node, f"{what}; call the student's function by another name")


def _unbound(task: Task, name: str, bound: set[str]) -> str:
    known = [*task.words.every(), *sorted(bound)]
    if name.removeprefix("d") in (*task.words.inputs, *task.words.outputs, *task.words.between) and name[0] == "d":
        return f"{name} is no gradient or cotangent here: nothing flows through {name[1:]}"
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the task's words are {', '.join(task.words.every())}"
    return f"{name} has no value here, neither as a catalogue word nor from an earlier line; {hint}"


def _of_pattern(task: Task, step: Step, pattern: ast.expr, bound: set[str], wrong: Wrong) -> Iterator[LineError]:
    if isinstance(pattern, ast.NamedExpr):
        yield from _new_name(task, pattern.target, wrong)
        pattern = pattern.value
        if not task.words.is_judged(pattern):
            yield wrong(pattern, f"`:=` keeps a value that is judged; {unparsed(pattern)} is not, so name it alone")
            return
    if isinstance(pattern, ast.Name):
        yield from _new_name(task, pattern, wrong)
    elif isinstance(pattern, ast.Constant):
        yield wrong(pattern, "a literal comes back; name a catalogue word, an expression of words, or `_`")
    elif task.words.is_expression(pattern):
        if any(name in task.draws for name in names(pattern)):
            yield wrong(pattern, "an input that the student's code draws cannot be judged by itself; judge the output")
    elif isinstance(pattern, (ast.Attribute, ast.Subscript)):
        yield from _assignment(task, step, pattern, bound, wrong)
    else:
        own = [n for n in names(pattern) if not task.words.kind(n)]
        near = nearest(own[0], task.words.every()) if own else []
        hint = f"did you mean {' or '.join(near)}?" if near else "write catalogue words there"
        yield wrong(pattern, f"{unparsed(pattern)} cannot be computed: {own[0] if own else ''} is no word; {hint}")


def _new_name(task: Task, node: ast.Name, wrong: Wrong) -> Iterator[LineError]:
    kind = task.words.kind(node.id)
    if kind in ("input", "cotangent", "size", "option"):
        problem = f"{node.id} is a word of the task ({kind}), not a result; name what comes back otherwise, or `_`"
        yield wrong(node, problem)


def _assignment(task: Task, step: Step, pattern: ast.expr, bound: set[str], wrong: Wrong) -> Iterator[LineError]:
    base = root(pattern)
    if not isinstance(base, ast.Name) or base.id not in bound:
        yield wrong(pattern, f"{unparsed(base)} has no value to assign into; keep it first: `Layer() -> layer`")
    elif not task.words.is_expression(step.line.expression):
        problem = f"only a catalogue quantity is assigned into {unparsed(pattern)}; its left side calls student's code"
        yield wrong(step.line.expression, problem)


def _kept(task: Task, step: Step) -> set[str]:
    kept = set()
    for pattern in patterns(step.line.targets):
        node = pattern.target if isinstance(pattern, ast.NamedExpr) else pattern
        if isinstance(node, ast.Name) and node.id != "_" and not task.words.kind(node.id):
            kept.add(node.id)
    return kept


# -- all lines together --------------------------------------------------------------------------------------------


def _coverage(task: Task, judged: Sequence[Judged]) -> Iterator[Problem]:
    """Gradients judged never or twice; points of stages that judge nothing, judged gradients without points."""
    if not judged:
        yield (), f"no line returns anything that is judged; name one of {', '.join(_returnable(task))} after `->`"
        return
    count = Counter(w for j in judged for w in j.words if task.words.kind(w) == "gradient")
    for name in task.not_judged:
        if name not in task.words.gradients:
            yield (
                ("not_judged",),
                f"{name} is no gradient of this task; it has {', '.join(task.words.gradients) or 'none'}",
            )
        elif name in count:
            yield ("not_judged",), f"{name} is judged by a line; take it out of `not_judged` or ignore it with `_`"
    for name, times in count.items():
        if times > 1:
            second = [j.step for j in judged if name in j.words][1]
            yield (second.phase, second.index), f"{name} is judged twice; write `_` in its place in one of the lines"
    filled = {f"d{name}" for name in (*task.values, *task.draws)}
    missing = [g for g in task.words.gradients if g not in count and g not in task.not_judged and g not in filled]
    if missing and (count or any(task.backward)):
        where = "backward" if task.backward else "forward"
        yield (
            (where,),
            f"no line returns {' or '.join(missing)}; name it after `->`, or list it in `not_judged`",
        )
    yield from _points(task, judged)


def _returnable(task: Task) -> tuple[str, ...]:
    return (*task.words.outputs, *task.words.between, *task.words.gradients)


def _points(task: Task, judged: Sequence[Judged]) -> Iterator[Problem]:
    from .assignment import STAGES

    stages = {j.stage for j in judged}
    for stage in task.points:
        if stage not in STAGES and stage not in task.words.gradients:
            known = (*STAGES, *task.words.gradients)
            near = nearest(stage, known) or known
            yield ("points", stage), f"there is no stage {stage!r}; did you mean {' or '.join(near)}?"
        elif stage == "latent" and not (task.latent_sizes or task.latent_options or task.latent_axes):
            yield (
                ("points", stage),
                "the stage latent has no cases; say what they vary in latent_sizes, latent_options or latent_axes",
            )
        elif stage != "latent" and stage not in stages:
            yield (
                ("points", stage),
                f"the stage {stage} earns points but no line judges it; add the line or drop the points",
            )
    for stage in sorted(stages - set(task.points)):
        kind = [w for j in judged if j.stage == stage for w in j.words]
        what = ", ".join(dict.fromkeys(kind)) or stage
        yield ("points",), f"{what} is judged but earns nothing; add {stage} = ... to the points (0 is allowed)"
    for j in judged:
        own = [w for w in j.words if w in task.points]
        if len(own) > 1:
            yield (
                (j.step.phase, j.step.index),
                f"{unparsed(j.pattern)} holds {' and '.join(own)}, which have points of their own; keep one's",
            )
    if "latent" not in task.points and (task.latent_sizes or task.latent_options or task.latent_axes):
        yield ("points",), "latent cases are declared but earn nothing; add latent = ... to the points (0 is allowed)"


def _cotangents(task: Task, judged: Sequence[Judged]) -> Iterator[Problem]:
    """A cotangent that is passed although no gradient is judged."""
    if any(task.words.kind(w) == "gradient" for j in judged for w in j.words):
        return
    for step in task.steps():
        for name in step.line.names_used:
            if name in task.words.cotangents:
                yield (
                    (step.phase, step.index),
                    f"{name} is passed but no gradient comes back; name the gradients after `->`",
                )


def _passed(task: Task) -> Iterator[Problem]:
    """Inputs that the student's code never sees, and options with several values that it cannot know."""
    used = {n for step in task.steps() for n in step.line.names_used}
    for name in task.words.inputs:
        if name not in used and name not in task.draws and name not in task.values:
            yield (
                ("forward",),
                f"the input {name} is never passed to the student's code; pass it, or fill it in `values`",
            )
    for name, values in task.options.items():
        if len(values) > 1 and name not in used:
            yield (
                ("options", name),
                f"{name} has several values but no line passes it; use {name} in a line, or move it to `accept`",
            )
    for name in task.accept:
        if name in used:
            yield (
                ("accept", name),
                f"{name} is passed to the student's code, which then has no choice; drop one of the two",
            )
    for name in task.latent_options:
        if name not in used:
            yield (
                ("latent_options", name),
                f"no line passes {name}; the student's code cannot know it, so use it in a line",
            )


def _drawn(task: Task, bound: set[str]) -> Iterator[Problem]:
    for name, shown in task.draws.items():
        if shown not in bound and task.words.kind(shown) not in ("output", "value"):
            yield (
                ("draws", name),
                f"{shown} is neither an output nor kept by a line; name the value whose zeros show {name}",
            )
    returned = {w for j in task.judged() for w in j.words}
    for name, shown in task.draws.items():
        if task.words.kind(shown) in ("output", "value") and shown not in returned:
            yield ("draws", name), f"no line returns {shown}, whose zeros are to show {name}; name it after `->`"
