"""`gradproof.check`: anybody's forward and backward in plain NumPy, judged by the derivative of that very forward.

    def test_affine():
        gradproof.check(affine_forward, affine_backward, x, w, b)

No catalogue operation and no framework is needed. `check_operation` judges a pair as a catalogue operation.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from . import frame, observing, packing
from .convention import (
    Call,
    Misfit,
    arranged,
    as_pair,
    as_step,
    callable_with,
    differentiable_names,
    functions_of,
    input_names,
    own,
)
from .effort import MOST_OPERATIONS, operations
from .explaining import explain, stopped
from .layout import copied
from .pair import Pair
from .running import copies, evaluate, raised, results_of, with_fresh_caches
from .truth import CannotRun, Truth, coarse, find_truth
from .verdict import About, Finding, Mismatch, Results, judge

COTANGENTS = 3
FEW_ENTRIES = 1024  # of all inputs, for which nobody's forward takes long on exact numbers
MANY_OPERATIONS = 150_000  # beyond, one cotangent is judged: the time of each is felt


@dataclass(frozen=True)
class Checked:
    """One judged point of a user's pair: what `explain` and the reproducer need."""

    pair: Pair
    inputs: dict[str, np.ndarray]
    cotangents: tuple[np.ndarray, ...]
    truth: Truth | None
    findings: list[Finding]
    call: Call = field(default_factory=Call)
    functions: tuple[Any, Any] = (None, None)
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> list[Finding]:
        return [f for f in self.findings if f.failed or f.status == "broken"]


def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    *inputs: Any,
    nondiff: Collection[str | int] = (),
    name: str = "",
    seed: int | None = None,
    **options: Any,
) -> list[Finding]:
    """Judge a hand-written forward and backward at these inputs; the findings where all agree.

    forward:  ``forward(*inputs, **options) -> (y, cache)`` with ``backward(dy, cache) -> gradients``,
              or ``forward(*inputs, **options) -> y`` with ``backward(dy, *inputs) -> gradients``,
              or ``forward(*inputs, **options) -> (loss, gradients)`` with None for the backward,
              or two methods of one object. More in `gradproof.convention`.
    inputs:   arrays (float32 or float64 ones get a gradient; integers and booleans are passed as they are) or any
              other objects, passed through. They are copied: what the functions do to them is noticed, not suffered.
    nondiff:  names or positions of floating inputs without a gradient (targets, masks).
    options:  keyword options of the forward.

    Several cotangents of y's shape are drawn from `seed`, by default 0 or what pytest's --gradproof-seed says. Raises
    `gradproof.Mismatch`, an AssertionError whose message is the explanation, where something disagrees; ValueError
    where the call itself makes no sense.
    """
    for which, function in (("forward", forward), ("backward", backward)):
        if not callable(function) and not (which == "backward" and function is None):
            raise ValueError(
                f"the {which} is {type(function).__name__}, not a function: check(forward, backward, *inputs)"
            )
    seed = observing.default_seed[0] if seed is None else seed
    start = time.perf_counter()
    try:
        checked = check_point(forward, backward, inputs, nondiff, options, name or _name(forward), seed)
    except ValueError as error:
        observing.tell(name, forward, error, "", time.perf_counter() - start)
        raise
    message = explain(checked) if checked.failed else ""
    observing.tell(name, forward, checked, message, time.perf_counter() - start)
    if checked.failed:
        raise Mismatch(message, checked.findings)
    return checked.findings


def _name(forward: Callable[..., Any]) -> str:
    return str(getattr(forward, "__name__", type(forward).__name__))


