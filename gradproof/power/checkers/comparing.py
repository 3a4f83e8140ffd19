"""Comparison with PyTorch: the outputs and gradients, by `numpy.allclose` and by `torch.testing.assert_close`.

PyTorch's own numbers come from gradproof's worker for it. Where PyTorch has no counterpart of an operation, or is not
installed, the reference's numbers stand in for it, which the records say.
"""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import numpy as np

from ...workers.pool import Request, Worker
from ..points import Point
from ._checker import Checker, Rejected, Setting, Subject

TOLD = "y and all gradients for the case's first upstream gradient, next to PyTorch's"


def expected(point: Point) -> tuple[str, dict[str, np.ndarray]]:
    """Whose numbers a program is compared with ("pytorch", or "reference" as a stand-in), and the numbers."""
    if "expected" not in point.kept:
        point.kept["expected"] = _expected(point)
    return point.kept["expected"]


@cache
def _worker() -> Worker | None:
    worker = Worker("pytorch", "pytorch")
    atexit.register(worker.close)
    return worker if worker.hello().status == "ready" else None


def _expected(point: Point) -> tuple[str, dict[str, np.ndarray]]:
    case = point.case
    y, gradients = point.reference.y, point.reference.gradients[0]
    source, worker = "reference", _worker()
    if worker is not None:
        asked = Request(case.spec.op, case.options, case.inputs, point.pair.differentiable, case.cotangents[:1])
        reply = worker.submit(asked).result()
        if reply.status == "ok" and reply.y is not None:
            source, y, gradients = "pytorch", reply.y, reply.gradients[0]
    if isinstance(y, (tuple, list)):
        y = np.concatenate([np.asarray(part).ravel() for part in y])
    found = {"y": np.asarray(y), **{f"d{n}": np.asarray(g) for n, g in gradients.items()}}
    return source, found


def _pairs(subject: Subject) -> Any:
    """Quantity, what the program returned, and what was expected."""
    with np.errstate(all="ignore"):
        y, saved = subject.pair.forward(*subject.arrays.values())
        gradients = subject.pair.backward(subject._cast(subject.point.case.cotangents[0]), saved)
    _, wanted = expected(subject.point)
    got = {"y": np.asarray(y), **{f"d{n}": np.asarray(g) for n, g in zip(subject.names, gradients, strict=True)}}
    return [(q, got[q], x) for q, x in wanted.items()]


def check_allclose(subject: Subject, setting: Setting) -> None:
    """Rejected where numpy.allclose says no; shapes that broadcast pass, as they do there."""
    for quantity, got, wanted in _pairs(subject):
        tolerances = setting.parameters.get(wanted.dtype.name, {})
        if setting.parameters.get("shape") and got.shape != wanted.shape:
            raise Rejected(f"{quantity} has shape {got.shape}, expected {wanted.shape}")
        if not np.allclose(got, wanted, **tolerances):
            raise Rejected(f"{quantity} is not close")


def check_close(subject: Subject, setting: Setting) -> None:
    """Rejected where torch.testing.assert_close fails."""
    import torch

    for quantity, got, wanted in _pairs(subject):
        tolerances = setting.parameters.get(wanted.dtype.name, {})
        try:
            torch.testing.assert_close(torch.tensor(got), torch.tensor(wanted), **tolerances)
        except AssertionError as error:
            raise Rejected(f"{quantity}: {' '.join(str(error).split())}") from None


# Tight for one formula against another of the same sizes; below, right programs differ by their rounding.
BEST = {"float32": {"rtol": 1e-5, "atol": 1e-6}, "float64": {"rtol": 1e-10, "atol": 1e-12}}
WHY = "by dtype: rtol 1e-5, atol 1e-6 in float32; 1e-10, 1e-12 in float64, which leaves room for another summation"

ALLCLOSE = Checker(
    "allclose", "numpy.allclose with PyTorch", "https://numpy.org/doc/stable/reference/generated/numpy.allclose.html",
    TOLD,
    (
        Setting("default", "numpy.allclose(got, expected)", "rtol 1e-5, atol 1e-8 for every dtype"),
        Setting(
            "best", "numpy.allclose(got, expected, rtol, atol) and equal shapes", WHY, "", {**BEST, "shape": True}
        ),
    ),
    check_allclose, derives=False,
)  # fmt: skip
ASSERT_CLOSE = Checker(
    "assert_close", "torch.testing.assert_close with PyTorch",
    "https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close", TOLD,
    (
        Setting(
            "default", "torch.testing.assert_close(got, expected)",
            "rtol 1.3e-6, atol 1e-5 in float32, 1e-7 and 1e-7 in float64; shapes and dtypes must agree",
        ),
        Setting("best", "torch.testing.assert_close(got, expected, rtol=..., atol=...)", WHY, "", BEST),
    ),
    check_close, ("torch",), ("torch",), derives=False,
)  # fmt: skip
