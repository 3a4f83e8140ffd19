"""`gradproof.check`: anybody's forward and backward in plain NumPy, judged by the derivative of that very forward.

    def test_affine():
        gradproof.check(affine_forward, affine_backward, x, w, b)

No catalogue operation and no framework is needed. `check_operation` judges a pair as a catalogue operation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from . import frame
from .convention import WrongReturn, as_pair, differentiable_names, input_names
from .explaining import explain
from .pair import Pair
from .truth import CannotRun, Truth, coarse, find_truth
from .verdict import About, Finding, Mismatch, Results, judge

COTANGENTS = 3


@dataclass(frozen=True)
class Checked:
    """One judged point of a user's pair: what `explain` and the reproducer need."""

    pair: Pair
    inputs: dict[str, np.ndarray]
    cotangents: tuple[np.ndarray, ...]
    truth: Truth | None
    findings: list[Finding]

    @property
    def failed(self) -> list[Finding]:
        return [f for f in self.findings if f.failed or f.status == "broken"]


def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Any,
    nondiff: Collection[str | int] = (),
    name: str = "",
    seed: int = 0,
    **options: Any,
) -> list[Finding]:
    """Judge a hand-written forward and backward at these inputs; the findings where all agree.

    forward:  ``forward(*inputs, **options) -> (y, cache)`` with ``backward(dy, cache) -> gradients``,
              or ``forward(*inputs, **options) -> y`` with ``backward(dy, *inputs) -> gradients``.
    inputs:   arrays (float32 or float64 ones get a gradient; integers and booleans are passed as they are) or any
              other objects, passed through. They are copied: what the functions do to them is noticed, not suffered.
    nondiff:  names or positions of floating inputs without a gradient (targets, masks).
    options:  keyword options of the forward.

    Several cotangents of y's shape are drawn from `seed`. Raises `gradproof.Mismatch`, an AssertionError whose
    message is the explanation, where something disagrees; ValueError where the call itself makes no sense.
    """
    checked = check_point(forward, backward, inputs, nondiff, options, name or _name(forward), seed)
    if checked.failed:
        raise Mismatch(explain(checked), checked.findings)
    return checked.findings


def _name(forward: Callable[..., Any]) -> str:
    return str(getattr(forward, "__name__", type(forward).__name__))


def check_point(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Sequence[Any],
    nondiff: Collection[str | int],
    options: Mapping[str, Any],
    name: str,
    seed: int = 0,
) -> Checked:
    """Judge a pair at one point, without raising for what it does wrong. ValueError where the call makes no sense."""
    arrays, others = _sorted_out(forward, inputs)
    differentiable = differentiable_names(arrays, nondiff)
    example = _first_run(name, forward, arrays, others, options)
    if isinstance(example, Finding):
        return Checked(Pair(name, forward, backward, tuple(arrays), differentiable), arrays, (), None, [example])
    pair = as_pair(name, forward, backward, arrays, differentiable, others, options, example)
    y = example[0] if isinstance(example, tuple) else example
    dtype = _output_dtype(arrays)
    cotangents = draw_cotangents(name, y, dtype, seed)
    return judge_pair(pair, arrays, cotangents, dtype, seed)


def _sorted_out(forward: Callable[..., Any], inputs: Sequence[Any]) -> tuple[dict[str, np.ndarray], dict[int, Any]]:
    """Arrays by name (copies), and by position what is no array of numbers."""
    names = input_names(forward, len(inputs))
    arrays: dict[str, np.ndarray] = {}
    others: dict[int, Any] = {}
    for position, (name, value) in enumerate(zip(names, inputs, strict=True)):
        x = np.array(value, order="K") if isinstance(value, (np.ndarray, np.generic, float, int, list)) else None
        if isinstance(value, (bool, int)) or x is None or x.dtype.kind not in "fiub":
            if x is not None and x.dtype.kind in "cO":
                raise ValueError(f"input {name} is an array of {x.dtype.name}; expected float32 or float64, integers or booleans")
            others[position] = value
        elif x.dtype.kind == "f" and x.dtype.name not in ("float32", "float64"):
            raise ValueError(f"input {name} is {x.dtype.name}; gradproof judges float32 and float64")
        else:
            arrays[name] = x
    if not arrays:
        raise ValueError("no input is an array; give the arrays at which to judge the forward and backward")
    return arrays, others