def check_point(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    inputs: Sequence[Any],
    nondiff: Collection[str | int],
    options: Mapping[str, Any],
    name: str,
    seed: int = 0,
) -> Checked:
    """Judge a pair at one point, without raising for what it does wrong. ValueError where the call makes no sense."""
    forward, backward = functions_of(forward, backward)
    callable_with(name, forward, inputs, options)
    arrays, others = _sorted_out(forward, inputs)
    differentiable = differentiable_names(arrays, nondiff)
    for n in differentiable:
        if not np.isfinite(arrays[n]).all():
            value = arrays[n][~np.isfinite(arrays[n])].flat[0]
            raise ValueError(f"input {n} holds {value}; a derivative is judged at finite numbers")
    example = _first_run(name, forward, arrays, others, options)
    if isinstance(example, Finding):
        pair = Pair(name, forward, backward or forward, tuple(arrays), differentiable)
        return Checked(pair, arrays, (), None, [example], functions=(forward, backward))
    pair, call = as_pair(name, forward, backward, arrays, differentiable, others, options, example)
    with np.errstate(all="ignore"):
        y = pair.forward(*copies(arrays).values())[0] if isinstance(example, tuple) else example
    dtype = _output_dtype(arrays)
    cotangents = draw_cotangents(name, y, dtype, seed)[: 1 if call.only_one else COTANGENTS]
    checked = judge_pair(pair, arrays, cotangents, dtype, seed)
    names = input_names(forward, len(inputs))
    return replace(checked, call=call, functions=(forward, backward), others={names[k]: v for k, v in others.items()})


def _sorted_out(forward: Callable[..., Any], inputs: Sequence[Any]) -> tuple[dict[str, np.ndarray], dict[int, Any]]:
    """Arrays by name (copies), and by position what is no array of numbers."""
    names = input_names(forward, len(inputs))
    arrays: dict[str, np.ndarray] = {}
    others: dict[int, Any] = {}
    for position, (name, value) in enumerate(zip(names, inputs, strict=True)):
        x = _array(name, value)
        if x is None:
            others[position] = own(value)
        else:
            arrays[name] = x
    if not arrays:
        raise ValueError("no input is an array; give the arrays at which to judge the forward and backward")
    return arrays, others


def _array(name: str, value: Any) -> np.ndarray | None:
    """An input as an array of its own; None for what is passed through. ValueError for numbers that are not judged."""
    if isinstance(value, (bool, int)) or not isinstance(value, (np.ndarray, np.generic, float, list)):
        return None
    try:
        x = copied(value) if isinstance(value, np.ndarray) else np.array(value)
    except ValueError:
        return None  # a ragged list
    if x.dtype.kind in "cO" and isinstance(value, np.ndarray):
        raise ValueError(
            f"input {name} is an array of {x.dtype.name}; expected float32 or float64, integers or booleans"
        )
    if x.dtype.kind == "f" and x.dtype.name not in ("float32", "float64"):
        raise ValueError(f"input {name} is {x.dtype.name}; gradproof judges float32 and float64")
    return x if x.dtype.kind in "fiub" else None


def _first_run(
    name: str, forward: Any, arrays: Mapping[str, np.ndarray], others: Mapping[int, Any], options: Mapping[str, Any]
) -> Any:
    """What the forward returns on copies of the inputs; a finding where it raises."""
    every = arranged([copied(x) for x in arrays.values()], others)
    with (
        contextlib.suppress(Exception),
        np.errstate(all="ignore"),
    ):  # what a pair remembers from elsewhere must not matter
        forward(
            *arranged(list(frame.other_numbers(arrays).values()), others), **{k: own(v) for k, v in options.items()}
        )
    try:
        with np.errstate(all="ignore"):
            return forward(*every, **{k: own(v) for k, v in options.items()})
    except Exception as error:
        return raised(About("", name, _output_dtype(arrays), "", name), "forward", "y", error)


def _output_dtype(arrays: Mapping[str, np.ndarray]) -> str:
    floats = {x.dtype.name for x in arrays.values() if x.dtype.kind == "f"}
    return "float32" if floats == {"float32"} else "float64"


def draw_cotangents(name: str, y: Any, dtype: str, seed: int) -> tuple[np.ndarray, ...]:
    """Generic cotangents of y's shape; upstream gradient one comes first for a scalar. Misfit where y is no array."""
    try:
        array = np.asarray(y)
    except ValueError:
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "fiub":
        kind = "None (does it end with a return?)" if y is None else f"{type(y).__name__} of {array.dtype.name}"
        raise Misfit(f"{name}: the forward returned {kind}; expected an array of floating numbers")
    rng = np.random.default_rng([seed, 2])
    drawn = [np.asarray(rng.standard_normal(array.shape), dtype=dtype) for _ in range(COTANGENTS)]
    # A scalar's cotangents are multiples of one another: one and a generic number are all there is to try.
    return (np.ones((), dtype=dtype), drawn[1]) if array.shape == () else tuple(drawn)


