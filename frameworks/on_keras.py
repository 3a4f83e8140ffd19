"""Keras on its TensorFlow backend as an implementation: its layers, losses and ops under a GradientTape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._keras import Evaluation, compute_in, load_keras, precision
from .on_tensorflow import arrays, flat, load_tensorflow, tensorflow_precision, vector_jacobian

NEEDS_TENSORFLOW = "tensorflow is not installed in this Python, and Keras computes with it here"


class Adapter:
    """Keras 3 with TensorFlow, eager, one thread. Absent where keras or tensorflow is not installed."""

    def __init__(self) -> None:
        self.keras = load_keras("tensorflow", NEEDS_TENSORFLOW)
        self.tf = load_tensorflow(NEEDS_TENSORFLOW)

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        return {
            "keras": str(self.keras.__version__),
            "tensorflow": str(self.tf.__version__),
            "numpy": np.__version__,
        }

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        return {**precision(self.keras), **tensorflow_precision(self.tf)}

    def seed(self, n: int) -> None:
        """Seed every generator that Keras uses (they only fill the weights that a counterpart then replaces)."""
        self.keras.utils.set_random_seed(n)

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
        compute_in(self.keras, inputs)
        leaves = {name: tf.constant(array) for name, array in inputs.items()}
        fw = Evaluation(self.keras)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([leaves[name] for name in differentiable])
            y = counterpart(fw, **leaves, **options)
            packed = flat(tf, y)
        same = {name: (leaves[name], lambda g: g) for name in differentiable}
        sources = {name: fw.sources.get(name, same[name]) for name in differentiable}
        variables = {name: variable for name, (variable, _) in sources.items()}
        gradients = []
        for cotangent in cotangents:
            found = vector_jacobian(tf, tape, packed, variables, cotangent)
            gradients.append({name: np.asarray(sources[name][1](gradient)) for name, gradient in found.items()})
        return arrays(y), gradients, fw.why
