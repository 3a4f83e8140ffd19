"""How somebody's forward and backward want to be called: found out once, then hidden behind a `Pair`.

    forward(*inputs) -> (y, cache)       goes with    backward(dy, cache), or backward(cache) for a loss
    forward(*inputs) -> y                goes with    backward(dy, *inputs)
    forward(*inputs) -> (h, c, cache)    goes with    backward(dh, dc, cache): several outputs, judged as one
    forward(*inputs) -> (loss, gradients)  goes with  no backward at all (None)
    layer.forward and layer.backward     two methods of one object, which keeps what the backward needs

Gradients come back as one array, a tuple or list, or a dict by name (`x` or `dx`); inputs without a gradient
may be left out or answered with None.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import packing
from .pair import Pair, several
from .returned import WrongReturn as WrongReturn
from .returned import gradients_in_order as gradients_in_order

CACHES = ("cache", "saved", "ctx", "context", "memory", "tape")  # first parameters that are no cotangent


class Misfit(ValueError):
    """Forward and backward do not fit together, or return what no convention knows: the functions' own fault."""


@dataclass
class Call:
    """How the two functions are called, as lines of a script."""

    forward: str = ""
    backward: str = ""
    only_one: bool = False  # the gradients are those of upstream gradient one: other cotangents say nothing new
    shapes: list[tuple[int, ...]] = field(default_factory=list)  # of several outputs, which the pair joins
    where: dict[str, str] = field(
        default_factory=dict
    )  # gradient's name to what finds it in `gradients`: "[0]", "['dw']"


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


def callable_with(name: str, forward: Callable[..., Any], inputs: Sequence[Any], options: Mapping[str, Any]) -> None:
    """ValueError where the forward does not take these arguments."""
    try:
        signature = inspect.signature(forward)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*inputs, **options)
    except TypeError as error:
        taken = ", ".join(map(str, signature.parameters.values())) or "nothing"
        raise ValueError(f"{name}: the forward takes ({taken}), so it cannot be called here: {error}") from None


def differentiable_names(arrays: Mapping[str, np.ndarray], nondiff: Collection[str | int]) -> tuple[str, ...]:
    """Floating inputs that were not declared without a gradient. ValueError for a declaration that names no input."""
    names = list(arrays)
    excluded = set()
    for which in (nondiff,) if isinstance(nondiff, (str, int)) else nondiff:
        if isinstance(which, int) and -len(names) <= which < len(names):
            excluded.add(names[which])
        elif which in names:
            excluded.add(str(which))
        else:
            raise ValueError(f"nondiff names {which!r}; the inputs are {', '.join(names)}")
    return tuple(n for n, x in arrays.items() if x.dtype.kind == "f" and n not in excluded)


def own(value: Any) -> Any:
    """A copy of an object that is passed to the functions: what one call writes into it, no other call sees."""
    with contextlib.suppress(Exception):  # whatever refuses to be copied is passed as it is
        return copy.deepcopy(value)
    return value


def arranged(arrays: Sequence[Any], others: Mapping[int, Any]) -> list[Any]:
    """The positional arguments of one call: arrays, and copies of what is no array at its own position."""
    left = iter(arrays)
    return [own(others[k]) if k in others else next(left) for k in range(len(arrays) + len(others))]


def functions_of(
    forward: Callable[..., Any], backward: Callable[..., Any] | None
) -> tuple[Callable[..., Any], Callable[..., Any] | None]:
    """Two methods of one object as two functions that share a fresh copy of it; any other functions as they are."""
    layer = getattr(forward, "__self__", None)
    if layer is None or inspect.ismodule(layer) or getattr(backward, "__self__", None) is not layer or backward is None:
        return forward, backward
    if positional(backward)[1] != 1:
        return forward, backward
    names = forward.__name__, backward.__name__

    def run_forward(*inputs: Any, **options: Any) -> tuple[Any, Any]:
        fresh = own(layer)
        return getattr(fresh, names[0])(*inputs, **options), fresh

    def run_backward(dy: Any, fresh: Any) -> Any:
        return getattr(fresh, names[1])(dy)

    run_forward.__signature__ = inspect.signature(forward)  # type: ignore[attr-defined]
    run_forward.__name__ = type(layer).__name__
    return run_forward, run_backward


# -- the pair ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """outputs: how many returned values are outputs (0: the value itself); call: (cotangents, saved) -> gradients."""

    outputs: int
    call: Callable[[Sequence[Any], Any], Any]
    words: str
    only_one: bool = False


