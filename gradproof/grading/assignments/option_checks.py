"""Whether the options, sizes and other settings of a task are what its operation takes: looked up, then tried."""

from __future__ import annotations

import itertools
import keyword
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...naming import nearest
from .line_checks import Problem
from .lines import FUNCTIONS, LineError, expression, names

if TYPE_CHECKING:
    from reference._op import Op

    from ...cases import Spec
    from .assignment import Task

TRIES = 64  # combinations of options that are tried at most


def problems(task: Task, op: Op) -> Iterator[Problem]:
    """Everything that is wrong with the settings of a task, each with the key where it stands.

    op: the task's operation, or its network as one.
    """
    found = [
        *_own_words(task), *_options(task, op), *_accepted(task, op), *_maps(task), *_inputs_named(task),
        *_axes(task, op), *_regimes(task, op),
    ]  # fmt: skip
    yield from found
    if not found:
        yield from _tried(task, op)


def _said(name: str, known: Iterable[str], what: str) -> str:
    known = tuple(known)
    near = nearest(name, known)
    if near:
        return f"{what} has no {name!r}; did you mean {' or '.join(near)}?"
    return f"{what} has no {name!r}; it has {', '.join(known) or 'none'}"


def _own_words(task: Task) -> Iterator[Problem]:
    """Constants and mapped names must be names, and not words already."""
    every = task.words.every()
    without = every[: len(every) - len(task.constants)]  # the constants are the last of them
    for key, table in (("constants", task.constants), ("maps", task.maps)):
        for name in table:
            if not name.isidentifier() or keyword.iskeyword(name):
                yield (key, name), f"{name!r} is no name in Python; use letters, digits and _"
            elif name in FUNCTIONS:
                yield (key, name), f"{name} is a function of the line language; take another name"
            elif name in without:
                kind = task.words.kind(name)
                yield (key, name), f"{name} is a word of the task already ({kind}); take another name"


def _options(task: Task, op: Op) -> Iterator[Problem]:
    for key, table in (("options", task.options), ("latent_options", task.latent_options)):
        for name, values in table.items():
            if task.network:
                if name not in task.constants:
                    yield (key, name), _said(name, task.constants, "a network's `constants`, which it varies,")
            elif name not in op.options:
                yield (key, name), _said(name, op.options, f"{op.name} among its options")
            else:
                for value in values:
                    yield from _value(op, name, value, (key, name))


