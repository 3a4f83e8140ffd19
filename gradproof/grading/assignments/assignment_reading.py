"""From the text of an assignment file to an `Assignment`, with every mistake named by its line and its remedy."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...naming import nearest, unknown_operation
from . import line_checks, network, option_checks, words
from .assignment import Accept, Assignment, AssignmentError, Cases, Limits, Task
from .lines import Line, LineError, parse
from .toml_positions import line_of, positions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

if TYPE_CHECKING:
    from reference._op import Op

SCHEMA = Path(__file__).with_name("assignment.schema.json")
LARGEST_FILE = 2**20
Where = tuple[str | int, ...]


def assignment(path: Path, content: bytes, digest: str) -> Assignment:
    """The assignment in a file's content. AssignmentError with every mistake, in the order of the lines."""
    from ...reference import operations

    text = _text(path, content)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError((f"{path}:{_toml_line(str(error), text)}: {_toml_problem(str(error))}",)) from None
    except RecursionError:
        raise AssignmentError((f"{path}:1: its tables and lists are nested too deep; write a flat file",)) from None
    found = _Problems(path, positions(text))
    for where, problem in _against_schema(data):
        found.add(where, problem)
    found.stop()
    every = operations()
    tasks = [_task(k, entry, every, found) for k, entry in enumerate(data["task"])]
    found.stop()
    whole = [task for task in tasks if task is not None]
    _together(data, whole, found)
    found.stop()
    files = data.get("files", {})
    cases = data.get("cases", {})
    return Assignment(
        name=data["name"],
        title=data.get("title", data["name"]),
        text=data.get("text", "").strip(),
        path=path,
        digest=digest,
        tasks=tuple(whole),
        names=tuple(files.get("names", ("*.py", "*.ipynb"))),
        entry=tuple(files.get("entry", ())),
        limits=Limits(**data.get("limits", {})),
        cases=Cases(**{**cases, "dtype": tuple(cases.get("dtype", ("float64",)))}),
        accept=Accept(**data.get("accept", {})),
    )


class _Problems:
    """What is wrong so far, each with its line."""

    def __init__(self, path: Path, found: Mapping[Where, int]) -> None:
        self.path, self.found = path, dict(found)
        self.said: list[tuple[int, str]] = []

    def add(self, where: Where, problem: str) -> None:
        self.said.append((self.line(where), problem))

    def line(self, where: Where) -> int:
        return line_of(self.found, where)

    def stop(self) -> None:
        """Raise all of them, if there are any."""
        if self.said:
            ordered = dict.fromkeys(sorted(self.said, key=lambda each: each[0]))
            raise AssignmentError(tuple(f"{self.path}:{line}: {problem}" for line, problem in ordered))


