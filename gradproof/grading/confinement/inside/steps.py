"""The steps of a program: calls of the submission's functions, and where their results go.

Steps are JSON objects::

    {"do": "call", "function": "affine_forward", "args": [REF, ...], "kwargs": {"axis": REF}, "to": TARGET}
    {"do": "call", "on": REF, "method": "forward", "args": [REF, ...], "kwargs": {}, "to": TARGET}
    {"do": "value", "of": REF, "to": TARGET}
    {"do": "set", "on": REF, "attribute": "W", "value": REF}      or "item": "W1" in place of "attribute"

A REF is {"array": "x"}, {"name": "cache"}, {"literal": JSON}, {"scalar": 0.5, "dtype": "float64"} for a NumPy
scalar, {"dict": {"k": REF}}, {"list": [REF]}, {"tuple": [REF]},
{"attribute": "dW", "of": REF} or {"item": "W1", "of": REF}. A {"name": ...} that no step has kept is the submission's.
A TARGET is {"name": "cache"}, {"ignore": true}, {"tuple": [TARGET]} or {"dict": {"k": TARGET}}.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np


class MissingFunction(Exception):
    """The submission has no such function, class or method; the text says which it has."""


class WrongReturn(Exception):
    """A result cannot be taken apart as the program says; the text says what came and what was expected."""


class Execution:
    """One program being executed: its arrays, and what its steps have kept."""

    def __init__(self, namespace: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self.namespace = namespace
        self.arrays = arrays
        self.kept: dict[str, Any] = {}

    def step(self, step: Mapping[str, Any]) -> None:
        """Execute one step. MissingFunction, WrongReturn, or whatever the submission raises."""
        if step["do"] == "set":
            owner, value = self.refer(step["on"]), self.refer(step["value"])
            if "attribute" in step:
                setattr(owner, step["attribute"], value)
            else:
                owner[step["item"]] = value
            return
        if step["do"] == "value":
            result, what = self.refer(step["of"]), _describe_ref(step["of"])
        else:
            function, what = self._function(step)
            arguments = [self.refer(each) for each in step.get("args", ())]
            keywords = {key: self.refer(each) for key, each in step.get("kwargs", {}).items()}
            result = function(*arguments, **keywords)
        self._keep(step.get("to", {"ignore": True}), result, what)

    def refer(self, ref: Mapping[str, Any]) -> Any:
        """The object that a REF means."""
        (kind,) = set(ref) - {"of", "dtype"}
        value = ref[kind]
        if kind == "array":
            return self.arrays[value]
        if kind == "name":
            return self.kept[value] if value in self.kept else self._submitted(value)
        if kind == "literal":
            return value
        if kind == "scalar":
            return np.dtype(ref["dtype"]).type(value)
        if kind == "dict":
            return {key: self.refer(each) for key, each in value.items()}
        if kind == "list":
            return [self.refer(each) for each in value]
        if kind == "tuple":
            return tuple(self.refer(each) for each in value)
        return self._part(kind, value, ref["of"])

    def _part(self, kind: str, part: Any, of: Mapping[str, Any]) -> Any:
        owner = self.refer(of)
        try:
            return getattr(owner, part) if kind == "attribute" else _item(owner, part)
        except (AttributeError, LookupError, TypeError) as error:
            what = f"attribute {part!r}" if kind == "attribute" else f"item {part!r}"
            raise WrongReturn(f"{_describe_ref(of)} ({_kind(owner)}) has no {what}{_has(owner, kind)}") from error

    def _function(self, step: Mapping[str, Any]) -> tuple[Any, str]:
        if "function" in step:
            return self._submitted(step["function"]), f"{step['function']}()"
        owner, method = self.refer(step["on"]), step["method"]
        missing = object()
        found = getattr(owner, method, missing)
        if found is missing or not callable(found):
            known = [name for name in dir(owner) if not name.startswith("_") and callable(getattr(owner, name, None))]
            raise MissingFunction(f"{_kind(owner)} has no method {method!r}{_near(method, known)}")
        return found, f"{method}()"

    def _submitted(self, name: str) -> Any:
        first, *rest = name.split(".")
        if first not in self.namespace:
            known = [key for key, value in self.namespace.items() if callable(value)]
            raise MissingFunction(f"the submission defines no {name!r}{_near(first, known)}")
        found = self.namespace[first]
        for part in rest:
            if not hasattr(found, part):
                raise MissingFunction(f"{first} has no {part!r}{_near(part, dir(found))}")
            found = getattr(found, part)
        if not callable(found):
            raise MissingFunction(f"{name!r} is a {_kind(found)}, not a function or class")
        return found

    def _keep(self, target: Mapping[str, Any], value: Any, what: str) -> None:
        if "name" in target:
            self.kept[target["name"]] = value
        elif "tuple" in target:
            self._keep_each(target["tuple"], value, what)
        elif "dict" in target:
            if not isinstance(value, Mapping):
                raise WrongReturn(
                    f"{what} gave {_kind(value)}; a dictionary with {_listed(target['dict'])} was expected"
                )
            for key, each in target["dict"].items():
                if key not in value:
                    raise WrongReturn(f"{what} gave a dictionary without {key!r}; it has {_listed(value) or 'no keys'}")
                self._keep(each, value[key], f"{what}[{key!r}]")

    def _keep_each(self, targets: list[Mapping[str, Any]], value: Any, what: str) -> None:
        if not isinstance(value, (tuple, list)):
            raise WrongReturn(f"{what} gave {_kind(value)}; {len(targets)} values were expected")
        if len(value) != len(targets):
            came = ", ".join(_kind(each) for each in value[:8])
            raise WrongReturn(f"{what} gave {len(value)} values ({came}); {len(targets)} were expected")
        for position, (target, each) in enumerate(zip(targets, value, strict=True)):
            self._keep(target, each, f"{what}[{position}]")


def _item(owner: Any, key: Any) -> Any:
    # JSON has text keys only: layer 1 of a network may be kept under 1 or under "1".
    if isinstance(owner, Mapping) and key not in owner and isinstance(key, str) and key.isdigit():
        return owner[int(key)]
    return owner[key]


def _describe_ref(ref: Mapping[str, Any]) -> str:
    if "attribute" in ref:
        return f"{_describe_ref(ref['of'])}.{ref['attribute']}"
    if "item" in ref:
        return f"{_describe_ref(ref['of'])}[{ref['item']!r}]"
    return str(ref.get("name") or ref.get("array") or "a value of the judge's")


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, (tuple, list)) else type(value).__name__


def _near(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    listed = close or sorted(known)[:8]
    return f"; it has {', '.join(listed)}" if listed else ""


def _has(owner: Any, kind: str) -> str:
    if kind == "attribute":
        names = [name for name in getattr(owner, "__dict__", {}) if not name.startswith("_")]
    else:
        names = [repr(key) for key in owner] if isinstance(owner, Mapping) else []
    return f"; it has {', '.join(names[:12])}" if names else ""


def _listed(keys: Any) -> str:
    return ", ".join(repr(key) for key in list(keys)[:12])
