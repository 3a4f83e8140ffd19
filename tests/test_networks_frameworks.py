"""The ready networks as PyTorch and Keras build them, from the same weights, before the NumPy network's truth.

The frameworks run in processes of their own, as in `gradproof compare`.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from gradproof.networks import ready_networks
from gradproof.networks.comparing import NetworkTruth, compare, draw_case
from gradproof.networks.sides import Model, Task

READY = ready_networks()
MODULES = {"pytorch": ("torch",), "keras": ("keras", "tensorflow")}

# Keras casts Python floats through float32, also in float64: Adam's powers of beta, and attention's 1 / sqrt(d).
FLOAT32_INSIDE = {("keras", "residual_block", "float64"): "step", ("keras", "transformer_block", "float64"): "forward"}


@pytest.fixture(scope="module", params=MODULES)
def model(request):
    missing = [name for name in MODULES[request.param] if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    side = Model(f"{request.param}:mlp")
    side.peek()
    yield side
    side.close()


def comparison(model, name, dtype, steps=2):
    case = draw_case(READY[name], steps=steps, dtype=dtype)
    model.reference = f"{model.framework}:{name}"
    opening = model.open(case.x, READY[name].tokens, dtype)
    task = Task(case.network.loss, case.network.optimiser, steps, dtype, case.x, case.target)
    return opening, case, compare(NetworkTruth(case), model.framework, model.run(case.parameters, task))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", READY)
def test_a_ready_network_agrees_with_the_truth(model, name, dtype):
    _, _, found = comparison(model, name, dtype)
    where = FLOAT32_INSIDE.get((model.framework, name, dtype))
    if where is None:
        assert found.first is None, (str(found.first), found.first.finding)
        return
    assert found.first is not None and found.first.where == where, "the framework keeps float64 now: drop the entry"
    assert float(found.first.finding.worst.error) < 1e-7


@pytest.mark.parametrize("name", READY)
def test_weights_come_back_as_they_were_given(model, name):
    opening, case, _ = comparison(model, name, "float32", steps=0)
    assert set(opening.parameters) == set(case.parameters)
    for parameter, drawn in case.parameters.items():
        np.testing.assert_array_equal(opening.parameters[parameter], drawn)


def test_every_layer_is_shown(model):
    for name, network in READY.items():
        _, _, found = comparison(model, name, "float32", steps=0)
        shown = {f.quantity for where, _, f in found.found if where == "forward"}
        assert shown == {step.layer.name for step in network.walk()}
