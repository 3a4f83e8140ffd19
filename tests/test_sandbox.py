"""The sandbox from the judge's side: what comes back, how it is measured, and what every kind of end is called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.grading.confinement import confined as confined_module
from gradproof.grading.confinement.capture import Capture, printable
from gradproof.grading.confinement.confined import Confined, Stopped
from gradproof.grading.confinement.inside import descendants
from gradproof.grading.confinement.isolation.trying import left_running
from gradproof.grading.confinement.replies import BadReply, outcome_parts, started
from gradproof.grading.confinement.sandbox import Limits, Outcome, Program, Sandbox, Tagged

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits(import_seconds=2, cpu_seconds=1, wall_seconds=20, memory_mib=1024, output_kib=4, processes=12)
HONEST = """
import numpy as np


def affine_forward(x, w, b):
    print("forward")
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def as_dict(dy, cache):
    return dict(zip(("dx", "dw", "db"), affine_backward(dy, cache)))


class Affine:
    def __init__(self, w, b):
        self.w, self.b, self.params = w, b, {}

    def forward(self, x):
        self.x = x
        return x @ self.w + self.params.get("shift", 0)

    def backward(self, dy):
        self.dw = self.x.T @ dy
        self.grads = {"w": self.dw, 1: dy}
        return dy @ self.w.T


def kinds(x):
    return (None, "text", 1 + 2j, [1.0], x.astype(object), 2.5, np.float32(3), True, 10**30,
            np.matrix([[1.0, 2.0]]), np.ma.masked_array([1.0], [True]), x.T, x, np.longdouble(1), (x,))


def fails(x):
    value = 1
    raise ValueError(f"shapes {x.shape} do not fit")


def changes(x):
    x += 1
