"""NumPy on exact numbers: object arrays that survive everything that an ordinary forward does.

Most of NumPy works on object arrays as it is. `ExactArray` closes the gaps through NumPy's own override
protocols (NEP 13 and 18): functions without an object loop (logaddexp, isnan, scipy.special.expit), plain
ints that np.maximum(x, 0) leaves among the numbers, astype(float). `exact_run` also lets np.zeros, np.array
and the like make exact arrays while a run lasts, since they see no argument that could tell them.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from flint import ctx

from .compiled import compiled_modules_apart
from .elementary import TABLE
from .exact_number import Current, ExactStop, Number, Trace
from .products import product
from .subgradients import both_sides
from .tape import Traced

_empty, _asarray = np.empty, np.asarray  # the originals: an exact run replaces them


class ExactArray(np.ndarray):
    """An object array of exact numbers."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return run_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        Current.trace.called = f"{func.__module__}.{func.__name__}".replace("numpy.", "np.")
        stand_in = _FUNCTIONS.get(func.__name__)
        if stand_in is not None:
            return stand_in(*args, **kwargs)
        with _reducing(
            func.__name__ in ("dot", "einsum", "tensordot", "inner", "vdot", "trace", "convolve", "correlate")
        ):
            return _exact(super().__array_function__(func, types, args, kwargs))

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, _lifted(value))  # an int among exact numbers would divide as an int

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        if _floating(dtype):
            return self.copy()
        Current.trace.called = f"astype({np.dtype(dtype).name})"
        return super().astype(dtype, *args, **kwargs)


def exact(numbers: list[Any], shape: tuple[int, ...]) -> ExactArray:
    """An exact array of this shape from a flat list of numbers."""
    array = _empty(len(numbers), dtype=object)
    array[:] = numbers
    return array.reshape(shape).view(ExactArray)


def flat(y: Any) -> list[Any]:
    """The entries of a result (array, nested list, or a single number) as numbers of the run's kind."""
    entries = [y] if isinstance(y, Number) else _asarray(y, dtype=object).ravel().tolist()
    return [lift(entry) for entry in entries]


def _lifted(value: Any) -> Any:
    """Plain numbers and arrays of them as exact numbers; anything else as it is."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiub":
            return value
        lifted = _empty(value.shape, dtype=object)
        lifted.reshape(-1)[:] = [Current.number.lift(v) for v in value.ravel().tolist()]
        return lifted
    number = Current.number.lift(value) if np.isscalar(value) else None
    return value if number is None else number


def lift(entry: Any) -> Any:
    number = Current.number.lift(entry)
    if number is None:
        raise ExactStop(f"the result holds {type(entry).__name__} objects, not numbers")
    return number


# -- ufuncs ------------------------------------------------------------------------------------------


def run_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A ufunc on operands of which at least one holds exact numbers."""
    name = ufunc.__name__
    Current.trace.called = f"np.{name}" if isinstance(getattr(np, name, None), np.ufunc) else f"scipy.special.{name}"
    out = kwargs.get("out")
    if out is not None:
        kwargs["out"] = tuple(o.view(np.ndarray) if isinstance(o, ExactArray) else o for o in out)
    if _floating(kwargs.get("dtype")):
        del kwargs["dtype"]
    if method == "reduce" and name in _IDENTITIES and kwargs.get("where", True) is not True:
        kwargs.setdefault("initial", _IDENTITIES[name])  # which the object loops of NumPy do without
    operands = tuple(_plain(x) for x in inputs)
    choosing = both_sides(name)
    if choosing is not None:
        result = _entrywise(name, method, operands, kwargs, choosing)
    elif name in TABLE or name in _PER_ENTRY:
        result = _entrywise(name, method, operands, kwargs)
    else:
        with _reducing(method not in ("__call__", "outer") or name in ("matmul", "vecdot", "matvec", "vecmat")):
            at_once = product(*operands) if name == "matmul" and not kwargs else None
            result = getattr(ufunc, method)(*operands, **kwargs) if at_once is None else at_once
    if out is not None:
        return out[0] if len(out) == 1 else out
    return _exact(result)


