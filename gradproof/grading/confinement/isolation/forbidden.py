"""What a submission must not be able to do, attempted. This text is given to a sandbox as a submission.

Each function says in a sentence what it achieved, or returns None where everything was refused.
"""

import os
import socket
import time

import numpy as np


def honest():
    """What every submission may do: import what is seldom imported, from Python's library and from NumPy's."""
    import colorsys
    import decimal
    import fcntl
    import multiprocessing
    import statistics

    import numpy.polynomial

    return np.array([len({colorsys, decimal, fcntl, multiprocessing, statistics, numpy.polynomial})])


def network(port):
    """Reach a service of this machine over TCP and UDP, IPv4 and IPv6."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(family, kind) as connection:
                    connection.settimeout(0.5)
                    connection.connect((address, port))
                    connection.sendall(b"reached")
                    return f"it connected to {address}"
            except OSError:
                continue
    return None


def write(folder, file):
    """Write into a folder, and over a file, that everybody may write to."""
    for path in (os.path.join(folder, "new"), file):
        try:
            with open(path, "w") as opened:
                opened.write("changed")
            return f"it wrote {os.path.basename(path)!r}"
        except OSError:
            continue
    return None


def read(paths):
    """Read files that everybody, or the judge, may read."""
    for path in paths:
        try:
            with open(path, "rb") as opened:
                return f"it read {len(opened.read())} bytes of {os.path.basename(path)!r}"
        except OSError:
            continue
    return None


def other_processes(pid):
    """Look at the judge's process, and send it the signal that does nothing."""
    for name in ("environ", "cmdline", "maps"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as opened:
                return f"it read {len(opened.read())} bytes of another process's {name}"
        except OSError:
            continue
    try:
        os.kill(pid, 0)
        return "it could signal another process"
    except OSError:
        return None


def many_processes(most):
    """Start more processes than allowed; all of them end when this one does."""
    reading, writing = os.pipe()
    started = 0
    try:
        while started <= most:
            if os.fork() == 0:
                os.close(writing)
                os.read(reading, 1)
                os._exit(0)
            started += 1
    except OSError:
        return None
    finally:
        os.close(writing)
        for _ in range(started):
            os.wait()
    return f"it started {started} processes"


def fill_disk(mebibytes):
    """Write more to /tmp than allowed."""
    written = 0
    try:
        for number in range(2 * mebibytes):
            with open(f"/tmp/gradproof-forbidden-{number}", "wb") as opened:
                opened.write(bytes(1 << 20))
            written += 1
    except OSError:
        pass
    for number in range(written + 1):
        try:
            os.unlink(f"/tmp/gradproof-forbidden-{number}")
        except OSError:
            continue
    return f"it wrote {written} MiB" if written > mebibytes else None


def memory(mebibytes):
    """Take more memory than allowed."""
    taken = np.ones((2 * mebibytes, 1 << 20), dtype=np.uint8)
    return f"it took {taken.nbytes >> 20} MiB"


def daemon():
    """Leave a process behind that belongs to nobody, and never return."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    while True:
        pass
