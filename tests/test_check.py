"""`gradproof.check` on forwards and backwards as people write them: the verdict, and whether the words are of use."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradproof
from gradproof.loading import load, of_class

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
BN = {"mode": "train"}
CONV = {"stride": 2, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
DROPOUT = {"mode": "train", "p": 0.5, "seed": 1}


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def layers(file: str) -> Any:
    return load(FIXTURES / f"{file}.py")


def message_of(forward: Any, backward: Any, *inputs: Any, **keywords: Any) -> str:
    with pytest.raises(gradproof.Mismatch) as caught:
        gradproof.check(forward, backward, *inputs, **keywords)
    return str(caught.value)


def statuses(findings: list[gradproof.Finding]) -> dict[str, str]:
    return {f.quantity: f.status for f in reversed(findings)}


def pasted(message: str, folder: Path) -> str:
    """What the message's own script prints in a fresh process."""
    _, found, script = message.partition("to see it, run:\n\n")
    assert found, message
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=folder, env=environment
    )
    assert run.returncode == 0, f"{script}\n{run.stderr}"
    return run.stdout


# -- right ones are proved ---

LABELS = np.array([0, 2, 1, 1])
WORDS = np.array([[0, 2, 2], [1, 0, 3]])
RECURRENT = (normal(3, 4), normal(3, 2), normal(4, 2), normal(2, 2), normal(2))
LSTM = (normal(3, 4), normal(3, 2), normal(3, 2, seed=1), normal(4, 8), normal(2, 8), normal(8))
NETWORK = (normal(4, 3), LABELS, normal(3, 5), normal(5), normal(5, 4), normal(4))

PROVED = [
    ("array_layers", "affine", (normal(3, 2, 2), normal(4, 5), normal(5)), "y dx dw db"),
    ("array_layers", "relu", (normal(3, 4),), "y dx"),
    ("array_layers", "batchnorm", (normal(4, 3), normal(3), normal(3, seed=1), BN), "y dx dgamma dbeta"),
    ("array_layers", "conv", (normal(2, 2, 5, 5), normal(3, 2, 3, 3), normal(3), CONV), "y dx dw db"),
    ("array_layers", "max_pool", (normal(2, 2, 4, 4), POOL), "y dx"),
    ("array_layers", "rnn_step", RECURRENT, "y dx dprev_h dWx dWh db"),
    ("array_layers", "lstm_step", LSTM, "y dx dprev_h dprev_c dWx dWh db"),
    ("array_layers", "word_embedding", (WORDS, normal(4, 5)), "y dW"),
    ("array_layers", "dropout", (normal(3, 4), DROPOUT), "y dx"),
    ("assorted", "two_layer", NETWORK, "out dX dW1 db1 dW2 db2"),
    ("assorted", "attention", (normal(3, 4), normal(5, 4), normal(5, 2)), "y dq dk dv"),
    ("assorted", "prelu", (normal(3, 4), 0.25), "y dx dalpha"),
    ("assorted", "layernorm", (normal(3, 4), normal(4), normal(4, seed=1)), "y dx dgamma dbeta"),
    ("assorted", "cosine", (normal(5), normal(5, seed=1)), "y da db"),
    ("assorted", "cachelast", (normal(3, 4),), "y dx"),
    ("assorted", "total", (normal(3), normal(3, seed=1), normal(3, seed=2)), "y dx0 dx1 dx2"),
    ("assorted", "heads", (normal(3, 4), normal(4, 6), 2), "y dx dw"),
    ("column_layers", "linear2", (normal(4, 3), normal(5, 4), normal(5, 1)), "y dA dW db"),
]


@pytest.mark.parametrize(("file", "name", "inputs", "quantities"), PROVED, ids=[row[1] for row in PROVED])
def test_right_layers_agree(file: str, name: str, inputs: tuple[Any, ...], quantities: str):
    module = layers(file)
    suffix = "_naive" if name in ("conv", "max_pool") else ""
    forward, backward = (getattr(module, f"{name}_{way}{suffix}") for way in ("forward", "backward"))
    findings = gradproof.check(forward, backward, *inputs)
    assert list(statuses(findings)) == quantities.split()[::-1] or set(statuses(findings)) == set(quantities.split())
    assert {f.status for f in findings} == {"agree"}
    assert not any("not a proof" in f.message for f in findings)


