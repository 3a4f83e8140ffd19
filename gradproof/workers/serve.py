"""The worker's end: answers evaluations of one framework over an inherited socket.

Run as a script by any Python from 3.10 on that has NumPy; gradproof need not be installed there:

    PYTHON serve.py --framework pytorch --fd 5 --root FOLDER

FOLDER holds the `frameworks` package. The wire is the socket: whatever a framework prints goes to
stdout and stderr, which are not read as answers.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import importlib.util
import os
import signal
import socket
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

PRIVATE = "gradproof_frameworks"
PR_SET_PDEATHSIG = 1
LONGEST_MESSAGE = 2000


def main() -> int:
    """Serve until the other end says stop or closes the connection; returns the exit status."""
    parser = argparse.ArgumentParser(description="answer evaluations of one framework over an inherited socket")
    parser.add_argument("--framework", required=True, help="name of the adapter: frameworks/on_NAME.py")
    parser.add_argument("--fd", required=True, type=int, help="file descriptor of the connected socket")
    parser.add_argument("--root", required=True, type=Path, help="folder that holds the frameworks package")
    arguments = parser.parse_args()
    _end_with_parent()
    here = str(Path(__file__).parent)
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    wire = _load("gradproof_wire", Path(__file__).with_name("wire.py"))
    service = Service(arguments.framework, arguments.root, wire)
    with socket.socket(fileno=arguments.fd) as connection:
        # A process that a framework starts must not keep the wire open after this one has gone.
        connection.set_inheritable(False)
        return _loop(service, connection, wire)


def _loop(service: Service, connection: socket.socket, wire: ModuleType) -> int:
    while True:
        try:
            header, arrays = wire.receive(connection)
        except (EOFError, ConnectionError):
            return 0
        if header.get("do") == "stop":
            # Frameworks take seconds to take themselves down, and some crash doing so.
            os._exit(0)
        answer, results = service.answer(header, arrays)
        try:
            frame = wire.encode(answer, results)
        except wire.WireError as error:
            frame = wire.encode(_failure("error", str(error)))
        try:
            connection.sendall(frame)
        except ConnectionError:
            return 0


class Service:
    """Answers requests with one framework's adapter, which is loaded at the first of them."""

    def __init__(self, framework: str, root: Path, wire: ModuleType) -> None:
        self.framework = framework
        self.root = root
        self.wire = wire
        self.frameworks: ModuleType | None = None
        self.adapter: Any = None

    def answer(self, header: dict[str, Any], arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """(header, arrays) of the answer; a failure of whatever kind is an answer too."""
        try:
            if header.get("do") == "hello":
                return self.hello(), {}
            if header.get("do") == "evaluate":
                return self.evaluate(header, arrays)
            return _failure("error", f"unknown request {header.get('do')!r}; known: hello, evaluate, stop"), {}
        except (Exception, SystemExit) as error:
            return self._explain(error), {}

    def hello(self) -> dict[str, Any]:
        """Versions, precision switches and Python of this worker."""
        self._connect()
        return {
            "ok": True,
            "versions": self.adapter.versions(),
            "precision": self.adapter.precision(),
            "python": ".".join(map(str, sys.version_info[:3])),
        }

    def evaluate(self, header: dict[str, Any], arrays: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The output, and one gradient for each differentiable input and cotangent."""
        frameworks = self._connect()
        counterpart = frameworks.counterpart(header["op"], self.framework)
        cotangents = [arrays.pop(f"cotangent:{k}") for k in range(header["cotangents"])]
        if isinstance(counterpart, frameworks.Absent):
            raise counterpart
        y, gradients, why = self.adapter.evaluate(
            counterpart, arrays, header["differentiable"], cotangents, header["options"]
        )
        why = frameworks.why_composed(counterpart) or why
        results = {f"y:{k}": each for k, each in enumerate(y)} if isinstance(y, tuple) else {"y": y}
        for k, of_cotangent in enumerate(gradients):
            results.update({f"grad:{k}:{name}": gradient for name, gradient in of_cotangent.items()})
        return {"ok": True, "native": why is None, "message": why or ""}, results

    def _connect(self) -> ModuleType:
        if self.frameworks is None:
            self.frameworks = _load(PRIVATE, self.root / "frameworks" / "__init__.py")
        if self.adapter is None:
            self.adapter = importlib.import_module(f"{PRIVATE}.on_{self.framework}").Adapter()
            self.adapter.seed(0)
        return self.frameworks

    def _explain(self, error: BaseException) -> dict[str, Any]:
        absent = getattr(self.frameworks, "Absent", None)
        if absent is not None and isinstance(error, absent):
            return _failure("absent", str(error))
        return _failure("error", f"{type(error).__name__}: {error}")


def _failure(kind: str, message: str) -> dict[str, Any]:
    return {"ok": False, "kind": kind, "message": " ".join(message.split())[:LONGEST_MESSAGE]}


def _load(name: str, path: Path) -> ModuleType:
    # By location and under a private name: a user's own `frameworks` or `wire` never interferes.
    package = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=package)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(f"{path} cannot be loaded as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _end_with_parent() -> None:
    # A worker that computes, or hangs, does not read its socket and would outlive a killed judge.
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
