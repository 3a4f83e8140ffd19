"""`gradproof doctor` and the environment block, with stand-ins for the framework workers."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gradproof import doctor as doctor_module
from gradproof.doctor import doctor, examine
from gradproof.environment import DISTRIBUTIONS, cpu_model, environment, installed_version

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Answer:
    status: str
    message: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    precision: dict[str, Any] = field(default_factory=dict)
    python: str = ""


@dataclass
class StandIn:
    """A worker that is no process: it answers `answer` and remembers that it was closed."""

    name: str
    framework: str
    answer: Answer
    python: str = sys.executable
    closed: bool = False

    def hello(self) -> Answer:
        return self.answer

    def close(self) -> None:
        self.closed = True


def ready(name: str = "pytorch", framework: str = "pytorch", python: str = sys.executable) -> StandIn:
    answer = Answer("ready", versions={"torch": "9.9"}, precision={"tf32": False, "devices": ["cpu"]}, python="3.11.7")
    return StandIn(name, framework, answer, python)


def absent() -> StandIn:
    return StandIn("jax", "jax", Answer("absent", "jax is not installed in this Python"))


def broken() -> StandIn:
    return StandIn("keras", "keras", Answer("broken", "keras could not start: killed by signal 9"))


def report(*workers: StandIn, output_format: str = "text") -> tuple[int, str]:
    stream = io.StringIO()
    return doctor([], output_format, stream, workers=workers), stream.getvalue()


def test_a_ready_framework_is_shown_with_its_versions_and_switches():
    code, text = report(ready())
    assert code == 0
    assert "ready   torch 9.9, Python 3.11.7" in text
    assert "tf32: no, devices: cpu" in text
    assert text.endswith("The judge works; pytorch answers.\n")


def test_an_absent_framework_is_no_failure_and_says_how_to_install_it():
    code, text = report(absent(), ready())
    assert code == 0
    assert f"jax is not installed in this Python; install it with: {sys.executable} -m pip install jax" in text
    assert "The judge works; pytorch answers." in text


def test_a_broken_framework_is_exit_3_and_named():
    code, text = report(broken(), ready())
    assert code == 3
    assert "killed by signal 9" in text
    assert "The judge works; pytorch answers; broken: keras." in text


def test_no_framework_at_all_leaves_a_working_judge():
    code, text = report()
    assert code == 0
    assert "The judge works; no framework answers." in text


def test_a_worker_of_another_python_says_where_it_lives():
    _, text = report(ready("pytorch-old", "pytorch", "/opt/old/bin/python"))
    assert "pytorch-old" in text
    assert "Python 3.11.7 at /opt/old/bin/python" in text


def test_every_worker_is_closed_also_one_that_raises():
    workers = [ready(), absent(), broken()]
    report(*workers)
    assert all(worker.closed for worker in workers)

    class Raising(StandIn):
        def hello(self) -> Answer:
            raise RuntimeError("no answer")

    raising = Raising("keras", "keras", Answer("ready"))
    with pytest.raises(RuntimeError, match="no answer"):
        report(raising)
    assert raising.closed


def test_json_says_the_same():
    code, text = report(ready(), broken(), output_format="json")
    found = json.loads(text)
    assert code == found["exit"] == 3
    assert [framework["status"] for framework in found["frameworks"]] == ["ready", "broken"]
    assert found["frameworks"][0]["precision"] == {"tf32": False, "devices": ["cpu"]}
    assert found["environment"]["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "python-flint"} <= {part["name"] for part in found["judge"]}


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format 'xml' is not known; one of text, json"):
        report(output_format="xml")


def test_a_missing_part_of_the_judge_says_what_does_not_work(monkeypatch: pytest.MonkeyPatch):
    missing = ("no_such_module_here", "no-such-distribution", True, "nothing can be proved")
    monkeypatch.setattr(doctor_module, "_STANDS_ON", (missing,))
    code, text = report()
    assert code == 3
    assert "absent" in text
    assert f"nothing can be proved; install it with: {sys.executable} -m pip install no-such-distribution" in text
    assert text.endswith("The judge does not work: see above what it lacks. No framework was asked.\n")


def test_a_part_that_fails_to_import_is_broken_not_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "gradproof_test_raises.py").write_text("raise OSError('libfoo.so: wrong ELF class')\n")
    (tmp_path / "gradproof_test_lacks.py").write_text("import gradproof_test_no_such_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    raises = examine("gradproof_test_raises", "gradproof-test", True, "nothing works")
    assert (raises.status, raises.message) == ("broken", "nothing works; OSError: libfoo.so: wrong ELF class")
    lacks = examine("gradproof_test_lacks", "gradproof-test", True, "nothing works")
    assert lacks.status == "broken"
    assert "No module named 'gradproof_test_no_such_module'" in lacks.message


def test_python_flint_that_computes_wrongly_is_broken(monkeypatch: pytest.MonkeyPatch):
    class Arb(float):
        def sqrt(self) -> Arb:
            return Arb(1)

        def __pow__(self, exponent: Any, modulus: Any = None) -> Arb:
            return Arb(1)

        def contains(self, number: float) -> bool:
            return float(self) == number

    monkeypatch.setitem(sys.modules, "flint", type(sys)("flint"))
    monkeypatch.setattr(sys.modules["flint"], "arb", Arb, raising=False)
    assert examine("flint", "python-flint", True, "no truth").status == "broken"


def test_the_environment_is_plain_json():
    here = environment()
    assert json.loads(json.dumps(here)) == here
    assert here["numpy"]["version"] == here["versions"]["numpy"]
    assert here["cpu"]["cores"] >= 1
    assert set(here["versions"]) == set(DISTRIBUTIONS)


def test_what_is_not_installed_or_not_set_is_said_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    threads = environment()["threads"]
    assert (threads["OMP_NUM_THREADS"], threads["MKL_NUM_THREADS"]) == ("3", "not set")
    assert installed_version("no-such-distribution") == "absent"


def test_the_processor_is_named_from_cpuinfo_or_by_python(tmp_path: Path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel\t\t: 85\nmodel name\t: A Processor 9000 @ 2.00GHz\n")
    assert cpu_model(cpuinfo) == "A Processor 9000 @ 2.00GHz"
    assert cpu_model(tmp_path / "none")


def test_the_environment_imports_no_framework():
    program = (
        "import sys; from gradproof.environment import environment; environment(); "
        "print(sorted({'torch', 'tensorflow', 'keras', 'jax', 'flint'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "[]"