def test_the_dict_that_a_layer_writes_into_stays_as_it_was():
    module = layers("array_layers")
    parameters = {"mode": "train"}
    gradproof.check(module.batchnorm_forward, module.batchnorm_backward, normal(4, 3), normal(3), normal(3), parameters)
    gradproof.check(
        module.batchnorm_forward, module.batchnorm_backward, normal(4, 3), normal(3), normal(3), bn_param=parameters
    )
    assert parameters == {"mode": "train"}


def test_outputs_of_several_that_share_memory_are_remarked_on():
    def forward(x, w):
        y = x @ w
        return y, y[-1], (x, w)

    def backward(dy, dlast, saved):
        x, w = saved
        d = np.concatenate([dy[:-1], dy[-1:] + dlast])
        return d @ w.T, x.T @ d

    findings = gradproof.check(forward, backward, normal(3, 4), normal(4, 2))
    assert {f.status for f in findings} == {"agree"}
    remark = "outputs[1] shares memory with outputs[0]: writing into one changes the other"
    assert [(f.quantity, f.message) for f in findings if f.reason == "view"] == [("y", remark)]


def test_an_output_of_several_that_is_another_at_each_call_is_named():
    calls = []

    def forward(x):
        calls.append(1)
        return x * 2, x * (1 + len(calls)), None

    message = message_of(forward, lambda dy, dz, _: 2 * dy + 3 * dz, normal(3))
    assert "a second call with the same arguments gives another outputs[1]" in message


def test_inputs_are_copied():
    def forward(x):
        x *= 2
        return x, None

    x = normal(3)
    kept = x.copy()
    message = message_of(forward, lambda dy, _: 2 * dy, x)
    assert "the forward changes its input x" in message
    assert np.array_equal(x, kept)


def square(x):
    return x**2, x


def twice(dy, x):
    return 2 * dy * x


@pytest.mark.parametrize(
    "x",
    [
        np.array(0.5),
        0.5,
        np.float64(0.5),
        [1.0, -2.0, 3.0],
        np.asfortranarray(normal(3, 4)),
        normal(6, 8)[::2, ::-2],
        np.broadcast_to(normal(4), (3, 4)),
        normal(3, 4).astype(np.float32),
        normal(3, 1),
    ],
    ids=["0-d", "float", "numpy-scalar", "list", "fortran", "strided", "read-only-view", "float32", "size-one"],
)
def test_every_kind_of_input(x: Any):
    findings = gradproof.check(square, twice, x)
    assert statuses(findings) == {"y": "agree", "dx": "agree"}


def test_options_pass_through():
    def elu(x, *, alpha=1.0):
        return np.where(x > 0, x, alpha * np.expm1(x)), (x, alpha)

    def elu_backward(dy, cache):
        x, alpha = cache
        return dy * np.where(x > 0, 1, alpha * np.exp(x))

    gradproof.check(elu, elu_backward, normal(3, 4), alpha=0.3)


def test_a_declared_target_has_no_gradient():
    module = layers("assorted")
    p, t = normal(3, 4), normal(3, 4, seed=1)
    for nondiff in (["target"], "target", [1], [-1]):
        findings = gradproof.check(module.mse_forward, module.mse_backward, p, t, nondiff=nondiff)
        assert statuses(findings) == {"y": "agree", "dpred": "agree"}
    message = message_of(module.mse_forward, module.mse_backward, p, t)
    assert message.startswith("mse_forward: the backward returned 1 gradient; expected 2: dpred, dtarget")
    assert "nondiff" in message


