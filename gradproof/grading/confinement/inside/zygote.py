"""The submission's process: imports it once, then forks for each program that the judge sends.

The judge passes, for each program, a connection and a pipe for its output; the fork talks to the judge by these
alone, so that what an earlier program left running cannot answer for a later one.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import sys
import traceback
from types import ModuleType
from typing import Any

import numpy as np

from .modules import Submission
from .returning import pack
from .steps import Execution, MissingFunction, WrongReturn

LONGEST_MESSAGE = 2000
MOST_NAMES = 500
EXIT = b"%d\n"


def serve(control: int, wire: ModuleType) -> None:
    """Say "ready", import what the judge sends, answer how that went, then fork for each program until the end."""
    with socket.socket(fileno=control) as connection:
        connection.set_inheritable(False)
        wire.send(connection, {"do": "ready", "python": sys.version.split()[0]})
        header, arrays = wire.receive(connection)
        files = {name: text.tobytes().decode("utf-8") for name, text in arrays.items()}
        submission = Submission(files)
        sys.meta_path.append(submission)
        answer = _import(submission, header["entries"])
        _flush()
        wire.send(connection, answer)
        # What is there now is not looked at again by any fork's garbage collector, which would copy its pages.
        gc.freeze()
        _fork_for_each(connection, submission, wire)


def _import(submission: Submission, entries: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"verdict": "ok", "message": "", "where": None, "notes": []}
    for file in entries:
        try:
            submission.run_entry(file)
        except BaseException as error:
            failure = _explain(error, submission)
            if failure["verdict"] == "raised":
                failure["verdict"] = "import-failed"
            if answer["verdict"] == "ok":
                answer.update(failure)
            else:
                answer["notes"].append(f"{file}: {failure['message']}")
    answer["names"] = dict(list(submission.names().items())[:MOST_NAMES])
    return answer


def _fork_for_each(connection: socket.socket, submission: Submission, wire: ModuleType) -> None:
    while True:
        request, passed, *_ = socket.recv_fds(connection, 1, 2)
        if not request:
            return
        try:
            child = os.fork()
        except OSError as error:
            child = -1
            os.write(passed[1], f"the system refused to fork: {error}\n".encode())
        if child == 0:
            connection.close()
            _answer_one(passed[0], passed[1], submission, wire)
        for each in passed:
            os.close(each)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child > 0 else -1
        connection.sendall(EXIT % status)


def _answer_one(channel: int, output: int, submission: Submission, wire: ModuleType) -> None:
    # In the fork. It never returns, and leaves without atexit functions and destructors.
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        with socket.socket(fileno=channel) as connection:
            with connection.makefile("rb") as stream:
                header, arrays = wire.decode(stream.read1)
            answer, values = _execute(header, arrays, submission, wire)
            _flush()
            connection.sendall(wire.encode(answer, values))
        os._exit(0)
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
            sys.stderr.flush()
    finally:
        os._exit(71)


def _execute(
    header: dict[str, Any], arrays: dict[str, Any], submission: Submission, wire: ModuleType
) -> tuple[dict[str, Any], dict[str, Any]]:
    execution = Execution(submission.namespace, arrays)
    answer: dict[str, Any] = {"verdict": "ok", "message": "", "where": None}
    before = {name: (x, x.shape, x.dtype, x.tobytes()) for name, x in arrays.items()}
    values = {}
    try:
        for step in header["steps"]:
            execution.step(step)
        values = {name: execution.kept[name] for name in header["returns"]}
    except BaseException as error:
        answer = _explain(error, submission)
    # Compared here, where it costs least: a submission that lies about its inputs could as well send others.
    answer["unchanged"] = [name for name, each in before.items() if _as_it_was(arrays.get(name), *each)]
    answer["values"], sent = pack(values, arrays, wire.DTYPES, wire.MAX_PAYLOAD, frozenset(answer["unchanged"]))
    return answer, sent


def _as_it_was(x: Any, given: np.ndarray, shape: tuple[int, ...], dtype: Any, content: bytes) -> bool:
    return x is given and (given.shape, given.dtype) == (shape, dtype) and given.tobytes() == content


def _explain(error: BaseException, submission: Submission) -> dict[str, Any]:
    verdict, message = "raised", ""
    where = submission.where(error)
    if isinstance(error, (MissingFunction, WrongReturn)):
        verdict = "missing-function" if isinstance(error, MissingFunction) else "wrong-return"
        message = str(error)
    elif isinstance(error, SystemExit):
        verdict, message = "exited", f"the program called exit ({error.code!r})"
    elif isinstance(error, MemoryError):
        verdict, message = "memory", f"{type(error).__name__}: {_text(error)}"
    else:
        message = f"{type(error).__name__}: {_text(error)}"
    return {
        "verdict": verdict,
        "message": " ".join(message[: 2 * LONGEST_MESSAGE].split())[:LONGEST_MESSAGE],
        "where": where,
    }


def _text(error: BaseException) -> str:
    try:
        return str(error)[: 2 * LONGEST_MESSAGE]
    except BaseException as second:
        return f"(its text cannot be had: {type(second).__name__})"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