def as_pair(
    name: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    arrays: Mapping[str, np.ndarray],
    differentiable: tuple[str, ...],
    others: Mapping[int, Any],
    options: Mapping[str, Any],
    example: Any,
    buffers: int = 0,
    output: str = "",
) -> tuple[Pair, Call]:
    """The pair behind any of the conventions above, and how it is called.

    output: what the output is called, where it has a name.
    buffers: how many of several outputs, the last ones, may go without a cotangent.
    others: positional arguments that are no arrays, by position. example: what the forward returned once, in floats.
    Misfit where forward and backward do not fit together.
    """
    if not differentiable:
        raise ValueError(f"{name}: no input has a gradient; floating arrays do, unless they are declared with nondiff")
    every = _argument_names(forward, arrays, others)
    layout = _layout_with_options(name, backward, every, example, buffers, options)
    shapes = [np.shape(part) for part in example[: layout.outputs]] if layout.outputs > 1 else []
    given = ", ".join([*every, *(f"{k}={v!r}" for k, v in options.items())])
    output = output or ("out" if "y" in arrays else "y")
    call = Call(
        _forward_call(layout, output, given),
        layout.words.replace("(dy", f"(d{output}").replace(", dy)", f", d{output})"),
        layout.only_one,
        shapes,
    )

    def run_forward(*inputs: Any) -> tuple[Any, Any]:
        arguments = arranged(inputs, others)
        result = forward(*arguments, **{k: own(v) for k, v in options.items()})
        if layout.outputs == 0:
            return result, arguments
        saved = result[layout.outputs] if len(result) > layout.outputs else arguments
        return (result[0] if layout.outputs == 1 else result[: layout.outputs]), saved

    def run_backward(dy: Any, saved: Any) -> tuple[Any, ...]:
        returned = layout.call(packing.split(dy, shapes) if shapes else [dy], saved)
        ordered = gradients_in_order(returned, tuple(arrays), differentiable)
        call.where = {f"d{n}": _where(returned, g) for n, g in zip(differentiable, ordered, strict=True)}
        return ordered

    pair = Pair(name, run_forward, run_backward, tuple(arrays), differentiable, output)
    return (several(pair, _numbered(layout.outputs), run_forward) if layout.outputs > 1 else pair), call


def _numbered(count: int) -> tuple[str, ...]:
    """What several outputs are called that have no names."""
    return tuple(f"outputs[{k}]" for k in range(count))


def as_step(
    name: str,
    forward: Callable[..., Any],
    arrays: Mapping[str, np.ndarray],
    options: Mapping[str, Any],
    outputs: Sequence[str],
    example: Any,
) -> tuple[Pair, Call]:
    """The pair of a function without a derivative, an optimiser's step: outputs of these names, and perhaps a cache.

    example: what the forward returned once. Misfit where it returns another number of values.
    """
    count = len(outputs)
    words = {1: "one array"}.get(count, f"{count} arrays")
    given = ", ".join([*arrays, *(f"{k}={v!r}" for k, v in options.items())])
    alone = f"{outputs[0]}, *_" if isinstance(example, (tuple, list)) else outputs[0]
    call = Call(f"{alone if count == 1 else 'outputs'} = forward({given})")

    def run_forward(*inputs: Any) -> tuple[Any, Any]:
        result = forward(*inputs, **{k: own(v) for k, v in options.items()})
        values = list(result) if isinstance(result, (tuple, list)) else [result]
        if not count <= len(values) <= count + 1:
            raise Misfit(f"{name}: the step returns {len(values)} values; expected {words}")
        call.shapes = [np.shape(value) for value in values[:count]]
        return (values[0] if count == 1 else values[:count]), None

    pair = Pair(name, run_forward, lambda dy, saved: (), tuple(arrays), (), outputs[0])
    return (several(pair, tuple(outputs), run_forward) if count > 1 else pair), call


def _where(returned: Any, gradient: Any) -> str:
    """What finds one gradient in what the backward returned."""
    entries = (
        returned.items()
        if isinstance(returned, Mapping)
        else enumerate(returned)
        if isinstance(returned, (tuple, list))
        else ()
    )
    return next((f"[{key!r}]" for key, value in entries if value is gradient), "")


def _argument_names(forward: Callable[..., Any], arrays: Mapping[str, Any], others: Mapping[int, Any]) -> list[str]:
    left = iter(arrays)
    names = input_names(forward, len(arrays) + len(others))
    return [names[k] if k in others else next(left) for k in range(len(names))]


def _forward_call(layout: _Layout, output: str, given: str) -> str:
    """The forward's call as a line of a script."""
    if layout.outputs > 1:
        return f"*outputs, cache = forward({given})" if "cache" in layout.words else f"outputs = forward({given})"
    saved = "" if layout.outputs == 0 else ", cache" if layout.words else ", gradients"
    return f"{output}{saved} = forward({given})"


