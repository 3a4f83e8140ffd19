"""Counterparts: every operation has one in every framework, it answers in the right frame, and the list of known
differences is read strictly and says what the frameworks really do.

No number is compared with a tolerance here: how near a framework comes to the truth is the judge's work.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.cases import Spec, build, example_sizes, parse
from gradproof.frameworks import FRAMEWORKS, Absent, counterpart, counterpart_names, known, why_composed
from gradproof.judging import judge_case
from gradproof.panel import Panel
from gradproof.reference import operations
from gradproof.verdict import FAILURES
from gradproof.workers.pool import Request, Worker, frameworks_root

OPS = operations()
PLAIN = ("ordinary", "contiguous", 7)
COTANGENTS = 2
WITHOUT_FLOAT64 = {"keras_jax", "keras_torch"}


def variations(op: Any) -> Iterator[dict[str, Any]]:
    """The default options, and every option changed alone."""
    yield op.defaults()
    for name, values in op.options.items():
        yield from ({**op.defaults(), name: value} for value in values[1:])


def case(op: Any, options: dict[str, Any], dtype: str) -> tuple[Request, tuple[np.ndarray, ...]]:
    """A request and the reference's outputs to it."""
    spec = Spec(op.name, dtype, tuple(example_sizes(op, options).items()), tuple(options.items()), *PLAIN)
    built = build(spec, op)
    *outputs, _ = op.forward(*built.inputs.values(), **options)
    request = Request(op.name, options, built.inputs, op.differentiable(options), built.cotangents[:COTANGENTS])
    return request, tuple(map(np.asarray, outputs))


def test_every_operation_has_a_counterpart_file_and_no_file_lacks_its_operation():
    assert set(counterpart_names()) == set(OPS)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("op", OPS)
def test_every_framework_has_a_function_or_a_reason(op, framework):
    found = counterpart(op, framework)
    if isinstance(found, Absent):
        assert "says nothing of" not in str(found)
        assert str(found)
    else:
        assert callable(found)
        assert why_composed(found) != ""


def test_an_unknown_operation_is_absent_and_an_unknown_framework_an_error():
    assert "unheard_of has no file" in str(counterpart("unheard_of", "pytorch"))
    every = "jax, keras, keras_jax, keras_torch, pytorch, tensorflow"
    with pytest.raises(ValueError, match=f"'mxnet' is not known; one of {every}"):
        counterpart("affine", "mxnet")


def test_importing_frameworks_and_every_counterpart_loads_no_framework():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import frameworks\n"
        "for op in frameworks.counterpart_names(): frameworks.counterpart(op, 'pytorch')\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'jax', 'numpy', 'reference', 'gradproof'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(frameworks_root())], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module", params=FRAMEWORKS)
def worker(request):
    """One process for each framework, for all tests of this file."""
    with Worker(request.param, request.param) as worker:
        hello = worker.hello()
        if hello.status == "absent":
            pytest.skip(hello.message)
        assert hello.status == "ready", hello.message
        yield worker


@pytest.mark.parametrize("name", OPS)
def test_a_counterpart_answers_in_the_right_frame(worker, name):
    op = OPS[name]
    # JAX compiles every shape and every option anew.
    for options in variations(op) if "jax" not in worker.name else [op.defaults()]:
        for dtype in ("float32", "float64")[: 1 if options != op.defaults() or worker.name in WITHOUT_FLOAT64 else 2]:
            request, expected = case(op, options, dtype)
            reply = worker.submit(request).result()
            if reply.status == "absent":
                continue
            where = f"{worker.name} {name} {options} {dtype}"
            assert reply.status == "ok", f"{where}: {reply.message}"
            outputs = reply.y if isinstance(reply.y, tuple) else (reply.y,)
            assert [(each.shape, each.dtype) for each in outputs] == [(y.shape, np.dtype(dtype)) for y in expected], (
                where
            )
            assert len(reply.gradients) == COTANGENTS, where
            for gradients in reply.gradients:
                assert list(gradients) == list(request.differentiable), where
                for of, gradient in gradients.items():
                    assert gradient.shape == request.inputs[of].shape, f"{where}: d{of}"
                    assert gradient.dtype == np.dtype(dtype), f"{where}: d{of}"
            assert reply.native or reply.message, f"{where}: composed without a reason"


