"""What a backward returned, as one gradient for each differentiable input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


class WrongReturn(ValueError):
    """The backward returned something that is not one gradient for each differentiable input.

    quantity: the gradient that is missing, where it is one.
    """

    def __init__(self, message: str, quantity: str = "") -> None:
        super().__init__(message)
        self.quantity = quantity


def gradients_in_order(returned: Any, inputs: tuple[str, ...], differentiable: tuple[str, ...]) -> tuple[Any, ...]:
    """One gradient for each differentiable input; WrongReturn, one sentence, where that is not what came back."""
    expected = ", ".join(f"d{n}" for n in differentiable)
    if returned is None:
        raise WrongReturn(f"the backward returned None; expected {expected} (does it end with a return?)")
    if isinstance(returned, Mapping):
        return _from_dict(returned, differentiable)
    if hasattr(returned, "__next__"):
        returned = tuple(returned)
    if not isinstance(returned, (tuple, list)) or _one_array(returned, differentiable):
        returned = (returned,)
    if len(returned) == len(inputs) and len(inputs) != len(differentiable):
        returned = [g for n, g in zip(inputs, returned, strict=True) if n in differentiable]
    if len(returned) > len(differentiable):
        returned = [g for g in returned if g is not None]
    if len(returned) != len(differentiable):
        fewer = "; name inputs without a gradient in nondiff" if len(returned) < len(differentiable) else ""
        raise WrongReturn(
            f"the backward returned {len(returned)} gradient{'s' * (len(returned) != 1)}; "
            f"expected {len(differentiable)}: {expected}{fewer}"
        )
    for n, g in zip(differentiable, returned, strict=True):
        if g is None:
            raise WrongReturn(f"the backward returned None for d{n}; expected {expected}", f"d{n}")
    return tuple(returned)


def _from_dict(returned: Mapping[Any, Any], differentiable: tuple[str, ...]) -> tuple[Any, ...]:
    found = [
        next((returned[k] for k in (f"d{n}", n, f"grad_{n}", f"{n}_grad") if returned.get(k) is not None), None)
        for n in differentiable
    ]
    missing = [f"d{n}" for n, g in zip(differentiable, found, strict=True) if g is None]
    if missing:
        raise WrongReturn(
            f"the backward's dict has no {', '.join(missing)}; its keys are {', '.join(map(str, returned)) or 'none'}",
            missing[0],
        )
    return tuple(found)


def _one_array(returned: Any, differentiable: tuple[str, ...]) -> bool:
    """Is this list one gradient written as a list, not a list of gradients?"""
    return (
        isinstance(returned, list)
        and len(differentiable) == 1
        and not (len(returned) == 1 and isinstance(returned[0], np.ndarray))
    )
