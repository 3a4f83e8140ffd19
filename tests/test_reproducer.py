"""Reproducers: scripts of NumPy alone that run when pasted and print the numbers of the finding."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradproof import frame
from gradproof.cases import Spec, build, example_sizes
from gradproof.gathering import gathered, source_of
from gradproof.pair import of_operation
from gradproof.recording import cotangents_by_output
from gradproof.reference import operations
from gradproof.reproducer import literal, script

OPERATIONS = operations()
SCALE = 3
LOOKUP = (0.5, 0.25)


def run(text, cwd):
    """The script's lines of output, from a Python that knows NumPy and not this checkout."""
    done = subprocess.run([sys.executable, "-I", "-c", text], cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + text
    assert done.stderr == ""
    return done.stdout.splitlines()


def case_of(name, dtype, option=0, layout="strided"):
    op = OPERATIONS[name]
    options = {n: values[min(option, len(values) - 1)] for n, values in op.options.items()}
    sizes = tuple(example_sizes(op, options).items())
    return op, build(Spec(name, dtype, sizes, tuple(options.items()), "ordinary", layout, 3), op)


@pytest.mark.parametrize("option", [0, 1])
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_script_of_an_operation_runs_alone_and_prints_the_same_number(name, option, tmp_path):
    if option and not OPERATIONS[name].options:
        return
    op, case = case_of(name, "float32", option)
    differentiable = op.differentiable(case.options)
    results = frame.run(of_operation(op, case.options), case.inputs, case.cotangents)
    quantity = f"d{differentiable[-1]}" if differentiable else op.output
    y, *_ = op.forward(*case.inputs.values(), **case.options)
    gradient = results.gradients[1][differentiable[-1]] if differentiable else y
    index = np.unravel_index(int(np.abs(gradient).argmax()), gradient.shape)
    text = script(
        f"{name}: a case",
        (op.forward, op.backward),
        case.inputs,
        differentiable,
        case.options,
        cotangents_by_output(op, case, 1),
        quantity,
        op.outputs or (op.output,),
        [int(i) for i in index],
        {"true value": "0.5", "pytorch 2.0": "0.25"},
    )
    lines = run(text, tmp_path)
    words = [line.split() for line in lines]
    assert words[0][:2] == ["this", "formula"] and np.float32(words[0][2]) == gradient[index]
    assert words[1][:2] == ["in", "float64"] and math.isclose(float(words[1][2]), float(gradient[index]), rel_tol=1e-3)
    assert lines[2:] == ["true value   0.5", "pytorch 2.0  0.25"]
    assert "gradproof" not in text and text.startswith(f"# {name}: a case\n")


@pytest.mark.parametrize(("quantity", "index"), [("y", ()), ("dlogits", (1, 2))])
def test_a_float64_case_is_evaluated_once_and_a_scalar_output_is_printed(quantity, index, tmp_path):
    op, case = case_of("softmax_cross_entropy", "float64")
    text = script(
        "t",
        (op.forward, op.backward),
        case.inputs,
        ("logits",),
        case.options,
        {"y": case.cotangents[0]},
        quantity,
        ("y",),
        index,
        {},
    )
    (line,) = run(text, tmp_path)
    results = frame.run(of_operation(op, case.options), case.inputs, case.cotangents)
    expected = results.y if quantity == "y" else results.gradients[0]["logits"][index]
    assert float(line.split()[-1]) == expected


# -- literals --------------------------------


@settings(max_examples=300)
@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int64, np.int32, np.bool_, np.float16]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    )
)
def test_a_literal_gives_the_same_bits(x):
    again = eval(literal(x), {"np": np})
    assert (again.dtype, again.shape) == (x.dtype, x.shape)
    if x.dtype.kind == "f":
        np.testing.assert_array_equal(np.isnan(again), np.isnan(x))
        x, again = np.where(np.isnan(x), 0, x), np.where(np.isnan(again), 0, again)  # of NaN there is one word
    assert again.astype(x.dtype).tobytes() == x.tobytes()


@given(st.integers(0, 2**32 - 1))
def test_every_float32_survives_its_decimal(bits):
    x = np.array([bits], dtype=np.uint32).view(np.float32)
    if np.isfinite(x[0]):
        assert eval(literal(x), {"np": np}).tobytes() == x.tobytes()


def test_a_strided_or_reversed_array_is_written_in_order():
    x = np.arange(12.0).reshape(3, 4)
    for view in (x.T, x[::-1], x[:, ::2], np.asfortranarray(x)):
        np.testing.assert_array_equal(eval(literal(view), {"np": np}), view)


