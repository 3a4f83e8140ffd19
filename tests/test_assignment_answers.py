"""Marking the ready-made assignments: a right solution gets everything, the students' skeleton nothing, in words."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from gradproof.grading.assignments.assignment import read, ready_made
from gradproof.grading.assignments.starter import module
from gradproof.grading.marks.marking import mark, plan_of
from tests.marking_cases import source_of
from tests.marking_fake import FakeSandbox

ANSWERS = Path(__file__).parents[1] / "assignments" / "answers"
plan_for = functools.cache(lambda name: plan_of(read(name), "of the tests"))


def marked(name: str, code: str):
    plan = plan_for(name)
    return mark(source_of(code), plan.assignment, "a student", plan=plan, box=FakeSandbox, diagnosing=False)


def answer(name: str) -> str:
    return (ANSWERS / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ready_made())
def test_a_right_solution_gets_every_point(name):
    record = marked(name, answer(name))
    wrong = [(s["task"], s["stage"], s["status"], s["headline"]) for s in record["stages"] if s["status"] != "ok"]
    assert wrong == []
    assert record["score"] == record["max_score"] == read(name).max_score


@pytest.mark.parametrize("name", ready_made())
def test_the_skeleton_gets_no_point_and_says_what_is_to_be_written(name):
    record = marked(name, module(read(name)))
    assert record["status"] == "graded"
    assert record["score"] == 0
    assert {s["status"] for s in record["stages"]} <= {"raised", "blocked-by"}
    assert any("write " in s["headline"] + s["explanation"] for s in record["stages"])


SLIPS = [
    # assignment, what becomes what in the right solution, the task and stages that lose their points
    ("lecture-000", ("np.sum(d, axis=0, keepdims=True)", "np.full_like(bo, np.mean(d))"), "network", {"dbo"}),
    ("lecture-000", ("dWo, bo - learningRate * dbo", "dWo, bo + learningRate * dbo"), "update", {"backward"}),
    ("lecture-001", ("dz1 = (w2.T @ dz2) * a1 * (1 - a1)", "dz1 = w2.T @ dz2"), "forward-pass", {"backward"}),
    ("lecture-001", ("/ (2 * len(target))", "/ (3 * len(target))"), "mse", {"forward"}),
    ("lecture-002", ("np.sum(e, axis=-1, keepdims=True)", "np.sum(e)"), "softmax", {"latent"}),
    ("lecture-002", ("np.where(Z > 0, 1.0, 0.0).astype(Z.dtype)", "np.sign(Z)"), "relu-derivative", {"backward"}),
    ("lecture-003", ("self.y * dz, self.x * dz", "self.x * dz, self.y * dz"), "multiply", {"backward", "latent"}),
    ("lecture-003", ("D2.dot(W2.T)", "D2.dot((W2 + A1.T.dot(D2) * lr).T)"), "xor-step", {"dW1"}),
    ("lecture-004", ("w2[1:].T", "w2[:-1].T"), "network", {"dw1"}),
    ("lecture-004", ("1.0 / (1.0 - ratio)", "1.0"), "dropout", {"forward"}),
    ("lecture-004", ("h2 = h2 * Dropout(h2, 0.2)", "h2 = h2 * Dropout(h2, 0.0)"), "dropout-network", {"forward"}),
    ("cs231n-a1", ("dW1 + self.reg * W1", "dW1"), "two-layer-net", {"dw1"}),
    ("cs231n-a1", ("log_p[rows, y].sum() / len(x)", "log_p[rows, y].sum()"), "softmax-loss", {"forward"}),
    ("cs231n-a2", ("(*x.shape) < p) / p", "(*x.shape) < 1 - p) / p"), "dropout", {"forward"}),
    ("cs231n-a2", ("running_mean + (1 - momentum) *", "running_mean + momentum *"), "batchnorm", {"forward"}),
    ("cs231n-a2", ("j * stride : j * stride + m]\n            out[:, :, i, j] = np.t",
                   "j : j + m]\n            out[:, :, i, j] = np.t"), "conv", {"latent"}),
    ("cs231n-a2", ("j * stride + s] += dout", "j * stride + s] = dout"), "max-pool", {"latent"}),
    ("cs231n-a2", ("beta1 ** config", "beta1 * config"), "adam", {"forward"}),
    ("cs231n-a3", ("np.add.at(dW, x, dout)", "dW[x] += dout"), "word-embedding", {"backward"}),
    ("cs231n-a3", ("wanted != self.null", "np.ones(wanted.shape)"), "captioning", {"forward"}),
    ("cs231n-a3", ("place // 2 * 2 / features", "place / features"), "positional-encoding", {"forward", "latent"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "slip", "task", "stages"), SLIPS, ids=[f"{s[0]}-{s[2]}-{k}" for k, s in enumerate(SLIPS)]
)
def test_a_slip_costs_the_points_of_its_stages_and_no_others(name, slip, task, stages):
    before, after = slip
    right = answer(name)
    assert re.search(re.escape(before), right)
    plan = plan_for(name)
    code = source_of(right.replace(before, after, 1))
    record = mark(code, plan.assignment, "a student", plan=plan, box=FakeSandbox, diagnosing=False, tasks=[task])
    assert {s["stage"] for s in record["stages"] if s["status"] != "ok"} == stages, record["stages"]
    assert record["status"] == "graded"
    assert all(s["score"] == 0 for s in record["stages"] if s["status"] != "ok")
