"""A cell run over a sequence (N, T, D), one step after the other, and back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._checks import check_rank

STEPS = (3, 1, 2, 4)  # sequence lengths that a case may draw: what goes wrong over time goes wrong in two steps


def check_sequence(x: Any) -> None:
    """Raise ValueError unless `x` is a sequence (N, T, D) of at least one step."""
    check_rank("x", x, 3, "(N, T, D)")
    if not x.shape[1]:
        raise ValueError(f"x has shape {x.shape}; expected at least one step on the axis T")


def unrolled(cell: Callable[..., Any], x: Any, states: tuple[Any, ...], *rest: Any) -> tuple[Any, tuple[Any, ...], Any]:
    """Every hidden state (N, T, H), the last states, and each step's cache.

    cell: ``cell(x_t, *states, *rest) -> (*states, cache)``, the hidden state first.
    """
    hidden, caches = [], []
    for t in range(x.shape[1]):
        *new, cache = cell(x[:, t], *states, *rest)
        states = tuple(new)
        hidden.append(states[0])
        caches.append(cache)
    return np.stack(hidden, axis=1), states, caches


def rolled_back(back: Callable[..., Any], dy: Any, dstates: tuple[Any, ...], caches: Any) -> tuple[Any, ...]:
    """dx (N, T, D), the gradients of the initial states, and those of the weights, summed over the steps."""
    dxs: list[Any] = []
    dweights: list[Any] = []
    for t in reversed(range(len(caches))):
        dx, *gradients = back(dstates[0] + dy[:, t], *dstates[1:], caches[t])
        dstates, step = tuple(gradients[: len(dstates)]), gradients[len(dstates) :]
        dxs.append(dx)
        dweights = step if not dweights else [a + b for a, b in zip(dweights, step, strict=True)]
    return np.stack(dxs[::-1], axis=1), *dstates, *dweights
