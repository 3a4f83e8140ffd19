"""Cells without frameworks: workers that answer with the reference's own results, but for what a test plants."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gradproof.matrix import cell
from gradproof.panel import Panel
from gradproof.reference import operations
from gradproof.workers.pool import Hello, Reply, Request

OPS = operations()
PY = "py" + "".join(platform.python_version_tuple()[:2])
NP = "np" + "".join(np.__version__.split(".")[:2])
NOTHING = {"torch": "absent", "tf": "absent", "keras": "absent", "jax": "absent"}
HERE = {"py": platform.python_version(), "np": np.__version__, **NOTHING}
Plant = Callable[[Request, Reply], Reply]


@dataclass
class FakeWorker:
    """A worker in this process; plant changes what it answers."""

    name: str
    framework: str
    said: Hello
    plant: Plant | None = None
    python: str = "python"
    asked: list[str] = field(default_factory=list)

    def hello(self) -> Hello:
        return self.said

    def submit(self, request: Request) -> Future[Reply]:
        self.asked.append(request.op)
        op = OPS[request.op]
        *outputs, cache = op.forward(*request.inputs.values(), **request.options)
        gradients = tuple(
            dict(zip(request.differentiable, op.backward(dy, cache), strict=True)) for dy in request.cotangents
        )
        reply = Reply("ok", outputs[0], gradients)
        future: Future[Reply] = Future()
        try:
            future.set_result(self.plant(request, reply) if self.plant else reply)
        except KeyboardInterrupt as signal:  # it arrives while the cell waits for the answer
            future.set_exception(signal)
        return future

    def close(self) -> None: ...


@dataclass
class FakePanel(Panel):
    """A panel of fake workers."""

    fakes: tuple[FakeWorker, ...] = ()

    def __enter__(self) -> FakePanel:
        self.workers = {fake.name: fake for fake in self.fakes}  # type: ignore[misc]
        self.hellos = {fake.name: fake.said for fake in self.fakes}
        return self


def fake_cell(
    name: str,
    cases: Path,
    output: Path,
    versions: Mapping[str, str] | None = None,
    plants: Mapping[str, Plant | None] | None = None,
    **options: Any,
) -> int:
    """Run a cell whose frameworks are fake. versions: factor to version, beside this Python's and NumPy's own."""
    installed = {**HERE, **(versions or {})}
    packages = {"pytorch": ("torch", "torch"), "keras": ("keras", "keras")}
    fakes = tuple(
        FakeWorker(name, name, Hello("ready", "", {package: installed[factor]}, {}, "3.11"), (plants or {}).get(name))
        for name, (factor, package) in packages.items()
        if installed[factor] != "absent"
    )
    return cell.run(name, cases, output, panel=FakePanel((), fakes=fakes), installed=installed, **options)


def wrong_pooling(request: Request, reply: Reply) -> Reply:
    """A pooling whose gradient is twice what it should be in its first entry that is not zero."""
    if request.op != "max_pool2d":
        return reply
    gradients = []
    for by_input in reply.gradients:
        wrong = by_input["x"].copy()
        place = np.argwhere(wrong)[:1]
        for index in place:
            wrong[tuple(index)] *= 2
        gradients.append({**by_input, "x": wrong})
    return Reply("ok", reply.y, tuple(gradients))


def next_double(request: Request, reply: Reply) -> Reply:
    """A softplus whose last bit is another, well within the allowance."""
    if request.op != "softplus":
        return reply
    return Reply("ok", np.nextafter(reply.y, np.inf, dtype=reply.y.dtype), reply.gradients)
