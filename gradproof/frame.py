"""The frame of a forward and backward in floats: what must hold before any number is looked at.

Inputs, cotangent and cache stay as they were; results share no memory with inputs, with each other or with a
second call's; a second call gives the same bits, and so does a backward after another forward, or a second one on
the same cache; the backward is linear in the cotangent (-2 times the cotangent gives exactly -2 times the
gradient: a power of two never rounds).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .pair import Pair
from .verdict import Results


@dataclass(frozen=True)
class Fault:
    """Something wrong with the frame: on which quantity, a word for it, and a sentence."""

    quantity: str
    reason: str
    message: str


def run(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> Results:
    """Forward once and backward once a cotangent, in floats. Exceptions of the pair pass through."""
    with np.errstate(all="ignore"):
        y, saved = pair.forward(*inputs.values())
        gradients = tuple(dict(zip(pair.differentiable, pair.backward(dy, saved), strict=True)) for dy in cotangents)
    return Results(y, gradients)


def faults(pair: Pair, inputs: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> Iterator[Fault]:
    """Every fault of the frame on these inputs, each once."""
    dy = cotangents[0]
    before = {name: x.tobytes() for name, x in inputs.items()}
    with np.errstate(all="ignore"):
        outputs, saved = _separately(pair, inputs)
        yield from (
            Fault(pair.output, "mutated-input", f"the forward changes its input {n}") for n in _changed(before, inputs)
        )
        before = {name: x.tobytes() for name, x in inputs.items()}
        kept, upstream = _snapshot(saved), dy.copy()
        gradients = dict(zip(pair.differentiable, pair.backward(dy, saved), strict=True))
        first = next(iter(gradients), "")
        if upstream.tobytes() != dy.tobytes():
            dy[...] = upstream
            yield Fault(f"d{first}", "mutated-cotangent", "the backward changes the cotangent dy that it was given")
        yield from (
            Fault(f"d{n}", "mutated-input", f"the backward changes the input {n}") for n in _changed(before, inputs)
        )
        if _snapshot(saved) != kept and not list(_changed(before, inputs)):
            yield Fault(
                f"d{first}", "mutated-cache", "the backward changes the cache, so a second backward would differ"
            )
        yield from _aliases(outputs, gradients, inputs, dy)
        yield from _second_call(pair, inputs, dy, outputs, gradients)
        yield from _own_cache(pair, inputs, dy)
        yield from _nonlinear(pair, inputs, dy)


def _separately(pair: Pair, inputs: Mapping[str, np.ndarray]) -> tuple[dict[str, Any], Any]:
    """The outputs by name, each in the memory that the forward returned it in, and what is saved."""
    if pair.separately is None:
        y, saved = pair.forward(*inputs.values())
        return {pair.output: y}, saved
    returned, saved = pair.separately(*inputs.values())
    return dict(zip(pair.outputs, returned, strict=True)), saved


def _changed(before: Mapping[str, bytes], inputs: Mapping[str, np.ndarray]) -> list[str]:
    return [name for name, x in inputs.items() if x.tobytes() != before[name]]


def _snapshot(saved: Any, depth: int = 0) -> Any:
    """The bits of everything in a cache, as far as it is made of arrays, numbers and containers."""
    if isinstance(saved, np.ndarray):
        return (saved.shape, saved.tobytes()) if saved.dtype != object else saved.shape
    if isinstance(saved, Mapping) and depth < 5:
        return {str(k): _snapshot(v, depth + 1) for k, v in saved.items()}
    if isinstance(saved, (list, tuple)) and depth < 5:
        return [_snapshot(v, depth + 1) for v in saved]
    return repr(saved) if isinstance(saved, (int, float, str, bool, type(None), np.generic)) else type(saved).__name__


def _aliases(
    outputs: Mapping[str, Any], gradients: Mapping[str, Any], inputs: Mapping[str, np.ndarray], dy: np.ndarray
) -> Iterator[Fault]:
    """Results that are views of something else: writing into one would change the other."""
    seen: dict[str, Any] = {**inputs, "the cotangent dy": dy}
    results = {**outputs, **{f"d{n}": gradient for n, gradient in gradients.items()}}
    for quantity, result in results.items():
        for name, x in seen.items():
            if _shares(result, x):
                message = f"{quantity} shares memory with {name}: writing into one changes the other"
                yield Fault(quantity, "alias", message)
        seen[quantity if quantity not in inputs else f"the output {quantity}"] = result


def _shares(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.size > 0 and np.shares_memory(a, b)


def _second_call(
    pair: Pair,
    inputs: Mapping[str, np.ndarray],
    dy: np.ndarray,
    outputs: Mapping[str, Any],
    gradients: Mapping[str, Any],
) -> Iterator[Fault]:
    before = {name: _bits(x) for name, x in (*outputs.items(), *((f"d{n}", g) for n, g in gradients.items()))}
    again_outputs, saved = _separately(pair, inputs)
    kept = dy.copy()
    again = dict(zip(pair.differentiable, pair.backward(dy, saved), strict=True))
    dy[...] = kept
    results = {name: (y, again_outputs[name]) for name, y in outputs.items()}
    results.update({f"d{n}": (gradients[n], again[n]) for n in gradients})
    for quantity, (first, second) in results.items():
        if _bits(first) != before[quantity] or _shares(first, second):
            yield Fault(quantity, "alias", f"a second call writes into the {quantity} that the first call returned")
        elif _bits(second) != before[quantity]:
            yield Fault(quantity, "not-repeatable", f"a second call with the same arguments gives another {quantity}")


def other_numbers(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Inputs of the same shapes, dtypes and ranges with other numbers: each array's own, moved on by one place."""
    others = {}
    for name, x in inputs.items():
        moved = np.roll(x, 1)
        others[name] = moved / 2 if x.dtype.kind == "f" and (moved == x).all() else moved
    return others


