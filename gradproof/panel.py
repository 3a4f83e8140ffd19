"""The implementations of a run: the reference in this process, every other in a worker of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .cases import Case
from .workers.pool import Hello, Reply, Request, Worker

if TYPE_CHECKING:
    from reference._op import Op

    from .cases import Spec

REFERENCE = "numpy"
FRAMEWORKS = ("pytorch", "keras", "tensorflow", "jax", "keras_torch", "keras_jax")
# JAX compiles for every new shape, about 0.3 s each: it hears one case in so many.
SHARE = {"jax": 10, "keras_jax": 10, "keras_torch": 3}
# Keras has no float64 there: one such case of an operation lets them say so, and the share is one of the float32 cases.
FLOAT32_ONLY = ("keras_jax", "keras_torch")


@dataclass
class Panel:
    """members: (name, framework, interpreter) of each worker. A context manager: workers live as long as it does."""

    members: Sequence[tuple[str, str, str]]
    hellos: dict[str, Hello] = field(default_factory=dict)
    workers: dict[str, Worker] = field(default_factory=dict)
    _cases: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)

    def __enter__(self) -> Panel:
        self.workers = {name: Worker(name, framework, python) for name, framework, python in self.members}
        with ThreadPoolExecutor(max_workers=max(1, len(self.workers))) as pool:
            self.hellos = dict(zip(self.workers, pool.map(lambda w: w.hello(), self.workers.values()), strict=True))
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers.values():
            worker.close()

    @property
    def ready(self) -> list[str]:
        """Names of the implementations that can be asked."""
        return [name for name, hello in self.hellos.items() if hello.status == "ready"]

    def framework(self, name: str) -> str:
        """The framework behind an implementation's name."""
        return self.workers[name].framework

    def share(self, name: str) -> int:
        """An implementation hears one case in so many."""
        return SHARE.get(self.framework(name), 1)

    @property
    def slow(self) -> set[str]:
        """Names of the implementations that hear a share of the cases only, since each takes them long."""
        return {name for name in self.ready if self.share(name) > 1}

    def ask(self, case: Case, op: Op, turn: int = 0, only: str | None = None) -> dict[str, Future[Reply]]:
        """Send a case to every ready implementation whose turn it is (or to one); the replies come concurrently."""
        request = Request(case.spec.op, case.options, case.inputs, op.differentiable(case.options), case.cotangents)
        heard = [n for n in self.ready if n == only or (only is None and self._turn_of(n, case.spec, turn))]
        return {name: self.workers[name].submit(request) for name in heard}

    def _turn_of(self, name: str, spec: Spec, turn: int) -> bool:
        """Whether an implementation hears this case, the operation's number `turn`."""
        if self.framework(name) not in FLOAT32_ONLY:
            return turn % self.share(name) == 0
        cases = self._cases.setdefault((name, spec.op, spec.dtype), set())
        cases.add(spec.id)
        return len(cases) == 1 or (spec.dtype == "float32" and len(cases) % self.share(name) == 1)

    def described(self) -> dict[str, Any]:
        """The implementations block of a findings file's header."""
        import numpy

        own = {
            "status": "ready",
            "versions": {"numpy": numpy.__version__},
            "message": "",
            "framework": "numpy",
            "python": sys.executable,
        }
        every = {REFERENCE: own}
        for name, hello in self.hellos.items():
            every[name] = {
                "status": hello.status,
                "versions": dict(hello.versions),
                "message": hello.message,
                "precision": dict(hello.precision),
                "framework": self.framework(name),
                "python": self.workers[name].python,
            }
        return every


def members(frameworks: Sequence[str], others: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """This interpreter's frameworks, and those of --with, which replace one of the same name."""
    own = {name: (name, name, sys.executable) for name in frameworks}
    own.update({name: (name, framework, python) for name, framework, python in others})
    return list(own.values())
