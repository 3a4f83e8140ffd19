"""What is verified: every operation's forward and backward, in plain NumPy.

Importing this loads NumPy and the standard library, nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil

from ._op import Op

__all__ = ["Op", "operations"]


def operations() -> dict[str, Op]:
    """Every operation by name, sorted: one file each in this folder, the file's `OP`."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name: importlib.import_module(f".{name}", __name__).OP for name in names}