def _own_cache(pair: Pair, inputs: Mapping[str, np.ndarray], dy: np.ndarray) -> Iterator[Fault]:
    """Does the backward answer for the cache that it is given, also the second time, and after another forward?"""

    def backward(saved: Any) -> dict[str, tuple[Any, bytes]]:
        kept = dy.copy()
        found = {n: (g, _bits(g)) for n, g in zip(pair.differentiable, pair.backward(dy, saved), strict=True)}
        dy[...] = kept
        return found

    _, saved = pair.forward(*inputs.values())
    first, second = backward(saved), backward(saved)
    yield from (
        Fault(f"d{n}", "alias", f"two backwards on one cache return the same memory for d{n}")
        for n in first
        if _shares(first[n][0], second[n][0])
    )
    _, saved = pair.forward(*inputs.values())
    try:
        pair.forward(*other_numbers(inputs).values())
    except Exception:  # other numbers may be none that the forward accepts: then this is not asked
        return
    after = backward(saved)
    for name, (_, bits) in first.items():
        if second[name][1] != bits:
            yield Fault(f"d{name}", "mutated-cache", f"a second backward on the same cache gives another d{name}")
        elif after[name][1] != bits:
            yield Fault(
                f"d{name}",
                "stale-cache",
                f"after another forward the same cache gives another d{name}: "
                "the backward uses what the latest forward left",
            )


def _nonlinear(pair: Pair, inputs: Mapping[str, np.ndarray], dy: np.ndarray) -> Iterator[Fault]:
    def gradients(upstream: np.ndarray) -> dict[str, Any]:
        _, saved = pair.forward(*inputs.values())
        given = upstream.copy()
        found = {n: np.array(g) for n, g in zip(pair.differentiable, pair.backward(upstream, saved), strict=True)}
        upstream[...] = given  # a backward that writes into it was told so above
        return found

    once = gradients(dy)
    kept = dy.copy()
    dy *= -2  # in place: another array might be laid out otherwise, and summed in another order
    try:
        twice = gradients(dy)
    finally:
        dy[...] = kept
    for name, gradient in once.items():
        one, two = np.asarray(gradient), np.asarray(twice[name])
        if one.dtype.kind != "f" or one.shape != two.shape or one.size == 0 or not np.isfinite(2 * one).all():
            continue
        # Products that underflow on the way lose up to the smallest normal number, times what multiplies them:
        # twice in the first gradient doubled, once in the second.
        underflow = np.finfo(one.dtype).tiny * max(1.0, float(np.abs(kept).max(initial=0.0))) * max(1, dy.size)
        if (np.abs(-2 * one - two) > 3 * underflow).any():
            yield Fault(
                f"d{name}",
                "not-linear",
                f"-2 times the cotangent does not give -2 times d{name}: the backward is not linear in dy",
            )


def _bits(x: Any) -> bytes:
    return np.asarray(x).tobytes()
