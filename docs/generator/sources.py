"""A function's source with that of the helpers it calls: what a reader needs to see the formula whole."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Helper:
    """A function that others call: its source, and the file that holds it, relative to the checkout."""

    name: str
    file: str
    source: str


@cache
def source_of(function: Callable[..., Any]) -> str:
    """The function's source with its decorators and docstring."""
    return inspect.getsource(function).rstrip()


def helpers_of(functions: Iterable[Callable[..., Any]]) -> list[Helper]:
    """The private helpers that these functions reach, each once, callers before what they call.

    A helper stands in a module of the same package whose name begins with an underscore. Checks of arguments
    (`_checks`, `check_...`) are no part of a formula and are left out, and so is the frame of counterparts.
    """
    pending = list(functions)
    seen = {id(function) for function in pending}
    found = []
    while pending:
        function = pending.pop(0)
        for called in _called(function):
            if id(called) in seen:
                continue
            seen.add(id(called))
            if not _is_helper(function, called):
                continue
            pending.append(called)
            package, *inside = called.__module__.removeprefix("gradproof.").split(".")
            found.append(Helper(called.__qualname__, "/".join([package, *inside]) + ".py", source_of(called)))
    return found


def _is_helper(caller: Any, called: Any) -> bool:
    module = called.__module__.rpartition(".")[2]
    inside = called.__module__.split(".")[:2] == caller.__module__.split(".")[:2]
    private = module.startswith("_") or called.__module__ == caller.__module__
    return inside and private and module not in ("_checks", "_counterpart") and not called.__name__.startswith("check_")


def _called(function: Any) -> Iterator[Any]:
    """Functions of the same checkout that a function names, in the order of its code."""
    for name in _names(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, types.FunctionType) and value.__module__.startswith("gradproof."):
            yield value


def _names(block: types.CodeType) -> Iterator[str]:
    yield from block.co_names
    for constant in block.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def reused_operations(functions: Iterable[Callable[..., Any]]) -> list[str]:
    """Names of the other operations whose forward or backward these functions, or their helpers, call."""
    pending = list(functions)
    own = {function.__module__ for function in pending}
    names: dict[str, None] = {}
    seen: set[int] = set()
    while pending:
        function = pending.pop(0)
        for called in _called(function):
            module = called.__module__.rpartition(".")[2]
            if id(called) in seen or called.__module__ in own:
                continue
            seen.add(id(called))
            if module.startswith("_"):
                pending.append(called)
            elif called.__name__ in (f"{module}_forward", f"{module}_backward"):
                names[module] = None
    return list(names)
