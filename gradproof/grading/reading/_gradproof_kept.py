"""Stands beside a cleaned submission: keeps one failing statement from failing the import, and names what is missing.

Cleaned modules reach it with `__import__("_gradproof_kept")`. Standard library only; it runs where the submission runs
and promises nothing about it: what went wrong is left in the module's list `__gradproof_notes__`.
"""

import importlib
import signal
import threading

SECONDS = 3.0  # CPU time for all kept statements together: tables and constants, no training
_left = [SECONDS]


class NotAvailable(RuntimeError):
    """A name of the submission was used that is not available while grading."""


class _TooLong(BaseException):
    """Raised by the timer; no Exception, so that `except Exception` in a statement does not take it."""


class _Base:
    """Stands for a base class that is not available: the class can be defined, not made."""

    def __init__(self, *arguments, **options):
        raise NotAvailable(f"{type(self).__name__} cannot be made: its base class is not available while grading")


def _refuse(self, *arguments, **options):
    raise NotAvailable(self._absent_why)


class Absent:
    """Stands for a value or an import that is not available; using it says why. An import is tried when it is used."""

    __array_ufunc__ = None  # so that an operator with an array comes here

    def __init__(self, name, why, load=None):
        self._absent_name, self._absent_why, self._absent_load = name, why, load
        self._absent_found = None

    def _absent_try(self):
        if self._absent_load and self._absent_found is None:
            module, attribute = self._absent_load
            self._absent_load = None
            try:
                found = importlib.import_module(module)
                self._absent_found = getattr(found, attribute) if attribute else found
            except (ImportError, AttributeError, OSError):
                pass
        return self._absent_found

    def __getattr__(self, name):
        if name.startswith(("__", "_absent")):
            raise AttributeError(name)
        found = self._absent_try()
        return Absent(f"{self._absent_name}.{name}", self._absent_why) if found is None else getattr(found, name)

    def __call__(self, *arguments, **options):
        found = self._absent_try()
        if found is None:
            raise NotAvailable(self._absent_why)
        return found(*arguments, **options)

    def __mro_entries__(self, bases):
        found = self._absent_try()
        return (_Base,) if found is None else (found,)

    def __instancecheck__(self, value):
        found = self._absent_try()
        return found is not None and isinstance(value, found)

    def __or__(self, other):  # annotations
        return self

    __ror__ = __or__

    def __repr__(self):
        return f"<{self._absent_name}: not available while grading>"


_REFUSED = """
    add radd sub rsub mul rmul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow neg pos abs
    lt le gt ge eq ne bool len iter next contains getitem setitem array float int index round enter exit
"""
for _name in _REFUSED.split():
    setattr(Absent, f"__{_name}__", _refuse)


def absent(name, why):
    """A value that the submission computes where nothing is run."""
    return Absent(name, why)


def lazy(name, why, module, attribute=""):
    """An import that is done when the name is used, if it can be done."""
    return Absent(name, why, (module, attribute))


class guard:
    """Around one kept statement: what it raises becomes a note, the names that it should have bound say why."""

    def __init__(self, namespace, where, names):
        self.namespace, self.where, self.names = namespace, where, names
        self.before = None

    def __enter__(self):
        try:  # in the main thread only, and not where a timer runs already: an import within an import
            if threading.current_thread() is threading.main_thread() and not signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
                self.before = signal.signal(signal.SIGVTALRM, _ring)
                signal.setitimer(signal.ITIMER_VIRTUAL, max(_left[0], 0.01))
        except (ValueError, OSError):
            self.before = None

    def __exit__(self, kind, error, trace):
        if self.before is not None:
            _left[0] = signal.setitimer(signal.ITIMER_VIRTUAL, 0)[0]
            signal.signal(signal.SIGVTALRM, self.before)
        if kind is None or not issubclass(kind, (Exception, SystemExit, _TooLong)):
            return False
        took = f"takes more than {SECONDS:g} seconds" if kind is _TooLong else f"raised {_said(kind, error)}"
        note = f"{self.where}: the statement {took}; it was left out"
        self.namespace.setdefault("__gradproof_notes__", []).append(note)
        for name in self.names:
            self.namespace.setdefault(name, Absent(name, f"`{name}` is not available while grading: {note}"))
        return True


def _ring(number, frame):
    raise _TooLong


def _said(kind, error):
    try:
        text = " ".join(str(error).split())[:200]
    except Exception:
        text = ""
    return f"{kind.__name__}: {text}" if text else kind.__name__


def run(namespace, line, where, names, text):
    """A kept statement that cannot stand behind a `with`: given as text, run in its own line."""
    with guard(namespace, where, names):
        file = namespace.get("__file__") or "<submission>"
        exec(compile("\n" * (line - 1) + text, file, "exec", dont_inherit=True), namespace)


# A traceback's place in the submission is the line that used the name, not this file.
for _value in (_refuse, run, *vars(Absent).values(), *vars(_Base).values(), *vars(guard).values()):
    if hasattr(_value, "__code__"):
        _value.__code__ = _value.__code__.replace(co_filename="<gradproof>")
