"""A user's pair run in floats: its results, and the faults of its frame as findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from . import frame
from .convention import Misfit, WrongReturn
from .explaining import place
from .layout import copied
from .pair import Pair
from .verdict import About, Finding, Results


def results_of(
    about: About,
    pair: Pair,
    arrays: Mapping[str, np.ndarray],
    cotangents: Sequence[np.ndarray],
    views_allowed: bool = False,
) -> tuple[Results | None, list[Finding]]:
    """A pair's results in floats and the faults of its frame; no results where it raised or returned something else.

    views_allowed: a result that is a view of an argument (dout.reshape(...)) is remarked on, not a fault.
    """
    quantity = f"d{pair.differentiable[0]}" if pair.differentiable else pair.output
    try:
        results = evaluate(pair, arrays, cotangents)
        return results, [_fault(about, pair, fault, views_allowed) for fault in _faults(pair, arrays, cotangents)]
    except WrongReturn as error:
        missing = Finding(*subject_of(about), error.quantity or quantity, "wrong", "missing", message=str(error))
        return None, [missing]
    except Misfit as error:
        return None, [Finding(*subject_of(about), pair.output, "wrong", "convention", message=str(error))]
    except Exception as error:
        return None, [raised(about, "backward", quantity, error)]


def copies(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {n: copied(x) for n, x in arrays.items()}


def evaluate(pair: Pair, arrays: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> Results:
    """The numbers, from a forward of its own for every cotangent.

    So a backward that spoils its cache is told once, as a fault of the frame.
    """
    ys, gradients = [], []
    with np.errstate(all="ignore"):
        for dy in cotangents:
            y, saved = pair.forward(*copies(arrays).values())
            ys.append(kept(y))
            gradients.append(dict(zip(pair.differentiable, map(kept, pair.backward(copied(dy), saved)), strict=True)))
    return Results(ys[0], tuple(gradients))


def kept(x: Any) -> Any:
    return x.copy(order="K") if isinstance(x, np.ndarray) else x


def _faults(pair: Pair, arrays: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> list[frame.Fault]:
    """Faults of the frame. A result that is a view of an argument is told once, and judged further as a copy of it."""

    def faults(of: Pair) -> list[frame.Fault]:
        return list(frame.faults(of, copies(arrays), [copied(dy) for dy in cotangents]))

    found = faults(pair)
    views = [f for f in found if f.reason == "alias" and "shares memory" in f.message]
    if not views:
        return found
    return views + faults(
        replace(
            pair,
            forward=_copying(pair.forward),
            backward=lambda dy, saved: tuple(map(kept, pair.backward(dy, saved))),
            separately=pair.separately and _copying(pair.separately),
        )
    )


def _copying(forward: Callable[..., Any]) -> Callable[..., Any]:
    def run(*inputs: Any) -> tuple[Any, Any]:
        y, saved = forward(*inputs)
        return (list(map(kept, y)) if isinstance(y, (list, tuple)) else kept(y)), saved

    return run


def _fault(about: About, pair: Pair, fault: frame.Fault, views_allowed: bool) -> Finding:
    """A fault of the frame as a finding; an allowed view is a remark, since nothing is wrong until someone writes."""
    of_output = fault.quantity in (pair.output, *pair.outputs)
    quantity = about.output if of_output and not about.parts else fault.quantity  # several are judged as one then
    if views_allowed and fault.reason == "alias" and "shares memory" in fault.message:
        return Finding(*subject_of(about), quantity, "agree", "view", message=fault.message)
    message = fault.message
    if fault.reason == "not-repeatable" and of_output:
        message += ": it draws random numbers or keeps state; give them as an input (a mask), or seed them inside"
    return Finding(*subject_of(about), quantity, "wrong", fault.reason, message=message)


def subject_of(about: About) -> tuple[str, str, str, str, str]:
    return about.case, about.op, about.dtype, about.regime, about.implementation


def with_fresh_caches(pair: Pair) -> Pair:
    """The pair with a forward of its own for every backward: for the truth of one that spoils its cache."""

    def backward(dy: Any, inputs: Sequence[Any]) -> tuple[Any, ...]:
        return pair.backward(dy, pair.forward(*map(kept, inputs))[1])

    def forward(*inputs: Any) -> tuple[Any, Any]:
        return pair.forward(*map(kept, inputs))[0], inputs

    return replace(pair, forward=forward, backward=backward, outputs=(), separately=None)


def raised(about: About, which: str, quantity: str, error: Exception) -> Finding:
    """The finding of a forward or backward that raised an exception."""
    message = f"the {which} raised {type(error).__name__}: {' '.join(str(error).split())[:200]}{place(error)}"
    return Finding(*subject_of(about), quantity, "broken", "raised", message=message)
