"""The lecture's listings run: where each stands in the text, single repairs, and the questions put to the functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from .._listings import execute, listing
from .._outcome import Outcome, observed

AS_PRINTED = {
    "002_relu": (700, 714),
    "002_sigmoid": (718, 730),
    "002_softmax": (738, 747),
    "002_softmax_derivative": (751, 767),
}
"""The listings that stand here as printed, and their first and last line in the lecture's text."""

IMPORT = "import numpy as np"

ROW_SUMS = {"np.sum(ExpVals)": "np.sum(ExpVals, axis=-1, keepdims=True)"}
BY_ROW = {**ROW_SUMS, "np.max(Z)": "np.max(Z, axis=-1, keepdims=True)"}
"""What makes the softmax that of each sample."""

QUESTIONS = {
    "relu": "print(ReLU(np.array([[-2., 0], [3, -0.5]])).tolist())",
    "shapes": "Z = np.ones((3, 2))\nprint(ReLU(Z).shape, Sigmoid(Z).shape)",
    "relu derivative": "print(ReLUDervivative(np.array([[-2., 0], [3, 5]])))",
    "relu derivative in place": "Z = np.array([[-2., 0, 0.5], [3, 1, -1]])\nReLUDervivative(Z)\nprint(Z.tolist())",
    "Z afterwards": "Z = np.array([[-2.0, 3.0]])\nReLUDervivative(Z)\nprint(Z.tolist(), ReLU(Z).tolist())",
    "name as spelt": "ReLUDervivative(np.ones((1, 1)))\nprint('called')",
    "name as expected": "ReLUDerivative(np.ones((1, 1)))\nprint('called')",
    "sigmoid": "print(Sigmoid(np.array([[0., 2]])).round(6).tolist())",
    "sigmoid, overflow ignored": "with np.errstate(over='ignore'):\n    print(Sigmoid(np.array([[-1000.0]])).tolist())",
    "sigmoid, overflow raised": "with np.errstate(over='raise'):\n    print(Sigmoid(np.array([[-1000.0]])).tolist())",
    "sigmoid derivative": "print(SigmoidDerivative(np.zeros((2, 1))).tolist())",
    "softmax of one sample": "print(Softmax(np.array([[0.0, np.log(3)]])).round(6).tolist())",
    "shape of one sample": "print(Softmax(np.array([[0.0, np.log(3)]])).shape)",
    "softmax of 1000": "with np.errstate(over='raise'):\n    print(Softmax(np.array([[1000., 1000]])).tolist())",
    "softmax of two samples": "print(Softmax(np.zeros((2, 2))).tolist())",
    "softmax of 0 and 1000": "with np.errstate(all='ignore'):\n"
    "    print(Softmax(np.array([[0., 0], [1000, 1000]])).tolist())",
    "sums of one sample": "print(Softmax(np.zeros((1, 4))).sum(axis=1).tolist())",
    "sums of two samples": "print(Softmax(np.zeros((2, 4))).sum(axis=1).tolist())",
    "shape of the Jacobian": "print(SoftmaxDerivative(np.ones((3, 2))).shape)",
    "Jacobian of x": "print(SoftmaxDerivative(x=np.zeros((1, 2))).shape)",
    "Jacobian of Z": "print(SoftmaxDerivative(Z=np.zeros((1, 2))).shape)",
    "Jacobian of one axis": "print(SoftmaxDerivative(np.zeros(3)).shape)",
    "type of the Jacobian": "print(SoftmaxDerivative(np.array([[0., 1, 2], [3, 1, 1]])).dtype)",
    "Jacobian of two samples": "print(SoftmaxDerivative(np.zeros((2, 2))).tolist())",
}
"""Programs that follow the functions, each run for itself."""

_DRIVER = """import contextlib, io, json
import numpy as np
found = {{}}
for name, question in json.loads({questions!r}).items():
    said, fault = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(said):
            exec({source!r} + question, {{"np": np}})
    except Exception as error:
        fault = f"{{type(error).__name__}}: {{error}}"
    found[name] = fault or " ".join(said.getvalue().split())
print(json.dumps(found))"""


def repaired(source: str, changes: Mapping[str, str]) -> str:
    """A listing with some of its text replaced. ValueError where a piece does not occur."""
    for old, new in changes.items():
        if old not in source:
            raise ValueError(f"{old!r} does not occur in the listing")
        source = source.replace(old, new)
    return source


@cache
def _found(source: str) -> dict[str, str]:
    """What every question prints after these functions, or the exception it ends with; one Python for all of them."""
    run = execute(_DRIVER.format(questions=json.dumps(QUESTIONS), source=f"{source}\n"))
    if run.exception:
        raise RuntimeError(f"the questions were not put: {run.exception}")
    answers: dict[str, str] = json.loads(run.printed)
    return answers


def answers(question: str, wanted: str, changes: Mapping[str, str] | None = None) -> Outcome:
    """Does this one of `QUESTIONS`, put to the functions as meant with these changes, print these words?"""
    said = _found(repaired(listing("002_functions_meant"), changes or {}))[question]
    return observed(said == wanted, f"{question}: {said}")