# -- sources --------------------------------


def helper(x: float) -> float:
    return x * SCALE + sum(LOOKUP)


def by_name(x, *, power=math.pi):
    return np.power(helper(x), power)


def mutual(n):
    return other(n - 1) if n else 0


def other(n):
    return mutual(n - 1) if n else 1


def test_helpers_constants_and_imports_come_along():
    text = source_of(by_name)
    space = {"np": np}
    exec(text, space)
    assert space["by_name"](2.0) == by_name(2.0)
    assert text.index("def helper") < text.index("def by_name")
    assert "SCALE = 3" in text and "LOOKUP = (0.5, 0.25)" in text and "import math" in text
    assert "-> float" not in text


ONE = """
from math import floor as cut
from folder_of_pairs.two import helper as theirs, SCALE as THEIRS, table

SCALE = 2.0
TABLE = {"by": lambda x: x}
LIMIT = float("inf")

def helper(x):
    return x * SCALE

def forward(x, bias=SCALE):
    helped = helper(x)
    scale = [SCALE for SCALE in (1.0, 10.0)]
    said = f"{helper(x)} and {theirs(x)} of {SCALE}"
    return theirs(helped) + THEIRS + SCALE + bias + sum(scale) + cut(2.5) + table(x), (said, LIMIT)
"""
TWO = """
from statistics import fmean as cut

SCALE = 3.0
ADDED = (1.0, float("nan"))

def helper(x):
    scale = SCALE
    return x + scale + ADDED[0]

def doubled(x):
    return 2 * x

table_of = {"doubled": doubled}

def table(x):
    return table_of["doubled"](x) * cut([SCALE, SCALE])

def backward(dy, cache):
    helper_of_one = 5.0
    return helper(dy) * SCALE + helper_of_one + table(dy)
"""


@pytest.fixture
def two_files(tmp_path, monkeypatch):
    """Two modules of one package that call different things alike."""
    folder = tmp_path / "folder_of_pairs"
    folder.mkdir()
    for name, text in (("__init__", ""), ("one", ONE), ("two", TWO)):
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    found = [importlib.import_module(f"folder_of_pairs.{name}") for name in ("one", "two")]
    yield found
    for name in ("", ".one", ".two"):
        del sys.modules[f"folder_of_pairs{name}"]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("reserved", [(), ("x", "y", "SCALE", "helper", "forward", "backward", "cut")])
def test_two_files_that_call_different_things_alike_do_not_collide(two_files, backwards, reserved):
    one, two = two_files
    functions = [one.forward, two.backward]
    text, names = gathered(functions[::-1] if backwards else functions, reserved)
    space = {"np": np}
    exec(text, space)
    forward, backward = (space[name] for name in (names[::-1] if backwards else names))
    assert forward(1.5)[0] == one.forward(1.5)[0]
    assert forward(1.5)[1] == one.forward(1.5)[1]
    assert backward(0.5, None) == two.backward(0.5, None)
    assert not set(names) & set(reserved) and not set(space) & {"x", "y"}
    assert len(re.findall(r"^SCALE\w* = ", text, re.MULTILINE)) == 2


def test_a_script_s_own_variables_and_a_file_s_constants_do_not_collide(two_files, tmp_path):
    one, two = two_files
    x = np.array([1.5])
    inputs, cotangents = {"SCALE": x}, {"cut": x}
    text = script("title", (one.forward, two.backward), inputs, ["SCALE"], {}, cotangents, "cut", ["cut"], (0,), {})
    assert f"this formula {one.forward(x)[0][0]}" in run(text, tmp_path)[0]


def test_functions_that_call_each_other_end():
    text = source_of(mutual)
    space = {}
    exec(text, space)
    assert (space["mutual"](4), text.count("def mutual"), text.count("def other")) == (mutual(4), 1, 1)


def test_a_function_without_a_source_gives_no_text():
    namespace = {}
    exec("def unseen(x):\n    return x", namespace)
    assert source_of(namespace["unseen"]) == ""
    assert source_of(lambda x: x) == ""


def test_a_helper_that_two_functions_share_is_written_once():
    op = OPERATIONS["two_layer_network"]
    text = source_of(op.forward, op.backward)
    for name in ("affine_forward", "check_rank", "two_layer_network_backward", "softmax_cross_entropy_backward"):
        assert text.count(f"def {name}(") == 1