def _first_run(name: str, forward: Any, arrays: Mapping[str, np.ndarray], others: Mapping[int, Any], options: Mapping[str, Any]) -> Any:
    """What the forward returns on copies of the inputs; a finding where it raises."""
    left = iter(x.copy() for x in arrays.values())
    every = [others[k] if k in others else next(left) for k in range(len(arrays) + len(others))]
    try:
        with np.errstate(all="ignore"):
            return forward(*every, **options)
    except Exception as error:
        return raised(About("", name, _output_dtype(arrays), "", name), "forward", "y", error)


def raised(about: About, which: str, quantity: str, error: Exception) -> Finding:
    """The finding of a forward or backward that raised an exception."""
    from .truth import _place

    message = f"the {which} raised {type(error).__name__}: {' '.join(str(error).split())[:200]}{_place(error)}"
    return Finding(about.case, about.op, about.dtype, about.regime, about.implementation, quantity, "broken", "raised", message=message)


def _output_dtype(arrays: Mapping[str, np.ndarray]) -> str:
    floats = {x.dtype.name for x in arrays.values() if x.dtype.kind == "f"}
    return "float32" if floats == {"float32"} else "float64"


def draw_cotangents(name: str, y: Any, dtype: str, seed: int) -> tuple[np.ndarray, ...]:
    """Generic cotangents of y's shape; upstream gradient one comes first for a scalar."""
    try:
        array = np.asarray(y)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name}: the forward returned {type(y).__name__} {array.dtype.name}; expected an array of floating numbers")
    rng = np.random.default_rng([seed, 2])
    drawn = [np.asarray(rng.standard_normal(array.shape), dtype=dtype) for _ in range(COTANGENTS)]
    return (np.ones((), dtype=dtype), *drawn[1:]) if array.shape == () else tuple(drawn)


def judge_pair(pair: Pair, arrays: dict[str, np.ndarray], cotangents: tuple[np.ndarray, ...], dtype: str, seed: int, case: str = "") -> Checked:
    """Frame, truth and numbers of a pair at one point, judged by the derivative of its own forward."""
    about = About(case, pair.name, dtype, "", pair.name, pair.output)
    results, findings = results_of(about, pair, arrays, cotangents)
    if results is None:
        return Checked(pair, arrays, cotangents, None, findings)
    try:
        truth = find_truth(pair, arrays, cotangents, seed)
    except CannotRun as stop:
        from .fallback import numeric_truth

        truth = numeric_truth(pair, arrays, cotangents, str(stop), seed)
    wide = cache(lambda: coarse(pair, arrays, cotangents, truth)) if truth.proof.status == "proved" else None
    expected = {f"d{n}": arrays[n].dtype.name for n in pair.differentiable}
    findings = judge(about, truth, results, wide, results, expected) + findings
    checked = Checked(pair, arrays, cotangents, truth, findings)
    if truth.proof.status == "refuted" and not checked.failed and dtype == "float32":
        return _in_float64(checked, seed)
    return checked


def _in_float64(checked: Checked, seed: int) -> Checked:
    """A refuted backward whose error hides below float32's rounding is judged again where it cannot hide."""
    arrays = {n: x.astype(np.float64) if x.dtype.kind == "f" else x for n, x in checked.inputs.items()}
    cotangents = tuple(dy.astype(np.float64) for dy in checked.cotangents)
    again = judge_pair(checked.pair, arrays, cotangents, "float64", seed)
    return again if again.failed else checked


def results_of(about: About, pair: Pair, arrays: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]) -> tuple[Results | None, list[Finding]]:
    """A pair's results in floats and the faults of its frame; no results where it raised or returned something else."""
    def copies() -> dict[str, np.ndarray]:
        return {n: x.copy(order="K") for n, x in arrays.items()}

    quantity = f"d{pair.differentiable[0]}"
    try:
        results = frame.run(pair, copies(), [dy.copy() for dy in cotangents])
        faults = [
            Finding(about.case, about.op, about.dtype, about.regime, about.implementation, f.quantity, "wrong", f.reason, message=f.message)
            for f in frame.faults(pair, copies(), [dy.copy(order="K") for dy in cotangents])
        ]
    except WrongReturn as error:
        message = str(error)
        return None, [
            Finding(about.case, about.op, about.dtype, about.regime, about.implementation, quantity, "wrong", "missing", message=message)
        ]
    except Exception as error:
        return None, [raised(about, "backward", quantity, error)]
    return results, faults


