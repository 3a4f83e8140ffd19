"""Several points in one fork: what one point leaves behind costs no mark at another, and what is wrong stays wrong."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace

import numpy as np

from gradproof.grading.confinement.exchanged import Claim, Outcome, Program
from gradproof.grading.marks.together import apart, joined
from tests.marking_cases import AFFINE, RIGHT_AFFINE, marked, statuses
from tests.marking_fake import FakeSandbox

RIGHT = {"affine.forward": "ok", "affine.backward": "ok"}


class Forking(FakeSandbox):
    """Each program finds the module as its import left it, as in a fork."""

    def run(self, program):
        self.names = {}
        self.start()
        return super().run(program)


def test_a_right_submission_is_run_once_for_all_points():
    record = marked(AFFINE, RIGHT_AFFINE, box=Forking)
    assert statuses(record) == RIGHT
    assert record["programs"] == 1


def test_what_needs_a_call_before_it_is_no_less_wrong_for_being_joined():
    """The first point of a task finds the module as its import left it, whatever else is asked in the same fork."""
    code = RIGHT_AFFINE.replace("def affine_forward(x, w, b):", "calls = []\ndef affine_forward(x, w, b):").replace(
        "    return x @ w + b,", "    calls.append(1)\n    if len(calls) < 2: return 0 * x, None\n    return x @ w + b,"
    )
    assert statuses(marked(AFFINE, code, box=Forking))["affine.forward"] != "ok"


def test_state_that_one_point_leaves_behind_costs_nothing():
    code = RIGHT_AFFINE.replace("def affine_forward(x, w, b):", "calls = []\ndef affine_forward(x, w, b):").replace(
        "    return x @ w + b,", "    calls.append(1)\n    if len(calls) > 2: return 0 * x, None\n    return x @ w + b,"
    )
    assert statuses(marked(AFFINE, code, box=Forking)) == RIGHT


def test_a_crash_at_one_point_is_found_where_it_is():
    code = RIGHT_AFFINE.replace("    x, w, b = cache", "    x, w, b = cache\n    if len(x) > 1: raise KeyError(1)")
    assert statuses(marked(AFFINE, code, box=Forking)) == {**RIGHT, "affine.backward": "raised"}


def test_what_is_wrong_at_a_later_point_alone_is_found():
    code = RIGHT_AFFINE.replace("x.T @ dout,", "x.T @ dout if len(x) == 1 else x.T @ dout / len(x),")
    assert statuses(marked(AFFINE, code, box=Forking)) == {**RIGHT, "affine.backward": "wrong"}


def test_slow_work_is_not_joined():
    class Slow(Forking):
        joined = 0

        def run(self, program):
            if program.cpu_seconds is not None:
                Slow.joined += 1
                return Outcome("timeout-cpu", message="it used more than 1 s of processor time")
            return Outcome(**{**vars(super().run(program)), "wall": 30.0})

    record = marked(AFFINE, RIGHT_AFFINE, box=Slow)
    assert statuses(record) == RIGHT
    assert record["programs"] >= 5 and Slow.joined == 1


def test_names_and_arrays_are_kept_apart():
    step = {
        "do": "call", "on": {"name": "net"}, "method": "f", "args": [{"array": "x"}, {"literal": {"name": "x"}}],
        "kwargs": {"name": {"dict": {"array": {"name": "net"}}}}, "to": {"tuple": [{"name": "y"}, {"ignore": True}]},
    }  # fmt: skip
    program = Program((step,), {"x": np.ones(2)}, ("y",))
    both = joined([program, program])
    assert (set(both.arrays), both.returns) == ({"0/x", "1/x"}, ("0/y", "1/y"))
    second = both.steps[1]
    assert second["on"] == {"name": "1/net"} and second["to"]["tuple"] == [{"name": "1/y"}, {"ignore": True}]
    assert second["args"] == [{"array": "1/x"}, {"literal": {"name": "x"}}]
    assert second["kwargs"] == {"name": {"dict": {"array": {"name": "1/net"}}}}


def test_what_shares_memory_with_another_point_is_asked_alone():
    program = Program((), {"x": np.ones(1)}, ("y",))
    values = {"0/y": np.zeros(1), "1/y": np.zeros(1)}
    claims = {"0/y": Claim(shares=("input:0/x",)), "1/y": Claim(shares=("value:0/y",))}
    first, second = apart(Outcome("ok", values=values, claims=claims), [program, program])
    assert first is not None and first.claims["y"].shares == ("input:x",)
    assert second is None


# -- all tasks in one fork ---------------------------------------------------------------------------------------------

TWO = (
    AFFINE
    + """
[[task]]
name = "relu"
operation = "relu"
forward = "relu_forward(x) -> y, cache"
backward = "relu_backward(dy, cache) -> dx"
points = {forward = 1, backward = 1}
"""
)
RIGHT_TWO = (
    RIGHT_AFFINE
    + """
def relu_forward(x):
    return np.maximum(x, 0), x
def relu_backward(dout, x):
    return dout * (x > 0)
