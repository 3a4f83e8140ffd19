"""How fast the reference's batch and layer normalisation are, forward and backward, beside PyTorch's and Keras'.

All of them run in one process in turn, one thread each, on the same float32 numbers on the CPU, and the median of
several rounds is kept. PyTorch is eager: its layer and `torch.autograd.grad`. Keras computes with TensorFlow: its layer
called eagerly under a GradientTape, and the same compiled by `tf.function`. Every one of them gives y and the gradients
of x, scale and shift. A ratio below one says that the reference is faster than the faster of PyTorch eager and Keras.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

SHAPES = {
    "batch_norm": ((32, 64), (64, 256), (128, 1024), (32, 16, 14, 14), (64, 32, 16, 16)),
    "layer_norm": ((32, 64), (64, 256), (128, 1024), (32, 20, 128), (64, 32, 256)),
}


def main(repetitions: int = 60) -> dict[str, Any]:
    """Print milliseconds and ratios at each shape; returns the figures."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # the reference calls no BLAS here, NumPy is one thread
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    import torch

    torch.set_num_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    versions = {"numpy": np.__version__, "torch": torch.__version__, "keras": keras.__version__, "tf": tf.__version__}
    print(", ".join(f"{name} {version}" for name, version in versions.items()), end="; float32, one thread, ")
    print(f"median of {repetitions} interleaved rounds, microseconds; ratio: reference / faster of PyTorch and Keras")
    figures: dict[str, Any] = {"versions": versions, "repetitions": repetitions, "times": {}, "ratios": {}}
    names = ("numpy", "pytorch", "keras", "keras compiled")
    print(f"{'':11} {'shape':18} " + " ".join(f"{name:>14}" for name in names) + f" {'ratio':>7}")
    for operation, shapes in SHAPES.items():
        for shape in shapes:
            times = interleaved(_runs(operation, shape, torch, keras, tf), repetitions)
            ratio = times["numpy"] / min(times[name] for name in names[1:])
            figures["times"][f"{operation} {shape}"], figures["ratios"][f"{operation} {shape}"] = times, ratio
            row = " ".join(f"{times[name]:14.0f}" for name in names)
            print(f"{operation:11} {shape!s:18} {row} {ratio:7.2f}", flush=True)
    return figures


def interleaved(runs: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """Median microseconds of each, after five rounds that are not counted."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repetitions + 5):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - start) * 1e6)
    return {name: statistics.median(times[5:]) for name, times in taken.items()}


def _runs(operation: str, shape: tuple[int, ...], torch: Any, keras: Any, tf: Any) -> dict[str, Callable[[], Any]]:
    rng = np.random.default_rng(0)
    features = shape[1] if operation == "batch_norm" else shape[-1]
    x, dy = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    scale, shift = (rng.standard_normal(features, dtype=np.float32) for _ in range(2))
    eager = _of_keras(operation, x, dy, scale, shift, keras, tf)
    return {
        "numpy": _of_numpy(operation, x, dy, scale, shift),
        "pytorch": _of_pytorch(operation, x, dy, scale, shift, torch),
        "keras": eager,
        "keras compiled": tf.function(eager),
    }


def _of_numpy(operation: str, x: Any, dy: Any, scale: Any, shift: Any) -> Callable[[], Any]:
    from gradproof.reference import operations

    op = operations()[operation]
    buffers = (np.zeros_like(scale), np.ones_like(scale)) if operation == "batch_norm" else ()

    def run() -> Any:
        *outputs, cache = op.forward(x, scale, shift, *buffers)
        return outputs[0], op.backward(dy, cache)  # type: ignore[misc]

    return run


def _of_pytorch(operation: str, x: Any, dy: Any, scale: Any, shift: Any, torch: Any) -> Callable[[], Any]:
    nn = torch.nn
    batch = nn.BatchNorm1d if x.ndim == 2 else nn.BatchNorm2d
    layer = batch(len(scale)) if operation == "batch_norm" else nn.LayerNorm(len(scale))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(scale))
        layer.bias.copy_(torch.tensor(shift))
    leaf, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dy)

    def run() -> Any:
        y = layer(leaf)
        return y, torch.autograd.grad(y, [leaf, layer.weight, layer.bias], upstream)

    return run


def _of_keras(operation: str, x: Any, dy: Any, scale: Any, shift: Any, keras: Any, tf: Any) -> Callable[[], Any]:
    layers = keras.layers
    layer = layers.BatchNormalization(axis=1) if operation == "batch_norm" else layers.LayerNormalization()
    layer.build(x.shape)
    layer.gamma.assign(scale)
    layer.beta.assign(shift)
    leaf, upstream = tf.constant(x), tf.constant(dy)
    training = {"training": True} if operation == "batch_norm" else {}

    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(leaf)
            y = layer(leaf, **training)
        return y, tape.gradient(y, [leaf, layer.gamma.value, layer.beta.value], upstream)

    return run


if __name__ == "__main__":
    main()