"""
X = np.arange(6.0).reshape(2, 3)
ARRAYS = {"x": X, "w": np.ones((3, 2)), "b": np.array([1.0, 2.0]), "dy": np.array([[1.0, 2.0], [3.0, 4.0]])}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox({"layers.py": HONEST}, ("layers.py",), LIMITS) as made:
        yield made


def array(name: str) -> dict[str, str]:
    return {"array": name}


def call(function: str, *arguments: dict[str, Any], to: dict[str, Any] | str) -> dict[str, Any]:
    target = {"name": to} if isinstance(to, str) else to
    return {"do": "call", "function": function, "args": list(arguments), "to": target}


def names(*given: str) -> dict[str, Any]:
    return {"tuple": [{"name": name} if name != "_" else {"ignore": True} for name in given]}


FORWARD = call("affine_forward", array("x"), array("w"), array("b"), to=names("y", "cache"))


def run(sandbox: Sandbox, *steps: dict[str, Any], returns: tuple[str, ...] = ()) -> Outcome:
    return sandbox.run(Program(steps, ARRAYS, returns))


def one(text: str, limits: Limits = LIMITS, **files: str) -> Sandbox:
    return Sandbox({"it.py": text, **files}, ("it.py",), limits)


def test_values_cross_unchanged(sandbox: Sandbox):
    backward = call("affine_backward", array("dy"), {"name": "cache"}, to=names("dx", "dw", "db"))
    outcome = run(sandbox, FORWARD, backward, returns=("y", "dx", "dw", "db"))
    assert (outcome.verdict, outcome.message, outcome.where) == ("ok", "", None)
    assert np.array_equal(outcome.values["y"], X @ ARRAYS["w"] + ARRAYS["b"])
    assert np.array_equal(outcome.values["dw"], X.T @ ARRAYS["dy"])
    assert outcome.stdout == "forward\n"
    assert 0 < outcome.wall < 20 and outcome.cpu < 1
    assert all(np.array_equal(outcome.inputs[name], ARRAYS[name]) for name in ARRAYS)


def test_started_names_what_can_be_called(sandbox: Sandbox):
    found = sandbox.start()
    assert found.verdict == "ok"
    assert found.names["affine_forward"] == "(x, w, b)"
    assert found.names["Affine.forward"] == "(self, x)"
    assert "np" not in found.names


def test_objects_attributes_items_and_dictionaries(sandbox: Sandbox):
    layer = {"name": "layer"}
    outcome = run(
        sandbox,
        call("Affine", array("w"), array("b"), to="layer"),
        {
            "do": "set",
            "on": {"attribute": "params", "of": layer},
            "item": "shift",
            "value": {"literal": 1},
        },
        {"do": "set", "on": layer, "attribute": "w", "value": array("w")},
        {"do": "call", "on": layer, "method": "forward", "args": [array("x")], "kwargs": {}, "to": {"name": "y"}},
        {"do": "call", "on": layer, "method": "backward", "args": [array("dy")], "to": {"name": "dx"}},
        {"do": "value", "of": {"attribute": "dw", "of": layer}, "to": {"name": "dw"}},
        {"do": "value", "of": {"item": "w", "of": {"attribute": "grads", "of": layer}}, "to": {"name": "again"}},
        {"do": "value", "of": {"item": "1", "of": {"attribute": "grads", "of": layer}}, "to": {"name": "dy"}},
        returns=("y", "dx", "dw", "again", "dy"),
    )
    assert outcome.verdict == "ok", outcome.message
    assert np.array_equal(outcome.values["y"], X @ ARRAYS["w"] + 1)
    assert np.array_equal(outcome.values["again"], X.T @ ARRAYS["dy"])
    assert outcome.claims["again"].shares == ("value:dw",)
    assert outcome.claims["dy"].shares == ("input:dy",)
    target = {"dict": {"dx": {"name": "dx"}, "db": {"name": "db"}}}
    outcome = run(sandbox, FORWARD, call("as_dict", array("dy"), {"name": "cache"}, to=target), returns=("db",))
    assert np.array_equal(outcome.values["db"], [4.0, 6.0])


def test_every_kind_of_value_is_an_array_or_tagged(sandbox: Sandbox):
    kept = [f"v{n}" for n in range(15)]
    outcome = run(sandbox, call("kinds", array("x"), to=names(*kept)), returns=tuple(kept))
    assert outcome.verdict == "ok", outcome.message
    tagged = {name: value.kind for name, value in outcome.values.items() if isinstance(value, Tagged)}
    assert [tagged.get(name) for name in kept[:5]] == ["None", "str", "complex", "list", "object"]
    assert tagged["v8"] in ("object", "int")
    assert (tagged["v10"], tagged["v14"]) == ("masked_array", "tuple")
    assert "v13" in tagged
    assert outcome.values["v5"].shape == () and outcome.claims["v5"].python_scalar
    assert outcome.values["v6"].dtype == np.float32 and outcome.claims["v6"].python_scalar
    assert outcome.values["v7"].dtype == bool
    assert type(outcome.values["v9"]) is np.ndarray and outcome.claims["v9"].subclass == "matrix"
    assert np.array_equal(outcome.values["v11"], X.T)
    assert not outcome.claims["v11"].python_scalar
    assert "input:x" in outcome.claims["v12"].shares


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"]
)
def test_dtypes_cross(sandbox: Sandbox, dtype: str):
    given = np.array([[1, 2], [3, 4]], dtype=dtype)
    step = {"do": "value", "of": array("x"), "to": {"name": "same"}}
    outcome = sandbox.run(Program((step,), {"x": given}, ("same",)))
    assert outcome.values["same"].dtype == given.dtype
    assert np.array_equal(outcome.values["same"], given)


def test_inputs_come_back_as_they_were_left(sandbox: Sandbox):
    outcome = run(sandbox, call("changes", array("x"), to="nothing"))
    assert np.array_equal(outcome.inputs["x"], X + 1)
    assert np.array_equal(X, np.arange(6.0).reshape(2, 3))


def test_an_exception_says_where(sandbox: Sandbox):
    outcome = run(sandbox, call("fails", array("x"), to="y"), returns=("y",))
    assert outcome.verdict == "raised"
    assert outcome.message == "ValueError: shapes (2, 3) do not fit"
    assert outcome.where == (
        "layers.py",
        HONEST.splitlines().index('    raise ValueError(f"shapes {x.shape} do not fit")') + 1,
    )
    assert not outcome.values


@pytest.mark.parametrize(
    ("step", "verdict", "words"),
    [
        (call("affine_forwad", array("x"), to="y"), "missing-function", "no 'affine_forwad'; it has affine_forward"),
        (call("np", array("x"), to="y"), "missing-function", "'np' is a module"),
        (call("affine_forward", array("x"), array("w"), array("b"), to=names("y", "a", "b")), "wrong-return", "gave 2"),
        (call("changes", array("x"), to=names("y", "a")), "wrong-return", "gave None; 2 values were expected"),
        (call("affine_forward", array("x"), to="y"), "raised", "missing 2 required positional arguments"),
        (
            call("changes", array("x"), to={"dict": {"dw": {"name": "y"}}}),
            "wrong-return",
            "gave None; a dictionary with 'dw'",
        ),
        (
            {"do": "value", "of": {"attribute": "dW", "of": {"name": "Affine"}}, "to": {"name": "y"}},
            "wrong-return",
            "no attribute 'dW'",
        ),
    ],
)
def test_what_is_missing_or_returned_wrongly(sandbox: Sandbox, step: dict[str, Any], verdict: str, words: str):
    outcome = run(sandbox, step)
    assert outcome.verdict == verdict
    assert words in outcome.message


def test_state_does_not_cross_from_one_program_to_the_next():
    with one("calls = []\ndef f():\n    calls.append(1)\n    return float(len(calls))\n") as sandbox:
        program = Program((call("f", to="n"),), {}, ("n",))
        assert [float(outcome.values["n"]) for outcome in sandbox.run_all([program] * 3)] == [1, 1, 1]


def test_a_program_after_a_stopped_one_runs():
    with one("def spin():\n    while True: pass\ndef f():\n    return 1.0\n", Limits(cpu_seconds=0.2)) as sandbox:
        stopped = sandbox.run(Program((call("spin", to="n"),), {}, ("n",)))
        assert (stopped.verdict, dict(stopped.values)) == ("timeout-cpu", {})
        assert stopped.cpu >= 0.2
        assert sandbox.run(Program((call("f", to="n"),), {}, ("n",))).verdict == "ok"


@pytest.mark.parametrize(
    ("text", "verdict", "words", "line"),
    [
        ("import numpy\nraise KeyError('x')\n", "import-failed", "KeyError", 2),
        ("def f(:\n", "import-failed", "SyntaxError", 1),
        ("import no_such_thing\n", "import-failed", "no_such_thing", 1),
        ("import sys\nsys.exit(3)\n", "exited", "exit", 2),
        ("import os\nos._exit(3)\n", "exited", "exit status 3", None),
        ("import ctypes\nctypes.string_at(0)\n", "killed", "SIGSEGV", None),
    ],
)
def test_imports_that_fail(text: str, verdict: str, words: str, line: int | None):
    with one(text) as sandbox:
        found = sandbox.start()
        assert found.verdict == verdict
        assert words in found.message
        assert found.where == (("it.py", line) if line else None)
        assert sandbox.run(Program((call("f", to="n"),), {}, ("n",))).verdict == verdict


def test_what_is_defined_before_a_failing_line_can_be_called():
    with one("def f():\n    return 1.0\n1 / 0\n") as sandbox:
        assert sandbox.start().verdict == "import-failed"
        assert sandbox.start().names == {"f": "()"}
        assert sandbox.run(Program((call("f", to="n"),), {}, ("n",))).verdict == "ok"


def test_modules_import_each_other_and_never_shadow_the_real_ones():
    files = {
        "hw/cs231n/__init__.py": "",
        "hw/cs231n/layers.py": "from .fast import helper\ndef layer():\n    return helper()\n",
        "hw/cs231n/fast.py": "def helper():\n    return 7.0\n",
        "hw/main.py": "from cs231n.layers import *\nfrom utils import twice\nimport random, numpy\n"
        "def f():\n    return twice(layer()) + (random.random() < 2) + numpy.float64(0)\n",
        "hw/utils.py": "def twice(x):\n    return 2 * x\n",
        "random.py": "def mine():\n    return 3.0\n",
        "numpy.py": "raise RuntimeError\n",
    }
    with Sandbox(files, ("random.py", "hw/main.py"), LIMITS) as sandbox:
        assert sandbox.start().verdict == "ok", sandbox.start()
        steps = (call("f", to="n"), call("mine", to="m"))
        outcome = sandbox.run(Program(steps, {}, ("n", "m")))
        assert (float(outcome.values["n"]), float(outcome.values["m"])) == (15, 3)


def test_of_two_definitions_the_later_entry_wins():
    with Sandbox({"a.py": "def f(): return 1.0", "b.py": "def f(): return 2.0"}, ("a.py", "b.py"), LIMITS) as sandbox:
        assert float(sandbox.run(Program((call("f", to="n"),), {}, ("n",))).values["n"]) == 2


def test_memory_below_a_gibibyte_is_watched_from_outside():
    text = "import numpy as np, time\ndef f():\n    kept = np.ones(300 << 17)\n    time.sleep(60)\n"
    with one(text, Limits(memory_mib=128, wall_seconds=30)) as sandbox:
        assert sandbox.run(Program((call("f", to="n"),), {}, ("n",))).verdict == "memory"


def test_output_keeps_its_head_and_tail():
    with one("def f():\n    print('first')\n    print('x' * 20_000)\n    print('last')\n", LIMITS) as sandbox:
        outcome = sandbox.run(Program((call("f", to="n"),), {}, ("n",)))
    assert outcome.verdict == "ok"
    assert outcome.stdout.startswith("first\n") and outcome.stdout.endswith("last\n")
    assert "bytes left out" in outcome.stdout and len(outcome.stdout) < 5000


def test_what_a_program_leaves_running_is_ended_and_said():
    text = "import os, time\ndef f():\n    if os.fork() == 0:\n        time.sleep(60)\n    return 1.0\n"
    with one(text) as sandbox:
        sandbox.start()
        token = sandbox.token
        outcome = sandbox.run(Program((call("f", to="n"),), {}, ("n",)))
        assert outcome.verdict == "ok" and "left 1 process running" in outcome.message
        assert left_running(token) == []
        assert sandbox.run(Program((call("f", to="n"),), {}, ("n",))).verdict == "ok"


def test_killing_the_worker_at_every_step_gives_a_verdict_and_no_values(monkeypatch: pytest.MonkeyPatch):
    """The submission's process, and its forks, are killed at the n-th moment at which the judge waits for them."""
    waits = iter(())
    wait = Confined._wait

    def deadly(self: Confined, *arguments: Any) -> None:
        if next(waits, None) == "kill":
            found = descendants.tree(self.pid)
            # What launches and what guards is not the submission's; it dies only where nothing else is there yet.
            for pid in reversed(found[2:] or found):
                os.kill(pid, signal.SIGKILL)
        wait(self, *arguments)

    monkeypatch.setattr(Confined, "_wait", deadly)
    right = (X @ ARRAYS["w"] + ARRAYS["b"]).tobytes()
    seen = []
    for moment in range(60):
        waits = iter(["live"] * moment + ["kill"])
        with Sandbox({"layers.py": HONEST}, ("layers.py",), LIMITS) as sandbox:
            outcome = run(sandbox, FORWARD, returns=("y",))
            seen.append(outcome.verdict)
            assert [value.tobytes() for value in outcome.values.values()] == [right] * (outcome.verdict == "ok")
        if next(waits, None) == "kill":
            break  # this run was over before its moment came
    # "ready", the import, its answer and the request take a wait each; after them the answer may be whole already.
    assert len(seen) > 5 and seen[-1] == "ok"
    assert "ok" not in seen[:4]
    assert set(seen) <= {"ok", "killed", "exited", "bad-reply", "grader-fault"}