def _layout_with_options(
    name: str, backward: Any, inputs: Sequence[str], example: Any, buffers: int, options: Mapping[str, Any]
) -> _Layout:
    """`_layout`, where a backward gets the forward's options too as far as it has parameters of their names."""
    taken = _parameters(backward)[1:] if backward is not None else []
    named = {n: own(options[n]) for n in taken if n in options}
    if named:
        with contextlib.suppress(Misfit):  # a parameter of such a name may stand for the cache
            found = _layout(name, functools.partial(backward, **named), inputs, example, buffers)
            given = "".join(f", {n}={v!r}" for n, v in named.items())
            return replace(found, words=found.words[:-1] + given + ")" if found.words else "")
    return _layout(name, backward, inputs, example, buffers)


def _parameters(function: Callable[..., Any]) -> list[str]:
    """The names of a function's parameters, where they can be known."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _layout(
    name: str, backward: Callable[..., Any] | None, inputs: Sequence[str], example: Any, buffers: int = 0
) -> _Layout:
    """Which convention holds, from what the forward returned and how many arguments the backward takes."""
    if backward is None:
        return _loss_and_gradient(name, example)
    fewest, most = positional(backward)

    def takes(count: int) -> bool:
        return fewest <= count <= most

    count = len(inputs)
    if isinstance(example, tuple):
        n = len(example)
        if n == 2 and takes(2):
            if _first_parameter(backward) in CACHES:
                return _Layout(1, lambda dys, saved: backward(saved, *dys), "gradients = backward(cache, dy)")
            return _Layout(1, lambda dys, saved: backward(*dys, saved), "gradients = backward(dy, cache)")
        if n == 2 and most == 1 and np.shape(example[0]) == ():
            return _Layout(1, lambda dys, saved: _scaled(backward(saved), dys[0]), "gradients = backward(cache)", True)
        if n > 2 and takes(n) and _all_numbers(example[:-1]):
            return _Layout(n - 1, lambda dys, saved: backward(*dys, saved), "gradients = backward(*cotangents, cache)")
        if n > 2 and buffers and takes(n - buffers) and _all_numbers(example[:-1]):
            return _Layout(
                n - 1,
                lambda dys, saved: backward(*dys[: len(dys) - buffers], saved),
                "gradients = backward(*cotangents, cache)",
            )
        if n >= 2 and takes(n + count) and _all_numbers(example):
            return _Layout(
                n, lambda dys, saved: backward(*dys, *saved), f"gradients = backward(*cotangents, {', '.join(inputs)})"
            )
        raise Misfit(_misfit(name, n, fewest, most))
    if takes(count + 1):
        return _Layout(0, lambda dys, saved: backward(*dys, *saved), f"gradients = backward(dy, {', '.join(inputs)})")
    if most == count and np.shape(example) == ():
        return _Layout(
            0, lambda dys, saved: _scaled(backward(*saved), dys[0]), f"gradients = backward({', '.join(inputs)})", True
        )
    raise Misfit(
        f"{name}: the forward returns y alone, so the backward is called as backward(dy, {', '.join(inputs)}) with "
        f"{count + 1} arguments; it takes {_range(fewest, most)}"
    )


def _loss_and_gradient(name: str, example: Any) -> _Layout:
    if not isinstance(example, tuple) or len(example) != 2 or np.shape(example[0]) != ():
        raise ValueError(
            f"{name}: there is no backward for it, and it does not return (loss, gradients) with a scalar loss; "
            "name a forward and a backward"
        )
    return _Layout(1, lambda dys, saved: _scaled(saved, dys[0]), "", True)


def _misfit(name: str, returned: int, fewest: int, most: float) -> str:
    if returned == 2:
        call = "(y, cache), so the backward is called as backward(dy, cache)"
    else:
        call = (
            f"{returned} values, so the backward is called with {returned - 1} cotangents and the last value, the cache"
        )
    return f"{name}: the forward returns {call}; it takes {_range(fewest, most)} argument{'s' * (most != 1)}"


def _all_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, (np.ndarray, np.generic, float)) and np.asarray(v).dtype.kind == "f" for v in values)


def _first_parameter(function: Callable[..., Any]) -> str:
    with contextlib.suppress(TypeError, ValueError):
        return next(iter(inspect.signature(function).parameters), "").lower()
    return ""


def _range(fewest: int, most: float) -> str:
    return str(fewest) if fewest == most else f"{fewest} or more" if most == np.inf else f"{fewest} to {most:g}"


def _scaled(gradients: Any, dy: Any) -> Any:
    """A loss's own gradient, of upstream gradient one, times the cotangent."""
    if isinstance(gradients, Mapping):
        return {n: None if g is None else np.multiply(g, dy) for n, g in gradients.items()}
    if isinstance(gradients, (tuple, list)):
        return tuple(None if g is None else np.multiply(g, dy) for g in gradients)
    return None if gradients is None else np.multiply(gradients, dy)
