"""The gradient of a two-layer network, checked by `gradproof.check` and by `torch.autograd.gradcheck` side by side.

The network is affine, sigmoid, affine, softmax cross-entropy, mean; its float64 inputs x, w1, b1, w2, b2 all get a
gradient, about 30, exactly 104, 300 and 1000 entries together. All of these run in one process in turn, on the same
numbers, and the median of several rounds is kept; PyTorch with one thread:

- check: `gradproof.check` of the hand-written NumPy pair: frame, proof, allowances, and every entry of y and of the
  gradients for three cotangents against the truth;
- proof: only the question that gradcheck asks too, is the backward the derivative of the forward: the jets and the
  backward in balls at 128 bits, one cotangent;
- gradcheck: `torch.autograd.gradcheck(f, inputs)` as its documentation has it (slow mode, eps 1e-6, atol 1e-4), f being
  PyTorch's own operations, so what it checks is PyTorch's backward;
- fast: the same with fast_mode=True;
- gradcheck of the pair: the same gradcheck of the hand-written NumPy pair, wrapped in a torch.autograd.Function, which
  is what somebody with a NumPy pair has to do; and with fast_mode=True.

The first calls in a new process are timed apart, imports included and not: gradcheck's first call imports more of
PyTorch. A ratio below one says that gradproof is faster.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SIZES = {30: (4, 2, 4, 2), 104: (8, 5, 6, 4), 300: (14, 10, 8, 8), 1000: (23, 20, 16, 12)}  # entries: N, D, H, C
NEW_PROCESSES = 3


def main(repetitions: int = 9) -> dict[str, Any]:
    """Print times and ratios at each size; returns the figures."""
    import torch

    torch.set_num_threads(1)
    threads = torch.get_num_threads()
    print(f"torch {torch.__version__}, {threads} thread; median of {repetitions} interleaved rounds, ms")
    figures: dict[str, Any] = {"repetitions": repetitions, "torch": torch.__version__, "threads": threads, "sizes": {}}
    print(f"{'entries':>7} " + " ".join(f"{name:>22}" for name in _runs(30)))
    for entries in SIZES:
        times = _interleaved(_runs(entries), repetitions)
        figures["sizes"][entries] = times
        print(f"{entries:7} " + " ".join(f"{t:22.1f}" for t in times.values()), flush=True)
    print("\ngradproof's time over the other's; below 1 gradproof is faster")
    others = [name for name in _runs(30) if name not in ("check", "proof")]
    print(f"{'entries':>7} {'':5} " + " ".join(f"{name:>22}" for name in others))
    for entries, times in figures["sizes"].items():
        for own in ("check", "proof"):
            print(f"{entries:7} {own:5} " + " ".join(f"{times[own] / times[name]:22.2f}" for name in others))
    figures["first_calls"] = _first_calls()
    return figures


def numbers(entries: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The differentiable inputs and the labels at one of SIZES."""
    n, d, h, c = SIZES[entries]
    rng = np.random.default_rng(entries)
    inputs = [rng.standard_normal(shape) for shape in ((n, d), (d, h), (h,), (h, c), (c,))]
    if sum(x.size for x in inputs) != entries:
        raise ValueError(f"a network of N, D, H, C = {SIZES[entries]} does not have {entries} entries")
    return inputs, rng.integers(0, c, n)


def _interleaved(runs: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, float]:
    """Median milliseconds of each, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repetitions + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def _runs(entries: int) -> dict[str, Callable[[], Any]]:
    return {**_of_gradproof(entries), **_of_torch(entries)}


def _of_gradproof(entries: int) -> dict[str, Callable[[], Any]]:
    from flint import ctx

    import gradproof
    from gradproof import truth
    from gradproof.pair import of_operation
    from gradproof.reference import operations

    op = operations()["two_layer_network"]
    inputs, target = numbers(entries)
    pair = of_operation(op, {})
    by_name = dict(zip(pair.inputs, [*inputs, target], strict=True))
    direction = truth._direction(pair, by_name, np.random.default_rng(0))

    def prove() -> None:
        bits = truth.PRECISIONS[0]
        with ctx.workprec(truth.PRECISIONS[-1]):  # of the sums between the runs, as in find_truth
            values, slopes, ties = truth.run_jets(pair, by_name, direction, bits)
            proof, *_ = truth._prove(pair, by_name, [np.ones(())], direction, values, slopes, ties, bits)
        if proof.status != "proved":
            raise RuntimeError(f"the network's backward is {proof.status}: {proof.message}")

    return {"check": lambda: gradproof.check(op.forward, op.backward, *inputs, target), "proof": prove}


def _of_torch(entries: int) -> dict[str, Callable[[], Any]]:
    import torch

    from gradproof.reference import operations

    op = operations()["two_layer_network"]
    inputs, target = numbers(entries)
    leaves, labels = [torch.tensor(x, requires_grad=True) for x in inputs], torch.tensor(target)

    def network(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        return torch.nn.functional.cross_entropy(torch.sigmoid(x @ w1 + b1) @ w2 + b2, labels)

    class HandWritten(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            loss, ctx.cache = op.forward(*(t.detach().numpy() for t in tensors), target)
            return torch.tensor(loss)

        @staticmethod
        def backward(ctx: Any, dloss: Any) -> Any:
            return tuple(torch.from_numpy(np.asarray(g)) for g in op.backward(dloss.numpy(), ctx.cache))

    gradcheck = torch.autograd.gradcheck
    return {
        "gradcheck": lambda: gradcheck(network, leaves),
        "fast": lambda: gradcheck(network, leaves, fast_mode=True),
        "gradcheck of the pair": lambda: gradcheck(HandWritten.apply, leaves),
        "fast, of the pair": lambda: gradcheck(HandWritten.apply, leaves, fast_mode=True),
    }


# -- first calls ------------------------------------------------------------------------------------------------------

_NEW_PROCESS = """
import json, sys, time
start = time.perf_counter()
from benchmarks import gradcheck
run = gradcheck.{source}(104)[{name!r}]
ready = time.perf_counter()
run()
done = time.perf_counter()
print(json.dumps([done - start, done - ready]))
"""


def _first_calls() -> dict[str, Any]:
    """Seconds of a first check of 104 entries in a new process: with imports, and without."""
    taken: dict[str, list[list[float]]] = {"check": [], "gradcheck": []}
    for _ in range(NEW_PROCESSES):
        for name, source in (("check", "_of_gradproof"), ("gradcheck", "_of_torch")):
            program = _NEW_PROCESS.format(source=source, name=name)
            command = [sys.executable, "-c", program]
            run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
            taken[name].append(json.loads(run.stdout.splitlines()[-1]))
    figures = {}
    print(f"\nfirst call in a new process, 104 entries, median of {NEW_PROCESSES}, seconds")
    for name, runs in taken.items():
        whole, call = (statistics.median(run[k] for run in runs) for k in (0, 1))
        figures[name] = {"with_imports": whole, "call": call}
        print(f"{name:10} {whole:6.2f} imports included, {call:6.3f} the call alone")
    ratios = {kind: figures["check"][kind] / figures["gradcheck"][kind] for kind in ("with_imports", "call")}
    print(f"{'ratio':10} {ratios['with_imports']:6.2f} imports included, {ratios['call']:6.3f} the call alone")
    return {**figures, "ratios": ratios}
