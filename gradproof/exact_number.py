"""What all exact numbers share: arithmetic with constants, comparisons that notice ties, NumPy's element protocol.

NumPy's object arrays call ``x.exp()``, ``x + y``, ``x > y`` on each element, so a forward written in
ordinary NumPy runs unchanged on arrays of these numbers. The subclasses say what a number *is*:
`jets.Ball` and `jets.Jet`, `tape.Traced`, `rounding.Rounded`.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NoReturn

import numpy as np
from flint import arb

from .elementary import TABLE

_empty = np.empty  # the original: an exact run replaces it (see exact_arrays)
_NUMBERS = ("exact_number", "exact_arrays", "rounding", "products", "jets", "tape")
OWN_FILES = frozenset(__file__.replace("exact_number", name) for name in _NUMBERS)  # no part of a program


class ExactStop(Exception):
    """An exact run could not go on; the message says which function stopped it and where."""


class Trace:
    """What happened during one exact run."""

    def __init__(self) -> None:
        self.ties: list[tuple[Any, Any]] = []
        self.uncertain = 0
        self.at_tie = 0  # what a comparison of traced numbers answers at a tie: one convention for a whole run
        self.called = ""
        self.reducing = False  # inside a sum over an axis, whose order of terms is the library's own
        self.frames: dict[int, FrameType] = {}  # held while the run lasts, so that no two have one id

    def site(self) -> tuple[int, int]:
        """The instruction of the program that is being run, in this very call of its function."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename in OWN_FILES:
            frame = frame.f_back
        if frame is None:
            return 0, 0
        self.frames.setdefault(id(frame), frame)
        return id(frame), frame.f_lasti

    def tie(self, a: Any, b: Any) -> None:
        self.ties.append((a, b))


class Current:
    """The run under way: its trace and its kind of number (one at a time; exact runs do not nest)."""

    trace = Trace()
    number: type[Number]
    dtype = "float64"  # of the case in floats: what np.finfo tells a forward


def sign(d: arb) -> int:
    """-1, 0 or 1; 0 where the ball contains zero: equal, or not to be told apart at this precision."""
    if d > 0:
        return 1
    return -1 if d < 0 else 0


def as_arb(c: Any) -> arb | None:
    """A Python or NumPy real constant as an exact ball; None for anything else."""
    if isinstance(c, (bool, int, float)):
        return arb(c)
    if isinstance(c, (np.floating, np.integer, np.bool_)):
        return arb(float(c)) if isinstance(c, np.longdouble) else arb(c.item())
    return None


