"""gradproof: proves a hand-written forward and backward right, or shows exactly where they are wrong.

Importing the package loads neither NumPy nor python-flint; `gradproof.check` and its like load what they need.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import check as check
    from .verdict import Finding as Finding
    from .verdict import Mismatch as Mismatch

__version__ = "0.1.0"

_SOURCES = {"check": "checking", "Finding": "verdict", "Mismatch": "verdict"}

__all__ = ["Finding", "Mismatch", "__version__", "check"]

# In a checkout `reference`, `frameworks` and `reports` stand beside this folder; an installed package holds them
# inside. Either way they are imported as gradproof.reference and so on, never by a top-level name that a user's
# own folder may have.
_folder = os.path.dirname(os.path.abspath(__file__))
_checkout = os.path.dirname(_folder)
if not os.path.isdir(os.path.join(_folder, "reference")) and os.path.isfile(
    os.path.join(_checkout, "reference", "_op.py")
):
    __path__.append(_checkout)
del _folder, _checkout


def __getattr__(name: str) -> Any:
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_SOURCES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
