"""TensorFlow as an implementation: eager functions under a GradientTape."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ._counterpart import absent


class Evaluation:
    """What a TensorFlow counterpart is given: `fw.tf`."""

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        self.why: str | None = None

    def composed(self, why: str) -> None:
        """With these options TensorFlow has no function of its own; `why` goes into the report."""
        self.why = why


class Adapter:
    """TensorFlow, eager, one thread. Absent where tensorflow is not installed."""

    def __init__(self) -> None:
        self.tf = load_tensorflow("tensorflow is not installed in this Python")

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        return {"tensorflow": str(self.tf.__version__), "numpy": np.__version__}

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        return tensorflow_precision(self.tf)

    def seed(self, n: int) -> None:
        """Seed the global generator; no counterpart draws from it."""
        self.tf.random.set_seed(n)

    def evaluate(
        self,
        counterpart: Callable[..., Any],
        inputs: dict[str, np.ndarray],
        differentiable: list[str],
        cotangents: list[np.ndarray],
        options: dict[str, Any],
    ) -> tuple[Any, list[dict[str, np.ndarray]], str | None]:
        """(y, for each cotangent the gradient by input name, why composed or None): one forward, a vjp each.

        Of several outputs y is a tuple, and a cotangent is one vector over all of them, in order.
        """
        tf = self.tf
        leaves = {name: tf.constant(array) for name, array in inputs.items()}
        fw = Evaluation(tf)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([leaves[name] for name in differentiable])
            y = counterpart(fw, **leaves, **options)
            packed = flat(tf, y)
        sources = {name: leaves[name] for name in differentiable}
        gradients = [vector_jacobian(tf, tape, packed, sources, cotangent) for cotangent in cotangents]
        return arrays(y), gradients, fw.why


def vector_jacobian(
    tf: Any, tape: Any, y: Any, sources: dict[str, Any], cotangent: np.ndarray
) -> dict[str, np.ndarray]:
    """Gradients of <cotangent, y> by input name. TensorFlow's own word for an unused input is asked to be zero."""
    if not sources:
        return {}
    found = tape.gradient(
        y, sources, output_gradients=tf.constant(cotangent), unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return {name: np.asarray(tf.convert_to_tensor(gradient)) for name, gradient in found.items()}


def flat(tf: Any, y: Any) -> Any:
    """One output as it is, several as one vector; called while the tape records."""
    return tf.concat([tf.reshape(part, [-1]) for part in y], axis=0) if isinstance(y, tuple) else y


def arrays(y: Any) -> Any:
    """One output as an array, several as a tuple of arrays."""
    return tuple(np.asarray(part) for part in y) if isinstance(y, tuple) else np.asarray(y)


def load_tensorflow(missing: str) -> Any:
    """Import tensorflow and hold it to one thread; Absent with the reason `missing` where it is not installed."""
    try:
        tf = importlib.import_module("tensorflow")
    except ModuleNotFoundError as error:
        if error.name != "tensorflow":
            raise
        raise absent(missing) from None
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return tf


def tensorflow_precision(tf: Any) -> dict[str, Any]:
    """The switches of TensorFlow that change numbers."""
    return {
        "tf32": tf.config.experimental.tensor_float_32_execution_enabled(),
        "threads": tf.config.threading.get_intra_op_parallelism_threads(),
        "devices": [device.device_type for device in tf.config.list_physical_devices()],
        "onednn": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "default"),
        "xla_jit": str(tf.config.optimizer.get_jit() or "off"),
    }
