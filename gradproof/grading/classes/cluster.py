"""Marking on a cluster: the same jobs over a dask.distributed scheduler, each in a marking process on its worker.

Every worker needs gradproof in the same version, sees the submissions and the assignment at the same paths, and can
isolate as well as `--require-isolation` asks. The jobs carry the assignment's secret: run the scheduler with TLS
where the network is not your own. A job does not run inside a worker's own process: one that dies there would take
the worker's other jobs along.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

from .job import PATIENCE_SECONDS, Done, Job, Stopped

CONNECT_SECONDS = 20.0
WORKER_SECONDS = 60.0
LOST_SECONDS = 10.0


def mark_on_cluster(jobs: Iterable[Job], address: str, patience: float = PATIENCE_SECONDS) -> Iterator[Done]:
    """Mark jobs on the cluster and give each as it is done. Closing the generator cancels what waits.

    Raises Stopped, a sentence, where dask.distributed is not installed, the scheduler does not answer, or it has been
    gone for LOST_SECONDS.
    """
    client = connect(address)
    try:
        _check_versions(client)
        yield from _marked(client, list(jobs), address, patience)
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)


def connect(address: str) -> Any:
    """A client of the scheduler at `address` ("tcp://host:8786")."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise Stopped(
            "--scheduler needs dask.distributed, which is not installed here: pip install 'dask[distributed]'"
        ) from None
    # What its loops log about a lost connection, the run says in a sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise Stopped(f"the scheduler at {address} does not answer ({_first_line(error)}); is it running?") from None


def _check_versions(client: Any) -> None:
    """Every worker's gradproof must be this one: marks of two versions do not belong in one class."""
    from ... import __version__

    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise Stopped(f"the scheduler has no worker, and none came within {WORKER_SECONDS:g} seconds") from None
    try:
        found = client.run(version_there)
    except Exception as error:  # whatever the first worker raised on loading the function
        raise Stopped(
            f"the workers cannot run gradproof ({_first_line(error)}); install gradproof {__version__} on all"
        ) from None
    other = {worker: version for worker, version in found.items() if version != __version__}
    if other:
        worker, version = next(iter(other.items()))
        raise Stopped(f"worker {worker} has gradproof {version}, and this is {__version__}; install the same on all")


def version_there() -> str:
    """Run on a worker: its gradproof's version."""
    from ... import __version__

    return __version__


def _marked(client: Any, jobs: list[Job], address: str, patience: float) -> Iterator[Done]:
    done: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # pure=False: a job marked again is a new job. Its retries are the run's own matter, not the scheduler's.
    futures = {client.submit(mark_there, job.to_json(), patience, pure=False, retries=0): job for job in jobs}
    for future in futures:
        future.add_done_callback(done.put)
    left = len(futures)
    gone_since: float | None = None
    while left:
        try:
            future = done.get(timeout=0.5)
        except queue.Empty:
            gone_since = _gone(client, gone_since)
            if gone_since is not None and time.monotonic() - gone_since > LOST_SECONDS:
                raise Stopped(f"the scheduler at {address} has gone away") from None
            continue
        if future.status in ("cancelled", "lost"):
            raise Stopped(f"the scheduler at {address} has gone away")
        left -= 1
        yield _done(futures[future], future)


def _gone(client: Any, since: float | None) -> float | None:
    """When the scheduler was first found gone; None while it is there."""
    if client.status == "running" and client.scheduler_comm is not None and not client.scheduler_comm.comm.closed():
        return None
    return since if since is not None else time.monotonic()


def _done(job: Job, future: Any) -> Done:
    if future.status == "error":
        error = future.exception(timeout=5)
        return Done(job, None, f"the cluster lost the marking: {type(error).__name__}: {_first_line(error)}")
    answer = future.result(timeout=30)
    return Done(job, answer.get("record"), str(answer.get("fault", "")))


def _first_line(error: BaseException | None) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:300]


# -- on a worker ------------------------------------------------------------------------------------------------

_here = threading.local()


def mark_there(job: dict[str, Any], patience: float) -> dict[str, Any]:
    """Run on a worker: mark one job in a marking process of this thread. {"record": ...} or {"fault": why}."""
    from .processes import MarkingProcess

    asked = Job.from_json(job)
    process = getattr(_here, "process", None)
    if process is None or process.process.poll() is not None:
        process = _here.process = MarkingProcess(asked.marker)
        atexit.register(process.stop)
    done, ended = process.mark(asked, patience)
    if ended:
        process.stop()
        _here.process = None
    if done is None:
        return {"fault": f"the marking process does not start: {process.last_words()}"}
    return {"record": done.record, "fault": done.fault}
