"""The catalogue of mistakes of an operation: the written ones and the derived ones, in one form.

Both can be run as a `Pair` under an operation's options, and both say in words what was done.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..convention import Call, as_pair, as_step
from ..layout import copied
from ..pair import Pair
from . import written
from .derived import Mutant, mutants
from .written._records import EXPLANATIONS, Unusual, Wrong

if TYPE_CHECKING:
    from reference._op import Op


def written_names() -> list[str]:
    """Operations of which mistakes were written down, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(written.__path__) if not m.name.startswith("_"))


def written_module(operation: str) -> ModuleType:
    """The file of an operation's written mistakes."""
    return importlib.import_module(f"{written.__name__}.{operation}")


@dataclass(frozen=True)
class Written:
    """A mistake as somebody wrote it: `Wrong`, as a candidate of a diagnosis."""

    op: Op = field(repr=False)
    wrong: Wrong

    origin = "written"
    function = "both"
    place = before = after = ""
    line = 0

    @property
    def id(self) -> str:
        return f"{self.op.name}/{self.wrong.name}"

    @property
    def kind(self) -> str:
        return self.wrong.kind

    @property
    def sentence(self) -> str:
        return self.wrong.sentence

    @property
    def explanation(self) -> str:
        return EXPLANATIONS[self.wrong.kind]

    def applies(self, options: Mapping[str, Any]) -> bool:
        """Is the mistake one that is made under these options?

        Those that it holds, or others that its functions take too and under which they are wrong in the same things.
        """
        others = {n for n, v in self.fixed.items() if options.get(n) != v}
        return not others or (others <= _taken(self.op, self.wrong.forward) and _is_made(self, options))

    @property
    def fixed(self) -> dict[str, Any]:
        """Options that the mistake holds: those that its forward does not take, at their defaults, and its own."""
        taken = _taken(self.op, self.wrong.forward)
        return {**{n: v for n, v in self.op.defaults().items() if n not in taken}, **self.wrong.options}

    def functions(self) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
        """The wrong forward and backward as they were written."""
        return self.wrong.forward, self.wrong.backward

    def pair(self, options: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Pair:
        """The wrong pair under these options; arrays: inputs by name, by which its calling convention is found out."""
        return pair_of(self.op, self.wrong.forward, self.wrong.backward, options, arrays)[0]


_made: dict[tuple[str, str], bool] = {}


def _is_made(mistake: Written, options: Mapping[str, Any]) -> bool:
    """Does a written mistake change, under these options, some of the quantities that it is known to, and no others?"""
    key = mistake.id, repr(sorted(options.items()))
    if key not in _made:
        _made[key] = _changed(mistake, options)
    return _made[key]


def _changed(mistake: Written, options: Mapping[str, Any]) -> bool:
    from ..pair import of_operation
    from .fitting import digits, results, run, same
    from .probing import probes

    op, wrong = mistake.op, mistake.wrong
    changed: set[str] = set()
    for point in probes(op, options):
        right, found = run(op, of_operation(op, options), point), results(op, mistake, options, point)
        if not found:
            return False
        changed |= {q for q, x in right.items() if q not in found or not same(found[q], x, digits(x))}
    return bool(changed) and changed <= {*wrong.fails.split(), *wrong.besides.split()}


def _taken(op: Op, forward: Callable[..., Any]) -> set[str]:
    import inspect

    parameters = inspect.signature(forward).parameters
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    return {n for n in op.options if anything or n in parameters}


def pair_of(
    op: Op,
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    options: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
) -> tuple[Pair, Call]:
    """Anybody's forward and backward as a pair of the operation: whatever their convention, given what they take."""
    taken = _taken(op, forward)
    given = {n: v for n, v in options.items() if n in taken}
    with np.errstate(all="ignore"):
        example = forward(*(copied(x) for x in arrays.values()), **given)
    if op.backward is None:
        return as_step(op.name, forward, arrays, given, op.outputs or (op.output,), example)
    wanted = op.differentiable(options)
    pair, call = as_pair(op.name, forward, backward, arrays, wanted, {}, given, example, len(op.buffers), op.output)
    return (replace(pair, outputs=op.outputs) if len(pair.outputs) == len(op.outputs) else pair), call


Mistake = Mutant | Written


@cache
def _written(name: str) -> tuple[Wrong, ...]:
    return tuple(written_module(name).WRONG) if name in written_names() else ()


def written_of(op: Op) -> list[Written]:
    """The mistakes that were written down for an operation."""
    return [Written(op, wrong) for wrong in _written(op.name)]


def unusual_of(op: Op) -> list[Unusual]:
    """Right pairs of an operation, written in other ways than the reference's: what must not be called a mistake."""
    return list(written_module(op.name).UNUSUAL) if op.name in written_names() else []


def mistakes(op: Op) -> list[Mistake]:
    """Every mistake of an operation: the written ones, then the derived ones."""
    return [*written_of(op), *mutants(op)]