def test_y_alone_goes_with_the_inputs():
    def forward(x, w):
        return np.tanh(x @ w)

    def backward(dy, x, w):
        d = dy * (1 - np.tanh(x @ w) ** 2)
        return d @ w.T, x.T @ d

    gradproof.check(forward, backward, normal(3, 4), normal(4, 2))


def test_a_function_that_returns_loss_and_gradients():
    module = layers("array_layers")
    for loss in (module.softmax_loss, module.svm_loss):
        assert statuses(gradproof.check(loss, None, normal(4, 3), LABELS)) == {"out": "agree", "dx": "agree"}

    def forgets_to_average(x, y):
        loss, dx = module.softmax_loss(x, y)
        return loss, dx * len(x)

    assert "every entry is the true one times x.shape[0] = 4" in message_of(
        forgets_to_average, None, normal(4, 3), LABELS
    )


def test_two_methods_of_one_object():
    module = layers("class_layers")
    layer = module.Affine(normal(4, 5), normal(5))
    assert statuses(gradproof.check(layer.forward, layer.backward, normal(3, 4))) == {"y": "agree", "dx": "agree"}
    assert layer.x is None, "the caller's object is left alone"


def test_the_constructors_arguments_have_gradients_on_the_object():
    module = layers("class_layers")
    inputs = normal(4, 5), normal(5), normal(3, 4)
    assert set(statuses(gradproof.check(*of_class(module.Affine), *inputs))) == {"y", "dW", "db", "dx"}
    message = message_of(*of_class(module.AffineWrong), *inputs)
    assert message.startswith("AffineWrong: db is wrong") and "1/x.shape[0] = 1/3" in message


def test_views_are_remarks():
    module = layers("assorted")
    findings = gradproof.check(module.add_forward, module.add_backward, normal(3), normal(3, seed=1))
    assert {f.status for f in findings} == {"agree"}
    assert any(f.reason == "view" and "shares memory with the cotangent" in f.message for f in findings)
    gradproof.check(module.flat_forward, module.flat_backward, np.asfortranarray(normal(3, 2, 2)))


# -- wrong ones are caught, and told why ---


def test_a_missing_average_is_named():
    module = layers("column_layers")
    message = message_of(module.linear_forward, module.linear_backward, normal(4, 3), normal(5, 4), normal(5, 1))
    assert message.startswith("linear_forward: dW and db are wrong\n")
    assert "worst entry dW[" in message and "times the allowance" in message
    assert "every entry is the true one times 1/A.shape[1] = 1/3" in message
    assert "right: y, dA" in message


WRONG: list[tuple[str, Callable[..., Any], Callable[..., Any], tuple[Any, ...], str]] = [
    ("ignores dy", square, lambda dy, x: 2 * x, (normal(3),), "does not use its upstream gradient"),
    (
        "spoils dy",
        lambda x: (np.maximum(x, 0), x),
        lambda dy, x: _spoil(dy, x),
        (normal(5),),
        "changes the cotangent dy",
    ),
    (
        "spoils its cache",
        lambda x: 2 * (np.tanh(x),),
        lambda dy, s: _spoil_cache(dy, s),
        (normal(5),),
        "changes the cache",
    ),
    ("transposed", lambda a: (a @ a, a), lambda dy, a: a.T @ dy + dy @ a, (normal(3, 3),), "da is wrong"),
    (
        "too few",
        lambda x, w: (x @ w, w),
        lambda dy, w: dy @ w.T,
        (normal(2, 3), normal(3, 2)),
        "returned 1 gradient; expected 2: dx, dw",
    ),
    ("none at all", square, lambda dy, x: None, (normal(3),), "the backward returned None"),
    ("wrong keys", square, lambda dy, x: {"dz": dy}, (normal(3),), "dict has no dx; its keys are dz"),
    (
        "unsummed bias",
        lambda x, b: (x + b, None),
        lambda dy, _: (dy * 1, dy * 1),
        (normal(3, 2), normal(2)),
        "db has shape (3, 2); expected (2,)",
    ),
    ("raises", square, lambda dy, x: dy @ x.T @ x.T @ x, (normal(2, 3),), "the backward raised ValueError"),
    ("forward raises", lambda x: (nothing, x), twice, (normal(3),), "raised NameError: name 'nothing'"),  # noqa: F821
    (
        "random",
        lambda x: (x * np.random.rand(3), 1),
        lambda dy, _: dy,
        (normal(3),),
        "draws random numbers or keeps state",
    ),
    (
        "upcasts",
        lambda x: (x * np.float64(2), 1),
        lambda dy, _: 2 * dy,
        (normal(3).astype("f4"),),
        "y is float64; expected float32",
    ),
    (
        "overwrites",
        lambda i, w: (w[i], (i, w.shape)),
        lambda dy, c: _scatter(dy, c),
        (np.array([1, 1, 0]), normal(2, 3)),
        "dw is wrong",
    ),
]