@pytest.mark.parametrize("name", ["affine", "softplus", "squared_error", "softmax_cross_entropy"])
def test_float64_is_not_computed_in_float32(worker, name):
    # A result that passed through float32 has the low 29 bits of its mantissa empty.
    if worker.name in WITHOUT_FLOAT64:
        pytest.skip("Keras has no float64 on this backend")
    op = OPS[name]
    request, _ = case(op, op.defaults(), "float64")
    reply = worker.submit(request).result()
    for array in (reply.y, *reply.gradients[0].values()):
        assert (array != array.astype(np.float32)).any()


def test_one_worker_gives_the_same_bits_twice(worker):
    request, _ = case(OPS["two_layer_network"], {}, "float32")
    first, second = worker.submit(request).result(), worker.submit(request).result()
    assert first.y.tobytes() == second.y.tobytes()
    for name in request.differentiable:
        assert first.gradients[1][name].tobytes() == second.gradients[1][name].tobytes()


def test_an_input_that_the_output_does_not_use_has_a_zero_gradient(worker):
    # The rectifier's counterpart, asked for a gradient where its slope is zero everywhere.
    ones = np.ones((2, 2), dtype="float32")
    reply = worker.submit(Request("relu", {}, {"x": -ones}, ("x",), (ones,))).result()
    np.testing.assert_array_equal(reply.gradients[0]["x"], 0 * ones, strict=True)


GOOD = """
[[difference]]
id = "a"
implementation = "keras"
package = "keras"
versions = ">=3.14,<4"
operation = "affine"
quantities = ["y"]
case = "affine:f64:N3,D2,M4:-:ordinary:contiguous:17"
reason = "because"
link = "https://example.org"
"""
CONDITION = 'input = "p"\nbelow = 1e-7\nabove = 0.9999999\noptions = { normalize = true }\n'


def read(tmp_path: Path, text: str) -> tuple[known.Difference, ...]:
    path = tmp_path / "known_differences.toml"
    path.write_text(text)
    return known.read(path)


def test_the_file_is_read_and_names_real_operations_options_inputs_and_quantities():
    entries = known.read()
    assert entries
    for entry in entries:
        if entry.operation == known.EVERY:
            assert (entry.implementation, entry.quantities) == ("numpy", (known.EVERY,)), "only of NumPy itself"
            continue
        assert entry.implementation in FRAMEWORKS
        op = OPS[parse(entry.case, OPS).op]
        assert entry.operation == op.name
        options = {**op.defaults(), **entry.options}
        assert set(options) == set(op.options)
        assert set(entry.quantities) <= {op.output, *op.outputs, *(f"d{name}" for name in op.differentiable(options))}
        assert entry.input is None or entry.input in [i.name for i in op.inputs_for(options)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[difference", "is not TOML"),
        ("[other]\n", r"holds \[\[difference\]\] entries"),
        ("difference = 3\n", r"holds \[\[difference\]\] entries"),
        ("difference = [3]\n", "difference 1 is not a table"),
        (GOOD.replace('reason = "because"', ""), r"difference 1 \(a\): reason is missing"),
        (GOOD.replace('id = "a"', ""), "difference 1: id is missing"),
        (GOOD + "color = 1\n", r"\(a\): color is not a known field"),
        (GOOD.replace('"because"', '""'), "reason must be a text"),
        (GOOD.replace('["y"]', '"y"'), "quantities must be a list"),
        (GOOD.replace('["y"]', "[]"), "quantities must be a list"),
        (GOOD.replace(">=3.14,<4", "3.14"), "versions: '3.14' is not a range"),
        (GOOD.replace(">=3.14,<4", ">=3.14,"), "versions: .* is not a range"),
        (GOOD.replace("https", "http"), "link must be an https address"),
        (GOOD + "below = 1\n", "below must be given together with input"),
        (GOOD + 'input = "p"\n', "input must be given together with below or above"),
        (GOOD + 'input = "p"\nbelow = "1e-7"\n', "below must be a number"),
        (GOOD + 'input = "p"\nabove = true\n', "above must be a number"),
        (GOOD + "options = 1\n", "options must be a table"),
        (GOOD + GOOD, r"difference 2: id 'a' is taken"),
    ],
)
def test_a_malformed_file_is_refused_naming_entry_and_field(tmp_path, text, words):
    with pytest.raises(ValueError, match=words):
        read(tmp_path, text)


