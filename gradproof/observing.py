"""Who hears of every call of `gradproof.check`: nobody, or a test-suite that keeps a report (`pytest_plugin`).

Imports nothing, so that a plugin may wait here without loading what a check needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checking import Checked

Observer = Callable[[str, Callable[..., Any], "Checked | ValueError", str, float], None]

observers: list[Observer] = []
"""Each is called with the name that was given to the check ("" for none), the forward, what came of it (or the
ValueError of a call that makes no sense), the message of its Mismatch ("" where all agree), and the seconds it took."""

default_seed = [0]
"""The seed of a check that was given none, in a list of one so that everybody reads the same."""


def tell(name: str, forward: Callable[..., Any], outcome: Checked | ValueError, message: str, seconds: float) -> None:
    """Tell every observer. An observer handles its own failures: a check's outcome never depends on one."""
    for observer in list(observers):
        observer(name, forward, outcome, message, seconds)
