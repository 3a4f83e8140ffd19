"""Every verdict is reached by a deliberately wrong submission, and one mistake is charged once."""

from __future__ import annotations

import numpy as np
import pytest

from gradproof.grading.confinement.exchanged import Claim, Outcome, Started, Tagged
from gradproof.grading.marks.marking import mark
from tests.marking_cases import (
    AFFINE,
    AFFINE_SPLIT,
    HEAD,
    RIGHT_AFFINE,
    marked,
    plan_for,
    source_of,
    stage_of,
    statuses,
)
from tests.marking_fake import FakeSandbox
from tests.test_marking_conventions import CONVENTIONS


def affine(old: str, new: str, text: str = AFFINE, **more):
    assert old in RIGHT_AFFINE
    return marked(text, RIGHT_AFFINE.replace(old, new), **more)


WRONG = {
    "wrong": ("dout.sum(axis=0)", "dout.mean(axis=0)"),
    "wrong-shape": ("x.T @ dout", "dout.T @ x"),
    "wrong-dtype": ("x.T @ dout", "(x.T @ dout).round().astype(int)"),
    "non-finite": ("x.T @ dout", "x.T @ dout / 0.0"),
    "wrong-return": ("return dout @ w.T, x.T @ dout, dout.sum(axis=0)", "return dout @ w.T"),
    "raised": ("return dout @ w.T", "return dout @ w.TT"),
    "mutated-input": ("return dout @ w.T, x.T @ dout,", "dw = x.T @ dout; x += 1; return dout @ w.T, dw,"),
    "missing-function": ("def affine_backward", "def affine_backwards"),
}


@pytest.mark.parametrize("verdict", WRONG)
def test_a_wrong_backward_gets_its_verdict_and_the_forward_its_points(verdict):
    record = affine(*WRONG[verdict])
    assert statuses(record) == {"affine.forward": "ok", "affine.backward": verdict}
    assert (record["score"], record["max_score"]) == (2, 5)
    assert stage_of(record, "affine", "backward")["headline"]


@pytest.mark.parametrize("value", ["None", "[1.0, 2.0]", "'text'", "np.zeros(3) * 1j"])
def test_what_is_no_array_is_said(value):
    record = affine("dout.sum(axis=0)", value)
    stage = stage_of(record, "affine", "backward")
    assert stage["status"] in ("wrong-return", "wrong-dtype")
    assert "db" in stage["headline"]


def test_points_are_given_for_each_right_gradient():
    record = affine("dout.sum(axis=0)", "dout.mean(axis=0)", AFFINE_SPLIT)
    assert statuses(record) == {"affine.forward": "ok", "affine.dx": "ok", "affine.dw": "ok", "affine.db": "wrong"}
    assert record["score"] == 4
    assert stage_of(record, "affine", "db")["pattern"] == "every entry is the true one times 1/N"


def test_the_example_is_the_smallest_case_in_round_numbers():
    example = stage_of(affine("x.T @ dout", "x.T @ dout * 2"), "affine", "backward")["example"]
    assert np.shape(example["inputs"]["x"]) == (1, 1)
    assert all(float(v).is_integer() for row in example["true"] for v in row)
    assert np.array(example["got"]) == pytest.approx(2 * np.array(example["true"]), rel=0, abs=0)


# -- one mistake is charged once --------------------------------------------------------------------------------------


def test_a_backward_that_is_right_for_a_wrong_forward_is_paid_and_said():
    record = marked(
        AFFINE,
        """
import numpy as np
def affine_forward(x, w, b):
    return 2 * x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return 2 * dout @ w.T, 2 * x.T @ dout, dout.sum(axis=0)
""",
    )
    assert statuses(record) == {"affine.forward": "wrong", "affine.backward": "ok"}
    backward = stage_of(record, "affine", "backward")
    assert "right derivative of your forward; your forward is wrong" in backward["headline"]
    assert backward["charged"] == "forward"
    assert record["score"] == 3


def test_a_backward_that_is_wrong_for_a_wrong_forward_is_charged_too():
    record = marked(
        AFFINE,
        """
import numpy as np
def affine_forward(x, w, b):
    return 2 * x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return 2 * dout @ w.T, 3 * x.T @ dout, dout.sum(axis=0)
""",
    )
    assert statuses(record) == {"affine.forward": "wrong", "affine.backward": "wrong"}


def test_a_transposed_forward_with_its_own_backward_is_one_mistake():
    record = marked(
        AFFINE,
        """
import numpy as np
def affine_forward(x, w, b):
    return (x @ w + b).T, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    dout = dout.T
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
""",
    )
    assert statuses(record) == {"affine.forward": "wrong-shape", "affine.backward": "ok"}