def _spoil(dy, x):
    dy[x <= 0] = 0
    return dy


def _spoil_cache(dy, s):
    s *= s
    return dy * (1 - s)


def _scatter(dy, cache):
    i, shape = cache
    dw = np.zeros(shape)
    dw[i] += dy
    return dw


@pytest.mark.parametrize(
    ("forward", "backward", "inputs", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_wrong_ones_are_told_why(forward: Any, backward: Any, inputs: Any, words: str):
    message = message_of(forward, backward, *inputs)
    assert words in message
    assert "Traceback" not in message and "Jet" not in message and "Traced" not in message


def test_a_single_wrong_entry_is_found_and_named():
    def backward(dy, cache):
        dx = twice(dy, cache)
        dx[1, 2] *= 1 + 1e-9
        return dx

    message = message_of(square, backward, normal(3, 4))
    assert "worst entry dx[1, 2]" in message
    assert "1 of 12 entries are wrong" in message or "only index" in message


def test_spoiling_the_cache_is_one_fault_not_three():
    message = message_of(lambda x: 2 * (np.tanh(x),), _spoil_cache, normal(5))
    assert message.startswith("<lambda>: dx is wrong") and "beyond-allowance" not in message


def test_float32_hides_nothing():
    def backward(dy, x):
        return dy * (2 * x + np.float32(1e-9))

    gradproof.check(square, twice, normal(5).astype(np.float32))
    assert "dx is wrong" in message_of(square, backward, normal(5).astype(np.float32))


def test_mismatch_is_an_assertion_with_the_findings():
    with pytest.raises(AssertionError) as caught:
        gradproof.check(square, lambda dy, x: dy * x, normal(3))
    assert isinstance(caught.value, gradproof.Mismatch)
    assert [f.quantity for f in caught.value.findings if f.failed] == ["dx"]


def test_the_same_seed_gives_the_same_words():
    first, second = (message_of(square, lambda dy, x: dy * x, normal(3), seed=5) for _ in range(2))
    assert first == second


# -- the script in the message ---


def test_the_script_runs_and_prints_the_numbers_it_claims(tmp_path: Path):
    module = layers("column_layers")
    message = message_of(module.linear_forward, module.linear_backward, normal(4, 3), normal(5, 4), normal(5, 1))
    got = re.search(r"worst entry dW\[(.*?)\]: true (\S+), got (\S+)", message)
    assert got
    assert pasted(message, tmp_path) == f"dW[{got[1]}] = {got[3]}\ntrue value: {got[2]}\n"


def test_the_script_of_a_class_runs(tmp_path: Path):
    module = layers("class_layers")
    message = message_of(*of_class(module.AffineWrong), normal(4, 5), normal(5), normal(3, 4))
    assert re.match(r"db\[\d\] = \S+\ntrue value: \S+\n", pasted(message, tmp_path))


def test_the_script_of_a_loss_and_of_a_spoilt_cotangent_run(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n\ndef loss(x):\n    return (x * x).sum(), x\n\n"
        "def relu_forward(x):\n    return np.maximum(x, 0), x\n\n"
        "def relu_backward(dout, x):\n    dout[x <= 0] = 0\n    return dout\n"
    )
    mine = load(tmp_path / "mine.py")
    assert "dx[" in pasted(message_of(mine.loss, None, normal(3)), tmp_path)
    assert pasted(message_of(mine.relu_forward, mine.relu_backward, normal(5)), tmp_path) == "dy unchanged: False\n"


def test_the_script_of_functions_inside_a_test_holds_their_source(tmp_path: Path):
    def cube(x):
        return x**3, x

    def cube_backward(dy, x):
        return 2 * dy * x**2

    assert "dx[" in pasted(message_of(cube, cube_backward, normal(3)), tmp_path)


def test_the_script_passes_dicts_and_several_outputs(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        "def forward(x, p):\n    return x * p['scale'], x + 1.0, (x, p)\n\n"
        "def backward(da, db, cache):\n    x, p = cache\n    return da * p['scale']\n"
    )
    mine = load(tmp_path / "mine.py")
    assert "dx[" in pasted(message_of(mine.forward, mine.backward, normal(3), {"scale": 2.0}), tmp_path)


def test_large_inputs_are_not_printed():
    message = message_of(square, lambda dy, x: dy * x, normal(30, 30))
    assert "too large to print here: x (30, 30)" in message and len(message) < 2000


# -- what exact numbers cannot run ---


def logistic(x):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = 1 / (1 + math.exp(-x[i]))
    return y, y


def logistic_backward(dy, y):
    return dy * y * (1 - y)


def test_the_fallback_is_said():
    for dtype in (np.float64, np.float32):
        findings = gradproof.check(logistic, logistic_backward, normal(5).astype(dtype))
        assert statuses(findings) == {"y": "undecided", "dx": "agree"}
        assert "fallback: central differences" in findings[-1].message
        assert "math.exp(-x[i])" in findings[-1].message


def test_the_fallback_names_the_function_and_catches():
    def inverse(a):
        b = np.linalg.inv(a)
        return b, b

    a = normal(3, 3) + 3 * np.eye(3)
    findings = gradproof.check(inverse, lambda dy, b: -b.T @ dy @ b.T, a)
    assert "np.linalg.inv" in findings[-1].message and "fallback: complex step" in findings[-1].message
    assert "transposed" in message_of(inverse, lambda dy, b: -(b.T @ dy @ b.T).T, a)


def test_random_numbers_inside_do_not_crash_an_exact_run():
    def forward(x):
        np.random.seed(3)
        mask = (np.random.rand(*x.shape) < 0.5) * np.random.default_rng(1).uniform(1, 2, x.shape)
        return x * mask, mask

    findings = gradproof.check(forward, lambda dy, mask: dy * mask, normal(3, 4))
    assert statuses(findings) == {"y": "agree", "dx": "agree"}


def test_a_backward_that_exact_numbers_cannot_run_is_judged_by_the_forwards_derivative():
    def forward(x):
        return x * x * x, x

    def backward(dy, x):
        return np.array([float(g) * 3 * float(v) ** 2 for g, v in zip(dy, x, strict=True)])

    findings = gradproof.check(forward, backward, normal(5))
    assert statuses(findings) == {"y": "agree", "dx": "agree"}
    assert "the backward did not run exactly: float() was called on an exact number" in findings[-1].message
    assert "dx is wrong" in message_of(forward, lambda dy, x: backward(dy, x) * (1 + 1e-12), normal(5))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_infinite_masks(scale: float):
    def forward(q, k, v):
        s = np.where(np.tril(np.ones((3, 3))) == 1, q @ k.T / 2, -np.inf)
        e = np.exp(s - s.max(-1, keepdims=True))
        p = e / e.sum(-1, keepdims=True)
        return p @ v, (q, k, v, p)

    def backward(dy, cache):
        q, k, v, p = cache
        dp = dy @ v.T
        ds = scale * p * (dp - (dp * p).sum(-1, keepdims=True)) / 2
        return ds @ k, ds.T @ q, p.T @ dy

    inputs = normal(3, 4), normal(3, 4, seed=1), normal(3, 4, seed=2)
    if scale == 1:
        assert set(statuses(gradproof.check(forward, backward, *inputs)).values()) == {"agree"}
    else:
        assert message_of(forward, backward, *inputs).startswith("forward: dq and dk are wrong")


def linear(x, w):
    return np.maximum(x @ w, 0), (x, w)


def linear_backward(dy, cache):
    x, w = cache
    dy = dy * (x @ w > 0)
    return dy @ w.T, x.T @ dy


def test_large_arrays_take_seconds_not_minutes():
    x, w = normal(200, 784), normal(784, 100)
    start = time.monotonic()
    findings = gradproof.check(linear, linear_backward, x, w)
    assert time.monotonic() - start < 60
    assert "more than" in findings[-1].message and "smaller arrays" in findings[-1].message

    def one_entry_off(dy, cache):
        dx, dw = linear_backward(dy, cache)
        dw[17, 33] += 1e-3
        return dx, dw

    assert "worst entry dw[17, 33]" in message_of(linear, one_entry_off, x, w)


def test_a_first_verdict_takes_a_second_and_imports_no_framework(tmp_path: Path):
    program = (
        "import sys, time; start = time.monotonic(); import numpy as np, gradproof\n"
        "forward, backward = lambda x, w: (x @ w, (x, w)), lambda dy, c: (dy @ c[1].T, c[0].T @ dy)\n"
        "gradproof.check(forward, backward, np.ones((3, 4)), np.ones((4, 2)))\n"
        "print(time.monotonic() - start)\n"
        "heavy = {'torch', 'keras', 'tensorflow', 'jax', 'hypothesis', 'rich', 'scipy'}\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & heavy))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=tmp_path, env=environment
    )
    seconds, modules = run.stdout.splitlines()
    assert modules == "[]"
    assert float(seconds) < 5  # a fraction of a second on an idle machine


# -- calls that make no sense ---


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gradproof.check(square, twice), "missing a required argument: 'x'"),
        (lambda: gradproof.check(square, twice, normal(3), power=3), "unexpected keyword argument 'power'"),
        (lambda: gradproof.check(square, twice, "abc"), "no input is an array"),
        (lambda: gradproof.check(square, twice, np.array([1, 2])), "no input has a gradient"),
        (lambda: gradproof.check(square, twice, np.array([1.0, np.nan])), "input x holds nan"),
        (lambda: gradproof.check(square, twice, normal(3).astype(np.float16)), "input x is float16"),
        (lambda: gradproof.check(square, twice, normal(3) + 1j), "input x is an array of complex128"),
        (lambda: gradproof.check(square, twice, normal(3), nondiff=["z"]), "nondiff names 'z'; the inputs are x"),
        (lambda: gradproof.check(square, normal(3), normal(3)), "the backward is ndarray, not a function"),
        (lambda: gradproof.check(square, None, normal(3)), "does not return (loss, gradients)"),
        (lambda: gradproof.check(square, lambda: 0, normal(3)), "backward(dy, cache); it takes 0"),
        (lambda: gradproof.check(lambda x: None, twice, normal(3)), "the forward returned None"),
        (lambda: gradproof.check(lambda x: ("a", x), twice, normal(3)), "expected an array of floating numbers"),
        (lambda: gradproof.check(lambda x: (x, x, x, x), twice, normal(3)), "the forward returns 4 values"),
    ],
)
def test_one_clear_sentence(call: Callable[[], Any], words: str):
    with pytest.raises(ValueError) as caught:
        call()
    assert words in str(caught.value) and "\n" not in str(caught.value)


# -- inside a property test ---


@settings(max_examples=10)
@given(n=st.integers(1, 4), m=st.integers(1, 4), seed=st.integers(0, 9))
def test_inside_hypothesis(n: int, m: int, seed: int):
    gradproof.check(linear, linear_backward, normal(n, 3, seed=seed), normal(3, m, seed=seed))
