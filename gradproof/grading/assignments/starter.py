"""The student's skeleton of an assignment, as a module and as a notebook: every function, with what it has to give."""

from __future__ import annotations

import ast
import functools
import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .lines import FUNCTIONS, Line, names, parse, patterns, root, unparsed

if TYPE_CHECKING:
    from reference._domain import Input
    from reference._op import Op

    from .assignment import Assignment, Task

WIDTH = 100
MEANING = {
    "bias_first": "bias_first(x): x with a column of ones before it",
    "bias_last": "bias_last(x): x with a column of ones after it",
    "rows": "rows(a, b): a above b, a vector as one row",
    "columns": "columns(a, b): a on the left of b, a vector as one column",
    "row": "row(v): the vector v as a matrix with one row",
    "column": "column(v): the vector v as a matrix with one column",
    "one_hot": "one_hot(t, C): a row for each label of t, with a single 1 among C entries",
    "identity": "identity(n): ones on the diagonal of an n by n matrix of zeros",
}
KIND_TEXT = {
    "real": "",
    "labels": "whole numbers, class labels",
    "one_hot": "one row an example, a single 1 in it",
    "binary": "entries 0 or 1",
    "mask": "booleans",
    "simplex": "rows of probabilities",
}


@dataclass(frozen=True)
class Function:
    """A function or method to write: its parameters, what calls of it look like, and what they have to give."""

    name: str
    parameters: tuple[str, ...]
    calls: tuple[ast.Call, ...]
    uses: tuple[tuple[Line, Task], ...]


@dataclass
class Class:
    """A class to write: its constructor, its methods, and the attributes that are read or set from outside."""

    name: str
    methods: dict[str, Function] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)


def module(assignment: Assignment) -> str:
    """The skeleton as Python source."""
    head = f'"""{assignment.title}.\n\n{_prose(assignment)}"""\n\nimport numpy as np\n'
    parts = [head]
    for task, defined in _by_task(assignment):
        about = textwrap.fill(task.text.strip(), WIDTH - 2) if task.text else ""
        comment = "\n".join(f"# {line}".rstrip() for line in [f"-- {task.title}", *about.splitlines()])
        parts.append("\n\n" + "\n\n\n".join([comment, *defined]) + "\n")
    return "".join(parts)


def notebook(assignment: Assignment) -> str:
    """The skeleton as a notebook, JSON of format 4.5."""
    cells = [
        _cell("head", f"# {assignment.title}\n\n{_prose(assignment)}".strip()),
        _cell("imports", "import numpy as np", "code"),
    ]
    for k, (task, defined) in enumerate(_by_task(assignment)):
        cells.append(_cell(f"task-{k}", f"## {task.title}\n\n{task.text.strip()}".strip()))
        cells.extend(_cell(f"task-{k}-{j}", source, "code") for j, source in enumerate(defined))
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    whole = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(name: str, source: str, kind: str = "markdown") -> dict[str, Any]:
    lines = source.splitlines(keepends=True)
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {}, "source": lines}
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell


def _prose(assignment: Assignment) -> str:
    said = assignment.text.strip()
    rule = "Write the bodies; keep the names and the order of the arguments. Arrays are NumPy arrays."
    return f"{said}\n\n{rule}\n" if said else f"{rule}\n"


# -- what is to be written ------------------------------------------------------------------------------------------


def _by_task(assignment: Assignment) -> Iterable[tuple[Task, list[str]]]:
    """Each task with the source of what is first asked for there."""
    functions, classes, first = _collected(assignment)
    for task in assignment.tasks:
        sources = [_function(functions[n]) for n, t in first.items() if t == task.name and n in functions]
        sources += [_class(classes[n]) for n, t in first.items() if t == task.name and n in classes]
        if sources:
            yield task, sources


def _collected(assignment: Assignment) -> tuple[dict[str, Function], dict[str, Class], dict[str, str]]:
    """Functions, classes, and the task in which each is first called."""
    functions: dict[str, Function] = {}
    classes: dict[str, Class] = {}
    first: dict[str, str] = {}
    for task in assignment.tasks:
        made = _objects(task)
        for step in task.steps():
            line = parse(step.line.text)  # with the course's own words, as the students know them
            for call in [n for n in ast.walk(line.expression) if isinstance(n, ast.Call)]:
                if isinstance(call.func, ast.Name) and call.func.id not in FUNCTIONS:
                    name = call.func.id
                    first.setdefault(name, task.name)
                    if name in made.values():
                        methods = classes.setdefault(name, Class(name)).methods
                        _add(methods, "__init__", call, line, task)
                    else:
                        _add(functions, name, call, line, task)
                elif isinstance(call.func, ast.Attribute) and unparsed(call.func.value) in made:
                    methods = classes.setdefault(made[unparsed(call.func.value)], Class(name)).methods
                    _add(methods, call.func.attr, call, line, task)
            _attributes(line, made, classes)
    return functions, classes, first


