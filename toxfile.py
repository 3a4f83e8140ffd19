"""A plugin that tox loads from beside tox.ini: interpreters that pyenv installed are found, also those not on PATH.

tox looks for an interpreter on PATH, where pyenv puts shims, which refuse every version that is not switched on. Here
the newest release of each minor version that pyenv holds is offered to tox, unless PATH has one that is no shim; what
`--discover` or TOX_DISCOVER names goes first.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tox.plugin import impl

if TYPE_CHECKING:
    from tox.config.sets import ConfigSet
    from tox.session.state import State


@impl
def tox_add_core_config(core_conf: ConfigSet, state: State) -> None:
    """Add pyenv's interpreters to those that tox tries."""
    options = state.conf.options
    if hasattr(options, "discover"):
        found = interpreters(pyenv_root(os.environ), os.environ.get("PATH", ""))
        options.discover = [*options.discover, *map(str, found)]


def pyenv_root(environment: os._Environ[str] | dict[str, str]) -> Path:
    """The folder of pyenv: PYENV_ROOT, or .pyenv in the home folder."""
    return Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv")


def interpreters(root: Path, path: str) -> list[Path]:
    """The newest CPython of each minor version below `root` of which `path` has no executable of its own."""
    newest: dict[tuple[int, int], tuple[int, Path]] = {}
    for executable in root.glob("versions/*/bin/python"):
        version = re.fullmatch(r"(3)\.(\d+)\.(\d+)", executable.parent.parent.name)
        if version:
            minor = (int(version[1]), int(version[2]))
            newest[minor] = max(newest.get(minor, (-1, executable)), (int(version[3]), executable))
    elsewhere = os.pathsep.join(folder for folder in path.split(os.pathsep) if Path(folder) != root / "shims")
    return [
        executable
        for (major, minor), (_, executable) in sorted(newest.items())
        if shutil.which(f"python{major}.{minor}", path=elsewhere) is None
    ]
