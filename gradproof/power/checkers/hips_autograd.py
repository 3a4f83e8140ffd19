"""`autograd.test_util.check_grads` of HIPS autograd, on the NumPy pair as a primitive with its vjp."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._checker import Checker, Rejected, Setting, Subject

ADDRESS = "https://github.com/HIPS/autograd/blob/master/docs/updateguide.md#gradient-checking"
ONLY = (
    "the documented call, which checks the first argument alone; order 1 instead of 2, since the backward itself "
    "has no derivative"
)
BEST = "every argument (argnum), and another random direction at each call; its tolerances (1e-6) cannot be set"


def check(subject: Subject, setting: Setting) -> None:
    """Rejected where check_grads fails at one of so many random directions."""
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def f(*values: np.ndarray) -> np.ndarray:
        return subject.forward(values)[0]

    def gradient(k: int) -> Any:
        def vjp(_: Any, *values: np.ndarray) -> Any:
            kept = subject.forward(values)[1]
            return lambda dy: subject.backward(np.asarray(dy), kept)[k]

        return vjp

    wrapped = primitive(f)
    count = len(subject.names)
    defvjp(wrapped, *[gradient(k) for k in range(count)])
    np.random.seed(subject.point.spec.seed % 2**32)  # it draws its direction from the global generator
    for _ in range(setting.parameters["directions"]):
        try:
            which = tuple(range(count)) if count > 1 and setting.parameters["every"] else 0
            check_grads(wrapped, which, modes=["rev"], order=1)(*subject.values)
        except AssertionError as error:
            raise Rejected(" ".join(str(error).split())) from None


CHECKER = Checker(
    "autograd", "HIPS autograd's check_grads", ADDRESS, "the forward as a primitive, the backward by defvjp",
    (
        Setting(
            "default", 'check_grads(f, modes=["rev"], order=1)(*args)', ONLY,
            "float64", {"directions": 1, "every": False},
        ),
        Setting(
            "best", 'check_grads(f, (0, 1, ...), modes=["rev"], order=1)(*args), ten times', BEST,
            "float64", {"directions": 10, "every": True},
        ),
    ),
    check, ("autograd",), ("autograd",),
)  # fmt: skip
