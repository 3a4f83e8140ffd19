"""Every subject by operation, found by walking the folder `subjects`."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from tests.meta import subjects
from tests.meta.subjects._records import Unusual, Wrong


def modules() -> dict[str, ModuleType]:
    """The files of subjects by operation: a file is named after its operation."""
    names = sorted(m.name for m in pkgutil.iter_modules(subjects.__path__) if not m.name.startswith("_"))
    return {name: importlib.import_module(f"tests.meta.subjects.{name}") for name in names}


def wrong() -> list[tuple[str, Wrong]]:
    """Every deliberately wrong pair with the operation that it claims to be."""
    return [(operation, subject) for operation, module in modules().items() for subject in module.WRONG]


def unusual() -> list[tuple[str, Unusual]]:
    """Every right but unusual pair with its operation."""
    return [(operation, subject) for operation, module in modules().items() for subject in module.UNUSUAL]