"""
)
ALL_RIGHT = {**RIGHT, "relu.forward": "ok", "relu.backward": "ok"}


def test_all_tasks_of_a_right_submission_are_run_in_one_fork():
    record = marked(TWO, RIGHT_TWO, box=Forking)
    assert statuses(record) == ALL_RIGHT and record["programs"] == 1


def test_who_waits_for_each_task_gets_the_first_one_first():
    staged = []
    record = marked(TWO, RIGHT_TWO, box=Forking, staged=staged.append)
    assert statuses(record) == ALL_RIGHT and record["programs"] == 2 and len(staged) == 4


def test_a_wrong_task_spoils_no_other():
    found = statuses(marked(TWO, RIGHT_TWO.replace("(x > 0)", "(x > 1)"), box=Forking))
    assert found == {**ALL_RIGHT, "relu.backward": "wrong"}


def test_a_task_that_raises_or_is_missing_spoils_no_other():
    for wrong in (RIGHT_TWO.replace("return dout * (x > 0)", "raise KeyError(dout)"), RIGHT_AFFINE):
        found = statuses(marked(TWO, wrong, box=Forking))
        assert {n: s for n, s in found.items() if n in RIGHT} == RIGHT
        assert found["relu.backward"] in ("raised", "missing-function", "blocked-by")


def test_state_that_one_task_leaves_behind_costs_another_nothing():
    code = RIGHT_TWO.replace("    return x @ w + b,", "    calls.append(1)\n    return x @ w + b,").replace(
        "    return np.maximum(x, 0), x", "    return np.maximum(x, 0) + len(calls), x"
    )
    assert statuses(marked(TWO, "calls = []\n" + code, box=Forking)) == ALL_RIGHT


def test_what_is_printed_is_kept_once():
    record = marked(
        TWO, RIGHT_TWO.replace("def relu_forward(x):", "def relu_forward(x):\n    print('seen')"), box=Printing
    )
    assert statuses(record) == ALL_RIGHT and record["output"].count("seen") == 1


class Printing(Forking):
    """A sandbox that tells what was printed."""

    def run(self, program):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            outcome = super().run(program)
        return replace(outcome, stdout="\n".join(dict.fromkeys(said.getvalue().splitlines())))


# -- what comes to no end ----------------------------------------------------------------------------------------------


def endless(function, at=1):
    """A sandbox in which a function comes to no end from so many rows of its first array on.

    runs: those programs that had all the time there is; hasty: those that were to be stopped sooner.
    """
    runs, hasty = [], []

    class Endless(Forking):
        def run(self, program):
            for step in program.steps:
                rows = [len(program.arrays[a["array"]]) for a in step.get("args", ()) if a.get("array")][:1]
                if step.get("function") == function and rows >= [at]:
                    (runs if program.cpu_seconds is None else hasty).append(program)
                    return Outcome("timeout-cpu", message="it used more than 10 s of processor time")
            return super().run(program)

    Endless.runs, Endless.hasty = runs, hasty
    return Endless


def test_a_forward_that_comes_to_no_end_is_met_once():
    box = endless("affine_forward")
    record = marked(AFFINE, RIGHT_AFFINE, box=box)
    assert statuses(record) == {"affine.forward": "timeout-cpu", "affine.backward": "blocked-by"}
    assert (len(box.runs), len(box.hasty)) == (1, 1)


def test_a_backward_that_comes_to_no_end_is_met_once():
    box = endless("affine_backward")
    assert statuses(marked(AFFINE, RIGHT_AFFINE, box=box)) == {**RIGHT, "affine.backward": "timeout-cpu"}
    assert (len(box.runs), len(box.hasty)) == (1, 1)


def test_an_end_that_is_missing_at_a_later_point_is_met_there_once():
    box = endless("affine_forward", at=4)
    assert statuses(marked(AFFINE, RIGHT_AFFINE, box=box))["affine.forward"] == "timeout-cpu"
    assert (len(box.runs), len(box.hasty)) == (1, 1)


# -- what is wrong everywhere ------------------------------------------------------------------------------------------


def test_what_is_wrong_everywhere_is_asked_alone_at_the_last_point_only():
    asked = []

    class Counting(Forking):
        def run(self, program):
            asked.append(program)
            return super().run(program)

    code = RIGHT_AFFINE.replace("dout.sum(axis=0)", "dout.mean(axis=0)")
    assert code != RIGHT_AFFINE
    assert statuses(marked(AFFINE, code, box=Counting, diagnosing=False))["affine.backward"] == "wrong"
    whole = [p for p in asked if p.cpu_seconds is None]
    joined_ones = len(asked) - len(whole)
    assert 1 <= joined_ones <= 3 and len(whole) < 8  # of the points, and perhaps of small cases for the example


def test_what_state_spoils_further_is_asked_alone():
    """db is wrong everywhere; dw is right alone, and wrong after another call: that must not be believed."""
    code = RIGHT_AFFINE.replace("dout.sum(axis=0)", "dout.mean(axis=0)").replace(
        "    x, w, b = cache", "    x, w, b = cache\n    calls.append(1)"
    )
    code = "calls = []\n" + code.replace("x.T @ dout,", "x.T @ dout * (1.0 if len(calls) == 1 else 2.0),")
    record = marked(AFFINE, code, box=Forking, diagnosing=False)
    (stage,) = [s for s in record["stages"] if s["stage"] == "backward"]
    assert stage["status"] == "wrong" and "dw" in stage["right"]