def test_nothing_outlives_a_killed_judge(tmp_path: Path):
    program = (
        "import sys, time\n"
        "from gradproof.grading.confinement.sandbox import Sandbox\n"
        "text = 'import os, time\\nif os.fork() == 0:\\n    os.setsid()\\n    time.sleep(60)\\ndef f(): pass\\n'\n"
        "s = Sandbox({'it.py': text}, ('it.py',))\n"
        "s.start()\nprint(s.token, flush=True)\ntime.sleep(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env) as judge:
        token = judge.stdout.readline().strip()
        assert token and len(left_running(token)) >= 3
        judge.kill()
    deadline = time.monotonic() + 10
    while (left := left_running(token)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def test_arguments_that_are_none():
    with pytest.raises(ValueError, match=r"the entry 'b\.py' is not among the files \(a\.py\)"):
        Sandbox({"a.py": ""}, ("b.py",))
    with pytest.raises(ValueError, match="no isolation level 'jail'; known: bubblewrap"):
        Sandbox({"a.py": ""}, ("a.py",), level="jail")
    with pytest.raises(ValueError, match="cannot be used as the Python of a sandbox"):
        Sandbox({"a.py": ""}, ("a.py",), level="rlimits", python="/no/such/python")
    with pytest.raises(ValueError, match="limit cpu_seconds is 0"):
        Limits(cpu_seconds=0)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (Program(({"do": "eval"},)), "known: call, value, set"),
        (Program((call("f", array("z"), to="y"),), {}, ("y",)), "names z, which is not among the arrays"),
        (Program((), {}, ("y",)), "returns y, which no step keeps"),
        (Program((), {"x": np.array([1 + 2j])}), "dtype complex128"),
    ],
)
def test_programs_that_are_none(sandbox: Sandbox, program: Program, words: str):
    with pytest.raises(ValueError, match=words):
        sandbox.run(program)