def _value(op: Op, name: str, value: Any, where: tuple[str, ...]) -> Iterator[Problem]:
    """A value must be of a kind that the catalogue draws: a known text, a truth value, or a number."""
    known = op.options[name]
    if value in known and any(type(value) is type(v) for v in known):
        return
    texts = [v for v in known if isinstance(v, str)]
    numbers = [v for v in known if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and numbers:
        return
    near = nearest(value, texts) if isinstance(value, str) else []
    hint = f"did you mean {near[0]}?" if near else f"it may be {', '.join(map(repr, known))}"
    yield where, f"{name} of {op.name} cannot be {value!r}; {hint}"


def _accepted(task: Task, op: Op) -> Iterator[Problem]:
    for name, values in task.accept.items():
        if name in task.options:
            yield ("accept", name), f"{name} is fixed in `options` and accepted in several values; drop one of the two"
        elif name in task.constants:
            continue
        elif task.network or name not in op.options:
            known = (*(() if task.network else op.options), *task.constants)
            yield (
                ("accept", name),
                _said(name, known, f"{'the network' if task.network else op.name} among its choices"),
            )
        else:
            for value in values:
                yield from _value(op, name, value, ("accept", name))


def _maps(task: Task) -> Iterator[Problem]:
    for name, text in task.maps.items():
        try:
            node = expression(text)
        except LineError as error:
            yield ("maps", name), str(error)
            continue
        for word in names(node):
            if not task.words.kind(word):
                near = nearest(word, task.words.every())
                hint = f"did you mean {' or '.join(near)}?" if near else f"words are {', '.join(task.words.every())}"
                yield ("maps", name), f"{name} stands for {text!r}, but {word} is no word of the task; {hint}"
        if not task.words.is_expression(node) and all(map(task.words.kind, names(node))):
            yield ("maps", name), f"{name} stands for {text!r}, which is no expression of catalogue words; write one"


def _inputs_named(task: Task) -> Iterator[Problem]:
    for key, named in (("mutable", task.mutable), ("draws", task.draws), ("values", task.values)):
        for name in named:
            if name not in task.words.inputs:
                where = (key,) if key == "mutable" else (key, name)
                yield where, _said(name, task.words.inputs, "the task among its inputs")


def _axes(task: Task, op: Op) -> Iterator[Problem]:
    from ...cases import axes, starred

    options = _some_options(task, op)
    stars = starred(op, options)
    known = axes(op, options)
    for key, table in (("sizes", task.sizes), ("latent_sizes", task.latent_sizes)):
        for name in table:
            if name not in known:
                yield (key, name), _said(name, [n for n in known if n not in stars], "the task among its sizes")
            elif name in stars:
                yield (key, name), f"{name} stands for several axes; say how many in `axes`"
    for key, table in (("axes", task.axes), ("latent_axes", task.latent_axes)):
        for name in table:
            if name not in stars:
                yield (key, name), _said(name, stars, "the task among its starred sizes")


def _regimes(task: Task, op: Op) -> Iterator[Problem]:
    from ...cases import REGIMES, regimes

    offered = regimes(op, _some_options(task, op))
    for k, name in enumerate(task.regimes):
        if name in op.excluded:
            yield ("regimes", k), f"{name} makes no sense for {op.name}: {op.excluded[name]}; take it out"
        elif name not in REGIMES:
            yield ("regimes", k), _said(name, REGIMES, "the catalogue among its regimes")
        elif name not in offered:
            yield ("regimes", k), f"no input of {op.name} has {name}; take it out, or choose from {', '.join(offered)}"


# -- trying -------------------------------------------------------------------------------------------------------


def _some_options(task: Task, op: Op) -> dict[str, Any]:
    """One value of each option: the declared one, or the default."""
    chosen = {name: values[0] for name, values in {**task.accept, **task.options}.items() if name in op.options}
    return {**op.defaults(), **chosen}


def _tried(task: Task, op: Op) -> Iterator[Problem]:
    """Run the operation once for each combination of declared options, and of sizes one at a time."""
    for options in _combinations(task, op, task.options):
        problem = trial(op, options, _first(task.sizes), _first(task.axes))
        if problem:
            where = "network" if task.network else "options" if task.options else "operation"
            yield (where,), f"{_with(options, task)}{problem}"
            return
    for key, table in (("sizes", task.sizes), ("latent_sizes", task.latent_sizes)):
        for name, values in table.items():
            for size in values:
                problem = trial(op, _some_options(task, op), {**_first(task.sizes), name: size}, _first(task.axes))
                if problem:
                    yield (key, name), f"{name} = {size}: {problem}"
                    return
    sizes = _first({**task.sizes, **task.latent_sizes})
    for options in _combinations(task, op, {**task.options, **task.latent_options}):
        problem = trial(op, options, sizes, _first({**task.axes, **task.latent_axes}))
        if problem:
            where = next((k for k in ("latent_options", "latent_axes", "latent_sizes") if getattr(task, k)), "options")
            yield (where,), f"{_with(options, task)}{problem}"
            return


def _with(options: Mapping[str, Any], task: Task) -> str:
    shown = {n: v for n, v in options.items() if n in task.options or n in task.accept or n in task.latent_options}
    return f"with {', '.join(f'{n} = {v!r}' for n, v in shown.items())}: " if shown else ""


def _first(table: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    return {name: values[0] for name, values in table.items()}


def _combinations(task: Task, op: Op, options: Mapping[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    varied = {n: v for n, v in {**task.accept, **options}.items() if n in op.options}
    for values in itertools.islice(itertools.product(*varied.values()), TRIES):
        yield {**op.defaults(), **dict(zip(varied, values, strict=True))}


def trial(op: Op, options: Mapping[str, Any], sizes: Mapping[str, int], axes: Mapping[str, int]) -> str:
    """Why the operation refuses a small case with these settings, in one sentence; "" where it runs."""
    from ...cases import build

    every = _sizes(op, options, sizes, axes)
    try:
        build(_spec(op, options, every), op)
    except (ValueError, TypeError, IndexError, KeyError, ArithmeticError) as error:
        shapes = ", ".join(f"{n} = {s}" for n, s in every.items())
        return f"the operation refuses it ({' '.join(str(error).split())}; sizes {shapes}); change options or sizes"
    return ""


def _sizes(op: Op, options: Mapping[str, Any], sizes: Mapping[str, int], axes: Mapping[str, int]) -> dict[str, Any]:
    """Small sizes of every axis, the given ones among them."""
    from ...cases import example_sizes, starred

    every = example_sizes(op, options)
    for name in starred(op, options):
        every[name] = (2, 3, 4, 5)[: axes.get(name, 2)]
    every.update({name: size for name, size in sizes.items() if name in every})
    return every


def _spec(op: Op, options: Mapping[str, Any], sizes: Mapping[str, Any]) -> Spec:
    from ...cases import Spec

    return Spec(op.name, "float64", tuple(sizes.items()), tuple(options.items()), "ordinary", "contiguous", 1)


def without_cotangent(task: Task, op: Op) -> Iterator[Problem]:
    """Gradients of an output that is no single number need its cotangent; only a loss does without."""
    from ...cases import build

    used = {n for step in task.steps() for n in step.line.names_used}
    gradients = [j for j in task.judged() if any(task.words.kind(w) == "gradient" for w in j.words)]
    if not gradients or used & set(task.words.cotangents):
        return
    options = _some_options(task, op)
    case = build(_spec(op, options, _sizes(op, options, _first(task.sizes), _first(task.axes))), op)
    shapes = dict(case.parts) or {op.output: case.cotangents[0].shape}
    arrays = [name for name, shape in shapes.items() if shape and name not in op.buffers]
    if arrays:
        step = gradients[0].step
        needed = " or ".join(f"d{name}" for name in arrays)
        yield (
            (step.phase, step.index),
            f"gradients come back, but no line passes {needed}, and {arrays[0]} is no single number; pass {needed}",
        )
