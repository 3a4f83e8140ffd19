"""Convolution and max pooling, forward and backward, one thread: NumPy against PyTorch eager and Keras on TensorFlow.

float32, at the sizes that courses train. Each framework runs its own layer with the same weights and the same cotangent
in its own layout, in one process, in turn; the ratio is NumPy's median time to that of the faster framework, so one
below 1 says that NumPy is faster. It runs in a new process, whose libraries are told to use one thread first.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")

# (N, C, H, W), output channels, kernel, stride, padding
CONVOLUTIONS = [
    ((32, 3, 32, 32), 32, 3, 1, "valid"),
    ((32, 3, 32, 32), 32, 3, 1, "same"),
    ((32, 3, 32, 32), 32, 5, 1, "valid"),
    ((128, 3, 32, 32), 32, 3, 1, "same"),
    ((64, 1, 28, 28), 8, 3, 1, "valid"),
    ((64, 1, 28, 28), 32, 5, 1, "valid"),
    ((64, 6, 12, 12), 16, 5, 1, "valid"),
    ((64, 8, 13, 13), 16, 3, 1, "valid"),
    ((32, 32, 15, 15), 64, 3, 1, "valid"),
    ((32, 3, 32, 32), 32, 3, 2, "valid"),
]
# (N, C, H, W), size, stride
POOLINGS = [
    ((32, 32, 32, 32), 2, 2),
    ((32, 32, 30, 30), 2, 2),
    ((128, 32, 32, 32), 2, 2),
    ((64, 8, 26, 26), 2, 2),
    ((64, 6, 24, 24), 2, 2),
    ((32, 16, 14, 14), 3, 2),
    ((32, 32, 32, 32), 3, 2),
]


def main(repetitions: int = 15) -> list[dict[str, Any]]:
    """Print milliseconds and ratios; `repetitions` timed runs of each. Returns the figures."""
    fixed = {"CUDA_VISIBLE_DEVICES": "", "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment = {**os.environ, **dict.fromkeys(THREADS, "1"), **fixed}
    command = [sys.executable, "-m", "benchmarks.conv_and_pool", str(repetitions)]
    figures: list[dict[str, Any]] = []
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("{"):
                figures.append(json.loads(line))
                print(_told(figures[-1]), flush=True)
    if process.returncode != 0:
        raise RuntimeError(f"the measurement ended with exit code {process.returncode}")
    worst = max(figures, key=lambda figure: figure["ratio"])
    within = sum(figure["ratio"] <= 3 for figure in figures)
    print(f"within 3 times the faster framework: {within} of {len(figures)}; the worst ratio is {worst['ratio']:.2f}")
    return figures


def _told(figure: dict[str, Any]) -> str:
    times = ", ".join(f"{name} {ms:.2f}" for name, ms in figure["milliseconds"].items())
    return f"{figure['what']:52} {figure['ratio']:5.2f}   ms: {times}"


# -- in the new process ------------------------------------------------------------------------------------------------


def measure(repetitions: int) -> None:
    """Write a line of JSON for each size."""
    import torch

    from gradproof.frameworks.on_tensorflow import load_tensorflow

    torch.set_num_threads(1)
    load_tensorflow("tensorflow is not installed in this Python")
    for shape, outputs, kernel, stride, padding in CONVOLUTIONS:
        what = f"conv2d {shape} to {outputs}, {kernel}x{kernel}, stride {stride}, {padding}"
        _write(what, _convolutions(shape, outputs, kernel, stride, padding), repetitions)
    for shape, size, stride in POOLINGS:
        _write(f"max_pool2d {shape}, {size}x{size}, stride {stride}", _poolings(shape, size, stride), repetitions)


def _write(what: str, runs: dict[str, Callable[[], Any]], repetitions: int) -> None:
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repetitions + 2):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - start) * 1e3)
    medians = {name: statistics.median(times[2:]) for name, times in taken.items()}  # the first two warm up
    ratio = medians["numpy"] / min(medians["pytorch"], medians["keras"])
    print(json.dumps({"what": what, "milliseconds": medians, "ratio": ratio}), flush=True)


def _convolutions(
    shape: tuple[int, ...], outputs: int, kernel: int, stride: int, padding: str
) -> dict[str, Callable[[], Any]]:
    import keras
    import tensorflow as tf
    import torch

    from gradproof.reference import operations

    op = operations()["conv2d"]
    rng = np.random.default_rng(0)
    x, b = rng.standard_normal(shape, np.float32), rng.standard_normal(outputs, np.float32)
    w = rng.standard_normal((outputs, shape[1], kernel, kernel), np.float32)
    y, _ = op.forward(x, w, b, stride, padding)
    dy = rng.standard_normal(y.shape, np.float32)
    layer = torch.nn.Conv2d(shape[1], outputs, kernel, stride, padding)
    layer.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)})
    dense = keras.layers.Conv2D(outputs, kernel, stride, padding)
    image = tf.constant(x.transpose(0, 2, 3, 1))
    dense.build(image.shape)
    dense.set_weights([w.transpose(2, 3, 1, 0), b])
    weights = [variable.value for variable in dense.trainable_variables]
    return {
        "numpy": lambda: _numpy(op, dy, x, w, b, stride, padding),
        "pytorch": _torch(layer, x, dy, list(layer.parameters())),
        "keras": _keras(dense, image, dy, weights),
    }


def _poolings(shape: tuple[int, ...], size: int, stride: int) -> dict[str, Callable[[], Any]]:
    import keras
    import tensorflow as tf
    import torch

    from gradproof.reference import operations

    op = operations()["max_pool2d"]
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape, np.float32)
    dy = rng.standard_normal(op.forward(x, size, stride)[0].shape, np.float32)
    return {
        "numpy": lambda: _numpy(op, dy, x, size, stride),
        "pytorch": _torch(torch.nn.MaxPool2d(size, stride), x, dy, []),
        "keras": _keras(keras.layers.MaxPooling2D(size, stride), tf.constant(x.transpose(0, 2, 3, 1)), dy, []),
    }


def _numpy(op: Any, dy: np.ndarray, *arguments: Any) -> Any:
    _, cache = op.forward(*arguments)
    return op.backward(dy, cache)


def _torch(layer: Any, x: np.ndarray, dy: np.ndarray, weights: list[Any]) -> Callable[[], Any]:
    import torch

    leaf, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dy)
    return lambda: torch.autograd.grad(layer(leaf), [leaf, *weights], upstream)


def _keras(layer: Any, image: Any, dy: np.ndarray, weights: list[Any]) -> Callable[[], Any]:
    import tensorflow as tf

    upstream = tf.constant(dy.transpose(0, 2, 3, 1))

    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            y = layer(image)
        return tape.gradient(y, [image, *weights], output_gradients=upstream)

    return run


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
