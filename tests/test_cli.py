"""The command line: exit codes, which stream gets what, and one sentence for every misuse."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradproof import __version__, cli

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("audit", "check", "replay", "report", "list", "doctor")
CASE = "relu:f64:S3x2:-:ordinary:contiguous:17"


def gradproof(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gradproof", *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def here(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """The command in this process: exit code, stdout, stderr."""
    try:
        code = cli.main([*map(str, arguments)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small audit of the reference alone."""
    folder = tmp_path_factory.mktemp("audit") / "report"
    done = gradproof("audit", "relu", "affine", "--cases", 22, "--frameworks", "none", "--output", folder)
    assert done.returncode == 0, done.stderr
    return folder


# -- help and version ---


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(command: str, capsys: pytest.CaptureFixture[str]):
    code, out, err = here(capsys, *([command] if command else []), "--help")
    assert code == 0 and err == "" and out.startswith(f"usage: gradproof {command}".rstrip())
    assert command or all(name in out for name in COMMANDS)


def test_version_and_the_module():
    done = gradproof("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"gradproof {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["adit"], "invalid choice: 'adit'"),
        (["audit", "afine"], "there is no operation 'afine'; did you mean affine"),
        (["audit", "xyzzy"], "`gradproof list` shows them all"),
        (["audit", "--cases", "0"], "give 1 or more"),
        (["audit", "--cases", "-3"], "argument --cases"),
        (["audit", "--seed", "x"], "'x' is not a whole number"),
        (["audit", "--dtype", "float16"], "invalid choice: 'float16'"),
        (["audit", "--format", "pdf"], "invalid choice: 'pdf'"),
        (
            ["audit", "--frameworks", "torch,mxnet"],
            "--frameworks: 'mxnet' is not known; one of pytorch, keras, tensorflow, jax",
        ),
        (["audit", "--with", "nonsense"], "--with 'nonsense' is not NAME=PYTHON"),
        (["audit", "--with", "mxnet=/bin/true"], "mxnet"),
        (["audit", "--with", "torch=/bin/true"], "/bin/true is not a Python interpreter"),
        (["audit", "--with", "torch=/nonexistent"], "there is no file /nonexistent"),
        (["doctor", "--with", "torch=/nonexistent"], "there is no file /nonexistent"),
        (["replay", "nonsense"], "'nonsense' is not a case id; one looks like"),
        (["replay", "relu:f64:S3x2"], "is not a case id"),
        (["replay", CASE.replace("relu", "afine")], "afine"),
        (["replay", CASE.replace("f64", "f16")], "f16"),
        (["replay", CASE.replace("ordinary", "sunny")], "sunny"),
        (["replay", CASE.replace("contiguous", "diagonal")], "diagonal"),
        (["replay", CASE.replace(":17", ":x")], "case id"),
        (["replay", CASE.replace("S3x2", "N3")], ""),
        (["report", "/nonexistent"], "there is no findings file /nonexistent"),
        (["report", __file__], "not a findings file"),
        (["list", "afine"], "did you mean affine"),
    ],
)
def test_misuse_is_one_sentence_and_exit_code_4(
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    monkeypatch.chdir(tmp_path)
    code, out, err = here(capsys, *arguments)
    assert (code, out) == (4, "")
    assert err.startswith("gradproof: ") and err.count("\n") == 1 and words in err
    assert list(tmp_path.iterdir()) == [], "nothing was written"


def python_without_numpy(tmp_path: Path) -> Path:
    """An interpreter that has no NumPy: this one, cut off from its packages."""
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "$@"\n')
    script.chmod(0o755)
    return script


def test_an_interpreter_without_numpy(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    python = python_without_numpy(tmp_path)
    output = tmp_path / "report"
    code, out, err = here(
        capsys, "audit", "relu", "--with", f"torch={python}", "--frameworks", "none", "--output", output
    )
    assert (code, out) == (4, "")
    assert err.startswith(f"gradproof: --with: {python} has no NumPy that works; install numpy and the framework there")
    assert err.count("\n") == 1
    assert not output.exists()


def test_a_framework_that_is_asked_for_and_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from gradproof.workers.pool import Hello, Worker

    def absent(self: Any, *_: Any) -> Hello:
        return Hello("absent", "jax is not installed in this Python", {}, {}, "")

    monkeypatch.setattr(Worker, "hello", absent)
    output = tmp_path / "report"
    code, out, err = here(capsys, "audit", "relu", "--frameworks", "jax", "--cases", 1, "--output", output)
    assert (code, out) == (4, "")
    assert err == "gradproof: jax was asked for and is absent: jax is not installed in this Python\n"
    assert not output.exists()
    code, out, err = here(capsys, "replay", CASE, "--frameworks", "jax")
    assert (code, out) == (4, "") and "jax was asked for and is absent" in err


@pytest.mark.parametrize("below", ["a-file", "a-file/report"])
def test_an_output_that_cannot_be_written(below: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "a-file").write_text("")
    code, out, err = here(capsys, "audit", "relu", "--cases", 1, "--frameworks", "none", "--output", tmp_path / below)
    assert (code, out) == (4, "")
    assert err.startswith(f"gradproof: --output: cannot write in {tmp_path / below}: ") and err.count("\n") == 1


# -- what the commands say ---


def test_an_audit_of_the_reference_alone(report: Path):
    assert {p.name for p in report.iterdir()} == {"findings.jsonl", "report.html"}
    records = [json.loads(line) for line in (report / "findings.jsonl").read_text().splitlines()]
    assert records[0]["record"] == "header" and records[-1]["record"] == "end" and records[-1]["status"] == "finished"
    assert {r["status"] for r in records if r["record"] == "finding"} <= {"agree", "undecided", "kink-convention"}


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "junit"])
def test_report_in_every_format(form: str, report: Path, capsys: pytest.CaptureFixture[str]):
    code, out, err = here(capsys, "report", report, "--format", form)
    assert (code, err) == (0, "") and "affine" in out
    assert here(capsys, "report", report / "findings.jsonl", "--format", form) == (code, out, err)


