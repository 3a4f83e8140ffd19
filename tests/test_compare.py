"""`gradproof compare A B`: as a user gives it two files."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest

from gradproof.cli import main
from gradproof.networks import mapping
from gradproof.networks.precision import apart, of_rounding_alone
from gradproof.networks.sides import LayerOf

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
needs_keras = pytest.mark.skipif(
    find_spec("keras") is None or find_spec("tensorflow") is None, reason="keras or tensorflow is not installed"
)

TORCH = '''
import torch
import torch.nn.functional as F
from torch import nn

plain = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 3))


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(5, 4)
        self.fc2 = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Slow(Own):
    def forward(self, x):
        return self.fc2(F.leaky_relu(self.fc1(x), 0.01))


class Turned(nn.Module):
    """A square matrix that is transposed on the way, where no one can read it off."""

    def __init__(self, turned=True):
        super().__init__()
        self.square = nn.Linear(4, 4)
        self.out = nn.Linear(4, 3)
        self.turned = turned

    def forward(self, x):
        w = self.square.weight
        return self.out(torch.sin(x @ (w if self.turned else w.T) + self.square.bias))


def straight():
    return Turned(False)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Linear(5, 4)
        self.right = nn.Linear(5, 4)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        return self.out(torch.sin(self.left(x)) + self.right(x))


class Renamed(Branches):
    def __init__(self):
        nn.Module.__init__(self)
        self.one = nn.Linear(5, 4)
        self.two = nn.Linear(5, 4)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        return self.out(torch.sin(self.two(x)) + self.one(x))


class Image(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.norm = nn.BatchNorm2d(3)
        self.out = nn.Linear(36, 3)

    def forward(self, x):
        return self.out(torch.tanh(self.norm(self.conv(x))).flatten(1))


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 3)
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        y, (h, c) = self.lstm(self.table(x))
        return self.out(h[-1])


class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(300, 100)
        self.fc2 = nn.Linear(100, 3)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class WideOff(Wide):
    """The same layers, and a gradient that is a little off: a hook that no description shows."""

    def __init__(self):
        super().__init__()
        self.fc1.weight.register_hook(lambda g: g * (1 + 1e-9))


class Breaks(Own):
    def forward(self, x):
        return super().forward(x)[:, 9]


class Pair(Own):
    def forward(self, x):
        return super().forward(x), x


class Ends(Own):
    def forward(self, x):
        import os

        os._exit(3)


number = 3
'''

KERAS = """
import keras
from keras import layers

plain = keras.Sequential([keras.Input((5,)), layers.Dense(4, activation="relu"), layers.Dense(3)])


def image(epsilon=1e-5):
    return keras.Sequential([
        keras.Input((4, 3, 2)), layers.Conv2D(3, 3, padding="same"), layers.BatchNormalization(epsilon=epsilon),
        layers.Activation("tanh"), layers.Flatten(), layers.Dense(3),
    ])


def own_epsilon():
    return image(1e-3)


