"""Which layer of one model is which of the other: declared in a file, or inferred where only one answer is possible."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gradproof.naming import nearest

from ._opened import UNKNOWN, NoModel
from .sides import LayerOf

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

Pairs = list[tuple[LayerOf, LayerOf]]


class NotUnique(NoModel):
    """Several maps are possible, or none; the message says which parameters could go to which."""


def declared(path: Path, a: Sequence[LayerOf], b: Sequence[LayerOf]) -> Pairs:
    """The map of a TOML file: a table [layers] of A's names to B's. NoModel, in words, where it does not fit."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise NoModel(f"{path} is not TOML: {error}") from None
    if set(table) != {"layers"} or not isinstance(table["layers"], dict):
        raise NoModel(
            f'{path} has {", ".join(table) or "nothing"}; expected one table [layers] with lines "fc1" = "dense"'
        )
    found: Pairs = []
    for left, right in table["layers"].items():
        pair = _named(path, "A", left, a), _named(path, "B", str(right), b)
        if _shapes(pair[0]) != _shapes(pair[1]):
            raise NoModel(f"{path}: {_said(pair[0])} cannot go to {_said(pair[1])}")
        found.append(pair)
    for which, layers, taken in (("A", a, [p[0] for p in found]), ("B", b, [p[1] for p in found])):
        for layer in layers:
            if layer.roles and taken.count(layer) != 1:
                how = "is not in it" if layer not in taken else "is in it twice"
                raise NoModel(f"{path}: {_said(layer)} of {which} {how}")
    return found


def _named(path: Path, which: str, name: str, layers: Sequence[LayerOf]) -> LayerOf:
    for layer in layers:
        if name in (layer.own, layer.name) and layer.roles:
            return layer
    known = [layer.own for layer in layers if layer.roles]
    near = nearest(name, known) or known
    raise NoModel(f"{path}: {which} has no layer {name!r} with parameters; it has {', '.join(near)}")


def inferred(a: Sequence[LayerOf], b: Sequence[LayerOf], ordered: bool) -> Pairs:
    """The only possible map. ordered: whether both models are sequences, so that place tells layers of a kind apart.

    Layers must be of one kind and shape. Where several are and place does not tell, their names must. NotUnique else.
    """
    left, right = [layer for layer in a if layer.roles], [layer for layer in b if layer.roles]
    if ordered and [_shapes(x) for x in left] == [_shapes(x) for x in right]:
        return list(zip(left, right, strict=True))
    found: Pairs = []
    problems: list[str] = []
    for shapes in dict.fromkeys(map(_shapes, [*left, *right])):
        ours, theirs = ([x for x in side if _shapes(x) == shapes] for side in (left, right))
        if len(ours) == len(theirs) == 1:
            found.append((ours[0], theirs[0]))
        elif by_name := _by_name(ours, theirs):
            found += by_name
        else:
            problems.append(_problem(ours, theirs))
    if problems:
        raise NotUnique(
            f"which parameters go where is not plain: {'; '.join(problems)}. "
            'Say it in a file, lines "fc1" = "dense" under [layers], A\'s layers left, and give --map FILE'
        )
    return found


def _by_name(ours: Sequence[LayerOf], theirs: Sequence[LayerOf]) -> Pairs:
    """Layers of one shape that have the same names on both sides."""
    names = [[layer.own.replace("/", ".").rpartition(".")[2] for layer in side] for side in (ours, theirs)]
    if len(set(names[0])) < len(names[0]) or sorted(names[0]) != sorted(names[1]):
        return []
    return [(layer, theirs[names[1].index(name)]) for layer, name in zip(ours, names[0], strict=True)]


def _problem(ours: Sequence[LayerOf], theirs: Sequence[LayerOf]) -> str:
    if not theirs:
        return f"A's {_list(ours)} fits nothing in B"
    if not ours:
        return f"B's {_list(theirs)} is fitted by nothing in A"
    return f"A's {_list(ours)} could go to B's {_list(theirs)}"


def _list(layers: Sequence[LayerOf]) -> str:
    *first, last = (layer.own for layer in layers)
    return (f"{', '.join(first)} or {last}" if first else last) + f" ({_described(layers[0])})"


def _said(layer: LayerOf) -> str:
    return f"{layer.own} ({_described(layer)})"


def _described(layer: LayerOf) -> str:
    return f"{layer.kind}, " + ", ".join(f"{role} {shape}" for role, shape in layer.roles.items())


def _shapes(layer: LayerOf) -> tuple[str, tuple[tuple[str, tuple[int, ...]], ...]]:
    """What two layers must have in common: kind and shapes, and the parameters' names where they are ours."""
    if layer.kind == UNKNOWN:
        return layer.kind, tuple(("", shape) for shape in layer.roles.values())
    return layer.kind, tuple(sorted(layer.roles.items()))


def transferred(pairs: Pairs, parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A's parameters under B's names."""
    return {theirs: parameters[ours] for theirs, ours in parameter_names(pairs).items()}


def parameter_names(pairs: Pairs) -> dict[str, str]:
    """A's name of each of B's parameters; by place in layers that are not ours."""
    found = {}
    for a, b in pairs:
        for ours, theirs in zip(a.roles, b.roles if b.kind == UNKNOWN else a.roles, strict=True):
            found[f"{b.name}.{theirs}"] = f"{a.name}.{ours}"
    return found


def renamed(pairs: Pairs) -> dict[str, str]:
    """A's name of each of B's layers that has one."""
    return {b.name: a.name for a, b in pairs}