def test_explicit_arguments_are_the_true_ones():
    text, code = CONVENTIONS["explicit arguments"]
    record = marked(text, code.replace("1 / (1 + np.exp(-x))", "1 / (1 + np.exp(x))"))
    assert statuses(record) == {"sigmoid.forward": "wrong", "sigmoid.backward": "ok"}
    assert stage_of(record, "sigmoid", "backward")["charged"] == ""


def test_explicit_arguments_are_judged_although_the_forward_does_not_run():
    text, code = CONVENTIONS["explicit arguments"]
    record = marked(text, code.replace("1 / (1 + np.exp(-x))", "undefined_name"))
    assert statuses(record) == {"sigmoid.forward": "raised", "sigmoid.backward": "ok"}


def test_a_backward_that_needs_a_forward_that_does_not_run_is_blocked():
    record = affine("return x @ w + b", "return x @ ww + b")
    assert statuses(record) == {"affine.forward": "raised", "affine.backward": "blocked-by"}
    backward = stage_of(record, "affine", "backward")
    assert (backward["blocked_by"], backward["charged"], backward["score"]) == ("forward", "forward", 0)


def test_a_forward_that_nobody_asks_for_is_no_fault():
    text = AFFINE.replace("-> y, cache", "-> _, cache").replace("forward = 2, ", "")
    later = AFFINE.replace('name = "affine"', 'name = "later"\nafter = ["affine"]')
    record = marked(text + later, RIGHT_AFFINE.replace("return x @ w + b", "return 2 * x @ w + b"))
    assert statuses(record) == {"affine.backward": "ok", "later.forward": "wrong", "later.backward": "ok"}


def test_a_task_that_needs_a_wrong_one_is_not_charged_again():
    text = (
        AFFINE
        + '[[task]]\nname = "twice"\noperation = "affine"\nafter = ["affine"]\n'
        + ('forward = "again(x, w, b) -> y"\npoints = {forward = 1}\n')
    )
    record = marked(
        text,
        RIGHT_AFFINE.replace("x @ w + b, (", "x @ w - b, (")
        + "def again(x, w, b):\n    return affine_forward(x, w, b)[0]\n",
    )
    assert statuses(record)["twice.forward"] == "blocked-by"
    assert stage_of(record, "twice", "forward")["blocked_by"] == "affine"


def test_a_forward_that_computes_nothing_earns_nothing_by_its_derivative():
    record = marked(
        AFFINE,
        """
import numpy as np
def affine_forward(x, w, b):
    return np.zeros((x.shape[0], w.shape[1])), (x, w, b)
def affine_backward(dout, cache):
    return tuple(np.zeros_like(v) for v in cache)
""",
    )
    assert statuses(record) == {"affine.forward": "wrong", "affine.backward": "wrong"}


def knowing_the_public_cases(text: str, code: str, hidden: str) -> str:
    """Code that does `hidden` at the start of each function wherever the inputs are none of the public cases'."""
    plan = plan_for(text)
    task = plan.assignment.tasks[0]
    prepared = plan.task(task)
    known = [next(iter(prepared.point(d.spec).case.inputs.values())).tolist() for d in prepared.public]
    lines = code.split("\n")
    at = [k for k, line in enumerate(lines) if line.startswith("def ")]
    for k in reversed(at):
        if hidden.split(":")[0] in lines[k]:
            lines.insert(k + 1, f"    if x.tolist() not in {known}: {hidden.split(':', 1)[1]}")
    return "\n".join(lines)


EXPLICIT = """
[[task]]
name = "square"
operation = "multiply"
forward = "f_forward(x, y) -> z"
backward = "f_backward(dz, x, y) -> dx, dy"
points = {forward = 1, backward = 1}
"""
SQUARE = """
def f_forward(x, y):
    return x * y
def f_backward(dz, x, y):
    return dz * y, dz * x
"""


@pytest.mark.parametrize("ending", ["raise ValueError('hidden')", "import os; os.abort()"])
@pytest.mark.parametrize("stopped", ["f_forward", "f_backward"])
def test_knowing_the_public_cases_earns_nothing_behind_a_fault_of_the_other_phase(ending, stopped):
    other = {"f_forward": "f_backward", "f_backward": "f_forward"}[stopped]
    wrong = "return x + y" if other == "f_forward" else "return dz, dz"
    code = knowing_the_public_cases(EXPLICIT, SQUARE, f"{other}:{wrong}")
    code = code.replace(f"def {stopped}", f"def {stopped}", 1)
    lines = code.split("\n")
    lines.insert(next(k for k, line in enumerate(lines) if f"def {stopped}" in line) + 1, f"    {ending}")
    box = None if "abort" in ending else FakeSandbox
    record = marked(EXPLICIT, "\n".join(lines), box=box, level="rlimits")
    assert record["score"] == 0, statuses(record)


