"""Every subject by operation: the pairs of the catalogue of mistakes, `gradproof.mistakes.written`."""

from __future__ import annotations

from types import ModuleType

from gradproof.mistakes.catalogue import written_module, written_names
from gradproof.mistakes.written._records import Unusual, Wrong


def modules() -> dict[str, ModuleType]:
    """The files of the catalogue by operation: a file is named after its operation."""
    return {name: written_module(name) for name in written_names()}


def wrong() -> list[tuple[str, Wrong]]:
    """Every deliberately wrong pair with the operation that it claims to be."""
    return [(operation, subject) for operation, module in modules().items() for subject in module.WRONG]


def unusual() -> list[tuple[str, Unusual]]:
    """Every right but unusual pair with its operation."""
    return [(operation, subject) for operation, module in modules().items() for subject in module.UNUSUAL]