GOOD = {"verdict": "ok", "message": "", "where": None, "values": {}, "unchanged": []}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "grader-fault"},
        {"verdict": "timeout-cpu"},
        {"verdict": ["ok"]},
        {"verdict": None},
        {"message": 3},
        {"where": ["other.py", 1]},
        {"where": ["layers.py", -1]},
        {"where": ["layers.py", True]},
        {"where": "layers.py"},
        {"values": []},
        {"values": {"y": {"kind": "None", "text": ""}}},
        {"unchanged": None},
        {"unchanged": [["x"]]},
    ],
)
def test_replies_that_no_honest_sandbox_gives(change: dict[str, Any]):
    with pytest.raises(BadReply):
        outcome_parts({**GOOD, **change}, {}, Program(()), {"layers.py": ""})
    assert outcome_parts(GOOD, {}, Program(()), {})["verdict"] == "ok"


@pytest.mark.parametrize(
    "described",
    [
        None,
        [],
        {"kind": "array"},
        {"kind": "array", "shares": [], "subclass": ""},
        {"kind": 1, "text": ""},
        {"kind": "None"},
    ],
)
def test_values_that_are_not_what_they_say(described: Any):
    program = Program((call("f", to="y"),), {}, ("y",))
    with pytest.raises(BadReply):
        outcome_parts({**GOOD, "values": {"y": described}}, {}, program, {})