def test_a_loss_that_runs_on_the_public_cases_alone_blocks_its_gradient():
    text, code = CONVENTIONS["loss and gradient"]
    text = text.replace("softmax_loss(logits", "softmax_loss(x=logits").replace("target)", "y=target)")
    assert set(statuses(marked(text, code)).values()) == {"ok"}
    record = marked(text, knowing_the_public_cases(text, code, "softmax_loss:raise ValueError('hidden')"))
    assert statuses(record) == {"softmax_loss.forward": "raised", "softmax_loss.backward": "blocked-by"}


# -- what the course does not exercise ---------------------------------------------------------------------------

LATENT = """
[[task]]
name = "affine"
operation = "affine"
sizes = {N = 3, D = 4, M = 4}
latent_sizes = {M = [5, 1]}
forward = "affine_forward(x, w, b) -> y, cache"
backward = "affine_backward(dy, cache) -> dx, dw, db"
points = {forward = 1, backward = 1, latent = 1}
"""


def test_right_on_what_the_course_exercises_and_wrong_elsewhere_is_latent():
    record = marked(LATENT, RIGHT_AFFINE.replace("dout @ w.T", "(w @ dout.T).T.reshape(x.shape[0], w.shape[1])"))
    assert statuses(record) == {"affine.forward": "ok", "affine.backward": "ok", "affine.latent": "latent"}
    stage = stage_of(record, "affine", "latent")
    assert stage["score"] == 0 and "right on what the course exercises" in stage["headline"]
    assert "M = " in stage["headline"]


def test_latent_points_are_given_where_all_is_right():
    assert statuses(marked(LATENT, RIGHT_AFFINE))["affine.latent"] == "ok"


def test_latent_is_not_judged_where_the_ordinary_is_wrong():
    record = marked(LATENT, RIGHT_AFFINE.replace("dout @ w.T", "2 * dout @ w.T"))
    assert statuses(record)["affine.latent"] == "blocked-by"


# -- what an assignment accepts, or not ----------------------------------------------------------------------------

