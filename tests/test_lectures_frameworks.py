"""The lectures' gradients in PyTorch and Keras, from the same weights: judged by the same truth and allowance.

The frameworks run in workers, as in an audit. Their folder of counterparts is a copy that holds the lectures' too.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
import sys

import pytest

import gradproof.lectures.counterparts as own_counterparts
from gradproof.lectures import all_systems, proving
from gradproof.truth import coarse
from gradproof.verdict import About, Results, judge
from gradproof.workers.pool import Request, Worker, frameworks_root

GRADIENTS = {g.name: g for s in all_systems().values() for g in s.gradients}


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """A folder whose `frameworks` package has the lectures' counterparts beside its own."""
    folder = tmp_path_factory.mktemp("root")
    ignore = shutil.ignore_patterns("__pycache__", "__init__.py")
    shutil.copytree(
        frameworks_root() / "frameworks", folder / "frameworks", ignore=shutil.ignore_patterns("__pycache__")
    )
    (own,) = own_counterparts.__path__
    shutil.copytree(own, folder / "frameworks" / "counterparts", ignore=ignore, dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="session", params=["pytorch", "keras"])
def worker(request, root):
    worker = Worker(request.param, request.param, sys.executable, root=root)
    hello = worker.hello()
    if hello.status == "absent":
        pytest.skip(f"{request.param}: {hello.message}")
    assert hello.status == "ready", hello.message
    yield worker
    worker.close()


def findings_of(worker, gradient, seed=0):
    truth, (inputs, cotangents) = proving.truth_of(gradient, seed)
    pair = proving.pair_of(gradient, inputs)
    request = Request(gradient.operation or gradient.name, {}, inputs, pair.differentiable, cotangents)
    reply = worker.submit(request).result(timeout=180)
    assert reply.status == "ok", reply.message
    about = About("", gradient.name, "float64", "", worker.name, pair.output)
    results = Results(reply.y, reply.gradients, reply.native)
    return judge(about, truth, results, lambda: coarse(pair, inputs, cotangents, truth))


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
def test_the_framework_agrees(worker, gradient):
    findings = findings_of(worker, gradient)
    assert len(findings) >= 2
    assert {f.quantity: f.status for f in findings} == {f.quantity: "agree" for f in findings}


def test_a_framework_that_computed_something_else_would_be_seen(worker):
    """The same inputs through another network: every quantity is wrong, so that agreement means something."""
    gradient = GRADIENTS["vectorised_neuron"]
    other = next(g for g in GRADIENTS.values() if g.name == "linear_regression")
    truth, (inputs, cotangents) = proving.truth_of(gradient)
    pair = proving.pair_of(gradient, inputs)
    renamed = dict(zip(("x", "w", "b", "target"), inputs.values(), strict=True))
    reply = worker.submit(Request(other.name, {}, renamed, pair.differentiable, cotangents)).result(timeout=180)
    assert reply.status == "ok", reply.message
    findings = judge(
        About("", gradient.name, "float64", "", worker.name, pair.output), truth, Results(reply.y, reply.gradients)
    )
    assert {f.status for f in findings} == {"wrong"}


def test_every_counterpart_belongs_to_a_gradient():
    found = {m.name for m in pkgutil.iter_modules(own_counterparts.__path__) if not m.name.startswith("_")}
    assert found == {name for name, gradient in GRADIENTS.items() if not gradient.operation}


@pytest.mark.parametrize("name", [n for n, g in GRADIENTS.items() if not g.operation])
def test_a_counterpart_speaks_for_both_frameworks(name):
    module = importlib.import_module(f"{own_counterparts.__name__}.{name}")
    assert callable(module.pytorch) and callable(module.keras)
    assert module.__doc__