def test_import_answers_that_are_none():
    good = {"verdict": "ok", "message": "", "where": None, "names": {"f": "()"}, "notes": []}
    assert started(good, {}, 0, "").names == {"f": "()"}
    for change in ({"names": []}, {"names": {"f": 1}}, {"notes": "x"}, {"notes": [1]}, {"verdict": "killed"}):
        with pytest.raises(BadReply):
            started({**good, **change}, {}, 0, "")


def test_text_is_made_harmless():
    assert printable("a\x1b[31m\x00\u202eb\tc\r\nd\ud800") == "a\ufffd[31m\ufffd\ufffdb\tc\nd\ufffd"
    capture = Capture(8)
    for piece in (b"abcdef", b"gh", b"ijklm"):
        capture.add(piece)
    assert capture.text() == "abcd\n... 5 bytes left out ...\njklm"
    assert not capture.excessive
    capture.add(bytes(200))
    assert capture.excessive


def test_a_sandbox_that_does_not_start_is_the_graders_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(confined_module.launching, "environment", lambda: {"PYTHONHOME": "/nowhere"})
    with Sandbox({"it.py": ""}, ("it.py",), level="rlimits") as sandbox:
        found = sandbox.start()
    assert found.verdict == "grader-fault" and "did not start" in found.message
    assert issubclass(Stopped, Exception)


def test_a_program_costs_two_walks_through_the_processes(monkeypatch: pytest.MonkeyPatch):
    looks: list[int] = []
    look = confined_module.look
    monkeypatch.setattr(confined_module, "look", lambda pid: looks.append(pid) or look(pid))
    monkeypatch.setattr(confined_module, "LOOK_EVERY", 60.0)
    with one(TEXT_OF_ONE) as sandbox:
        sandbox.start()
        looks.clear()
        monkeypatch.setattr("gradproof.grading.confinement.sandbox.look", lambda pid: pytest.fail("a third walk"))
        assert sandbox.run(Program((call("f", to="y"),), {}, ("y",))).verdict == "ok"
    assert len(looks) == 2  # what was used before, and what after, with what is left running


TEXT_OF_ONE = "def f():\n    return 1.0\n"
