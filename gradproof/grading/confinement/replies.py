"""What a sandbox answers, believed in nothing: every part checked, or the verdict is "bad-reply"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .capture import printable
from .exchanged import Claim, Program, Started, Tagged, Value

LONGEST_MESSAGE = 2000
LONGEST_NAME = 200
MOST_NAMES = 1000
MOST_NOTES = 50
CLAIMABLE_OF_RUN = ("ok", "raised", "exited", "memory", "missing-function", "wrong-return")
CLAIMABLE_OF_IMPORT = ("ok", "import-failed", "exited", "memory")


class BadReply(ValueError):
    """An answer that no honest sandbox gives; the text says what is wrong with it."""


def check_program(program: Program) -> None:
    """ValueError where a program names an array that it does not bring, or returns what no step keeps."""
    kept: set[str] = set()
    for number, step in enumerate(program.steps):
        if step.get("do") not in ("call", "value", "set"):
            raise ValueError(f"step {number} has 'do': {step.get('do')!r}; known: call, value, set")
        absent = _arrays_in(step) - set(program.arrays)
        if absent:
            raise ValueError(f"step {number} names {', '.join(sorted(absent))}, which is not among the arrays")
        kept |= _names_in(step.get("to", {}))
    if lost := set(program.returns) - kept:
        raise ValueError(f"the program returns {', '.join(sorted(lost))}, which no step keeps")


def started(header: Mapping[str, Any], files: Mapping[str, str], seconds: float, output: str) -> Started:
    """How the import went, as the sandbox tells; BadReply."""
    names = header.get("names")
    notes = header.get("notes")
    if not isinstance(names, dict) or len(names) > MOST_NAMES or not isinstance(notes, list):
        raise BadReply("its list of names or notes is none")
    return Started(
        verdict=_verdict(header, CLAIMABLE_OF_IMPORT),
        message=_text(header.get("message"), LONGEST_MESSAGE),
        names={_text(name, LONGEST_NAME): _text(signature, LONGEST_NAME) for name, signature in names.items()},
        notes=tuple(_text(note, LONGEST_MESSAGE) for note in notes[:MOST_NOTES]),
        where=_where(header.get("where"), files),
        seconds=seconds,
        stdout=output,
    )


def outcome_parts(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], program: Program, files: Mapping[str, str]
) -> dict[str, Any]:
    """verdict, message, where, values, claims and inputs of an Outcome; BadReply."""
    verdict = _verdict(header, CLAIMABLE_OF_RUN)
    values: dict[str, Value] = {}
    claims: dict[str, Claim] = {}
    if verdict == "ok":
        described = header.get("values")
        if not isinstance(described, dict) or set(described) != set(program.returns):
            raise BadReply("it does not hold exactly the values that were asked for")
        for name in program.returns:
            values[name], claim = _value(name, described[name], arrays)
            if claim is not None:
                claims[name] = claim
    return {
        "verdict": verdict,
        "message": _text(header.get("message"), LONGEST_MESSAGE),
        "where": _where(header.get("where"), files),
        "values": values,
        "claims": claims,
        "inputs": _inputs(header.get("unchanged"), arrays, program),
    }


def _inputs(unchanged: Any, arrays: Mapping[str, np.ndarray], program: Program) -> dict[str, np.ndarray]:
    """The inputs as they were left: those that came back, and the judge's own where nothing was changed."""
    if not isinstance(unchanged, list) or not all(isinstance(name, str) for name in unchanged):
        raise BadReply("it does not say which inputs are as they were")
    found = {name: program.arrays[name] for name in unchanged if name in program.arrays}
    found.update({name: arrays[f"input:{name}"] for name in program.arrays if f"input:{name}" in arrays})
    return found


def _value(name: str, described: Any, arrays: Mapping[str, np.ndarray]) -> tuple[Value, Claim | None]:
    if not isinstance(described, dict):
        raise BadReply(f"its value {name!r} is not described")
    if described.get("kind") != "array":
        return Tagged(_text(described.get("kind"), LONGEST_NAME), _text(described.get("text"), LONGEST_NAME)), None
    shares = described.get("shares")
    if f"value:{name}" not in arrays or not isinstance(shares, list) or len(shares) > MOST_NAMES:
        raise BadReply(f"its value {name!r} says that it is an array and is none")
    return arrays[f"value:{name}"], Claim(
        python_scalar=described.get("scalar") is True,
        subclass=_text(described.get("subclass"), LONGEST_NAME),
        shares=tuple(_text(each, LONGEST_NAME) for each in shares),
    )


def _verdict(header: Mapping[str, Any], claimable: tuple[str, ...]) -> str:
    verdict = header.get("verdict")
    if not isinstance(verdict, str) or verdict not in claimable:
        raise BadReply(f"its verdict is {printable(str(verdict)[:80])!r}")
    return verdict


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise BadReply(f"it has a {type(value).__name__} where a text belongs")
    return printable(value[:longest])


def _where(value: Any, files: Mapping[str, str]) -> tuple[str, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or type(value[1]) is not int or not 0 <= value[1] < 1 << 31:
        raise BadReply("its place in the submission is none")
    if not isinstance(value[0], str) or value[0] not in files:
        raise BadReply("its place in the submission is in no file of it")
    return value[0], value[1]


def _arrays_in(ref: Any) -> set[str]:
    if isinstance(ref, (list, tuple)):
        return set().union(*map(_arrays_in, ref))
    if not isinstance(ref, Mapping) or "literal" in ref:
        return set()
    if isinstance(ref.get("array"), str):
        return {ref["array"]}
    return set().union(*map(_arrays_in, ref.values()))


def _names_in(target: Any) -> set[str]:
    if isinstance(target.get("name"), str):
        return {target["name"]}
    parts = target.get("tuple") or list(target.get("dict", {}).values())
    return set().union(*map(_names_in, parts))