# -- as a catalogue operation ---------------------------------------------------------------------------------------


def check_operation(
    operation: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *,
    cases: int = 12,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    dtypes: Sequence[str] = ("float32", "float64"),
) -> list[Finding]:
    """Judge a pair as a catalogue operation, by the reference's truth, on drawn cases of every regime.

    forward(*inputs, **options) -> (y, cache) or y; backward as in `check`. options: those to hold fixed; a forward
    that does not take an option is judged at the option's default. Findings come back whatever they say; ValueError
    for an unknown operation or option.
    """
    return [finding for judged in operation_cases(operation, forward, backward, cases, seed, options, dtypes) for finding in judged.findings]


def operation_cases(
    operation: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    cases: int,
    seed: int,
    options: Mapping[str, Any] | None = None,
    dtypes: Sequence[str] = ("float32", "float64"),
) -> list[Checked]:
    """The judged cases behind `check_operation`."""
    from .cases import build
    from .drawing import plain_specs
    from .reference import operations

    known = operations()
    if operation not in known:
        from .naming import unknown_operation

        raise ValueError(unknown_operation(operation, known))
    op = known[operation]
    passed = _options_taken(op, forward, options or {})
    judged = []
    for spec in plain_specs(op, cases, seed, dtypes, passed.fixed):
        case = build(spec, op)
        given = {n: v for n, v in case.options.items() if n in passed.taken}
        judged.append(_as_operation(op, case, forward, backward, given))
    return judged


@dataclass(frozen=True)
class _Passed:
    fixed: dict[str, Any]
    taken: set[str]


def _options_taken(op: Any, forward: Callable[..., Any], options: Mapping[str, Any]) -> _Passed:
    """Which options the forward takes, and which values are held fixed."""
    import inspect

    for name in options:
        if name not in op.options:
            raise ValueError(f"{op.name} has no option {name!r}; it has {', '.join(op.options) or 'none'}")
    try:
        parameters = inspect.signature(forward).parameters
    except (TypeError, ValueError):
        parameters = {}
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    taken = {n for n in op.options if anything or n in parameters}
    fixed = {n: v for n, v in op.defaults().items() if n not in taken}
    return _Passed({**fixed, **options}, taken)


def _as_operation(op: Any, case: Any, forward: Callable[..., Any], backward: Callable[..., Any], options: Mapping[str, Any]) -> Checked:
    """One case: the reference's truth against the subject's results, and the subject's own frame."""
    from .pair import of_operation

    reference = of_operation(op, case.options)
    about = About(case.id, op.name, case.spec.dtype, case.spec.regime, getattr(forward, "__qualname__", "subject"), op.output)
    example = _first_run(op.name, forward, case.inputs, {}, options)
    if isinstance(example, Finding):
        return Checked(reference, case.inputs, case.cotangents, None, [replace(example, case=case.id, regime=case.spec.regime)])
    try:
        pair = as_pair(op.name, forward, backward, case.inputs, reference.differentiable, {}, options, example)
    except ValueError as error:
        finding = Finding(case.id, op.name, case.spec.dtype, case.spec.regime, about.implementation, "y", "wrong", "convention", message=str(error))
        return Checked(reference, case.inputs, case.cotangents, None, [finding])
    results, findings = results_of(about, pair, case.inputs, case.cotangents)
    truth = find_truth(reference, case.inputs, case.cotangents, case.spec.seed)
    if results is not None:
        wide = cache(lambda: coarse(reference, case.inputs, case.cotangents, truth))
        own = frame.run(reference, case.inputs, case.cotangents)
        findings = judge(about, truth, results, wide, own) + findings
    return Checked(pair, case.inputs, case.cotangents, truth, findings)
