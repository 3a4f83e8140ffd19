"""Every system of the lectures runs, twice to the same bits, and each gradient in it is proved and judged."""

from __future__ import annotations

import importlib.util
import io
import pkgutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gradproof
from gradproof.lectures import Run, System, all_systems, proving, running
from gradproof.lectures.training import History
from gradproof.reference import operations

SYSTEMS = all_systems()
GRADIENTS = {f"{s.name}-{g.name}": g for s in SYSTEMS.values() for g in s.gradients}
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def small_data(monkeypatch):
    """The default tests need no folder: the digits stand in for MNIST."""
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)


def run(system: System, seed: int = 0, epochs: int = 2):
    if system.images:
        pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    history = History()
    outcome = system.run(Run(seed, min(epochs, system.epochs), history, size="small"))
    return outcome, history.records


def bits(outcome) -> dict[str, bytes]:
    return {name: np.asarray(array).tobytes() for name, array in outcome.arrays.items()}


def test_every_file_is_found_and_named_after_its_system():
    package = importlib.import_module("gradproof.lectures.systems")
    assert {m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")} == set(SYSTEMS)
    assert running.names() == tuple(sorted(SYSTEMS, key=lambda name: (SYSTEMS[name].lecture, name)))


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_a_system_says_what_it_is(system):
    assert system.summary and "\n" not in system.summary
    assert all(f"'{heading}'" in system.cite or f'"{heading}"' in system.cite for heading in system.headings)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS.keys())
def test_a_system_runs_and_two_runs_give_the_same_bits(system):
    outcome, records = run(system)
    again, records_again = run(system)
    assert outcome.lines == again.lines != ()
    assert bits(outcome) == bits(again) != {}
    assert records == records_again
    assert bool(records) == bool(system.epochs)
    assert all(np.isfinite(record["loss"]) for record in records)


def test_two_processes_give_the_same_bits_and_two_seeds_do_not():
    program = (
        "import sys, hashlib\n"
        "from gradproof.lectures import Run, all_systems\n"
        "from gradproof.lectures.training import History\n"
        "for s in all_systems().values():\n"
        "    if s.name in sys.argv[2:]: continue\n"
        "    arrays = s.run(Run(int(sys.argv[1]), min(20, s.epochs), History(), size='small')).arrays\n"
        "    print(s.name, hashlib.sha256(b''.join(a.tobytes() for a in arrays.values())).hexdigest())"
    )
    without = () if importlib.util.find_spec("sklearn") else {s.name for s in SYSTEMS.values() if s.images}
    told = []
    for seed in ("0", "0", "1"):
        command = [sys.executable, "-B", "-c", program, seed, *without]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
        assert done.returncode == 0, done.stderr
        told.append(set(done.stdout.splitlines()))
    first, second, other = told
    assert len(first) == len(SYSTEMS) - len(without)
    assert first == second
    assert {line.split()[0] for line in first & other} == {s.name for s in SYSTEMS.values() if not s.random}


def test_the_listing_names_every_system_once():
    lines = running.listing().splitlines()
    assert [line.split()[1] for line in lines] == list(running.names())


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
@pytest.mark.parametrize("seed", [0, 1])
def test_a_gradient_is_proved(gradient, seed):
    proof = proving.prove(gradient, seed)
    assert (proof.status, proof.message) == ("proved", "")


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_gradient_is_right_in_floats_too(gradient, dtype):
    inputs, _ = proving.case_of(gradient, 2)
    arrays = [x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs.values()]
    findings = gradproof.check(
        gradient.forward, gradient.backward, *arrays, nondiff=gradient.nondiff, name=gradient.name
    )
    pair = proving.pair_of(gradient, inputs)
    assert {f.quantity for f in findings} == {pair.output, *(f"d{n}" for n in pair.differentiable)}
    assert {f.status for f in findings} == {"agree"}


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
def test_a_point_is_generic(gradient):
    inputs, _ = proving.case_of(gradient, 0)
    assert all(len(set(x.ravel().tolist())) == x.size for x in inputs.values() if x.dtype.kind == "f")
    assert all(len(set(x.shape)) == x.ndim and 1 not in x.shape[:1] for x in inputs.values())


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
def test_each_gradient_turned_is_refuted(gradient):
    """A backward with one of its gradients off by a factor is not proved, whichever it is."""
    inputs, _ = proving.case_of(gradient, 0)
    for k in range(len(proving.pair_of(gradient, inputs).differentiable)):

        def wrong(dy, cache, k=k):
            right = list(gradient.backward(dy, cache))
            right[k] = right[k] * 1.5
            return tuple(right)

        assert proving.prove(replace(gradient, backward=wrong)).status == "refuted"


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS.keys())
def test_a_gradient_is_the_catalogues_or_has_a_counterpart(gradient):
    if gradient.operation:
        op = operations()[gradient.operation]
        inputs, cotangents = proving.case_of(gradient, 0)
        y, cache = op.forward(*inputs.values())
        own, own_cache = gradient.forward(*inputs.values())
        assert np.asarray(y).tobytes() == np.asarray(own).tobytes()
        for right, got in zip(
            op.backward(cotangents[0], cache), gradient.backward(cotangents[0], own_cache), strict=True
        ):
            assert np.asarray(right).tobytes() == np.asarray(got).tobytes()
    else:
        assert (ROOT / "lectures" / "counterparts" / f"{gradient.name}.py").is_file()


