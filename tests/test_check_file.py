"""`gradproof check FILE`: the pairs of a user's file, judged and told in words, and one sentence for what cannot be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradproof.cli import main

FIXTURES = Path(__file__).resolve().parent / "fixtures"

LAYERS = """
import numpy as np

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)

def scaled_forward(x, scale):
    return x * scale, (x, scale)

def scaled_backward(dy, cache):
    x, scale = cache
    return dy * scale, (dy * x).mean()

def leaky_forward(x, slope=0.01):
    return np.where(x > 0, x, slope * x), (x, slope)

def leaky_backward(dy, cache):
    x, slope = cache
    return np.where(x > 0, dy, slope * dy)

def odd_forward(x, lookup):
    return lookup["scale"] * x, lookup

def odd_backward(dy, lookup):
    return lookup["scale"] * dy

def norm_loss(x):
    return (x * x).sum(), 2 * x
"""


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    path = tmp_path / "layers.py"
    path.write_text(LAYERS)
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main(["check", *map(str, arguments)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def sentence(err: str) -> str:
    """The error output, which must be one sentence of this tool."""
    assert err.startswith("gradproof: ") and err.count("\n") == 1 and "Traceback" not in err
    return err


def test_a_right_pair(layers: Path, capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, f"{layers}:affine")
    assert code == 0
    assert out.startswith("affine: the backward is proved to be the derivative of the forward on 12 cases")
    assert [line.split()[:2] for line in out.splitlines()[1:5]] == [[q, "agree"] for q in ("y", "dx", "dw", "db")]
    assert err == "affine: shapes found by trying: x (3,4), w (4,5), b (5,)\n"


def test_a_wrong_pair_with_a_script_that_runs(layers: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    code, out, _ = run(capsys, f"{layers}:scaled", "--shape", "x=3,2", "--shape", "scale=")
    assert code == 1
    assert out.startswith("scaled: dscale is wrong\n")
    assert "every entry is the true one times 1/x.size = 1/6" in out
    assert out.endswith("scaled: 1 case fails\n")
    script = out.partition("to see it, run:\n\n")[2].rpartition("\n\nscaled:")[0]
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("dscale = ") and "true value: " in ran.stdout


def test_every_pair_of_a_file_whatever_becomes_of_the_others(layers: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, layers, "--cases", 2)
    assert code == 1
    assert (
        "affine: the backward is proved" in out
        and "scaled: dscale is wrong" in out
        and "leaky: the backward is proved" in out
    )
    assert "odd: not judged: no shapes were found that the forward accepts" in out
    layers.write_text(LAYERS.replace(".mean()", ".sum()"))
    assert run(capsys, layers, "--cases", 2)[0] == 4, "something could not be judged, and nothing is wrong"


def test_json(layers: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, layers, "--cases", 2, "--format", "json")
    report = json.loads(out)
    assert code == 1
    assert {name: record["verdict"] for name, record in report.items()} == {
        "affine": "agree", "scaled": "wrong", "leaky": "agree", "odd": "not judged",
    }  # fmt: skip
    assert report["affine"]["proved"] == 2 and report["scaled"]["headline"] == "scaled: dscale is wrong"


@pytest.mark.parametrize("name", ["affine", "affine_forward", "affine_backward", "affine_forward,affine_backward"])
def test_names_of_a_pair(name: str, layers: Path, capsys: pytest.CaptureFixture[str]):
    assert run(capsys, f"{layers}:{name}", "--cases", 1)[0] == 0


def test_a_loss_that_returns_its_gradient(layers: Path, capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, f"{layers}:norm_loss", "--cases", 2)
    assert code == 0 and out.startswith("norm_loss: the backward is proved")


def test_inputs_of_the_files_own(layers: Path, capsys: pytest.CaptureFixture[str]):
    own = "\ndef odd_inputs():\n    return [np.arange(3.0), {'scale': 2.0}]\n"
    layers.write_text(LAYERS + own)
    assert run(capsys, f"{layers}:odd")[0] == 0
    layers.write_text(LAYERS + own.replace("return", "return missing,"))
    code, _, err = run(capsys, f"{layers}:odd")
    assert code == 4 and "odd_inputs() raised NameError: name 'missing' is not defined (line" in sentence(err)


def test_options_and_undifferentiated_inputs(layers: Path, capsys: pytest.CaptureFixture[str]):
    assert run(capsys, f"{layers}:leaky", "--option", "slope=0.5", "--dtype", "float32", "--cases", 3)[0] == 0
    assert run(capsys, f"{FIXTURES / 'assorted.py'}:mse", "--nondiff", "target", "--cases", 2)[0] == 0
    labels = f"{FIXTURES / 'array_layers.py'}:softmax_loss", "--shape", "x=5,3", "--shape", "y=5:int3", "--cases", 2
    assert run(capsys, *labels)[0] == 0


def test_as_a_catalogue_operation(capsys: pytest.CaptureFixture[str], layers: Path):
    code, out, _ = run(capsys, f"{FIXTURES / 'array_layers.py'}:relu", "--as", "relu", "--cases", 4)
    assert code == 0 and out.startswith("relu: as relu, forward and backward agree with the truth on 4 cases")
    code, out, _ = run(capsys, f"{layers}:leaky", "--as", "relu", "--cases", 4)
    assert code == 1 and "relu: y and dx are wrong" in out and "the one shown is relu:f64:" in out
    assert run(capsys, f"{FIXTURES / 'array_layers.py'}:svm_loss", "--as", "hinge", "--cases", 2)[0] == 0


def test_what_the_file_prints_does_not_reach_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "noisy.py"
    path.write_text(
        "print('imported')\ndef f_forward(x):\n    print('called')\n    return 2 * x, None\n"
        "def f_backward(dy, _):\n    return 2 * dy\n"
    )
    code, out, err = run(capsys, path, "--cases", 1, "--format", "json")
    assert code == 0 and json.loads(out)["f"]["verdict"] == "agree"
    assert "imported" in err and "called" in err
    assert list(tmp_path.iterdir()) == [path], "no bytecode is left beside the user's file"


def test_a_file_that_imports_from_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "beside_it.py").write_text("FACTOR = 3.0\n")
    path = tmp_path / "uses.py"
    path.write_text(
        "def f_forward(x):\n    from beside_it import FACTOR\n    return FACTOR * x, FACTOR\n"
        "def f_backward(dy, k):\n    return k * dy\n"
    )
    assert run(capsys, path, "--cases", 1)[0] == 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(:\n", "does not import: line 1: invalid syntax (`def f(:`)"),
        ("import nowhere_to_be_found\n", "ModuleNotFoundError: No module named 'nowhere_to_be_found' (line 1:"),
        ("x = 1\n1 / 0\n", "ZeroDivisionError: division by zero (line 2: `1 / 0`)"),
        ("import sys\nsys.exit(2)\n", "it ends the program (SystemExit 2) when imported (line 2:"),
        ("def one_forward(x):\n    return x\n", "defines no pair such as affine_forward and affine_backward"),
        ("def my_loss(x):\n    return x, x\n", "or one that returns (loss, gradients): "),
        ("", "defines no pair"),
    ],
)
def test_a_file_that_cannot_be_used(source: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "subject.py"
    path.write_text(source)
    code, out, err = run(capsys, path)
    assert code == 4 and out == "" and words in sentence(err)


STEPS = """
def sgd_forward(p, g, lr=0.125, weight_decay=0.0):
    return p - lr * (g + weight_decay * p)

