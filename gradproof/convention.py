"""How somebody's forward and backward want to be called: found out once, then hidden behind a `Pair`.

    forward(*inputs) -> (y, cache)    goes with    backward(dy, cache), or backward(cache) for a loss
    forward(*inputs) -> y             goes with    backward(dy, *inputs)

Gradients come back as one array, a tuple or list, or a dict by name (`x` or `dx`); inputs without a gradient
may be left out or answered with None.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from .pair import Pair


class WrongReturn(ValueError):
    """The backward returned something that is not one gradient for each differentiable input."""


def input_names(forward: Callable[..., Any], count: int) -> tuple[str, ...]:
    """Names of the first `count` positional parameters; x0, x1, ... where the signature does not tell."""
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return tuple(names[k] if k < len(names) else f"x{k}" for k in range(count))


def positional(function: Callable[..., Any]) -> tuple[int, float]:
    """Fewest and most positional arguments that a function takes."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0, np.inf
    plain = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    unlimited = any(p.kind == p.VAR_POSITIONAL for p in parameters)
    return sum(p.default is p.empty for p in plain), np.inf if unlimited else len(plain)


def differentiable_names(arrays: Mapping[str, np.ndarray], nondiff: Collection[str | int]) -> tuple[str, ...]:
    """Floating inputs that were not declared without a gradient. ValueError for a declaration that names no input."""
    names = list(arrays)
    excluded = set()
    for which in nondiff:
        if isinstance(which, int) and -len(names) <= which < len(names):
            excluded.add(names[which])
        elif which in names:
            excluded.add(str(which))
        else:
            raise ValueError(f"nondiff names {which!r}; the inputs are {', '.join(names)}")
    return tuple(n for n, x in arrays.items() if x.dtype.kind == "f" and n not in excluded)


def as_pair(
    name: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    arrays: Mapping[str, np.ndarray],
    differentiable: tuple[str, ...],
    others: Mapping[int, Any],
    options: Mapping[str, Any],
    example: Any,
) -> Pair:
    """The pair behind any of the conventions above.

    others: positional arguments that are no arrays, by position. example: what the forward returned once, in floats.
    ValueError where forward and backward do not fit together.
    """
    with_cache = isinstance(example, tuple)
    if with_cache and len(example) != 2:
        raise ValueError(f"{name}: the forward returned {len(example)} values; expected y, or (y, cache)")
    if not differentiable:
        raise ValueError(f"{name}: no input has a gradient; floating arrays do, unless they are declared with nondiff")

    def arguments(inputs: Sequence[Any]) -> list[Any]:
        every, left = [], iter(inputs)
        for position in range(len(inputs) + len(others)):
            every.append(others[position] if position in others else next(left))
        return every

    def run_forward(*inputs: Any) -> tuple[Any, Any]:
        every = arguments(inputs)
        result = forward(*every, **options)
        return (result[0], result[1]) if with_cache else (result, every)

    call = _caller(name, backward, with_cache, len(arrays) + len(others), np.shape(example[0] if with_cache else example))

    def run_backward(dy: Any, saved: Any) -> tuple[Any, ...]:
        return gradients_in_order(call(dy, saved), tuple(arrays), differentiable)

    return Pair(name, run_forward, run_backward, tuple(arrays), differentiable, "out" if "y" in arrays else "y")


def _caller(name: str, backward: Callable[..., Any], with_cache: bool, count: int, shape: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    fewest, most = positional(backward)
    if with_cache:
        if fewest <= 2 <= most:
            return lambda dy, saved: backward(dy, saved)
        if most == 1 and shape == ():
            return lambda dy, saved: _scaled(backward(saved), dy)
        raise ValueError(
            f"{name}: the forward returns (y, cache), so the backward is called as backward(dy, cache); "
            f"it takes {_range(fewest, most)} arguments"
        )
    if fewest <= count + 1 <= most:
        return lambda dy, saved: backward(dy, *saved)
    if most == count and shape == ():
        return lambda dy, saved: _scaled(backward(*saved), dy)
    raise ValueError(
        f"{name}: the forward returns y alone, so the backward is called as backward(dy, *inputs) with "
        f"{count + 1} arguments; it takes {_range(fewest, most)}"
    )


def _range(fewest: int, most: float) -> str:
    return str(fewest) if fewest == most else f"{fewest} to {most:g}"


def _scaled(gradients: Any, dy: Any) -> Any:
    """A loss's own gradient, of upstream gradient one, times the cotangent."""
    if isinstance(gradients, Mapping):
        return {n: None if g is None else g * dy for n, g in gradients.items()}
    if isinstance(gradients, (tuple, list)):
        return tuple(None if g is None else g * dy for g in gradients)
    return gradients * dy


def gradients_in_order(returned: Any, inputs: tuple[str, ...], differentiable: tuple[str, ...]) -> tuple[Any, ...]:
    """One gradient for each differentiable input; WrongReturn, one sentence, where that is not what came back."""
    expected = ", ".join(f"d{n}" for n in differentiable)
    if isinstance(returned, Mapping):
        found = [returned.get(n, returned.get(f"d{n}")) for n in differentiable]
        missing = [f"d{n}" for n, g in zip(differentiable, found, strict=True) if g is None]
        if missing:
            raise WrongReturn(f"the backward's dict has no {', '.join(missing)}; its keys are {', '.join(map(str, returned))}")
        return tuple(found)
    if not isinstance(returned, (tuple, list)) or (isinstance(returned, list) and len(differentiable) == 1):
        returned = (returned,)
    if len(returned) == len(inputs) and len(inputs) != len(differentiable):
        returned = [g for n, g in zip(inputs, returned, strict=True) if n in differentiable]
    if len(returned) != len(differentiable):
        raise WrongReturn(f"the backward returned {len(returned)} gradient{'s' * (len(returned) != 1)}; expected {len(differentiable)}: {expected}")
    for n, g in zip(differentiable, returned, strict=True):
        if g is None:
            raise WrongReturn(f"the backward returned None for d{n}; expected {expected}")
    return tuple(returned)