def test_no_name_of_a_gradient_is_taken_twice():
    assert len({g.name for g in GRADIENTS.values()}) == len(GRADIENTS)
    own = {g.name for g in GRADIENTS.values() if not g.operation}
    assert own & set(operations()) == set()


def test_importing_the_lectures_is_cheap():
    program = "import gradproof.lectures, gradproof.lectures.running, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"numpy", "matplotlib", "sklearn", "rich", "flint", "torch", "keras"} & set(done.stdout.split())


def test_listing_and_running_import_no_framework_and_no_extra():
    program = (
        "import sys; from gradproof.lectures import running; running.run('multi_layer', epochs=2); running.names();"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"matplotlib", "sklearn", "torch", "keras", "jax", "tensorflow"} & set(
        done.stdout.splitlines()[-1].split()
    )


# -- what each system is to show -----------------------------------------------------------------------------------


def test_all_forms_of_linear_regression_are_one():
    """Bit by bit, on small whole numbers, where every order of summation is exact."""
    from gradproof.lectures.systems import linear_forms as forms

    rng = np.random.default_rng(0)
    X, w, W = (rng.integers(-9, 9, shape).astype(float) for shape in ((5, 3), (3,), (3, 2)))
    one = [form(X, w, 4.0).tolist() for form in forms.ONE_OUTPUT.values()]
    several = [form(X, W, np.array([4.0, -2.0])).tolist() for form in forms.SEVERAL_OUTPUTS.values()]
    assert one == [one[0]] * 6
    assert several == [several[0]] * 3
    assert np.shape(one[0]) == (5,) and np.shape(several[0]) == (5, 2)


def test_rows_and_columns():
    outcome, _ = run(SYSTEMS["row_and_column_vectors"])
    shapes = {name: array.shape for name, array in outcome.arrays.items()}
    assert shapes["a^T is a"] == (4,)
    assert shapes["b^T b, 1 x 1"] == (1, 1)
    assert shapes["a + b, d x d and not d"] == (4, 4)
    assert (outcome.arrays["b^T is c"] == outcome.arrays["c, the row"]).all()


def test_the_normal_equations_leave_no_gradient():
    """Whole numbers, a plane that goes through every point: the gradient there is zero up to the solver's rounding."""
    from gradproof.lectures.systems.linear_regression import network, normal_equations

    x = np.array([[1.0, 0], [0, 1], [1, 1], [2, 1]])
    y = x @ np.array([[2.0], [-3.0]]) + 5
    w, b = normal_equations(x, y)
    assert np.rint(w).tolist() == [[2], [-3]] and np.rint(b).tolist() == [5]
    _, gradients = network({"w": np.rint(w), "b": np.rint(b)}, x, y)
    assert not gradients["w"].any() and not gradients["b"].any()


def test_the_normal_equations_refuse_dependent_columns():
    from gradproof.lectures.systems.linear_regression import normal_equations

    x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    with pytest.raises(ValueError, match="depend on each other"):
        normal_equations(x, np.ones((3, 1)))


def test_descent_goes_where_the_normal_equations_point():
    distances = []
    for epochs in (10, 40, 160):
        outcome, _ = run(SYSTEMS["linear_regression"], epochs=epochs)
        distances.append(np.abs(outcome.arrays["w"] - outcome.arrays["best_w"]).max())
    assert distances[0] > 2 * distances[1] > 4 * distances[2]


def test_the_printed_update_of_the_neuron():
    """All of the lecture's numbers but two: v is 0.09 and not -0.09, and b becomes -0.13 and not -0.37."""
    outcome, records = run(SYSTEMS["logistic_neuron"])
    differing = [line.split()[0] for line in outcome.lines if line.endswith("differs")]
    assert differing == ["v", "b"]
    assert len(records) == 4
    assert [f"{records[0][n]:.3f}" for n in ("w1", "w2", "b")] == ["0.513", "0.674", "-0.130"]


def test_the_vectorised_neuron_sums_what_the_single_one_finds():
    from gradproof.lectures.data import FOUR_POINTS, FOUR_TARGETS
    from gradproof.lectures.systems import logistic_neuron, vectorised_neuron

    gradients = []
    for x, y in zip(FOUR_POINTS, FOUR_TARGETS[:, 0], strict=True):
        _, cache = logistic_neuron.neuron_forward(*logistic_neuron.START.values(), *x, y)
        gradients.append(logistic_neuron.neuron_backward(1.0, cache)[:3])
    _, whole = vectorised_neuron.network(vectorised_neuron.START, FOUR_POINTS, FOUR_TARGETS)
    apart = np.abs(np.sum(gradients, axis=0) - [*whole["w"][:, 0], *whole["b"]])
    assert (apart <= 8 * np.finfo(float).eps).all()  # four summands below 1 in another order, a few roundings each


