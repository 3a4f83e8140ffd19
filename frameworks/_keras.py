"""What Keras needs on every backend: the backend chosen before it is imported, its dtype, its epsilon."""

from __future__ import annotations

import importlib
import os
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from ._counterpart import absent

EPSILON = 1e-7


class Evaluation:
    """What a Keras counterpart is given: `fw.keras`, and where to register a layer's weights."""

    def __init__(self, keras: Any) -> None:
        self.keras = keras
        self.ops = keras.ops
        self.why: str | None = None
        self.sources: dict[str, tuple[Any, Callable[[Any], Any]]] = {}

    def weight(self, name: str, variable: Any, back: Callable[[Any], Any] = lambda g: g) -> None:
        """The gradient of input `name` is the Keras variable's; `back` maps its layout to the input's."""
        self.sources[name] = (variable.value, back)

    def composed(self, why: str) -> None:
        """With these options Keras has no function of its own; `why` goes into the report."""
        self.why = why


def load_keras(backend: str, missing: str) -> Any:
    """Import Keras on this backend; Absent where Keras or the backend's own package is not installed.

    missing: what to say where the backend's package is not there.
    """
    os.environ["KERAS_BACKEND"] = backend
    try:
        keras = importlib.import_module("keras")
    except ModuleNotFoundError as error:
        raise absent("keras is not installed in this Python" if error.name == "keras" else missing) from None
    if keras.backend.backend() != backend:
        raise absent(f"Keras computes with {keras.backend.backend()} here, not with {backend}")
    # A user's keras.json may say otherwise; the losses clip by it.
    keras.config.set_epsilon(EPSILON)
    return keras


def compute_in(keras: Any, inputs: dict[str, np.ndarray]) -> None:
    """Layers and losses cast what they are given to this dtype: float64 cases would be computed in float32.

    Absent for float64 on a backend other than TensorFlow's: keras/src/backend/common/dtypes.py, BIT64_TO_BIT32_DTYPE.
    """
    floating = {array.dtype.name for array in inputs.values() if array.dtype.kind == "f"}
    if len(floating) != 1:
        raise ValueError(f"a case has one floating dtype; this one has {', '.join(sorted(floating)) or 'none'}")
    dtype = floating.pop()
    if dtype == "float64" and keras.backend.backend() != "tensorflow":
        raise absent(f"Keras on {keras.backend.backend()} has no float64: its type promotion makes float32 of it")
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def precision(keras: Any) -> dict[str, Any]:
    """Keras' own switches that change numbers."""
    return {"backend": keras.backend.backend(), "floatx": "the case's dtype", "epsilon": keras.config.epsilon()}


def seed_initialisers(n: int) -> None:
    """Seed what Keras draws its initialisers' seeds from.

    `keras.utils.set_random_seed` would do, but it imports TensorFlow wherever that is installed: half a gigabyte.
    """
    random.seed(n)
    np.random.seed(n)