class Number:
    """Base of the exact numbers: subclasses give the arithmetic, `elementary`, `compare` and `constant`."""

    __slots__ = ()
    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1
    dtype = np.dtype(object)

    # -- what a subclass says ------------------------------------------------------------------
    @classmethod
    def constant(cls, value: arb) -> Number:
        raise TypeError(f"{cls.__name__} has no constants")

    def add(self, o: Any) -> Any: ...
    def subtract(self, o: Any) -> Any: ...
    def multiply(self, o: Any) -> Any: ...
    def divide(self, o: Any) -> Any: ...
    def power(self, o: Any) -> Any: ...
    def elementary(self, name: str) -> Any: ...

    def compare(self, o: Any) -> int:
        """-1, 0 or 1, as self stands to `o`; a tie is recorded in the run's trace."""
        raise TypeError(f"{type(self).__name__} has no order")

    # -- constants -----------------------------------------------------------------------------
    @classmethod
    def lift(cls, c: Any) -> Any:
        """`c` as a number of this class, or None where it is not a real constant."""
        if type(c) is cls:
            return c
        value = as_arb(c)
        return None if value is None else cls.constant(value)

    # -- arithmetic ----------------------------------------------------------------------------
    def __add__(self, o: Any) -> Any:
        o = o if type(o) is type(self) else self.lift(o)
        return NotImplemented if o is None else self.add(o)

    def __radd__(self, o: Any) -> Any:
        o = self.lift(o)
        return NotImplemented if o is None else o.add(self)

    def __sub__(self, o: Any) -> Any:
        o = o if type(o) is type(self) else self.lift(o)
        return NotImplemented if o is None else self.subtract(o)

    def __rsub__(self, o: Any) -> Any:
        o = self.lift(o)
        return NotImplemented if o is None else o.subtract(self)

    def __mul__(self, o: Any) -> Any:
        o = o if type(o) is type(self) else self.lift(o)
        return NotImplemented if o is None else self.multiply(o)

    def __rmul__(self, o: Any) -> Any:
        o = self.lift(o)
        return NotImplemented if o is None else o.multiply(self)

    def __truediv__(self, o: Any) -> Any:
        o = o if type(o) is type(self) else self.lift(o)
        return NotImplemented if o is None else self.divide(o)

    def __rtruediv__(self, o: Any) -> Any:
        o = self.lift(o)
        return NotImplemented if o is None else o.divide(self)

    def __pow__(self, o: Any) -> Any:
        if isinstance(o, (int, np.integer)) and 0 <= o <= 4:
            return self._small_power(int(o))
        o = self.lift(o)
        return NotImplemented if o is None else self.power(o)

    def __rpow__(self, o: Any) -> Any:
        o = self.lift(o)
        return NotImplemented if o is None else o.power(self)

    def _small_power(self, n: int) -> Any:
        # x ** 2 is x * x in NumPy too; repeated products keep the tightest bound
        result = self.lift(1)
        for i in range(n):
            result = self if i == 0 else result.multiply(self)
        return result

    def __neg__(self) -> Any:
        return self.lift(0).subtract(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    def __mod__(self, o: Any) -> NoReturn:
        raise ExactStop("the operator % has no derivative that exact numbers know")

    __rmod__ = __floordiv__ = __rfloordiv__ = __mod__

    # -- comparisons: every branch of a forward passes here --------------------------------------
    def _order(self, o: Any) -> int:
        other = self.lift(o)
        if other is None:
            raise TypeError(f"cannot compare an exact number with {type(o).__name__}")
        return self.compare(other)

    def __lt__(self, o: Any) -> bool:
        return NotImplemented if isinstance(o, np.ndarray) else self._order(o) < 0

    def __le__(self, o: Any) -> bool:
        return NotImplemented if isinstance(o, np.ndarray) else self._order(o) <= 0

    def __gt__(self, o: Any) -> bool:
        return NotImplemented if isinstance(o, np.ndarray) else self._order(o) > 0

    def __ge__(self, o: Any) -> bool:
        return NotImplemented if isinstance(o, np.ndarray) else self._order(o) >= 0

    def __eq__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return self.lift(o) is not None and self._order(o) == 0

    def __ne__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        return self.lift(o) is None or self._order(o) != 0

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return self._order(0) != 0

    # -- leaving the exact numbers is never silent -------------------------------------------------
    def __float__(self) -> NoReturn:
        raise ExactStop(
            "float() was called on an exact number (a conversion to a float array, or a function of `math`)"
        )

    def __int__(self) -> NoReturn:
        raise ExactStop("int() was called on an exact number")

    __complex__ = __index__ = __int__

    # -- the little that scalars of NumPy have -----------------------------------------------------
    @property
    def T(self) -> Any:  # NumPy's name
        return self

    real = T

    @property
    def imag(self) -> Any:
        return self.lift(0)

    def conjugate(self) -> Any:
        return self

    conj = copy = squeeze = conjugate

    def item(self, *_: Any) -> Any:
        return self

    def sum(self, *_: Any, **__: Any) -> Any:
        return self

    mean = max = min = sum

    def astype(self, dtype: Any, **_: Any) -> Any:
        return self if np.issubdtype(dtype, np.floating) or np.dtype(dtype) == object else int(self)

    def __getitem__(self, key: Any) -> Any:
        boxed = _empty((), dtype=object)
        boxed[()] = self
        return boxed[key]

    def reshape(self, *shape: Any) -> Any:
        return self[()] if shape in ((), ((),)) else self[...].reshape(*shape)

    # -- functions that NumPy's object loops look up by name ---------------------------------------
    def rint(self, *_: Any) -> NoReturn:
        raise ExactStop("rounding (rint, floor, ceil) has no derivative that exact numbers know")

    __floor__ = __ceil__ = __round__ = __trunc__ = floor = ceil = trunc = rint

    def square(self) -> Any:
        return self.multiply(self)

    def reciprocal(self) -> Any:
        return self.lift(1).divide(self)

    def fabs(self) -> Any:
        return abs(self)

    def hypot(self, o: Any) -> Any:
        a, b = abs(self), abs(self.lift(o))
        if a < b:
            a, b = b, a
        if a == 0:
            return a
        ratio = b.divide(a)
        return a.multiply(self.lift(1).add(ratio.multiply(ratio)).elementary("sqrt"))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from .exact_arrays import run_ufunc

        return run_ufunc(ufunc, method, inputs, kwargs)


def _method(name: str) -> Any:
    def method(self: Any) -> Any:
        return self.elementary(name)

    method.__name__ = name
    return method


for _name in TABLE:
    setattr(Number, _name, _method(_name))
