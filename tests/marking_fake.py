"""A sandbox without a sandbox: programs run in this very process. For tests of the marking alone."""

from __future__ import annotations

import sys
import types

import numpy as np

from gradproof.grading.confinement.exchanged import Claim, Outcome, Started, Tagged


class FakeSandbox:
    """The sandbox's interface on a module made of a source text."""

    def __init__(self, files, entries, limits=None, level=None, python=sys.executable):
        self.files, self.entries = files, entries
        self.names = {}
        self.runs = 0

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.close()

    def close(self):
        pass

    def start(self):
        for entry in self.entries:
            module = types.ModuleType("submission")
            try:
                exec(compile(self.files[entry], entry, "exec"), module.__dict__)
            except Exception as error:
                return Started("import-failed", f"{type(error).__name__}: {error}", where=(entry, 1))
            self.names.update({k: v for k, v in vars(module).items() if callable(v)})
        return Started("ok", names={k: "(...)" for k in self.names})

    def run_all(self, programs):
        for program in programs:
            yield self.run(program)

    def run(self, program):
        self.runs += 1
        arrays = {k: v.copy() for k, v in program.arrays.items()}
        kept = {}
        try:
            with np.errstate(all="ignore"):
                for step in program.steps:
                    self._step(step, arrays, kept)
        except _Wrong as wrong:
            return Outcome(wrong.verdict, message=str(wrong), inputs=arrays)
        except Exception as error:
            return Outcome(
                "raised", message=f"{type(error).__name__}: {error}", where=("submission.py", 1), inputs=arrays
            )
        values, claims = {}, {}
        for name in program.returns:
            values[name], claims[name] = _value(kept.get(name))
        return Outcome("ok", values=values, claims=claims, inputs=arrays)

    def _step(self, step, arrays, kept):
        def ref(r):
            (kind,) = [k for k in r if k not in ("of", "dtype")]
            if kind == "array":
                return arrays[r["array"]]
            if kind == "name":
                return kept[r["name"]]
            if kind == "literal":
                return r["literal"]
            if kind == "scalar":
                return np.dtype(r["dtype"]).type(r["scalar"])
            if kind == "dict":
                return {k: ref(v) for k, v in r["dict"].items()}
            if kind in ("list", "tuple"):
                return {"list": list, "tuple": tuple}[kind](ref(v) for v in r[kind])
            if kind == "attribute":
                return getattr(ref(r["of"]), r["attribute"])
            return ref(r["of"])[r["item"]]

        def bind(target, value):
            if "name" in target:
                kept[target["name"]] = value
            elif "tuple" in target:
                count = len(target["tuple"])
                if not isinstance(value, (tuple, list)) or len(value) != count:
                    raise _Wrong("wrong-return", f"returned {type(value).__name__}; expected {count} values")
                for t, v in zip(target["tuple"], value, strict=True):
                    bind(t, v)
            elif "dict" in target:
                for k, t in target["dict"].items():
                    if k not in value:
                        raise _Wrong("wrong-return", f"the dict has no {k!r}")
                    bind(t, value[k])

        if step["do"] == "set":
            if "attribute" in step:
                setattr(ref(step["on"]), step["attribute"], ref(step["value"]))
            else:
                ref(step["on"])[step["item"]] = ref(step["value"])
            return
        if step["do"] == "value":
            return bind(step["to"], ref(step["of"]))
        if "function" in step:
            if step["function"] not in self.names:
                raise _Wrong("missing-function", f"there is no function {step['function']}")
            function = self.names[step["function"]]
        else:
            function = getattr(ref(step["on"]), step["method"])
        bind(step["to"], function(*map(ref, step["args"]), **{k: ref(v) for k, v in step["kwargs"].items()}))


class _Wrong(Exception):
    def __init__(self, verdict, message):
        super().__init__(message)
        self.verdict = verdict


def _value(value):
    if isinstance(value, (bool, int, float, np.generic)):
        return np.asarray(value), Claim(python_scalar=True)
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        subclass = "" if type(value) is np.ndarray else type(value).__name__
        return np.array(value, subok=False), Claim(subclass=subclass)
    return Tagged(type(value).__name__, repr(value)[:60]), Claim()