def test_an_entry_applies_where_all_of_it_fits(tmp_path):
    entries = read(tmp_path, GOOD + CONDITION)
    versions, options = {"keras": "3.15.1"}, {"normalize": True, "reduction": "sum"}
    tiny, plain = {"p": np.array([0.5, 1e-8])}, {"p": np.array([0.5, 1e-6])}
    assert known.matching(entries, "keras", versions, "affine", "y", tiny, options) is entries[0]
    assert known.matching(entries, "keras-old", versions, "affine", "y", tiny, options) is entries[0]
    near_one = {"p": np.array([1 - 2.0**-24], dtype=np.float32)}
    assert known.matching(entries, "keras", versions, "affine", "y", near_one, options) is entries[0]
    for changed in (
        ("pytorch", versions, "affine", "y", tiny, options),
        ("kerasish", versions, "affine", "y", tiny, options),
        ("keras", {"keras": "3.13.9"}, "affine", "y", tiny, options),
        ("keras", {"keras": "4.0"}, "affine", "y", tiny, options),
        ("keras", {}, "affine", "y", tiny, options),
        ("keras", versions, "softmax", "y", tiny, options),
        ("keras", versions, "affine", "dp", tiny, options),
        ("keras", versions, "affine", "y", plain, options),
        ("keras", versions, "affine", "y", {}, options),
        ("keras", versions, "affine", "y", tiny, {"normalize": False}),
        ("keras", versions, "affine", "y", tiny, {}),
    ):
        assert known.matching(entries, *changed) is None


def test_version_ranges_compare_numbers():
    assert known.in_range("2.13.0+cpu", ">=2.13,<3")
    assert known.in_range("3.14", "==3.14.0")
    assert known.in_range("3.9.1", "<3.10")
    assert not known.in_range("2.13.0", "!=2.13")
    assert not known.in_range("2.12.1", ">2.12.1")


def judged(entry: known.Difference, worker: Worker, differences: Any) -> dict[str, str]:
    """Status of each quantity of this implementation on the case that the entry names."""
    with Panel([(worker.name, worker.name, sys.executable)]) as panel:
        panel.hellos[worker.name] = worker.hello()
        panel.workers[worker.name].close()
        panel.workers[worker.name] = worker
        spec = parse(entry.case, OPS)
        findings = judge_case(spec, OPS[spec.op], panel, differences).findings
        panel.workers.clear()
    return {f.quantity: f.status for f in findings if f.implementation == worker.name}


def test_the_known_differences_are_real(worker):
    """On the case that an entry names, its quantities fail without the entry, and are known with it: none is stale."""
    for entry in known.read():
        if entry.implementation != worker.name or not known.in_range(
            worker.hello().versions[entry.package], entry.versions
        ):
            continue
        without, listed = judged(entry, worker, ()), judged(entry, worker, [entry])
        failed = {quantity for quantity, status in without.items() if status in FAILURES}
        wanted = set(entry.quantities)
        assert failed and wanted <= failed, f"{entry.id} is stale: {without}"
        assert {listed[q] for q in wanted} == {"known-difference"}, f"{entry.id} does not apply: {listed}"
