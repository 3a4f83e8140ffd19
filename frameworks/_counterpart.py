"""What a counterpart may say about itself: that there is none, or that it is composed of smaller parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


class Absent(Exception):
    """No counterpart, or no such framework here; the text is the reason, as reports show it."""


def absent(reason: str) -> Absent:
    """Stands in a counterpart file in a function's place: ``jax = absent("JAX has no such function")``."""
    return Absent(reason)


def composed(why: str) -> Callable[[Function], Function]:
    """Marks a counterpart that a framework has no single function for; reports show it as not native.

    Where it depends on the options, the counterpart calls ``fw.composed(why)`` instead.
    """

    def mark(function: Function) -> Function:
        function.composed_because = why  # type: ignore[attr-defined]
        return function

    return mark


def why_composed(counterpart: Any) -> str | None:
    """The reason given to `composed`, or None for a framework's own function."""
    return getattr(counterpart, "composed_because", None)