def test_results_go_to_stdout_and_notes_to_stderr(tmp_path: Path):
    done = gradproof(
        "audit", "relu", "--cases", 20, "--frameworks", "none", "--output", "out", "--format", "json", cwd=tmp_path
    )
    assert done.returncode == 0
    json.loads(done.stdout)
    assert "findings: out/findings.jsonl" in done.stderr and "page:" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_no_colour(report: Path):
    for environment in ({"NO_COLOR": "1", "FORCE_COLOR": ""}, {"TERM": "dumb"}):
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", gradproof("report", report, **environment).stdout)


def test_a_reader_that_leaves_is_no_error():
    program = f'set -o pipefail; "{sys.executable}" -m gradproof list --format json | head -c 1 > /dev/null'
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_resume_finishes_and_keeps_what_was_found(tmp_path: Path, report: Path):
    folder = tmp_path / "report"
    folder.mkdir()
    lines = (report / "findings.jsonl").read_text().splitlines(keepends=True)
    (folder / "findings.jsonl").write_text("".join(lines[: len(lines) // 2]) + '{"record": "find')
    arguments = ("audit", "relu", "affine", "--cases", 22, "--frameworks", "none", "--output", folder)
    done = gradproof(*arguments, "--resume")
    assert done.returncode == 0, done.stderr
    ends = [
        [json.loads(line) for line in (f / "findings.jsonl").read_text().splitlines()][-1] for f in (folder, report)
    ]
    assert ends[0]["cases"] == ends[1]["cases"]
    other = gradproof("audit", "relu", "--cases", 5, "--frameworks", "none", "--output", folder, "--resume")
    assert other.returncode == 4 and "--resume: " in other.stderr and "Traceback" not in other.stderr


def test_list(capsys: pytest.CaptureFixture[str]):
    code, out, _ = here(capsys, "list")
    assert code == 0 and out.splitlines()[-1].endswith("operations; `gradproof list NAME` shows one in full")
    code, out, _ = here(capsys, "list", "softmax")
    assert code == 0 and "option   axis:" in out and "source   " in out
    code, out, _ = here(capsys, "list", "--format", "json")
    assert code == 0 and {"affine", "softmax"} <= json.loads(out).keys()


def test_replay_of_the_reference_alone(capsys: pytest.CaptureFixture[str]):
    code, out, err = here(capsys, "replay", CASE, "--frameworks", "none")
    assert (code, err) == (0, "") and out.startswith(CASE) and "proof: proved" in out
    code, out, _ = here(capsys, "replay", CASE, "--frameworks", "none", "--format", "json")
    record = json.loads(out)
    assert code == 0 and record["case"]["case"] == CASE and {f["status"] for f in record["findings"]} == {"agree"}


def test_nothing_compared_is_exit_code_5(capsys: pytest.CaptureFixture[str]):
    empty = "relu:f64:S0x3:-:empty:contiguous:1"
    assert here(capsys, "replay", empty, "--frameworks", "none")[0] == 5


def test_doctor_exits_0_where_the_judge_works(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gradproof.doctor._default_workers", lambda _: [])
    code, out, err = here(capsys, "doctor")
    assert (code, err) == (0, "") and "The judge works" in out
    code, out, _ = here(capsys, "doctor", "--format", "json")
    assert code == 0 and json.loads(out)["exit"] == 0


# -- what may go wrong inside ---


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (KeyboardInterrupt(), 2, "gradproof: interrupted\n"),
        (ValueError("this and that"), 4, "gradproof: this and that\n"),
        (FileNotFoundError(2, "No such file or directory", "/x/y"), 4, "gradproof: /x/y: No such file or directory\n"),
        (OSError("odd"), 4, "gradproof: odd\n"),
        (ModuleNotFoundError("No module named 'flint'", name="flint"), 3, "gradproof: flint is not installed in "),
        (MemoryError(), 3, "gradproof: out of memory"),
    ],
)
def test_exit_codes(
    error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(cli, "_list", fail)
    got, out, err = here(capsys, "list")
    assert (got, out) == (code, "") and err.startswith(words) and "Traceback" not in err


def test_a_fault_of_the_tool_is_said_to_be_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_list", lambda _: 1 // 0)
    code, out, err = here(capsys, "list")
    assert (code, out) == (3, "") and "Traceback" in err
    assert "gradproof: a fault of gradproof itself, please report it: ZeroDivisionError: " in err.splitlines()[-1]