def sgd_backward(dy, cache):
    return ()

def momentum_forward(p, g, v, lr=0.125, momentum=0.9):
    v = momentum * v + g
    return p + lr * v, v

momentum_backward = sgd_backward
"""


def test_a_step_is_not_said_to_have_a_derivative(capsys, tmp_path):
    path = tmp_path / "steps.py"
    path.write_text(STEPS)
    code, out, _ = run(capsys, f"{path}:sgd", "--as", "sgd", "--cases", 4)
    assert (code, "as sgd, the forward agrees with the truth on 4 cases; no derivative asked" in out) == (0, True)
    assert "proved" not in out and "backward" not in out
    code, out, _ = run(capsys, f"{path}:sgd", "--as", "sgd", "--cases", 4, "--format", "json")
    assert json.loads(out)["sgd"]["proved"] == 0


def test_a_wrong_output_of_several_is_shown_with_its_pattern_and_a_script_that_runs(capsys, tmp_path):
    path = tmp_path / "steps.py"
    path.write_text(STEPS)
    code, out, _ = run(capsys, f"{path}:momentum", "--as", "momentum", "--cases", 8)
    assert code == 1 and out.startswith("momentum: p_new is wrong")
    assert "truth: the forward on exact numbers; no derivative asked" in out
    script = out.partition("to see it, run:\n\n")[2].rpartition("\n\nmomentum: ")[0]
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("p_new")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{}x"], "there is no file"),
        (["{folder}"], "is not a Python file"),
        (["{}:afine"], "has no pair 'afine'; it has affine"),
        (["{}:affine_forward,nothing"], "has no function 'nothing'"),
        (["{}:affine", "--as", "afine"], "there is no operation 'afine'; did you mean affine"),
        (["{}:affine", "--as", "affine", "--option", "axis=1"], "affine has no option 'axis'; it has none"),
        (["{}:affine", "--shape", "x"], "--shape 'x' is not NAME=SIZES"),
        (["{}:affine", "--shape", "z=3"], "affine's forward has no parameter z; it takes x, w, b"),
        (["{}:affine", "--shape", "w=3,4"], "--shape is missing for x"),
        (["{}:affine", "--shape", "x=3,4"], "missing a required argument: 'w'"),
        (["{}:affine", "--option", "3"], "--option '3' is not NAME=VALUE"),
        (["{}:affine", "--option", "axis=1"], "the forward takes no option 'axis'; it takes x, w, b"),
        (["{}:affine", "--nondiff", "z"], "nondiff names 'z'; the inputs are x, w, b"),
        (["{}:affine", "--cases", "0"], "give 1 or more"),
        (["{}:affine", "--dtype", "float16"], "invalid choice: 'float16'"),
    ],
)
def test_usage_in_one_sentence(arguments: list[str], words: str, layers: Path, capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, *(a.format(layers, folder=layers.parent) for a in arguments))
    assert code == 4 and out == "" and words in sentence(err)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "def f_forward(x):\n    x ** 2\ndef f_backward(dy, c):\n    return dy\n",
            "f: the forward returned None (does it end with a return?)",
        ),
        (
            "def f_forward(x):\n    return undefined(x), x\ndef f_backward(dy, c):\n    return dy\n",
            "f: the forward raised NameError",
        ),
        (
            "def f_forward(x):\n    return x * x, x\ndef f_backward(dy):\n    return dy\n",
            "called as backward(dy, cache); it takes 1 argument",
        ),
        (
            "def f_forward(x, w):\n    return x @ w, w\ndef f_backward(dy, w):\n    return dy @ w.T\n",
            "returned 1 gradient; expected 2: dx, dw",
        ),
        (
            "def f_forward(x, w):\n    return x @ w, (x, w)\n"
            "def f_backward(dy, c):\n    return dy @ c[1], c[0].T @ dy\n",
            "f: the backward raised ValueError",
        ),
        (
            "def f_forward(x, w):\n    return x @ w, (x, w)\n"
            "def f_backward(dy, c):\n    return dy @ c[1].T, dy.T @ c[0]\n",
            "dw has shape (5, 4); expected (4, 5)",
        ),
    ],
)
def test_faults_of_the_subject_are_results(body: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "subject.py"
    path.write_text(body)
    code, out, err = run(capsys, path, "--cases", 2)
    assert code == 1 and words in out
    assert "Traceback" not in out + err


def test_the_fallback_is_said_in_the_result(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, f"{FIXTURES / 'assorted.py'}:inv", "--cases", 2)
    assert code == 0
    assert "agrees on 2 cases, 0 of them proved" in out
    assert (
        "note: not a proof: np.linalg.inv does not run on exact numbers (line" in out
        and "fallback: complex step" in out
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [("Relu", 1), ("Sigmoid", 0), ("Affine", 0), ("AffineWrong", 1), ("SoftmaxWithLoss", 1), ("Dropout", 1)],
)
def test_classes(name: str, code: int, capsys: pytest.CaptureFixture[str]):
    words = {
        "Relu": "the backward changes the cotangent dy", "AffineWrong": "AffineWrong: db is wrong",
        "SoftmaxWithLoss": "the backward does not use its upstream gradient",
        "Dropout": "draws random numbers or keeps state",
    }  # fmt: skip
    got, out, _ = run(capsys, f"{FIXTURES / 'class_layers.py'}:{name}", "--cases", 2)
    assert got == code and words.get(name, "is proved to be the derivative") in out


def test_guessed_sizes_that_a_forward_refuses_are_not_held_against_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    body = """
import numpy as np

