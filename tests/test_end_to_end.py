"""The whole way: an audit with the frameworks that are here, its page, reproducers, replay; runs cut off and killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
OPERATIONS = ("huber", "softmax_cross_entropy", "sigmoid")


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "gradproof", *map(str, arguments)]


def records(folder: Path) -> list[dict[str, Any]]:
    """The whole lines of a findings file."""
    path = folder / "findings.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def of_kind(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [r for r in records(folder) if r["record"] == kind]


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A small audit with every framework that is installed."""
    folder = tmp_path_factory.mktemp("end-to-end") / "report"
    arguments = command("audit", *OPERATIONS, "--cases", 20, "--output", folder)
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=170, env=ENVIRONMENT)
    return folder, done


def frameworks(folder: Path) -> list[str]:
    header = records(folder)[0]
    return [n for n, it in header["implementations"].items() if it["status"] == "ready" and n != "numpy"]


def test_the_audit_finishes_and_says_so(audit: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, done = audit
    end = records(folder)[-1]
    assert end["record"] == "end" and end["status"] == "finished" and end["exit"] == done.returncode
    assert done.returncode in (0, 1), done.stderr
    assert 0 < end["cases"] <= len(of_kind(folder, "case"))  # a detail's smaller case has a line of its own too
    assert all(operation in done.stdout for operation in OPERATIONS)
    assert "Traceback" not in done.stderr
    for name in frameworks(folder):
        assert any(f["implementation"] == name and f["worst"] for f in of_kind(folder, "finding"))


def test_the_reference_is_proved_on_every_case(audit: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = audit
    refuted = [c["case"] for c in of_kind(folder, "case") if c["proof"]["status"] == "refuted"]
    assert refuted == []
    mine = [f for f in of_kind(folder, "finding") if f["implementation"] == "numpy"]
    assert mine and not [f for f in mine if f["status"] in ("wrong", "inaccurate", "broken")]


def test_the_page_stands_alone(audit: tuple[Path, subprocess.CompletedProcess[str]]):
    page = (audit[0] / "report.html").read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html") and page.rstrip().endswith("</html>")
    assert all(operation in page for operation in OPERATIONS)
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=[\"']https?:", page)


def test_every_reproducer_runs_and_prints_the_numbers_it_claims(
    audit: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
):
    folder, _ = audit
    worst = {(f["case"], f["implementation"], f["quantity"]): f["worst"] for f in of_kind(folder, "finding")}
    details = {(d["op"], d["implementation"]): d for d in of_kind(folder, "detail")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    assert len(details) >= len(OPERATIONS)
    for detail in details.values():
        ran = subprocess.run(
            [sys.executable, "-c", detail["reproducer"]],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env=environment,
        )
        assert ran.returncode == 0, f"{detail['reproducer']}\n{ran.stderr}"
        claimed = worst[detail["case"], detail["implementation"], detail["quantity"]]
        if claimed is not None:
            assert claimed["true"] in ran.stdout and claimed["got"] in ran.stdout
        if claimed is not None and detail["implementation"] == "numpy":
            formula = next(line for line in ran.stdout.splitlines() if line.startswith("this formula"))
            assert float(formula.split()[-1]) == float(claimed["got"])


def test_a_replayed_case_gives_the_same_findings(audit: tuple[Path, subprocess.CompletedProcess[str]]):
    folder, _ = audit
    ready = frameworks(folder)
    findings = [f for f in of_kind(folder, "finding") if f["worst"] and f["implementation"] in (*ready, "numpy")]
    worst = max(findings, key=lambda f: (f["status"] in ("wrong", "inaccurate"), float(f["ratio"])))
    asked = worst["implementation"] if worst["implementation"] in ready else "none"
    arguments = command("replay", worst["case"], "--frameworks", asked, "--format", "json")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == (1 if worst["status"] in ("wrong", "inaccurate") else done.returncode), done.stderr
    same = [
        f
        for f in json.loads(done.stdout)["findings"]
        if (f["implementation"], f["quantity"]) == (worst["implementation"], worst["quantity"])
    ]
    assert {"status": worst["status"], "ratio": worst["ratio"], "worst": worst["worst"]} in [
        {"status": f["status"], "ratio": f["ratio"], "worst": f["worst"]} for f in same
    ]


# -- cut off and killed ---


def started(*arguments: object) -> subprocess.Popen[str]:
    """A run in a session of its own, so that a signal reaches it alone."""
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def wait_for_cases(folder: Path, count: int, run: subprocess.Popen[str], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while len(of_kind(folder, "case")) < count:
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < deadline, "no case was judged in time"
        time.sleep(0.05)


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[tuple[Path, tuple[object, ...]]]:
    folder = tmp_path / "report"
    arguments = ("audit", "softmax_cross_entropy", "huber", "--cases", 150, "--frameworks", "none", "--output", folder)
    run = started(*arguments)
    wait_for_cases(folder, 5, run)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)
    assert run.returncode == 2, err
    assert "Traceback" not in err
    yield folder, arguments


def test_ctrl_c_leaves_a_readable_file_that_resume_finishes(interrupted: tuple[Path, tuple[object, ...]]):
    folder, arguments = interrupted
    before = records(folder)
    assert before[-1]["record"] == "end" and before[-1]["status"] == "interrupted" and before[-1]["exit"] == 2
    judged = {r["case"] for r in before if r["record"] == "case"}
    assert 5 <= len(judged) < 300
    page = subprocess.run(command("report", folder), capture_output=True, text=True, timeout=60, env=ENVIRONMENT)
    assert page.returncode == 2 and "interrupted" in page.stdout
    done = subprocess.run(command(*arguments, "--resume"), capture_output=True, text=True, timeout=120, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    after = records(folder)
    assert after[-1]["status"] == "finished" and after[-1]["cases"] > len(judged)
    assert judged <= {r["case"] for r in after if r["record"] == "case"}


def children(pid: int) -> list[int]:
    """Processes that a process started, and those that they started."""
    direct = [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]
    return [*direct, *(p for child in direct for p in children(child))]


def is_worker(pid: int) -> bool:
    try:
        return b"serve.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for the worker's process in /proc")
def test_a_killed_worker_does_not_stop_the_audit(audit: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path):
    ready = frameworks(audit[0])
    if not ready:
        pytest.skip("no framework is installed")
    name = "pytorch" if "pytorch" in ready else ready[0]
    folder = tmp_path / "report"
    run = started("audit", "sigmoid", "--cases", 60, "--frameworks", name, "--output", folder)
    wait_for_cases(folder, 3, run)
    (worker,) = (pid for pid in children(run.pid) if is_worker(pid))
    os.kill(worker, signal.SIGKILL)
    _, err = run.communicate(timeout=150)
    assert run.returncode in (0, 1, 3), err
    assert "Traceback" not in err
    end = records(folder)[-1]
    assert end["record"] == "end" and end["status"] == "finished" and end["cases"] >= 30
    findings = [f for f in of_kind(folder, "finding") if f["implementation"] == name]
    broken = [f for f in findings if f["status"] == "broken"]
    assert len(broken) <= 2 and all("killed by signal 9" in f["message"] or "SIGKILL" in f["message"] for f in broken)
    assert findings[-1]["status"] != "broken", "the worker was started again"
    assert not Path(f"/proc/{worker}").exists() or not is_worker(worker)