@contextmanager
def _reducing(reduces: bool) -> Iterator[None]:
    trace, before = Current.trace, Current.trace.reducing
    trace.reducing = before or reduces
    try:
        yield
    finally:
        trace.reducing = before


def _plain(x: Any) -> Any:
    if isinstance(x, ExactArray):
        return x.view(np.ndarray)
    if isinstance(x, Number):
        boxed = _empty((), dtype=object)
        boxed[()] = x
        return boxed
    return x


def _entrywise(name: str, method: str, operands: tuple[Any, ...], kwargs: dict[str, Any], own: Any = None) -> Any:
    function = own or _PER_ENTRY.get(name) or (lambda x: x.elementary(name))
    count = _operands(function) if own or name in _PER_ENTRY else 1
    identity: dict[str, Any] = {"identity": None} if own else {}  # None: in any order, over several axes at once
    if name.startswith("logaddexp"):
        identity = {"identity": -math.inf}
    stand_in = np.frompyfunc(lambda *xs: function(*(Current.number.lift(x) for x in xs)), count, 1, **identity)
    if name not in _PREDICATES:
        return getattr(stand_in, method)(*operands, **kwargs)
    (out,) = kwargs.pop("out", (None,))
    result = stand_in(*operands, **kwargs)
    result = np.asarray(result, dtype=bool) if isinstance(result, np.ndarray) else bool(result)
    if out is not None:
        out[...] = result
    return result


def _operands(function: Callable[..., Any]) -> int:
    return function.__code__.co_argcount


def _logaddexp(a: Any, b: Any) -> Any:
    return (b if a < b else a) + (-abs(a - b)).elementary("exp").elementary("log1p")


def _xlogy(a: Any, b: Any) -> Any:
    return a * 0 if a == 0 else a * b.elementary("log")


def _sign(x: Any) -> Any:
    return Current.number.lift((x > 0) - (x < 0))


def _logaddexp2(a: Any, b: Any) -> Any:
    return (b if a < b else a) + (-abs(a - b)).elementary("exp2").elementary("log1p") / (a * 0 + 2).elementary("log")


def _arctan2(y: Any, x: Any) -> Any:
    pi = Current.number.lift(-1).elementary("arccos")
    if abs(y) > abs(x):
        return (pi if y > 0 else -pi) / 2 - (x / y).elementary("arctan")
    angle = (y / x).elementary("arctan")
    return angle if x > 0 else angle + pi if y >= 0 else angle - pi


def _ball(x: Any) -> Any:
    while isinstance(x, Number):
        x = x.v  # type: ignore[attr-defined]
    return x


_PER_ENTRY: dict[str, Callable[..., Any]] = {
    "logaddexp": _logaddexp,
    "logaddexp2": _logaddexp2,
    "arctan2": _arctan2,
    "float_power": lambda a, b: a**b,
    "log_expit": lambda x: -_logaddexp(-x, -x * 0),
    "logit": lambda p: p.elementary("log") - (-p).elementary("log1p"),
    "hypot": lambda a, b: a.hypot(b),
    "fabs": lambda x: abs(x),
    "xlogy": _xlogy,
    "xlog1py": lambda a, b: _xlogy(a, 1 + b),
    "sign": _sign,
    "copysign": lambda a, b: abs(a) if b >= 0 else -abs(a),
    "heaviside": lambda x, h: h if x == 0 else Current.number.lift(int(x > 0)),
    "deg2rad": lambda x: x * (math.pi / 180),
    "radians": lambda x: x * (math.pi / 180),
    "rad2deg": lambda x: x * (180 / math.pi),
    "degrees": lambda x: x * (180 / math.pi),
    "isnan": lambda x: bool(_ball(x).is_nan()),
    "isinf": lambda x: not _ball(x).is_finite() and not _ball(x).is_nan(),
    "isfinite": lambda x: bool(_ball(x).is_finite()),
    "signbit": lambda x: x < 0,
}
_IDENTITIES = {"add": 0, "multiply": 1}
_PREDICATES = {"isnan", "isinf", "isfinite", "signbit"}


