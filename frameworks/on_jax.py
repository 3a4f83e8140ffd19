"""JAX as an implementation: a jitted function and its vjp, compiled by XLA."""

from __future__ import annotations

import functools
import importlib
import json
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from ._counterpart import absent

# A compiled shape takes about 2 MB, and cases rarely share one.
KEPT_EVALUATIONS = 32


class Evaluation:
    """What a JAX counterpart is given: `fw.jax` and `fw.jnp`."""

    def __init__(self, jax: Any) -> None:
        self.jax = jax
        self.jnp = jax.numpy
        self.nn = jax.nn
        self.why: str | None = None

    def composed(self, why: str) -> None:
        """With these options JAX has no function of its own; `why` goes into the report."""
        self.why = why


class Adapter:
    """JAX with 64-bit numbers enabled, one thread. Absent where jax is not installed."""

    def __init__(self) -> None:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
        try:
            self.jax = importlib.import_module("jax")
        except ModuleNotFoundError as error:
            if error.name not in ("jax", "jaxlib"):
                raise
            raise absent(f"{error.name} is not installed in this Python") from None
        # Without it JAX turns every float64 into float32.
        self.jax.config.update("jax_enable_x64", True)
        self._compiled = functools.lru_cache(KEPT_EVALUATIONS)(self._compile)
        self._evaluations = 0

    def versions(self) -> dict[str, str]:
        """Versions of what computes."""
        jaxlib = importlib.import_module("jaxlib")
        return {"jax": str(self.jax.__version__), "jaxlib": str(jaxlib.__version__), "numpy": np.__version__}

    def precision(self) -> dict[str, Any]:
        """The switches that change numbers."""
        jax = self.jax
        return {
            "x64": bool(jax.config.jax_enable_x64),
            "default_matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
            "jit": True,
            "xla_flags": os.environ["XLA_FLAGS"],
            "devices": [device.platform for device in jax.devices()],
        }

    def seed(self, n: int) -> None:
        """Nothing to seed: JAX has no global generator."""

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
        self._forget()
        run, fw = self._compiled(counterpart, tuple(differentiable), json.dumps(options, sort_keys=True))
        varied = {name: inputs[name] for name in differentiable}
        fixed = {name: array for name, array in inputs.items() if name not in varied}
        y, gradients = run(varied, fixed, cotangents)
        back = [{name: np.array(gradient) for name, gradient in g.items()} for g in gradients]
        y = tuple(np.array(part) for part in y) if isinstance(y, tuple) else np.array(y)
        return y, back, fw.why

    def _forget(self) -> None:
        self._evaluations += 1
        if self._evaluations % KEPT_EVALUATIONS == 0:
            self._compiled.cache_clear()
            self.jax.clear_caches()

    def _evaluation(self) -> Any:
        return Evaluation(self.jax)

    def _compile(
        self, counterpart: Callable[..., Any], differentiable: tuple[str, ...], options: str
    ) -> tuple[Callable[..., Any], Any]:
        fw = self._evaluation()

        def run(varied: dict[str, Any], fixed: dict[str, Any], cotangents: list[Any]) -> tuple[Any, list[Any]]:
            def forward(values: dict[str, Any]) -> tuple[Any, Any]:
                y = counterpart(fw, **values, **fixed, **json.loads(options))
                flat = self.jax.numpy.concatenate([part.ravel() for part in y]) if isinstance(y, tuple) else y
                return flat, y

            _, vjp, y = self.jax.vjp(forward, varied, has_aux=True)
            return y, [vjp(cotangent)[0] for cotangent in cotangents]

        return self.jax.jit(run), fw
