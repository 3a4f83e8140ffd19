"""Runs a submission's own functions with small changes: this file's text is executed inside the sandbox's fork.

It stands alone (standard library and NumPy) and is never imported by the grader. What it returns is as little believed
as anything else that comes from there: it tells which sentence is said, never a mark.
"""

import contextlib
import io
import signal
import sys
import time
from types import CodeType, FunctionType, MethodType

import numpy as np

ENDLESS = 0.25  # seconds of the processor after which a change has made an endless loop
MOST_ENDLESS = 4
IGNORED = {"all": "ignore"}
ERRORS = {**IGNORED, "divide": "raise", "invalid": "raise"}


class Endless(BaseException):
    """Raised where a change has made an endless loop, so that no `except Exception` of the submission keeps it."""


def _too_long(number, frame):
    raise Endless


def trials(functions, variants, programs, arrays, returns, seconds, repeated=False):
    """Rows of results: one for each variant and program, each judged value's entries after one another.

    functions: (file, line of its first line, its source, its name), the ones that variants change. variants: each a
    list of changes (index of a function, start, end, text), in bytes of its source; an empty one is the submission as
    it is. programs: lists of steps; arrays: by name, each program's under its own. returns: (name, shape) of what each
    program keeps. Entries that do not come back in their shape are NaN, or where that is asked for, what came back is
    repeated to that many. Rows of variants for which the seconds (of the processor) are not enough are left out.
    """
    places = _places({each[0] for each in functions})
    found = [places.get((each[0], each[1])) for each in functions]
    rows: list = []
    start, endless = time.process_time(), 0
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS + seconds)
    # where the submission as it is divides by no zero, a change that does mends nothing by it
    base, exact = (_variant(found, functions, [], programs, arrays, returns, repeated, e)[0] for e in (None, ERRORS))
    strict = ERRORS if np.isfinite(base).all() and np.array_equal(base, exact) else IGNORED
    for changes in variants:
        if time.process_time() - start > seconds or endless == MOST_ENDLESS:
            break
        signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS + (seconds if not rows else 0))
        row, stopped = _variant(found, functions, changes, programs, arrays, returns, repeated, strict)
        rows.append(row)
        endless += stopped
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1)


def _places(files):
    """The functions of these files, by file and line: of every module and class that holds any."""
    found: dict = {}
    seen: set = set()
    left: list = [vars(m) for m in list(sys.modules.values()) if hasattr(m, "__dict__")]
    left += [each.__globals__ for each in SUBMITTED.values() if type(each) is FunctionType]
    while left:
        names = left.pop()
        if id(names) in seen:
            continue
        seen.add(id(names))
        for each in list(names.values()):
            if type(each) in (MethodType, staticmethod, classmethod):  # asking others may run their own code
                each = each.__func__
            if type(each) is FunctionType and each.__code__.co_filename in files:
                found[each.__code__.co_filename, each.__code__.co_firstlineno] = each
                left.append(each.__globals__)
            elif isinstance(each, type) and each.__module__ not in ("builtins", "numpy"):
                left.append(vars(each))
    return found


def _variant(found, functions, changes, programs, arrays, returns, repeated, errors=None):
    texts: dict = {}
    for which, start, end, text in sorted(changes, key=lambda c: -c[1]):
        before = texts.get(which) or functions[which][2].encode()
        texts[which] = before[:start] + text.encode() + before[end:]
    kept = {}
    try:
        for which, text in texts.items():
            code = _compiled(text.decode(), functions[which])
            kept[which] = found[which].__code__
            found[which].__code__ = code
        rows = [
            _row(program, own, each, repeated, errors or IGNORED)
            for program, own, each in zip(programs, arrays, returns, strict=True)
        ]
        return [number for row in rows for number in row], False
    except (Exception, Endless) as error:  # nothing comes back
        count = sum(int(np.prod(shape)) for each in returns for _, shape in each)
        return [np.nan] * count, isinstance(error, Endless)
    finally:
        for which, code in kept.items():
            found[which].__code__ = code


def _compiled(text, function):
    module = compile(text, function[0], "exec", dont_inherit=True)
    stack = [c for c in module.co_consts if isinstance(c, CodeType)]
    return next(c for c in stack if c.co_name == function[3])


def _row(steps, arrays, returns, repeated, errors):
    own = {name: x.copy() for name, x in arrays.items()}
    kept: dict = {}
    try:
        with np.errstate(**errors), contextlib.redirect_stdout(io.StringIO()):
            for step in steps:
                _step(step, own, kept)
    except Exception:  # what was kept before it stays
        pass
    row = []
    for name, shape in returns:
        row += _entries(kept.get(name), shape, repeated)
    return row


def _entries(value, shape, repeated):
    try:
        array = np.asarray(value, dtype=np.float64)
        if list(array.shape) == list(shape):
            return array.ravel().tolist()
        if repeated and array.size:
            return np.resize(array, shape).ravel().tolist()
    except Exception:
        pass
    return [np.nan] * int(np.prod(shape))


def _step(step, arrays, kept):
    if step["do"] == "set":
        owner, value = _refer(step["on"], arrays, kept), _refer(step["value"], arrays, kept)
        if "attribute" in step:
            setattr(owner, step["attribute"], value)
        else:
            owner[step["item"]] = value
        return
    if step["do"] == "value":
        result = _refer(step["of"], arrays, kept)
    else:
        if "function" in step:
            function = _submitted(step["function"])
        else:
            function = getattr(_refer(step["on"], arrays, kept), step["method"])
        positional = [_refer(each, arrays, kept) for each in step.get("args", ())]
        named = {key: _refer(each, arrays, kept) for key, each in step.get("kwargs", {}).items()}
        result = function(*positional, **named)
    _keep(step.get("to", {"ignore": True}), result, kept)


def _refer(ref, arrays, kept):
    (kind,) = set(ref) - {"of", "dtype"}
    value = ref[kind]
    if kind == "array":
        return arrays[value]
    if kind == "name":
        return kept[value] if value in kept else _submitted(value)
    if kind == "scalar":
        return np.dtype(ref["dtype"]).type(value)
    if kind == "dict":
        return {key: _refer(each, arrays, kept) for key, each in value.items()}
    if kind in ("list", "tuple"):
        parts = [_refer(each, arrays, kept) for each in value]
        return parts if kind == "list" else tuple(parts)
    if kind == "attribute":
        return getattr(_refer(ref["of"], arrays, kept), value)
    if kind == "item":
        return _item(_refer(ref["of"], arrays, kept), value)
    return dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value


def _submitted(name):
    first, *rest = name.split(".")
    found = SUBMITTED[first]
    for part in rest:
        found = getattr(found, part)
    return found


def _item(owner, key):
    if isinstance(owner, dict) and key not in owner and isinstance(key, str) and key.isdigit():
        return owner[int(key)]
    return owner[key]


def _keep(target, value, kept):
    if "name" in target:
        kept[target["name"]] = value
    elif "tuple" in target:
        if len(value) != len(target["tuple"]):
            raise ValueError("another number of values")
        for each, part in zip(target["tuple"], value, strict=True):
            _keep(each, part, kept)
    elif "dict" in target:
        for key, each in target["dict"].items():
            _keep(each, value[key], kept)


SUBMITTED: dict = {}  # the names that the programs call, as the grader's steps put them here
