"""The pytest plugin in a project of its own: the report of its checks, and that nothing else changes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradproof
from gradproof import observing
from gradproof.suite import prepare, subject
from reports.findings import Findings, read, validate

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
LAYERS = """
import numpy as np

def affine_forward(x, w):
    return x @ w, (x, w)

def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy

def tanh_forward(x):
    return np.tanh(x), x

def tanh_backward(dy, x):
    return dy * (1 - np.tanh(x))
"""
TESTS = """
import gradproof, numpy as np, pytest
from gradproof import check
from layers import *

@pytest.mark.parametrize("n", [1, 3])
def test_affine(n):
    gradproof.check(affine_forward, affine_backward, np.ones((n, 4)) / 3, np.ones((4, 2)))

class TestTanh:
    def test_both(self):
        check(lambda x: (x * 1, x), lambda dy, x: dy * 1, np.ones(2), name="same")
        check(tanh_forward, tanh_backward, np.linspace(-2, 2, 5))

def test_a_call_that_makes_no_sense():
    check(affine_forward, affine_backward, "text")

def test_unrelated():
    pass
"""
ALL = {
    ("test_layers.py::test_affine[1]", "layers.affine_forward", "dw", "agree"),
    ("test_layers.py::test_affine[3]", "layers.affine_forward", "dx", "agree"),
    ("test_layers.py::TestTanh::test_both", "same", "dx", "agree"),
    ("test_layers.py::TestTanh::test_both (check 2)", "layers.tanh_forward", "y", "agree"),
    ("test_layers.py::TestTanh::test_both (check 2)", "layers.tanh_forward", "dx", "wrong"),
    ("test_layers.py::test_a_call_that_makes_no_sense", "layers.affine_forward", "", "not-applicable"),
}
LINE = "gradproof: 5 checks, findings: 1 wrong, 1 not-applicable, 9 agree; report: "


def run(folder: Path, *arguments: str, tests: str = TESTS) -> tuple[int, str]:
    """Exit code and output of pytest in a project that has the plugin."""
    (folder / "layers.py").write_text(LAYERS)
    (folder / "test_layers.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    command = [sys.executable, "-m", "pytest", "-p", "gradproof.pytest_plugin", "-p", "no:cacheprovider", "-q"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore Ctrl-C
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def said(found: Findings) -> set[tuple[str, ...]]:
    return {(f["case"], f["op"], f["quantity"], f["status"]) for f in found.findings}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("project")
    code, output = run(folder, "--gradproof-report", "out")
    assert code == 1, output
    return folder, output


def test_every_check_of_the_suite_is_in_the_report_with_its_test(project: tuple[Path, str]):
    folder, output = project
    found = read(folder / "out" / "findings.jsonl")
    assert said(found) >= ALL and len(found.findings) == 11
    assert validate(folder / "out" / "findings.jsonl") and len(found.cases) == 4
    assert {op for op, _ in found.details} == {"layers.affine_forward", "layers.tanh_forward", "same"}
    assert {f["implementation"] for f in found.findings} == {"own code"}
    assert found.end and (found.end["status"], found.end["exit"]) == ("finished", 1)
    assert output.count("gradproof: ") == 1 and f"{LINE}{folder / 'out' / 'report.html'}" in output
    assert "2 failed, 3 passed" in output


def test_the_outcomes_are_those_of_a_run_without_a_report(project: tuple[Path, str]):
    folder, output = project
    code, plain = run(folder)
    assert code == 1 and "gradproof: " not in plain
    outcomes = [re.findall(r"^FAILED (\S+)", text, re.M) for text in (plain, output)]
    assert outcomes[0] == outcomes[1] and len(outcomes[0]) == 2
    assert not (folder / "out" / "findings-.part.jsonl").exists()


def test_the_page_shows_the_wrong_one_with_picture_and_script(project: tuple[Path, str]):
    folder, _ = project
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    for words in ("layers.tanh_forward", "TestTanh::test_both (check 2)", "Errors in ulp", "own code is wrong in 1"):
        assert words in page, words
    assert "gradproof replay" not in page, "which knows nothing of a user's tests"


def test_the_script_of_the_report_runs(project: tuple[Path, str]):
    folder, _ = project
    detail = read(folder / "out" / "findings.jsonl").details["layers.tanh_forward", "own code"]
    assert detail["explanation"].startswith("tanh_forward: dx is wrong") and "to see it" not in detail["explanation"]
    (folder / "again.py").write_text(detail["reproducer"])
    done = subprocess.run([sys.executable, "again.py"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert re.match(r"dx\[\d\] = \S+\ntrue value: \S+\n", done.stdout), done.stderr


def test_workers_of_xdist_write_one_report(project: tuple[Path, str], tmp_path: Path):
    pytest.importorskip("xdist", reason="pytest-xdist is not installed in this Python")
    code, output = run(tmp_path, "--gradproof-report", "out", "-n", "2")
    assert code == 1 and f"{LINE}{tmp_path / 'out' / 'report.html'}" in output
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"findings.jsonl", "report.html"}
    merged, alone = (read(folder / "out" / "findings.jsonl") for folder in (tmp_path, project[0]))
    assert said(merged) == said(alone) and set(merged.cases) == set(alone.cases)
    assert merged.details.keys() == alone.details.keys() and merged.end and merged.end["exit"] == 1
    assert validate(tmp_path / "out" / "findings.jsonl")


STOPPED = """
import os, signal, gradproof, numpy as np
from layers import *