def halves_forward(x):
    if x.shape[1] % 2:
        raise ValueError("an even number of columns")
    y = x.reshape(len(x), 2, -1)
    return y[:, 0] * y[:, 1], y

def halves_backward(dy, y):
    return np.hstack([dy * y[:, 1], dy * y[:, 0]])

def wrong_forward(x):
    return halves_forward(x)

def wrong_backward(dy, y):
    return np.hstack([dy * y[:, 0], dy * y[:, 1]])
"""
    path = tmp_path / "even.py"
    path.write_text(body)
    assert main(["check", f"{path}:halves"]) == 0
    said = capsys.readouterr()
    assert "proved" in said.out and "not accepted by the forward" in said.err
    assert main(["check", f"{path}:wrong"]) == 1
    assert "dx is wrong" in capsys.readouterr().out


def test_a_backward_gets_the_options_that_it_has_parameters_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "leaky.py"
    path.write_text(
        "import numpy as np\n\n\n"
        "def leaky_forward(x, slope=0.01):\n    return np.where(x > 0, x, slope * x)\n\n\n"
        "def leaky_backward(dy, x, slope=0.01):\n    return dy * np.where(x > 0, 1.0, slope)\n"
    )
    code, out, _ = run(capsys, path, "--option", "slope=0.3")
    assert code == 0 and "proved" in out
    path.write_text(path.read_text().replace("1.0, slope", "1.0, slope / 2"))
    code, out, _ = run(capsys, path, "--option", "slope=0.3")
    assert code == 1 and "gradients = backward(dy, x, slope=0.3)" in out


def test_undecided_everywhere_is_not_agreement(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "nothing.py"
    path.write_text(
        "import numpy as np\n\n\n"
        "def nothing_forward(x):\n    return x * np.nan, x\n\n\n"
        "def nothing_backward(dy, x):\n    return (dy * np.nan,)\n"
    )
    code, out, _ = run(capsys, f"{path}:nothing", "--shape", "x=2,2")
    assert code == 5 and "undecided" in out