def judge_pair(
    pair: Pair, arrays: dict[str, np.ndarray], cotangents: tuple[np.ndarray, ...], dtype: str, seed: int, case: str = ""
) -> Checked:
    """Frame, truth and numbers of a pair at one point, judged by the derivative of its own forward."""
    about = About(case, pair.name, dtype, "", pair.name, pair.output)
    results, findings = results_of(about, pair, arrays, cotangents, views_allowed=True)
    if any(f.reason.startswith("mutated") for f in findings):
        findings = [
            f for f in findings if f.reason not in ("not-repeatable", "not-linear")
        ]  # which only follow from it
        pair = with_fresh_caches(pair)
    if results is None or any(f.quantity == pair.output and f.reason == "not-repeatable" for f in findings):
        return Checked(pair, arrays, cotangents, None, findings)
    few = sum(x.size for x in arrays.values()) <= FEW_ENTRIES
    count = 0 if few else operations(pair, arrays, cotangents[0])
    if count is None:
        why = f"exact numbers would need more than {MOST_OPERATIONS:,} operations (judge smaller arrays for a proof)"
        return _by_differences(about, pair, arrays, cotangents[:1], results, findings, why, seed)
    cotangents = cotangents[: 1 if count > MANY_OPERATIONS else None]
    results = replace(results, gradients=results.gradients[: len(cotangents)])
    try:
        truth = _truth(pair, arrays, cotangents, seed)
        wide = cache(lambda: coarse(pair, arrays, cotangents, truth)) if truth.proof.status == "proved" else None
        judged = _judged(about, pair, arrays, truth, results, wide)
    except CannotRun as stop:
        return _by_differences(about, pair, arrays, cotangents, results, findings, stopped(stop), seed)
    if _without_value(truth):
        why = "an infinity or 0/0 on the way leaves the exact derivative without a value"
        return _by_differences(about, pair, arrays, cotangents, results, findings, why, seed)
    checked = Checked(pair, arrays, cotangents, truth, judged + findings)
    if truth.proof.status == "refuted" and not checked.failed and dtype == "float32":
        return _in_float64(checked, seed)
    return checked


def _truth(pair: Pair, arrays: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray], seed: int) -> Truth:
    """The truth of a pair; rounding at unit scale is granted to a backward that does not run on exact numbers."""
    truth = find_truth(pair, arrays, cotangents, seed)
    if truth.proof.status != "undecided":
        return truth
    note = (
        f"not a proof: {truth.proof.message or 'the balls are too wide'}; judged by the exact derivative of the forward"
    )
    return replace(coarse(pair, arrays, cotangents, truth), notes=(*truth.notes, note))


def _without_value(truth: Truth) -> bool:
    """Does infinity times zero on the way (infinite masks, for one) leave no entry of any gradient to be judged?"""
    arrays = [true for by_input in truth.gradients for true in by_input.values()]
    return all(true.undefined.all() for true in arrays) and any(not np.isfinite(true.low[0]).all() for true in arrays)


def _judged(
    about: About, pair: Pair, arrays: Mapping[str, np.ndarray], truth: Truth, results: Results, wide: Any
) -> list[Finding]:
    expected = {f"d{n}": arrays[n].dtype.name for n in pair.differentiable}
    return [_unused_cotangent(f, results) for f in judge(about, truth, results, wide, results, expected)]


def _unused_cotangent(finding: Finding, results: Results) -> Finding:
    """Say so where a wrong gradient is the same for every cotangent."""
    every = [
        np.asarray(by_input[finding.quantity[1:]]) for by_input in results.gradients if finding.quantity[1:] in by_input
    ]
    if finding.reason != "beyond-allowance" or len(every) < 2 or not every[0].any():
        return finding
    if not all(g.shape == every[0].shape and np.array_equal(g, every[0]) for g in every):
        return finding
    return replace(
        finding, message=f"{finding.quantity} is the same for every dy: the backward does not use its upstream gradient"
    )


def _in_float64(checked: Checked, seed: int) -> Checked:
    """A refuted backward whose error hides below float32's rounding is judged again where it cannot hide."""
    again = judge_pair(checked.pair, *_widened(checked.inputs, checked.cotangents), "float64", seed)
    return again if again.failed else checked