STRICT = """
[accept]
views = false
mutated_cotangent = "wrong"
float32 = false
size_one_axis = false
matrix = false
"""
ACCEPTED = {
    "float32": ("x.T @ dout", "(x.T @ dout).astype(np.float32)", "wrong-dtype", "float32"),
    "one axis more": ("dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)", "wrong-shape", "axis of size one"),
    "np.matrix": ("x.T @ dout", "np.asmatrix(x.T @ dout)", "wrong-return", "np.matrix"),
    "a changed cotangent": (
        "x, w, b = cache",
        "x, w, b = cache; given = dout; dout = dout.copy(); given *= 2",
        "mutated-input",
        "in place",
    ),
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_what_is_accepted_is_paid_with_a_remark_and_else_refused_with_words(what):
    old, new, verdict, word = ACCEPTED[what]
    stage = stage_of(affine(old, new), "affine", "backward")
    assert stage["status"] == "ok" and word in stage["explanation"]
    stage = stage_of(affine(old, new, STRICT + AFFINE), "affine", "backward")
    assert stage["status"] == verdict and word in stage["headline"]


def test_float32_is_judged_with_float32s_rounding_only():
    record = affine("x.T @ dout", "(x.T @ dout * (1 + 1e-4)).astype(np.float32)")
    assert statuses(record)["affine.backward"] == "wrong"


class Sharing(FakeSandbox):
    """Says that dw shares memory with x."""

    def run(self, program):
        outcome = super().run(program)
        shared = {n: Claim(shares=("input:x",)) for n in outcome.claims}
        return Outcome(**{**vars(outcome), "claims": shared})


def test_views_are_accepted_or_refused():
    assert statuses(marked(AFFINE, RIGHT_AFFINE, box=Sharing))["affine.backward"] == "ok"
    stage = stage_of(marked(STRICT + AFFINE, RIGHT_AFFINE, box=Sharing), "affine", "backward")
    assert stage["status"] == "wrong-return" and "shares memory with the input x" in stage["headline"]


# -- what the sandbox says -----------------------------------------------------------------------------------------


def ending_in(verdict: str, only: str = "affine_backward"):
    class Ending(FakeSandbox):
        def run(self, program):
            if any(step.get("function") == only for step in program.steps):
                return Outcome(verdict, message=f"it ended in {verdict}")
            return super().run(program)

    return Ending


@pytest.mark.parametrize(
    "verdict", ["exited", "timeout-cpu", "timeout-wall", "memory", "output-limit", "killed", "bad-reply"]
)
def test_a_program_that_is_ended_is_an_explicit_zero(verdict):
    record = marked(AFFINE, RIGHT_AFFINE, box=ending_in(verdict))
    assert statuses(record) == {"affine.forward": "ok", "affine.backward": verdict}
    assert (record["score"], record["status"]) == (2, "graded")


def test_a_costly_end_is_met_once_only():
    class Counting(ending_in("timeout-wall")):
        count = 0

        def run(self, program):
            whole = program.cpu_seconds is None  # one that may take all the time there is
            Counting.count += whole and any(step.get("function") == "affine_backward" for step in program.steps)
            return super().run(program)

    marked(AFFINE, RIGHT_AFFINE, box=Counting)
    assert Counting.count == 1


def test_a_fault_of_the_grader_costs_nothing_and_is_loud():
    record = marked(AFFINE, RIGHT_AFFINE, box=ending_in("grader-fault"))
    assert statuses(record)["affine.backward"] == "grader-fault"
    assert (record["status"], record["score"]) == ("not-graded", None)
    assert record["message"]


def test_an_exception_of_the_grader_costs_nothing_and_is_loud():
    class Broken(FakeSandbox):
        def run(self, program):
            raise RuntimeError("out of order")

    record = marked(AFFINE, RIGHT_AFFINE, box=Broken)
    assert set(statuses(record).values()) == {"grader-fault"}
    assert record["score"] is None and "out of order" in record["message"]


def test_a_verdict_stands_although_it_cannot_be_explained(monkeypatch):
    monkeypatch.setattr("gradproof.grading.marks.feedback.example", lambda *_: 1 / 0)
    record = affine("x.T @ dout", "2 * x.T @ dout")
    stage = stage_of(record, "affine", "backward")
    assert (stage["status"], stage["score"], record["status"]) == ("wrong", 0, "graded")
    assert "ZeroDivisionError" in stage["explanation"]


def test_a_sandbox_that_does_not_start_costs_nothing_and_is_loud():
    class Absent(FakeSandbox):
        def start(self):
            return Started("grader-fault", "no sandbox could be started")

    record = marked(AFFINE, RIGHT_AFFINE, box=Absent)
    assert record["score"] is None and "no sandbox" in record["message"]


@pytest.mark.parametrize("verdict", ["import-failed", "exited", "timeout-cpu", "memory", "killed"])
def test_an_import_that_fails_is_an_explicit_zero(verdict):
    class Unimportable(FakeSandbox):
        def start(self):
            return Started(verdict, "SyntaxError: invalid syntax", where=("submission.py", 3))

    record = marked(AFFINE, RIGHT_AFFINE, box=Unimportable)
    assert set(statuses(record).values()) == {verdict}
    assert (record["score"], record["status"]) == (0, "graded")
    assert "line 3" in record["stages"][0]["headline"]


def test_what_was_defined_before_an_import_failed_is_judged():
    class Half(FakeSandbox):
        def start(self):
            super().start()
            return Started("import-failed", "NameError: at the end", names={n: "()" for n in self.names})

    assert set(statuses(marked(AFFINE, RIGHT_AFFINE, box=Half)).values()) == {"ok"}


def test_a_name_that_is_nearly_right_is_suggested():
    stage = stage_of(affine("def affine_backward", "def afine_backward"), "affine", "backward")
    assert stage["status"] == "missing-function" and "afine_backward" in stage["explanation"]


# -- kinks, precision, names -----------------------------------------------------------------------------------------

RELU = """
[[task]]
name = "relu"
operation = "relu"
regimes = ["kinks", "ordinary"]
forward = "relu_forward(x) -> y, cache"
backward = "relu_backward(dy, cache) -> dx"
points = {forward = 1, backward = 1}
"""


@pytest.mark.parametrize(("at_zero", "verdict"), [("> 0", "ok"), (">= 0", "ok"), ("> -0.3", "wrong")])
def test_at_a_kink_every_convention_is_right_and_nothing_else(at_zero, verdict):
    code = "import numpy as np\ndef relu_forward(x):\n    return np.maximum(x, 0), x\n"
    code += f"def relu_backward(dout, x):\n    return dout * (x {at_zero})\n"
    assert statuses(marked(RELU, code))["relu.backward"] == verdict


def test_float32_cases_are_judged_with_float32s_rounding():
    text = HEAD.replace("public = 2", 'public = 2\ndtype = ["float32", "float64"]') + AFFINE
    assert set(statuses(marked(text, RIGHT_AFFINE)).values()) == {"ok"}
    wide = RIGHT_AFFINE.replace("x.T @ dout", "(x.T @ dout).astype(np.float64)")
    stage = stage_of(marked(text, wide), "affine", "backward")
    assert stage["status"] == "ok" and "float64 although the inputs are float32" in stage["explanation"]
    strict = text.replace("[cases]", "[accept]\nfloat32 = false\n[cases]")
    assert statuses(marked(strict, wide))["affine.backward"] == "wrong-dtype"


def test_a_cause_is_named_where_the_catalogue_knows_it():
    text, code = CONVENTIONS["loss and gradient"]
    stage = stage_of(marked(text, code.replace("return loss, p / n", "return loss, p")), "softmax_loss", "backward")
    assert stage["pattern"] == "every entry is the true one times N"
    assert stage["mistake"] is None or stage["mistake"]["sentence"]


def test_an_expression_is_named_whole():
    text, code = CONVENTIONS["updated weights"]
    record = marked(text, code.replace("self.w -= rate", "self.w -= 0.3 * rate"))
    stage = stage_of(record, "regression", "backward")
    assert stage["status"] == "wrong" and "(w - rate * dw)[" in stage["headline"]


def test_weights_that_the_code_updates_in_place_are_no_changed_inputs():
    record = marked(*CONVENTIONS["updated weights"])
    assert set(statuses(record).values()) == {"ok"}
    assert not any(s["explanation"] for s in record["stages"])


def test_an_option_of_the_course_is_given_and_another_one_is_latent():
    text = """
[[task]]
name = "softmax"
operation = "softmax"
options = {axis = -1}
latent_options = {axis = [0]}
forward = "softmax(x, axis=axis) -> y"
points = {forward = 1, latent = 1}
"""
    code = "import numpy as np\ndef softmax(x, axis):\n    e = np.exp(x)\n    return e / e.sum({}, keepdims=True)\n"
    assert set(statuses(marked(text, code.format("axis=axis"))).values()) == {"ok"}
    record = marked(text, code.format("axis=-1"))
    assert statuses(record) == {"softmax.forward": "ok", "softmax.latent": "latent"}
    assert "with axis=0" in stage_of(record, "softmax", "latent")["headline"]


# -- latitude and its limits -----------------------------------------------------------------------------------------


def test_a_dropout_that_keeps_too_many_is_wrong():
    text, code = CONVENTIONS["a mask of its own"]
    record = marked(text, code.replace("< 1 - p) / (1 - p)", "< 0.9) / (1 - p)"))
    stage = stage_of(record, "dropout", "forward")
    assert stage["status"] == "wrong" and "keeps" in stage["headline"]


def test_a_dropout_that_does_not_scale_is_wrong():
    text, code = CONVENTIONS["a mask of its own"]
    assert statuses(marked(text, code.replace(" / (1 - p)", "* 1.0")))["dropout.forward"] == "wrong"


def test_the_same_submission_gets_the_same_marks():
    first, second = (affine("dout @ w.T", "dout @ w.T * 1.1") for _ in range(2))
    for record in (first, second):
        record.pop("seconds")
    assert first == second


def test_students_get_their_variant_of_the_hidden_cases():
    plan = plan_for(AFFINE)
    code = RIGHT_AFFINE.replace("dout @ w.T", "dout @ w.T * 1.1")
    asked = set()

    class Seeing(FakeSandbox):
        def run(self, program):
            asked.add(tuple(x.tobytes() for x in program.arrays.values()))
            return super().run(program)

    seen = []
    for who in ("a", "b", "c", "d", "e", "f"):
        asked.clear()
        mark(source_of(code), plan.assignment, who, plan=plan, box=Seeing)
        seen.append(frozenset(asked))
    assert len(set(seen)) == plan.assignment.cases.pool


def test_what_cannot_be_judged_is_no_zero():
    text = """
[[task]]
name = "tagged"
operation = "relu"
forward = "f(x) -> y"
points = {forward = 1}
"""

    class Odd(FakeSandbox):
        def run(self, program):
            return Outcome("ok", values={n: Tagged("object", "<x>") for n in program.returns})

    stage = stage_of(marked(text, "def f(x):\n    return x\n", box=Odd), "tagged", "forward")
    assert stage["status"] == "wrong-dtype"