def _objects(task: Task) -> dict[str, str]:
    """Kept names that are instances of a student's class, each with the class: their attributes are used."""
    bases = {b.id for step in task.steps() for b in _bases(step.line)}
    made = {}
    for step in task.steps():
        called, target = step.line.expression, step.line.targets
        if not (isinstance(called, ast.Call) and isinstance(target, ast.Name) and target.id in bases):
            continue
        if isinstance(called.func, ast.Name):
            made[target.id] = called.func.id
    return made


def _bases(line: Line) -> Iterable[ast.Name]:
    for side in (line.expression, line.targets):
        for node in ast.walk(side):
            if isinstance(node, ast.Attribute):
                base = root(node)
                if isinstance(base, ast.Name):
                    yield base


def _attributes(line: Line, made: Mapping[str, str], classes: Mapping[str, Class]) -> None:
    """Attributes of instances that the line reads or sets."""
    calls = {id(n.func) for n in ast.walk(line.expression) if isinstance(n, ast.Call)}
    for side, into in ((line.expression, "read"), (line.targets, "written")):
        for node in ast.walk(side):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and id(node) not in calls:
                owner = classes.get(made.get(node.value.id, ""))
                kept = getattr(owner, into) if owner else [node.attr]
                if node.attr not in kept:
                    kept.append(node.attr)


def _add(table: dict[str, Function], name: str, call: ast.Call, line: Line, task: Task) -> None:
    known = table.setdefault(name, Function(name, (), (), ()))
    calls = (*known.calls, call)
    uses = known.uses
    if (line.text, task.name) not in [(seen.text, where.name) for seen, where in uses]:
        uses = (*uses, (line, task))
    table[name] = replace(known, parameters=_parameters(calls), calls=calls, uses=uses)


def _parameters(calls: Sequence[ast.Call]) -> tuple[str, ...]:
    """Parameters as the arguments of all calls suggest them; what a call leaves out, and all after, is optional."""
    longest = max(calls, key=lambda call: len(call.args))
    found: list[str] = []
    for k, argument in enumerate(longest.args, start=1):
        name = _suggested(argument, k)
        while name in found:
            name += "_"
        found.append(name)
    needed = min(len(call.args) for call in calls)
    keywords = [{str(k.arg) for k in call.keywords} for call in calls]
    found += [name for name in dict.fromkeys(str(k.arg) for c in calls for k in c.keywords) if name not in found]
    always = [k < needed or all(name in given for given in keywords) for k, name in enumerate(found)]
    return tuple(name if all(always[: k + 1]) else f"{name}=None" for k, name in enumerate(found))


def _suggested(argument: ast.expr, k: int) -> str:
    inside = names(argument)
    base = root(argument)
    if isinstance(argument, ast.Dict):
        return "param"
    if isinstance(argument, (ast.List, ast.Tuple)):
        return "values"
    return base.id if isinstance(base, ast.Name) else inside[-1] if inside else f"argument{k}"


@functools.cache
def _catalogue() -> Mapping[str, Op]:
    from ...reference import operations

    return operations()


# -- their source ---------------------------------------------------------------------------------------------------


def _function(wanted: Function) -> str:
    head = f"def {wanted.name}({', '.join(wanted.parameters)}):"
    return "\n".join([head, *_docstring(wanted), f'    raise NotImplementedError("write {wanted.name}")'])


def _class(wanted: Class) -> str:
    parts = [f"class {wanted.name}:", f'    """{_class_text(wanted)}"""']
    for name, method in wanted.methods.items():
        head = f"def {name}({', '.join(('self', *method.parameters))}):"
        if name == "__init__":
            # an attribute that is set item by item from outside has to be a dict from the start
            body = [f"    self.{attribute} = {{}}" for attribute in _item_attributes(wanted)] or ["    pass"]
        else:
            body = [f'    raise NotImplementedError("write {wanted.name}.{name}")']
        parts.append("\n" + textwrap.indent("\n".join([head, *_docstring(method), *body]), "    "))
    return "\n".join(parts)


def _class_text(wanted: Class) -> str:
    said = [f"{', '.join(wanted.written)} set from outside"] if wanted.written else []
    said += [f"{', '.join(wanted.read)} read from outside"] if wanted.read else []
    return f"Attributes: {'; '.join(said)}." if said else "To be written."


def _item_attributes(wanted: Class) -> list[str]:
    found = []
    for method in wanted.methods.values():
        for _, task in method.uses:
            for step in task.steps():
                for pattern in patterns(step.line.targets):
                    if isinstance(pattern, ast.Subscript) and isinstance(pattern.value, ast.Attribute):
                        found.append(pattern.value.attr)
    return [name for name in dict.fromkeys(found) if name in wanted.written]


