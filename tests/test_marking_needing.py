"""One mistake is charged once: what a task gets wrong through another that it needs."""

from __future__ import annotations

import pytest

from tests.marking_cases import AFFINE, AFFINE_SPLIT, RIGHT_AFFINE, marked, stage_of, statuses

TWICE = """
[[task]]
name = "twice"
after = ["affine"]
inputs = {x = "N D", w = "D D", b = "D"}
network = ["affine(x, w, b) -> h", "affine(h, w, b) -> y"]
forward = "twice_forward(x, w, b) -> y, kept"
backward = "twice_backward(dy, kept) -> dx, dw, db"
points = {forward = 1, dx = 1, dw = 1, db = 1}
"""
RIGHT_TWICE = (
    RIGHT_AFFINE
    + """
def twice_forward(x, w, b):
    h, first = affine_forward(x, w, b)
    y, second = affine_forward(h, w, b)
    return y, (first, second)
def twice_backward(dout, kept):
    first, second = kept
    dh, dw2, db2 = affine_backward(dout, second)
    dx, dw1, db1 = affine_backward(dh, first)
    return dx, dw1 + dw2, db1 + db2
"""
)


def found(old: str, new: str, text: str = AFFINE_SPLIT + TWICE):
    assert old in RIGHT_TWICE
    record = marked(text, RIGHT_TWICE.replace(old, new))
    return record, {stage: status for stage, status in statuses(record).items() if status != "ok"}


def test_right_is_right():
    assert set(statuses(marked(AFFINE_SPLIT + TWICE, RIGHT_TWICE)).values()) == {"ok"}


@pytest.mark.parametrize("split", [True, False])
def test_a_wrong_gradient_is_not_charged_again(split):
    text = (AFFINE_SPLIT if split else AFFINE) + TWICE
    record, wrong = found("dout.sum(axis=0)", "dout.mean(axis=0)", text)
    stage = "db" if split else "backward"
    assert wrong == {f"affine.{stage}": "wrong", "twice.db": "blocked-by"}
    blocked = stage_of(record, "twice", "db")
    assert (blocked["blocked_by"], blocked["charged"]) == ("affine", "affine")
    assert f"({stage})" in blocked["headline"]


def test_a_wrong_forward_is_not_charged_again():
    _, wrong = found("return x @ w + b,", "return x @ w - b,")
    assert wrong["affine.forward"] == "wrong" and wrong["twice.forward"] == "blocked-by"
    assert "wrong" not in {status for stage, status in wrong.items() if stage.startswith("twice")}


def test_a_mistake_of_its_own_is_charged():
    assert found("dw1 + dw2", "dw1")[1] == {"twice.dw": "wrong"}
    assert found("return y, (first", "return y + 1, (first")[1]["twice.forward"] == "wrong"


def test_a_forward_of_its_own_is_charged_although_a_gradient_elsewhere_is_wrong():
    code = RIGHT_TWICE.replace("dout.sum(axis=0)", "dout.mean(axis=0)").replace("return y, (first", "return -y, (first")
    assert statuses(marked(AFFINE_SPLIT + TWICE, code))["twice.forward"] == "wrong"


@pytest.mark.parametrize("of", ["return x @ w + b,", "dout.sum(axis=0)"])
def test_a_missing_function_is_left_alone(of):
    code = RIGHT_TWICE.replace(of, of.replace("+ b", "- b").replace("sum", "mean"))
    code = code.replace("def twice_forward", "def somewhat_else").replace("def twice_backward", "def and_more")
    record = marked(AFFINE_SPLIT + TWICE, code)
    assert statuses(record)["twice.forward"] == "missing-function"
    assert stage_of(record, "twice", "dx")["blocked_by"] in ("", "forward")
