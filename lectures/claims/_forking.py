"""Run as a program, with NumPy loaded once: each program that is asked for runs in a fork of it, fresh and alone.

A request is a line of JSON on standard input: program, folder, seconds. The program runs in folder/work; what it says
goes to folder/stdout and folder/stderr. The answer is a line of JSON: its exit status, or null where it took too long.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np


def serve() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            run(request["program"], Path(request["folder"]), request["seconds"])
        _, status = os.waitpid(child, 0)
        late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        print(json.dumps(None if late else os.waitstatus_to_exitcode(status)), flush=True)


def run(program: str, folder: Path, seconds: float) -> None:
    """Run the program as `python -` would, and end this process with its status."""
    os.chdir(folder / "work")
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, folder / "stdout", os.O_WRONLY | os.O_CREAT),
        (2, folder / "stderr", os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(path, flags), descriptor)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    np.random.seed()  # otherwise every fork would draw the same numbers
    status = 0
    try:
        exec(compile(program, "<stdin>", "exec"), {"__name__": "__main__"})
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    serve()