def _docstring(wanted: Function) -> list[str]:
    """What every use of a function asks for; what was said of one use is not said again of the next."""
    lines: list[str] = []
    known: set[str] = set()
    for line, task in wanted.uses:
        formula = _formula(task)
        if formula[0] not in known:
            lines += ["", *formula] if lines else formula
        said = [one for one in _glossary(line, task) if one not in known]
        known |= {formula[0], *said}
        lines += ["", f"Called as  {line.text}"]
        lines += ["", *_wrapped(said)] if said else []
    safe = [line.replace("\\", "\\\\").replace('"""', "'''") for line in lines]
    return ['    """' + safe[0], *(f"    {line}".rstrip() for line in safe[1:]), '    """']


def _formula(task: Task) -> list[str]:
    if task.operation:
        return textwrap.wrap(_catalogue()[task.operation].summary, WIDTH - 4)
    return [f"{task.title}:", *(f"    {line.text}" for line in task.network)]


def _glossary(line: Line, task: Task) -> list[str]:
    """The words of a line: shapes of inputs, what a gradient is of, options and their values, what kept names hold."""
    filled = parse(line.text, task.maps)
    used = dict.fromkeys((*names(filled.expression), *names(filled.targets)))
    inputs = {i.name: i for i in _inputs(task)}
    said = [f"{own} stands for {text}" for own, text in task.maps.items() if re.search(rf"\b{own}\b", line.text)]
    kept = _kept(filled, task)
    for word in (*used, *(n for text in kept for n in names(parse(text.split(": ", 1)[1] + " -> _").expression))):
        said += _word(word, task, inputs)
    said += kept + _afterwards(filled, task)
    called = {
        n.func.id for n in ast.walk(filled.expression) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    called |= {n.func.id for n in ast.walk(filled.targets) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    said += [about for name, about in MEANING.items() if name in called]
    for name, values in task.accept.items():
        said.append(f"{name}: {' or '.join(map(str, values))}, whichever you choose")
    return list(dict.fromkeys(said))


def _wrapped(said: Sequence[str]) -> list[str]:
    return [line for one in said for line in textwrap.wrap(one, WIDTH - 4, subsequent_indent="    ")]


def _kept(line: Line, task: Task) -> list[str]:
    """What a kept name holds that the line passes and that no code of the student's made: a dict of parameters."""
    made = [s.line for s in task.steps() if isinstance(s.line.targets, ast.Name) and not s.line.called]
    return [f"{m.targets.id}: {unparsed(m.expression)}" for m in made if m.targets.id in line.names_used]  # type: ignore[attr-defined]


def _afterwards(line: Line, task: Task) -> list[str]:
    """What is read, after the call, from something that the call was given or gave."""
    said, seen = [], False
    own = {*line.names_used, *names(line.targets)}
    for step in task.steps():
        read = root(step.line.expression)
        seen = seen or step.line.text == line.text
        if not seen or not isinstance(step.line.expression, (ast.Attribute, ast.Subscript)):
            continue
        if isinstance(read, ast.Name) and read.id in own and not task.words.kind(read.id):
            said.append(f"afterwards {unparsed(step.line.expression)} is {unparsed(step.line.targets)}")
    return said


def _word(word: str, task: Task, inputs: Mapping[str, Input]) -> list[str]:
    kind = task.words.kind(word)
    if kind == "input":
        about = KIND_TEXT[inputs[word].kind]
        return [f"{word}: shape {_shape(inputs[word], task)}{', ' + about if about else ''}"]
    if kind == "gradient":
        of = task.words.gradients[word]
        return [f"{word}: gradient of the loss with respect to {of}, shape {_shape(inputs[of], task)}"]
    if kind == "cotangent":
        return [f"{word}: gradient of the loss with respect to {task.words.cotangents[word]}, of its shape"]
    if kind == "option":
        values = task.options.get(word, (task.constants.get(word),) if word in task.constants else _drawn(task, word))
        return [f"{word}: {' or '.join(map(str, values))}"]
    return [f"{word}: what is computed"] if kind == "output" else []


def _drawn(task: Task, option: str) -> Sequence[Any]:
    return _catalogue()[task.operation].options[option]


def _inputs(task: Task) -> Sequence[Input]:
    if task.network:
        return tuple(task.inputs.values())
    op = _catalogue()[task.operation]
    chosen = {n: v[0] for n, v in {**task.accept, **task.options}.items() if n in op.options}
    return op.inputs_for({**op.defaults(), **chosen})


def _shape(i: Input, task: Task) -> str:
    sizes: list[str] = []
    for token in i.shape.split():
        count = task.axes.get(token[1:], ()) if token.startswith("*") else ()
        if not token.startswith("*"):
            sizes.append(token)
        elif len(count) == 1:
            sizes += [f"{token[1:]}{k + 1}" for k in range(count[0])]
        else:
            sizes.append("...")
    if sizes == ["..."]:
        return "as you like"
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