def _text(path: Path, content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise AssignmentError((f"{path}:1: the file has more than {LARGEST_FILE} bytes; is it an assignment?",))
    try:
        return content.decode("utf-8-sig")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise AssignmentError((f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8",)) from None


def _toml_line(message: str, text: str) -> int:
    match = re.search(r"at line (\d+)", message)
    return int(match[1]) if match else text.count("\n") + 1


def _toml_problem(message: str) -> str:
    what = re.sub(r"\s*\(at [^)]*\)", "", message)
    return (
        f"this is no TOML ({what[:1].lower()}{what[1:]}); texts stand in quotes, tables as [files], tasks as [[task]]"
    )


# -- the schema ---------------------------------------------------------------------------------------------------


def _against_schema(data: Mapping[str, Any]) -> Iterator[tuple[Where, str]]:
    import jsonschema

    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for error in validator.iter_errors(data):
        yield from _said(error)


def _said(error: Any) -> Iterator[tuple[Where, str]]:
    """A schema's complaint in a sentence: what is wrong, and how to mend it."""
    where: Where = tuple(error.absolute_path)
    name = ".".join(str(p) for p in where if not isinstance(p, int)) or "the file"
    value, wanted = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in [k for k in value if k not in known]:
            near = nearest(key, known)
            hint = f"did you mean {' or '.join(near)}?" if near else f"it takes {', '.join(known)}"
            yield (*where, key), f"{name} takes no {key!r}; {hint}"
    elif error.validator == "required":
        for key in [k for k in wanted if k not in value]:
            yield where, f"{name} lacks {key!r}; add {_EXAMPLES.get(key, f'{key} = ...')}"
    elif error.validator == "enum":
        near = nearest(value, map(str, wanted)) if isinstance(value, str) else []
        hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(map(str, wanted))}"
        yield where, f"{name} cannot be {value!r}; {hint}"
    elif error.validator == "const":
        yield where, f"{name} is {value!r}, but this gradproof reads format {wanted}; write format = {wanted}"
    elif error.validator == "pattern":
        yield where, f"{value!r} is no name; begin with a letter, then letters, digits, - and _"
    elif error.validator == "oneOf" or error.validator == "type":
        yield where, f"{name} cannot be {value!r}; write {_kinds(error)}"
    elif error.validator in _BOUNDS:
        yield where, f"{name} is {value!r}; give {_BOUNDS[error.validator].format(wanted)}"
    elif error.validator == "uniqueItems":
        yield where, f"{name} says a value twice; say each once"
    else:
        yield where, f"{name}: {error.message}; see the schema of assignments"


_EXAMPLES = {"format": "format = 1", "name": 'name = "backpropagation"', "task": "a [[task]]"}
_BOUNDS = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "minItems": "at least {} of them",
    "minLength": "a text that is not empty",
}
_KIND = {
    "string": "a text in quotes",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list in brackets",
    "object": "a table",
}


def _kinds(error: Any) -> str:
    """What a value may be, of `type` or of `oneOf` whose parts failed."""
    if error.validator == "type":
        types = [error.validator_value] if isinstance(error.validator_value, str) else error.validator_value
        return " or ".join(_KIND[t] for t in types)
    inner = [e for e in error.context if e.validator not in ("type", "oneOf")]
    if inner:
        e = inner[0]
        return _BOUNDS.get(e.validator, "a value as the schema of assignments says ({})").format(e.validator_value)
    said = dict.fromkeys(_kinds(e) for e in error.context if len(e.path) == 0)
    return ", or ".join(said) or "a value or a list of values of one kind"


# -- tasks --------------------------------------------------------------------------------------------------------


def _task(k: int, entry: Mapping[str, Any], every: Mapping[str, Op], found: _Problems) -> Task | None:
    """One task, checked by itself; None where it is not whole enough to be judged."""
    before = len(found.said)

    def add(where: Where, problem: str) -> None:
        found.add(("task", k, *where), f"task {entry['name']}: {problem}")

    made = _what(k, entry, every, found, add)
    if made is None:
        return None
    task, op = made
    for where, problem in option_checks.problems(task, op):
        add(where, problem)
    if len(found.said) > before:
        return None  # lines are read with these settings: what follows would only echo them
    parsed: dict[str, Any] = {phase: _lines(phase, entry, add) for phase in ("setup", "forward", "backward")}
    if len(found.said) > before:
        return None
    task = replace(task, **parsed, points=dict(entry.get("points", _default_points(entry))))
    for where, problem in line_checks.problems(task):
        add(where, problem)
    if len(found.said) == before:
        for where, problem in option_checks.without_cotangent(task, op):
            add(where, problem)
    return task


def _what(
    k: int, entry: Mapping[str, Any], every: Mapping[str, Op], found: _Problems, add: Any
) -> tuple[Task, Op] | None:
    """The task without its lines, and its operation, the network as one."""
    if ("operation" in entry) == ("network" in entry):
        add((), "it needs either `operation` or `network`; name a catalogue operation, or write a network's lines")
        return None
    plain = {key: entry[key] for key in ("text", "visibility") if key in entry}
    lists = {key: tuple(entry.get(key, ())) for key in ("regimes", "after", "mutable", "not_judged")}
    tables = {key: dict(entry.get(key, {})) for key in ("constants", "maps", "draws", "values")}
    several = ("options", "accept", "sizes", "axes", "latent_sizes", "latent_options", "latent_axes")
    tables |= {key: {n: _tuple(v) for n, v in entry.get(key, {}).items()} for key in several}
    common: dict[str, Any] = {
        "name": entry["name"], "title": entry.get("title", entry["name"]), "text": "", **plain,
        "line": found.line(("task", k)), **lists, **tables,
    }  # fmt: skip
    if "network" in entry:
        return _network(entry, every, common, add)
    for key in ("inputs", "outputs"):
        if key in entry:
            add((key,), f"`{key}` belongs to a network; an operation of the catalogue has its own, so take it out")
            return None
    name = entry["operation"]
    if name not in every:
        add(("operation",), unknown_operation(name, every))
        return None
    op = every[name]
    fixed = {n: v[0] for n, v in (common["accept"] | common["options"]).items() if n in op.options}
    known = {n: v for n, v in fixed.items() if v in op.options[n]}
    task = Task(**common, operation=name, words=words.of_operation(op, known, common["constants"]))
    return task, op


def _network(
    entry: Mapping[str, Any], every: Mapping[str, Op], common: Mapping[str, Any], add: Any
) -> tuple[Task, Op] | None:
    inputs: dict[str, Any] = {}
    for name, text in entry.get("inputs", {}).items():
        try:
            inputs[name] = network.declared(name, text)
        except ValueError as error:
            add(("inputs", name), str(error))
    if not inputs:
        add(("network",), 'a network needs its inputs; declare them: inputs = {x = "N D", target = "labels N of C"}')
    lines = _lines("network", entry, add)
    if len(lines) < len(_tuple(entry["network"])) or len(inputs) < max(1, len(entry.get("inputs", {}))):
        return None
    known = [*inputs, *common["constants"]]
    for index, line in enumerate(lines):
        try:
            network.check(line, known, every)
        except LineError as error:
            add(("network", index), str(error))
            return None
        known += network.bound_by(line)
    outputs = tuple(entry.get("outputs", ())) or network.bound_by(lines[-1])
    for name in outputs:
        if name not in known:
            add(("outputs",), f"no line of the network gives {name}; name one of {', '.join(known)}")
            return None
    vocabulary = network.words(inputs, lines, outputs, common["constants"])
    task = Task(**common, network=lines, inputs=inputs, outputs=outputs, words=vocabulary)
    variants = {n: common["accept"].get(n, common["options"].get(n, (v,))) for n, v in common["constants"].items()}
    return task, network.operation(task.name, inputs, lines, outputs, variants, every)


def _lines(phase: str, entry: Mapping[str, Any], add: Any) -> tuple[Line, ...]:
    """The lines under a key, parsed; those that cannot be read are reported and left out."""
    parsed = []
    maps = entry.get("maps", {}) if phase != "network" else {}
    for index, text in enumerate(_tuple(entry.get(phase, ()))):
        try:
            parsed.append(parse(text, maps))
        except LineError as error:
            add((phase, index), str(error))
    return tuple(parsed)


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


def _default_points(entry: Mapping[str, Any]) -> dict[str, float]:
    """One point a stage where the file says nothing."""
    latent = any(key in entry for key in ("latent_sizes", "latent_options", "latent_axes"))
    stages = (("forward", "forward" in entry), ("backward", "backward" in entry), ("latent", latent))
    return {stage: 1 for stage, there in stages if there}


# -- all tasks together ---------------------------------------------------------------------------------------------


def _together(data: Mapping[str, Any], tasks: Sequence[Task], found: _Problems) -> None:
    """Names, dependencies, points and limits across tasks."""
    known: dict[str, int] = {}
    for k, task in enumerate(tasks):
        if task.name in known:
            first = found.line(("task", known[task.name]))
            found.add(("task", k, "name"), f"there is a task {task.name} already, on line {first}; rename one of them")
        known.setdefault(task.name, k)
    for k, task in enumerate(tasks):
        for j, name in enumerate(task.after):
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean {' or '.join(near)}?" if near else f"tasks are {', '.join(known)}"
                found.add(("task", k, "after", j), f"task {task.name} comes after {name!r}, which is no task; {hint}")
    cycle = _cycle({t.name: [n for n in t.after if n in known] for t in tasks})
    if cycle:
        where = ("task", known[cycle[0]], "after")
        found.add(where, f"tasks wait for each other: {' after '.join(cycle)}; drop one of these `after`")
    total = sum(task.max_score for task in tasks)
    if "points" in data and abs(total - data["points"]) > _rounding(total):
        found.add(("points",), f"points says {data['points']:g}, the tasks add up to {total:g}; change one of the two")
    _limits(data, found)


def _rounding(total: float) -> float:
    """What adding decimal fractions in binary may leave: far less than a point that anyone gives."""
    return 1e3 * sys.float_info.epsilon * max(1.0, total)


def _cycle(after: Mapping[str, Sequence[str]]) -> list[str]:
    """The names of one cycle, the first again at the end; empty where there is none."""
    done: set[str] = set()
    for start in after:
        stack = [(start, iter(after[start]))]
        path = [start]
        while stack:
            following = next((n for n in stack[-1][1] if n not in done), None)
            if following is None:
                done.add(path.pop())
                stack.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            else:
                path.append(following)
                stack.append((following, iter(after[following])))
    return []


def _limits(data: Mapping[str, Any], found: _Problems) -> None:
    limits = Limits(**data.get("limits", {}))
    if limits.wall_seconds < limits.cpu_seconds:
        found.add(
            ("limits",),
            f"wall_seconds is {limits.wall_seconds:g}, less than cpu_seconds, {limits.cpu_seconds:g}; make it larger",
        )
    cases = data.get("cases", {})
    if cases.get("public", 3) + cases.get("hidden", 6) == 0:
        found.add(("cases",), "there are no cases, so nothing would be judged; give public or hidden at least 1")
    if cases.get("secret") and cases.get("secret_file"):
        found.add(("cases", "secret"), "the secret is said twice; keep secret or secret_file")
    for k, name in enumerate((data.get("files") or {}).get("names", ())):
        if name.startswith("/") or ".." in name.split("/"):
            found.add(
                ("files", "names", k), f"{name!r} leaves the submission's folder; write a pattern inside it: *.py"
            )
