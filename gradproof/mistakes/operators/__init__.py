"""Mutation operators, one file a family: `operators()` finds all of them.

Each has an id, a sentence, an explanation, and the changes that it makes to a node of the reference's source.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ._operator import OPERATORS, Change, Operator, Site

__all__ = ["Change", "Operator", "Site", "operators"]


# Where two operators write the same, the one that says more about it has it: these say least.
GENERAL = ("dropped-term", "dropped-factor", "function-missing", "another-value")


@cache
def operators() -> dict[str, Operator]:
    """Every operator by its id: sorted, the general ones last."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f".{module.name}", __name__)
    return dict(sorted(OPERATORS.items(), key=lambda each: (each[0] in GENERAL, each[0])))
