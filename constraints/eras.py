"""Write the constraints of each era from what tox really installed and what ran there.

    tox run -m matrix
    python constraints/eras.py .tox

An era is a minor version of NumPy, since everything compiled hangs on it, and `lowest` is one of its own. The cells of
an era share one file. What tox.ini pins by a factor, or pyproject.toml by a lower bound, is left out: it stands there.
Where two Pythons of an era got different versions, the line says for which Python it is meant.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lowest import lowest, tomllib
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TOOLS = {"pip", "uv"}


def era(environment: str) -> str:
    """The era of a cell: its NumPy factor, or "lowest"; "" for an environment that is no cell."""
    factors = environment.split("-")
    if not re.fullmatch(r"py\d+", factors[0]):
        return ""
    return next((each for each in factors if each == "lowest" or re.fullmatch(r"np\d+", each)), "")


def python_of(environment: str) -> str:
    """ "3.11" for py311-np24."""
    digits = environment.split("-")[0].removeprefix("py")
    return f"{digits[0]}.{digits[1:]}"


def constraints(installed: Mapping[str, Mapping[str, str]], pinned_elsewhere: Iterable[str]) -> list[str]:
    """The lines of one era. installed: cell to (distribution to version), all of one era.

    ValueError where two cells of one Python got different versions: no constraint could say both.
    """
    left_out = {canonicalize_name(each) for each in pinned_elsewhere} | TOOLS
    found: dict[str, dict[str, str]] = {}
    for cell, versions in installed.items():
        python = python_of(cell)
        for name, version in versions.items():
            name, version = canonicalize_name(name), version.partition("+")[0]
            if name in left_out:
                continue
            earlier = found.setdefault(name, {}).setdefault(python, version)
            if earlier != version:
                raise ValueError(f"{cell} has {name} {version}, another cell of Python {python} has {earlier}")
    return [line for name in sorted(found) for line in _lines(name, found[name])]


def _lines(name: str, versions: Mapping[str, str]) -> list[str]:
    if len(set(versions.values())) == 1:
        return [f"{name}=={next(iter(versions.values()))}"]
    by_age = sorted(versions.items(), key=lambda each: [int(part) for part in each[0].split(".")])
    return [f'{name}=={version}; python_version == "{python}"' for python, version in by_age]


def header(name: str, cells: Sequence[str]) -> list[str]:
    """Comment lines that say what the file is for, and whose installs it comes from."""
    what = (
        "Beside the lower bounds of pyproject.toml"
        if name == "lowest"
        else f"Beside the versions that tox.ini pins, with NumPy {name[2]}.{name[3:]}"
    )
    return [
        f"# {what}, on Linux x86-64. Written by eras.py from what these cells installed:",
        *(f"# {cell}" for cell in sorted(cells)),
    ]


def pinned_by_tox(text: str) -> set[str]:
    """The distributions that the factors of a tox.ini pin: its lines `factor: name==version`."""
    return set(re.findall(r"^[ \t]+[\w,.!]+:[ \t]*([A-Za-z0-9_.-]+)==\S+[ \t]*$", text, flags=re.MULTILINE))


def installed_in(environment: Path) -> dict[str, str]:
    """Distribution to version, as pip lists a tox environment."""
    pip = [environment / "bin" / "python", "-I", "-m", "pip", "--disable-pip-version-check"]
    listed = subprocess.run(
        [*pip, "list", "--format", "json"], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    return {each["name"]: each["version"] for each in json.loads(listed)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a file for each era of which an environment is there. Exit code 4 and one sentence where two disagree."""
    parser = argparse.ArgumentParser(description="Write constraints/ERA.txt from tox's environments.")
    parser.add_argument("environments", type=Path, nargs="?", default=ROOT / ".tox", help="tox's folder (default .tox)")
    args = parser.parse_args(arguments)
    eras: dict[str, dict[str, dict[str, str]]] = {}
    for folder in sorted(args.environments.iterdir()):
        if era(folder.name) and (folder / "bin" / "python").is_file():
            eras.setdefault(era(folder.name), {})[folder.name] = installed_in(folder)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bounds = {Requirement(pin).name for pin in lowest(project, ("pytorch", "keras", "jax"))} | {"tomli"}
    by_factor = pinned_by_tox((ROOT / "tox.ini").read_text(encoding="utf-8"))
    for name, installed in eras.items():
        try:
            lines = [*header(name, list(installed)), *constraints(installed, bounds if name == "lowest" else by_factor)]
        except ValueError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 4
        (HERE / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        print(f"{name}.txt: {len(lines)} lines, from {len(installed)} cells")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
