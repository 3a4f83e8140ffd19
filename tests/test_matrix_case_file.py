"""The case file: what is stored is the truth that was found, bit for bit, and nothing else is taken for one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradproof.cli import main
from gradproof.matrix import case_file, drawing_cases
from gradproof.matrix.planes import from_planes, to_planes
from gradproof.reference import operations

OPS = operations()
CHOSEN = {name: OPS[name] for name in ("embedding", "lstm_cell", "max_pool2d", "relu", "sgd")}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "cases.npz"
    drawing_cases.draw(path, CHOSEN, 10, 3, ("float32", "float64"))
    return path


def test_the_stored_truth_is_the_truth_bit_for_bit(drawn):
    """Interval ends at kinks, trailing doubles, allowances and coarse allowances, labels, several outputs, layouts."""
    read = case_file.read(drawn)
    regimes, intervals, outputs, wholes = set(), 0, 0, 0
    for stored in read.stored(OPS):
        found = drawing_cases.with_truth(stored.case.spec, OPS[stored.case.spec.op])
        pairs = list(zip(case_file.numbers_of(stored), case_file.numbers_of(found), strict=True))
        for (pool, ours), (other, theirs) in pairs:
            assert pool == other
            assert (ours.dtype, ours.shape, ours.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes())
        for ours, theirs in zip(stored.case.inputs.values(), found.case.inputs.values(), strict=True):
            assert ours.strides == theirs.strides
        assert stored.case.parts == found.case.parts
        assert (stored.truth.proof, stored.truth.source) == (found.truth.proof, found.truth.source)
        assert (stored.truth.uncertain, stored.truth.notes) == (found.truth.uncertain, found.truth.notes)
        regimes.add(stored.case.spec.regime)
        intervals += any(pool == "above" for pool, _ in case_file.numbers_of(stored))
        outputs = max(outputs, len(stored.case.parts))
        wholes += len(stored.truth.together)
    assert {"ordinary", "ties", "empty"} <= regimes and intervals and outputs > 1 and wholes


def test_a_twin_is_the_same_case_in_other_memory(drawn):
    for stored in case_file.read(drawn).stored(OPS):
        twin = case_file.twin(stored.case)
        for name, x in stored.case.inputs.items():
            assert twin.inputs[name].strides == x.strides and twin.inputs[name].tobytes() == x.tobytes()
            assert not np.shares_memory(twin.inputs[name], x)


def test_the_same_seed_draws_the_same_hash_and_another_seed_another(tmp_path):
    few = {"relu": OPS["relu"]}
    hashes = [
        drawing_cases.draw(tmp_path / f"{k}.npz", few, 2, seed, ("float64",)).hash for k, seed in enumerate((1, 1, 2))
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def rewritten(path: Path, to: Path, **members: np.ndarray) -> Path:
    """The archive with other members."""
    with np.load(path, allow_pickle=False) as archive:
        np.savez_compressed(to, **{**{name: archive[name] for name in archive.files}, **members})
    return to


def index_of(path: Path, **changed: object) -> np.ndarray:
    with np.load(path, allow_pickle=False) as archive:
        index = {**json.loads(bytes(archive["index"])), **changed}
    return np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)


def test_an_edited_file_is_refused(drawn, tmp_path):
    with np.load(drawn, allow_pickle=False) as archive:
        planes = archive["allowance"].copy()
    planes[0, 0] ^= 1
    edited = rewritten(drawn, tmp_path / "a.npz", allowance=planes)
    with pytest.raises(ValueError, match="was changed after it was drawn"):
        case_file.read(edited)
    edited = rewritten(drawn, tmp_path / "b.npz", index=index_of(drawn, settings={"seed": 4}))
    with pytest.raises(ValueError, match="was changed after it was drawn"):
        case_file.read(edited)


def test_another_version_is_refused_in_words(drawn, tmp_path):
    other = rewritten(drawn, tmp_path / "a.npz", index=index_of(drawn, version=2))
    with pytest.raises(ValueError, match=r"a case file of version 2; this gradproof reads version 1"):
        case_file.read(other)


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_cut_file_is_refused(drawn, tmp_path, kept):
    whole = drawn.read_bytes()
    end = int(len(whole) * kept) if isinstance(kept, float) else kept
    (tmp_path / "a.npz").write_bytes(whole[:end])
    with pytest.raises(ValueError, match="is not a whole case file"):
        case_file.read(tmp_path / "a.npz")


def test_what_is_no_case_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no case file"):
        case_file.read(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", x=np.ones(3))
    with pytest.raises(ValueError, match="is not a whole case file"):
        case_file.read(tmp_path / "other.npz")
    np.savez(tmp_path / "objects.npz", index=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="is not a whole case file"):
        case_file.read(tmp_path / "objects.npz")


def test_the_reference_that_drew_it_is_the_reference_that_is_judged(drawn, monkeypatch):
    read = case_file.read(drawn)
    drawing_cases.check_sources(read)
    monkeypatch.setitem(read.index["sources"], "relu", "0" * 32)
    with pytest.raises(ValueError, match=r"another reference than the one here \(relu differ\)"):
        drawing_cases.check_sources(read)
    monkeypatch.setitem(read.index["sources"], "unheard_of", "0" * 32)
    with pytest.raises(ValueError, match="it has no unheard_of here"):
        drawing_cases.check_sources(read)


def test_an_interrupted_drawing_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        drawing_cases.draw(tmp_path / "a.npz", {"relu": OPS["relu"]}, 1, 0, ("float64",))
    assert list(tmp_path.iterdir()) == []


def test_a_case_without_a_truth_is_left_out_and_said(tmp_path, monkeypatch, capsys):
    real = drawing_cases.with_truth

    def one_fails(spec, op):
        if op.name == "relu":
            raise ArithmeticError("no truth here")
        return real(spec, op)

    monkeypatch.setattr(drawing_cases, "with_truth", one_fails)
    path = tmp_path / "a.npz"
    assert main(["cases", "draw", str(path), "relu", "tanh", "--cases", "1"]) == 3
    assert "left out: relu:" in capsys.readouterr().err
    assert case_file.read(path).operations == ["tanh"]
    assert "no truth here" in case_file.read(path).index["left_out"][0]


def test_the_commands(tmp_path, capsys):
    path = tmp_path / "new" / "cases.npz"
    assert main(["cases", "draw", str(path), "affine", "--cases", "2", "--dtype", "float32", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert "2 cases" in said and case_file.read(path).hash in said
    assert main(["cases", "show", str(path)]) == 0
    assert "2 proved" in capsys.readouterr().out
    assert main(["cases", "show", str(path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"] == {
        "operations": ["affine"], "cases": 2, "seed": 5, "dtypes": ["float32"]
    }  # fmt: skip
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    for arguments, words in (
        (["cases", "draw", str(other), "affine"], "it is not replaced"),
        (["cases", "draw", str(tmp_path), "affine"], "is a folder"),
        (["cases", "draw", str(path), "afine"], "did you mean affine"),
        (["cases", "show", str(tmp_path / "none")], "there is no case file"),
    ):
        assert main(arguments) == 4
        assert words in capsys.readouterr().err
    assert other.read_text() == "mine"


def test_reading_needs_neither_flint_nor_hypothesis():
    code = (
        "import sys; from gradproof.matrix import case_file, cell, merging; from gradproof.reports.matrix import page\n"
        "print([m for m in ('flint', 'hypothesis', 'rich', 'jinja2', 'jsonschema') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_planes_give_the_numbers_back(dtype):
    numbers = np.array([0, 1, 1, 0], dtype=dtype)
    assert from_planes(to_planes(numbers), numbers.dtype.str).tobytes() == numbers.tobytes()
    with pytest.raises(ValueError, match="holds no"):
        from_planes(to_planes(numbers)[:0], numbers.dtype.str)