def test_xor_is_learned_by_every_network_that_is_to_learn_it():
    for name in ("xor_in_eleven_lines", "multi_layer", "forward_backward_net"):
        _, records = run(SYSTEMS[name], epochs=SYSTEMS[name].epochs)
        assert records[-1]["loss"] < 0.02 < records[0]["loss"]


def test_single_layer_cannot_do_xor_and_can_do_the_four_points():
    _, records = run(SYSTEMS["single_layer"], epochs=200)
    assert records[-1]["loss"] < records[0]["loss"] / 4


def test_the_net_is_the_multi_layer_of_the_same_weights():
    from gradproof.lectures.systems import forward_backward_net, multi_layer

    rng = np.random.default_rng(4)
    x, w1, b1, w2, b2, y = (rng.standard_normal(s) for s in ((5, 3), (3, 4), (4,), (4, 2), (2,), (5, 2)))
    network = forward_backward_net.stack(w1, b1, w2, b2)
    assert network.forward(x, y) > 0
    gradients = network.backward()
    assert [g.shape for g in gradients] == [a.shape for a in (x, w1, b1, w2, b2)]
    assert np.array_equal(network.outputs(x), multi_layer.output({"w1": w1, "b1": b1, "w2": w2, "b2": b2}, x))


def test_digits_are_learned():
    system = replace(SYSTEMS["two_layer_ann"], epochs=100)  # 200 digits are few steps an epoch
    _, records = run(system, epochs=100)
    assert records[-1]["accuracy"] > 0.9 > records[0]["accuracy"]


# -- running -------------------------------------------------------------------------------------------------------


def test_run_writes_history_and_pictures(tmp_path):
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed, so nothing is plotted")
    stream = io.StringIO()
    code = running.run("multi_layer", epochs=3, output=tmp_path / "new", plot=True, stream=stream)
    assert code == 0
    files = {p.name for p in (tmp_path / "new").iterdir()}
    assert files == {"history.jsonl", "page.html", "loss.png", "boundary.png"}
    page = (tmp_path / "new" / "page.html").read_text(encoding="utf-8")
    assert page.count('<svg class="plot"') == 1 and page.count('src="data:image/png;base64,') == 2
    assert (tmp_path / "new" / "history.jsonl").read_text().count("\n") == 3
    assert "gradient of multi_layer: proved" in stream.getvalue()
    assert "Multi Layer Perceptron" in stream.getvalue()


@pytest.mark.parametrize("system", [s for s in SYSTEMS.values() if s.plot], ids=lambda s: s.name)
def test_every_plot_is_drawn_and_twice_the_same(system, tmp_path):
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed, so nothing is plotted")
    outcome, records = run(system)
    written = {}
    for turn in ("first", "second"):
        (tmp_path / turn).mkdir()
        for path in system.plot(outcome, records, tmp_path / turn):
            written.setdefault(path.name, []).append(path.read_bytes())
    assert written
    assert all(a == b and a.startswith(b"\x89PNG") for a, b in written.values())


def test_a_wrong_gradient_makes_the_exit_code_one(monkeypatch):
    system = SYSTEMS["vectorised_neuron"]
    (gradient,) = system.gradients
    wrong = replace(gradient, backward=lambda dy, cache: tuple(-g for g in gradient.backward(dy, cache)))
    monkeypatch.setattr(running, "all_systems", lambda: {system.name: replace(system, gradients=(wrong,))})
    stream = io.StringIO()
    assert running.run(system.name, epochs=1, stream=stream) == 1
    assert "gradient of vectorised_neuron: refuted" in stream.getvalue()


def test_a_run_that_diverges_makes_the_exit_code_one(monkeypatch):
    def diverge(run):
        run.history.add(epoch=0, loss=float("nan"))
        return gradproof.lectures.Outcome(("done",))

    system = replace(SYSTEMS["single_layer"], run=diverge, gradients=())
    monkeypatch.setattr(running, "all_systems", lambda: {system.name: system})
    stream = io.StringIO()
    assert running.run(system.name, stream=stream) == 1
    assert "left the finite numbers" in stream.getvalue()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"name": "multilayer"}, "did you mean multi_layer"),
        ({"name": "zzz"}, "known: .*multi_layer"),
        ({"name": "multi_layer", "epochs": 0}, "0 epochs train nothing"),
        ({"name": "multi_layer", "seed": -1}, "the seed -1 is negative"),
        ({"name": "linear_forms", "epochs": 3}, "linear_forms does not train"),
        ({"name": "two_layer_ann", "mnist": "/nowhere/at/all"}, "there is no folder"),
    ],
)
def test_run_refuses(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        running.run(**arguments, stream=io.StringIO())


def test_run_refuses_a_file_as_its_folder_and_a_plot_without_one(tmp_path):
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed, so nothing is plotted")
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is a file; name a folder"):
        running.run("multi_layer", output=tmp_path / "file", stream=io.StringIO())
    with pytest.raises(ValueError, match="a plot needs a folder"):
        running.run("multi_layer", plot=True, stream=io.StringIO())
