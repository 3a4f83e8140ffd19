"""The same operations as the frameworks themselves compute them. Importing this loads no framework.

on_NAME.py holds the adapter of a framework, counterparts/OP.py the operation OP in every framework.
Both are found by walking the folders.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from ._counterpart import Absent, absent, composed, why_composed

__all__ = ["FRAMEWORKS", "Absent", "absent", "composed", "counterpart", "counterpart_names", "why_composed"]

FRAMEWORKS = tuple(sorted(m.name[3:] for m in pkgutil.iter_modules(__path__) if m.name.startswith("on_")))


def counterpart_names() -> tuple[str, ...]:
    """Names of the operations that have a counterpart file, sorted."""
    folder = importlib.import_module(".counterparts", __name__)
    return tuple(sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if not m.name.startswith("_")))


def counterpart(op: str, framework: str) -> Callable[..., Any] | Absent:
    """The framework's function for operation `op`, or `Absent` with the reason why there is none.

    ValueError where `framework` is not one of FRAMEWORKS.
    """
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework {framework!r} is not known; one of {', '.join(FRAMEWORKS)}")
    if op not in counterpart_names():
        return absent(f"operation {op} has no file in frameworks/counterparts")
    module = importlib.import_module(f".counterparts.{op}", __name__)
    # Keras is the same code on each of its backends: keras, keras_jax, keras_torch.
    family = framework.partition("_")[0]
    return getattr(module, family, absent(f"frameworks/counterparts/{op}.py says nothing of {family}"))
