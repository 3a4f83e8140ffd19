"""The convention of the course CS231n: a numerical gradient entry by entry, and the largest relative error."""

from __future__ import annotations

import numpy as np

from ._checker import Checker, Rejected, Setting, Subject

STEP = 1e-5  # the h that its notes recommend
FLOOR = 1e-8  # of the denominator, as in its assignments
ADDRESS = "https://cs231n.github.io/neural-networks-3/#gradcheck"


def check(subject: Subject, setting: Setting) -> None:
    """Rejected where some entry's relative error is above the threshold."""
    values, dy = subject.values, subject.cotangent
    analytic = subject.backward(dy.copy(), subject.forward([x.copy() for x in values])[1])
    for k, name in enumerate(subject.names):
        numeric = _numeric(subject, values, k, dy)
        if np.shape(analytic[k]) != numeric.shape:
            raise Rejected(f"d{name} has shape {np.shape(analytic[k])}, the numerical gradient {numeric.shape}")
        error = float(np.max(_relative(numeric, analytic[k]), initial=0.0))
        if not error <= setting.parameters["most"]:
            raise Rejected(f"relative error of d{name}: {error:.3g}")


def _relative(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(a - b) / np.maximum(FLOOR, np.abs(a) + np.abs(b)))


def _numeric(subject: Subject, values: list[np.ndarray], k: int, dy: np.ndarray) -> np.ndarray:
    """Of sum(f(x) dy), by central differences."""
    x = values[k].copy()
    found = np.zeros(x.shape)

    def f() -> np.ndarray:
        return np.array(subject.forward([x.copy() if j == k else v.copy() for j, v in enumerate(values)])[0])

    for i in np.ndindex(*x.shape):
        kept = x[i]
        x[i] = kept + STEP
        above = f()
        x[i] = kept - STEP
        below = f()
        x[i] = kept
        found[i] = np.sum((above - below) * dy) / (2 * STEP)
    return found


CHECKER = Checker(
    "cs231n", "CS231n's relative error", ADDRESS, "forward and backward called as they are, with an upstream gradient",
    (
        Setting(
            "default", "rel_error(dx_num, dx) < 1e-7, h = 1e-5",
            "'1e-7 and less you should be happy', in double precision",
            "float64", {"most": 1e-7},
        ),
        Setting(
            "best", "rel_error(dx_num, dx) < 1e-4, h = 1e-5",
            "'usually okay for objectives with kinks': rejects fewer right programs, so its rejections say more",
            "float64", {"most": 1e-4},
        ),
    ),
    check,
)  # fmt: skip
