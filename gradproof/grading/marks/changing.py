"""The changes of a submission's functions that are tried, in tiers: each edit alone, and at all places alike."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .edits import TIERS, Edit, Function, edits, tier

if TYPE_CHECKING:
    from ..assignments.assignment import Task

MOST_TRIED = 4000
LONGEST = 800_000  # characters of all variants, of the million that a program's header may have


@dataclass(frozen=True)
class Variant:
    """Changes made together: one, or the same one wherever it can be made. edit: the first, in whose words it is."""

    edit: Edit
    changes: tuple[tuple[int, int, int, str], ...]  # function, start, end, text
    places: tuple[tuple[str, int], ...]  # file and line of each


def reached(task: Task, every: Sequence[Function], phases: Sequence[str]) -> list[Function]:
    """The functions that a task's lines reach: those of the backward first, where it is asked for."""
    by_name: dict[str, list[Function]] = {}
    for each in every:
        known = by_name.setdefault(each.name, [])
        known[:] = [f for f in known if f.method != each.method] + [each]  # of two definitions the later one holds
    found: dict[int, Function] = {}
    for phase in ("backward", "forward", "setup"):
        if phase not in phases:
            continue
        lines = [step.line for step in task.steps() if step.phase == phase]
        left = [n for line in lines for n in (*line.called, *(m for _, m in line.methods))]
        while left:
            name = left.pop(0)
            for each in by_name.get(name, ()):
                if id(each) not in found:
                    found[id(each)] = each
                    left += [n for n in _names(each) if n in by_name]
    return sorted(found.values(), key=lambda f: len(f.text))  # short ones cost little


def _names(function: Function) -> Iterable[str]:
    for node in ast.walk(function.node):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def tiers_of(chosen: Sequence[Function], which: Collection[int], first: bool = True) -> list[list[Variant]]:
    """Tier by tier: first the submission as it is; every edit, and every edit made wherever it can be made.

    which: the places of the functions that are changed. first: whether the submission as it is belongs to them.
    """
    single: list[tuple[int, Edit]] = [(k, e) for k, f in enumerate(chosen) if k in which for e in edits(f)]
    alike: dict[str, list[tuple[int, Edit]]] = {}
    for k, edit in single:
        if edit.same:
            alike.setdefault(edit.same, []).append((k, edit))
    every = [_together([each], chosen) for each in single]
    every += [_together(each, chosen) for each in _in_one_statement(alike.values(), chosen)]
    every += [_together(each, chosen) for each in alike.values() if len(each) > 1]
    tiers = [_short_enough(each) for each in _in_tiers(every)]
    if first:
        tiers[0].insert(0, Variant(Edit("", "", 0, ()), (), ()))
    return [each for each in tiers if each]


def _in_tiers(every: Sequence[Variant]) -> list[list[Variant]]:
    found: list[list[Variant]] = [[] for _ in TIERS]
    for v in every:
        found[tier(v.edit)].append(v)
    return [_mixed(each) for each in found]


def _in_one_statement(
    alike: Iterable[Sequence[tuple[int, Edit]]], chosen: Sequence[Function]
) -> list[list[tuple[int, Edit]]]:
    """Of each group those that stand in one and the same line, where that is not all of it."""
    found = []
    for group in alike:
        by_line: dict[tuple[int, int], list[tuple[int, Edit]]] = {}
        for k, edit in group:
            by_line.setdefault((k, edit.at), []).append((k, edit))
        found += [each for each in by_line.values() if 1 < len(each) < len(group)]
    return found


def _mixed(found: list[Variant]) -> list[Variant]:
    """The first of each kind, then the second of each: where time is short, some of every kind are tried."""
    seen: dict[str, int] = {}
    turns = []
    for variant in found:
        turns.append(seen.get(variant.edit.kind, 0))
        seen[variant.edit.kind] = turns[-1] + 1
    return [v for _, v in sorted(zip(turns, found, strict=True), key=lambda each: each[0])]


def _short_enough(found: list[Variant]) -> list[Variant]:
    long = np.cumsum([sum(len(text) + 30 for *_, text in v.changes) for v in found])
    return found[: min(MOST_TRIED, int(np.searchsorted(long, LONGEST)))]


def _together(each: Sequence[tuple[int, Edit]], chosen: Sequence[Function]) -> Variant:
    changes = tuple((k, *change) for k, edit in each for change in edit.changes)
    return Variant(each[0][1], changes, tuple((chosen[k].file, edit.at) for k, edit in each))
