"""`jax.test_util.check_grads` of order 1, by its own two halves `check_vjp` and `check_jvp`.

check_grads(f, args, order=1, modes=("rev",)) is check_vjp(f, partial(jax.vjp, f), args), and check_vjp takes any
function for a vjp: so the NumPy pair goes before it as it is, without a custom_vjp around callbacks. Order 2 would need
a derivative of the backward, which a hand-written pair does not have. The forward mode is for those who write a
derivative as a jvp: its Jacobian is read off the pair's backward, one unit cotangent after another.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from ._checker import Checker, Rejected, Setting, Subject

ADDRESS = "https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_grads.html"
NARROW = "JAX computes in float32 unless told otherwise; tolerances 2e-3"
WIDE = "float64 (jax_enable_x64), where the default tolerances are 1e-5; the step and tolerances of its own tests"
TIGHT = {"eps": 1e-6, "atol": 1e-7, "rtol": 1e-7}


@contextlib.contextmanager
def _precision(wide: bool) -> Any:
    import jax

    before = bool(jax.config.jax_enable_x64)
    jax.config.update("jax_enable_x64", wide)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)


def check_reverse(subject: Subject, setting: Setting) -> None:
    """Rejected where check_vjp fails."""
    import jax.test_util

    def vjp(*values: np.ndarray) -> tuple[np.ndarray, Any]:
        y, kept = subject.forward(values)
        return y, lambda dy: tuple(subject.backward(np.asarray(dy), kept))

    def f(*values: np.ndarray) -> np.ndarray:
        return subject.forward(values)[0]

    _checked(lambda: jax.test_util.check_vjp(f, vjp, tuple(subject.values), **setting.parameters), setting)


def check_forward(subject: Subject, setting: Setting) -> None:
    """Rejected where check_jvp fails."""
    import jax.test_util

    def f(*values: np.ndarray) -> np.ndarray:
        return subject.forward(values)[0]

    def jvp(values: tuple[np.ndarray, ...], tangents: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
        y, kept = subject.forward(values)
        slopes = np.zeros(y.size, y.dtype)
        for i in range(y.size):
            unit = np.zeros(y.size, y.dtype)
            unit[i] = 1
            rows = subject.backward(unit.reshape(y.shape), kept)
            slopes[i] = sum(float((g * t).sum()) for g, t in zip(rows, tangents, strict=True))
        return y, slopes.reshape(y.shape)

    _checked(lambda: jax.test_util.check_jvp(f, jvp, tuple(subject.values), **setting.parameters), setting)


def _checked(call: Any, setting: Setting) -> None:
    with _precision(setting.dtype == "float64"):
        try:
            call()
        except AssertionError as error:
            raise Rejected(" ".join(str(error).split())) from None


def _settings(mode: str) -> tuple[Setting, ...]:
    call = f'check_grads(f, args, order=1, modes=("{mode}",)'
    return (
        Setting("default", f"{call})", NARROW, "float32"),
        Setting("best", f"{call}, eps=1e-6, atol=1e-7, rtol=1e-7)", WIDE, "float64", TIGHT),
    )


REVERSE = Checker(
    "check_grads", "jax.test_util.check_grads", ADDRESS,
    "the pair as the vjp of jax.test_util.check_vjp, which check_grads calls in reverse mode",
    _settings("rev"), check_reverse, ("jax",), ("jax",),
)  # fmt: skip
FORWARD = Checker(
    "check_grads-forward", "jax.test_util.check_grads, forward mode", ADDRESS,
    "the pair's Jacobian, read off its backward, as the jvp of jax.test_util.check_jvp",
    _settings("fwd"), check_forward, ("jax",), ("jax",),
)  # fmt: skip
