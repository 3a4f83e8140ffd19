"""The Python that submissions run in: which files it needs to be able to read, and which of its folders to hide."""

from __future__ import annotations

import functools
import glob
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")
PROBE = (
    "import json, sys, importlib.util; spec = importlib.util.find_spec('numpy'); "
    "print(json.dumps([getattr(sys, '_base_executable', sys.executable), sys.base_prefix, sys.base_exec_prefix, "
    "spec and spec.origin]))"
)


@dataclass(frozen=True)
class Interpreter:
    """An interpreter as a sandbox starts it: the base one of a virtual environment, with NumPy and no other package.

    readable: the files and folders that it needs. hidden: folders of installed packages within these.
    numpy: the folder that holds NumPy; shown: what of that folder is NumPy's.
    """

    executable: str
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    numpy: str
    shown: tuple[str, ...]

    def readable_without_hidden(self) -> tuple[list[str], list[str]]:
        """(paths that may be read, folders that may only be listed), for a rung that can allow but not hide."""
        readable: list[str] = []
        listable: list[str] = []
        pending = list(dict.fromkeys(map(os.path.realpath, self.readable)))
        hidden = {os.path.realpath(path) for path in self.hidden}
        while pending:
            path = pending.pop()
            if path in hidden:
                continue
            if any(other.startswith(path + os.sep) for other in hidden):
                listable.append(path)
                pending += [entry.path for entry in os.scandir(path) if not entry.is_symlink()]
            else:
                readable.append(path)
        return [*readable, *self.shown], listable


@functools.lru_cache(maxsize=8)
def interpreter(python: str) -> Interpreter:
    """What there is to know of an interpreter; a ValueError in words where it cannot be run or has no NumPy."""
    executable, prefix, exec_prefix, numpy = _ask(python)
    if numpy is None:
        raise ValueError(f"{python} has no NumPy; install it there: {python} -m pip install numpy")
    executable = os.path.realpath(executable)
    folders = [f"{base}/{name}" for base in dict.fromkeys((prefix, exec_prefix)) for name in ("lib", "lib64")]
    readable = [path for path in dict.fromkeys((*SYSTEM_LIBRARIES, *folders, executable)) if os.path.exists(path)]
    packages = os.path.dirname(os.path.dirname(numpy))
    shown = [path for name in ("numpy", "numpy.libs") if os.path.isdir(path := os.path.join(packages, name))]
    return Interpreter(executable, tuple(readable), tuple(_package_folders(readable)), packages, tuple(shown))


def _ask(python: str) -> tuple[str, str, str, str | None]:
    if python == sys.executable:
        spec = importlib.util.find_spec("numpy")
        base = getattr(sys, "_base_executable", sys.executable)
        return base, sys.base_prefix, sys.base_exec_prefix, spec.origin if spec else None
    try:
        run = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=60, check=True)
        executable, prefix, exec_prefix, numpy = json.loads(run.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ValueError(f"{python} cannot be used as the Python of a sandbox: {error}") from None
    return executable, prefix, exec_prefix, numpy


def _package_folders(readable: Iterable[str]) -> list[str]:
    patterns = ("site-packages", "dist-packages", "python*/site-packages", "python*/dist-packages")
    found = [path for base in readable for pattern in patterns for path in glob.glob(f"{base}/{pattern}")]
    return sorted(dict.fromkeys(found))