def _widened(
    arrays: Mapping[str, np.ndarray], cotangents: Sequence[np.ndarray]
) -> tuple[dict[str, np.ndarray], tuple[np.ndarray, ...]]:
    wide = {n: x.astype(np.float64) if x.dtype.kind == "f" else x for n, x in arrays.items()}
    return wide, tuple(dy.astype(np.float64) for dy in cotangents)


def _by_differences(
    about: About, pair: Pair, arrays: dict[str, np.ndarray], cotangents: tuple[np.ndarray, ...], results: Results,
    findings: list[Finding], why: str, seed: int,
) -> Checked:  # fmt: skip
    """The fallback where exact numbers do not get through: numbers in float64, whatever the inputs' dtype is."""
    from .fallback import numeric_truth, unknown_truth

    results = replace(results, gradients=results.gradients[: len(cotangents)])
    shapes = [
        f for f in _judged(about, pair, arrays, unknown_truth(pair, arrays, cotangents), results, None) if f.failed
    ]
    if shapes:
        return Checked(pair, arrays, cotangents, None, shapes + findings)
    wide, wide_cotangents = _widened(arrays, cotangents)
    with np.errstate(all="ignore"):
        results = evaluate(pair, wide, wide_cotangents)
    truth = numeric_truth(pair, wide, wide_cotangents, results, why, seed)
    judged = _judged(replace(about, dtype="float64"), pair, wide, truth, results, None)
    return Checked(pair, wide, wide_cotangents, truth, judged + findings)


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
    return [
        finding
        for judged in operation_cases(operation, forward, backward, cases, seed, options, dtypes)
        for finding in judged.findings
    ]


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
        parameters = dict(inspect.signature(forward).parameters)
    except (TypeError, ValueError):
        parameters = {}
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    taken = {n for n in op.options if anything or n in parameters}
    fixed = {n: v for n, v in op.defaults().items() if n not in taken}
    return _Passed({**fixed, **options}, taken)


def _as_operation(
    op: Any, case: Any, forward: Callable[..., Any], backward: Callable[..., Any] | None, options: Mapping[str, Any]
) -> Checked:
    """One case: the reference's truth against the subject's results, and the subject's own frame."""
    from .pair import of_operation

    reference = of_operation(op, case.options)
    about = About(
        case.id,
        op.name,
        case.spec.dtype,
        case.spec.regime,
        getattr(forward, "__qualname__", "subject"),
        op.output,
        case.parts,
    )
    functions = functions_of(forward, backward)
    forward, backward = functions
    example = _first_run(op.name, forward, case.inputs, {}, options)
    if isinstance(example, Finding):
        example = replace(example, case=case.id, regime=case.spec.regime, quantity=op.output)
        return Checked(reference, case.inputs, case.cotangents, None, [example], functions=functions)
    try:
        pair, call = (
            as_pair(
                op.name,
                forward,
                backward,
                case.inputs,
                reference.differentiable,
                {},
                options,
                example,
                len(op.buffers),
                op.output,
            )
            if op.backward
            else as_step(op.name, forward, case.inputs, options, op.outputs or (op.output,), example)
        )
        if len(pair.outputs) == len(op.outputs):
            pair = replace(pair, outputs=op.outputs)
    except ValueError as error:
        finding = Finding(
            case.id,
            op.name,
            case.spec.dtype,
            case.spec.regime,
            about.implementation,
            op.output,
            "wrong",
            "convention",
            message=str(error),
        )
        return Checked(reference, case.inputs, case.cotangents, None, [finding], functions=functions)
    results, findings = results_of(about, pair, case.inputs, case.cotangents)
    truth = find_truth(reference, case.inputs, case.cotangents, case.spec.seed)
    if results is not None:
        wide = cache(lambda: coarse(reference, case.inputs, case.cotangents, truth))
        if len(call.shapes) > 1:
            results = replace(results, y=tuple(packing.split(results.y, call.shapes)))
        references = frame.run(reference, case.inputs, case.cotangents)
        findings = judge(about, truth, results, wide, references) + findings
    return Checked(pair, case.inputs, case.cotangents, truth, findings, call, functions)
