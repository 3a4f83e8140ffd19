"""`gradproof check FILE --assignment A` at home, and the marking in a real sandbox."""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from gradproof.grading.assignments.assignment import read, ready_made
from gradproof.grading.marks import checking_file
from gradproof.grading.marks.checking_file import FAULT, NOTHING, RIGHT, WRONG, add_options, run
from gradproof.grading.marks.marking import mark, plan_of
from gradproof.grading.reading import read_source
from gradproof.reports.grading.record import check as hold_against_schema
from tests.marking_cases import AFFINE_SPLIT, HEAD, RIGHT_AFFINE, marked, plan_for, source_of, stage_of, statuses
from tests.test_marking_conventions import CONVENTIONS
from tests.test_marking_verdicts import WRONG as WRONG_ONES

ROOT = Path(__file__).parent.parent
HOME = "rlimits"  # the rung that works everywhere


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A student's folder with an assignment and a file."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mini.toml").write_text(HEAD + AFFINE_SPLIT)
    (tmp_path / "layers.py").write_text(RIGHT_AFFINE)
    return tmp_path


def checked(*words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--format", default="text")
    add_options(parser)
    out = io.StringIO()
    return run(parser.parse_args(["layers.py", "--assignment", "mini.toml", *words]), out), out.getvalue()


def test_a_right_file_at_home(home):
    code, said = checked()
    assert code == RIGHT
    assert said.count(": ok: right on 2 cases") == 4
    assert "5 of 5 points" in said


def test_a_wrong_file_at_home_is_told_what_where_and_how_to_see_it_again(home):
    (home / "layers.py").write_text(RIGHT_AFFINE.replace("x.T @ dout", "x.T @ dout / len(x)"))
    code, said = checked()
    assert code == WRONG
    assert "affine dw: wrong: dw is wrong: every entry is the true one times 1/N" in said
    command = next(line.strip() for line in said.split("\n") if line.strip().startswith("gradproof check"))
    assert command.startswith("gradproof check layers.py --assignment mini.toml --task affine --case affine:f64:N2")
    code, again = checked(*command.split()[5:])
    assert code == WRONG and "1 of 1 cases fail" in again


def test_home_has_the_words_of_the_grader(home):
    (home / "layers.py").write_text(RIGHT_AFFINE.replace("x.T @ dout", "x.T @ dout / len(x)"))
    _, said = checked("--format", "json")
    at_home = json.loads(said)
    plan = plan_for(AFFINE_SPLIT)
    graded = mark(read_source(home / "layers.py"), plan.assignment, "x", plan=plan, level=HOME)
    assert [s["status"] for s in at_home["stages"]] == [s["status"] for s in graded["stages"]]
    ours, theirs = (stage_of(record, "affine", "dw") for record in (at_home, graded))
    assert (ours["headline"], ours["example"]) == (theirs["headline"], theirs["example"])


def test_a_task_alone_and_unknown_names(home):
    assert checked("--task", "affine")[0] == RIGHT
    with pytest.raises(ValueError, match="no task 'afine'; did you mean affine"):
        checked("--task", "afine")
    with pytest.raises(ValueError, match="belongs to no task"):
        checked("--case", "relu:f64:S2:-:ordinary:contiguous:1")
    with pytest.raises(ValueError, match="is not an axis"):
        checked("--case", "affine:f64:N?:-:ordinary:contiguous:1")
    with pytest.raises(ValueError, match="there is no file"):
        run(argparse.Namespace(path="none.py"), io.StringIO())


def test_nothing_judged_and_a_fault_have_their_own_codes(home, monkeypatch):
    text = (HEAD + AFFINE_SPLIT).replace("public = 2", "public = 0")
    (home / "mini.toml").write_text(text)
    code, said = checked()
    assert code == NOTHING and "no public cases" in said
    assert checked("--hidden")[0] == RIGHT
    monkeypatch.setattr("gradproof.grading.marks.stages.ask_all", lambda *_: 1 / 0)
    code, said = checked("--hidden")
    assert code == FAULT and "the grader failed" in said


def test_python_2_is_named(home):
    (home / "layers.py").write_text('def affine_forward(x, w, b):\n    print "hello"\n    return x\n')
    code, said = checked()
    assert code == WRONG and "print" in said and "line 2" in said


def test_watching_judges_again_when_the_file_is_saved(home, monkeypatch):
    waits = []

    def wait(path):
        if waits:
            raise KeyboardInterrupt
        waits.append(path)
        (home / "layers.py").write_text(RIGHT_AFFINE.replace("x.T @ dout", "2 * x.T @ dout"))

    monkeypatch.setattr(checking_file, "_wait", wait)
    code, said = checked("--watch")
    assert code == WRONG
    assert "layers.py changed" in said and "affine dw: ok" in said and "affine dw: wrong" in said


def test_a_save_is_noticed(home):
    path = home / "layers.py"
    thread = threading.Thread(target=checking_file._wait, args=(path,), daemon=True)
    thread.start()
    time.sleep(2 * checking_file.SECONDS_BETWEEN_LOOKS)
    assert thread.is_alive()
    path.write_text(path.read_text() + "\n")
    thread.join(20)
    assert not thread.is_alive()


def test_no_framework_is_imported_at_home(home):
    code = (
        "import argparse, io, sys\n"
        "from gradproof.grading.marks.checking_file import run\n"
        "options = dict(path='layers.py', assignment='mini.toml', task=[], case=None, hidden=False, watch=False)\n"
        "run(argparse.Namespace(**options, isolation='rlimits', format='text'), io.StringIO())\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'jax', 'hypothesis', 'matplotlib', 'dask', 'rich'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=home, env=environment, timeout=120)


# -- in a real sandbox ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("convention", ["attributes", "whole network with a dict", "a mask of its own"])
def test_conventions_in_a_real_sandbox(convention):
    record = marked(*CONVENTIONS[convention], box=None, level=HOME)
    assert set(statuses(record).values()) == {"ok"}, record
    assert record["isolation"] == HOME
    hold_against_schema(record)


REAL = {
    **{verdict: WRONG_ONES[verdict] for verdict in WRONG_ONES},
    "exited": ("return dout @ w.T", "import os; os._exit(0); return dout @ w.T"),
    "timeout-cpu": ("return dout @ w.T", "while True: pass\n    return dout @ w.T"),
    "timeout-wall": ("return dout @ w.T", "import time; time.sleep(60); return dout @ w.T"),
    "memory": ("return dout @ w.T", "a = np.ones((2**17, 2**17)); a[...] = 2; return dout @ w.T"),
    "output-limit": ("return dout @ w.T", "while True: print('x' * 10**5)\n    return dout @ w.T"),
}
LIMITS = "[limits]\ncpu_seconds = 1\nwall_seconds = {wall}\noutput_kib = 4\nmemory_mib = 1100\n"


@pytest.mark.parametrize("verdict", REAL)
def test_verdicts_in_a_real_sandbox(verdict):
    old, new = REAL[verdict]
    limits = LIMITS.format(wall=2 if verdict == "timeout-wall" else 30)
    record = marked(limits + AFFINE_SPLIT, RIGHT_AFFINE.replace(old, new), box=None, level=HOME)
    found = statuses(record)
    assert found["affine.forward"] == "ok", record
    stages = [found[f"affine.{name}"] for name in ("dx", "dw", "db")]
    possible = {verdict, "raised", "killed"} if verdict == "memory" else {verdict}
    assert possible & set(stages), record
    hold_against_schema(record)


def test_a_file_that_does_not_parse_is_an_explicit_zero(tmp_path):
    (tmp_path / "broken.py").write_text("def affine_forward(x, w, b:\n    return x\n")
    plan = plan_for(AFFINE_SPLIT)
    record = mark(read_source(tmp_path / "broken.py"), plan.assignment, "x", plan=plan, level=HOME)
    assert set(statuses(record).values()) == {"import-failed"} and record["score"] == 0
    assert "broken.py, line 1" in record["message"] and "broken.py" in record["stages"][0]["headline"]


def test_the_marks_are_those_of_the_judge_and_not_of_a_patched_numpy():
    patched = (
        RIGHT_AFFINE.replace("x.T @ dout", "0 * w") + "\nnp.allclose = lambda *a, **k: True\nnp.abs = lambda x: 0 * x\n"
    )
    record = mark(source_of(patched), plan_for(AFFINE_SPLIT).assignment, "x", plan=plan_for(AFFINE_SPLIT), level=HOME)
    assert statuses(record)["affine.dw"] == "wrong"


@pytest.mark.parametrize("name", sorted(ready_made()))
def test_the_answers_of_a_ready_made_assignment_get_full_marks(name):
    assignment = read(name)
    answers = assignment.path.parent / "answers" / f"{name}.py"
    called = {called for task in assignment.tasks for called in task.called}
    source = read_source(answers, assignment.names, called)
    record = mark(source, assignment, "x", plan=plan_of(assignment, "secret"), level=HOME, public_only=True)
    assert record["status"] == "graded", record["message"]
    wrong = [(s["task"], s["stage"], s["headline"]) for s in record["stages"] if s["status"] != "ok"]
    assert not wrong
