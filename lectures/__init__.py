"""The systems of five lectures on backpropagation: each of them runs, and each gradient in them is proved.

This package is only ever imported as `gradproof.lectures`, never as a top-level `lectures`: in a checkout the
folder stands beside `gradproof`, which finds it through its `__path__`; an installed package holds it inside. So
imports within this package are relative, and the reference is `gradproof.reference`, in full, in both places.

`systems/` holds one system a file; the file's `SYSTEM` says what it is, and no list names them. Files whose names
start with an underscore are shared by several systems. `counterparts/` holds, for each gradient that is no
operation of the catalogue, the same network as PyTorch and Keras build it.

Importing this package loads neither NumPy nor anything else that is heavy.
"""

from __future__ import annotations

import importlib
import pkgutil

from ._system import Gradient, Outcome, Run, System

__all__ = ["Gradient", "Outcome", "Run", "System", "all_systems"]


def all_systems() -> dict[str, System]:
    """Every system by name, sorted by lecture and name: one file each in `systems/`, the file's `SYSTEM`."""
    package = importlib.import_module(".systems", __name__)
    names = (module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_"))
    found = [importlib.import_module(f".{name}", package.__name__).SYSTEM for name in names]
    return {system.name: system for system in sorted(found, key=lambda s: (s.lecture, s.name))}
