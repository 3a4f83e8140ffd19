"""A class run over a dask.distributed cluster: the same marks, the same faults, and a scheduler that goes away."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradproof.grading.classes.class_run import Outcome, Settings, grade
from reports.grading import record as records
from tests import marker_fake as fake

pytest.importorskip("distributed", reason="dask.distributed is not installed")

ROOT = Path(__file__).resolve().parent.parent

# The cluster lives in a process of its own, so that a test can take it away as a crash would.
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
                           host="127.0.0.1", local_directory=sys.argv[1])
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


class Cluster:
    """A scheduler and two workers; `address` of the scheduler."""

    def __init__(self, folder: Path) -> None:
        script = folder / "cluster.py"
        script.write_text(CLUSTER)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(folder)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("tcp://")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.kill()


def a_class(folder: Path, texts: dict[str, str], scheduler: str) -> Settings:
    (folder / "handed-in").mkdir(parents=True)
    (folder / "layers.toml").write_text("layers 1")
    for name, text in texts.items():
        (folder / "handed-in" / f"{name}.py").write_text(text)
    paths = str(folder / "layers.toml"), (folder / "handed-in",), folder / "out"
    return Settings(*paths, scheduler=scheduler, marker=fake.MARKER)


def run(settings: Settings) -> Outcome:
    return grade(settings, io.StringIO(), fake.surroundings())


def marks(outcome: Outcome) -> dict[str, Any]:
    return {r["submission"]["id"]: [(s["status"], s["score"]) for s in r["stages"]] for r in outcome.records}


def test_the_cluster_gives_the_same_marks_as_this_machine(cluster, tmp_path):
    texts = {f"s{n:02}": f"text {n}" for n in range(12)}
    there = run(a_class(tmp_path / "there", texts, cluster.address))
    here = run(a_class(tmp_path / "here", texts, ""))
    assert there.code == here.code == 0
    assert marks(there) == marks(here)


def test_a_lost_marking_costs_one_submission_its_mark_and_no_other(cluster, tmp_path):
    outcome = run(a_class(tmp_path, {"ada": "one", "bob": "die", "cyd": "raise", "dan": "two"}, cluster.address))
    assert outcome.code == 3
    found = {r["submission"]["id"]: r for r in outcome.records}
    assert "killed by SIGSEGV" in found["bob"]["message"] and "RuntimeError" in found["cyd"]["message"]
    assert records.graded(found["ada"]) and records.graded(found["dan"])


def test_a_worker_that_does_not_see_the_files_says_so(cluster, tmp_path):
    settings = a_class(tmp_path, {"ada": "one"}, cluster.address)
    outcome = grade(settings, Hiding(tmp_path / "handed-in" / "ada.py"), fake.surroundings())
    assert outcome.code == 3
    assert "every machine that marks must see the submissions' folder" in outcome.records[0]["message"]


class Hiding(io.StringIO):
    """A stream that takes a file away when the first line is written."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def write(self, text: str) -> int:
        self.path.unlink(missing_ok=True)
        return super().write(text)


def test_a_scheduler_that_goes_away_stops_the_run_in_words_and_what_is_done_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.grading.classes.cluster.LOST_SECONDS", 1.0)
    cluster = Cluster(tmp_path)
    texts = {f"s{n:02}": "fast" if n < 4 else "sleep 60" for n in range(8)}
    settings = a_class(tmp_path / "class", texts, cluster.address)

    def later() -> None:
        end = time.monotonic() + 60
        while not list((tmp_path / "class" / "out").glob("grades.sqlite")) and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(4)
        cluster.kill()

    killer = threading.Thread(target=later)
    killer.start()
    outcome = run(settings)
    killer.join()
    assert outcome.code == 3
    said = " ".join(outcome.notes)
    assert f"the scheduler at {cluster.address} has gone away" in said
    assert f"Kept: {len(outcome.records)} newly marked" in said and "--resume" in said
    assert len(outcome.records) >= 1 and all(records.graded(r) for r in outcome.records)


def test_a_scheduler_that_does_not_answer_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.grading.classes.cluster.CONNECT_SECONDS", 2.0)
    outcome = run(a_class(tmp_path, {"ada": "one"}, "tcp://127.0.0.1:9"))
    assert outcome.code == 3
    assert "the scheduler at tcp://127.0.0.1:9 does not answer" in " ".join(outcome.notes)


def test_a_scheduler_without_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.grading.classes.cluster.WORKER_SECONDS", 1.0)
    file = tmp_path / "scheduler.json"
    command = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen(
        [sys.executable, *command, "--scheduler-file", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 60
        while not file.exists() or not file.read_text().strip():
            assert time.monotonic() < end
            time.sleep(0.1)
        outcome = run(a_class(tmp_path, {"ada": "one"}, json.loads(file.read_text())["address"]))
    finally:
        scheduler.kill()
        scheduler.wait()
    assert outcome.code == 3
    assert "has no worker, and none came within 1 seconds" in " ".join(outcome.notes)


def test_workers_of_another_version_are_refused(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("gradproof.__version__", "99.0")
    outcome = run(a_class(tmp_path, {"ada": "one"}, cluster.address))
    assert outcome.code == 3
    assert "and this is 99.0; install the same on all" in " ".join(outcome.notes)


def test_workers_without_gradproof_are_refused(tmp_path, monkeypatch):
    class Client:
        def wait_for_workers(self, number: int, timeout: float) -> None: ...

        def run(self, function: Any) -> Any:
            raise ModuleNotFoundError("No module named 'gradproof'")

        def close(self, timeout: float) -> None: ...

    monkeypatch.setattr("gradproof.grading.classes.cluster.connect", lambda address: Client())
    outcome = run(a_class(tmp_path, {"ada": "one"}, "tcp://nowhere:1"))
    assert outcome.code == 3
    assert "the workers cannot run gradproof (No module named 'gradproof')" in " ".join(outcome.notes)
