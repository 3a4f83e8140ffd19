"""The causes in reports/found/who_is_wrong.toml and the known differences, by operation."""

from __future__ import annotations

import fnmatch
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .markdown import code, codes, fence, page, plain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "wrong": "another number than the function's",
    "fails": "an exception or a wrong shape",
    "float32": "numbers of float64 computed in float32",
    "digits": "digits lost to cancellation, underflow or one rounding too many",
    "convention": "chosen so, and documented",
}


@cache
def _causes() -> list[dict[str, Any]]:
    path = ROOT / "reports" / "found" / "who_is_wrong.toml"
    return list(tomllib.loads(path.read_text(encoding="utf-8"))["cause"])


def causes_of(operation: str) -> list[Mapping[str, Any]]:
    """The causes that name the operation, in the order of the file."""
    return [c for c in _causes() if any(fnmatch.fnmatchcase(operation, pattern) for pattern in c["operations"])]


def cause_section(cause: Mapping[str, Any]) -> str:
    """One cause: what it does, both numbers, and the program that shows it in the framework alone."""
    numbers = f"true {code(cause['true'])}, got {code(cause['actual'])}"
    shown = f"- shown at {code(cause['input'])} in {cause['dtype']}: {numbers}"
    report = f"<{cause['report']}>" if cause["report"].startswith("https://") else cause["report"]
    return page(
        [
            f"### In {cause['implementations'][0]}: {plain(cause['title'])}",
            f"- who: {codes(cause['implementations'])}, {cause['package']} {plain(cause['versions'])}\n"
            f"- kind: {cause['kind']}, that is, {KINDS[cause['kind']]}\n"
            f"{shown}\n- reported: {report}",
            fence(cause["reproducer"].strip(), "python"),
        ]
    )


@cache
def _differences() -> Any:
    from gradproof.frameworks.known import read

    return read()


def difference_lines(operation: str) -> str:
    """The known differences of an operation as a list; nothing where there is none."""
    lines = []
    for d in _differences():
        if d.operation != operation:
            continue
        options = "".join(f", {code(f'{name}={value}')}" for name, value in d.options.items())
        reached = ""
        if d.input is not None:
            sides = [
                f"below {d.below:g}" if d.below is not None else "",
                f"above {d.above:g}" if d.above is not None else "",
            ]
            reached = f", where an entry of {code(d.input)} is {' or '.join(side for side in sides if side)}"
        lines.append(
            f"- {code(d.implementation)} ({d.package} {plain(d.versions)}), {codes(d.quantities)}{options}{reached}: "
            f"{plain(d.reason)} [source]({d.link})"
        )
    return "\n".join(lines)
