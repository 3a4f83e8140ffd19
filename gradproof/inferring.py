"""Inputs for a forward that nobody described: shapes found by trying, from the names of its parameters.

A shape is tried as letters (A, B, C stand for sizes that differ), first the ones that the parameter's name
suggests. It fits where the forward runs and the backward answers with gradients of the inputs' shapes.
"""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .convention import WrongReturn, as_pair

SECONDS = 3.0  # of trying
SIZES = ({"A": 3, "B": 4, "C": 5, "D": 2}, {"A": 4, "B": 2, "C": 3, "D": 5}, {"A": 7, "B": 9, "C": 8, "D": 3}, {"A": 1, "B": 3, "C": 2, "D": 4})
KINDS = ("ordinary", "integers", "ordinary", "tails", "positive", "ordinary")

MATRICES = ("AB", "BC", "CD", "AC", "A", "ABC", "ABCD", "")
WEIGHTS = ("BC", "CD", "AB", "B", "C", "AC", "")
VECTORS = ("C", "B", "D", "A", "")
LABELS = ("A:C", "A:B", "A:D", "AC", "AB", "A")


@dataclass(frozen=True)
class Plan:
    """Shapes in letters for each parameter; "A:C" is a vector of A integers below C."""

    shapes: dict[str, str]

    def describe(self) -> str:
        """The plan with the first sizes filled in."""
        return ", ".join(f"{n} {_words(s)}" for n, s in self.shapes.items())

    def arrays(self, k: int, dtype: str, seed: int, kind: str) -> list[np.ndarray]:
        """The arrays of case k."""
        sizes = SIZES[k % len(SIZES)]
        return [fill(_shape(s, sizes), _limit(s, sizes), kind, dtype, [seed, k, p]) for p, s in enumerate(self.shapes.values())]


def _words(letters: str) -> str:
    shape = str(_shape(letters, SIZES[0])).replace(" ", "")
    return f"{shape} integers below {_limit(letters, SIZES[0])}" if ":" in letters else shape


def _shape(letters: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[c] for c in letters.partition(":")[0])


def _limit(letters: str, sizes: Mapping[str, int]) -> int | None:
    below = letters.partition(":")[2]
    return sizes[below] if below else None


def fill(shape: tuple[int, ...], below: int | None, kind: str, dtype: str, seed: Sequence[int]) -> np.ndarray:
    """Numbers of a kind: ordinary (normal), integers, tails (5 to 60), positive (0.05 to 0.95); integers below a limit."""
    rng = np.random.default_rng(seed)
    if below is not None:
        return rng.integers(0, below, shape)
    if kind == "integers":
        x = rng.integers(-4, 5, shape).astype(float)
    elif kind == "tails":
        x = rng.choice([-1.0, 1.0], shape) * rng.uniform(5, 60, shape)
    elif kind == "positive":
        x = rng.uniform(0.05, 0.95, shape)
    else:
        x = rng.standard_normal(shape)
    return np.asarray(x, dtype=dtype)


def infer(name: str, forward: Callable[..., Any], backward: Callable[..., Any], options: Mapping[str, Any]) -> Plan:
    """A plan that fits. ValueError, one sentence, where none was found."""
    parameters = _parameters(name, forward, options)
    deadline = time.monotonic() + SECONDS
    for shapes in _combinations([_candidates(p) for p in parameters]):
        plan = Plan(dict(zip(parameters, shapes, strict=True)))
        if _fits(name, plan, forward, backward, options):
            return plan
        if time.monotonic() > deadline:
            break
    example = " ".join(f"--shape {p}=3,4" for p in parameters)
    raise ValueError(
        f"{name}: no shapes were found that the forward accepts and the backward answers; give them with {example}, "
        f"or define {name}_inputs() in the file, returning the arrays"
    )


def _parameters(name: str, forward: Callable[..., Any], options: Mapping[str, Any]) -> list[str]:
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        raise ValueError(f"{name}: the forward's parameters cannot be seen; define {name}_inputs() in the file") from None
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in plain and p.default is p.empty and p.name not in options]
    if not names:
        raise ValueError(f"{name}: the forward has no required parameter, so there is nothing to differentiate")
    return names


def _candidates(parameter: str) -> tuple[str, ...]:
    low = parameter.lower().lstrip("_")
    if low in ("y", "t", "target", "targets", "label", "labels", "y_true", "ytrue", "true"):
        return (*LABELS, *MATRICES)
    if low.startswith(("w", "kernel", "theta", "u")):
        return WEIGHTS
    if low.startswith(("b", "gamma", "beta")) and not low.startswith("batch"):
        return VECTORS
    return MATRICES


def _combinations(candidates: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Products of the candidates, those with the earliest ones first."""
    ranked = [list(enumerate(c)) for c in candidates]
    most = sum(len(c) - 1 for c in candidates)
    if np.prod([len(c) for c in candidates]) <= 50_000:
        every = sorted(itertools.product(*ranked), key=lambda combination: sum(rank for rank, _ in combination))
        yield from (tuple(shape for _, shape in combination) for combination in every)
        return
    for budget in range(min(most, 6) + 1):
        for combination in itertools.product(*ranked):
            if sum(rank for rank, _ in combination) == budget:
                yield tuple(shape for _, shape in combination)


def _fits(name: str, plan: Plan, forward: Callable[..., Any], backward: Callable[..., Any], options: Mapping[str, Any]) -> bool:
    for k in (0, 1):
        arrays = dict(zip(plan.shapes, plan.arrays(k, "float64", 0, "positive"), strict=True))
        differentiable = tuple(n for n, x in arrays.items() if x.dtype.kind == "f")
        try:
            with np.errstate(all="ignore"):
                example = forward(*(x.copy() for x in arrays.values()), **options)
                pair = as_pair(name, forward, backward, arrays, differentiable, {}, options, example)
                y, saved = pair.forward(*(x.copy() for x in arrays.values()))
                gradients = pair.backward(np.ones(np.shape(y)) if np.shape(y) else 1.0, saved)
        except WrongReturn:
            return True  # the shapes fit; what the backward returns is for the judge to say
        except Exception:  # whatever the functions raise: these shapes do not fit
            return False
        if any(np.shape(g) != arrays[n].shape for n, g in zip(differentiable, gradients, strict=True)):
            return False
    return True
