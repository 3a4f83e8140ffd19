"""`--with NAME=PYTHON`: a framework as another Python has it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from ._process import environment, frameworks_root

ALIASES = {"torch": "pytorch", "tf": "tensorflow"}
OLDEST = (3, 10)
PROBE = "import sys; print(sys.version_info[:2])"
PROBE_SECONDS = 30


def parse_with(text: str) -> tuple[str, str, str]:
    """(name, framework, python) of "NAME=PYTHON", as in ``torch=/x/bin/python`` or ``pytorch-old=/y/bin/python``.

    NAME is a framework, or one with a label after a dash or digits; python is made an absolute path.
    ValueError, one sentence, where the text has another form, the framework is unknown, or PYTHON is
    no file, cannot be executed, or is no Python of 3.10 or later.
    """
    name, equals, python = text.partition("=")
    if not (equals and name and python):
        raise ValueError(f"--with {text!r} is not NAME=PYTHON, as in pytorch-old=/path/to/bin/python")
    name, framework = _framework(name)
    return name, framework, _interpreter(python)


def _framework(name: str) -> tuple[str, str]:
    known = sorted(path.stem[3:] for path in (frameworks_root() / "frameworks").glob("on_*.py"))
    for spelled in sorted([*known, *ALIASES], key=len, reverse=True):
        if re.fullmatch(rf"{re.escape(spelled)}(-[\w.+-]+|[0-9.]+)?", name):
            framework = ALIASES.get(spelled, spelled)
            return framework + name[len(spelled) :], framework
    raise ValueError(
        f"--with: {name!r} names no framework; known are {', '.join(known)}, "
        "each also with a label after a dash or digits, as in pytorch-old"
    )


def _interpreter(python: str) -> str:
    # Links stay as they are: a virtual environment's python is one, and resolved it would be another Python.
    path = os.path.abspath(os.path.expanduser(python))
    if not Path(path).is_file():
        raise ValueError(f"--with: there is no file {path}; give the path of a Python interpreter")
    if not os.access(path, os.X_OK):
        raise ValueError(f"--with: {path} cannot be executed; give the path of a Python interpreter")
    try:
        probe = subprocess.run(
            [path, "-c", PROBE],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
            env=environment(path),
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ValueError(f"--with: {path} is not a Python interpreter: it does not answer as one") from None
    version = re.fullmatch(r"\((\d+), (\d+)\)", probe.stdout.strip())
    if version is None or probe.returncode:
        raise ValueError(f"--with: {path} is not a Python interpreter: it does not answer as one")
    found = (int(version[1]), int(version[2]))
    if found < OLDEST:
        raise ValueError(f"--with: {path} is Python {found[0]}.{found[1]}; workers need {OLDEST[0]}.{OLDEST[1]}")
    return path
