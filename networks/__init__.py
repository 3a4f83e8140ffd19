"""Whole networks: one description builds the NumPy network, the PyTorch module and the Keras model, weights alike.

Only ever imported as `gradproof.networks`, as `lectures` is: in a checkout the folder stands beside `gradproof`, which
finds it through its `__path__`; an installed package holds it inside. Imports within the package are relative.

`ready/` holds one network a file, the file's `NETWORK`; no list names them. Importing this loads no framework.
"""

from __future__ import annotations

import importlib
import pkgutil

from ._description import Network

__all__ = ["Network", "ready_networks"]


def ready_networks() -> dict[str, Network]:
    """Every ready network by name, sorted."""
    package = importlib.import_module(".ready", __name__)
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    return {name: importlib.import_module(f".{name}", package.__name__).NETWORK for name in names}
