"""How fast the reference's affine map and softmax cross-entropy are, forward and backward, beside PyTorch's and Keras'.

As in `normalisation`: one process, one thread each, the same float32 numbers on the CPU in turn, the median of several
rounds. Each gives y and the gradients of x, w and b, or the mean loss over integer labels and the gradient of the
logits. A ratio below one says that the reference is faster than the faster of PyTorch eager and Keras.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from .normalisation import interleaved

AFFINE = ((32, 64, 10), (64, 784, 100), (128, 784, 512), (128, 1024, 1024))  # N, D, M
LOSS = ((32, 10), (64, 100), (128, 1000), (128, 10000))  # N, C


def main(repetitions: int = 60) -> dict[str, Any]:
    """Print microseconds and ratios at each size; returns the figures."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    import torch

    torch.set_num_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print(f"float32, one thread, median of {repetitions} interleaved rounds, microseconds", end="; ")
    print("ratio: reference / faster of PyTorch and Keras")
    figures: dict[str, Any] = {"repetitions": repetitions, "times": {}, "ratios": {}}
    names = ("numpy", "pytorch", "keras", "keras compiled")
    print(f"{'':22} {'size':16} " + " ".join(f"{name:>14}" for name in names) + f" {'ratio':>7}")
    for operation, sizes, runs in (("affine", AFFINE, _affine), ("softmax_cross_entropy", LOSS, _loss)):
        for size in sizes:
            made = runs(size, torch, keras, tf)
            made["keras compiled"] = tf.function(made["keras"])
            times = interleaved(made, repetitions)
            ratio = times["numpy"] / min(times[name] for name in names[1:])
            figures["times"][f"{operation} {size}"], figures["ratios"][f"{operation} {size}"] = times, ratio
            row = " ".join(f"{times[name]:14.0f}" for name in names)
            print(f"{operation:22} {size!s:16} {row} {ratio:7.2f}", flush=True)
    return figures


def _numpy(operation: str, inputs: tuple[Any, ...], dy: Any) -> Callable[[], Any]:
    from gradproof.reference import operations

    op = operations()[operation]

    def run() -> Any:
        y, cache = op.forward(*inputs)
        return y, op.backward(dy, cache)  # type: ignore[misc]

    return run


def _affine(size: tuple[int, ...], torch: Any, keras: Any, tf: Any) -> dict[str, Callable[[], Any]]:
    n, d, m = size
    rng = np.random.default_rng(0)
    x, w, b, dy = (rng.standard_normal(shape, dtype=np.float32) for shape in ((n, d), (d, m), (m,), (n, m)))
    linear = torch.nn.Linear(d, m)
    linear.load_state_dict({"weight": torch.tensor(w.T.copy()), "bias": torch.tensor(b)})
    leaf, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dy)
    dense = keras.layers.Dense(m)
    dense.build(x.shape)
    dense.set_weights([w, b])
    watched, given = tf.constant(x), tf.constant(dy)

    def by_pytorch() -> Any:
        y = linear(leaf)
        return y, torch.autograd.grad(y, [leaf, linear.weight, linear.bias], upstream)

    def by_keras() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(watched)
            y = dense(watched)
        return y, tape.gradient(y, [watched, dense.kernel.value, dense.bias.value], given)

    return {"numpy": _numpy("affine", (x, w, b), dy), "pytorch": by_pytorch, "keras": by_keras}


def _loss(size: tuple[int, ...], torch: Any, keras: Any, tf: Any) -> dict[str, Callable[[], Any]]:
    n, c = size
    rng = np.random.default_rng(0)
    logits, labels = rng.standard_normal((n, c), dtype=np.float32), rng.integers(0, c, n)
    leaf, target = torch.tensor(logits, requires_grad=True), torch.tensor(labels)
    watched, given = tf.constant(logits), tf.constant(labels)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def by_pytorch() -> Any:
        y = torch.nn.functional.cross_entropy(leaf, target)
        return y, torch.autograd.grad(y, leaf)

    def by_keras() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(watched)
            y = loss(given, watched)
        return y, tape.gradient(y, watched)

    run = _numpy("softmax_cross_entropy", (logits, labels), np.float32(1))
    return {"numpy": run, "pytorch": by_pytorch, "keras": by_keras}


if __name__ == "__main__":
    main()