def _exact(result: Any) -> Any:
    if isinstance(result, np.ndarray) and result.dtype == object and not isinstance(result, ExactArray):
        return result.view(ExactArray)
    if isinstance(result, (tuple, list)):
        return type(result)(_exact(r) for r in result) if type(result) in (tuple, list) else result
    return result


# -- array functions that do not work on objects ---------------------------------------------------------


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # NumPy's parameter names
    if ord == 1:
        return np.abs(x).sum(axis=axis, keepdims=keepdims)
    if ord in (None, 2, "fro"):
        return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))
    if ord == np.inf:
        return np.abs(x).max(axis=axis, keepdims=keepdims)
    raise ExactStop(f"np.linalg.norm with ord={ord!r} has no exact counterpart")


def _like(fill: Any) -> Callable[..., Any]:
    def made(x: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
        target = np.shape(x) if shape is None else shape
        if dtype is not None and not _floating(dtype):
            return np.full(target, fill, dtype=dtype)
        return _filled(target, fill)

    return made


def _filled_by(shape: Any, fill: Any) -> Any:
    """An exact array of an array's numbers, repeated to a shape."""
    made = _filled(shape, 0)
    made[...] = fill
    return made


def _full_like(x: Any, fill: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
    if np.ndim(fill) and (dtype is None or _floating(dtype)):
        return _filled_by(np.shape(x) if shape is None else shape, fill)
    return _like(fill)(x, dtype, shape=shape)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "norm": _norm,
    "zeros_like": _like(0),
    "empty_like": _like(0),
    "ones_like": _like(1),
    "full_like": _full_like,
    "nan_to_num": lambda x, *_, **__: x,
    "real_if_close": lambda x, *_: x,
}


# -- the run -----------------------------------------------------------------------------------------------


def _floating(dtype: Any) -> bool:
    if dtype is None:
        return False
    try:
        return np.dtype(dtype).kind in "fO"
    except TypeError:
        return False


def _filled(shape: Any, value: Any) -> ExactArray:
    array = _empty(shape, dtype=object)
    array.fill(Current.number.lift(value) if not isinstance(value, Number) else value)
    return array.view(ExactArray)


def _creator(original: Any, fill: Any) -> Any:
    def create(shape: Any, dtype: Any = float, *args: Any, **kwargs: Any) -> Any:
        if _floating(dtype) or dtype is None:
            return _filled(shape, fill)
        return original(shape, dtype, *args, **kwargs)

    return create


def _like_creator(original: Any, fill: Any) -> Any:
    """For the likes of plain float arrays: a program may go on to write exact numbers into them."""

    def create(x: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if dtype is None and (isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")):
            return _like(fill)(x, None, shape=kwargs.get("shape"))
        return original(x, dtype, *args, **kwargs)

    return create


def _converter(original: Any) -> Any:
    def convert(x: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, (ExactArray, Number)) and (dtype is None or _floating(dtype)):
            kept = x if isinstance(x, ExactArray) else _plain(x).view(ExactArray)
            return kept.copy() if original.__name__ == "array" and kwargs.get("copy", True) else kept
        if _floating(dtype) and _holds_numbers(x):
            return _exact(original(x, object, *args, **kwargs))
        if dtype is not None and np.dtype(dtype).hasobject and np.asarray(x).dtype.kind in "iuf":
            return _filled_by(np.shape(x), np.asarray(x))  # dtype=x.dtype of an exact x: exact numbers are meant
        return (
            _exact(original(x, dtype, *args, **kwargs)) if dtype is not None else _exact(original(x, *args, **kwargs))
        )

    return convert


def _holds_numbers(x: Any) -> bool:
    return (
        isinstance(x, Number)
        or (isinstance(x, (list, tuple)) and any(_holds_numbers(e) for e in x))
        or (isinstance(x, np.ndarray) and x.dtype == object)
    )


def _stand_ins() -> dict[str, Any]:
    full, eye, identity, finfo, subtype = np.full, np.eye, np.identity, np.finfo, np.issubdtype

    def exact_full(shape: Any, fill: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if np.ndim(fill) and (_floating(dtype) or (dtype is None and np.asarray(fill).dtype.kind in "fO")):
            return _filled_by(shape, fill)
        if isinstance(fill, (Number, float, np.floating)) or _floating(dtype):
            return _filled(shape, fill)
        return full(shape, fill, dtype, *args, **kwargs)

    def exact_eye(N: Any, M: Any = None, k: int = 0, dtype: Any = float, **kwargs: Any) -> Any:  # NumPy's names
        return _exact(eye(N, M, k, object if dtype is None or _floating(dtype) else dtype, **kwargs))

    def exact_identity(n: Any, dtype: Any = None, **kwargs: Any) -> Any:
        return _exact(identity(n, object if dtype is None or _floating(dtype) else dtype, **kwargs))

    return {
        "zeros": _creator(np.zeros, 0),
        "empty": _creator(np.empty, 0),
        "ones": _creator(np.ones, 1),
        "full": exact_full,
        "zeros_like": _like_creator(np.zeros_like, 0),
        "empty_like": _like_creator(np.empty_like, 0),
        "ones_like": _like_creator(np.ones_like, 1),
        "eye": exact_eye,
        "identity": exact_identity,
        "array": _converter(np.array),
        "asarray": _converter(np.asarray),
        "asanyarray": _converter(np.asanyarray),
        "ascontiguousarray": _converter(np.ascontiguousarray),
        "asfortranarray": _converter(np.asfortranarray),
        "finfo": lambda dtype: finfo(Current.dtype if np.dtype(dtype) == object else dtype),
        "issubdtype": lambda a, b: subtype(np.float64 if a in (object, np.dtype(object)) else a, b),
    }


def _in_this_thread(stand_in: Any, original: Any) -> Any:
    """The stand-in here, the original in every other thread: workers' threads move arrays while a run lasts."""
    owner = threading.get_ident()

    @functools.wraps(original)
    def either(*args: Any, **kwargs: Any) -> Any:
        return (stand_in if threading.get_ident() == owner else original)(*args, **kwargs)

    return either


@contextmanager
def case_dtype(dtype: str) -> Iterator[None]:
    """The dtype that the numbers of the runs inside this context have in floats."""
    before, Current.dtype = Current.dtype, dtype
    try:
        yield
    finally:
        Current.dtype = before


@contextmanager
def exact_run(number: type[Number], precision: int) -> Iterator[Trace]:
    """Run a forward or backward on numbers of this kind, at this many bits; yields the run's trace."""
    before = (ctx.prec, Current.trace, getattr(Current, "number", None))
    ctx.prec, Current.trace, Current.number = precision, Trace(), number
    Traced.tape = []
    stand_ins = _stand_ins()
    originals = {name: getattr(np, name) for name in stand_ins}
    try:
        for name, stand_in in stand_ins.items():
            setattr(np, name, _in_this_thread(stand_in, originals[name]))
        with (
            compiled_modules_apart(),
            np.errstate(all="ignore"),
        ):  # balls set the processor's flags; their infinities are judged, not warned of
            yield Current.trace
    finally:
        for name, original in originals.items():
            setattr(np, name, original)
        Current.trace.frames.clear()
        ctx.prec, Current.trace, Current.number = before  # type: ignore[assignment]
