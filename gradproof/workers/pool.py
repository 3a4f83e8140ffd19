"""The judge's end: one process for each implementation, one queue and one thread for each process.

A worker's faults are answers, never exceptions: a `Reply` with status "broken" says in words what
happened, and the next request meets a fresh process.
"""

from __future__ import annotations

import atexit
import queue
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ._process import Broken, Process, frameworks_root
from ._with import parse_with

__all__ = ["Hello", "Reply", "Request", "Worker", "frameworks_root", "parse_with"]

START_SECONDS = 120.0
REQUEST_SECONDS = 60.0
STARTS = 3


@dataclass(frozen=True, eq=False)
class Request:
    """One evaluation: operation `op` at `inputs` (by name), one gradient for each cotangent.

    inputs and cotangents are arrays of float32, float64, int64, int32 or bool.
    """

    op: str
    options: Mapping[str, Any]
    inputs: Mapping[str, np.ndarray]
    differentiable: tuple[str, ...]
    cotangents: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Reply:
    """What a worker answered. status: "ok", "absent" (no counterpart, or no such framework) or "broken".

    gradients: one mapping for each cotangent, from input name to gradient. message: why it is absent or
    broken; with "ok", why the counterpart is composed (native is False). seconds: from sending to answer.
    """

    status: str
    y: np.ndarray | tuple[np.ndarray, ...] | None = None
    gradients: tuple[dict[str, np.ndarray], ...] = ()
    native: bool = True
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Hello:
    """What a worker says of itself. status: "ready", "absent" (framework not installed) or "broken"."""

    status: str
    message: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    precision: Mapping[str, Any] = field(default_factory=dict)
    python: str = ""


