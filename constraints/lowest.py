"""The lower bounds of pyproject.toml as exact pins: what the cell py310-lowest installs.

    python constraints/lowest.py pyproject.toml --extra pytorch --extra jax --output lowest.txt

Only requirements that hold in the Python which runs this are written. A requirement without a lower bound is an error:
nobody could say with which version it was tried.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def pinned(requirement: Requirement) -> str:
    """The requirement at its lower bound ("numpy==2.0"). ValueError where it has none, or more than one."""
    bounds = [each.version for each in requirement.specifier if each.operator in (">=", "==", "~=")]
    if len(bounds) != 1:
        count = len(bounds) or "no"
        raise ValueError(f"{requirement} has {count} lower bounds: write one, as in {requirement.name}>=1.0")
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}=={bounds[0]}"


def lowest(project: dict[str, Any], extras: Iterable[str]) -> list[str]:
    """The pins of a `project` table: its dependencies and these extras, as far as they hold in this Python."""
    optional = project.get("optional-dependencies", {})
    wanted = list(project.get("dependencies", []))
    for extra in extras:
        if extra not in optional:
            raise ValueError(f"there is no extra {extra!r}; known are {', '.join(sorted(optional)) or 'none'}")
        wanted += optional[extra]
    requirements = map(Requirement, wanted)
    return [pinned(each) for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pins. Exit code 4 and one sentence for a bound that is missing."""
    parser = argparse.ArgumentParser(description="Turn the lower bounds of a pyproject.toml into exact pins.")
    parser.add_argument("project", type=Path, metavar="PYPROJECT.TOML")
    parser.add_argument("--extra", action="append", default=[], metavar="NAME", help="with this extra; may be repeated")
    parser.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")
    args = parser.parse_args(arguments)
    try:
        pins = lowest(tomllib.loads(args.project.read_text(encoding="utf-8")).get("project", {}), args.extra)
    except (OSError, ValueError, InvalidRequirement) as error:
        print(f"{args.project}: {error}", file=sys.stderr)
        return 4
    text = "".join(f"{pin}\n" for pin in pins)
    if args.output is None:
        sys.stdout.write(text)
    else:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