def test_first():
    gradproof.check(affine_forward, affine_backward, np.ones((2, 4)), np.ones((4, 2)))

def test_second():
    %s

def test_third():
    gradproof.check(tanh_forward, tanh_backward, np.ones(3))
"""


@pytest.mark.parametrize(
    ("how", "code", "end"),
    [("os.kill(os.getpid(), signal.SIGINT)", 2, "interrupted"), ("os.kill(os.getpid(), signal.SIGKILL)", -9, None)],
    ids=["ctrl-c", "killed"],
)
def test_a_run_that_is_stopped_leaves_a_file_that_is_read(how: str, code: int, end: str | None, tmp_path: Path):
    assert run(tmp_path, "--gradproof-report", "out", tests=STOPPED % how)[0] == code
    found = read(tmp_path / "out" / "findings.jsonl")
    assert {(f["case"], f["status"]) for f in found.findings} == {("test_layers.py::test_first", "agree")}
    assert (found.end or {}).get("status") == end
    assert (tmp_path / "out" / "report.html").exists() == (end is not None)


SPOILT = """
import gradproof, numpy as np
from layers import *

def test_affine():
    import gradproof.suite
    def fails(finding): raise OSError(28, "no space left on device")
    gradproof.suite.recording.finding_record = fails
    gradproof.check(affine_forward, affine_backward, np.ones((2, 4)), np.ones((4, 2)))
"""


def test_a_report_that_cannot_be_written_fails_no_test(tmp_path: Path):
    code, output = run(tmp_path, "--gradproof-report", "out", tests=SPOILT)
    assert code == 0 and "1 passed" in output
    assert f"gradproof: the report in {tmp_path / 'out'} is not whole: OSError: [Errno 28] no space" in output


def test_a_run_without_a_check_says_so_and_a_wrong_option_stops_it(tmp_path: Path):
    code, output = run(tmp_path, "--gradproof-report", "out", tests="def test_it(): pass\n")
    assert code == 0 and "gradproof: no gradproof.check was called; report: " in output
    assert validate(tmp_path / "out" / "findings.jsonl") == 2
    code, output = run(tmp_path, "--gradproof-report", "layers.py", tests="def test_it(): pass\n")
    assert code == 4 and output.strip().startswith(f"ERROR: --gradproof-report: {tmp_path / 'layers.py'} is a file")


def test_what_is_in_the_way_is_refused_in_words(tmp_path: Path):
    prepare(tmp_path / "new" / "deep")
    prepare(tmp_path / "new" / "deep")
    (tmp_path / "findings.jsonl").write_text("mine\n")
    with pytest.raises(ValueError, match=r"is not a findings file and is not replaced"):
        prepare(tmp_path)
    from tests import reports_synthetic as synthetic

    (tmp_path / "findings.jsonl").write_text(json.dumps(synthetic.header()) + "\n")
    with pytest.raises(ValueError, match=r"holds the findings of an audit and is not replaced"):
        prepare(tmp_path)
    assert (tmp_path / "findings.jsonl").stat().st_size


def test_the_seed_is_that_of_a_check_without_one(monkeypatch: pytest.MonkeyPatch):
    def message(**seed: int) -> str:
        with pytest.raises(gradproof.Mismatch) as caught:
            gradproof.check(lambda x: (x * x, x), lambda dy, x: dy * x, np.arange(3.0), **seed)
        return str(caught.value)

    plain, seventh = message(), message(seed=7)
    assert message(seed=0) == plain != seventh
    monkeypatch.setattr(observing, "default_seed", [7])
    assert message() == seventh and message(seed=0) == plain


def test_what_a_checked_pair_is_called():
    def inner(x: Any) -> Any: ...

    assert subject("mine", inner) == "mine"
    assert subject("", inner) == "test_pytest_plugin.test_what_a_checked_pair_is_called.inner"
    assert subject("", {}.get) == "dict.get"


def test_importing_the_plugin_loads_nothing_heavy():
    """Every pytest run of an environment with gradproof in it imports the plugin."""
    program = "import sys, gradproof.pytest_plugin; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    heavy = {"numpy", "flint", "hypothesis", "jinja2", "rich", "pytest", "torch", "tensorflow", "keras", "jax"}
    assert heavy & set(done.stdout.split()) == set()


def test_the_entry_point_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"gradproof": "gradproof.pytest_plugin"}
    assert callable(import_module("gradproof.pytest_plugin").pytest_addoption)
