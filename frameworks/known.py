"""Reads known_differences.toml: where a framework computes another function on purpose, and when that applies."""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

PATH = Path(__file__).with_name("known_differences.toml")
COMPARE = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
CLAUSE = re.compile(r"(>=|<=|==|!=|>|<)\s*(\d+(?:\.\d+)*)")
TEXTS = ("id", "implementation", "package", "versions", "operation", "case", "reason", "link")
REQUIRED = (*TEXTS, "quantities")
OPTIONAL = ("options", "input", "below", "above", "finding")
EVERY = "*"


@dataclass(frozen=True)
class Difference:
    """One entry of the file; the fields are its keys. `below` and `above` bound an entry of `input`, strictly.

    case: the id of a case on which the difference is seen. finding: the only reason of a finding that it explains, as
    in "wrong-dtype"; any by default. operation "*" and quantities ["*"] are all of them.
    """

    id: str
    implementation: str
    package: str
    versions: str
    operation: str
    quantities: tuple[str, ...]
    case: str
    reason: str
    link: str
    options: Mapping[str, Any] = field(default_factory=dict)
    input: str | None = None
    below: float | None = None
    above: float | None = None
    finding: str | None = None

    def applies(
        self,
        implementation: str,
        versions: Mapping[str, str],
        op: str,
        quantity: str,
        inputs: Mapping[str, np.ndarray],
        options: Mapping[str, Any],
        finding: str = "",
    ) -> bool:
        """Whether the difference is to be expected there; a label behind an implementation's name does not matter."""
        return (
            re.fullmatch(rf"{re.escape(self.implementation)}([-_0-9].*)?", implementation) is not None
            and self.operation in (op, EVERY)
            and (quantity in self.quantities or EVERY in self.quantities)
            and self.finding in (None, finding)
            and self.package in versions
            and in_range(versions[self.package], self.versions)
            and all(name in options and options[name] == value for name, value in self.options.items())
            and self._reached(inputs)
        )

    def _reached(self, inputs: Mapping[str, np.ndarray]) -> bool:
        if self.input is None:
            return True
        if self.input not in inputs:
            return False
        # float64, or a bound would be rounded to a float32 entry's neighbour and compare equal.
        entries = np.asarray(inputs[self.input], dtype=np.float64)
        low = self.below is not None and bool((entries < self.below).any())
        return low or (self.above is not None and bool((entries > self.above).any()))


def matching(
    entries: Sequence[Difference],
    implementation: str,
    versions: Mapping[str, str],
    op: str,
    quantity: str,
    inputs: Mapping[str, np.ndarray],
    options: Mapping[str, Any],
    finding: str = "",
) -> Difference | None:
    """The first entry that applies to a quantity ("y", "dp") of a case, or None.

    versions: of the implementation's packages, as its worker says, e.g. {"torch": "2.13.0+cpu"}.
    finding: the reason of the finding that is to be explained, e.g. "wrong-dtype".
    """
    fitting = (e for e in entries if e.applies(implementation, versions, op, quantity, inputs, options, finding))
    return next(fitting, None)


def read(path: Path = PATH) -> tuple[Difference, ...]:
    """Every entry of the file, in its order. ValueError, naming entry and field, where it is malformed."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.name} is not TOML: {error}") from None
    if set(content) - {"difference"} or not isinstance(content.get("difference", []), list):
        raise ValueError(f"{path.name} holds [[difference]] entries and nothing else; it has {', '.join(content)}")
    entries = []
    for number, table in enumerate(content.get("difference", []), start=1):
        entries.append(_entry(f"{path.name}, difference {number}", table))
        if entries[-1].id in [earlier.id for earlier in entries[:-1]]:
            raise ValueError(f"{path.name}, difference {number}: id {entries[-1].id!r} is taken by an earlier entry")
    return tuple(entries)


def in_range(version: str, wanted: str) -> bool:
    """Whether a version such as "2.13.0+cpu" lies in a range such as ">=2.0,<3"; only its numbers count.

    ValueError where the range is none.
    """
    found = _numbers(version)
    clauses = [CLAUSE.fullmatch(clause.strip()) for clause in wanted.split(",")]
    if None in clauses:
        raise ValueError(f"{wanted!r} is not a range of versions such as '>=3.14,<4'")
    return all(COMPARE[clause[1]](found, _numbers(clause[2])) for clause in clauses if clause)


def _numbers(version: str) -> tuple[int, ...]:
    release = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in release[0].split(".")] if release else [0]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _entry(where: str, table: Any) -> Difference:
    if not isinstance(table, dict):
        raise ValueError(f"{where} is not a table")
    if isinstance(table.get("id"), str) and table["id"]:
        where = f"{where} ({table['id']})"
    for name in REQUIRED:
        if name not in table:
            raise ValueError(f"{where}: {name} is missing")
    for name in table:
        if name not in (*REQUIRED, *OPTIONAL):
            raise ValueError(f"{where}: {name} is not a known field; known are {', '.join((*REQUIRED, *OPTIONAL))}")
    for name in TEXTS:
        _require(isinstance(table[name], str) and bool(table[name]), where, name, "a text that is not empty")
    quantities = table["quantities"]
    texts = isinstance(quantities, list) and bool(quantities) and all(isinstance(q, str) for q in quantities)
    _require(texts, where, "quantities", 'a list of names such as ["y", "dx"]')
    _require(isinstance(table.get("options", {}), dict), where, "options", "a table of option values")
    _require(table["link"].startswith("https://"), where, "link", "an https address")
    _require(isinstance(table.get("finding", "-"), str), where, "finding", "the reason of a finding")
    _check_condition(where, table)
    try:
        in_range("0", table["versions"])
    except ValueError as error:
        raise ValueError(f"{where}: versions: {error}") from None
    return Difference(**{**table, "quantities": tuple(quantities)})


def _check_condition(where: str, table: Mapping[str, Any]) -> None:
    for name in ("below", "above"):
        number = type(table.get(name, 0.0)) in (int, float)
        _require(number, where, name, "a number")
        _require(name not in table or "input" in table, where, name, "given together with input")
    _require(isinstance(table.get("input", ""), str), where, "input", "the name of an input")
    bounded = "input" not in table or "below" in table or "above" in table
    _require(bounded, where, "input", "given together with below or above")


def _require(fits: bool, where: str, name: str, expected: str) -> None:
    if not fits:
        raise ValueError(f"{where}: {name} must be {expected}")