def sequence():
    return keras.Sequential([
        keras.Input((4,), dtype="int32"), layers.Embedding(7, 3), layers.LSTM(4), layers.Dense(3),
    ])
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(TORCH)
    (tmp_path / "theirs.py").write_text(KERAS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(capsys, *arguments):
    """Exit code, the JSON report (None where there is none) and what went to stderr."""
    code = main(["compare", *arguments, "--format", "json", "--steps", "2"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else None, said.err


# -- without a framework ---------------------------------------------------------------------------------------------


def test_a_ready_network_agrees_with_itself(capsys):
    assert main(["compare", "mlp", "mlp"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("A and B agree with the truth: layers, loss, gradients and 3 steps.")
    assert "its backward is proved" in said


def test_json_is_valid_and_complete(capsys):
    code, report, _ = compared(capsys, "mlp", "mlp", "--optimiser", "adam")
    assert code == report["exit"] == 0
    assert report["truth"] == "exact"
    assert {(each["model"], each["dtype"]) for each in report["judged"]} == {
        (side, dtype) for side in "AB" for dtype in ("float64", "float32")
    }
    assert all(each["proof"] == "proved" and each["first"] is None for each in report["judged"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mpl", "mlp"], "there is no file, module or ready network 'mpl'; did you mean the ready network mlp?"),
        (["numpy:nothing", "mlp"], "there is no ready network 'nothing'; there are lenet"),
        (["no.py:x", "mlp"], "there is no file no.py"),
        (["mlp", "mlp", "--input", "5,x"], "--input '5,x' is no shape"),
        (["mlp", "mlp", "--map", "no.toml"], "--map: there is no file no.toml"),
        (["mlp", "lenet"], "mlp takes (5,) an example, and cannot be compared on (1, 8, 7)"),
        (["mlp", "mlp", "--rate", "-1"], "'-1' is not a learning rate"),
        (["mlp", "mlp", "--batch", "0"], "0 is too few"),
    ],
)
def test_nonsense_is_refused_in_words(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["compare", *arguments])
    except SystemExit as end:
        code = end.code
    assert code == 4
    said = capsys.readouterr()
    assert not said.out
    assert message in said.err
    assert said.err.count("\n") == 1


# -- maps ----------------------------------------------------------------------------------------------------------


def layer(own: str, kind: str = "dense", **roles: tuple[int, ...]) -> LayerOf:
    return LayerOf(own, own, kind, {}, roles or {"w": (5, 4), "b": (4,)})


def names(pairs):
    return [(a.own, b.own) for a, b in pairs]


def test_sequences_are_mapped_by_order():
    a, b = [layer("a1"), layer("a2")], [layer("b1"), layer("b2")]
    assert names(mapping.inferred(a, b, ordered=True)) == [("a1", "b1"), ("a2", "b2")]


def test_layers_of_their_own_shape_need_no_order():
    a, b = [layer("a1"), layer("a2", w=(4, 2))], [layer("b1", w=(4, 2)), layer("b2")]
    assert names(mapping.inferred(a, b, ordered=False)) == [("a1", "b2"), ("a2", "b1")]


def test_equal_names_tell_layers_of_one_shape_apart():
    a, b = [layer("m.left"), layer("m.right")], [layer("n.right"), layer("n.left")]
    assert names(mapping.inferred(a, b, ordered=False)) == [("m.left", "n.left"), ("m.right", "n.right")]


def test_a_map_that_is_not_unique_is_refused_and_says_what_could_go_where():
    with pytest.raises(
        mapping.NotUnique, match=r"A's a1 or a2 \(dense, w \(5, 4\), b \(4,\)\) could go to B's b1 or b2"
    ):
        mapping.inferred([layer("a1"), layer("a2")], [layer("b1"), layer("b2")], ordered=False)
    with pytest.raises(mapping.NotUnique, match=r"A.s a2 .* fits nothing in B"):
        mapping.inferred([layer("a1"), layer("a2", w=(9, 9))], [layer("b1")], ordered=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[layers", "is not TOML"),
        ("[weights]\na = 'b'", "expected one table"),
        ("[layers]\na1 = 'b1'\na9 = 'b2'", "A has no layer 'a9' with parameters; it has"),
        ("[layers]\na1 = 'b1'", "a2 .* of A is not in it"),
        ("[layers]\na1 = 'b1'\na2 = 'b1'", "b1 .* of B is in it twice"),
        ("[layers]\na1 = 'c'\na2 = 'b1'", r"a1 .* cannot go to c"),
    ],
)
def test_a_declared_map_that_does_not_fit_is_refused_in_words(tmp_path, text, message):
    path = tmp_path / "map.toml"
    path.write_text(text)
    b = [layer("b1"), layer("b2"), layer("c", w=(1, 1))]
    with pytest.raises(ValueError, match=message):
        mapping.declared(path, [layer("a1"), layer("a2")], b)


# -- without a truth -----------------------------------------------------------------------------------------------


def test_rounding_is_no_difference_and_a_small_constant_is_one():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(50)
    w = rng.standard_normal((50, 50))
    x32, w32 = x.astype(np.float32), w.astype(np.float32)
    a64, a32 = w32.astype(float) @ x32.astype(float), w32 @ x32
    b64 = np.array([np.dot(row[::-1], x32.astype(float)[::-1]) for row in w32.astype(float)])
    b32 = np.array([np.dot(row[::-1], x32[::-1]) for row in w32])
    assert not apart(a64, a32, b64, b32).differ
    assert apart(a64, a32, b64 * (1 + 1e-8), b32).differ
    assert apart(a64, a32, np.full(50, np.nan), b32).differ


def test_a_gradient_that_is_rounding_alone_is_known_by_its_shrinking():
    assert of_rounding_alone(np.array([1e-17, -2e-18]), np.array([3e-9, 1e-9]))
    assert not of_rounding_alone(np.array([0.1]), np.array([0.1]))
    assert not of_rounding_alone(np.zeros(2), np.zeros(2))


# -- a user's models -----------------------------------------------------------------------------------------------


@needs_torch
def test_two_modules_agree_though_they_are_written_differently(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Own", "mine.py:plain")
    assert code == 0
    assert report["map"] == [{"a": "fc1", "b": "0", "kind": "dense"}, {"a": "fc2", "b": "3", "kind": "dense"}]
    assert report["models"]["B"]["notes"] == ["dropout is switched off in 2"]


@needs_torch
def test_another_activation_is_named(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Own", "mine.py:Slow", "--dtype", "float64")
    assert code == 1
    assert report["differences"] == [
        "A has activation(function=relu) where B has activation(function=leaky_relu, slope=0.01) (relu, leaky_relu)"
    ]


@needs_torch
def test_a_transposed_matrix_is_found_without_a_truth(here, capsys):
    code, report, _ = compared(capsys, "mine.py:straight", "mine.py:Turned", "--input", "4")
    assert code == 1
    assert report["truth"] == "none"
    (first,) = report["first_apart"]
    assert (first["where"], first["quantity"]) == ("forward", "dense1")


@needs_torch
def test_where_the_truth_is_too_costly_the_reference_stands_in(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Wide", "mine.py:Wide", "--optimiser", "adam")
    assert (code, report["truth"]) == (0, "reference")
    assert "exact numbers bear" in report["why"]
    code, report, _ = compared(capsys, "mine.py:Wide", "mine.py:WideOff")
    assert code == 1
    firsts = {each["between"]: (each["where"], each["quantity"]) for each in report["first_apart"]}
    assert firsts == dict.fromkeys(["B and the reference", "A and B"], ("gradient", "dense1.w"))


@needs_torch
def test_without_a_truth_one_dtype_is_refused(here, capsys):
    code, _, said = compared(capsys, "mine.py:Branches", "mine.py:Branches", "--dtype", "float64")
    assert code == 4
    assert "there is no truth here" in said


@needs_torch
def test_without_a_truth_equal_models_agree(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Branches", "mine.py:Branches")
    assert (code, report["first_apart"]) == (0, [])


@needs_torch
def test_a_map_that_is_not_unique_is_refused_and_one_may_be_given(here, capsys):
    code, report, said = compared(capsys, "mine.py:Branches", "mine.py:Renamed")
    assert (code, report) == (4, None)
    assert "A's left or right" in said and "could go to B's two or one" in said
    (here / "map.toml").write_text('[layers]\nleft = "two"\nright = "one"\nout = "out"\n')
    assert compared(capsys, "mine.py:Branches", "mine.py:Renamed", "--map", "map.toml")[0] == 0
    (here / "map.toml").write_text('[layers]\nleft = "one"\nright = "two"\nout = "out"\n')
    code, report, _ = compared(capsys, "mine.py:Branches", "mine.py:Renamed", "--map", "map.toml")
    assert code == 1
    assert report["first_apart"][0]["where"] == "forward"


@needs_torch
@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("number", 4, "mine.py:number is of type int; compare takes an nn.Module"),
        ("Owm", 4, "mine.py has no 'Owm'; it has Own"),
        ("Pair", 4, "the model returns a tuple; compare needs one that returns a tensor"),
        ("Breaks", 3, "mine.py:Breaks: IndexError: index 9 is out of bounds"),
        ("Ends", 3, "mine.py:Ends: it ended with exit status 3"),
    ],
)
def test_a_model_that_is_none_or_does_not_run_is_said_in_words(here, capsys, name, code, message):
    found, report, said = compared(capsys, f"mine.py:{name}", "mine.py:Own")
    assert (found, report) == (code, None)
    assert message in said and "Traceback" not in said


@needs_torch
@needs_keras
def test_pytorch_and_keras_agree_over_images_and_flattening(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Image", "theirs.py:image", "--dtype", "float64")
    assert code == 0, report["verdict"]
    assert report["input"]["shape"] == [2, 4, 3]


@needs_torch
@needs_keras
def test_the_epsilon_of_keras_is_named_with_its_layer(here, capsys):
    code, report, _ = compared(capsys, "mine.py:Image", "theirs.py:own_epsilon", "--dtype", "float64")
    assert code == 1
    assert report["differences"] == ["batch_norm1 (norm, batch_normalization): epsilon is 1e-05 in A and 0.001 in B"]
    by_a = next(each for each in report["judged"] if (each["model"], each["as"]) == ("B", "A"))
    assert (by_a["first"]["where"], by_a["first"]["layer"]) == ("forward", "batch_norm1")


@needs_torch
@needs_keras
def test_an_lstm_of_keras_and_one_of_pytorch_agree(here, capsys):
    code, report, _ = compared(capsys, "theirs.py:sequence", "mine.py:Sequence", "--dtype", "float32")
    assert code == 0, report["verdict"]
    assert report["truth"] == "exact"
