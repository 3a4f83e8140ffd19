"""Compiled modules keep the real NumPy while an exact run replaces np.zeros and its like.

NumPy's random generators (and SciPy's compiled code) make their arrays with np.empty and write into them as
doubles: an array of objects there would crash the interpreter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

import numpy as np

_real = ModuleType("numpy")
_real.__dict__.update(vars(np))


@contextmanager
def compiled_modules_apart() -> Iterator[None]:
    """Inside this context, compiled modules see a copy of NumPy's namespace that nobody replaces anything in."""
    places = _places()
    for module, name in places:
        setattr(module, name, _real)
    try:
        yield
    finally:
        for module, name in places:
            setattr(module, name, np)


Place = tuple[ModuleType, str]
_known: tuple[int, list[Place]] = (0, [])


def _places() -> list[Place]:
    """Where compiled modules keep NumPy; looked for again whenever modules have been imported since."""
    global _known
    if _known[0] != len(sys.modules):
        _known = (
            len(sys.modules),
            [(m, name) for m in _compiled() for name, value in list(vars(m).items()) if value is np],
        )
    return _known[1]


def _compiled() -> list[ModuleType]:
    every = list(sys.modules.values())
    return [
        m
        for m in every
        if isinstance(m, ModuleType) and str(getattr(m, "__file__", "")).endswith(tuple(EXTENSION_SUFFIXES))
    ]
