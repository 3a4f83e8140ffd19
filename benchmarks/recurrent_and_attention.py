"""LSTM and multi-head attention, forward and backward, one thread, float32: NumPy against PyTorch eager and Keras.

Each side has its weights before the clock starts. A round runs the forward and the backward of each once, in turn. The
figure is the median over the rounds of the processor's time, which other programs do not lengthen; the ratio is NumPy's
over that of the faster eager framework. Keras runs twice: eagerly, as a user who calls a layer under a GradientTape
does, and compiled by tf.function, as `fit` does. The sizes are those that courses train. It runs in a new process,
whose libraries are told to use one thread before they load.
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
LSTM = ((32, 16, 64, 64), (64, 28, 28, 128), (128, 28, 28, 128))  # N, T, D, H
ATTENTION = ((32, 32, 64, 4), (64, 64, 64, 4), (128, 64, 128, 8))  # N, T, D, heads
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
PROGRAM = """
import json, sys
from benchmarks import recurrent_and_attention
print(json.dumps(recurrent_and_attention.measure(int(sys.argv[1]))))
"""


def main(repetitions: int = 15) -> dict[str, Any]:
    """Print milliseconds and ratios; `repetitions` timed rounds of each. Returns the figures."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    environment["KERAS_BACKEND"] = "tensorflow"
    command = [sys.executable, "-c", PROGRAM, str(repetitions)]
    run = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    *told, last = run.stdout.splitlines()
    print("\n".join(told))
    figures: dict[str, Any] = json.loads(last)
    return figures


def measure(repetitions: int) -> dict[str, Any]:
    """Medians in milliseconds by operation, sizes and library, printed as they are found."""
    import tensorflow as tf
    import torch

    torch.set_num_threads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print(
        f"numpy {np.__version__}, torch {torch.__version__}, tensorflow {tf.__version__}; median of {repetitions}, ms"
    )
    figures: dict[str, Any] = {}
    for name, runs, every in (("lstm", lstm_runs, LSTM), ("multi_head_attention", attention_runs, ATTENTION)):
        for sizes in every:
            times = interleaved(runs(*sizes), repetitions)
            best = min(t for library, t in times.items() if library not in ("numpy", "keras compiled"))
            ratio = times["numpy"] / best
            figures[f"{name} {sizes}"] = {**times, "ratio": ratio}
            told = "  ".join(f"{library} {t:8.2f}" for library, t in times.items())
            print(f"{name:22} {sizes!s:20} {told}  ratio {ratio:5.2f}", flush=True)
    return figures


def interleaved(runs: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """Median milliseconds of each, after two rounds that are not counted."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repetitions + 2):
        for name, run in runs.items():
            start = time.process_time()
            run()
            taken[name].append((time.process_time() - start) * 1e3)
    return {name: statistics.median(times[2:]) for name, times in taken.items()}


def numbers(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Normal float32 arrays, small enough that nothing saturates."""
    rng = np.random.default_rng(0)
    return [np.asarray(0.1 * rng.standard_normal(shape), dtype=np.float32) for shape in shapes]


def lstm_runs(n: int, t: int, d: int, h: int) -> dict[str, Callable[[], Any]]:
    """Forward and backward of one LSTM over a batch of sequences, every hidden state used."""
    import keras
    import torch

    from gradproof.reference.lstm import lstm_backward, lstm_forward

    x, wx, wh, b, dy = numbers((n, t, d), (d, 4 * h), (h, 4 * h), (4 * h,), (n, t, h))
    zero = np.zeros((n, h), dtype=np.float32)

    def numpy() -> Any:
        *_, cache = lstm_forward(x, zero, zero, wx, wh, b)
        return lstm_backward(dy, zero, zero, cache)

    module = torch.nn.LSTM(d, h, batch_first=True)
    state = {"weight_ih_l0": wx.T, "weight_hh_l0": wh.T, "bias_ih_l0": b, "bias_hh_l0": 0 * b}
    module.load_state_dict({name: torch.tensor(w) for name, w in state.items()})
    layer = keras.layers.LSTM(h, return_sequences=True)
    layer.build((n, t, d))
    layer.set_weights([wx, wh, b])
    return {"numpy": numpy, **of_torch(module, lambda x: module(x)[0], x, dy), **of_keras(layer, layer, x, dy)}


def attention_runs(n: int, t: int, d: int, heads: int) -> dict[str, Callable[[], Any]]:
    """Forward and backward of self-attention over a batch of sequences, each step looking back only."""
    import keras
    import tensorflow as tf
    import torch

    from gradproof.reference.multi_head_attention import multi_head_attention_backward, multi_head_attention_forward

    x, dy, wq, wk, wv, wo = numbers((n, t, d), (n, t, d), *[(d, d)] * 4)
    (b,) = numbers((d,))
    looks_back = np.tril(np.ones((t, t), dtype=bool))
    mask = np.repeat(looks_back[None], n, axis=0)

    def numpy() -> Any:
        _, cache = multi_head_attention_forward(x, x, x, wq, b, wk, wv, b, wo, b, mask, heads)
        return multi_head_attention_backward(dy, cache)

    module = torch.nn.MultiheadAttention(d, heads, batch_first=True)
    packed = {"in_proj_weight": np.concatenate([wq.T, wk.T, wv.T]), "in_proj_bias": np.concatenate([b, 0 * b, b])}
    state = {**packed, "out_proj.weight": wo.T, "out_proj.bias": b}
    module.load_state_dict({name: torch.tensor(w) for name, w in state.items()})
    hidden = torch.tensor(~looks_back)
    layer = keras.layers.MultiHeadAttention(heads, d // heads)
    layer.build((n, t, d), (n, t, d), (n, t, d))
    seen = tf.constant(mask)

    def attend(x: Any) -> Any:
        return module(x, x, x, attn_mask=hidden, need_weights=False)[0]

    called = of_keras(layer, lambda x: layer(x, x, attention_mask=seen), x, dy)
    return {"numpy": numpy, **of_torch(module, attend, x, dy), **called}


def of_torch(module: Any, call: Callable[[Any], Any], x: np.ndarray, dy: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Gradients of x and of every parameter, eagerly."""
    import torch

    leaf, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dy)
    wanted = [leaf, *module.parameters()]
    return {"pytorch": lambda: torch.autograd.grad(call(leaf), wanted, grad_outputs=upstream)}


def of_keras(layer: Any, call: Callable[[Any], Any], x: np.ndarray, dy: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Gradients of x and of every weight under a GradientTape: eagerly, and as one compiled function."""
    import tensorflow as tf

    leaf, upstream = tf.constant(x), tf.constant(dy)

    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(leaf)
            y = call(leaf)
        return tape.gradient(y, [leaf, *(v.value for v in layer.trainable_variables)], output_gradients=upstream)

    return {"keras": run, "keras compiled": tf.function(run)}


if __name__ == "__main__":
    main()
