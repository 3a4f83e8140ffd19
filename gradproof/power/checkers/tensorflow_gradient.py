"""`tf.test.compute_gradient`, on the NumPy pair as a `tf.custom_gradient`."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ._checker import Checker, Rejected, Setting, Subject

ADDRESS = "https://www.tensorflow.org/api_docs/python/tf/test/compute_gradient"


def check(subject: Subject, setting: Setting) -> None:
    """Rejected where assertAllClose of the two Jacobians fails."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator,unused-ignore]
    def f(*tensors: Any) -> Any:
        y, kept = subject.forward([np.array(t) for t in tensors])

        def backward(dy: Any) -> Any:
            return tuple(tf.constant(g) for g in subject.backward(np.array(dy), kept))

        return tf.constant(y), backward

    options = {n: v for n, v in setting.parameters.items() if n == "delta"}
    close = {n: v for n, v in setting.parameters.items() if n != "delta"}
    theoretical, numerical = tf.test.compute_gradient(f, subject.values, **options)
    try:
        tf.test.TestCase().assertAllClose(theoretical, numerical, **close)
    except AssertionError as error:
        raise Rejected(" ".join(str(error).split())) from None


CHECKER = Checker(
    "compute_gradient", "tf.test.compute_gradient", ADDRESS, "the pair inside a tf.custom_gradient, run eagerly",
    (
        Setting(
            "default", "assertAllClose(*tf.test.compute_gradient(f, x))",
            "the documentation's example: float32, delta 1/1024, tolerances 1e-6", "float32",
        ),
        Setting(
            "best", "assertAllClose(*tf.test.compute_gradient(f, x, delta=1e-6), rtol=1e-5, atol=1e-7)",
            "float64 and a step at which a central difference keeps nine digits", "float64",
            {"delta": 1e-6, "rtol": 1e-5, "atol": 1e-7},
        ),
    ),
    check, ("tensorflow",), ("tensorflow",),
)  # fmt: skip