class Worker:
    """One implementation in its own process, which starts at the first question.

    name:      the implementation's name in findings; framework: the adapter's name, e.g. "pytorch".
    python:    the interpreter that runs it. root: the folder that holds the `frameworks` package.
    timeout:   seconds that one request may take; the process is stopped when they have passed.
    """

    def __init__(
        self,
        name: str,
        framework: str,
        python: str = sys.executable,
        *,
        root: Path | None = None,
        timeout: float = REQUEST_SECONDS,
    ) -> None:
        self.name = name
        self.framework = framework
        self.python = python
        self.root = root or frameworks_root()
        self.timeout = timeout
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._process: Process | None = None
        self._hello: Hello | None = None
        self._failed_starts = 0
        self._busy = False
        self._closed = False
        _open_workers.add(self)

    def hello(self, timeout: float = START_SECONDS) -> Hello:
        """Start the worker if need be and say what it is; `timeout` is in seconds. Never raises for its faults."""
        answer: Future[Any] = Future()
        self._ask(_Question(answer, None, timeout), Hello("broken", CLOSED))
        hello: Hello = answer.result()
        return hello

    def submit(self, request: Request) -> Future[Reply]:
        """Queue an evaluation. The future's result is a `Reply` whatever the worker does."""
        answer: Future[Any] = Future()
        self._ask(_Question(answer, request, START_SECONDS), Reply("broken", message=CLOSED))
        return answer

    def close(self) -> None:
        """Stop politely where the worker is idle, else kill its process group; unanswered requests are broken."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._busy and self._process is not None:
                self._process.kill()
            self._questions.put(None)
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=10)
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process = None
        _open_workers.discard(self)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, question: _Question, when_closed: Reply | Hello) -> None:
        with self._lock:
            if self._closed:
                question.answer.set_result(when_closed)
                return
            if self._thread is None:
                # A daemon: a judge that leaves without close() must not wait for it; atexit closes us then.
                self._thread = threading.Thread(target=self._answer_all, name=f"worker {self.name}", daemon=True)
                self._thread.start()
            self._questions.put(question)

    def _answer_all(self) -> None:
        # This one thread starts every process too: the kernel ends a worker with the thread that started it.
        while (question := self._questions.get()) is not None:
            if not question.answer.set_running_or_notify_cancel():
                continue
            with self._lock:
                self._busy = True
            try:
                question.answer.set_result(self._answer(question))
            except Exception as error:  # a fault of ours must not leave a caller waiting for ever
                question.answer.set_exception(error)
            finally:
                with self._lock:
                    self._busy = False
        if self._process is not None:
            self._process.stop()

    def _answer(self, question: _Question) -> Reply | Hello:
        hello = self._started(question.start_seconds)
        if question.request is None:
            return hello
        if hello.status != "ready":
            return Reply(hello.status, message=hello.message)
        return self._evaluate(question.request)

    def _started(self, seconds: float) -> Hello:
        if self._process is not None and self._process.alive() and self._hello is not None:
            return self._hello
        if self._hello is not None and (self._hello.status == "absent" or self._failed_starts >= STARTS):
            return self._hello
        try:
            self._hello = self._start(seconds)
        except Broken as error:
            self._failed_starts += 1
            again = f"; gave up after {STARTS} starts" if self._failed_starts >= STARTS else ""
            message = CLOSED if self._closed else f"{self.name} could not start: {error}{again}"
            self._hello = Hello("broken", message)
        if self._hello.status != "ready":
            self._discard()
        return self._hello

    def _start(self, seconds: float) -> Hello:
        deadline = time.monotonic() + seconds
        self._discard()
        with self._lock:
            if self._closed:
                raise Broken(CLOSED)
            self._process = Process(self.framework, self.python, self.root)
        answer, _ = self._process.exchange({"do": "hello"}, {}, deadline)
        if answer.get("ok") is not True:
            if answer.get("kind") == "absent":
                return Hello("absent", str(answer.get("message")))
            raise Broken(str(answer.get("message")))
        try:
            hello = Hello("ready", "", dict(answer["versions"]), dict(answer["precision"]), str(answer["python"]))
        except (KeyError, TypeError, ValueError):
            raise Broken("its first answer lacks versions, precision or python") from None
        self._failed_starts = 0
        return hello

    def _evaluate(self, request: Request) -> Reply:
        header = {
            "do": "evaluate",
            "op": request.op,
            "options": dict(request.options),
            "differentiable": list(request.differentiable),
            "cotangents": len(request.cotangents),
        }
        arrays = {**request.inputs, **{f"cotangent:{k}": dy for k, dy in enumerate(request.cotangents)}}
        began = time.monotonic()
        try:
            if self._process is None:
                raise Broken(CLOSED)
            answer, results = self._process.exchange(header, arrays, began + self.timeout)
            return _reply(self.name, request, answer, results, time.monotonic() - began)
        except Broken as error:
            self._discard()
            message = CLOSED if self._closed else f"{self.name} broke in {request.op}: {error}"
            return Reply("broken", message=message, seconds=time.monotonic() - began)
        except ValueError as error:  # a request that no frame can carry: the process never saw it
            return Reply("broken", message=f"{self.name} was not asked: {error}")

    def _discard(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
            self._process = None


@dataclass(frozen=True, eq=False)
class _Question:
    answer: Future[Any]
    request: Request | None
    start_seconds: float


def _reply(
    name: str, request: Request, answer: dict[str, Any], results: dict[str, np.ndarray], seconds: float
) -> Reply:
    message = str(answer.get("message", ""))
    if answer.get("ok") is not True:
        if answer.get("kind") == "absent":
            return Reply("absent", message=message, seconds=seconds)
        return Reply("broken", message=f"{name} failed in {request.op}: {message}", seconds=seconds)
    gradients = []
    several = sorted((key for key in results if key.startswith("y:")), key=lambda key: (len(key), key))
    wanted = set(several) or {"y"}
    for k in range(len(request.cotangents)):
        keys = {of: f"grad:{k}:{of}" for of in request.differentiable}
        gradients.append({of: results[key] for of, key in keys.items() if key in results})
        wanted.update(keys.values())
    if set(results) != wanted:
        missing, extra = sorted(wanted - set(results)), sorted(set(results) - wanted)
        raise Broken(f"its answer lacks {', '.join(missing) or 'nothing'} and adds {', '.join(extra) or 'nothing'}")
    y = tuple(results[key] for key in several) if several else results["y"]
    return Reply("ok", y, tuple(gradients), answer.get("native") is True, message, seconds)


CLOSED = "the worker was closed"
_open_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for worker in list(_open_workers):
        worker.close()
