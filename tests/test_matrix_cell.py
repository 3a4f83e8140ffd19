"""A cell: it judges what the audit judges, with the stored truth, and its name is held to what is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradproof import judging, recording
from gradproof.cli import main
from gradproof.frameworks.known import read as read_known
from gradproof.matrix import case_file, cell_name, drawing_cases, results
from gradproof.panel import Panel
from gradproof.reports.findings import read, validate
from gradproof.verdict import Finding, Results
from gradproof.workers.pool import Hello, Reply
from tests.matrix_fakes import HERE, NP, OPS, PY, FakePanel, FakeWorker, fake_cell, wrong_pooling

ROOT = Path(__file__).resolve().parent.parent
CHOSEN = {name: OPS[name] for name in ("affine", "max_pool2d", "softplus")}


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("drawn") / "cases.npz"
    drawing_cases.draw(path, CHOSEN, 4, 0, ("float32", "float64"))
    return path


@pytest.fixture(scope="module")
def whole(cases, tmp_path_factory) -> Path:
    """A cell with a fake Keras whose pooling is wrong, and a fake PyTorch that is right."""
    output = tmp_path_factory.mktemp("cells")
    name = f"{PY}-{NP}-torch213-keras314"
    assert fake_cell(name, cases, output, {"torch": "2.13.0", "keras": "3.14.1"}, {"keras": wrong_pooling}) == 1
    return output / name


# -- the findings ---------------------------------------------------------------------------------------------------


def test_it_finds_what_the_audit_finds(cases, whole):
    """The same cases judged with a truth that is found anew: the same records, entry by entry, but for the seconds."""
    panel = FakePanel((), fakes=(FakeWorker("keras", "keras", Hello("ready"), wrong_pooling),))
    found = read(whole / "findings.jsonl")
    kept = {(f["case"], f["implementation"], f["quantity"]): f for f in found.findings}
    with panel:
        for stored in case_file.read(cases).stored(OPS):
            spec = stored.case.spec
            judged = judging.judge_case(spec, OPS[spec.op], panel, read_known(), only="keras")
            for finding in judged.findings:
                record = json.loads(json.dumps(recording.finding_record(finding)))
                assert kept[finding.case, finding.implementation, finding.quantity] == record
            record = {**recording.case_record(judged), "seconds": found.cases[spec.id]["seconds"]}
            assert json.loads(json.dumps(record)) == found.cases[spec.id]
    statuses = {f["status"] for f in found.findings if f["op"] == "max_pool2d" and f["implementation"] == "keras"}
    assert "wrong" in statuses


def test_the_file_is_a_findings_file_and_says_where_it_was_made(cases, whole):
    assert validate(whole / "findings.jsonl") > 10
    header = read(whole / "findings.jsonl").header
    about = header["environment"]["cell"]
    assert about["name"] == whole.name and about["lies"] == []
    assert about["cases"]["hash"] == case_file.read(cases).hash
    assert header["environment"]["distributions"]["numpy"] == np.__version__
    assert {"cpu", "threads", "hash_seed"} <= set(header["environment"])
    assert (whole / "report.html").read_text().startswith("{%") is False


def test_every_result_is_kept_bit_for_bit(cases, whole):
    kept = results.read(whole / "results.bin")
    assert kept.cases == case_file.read(cases).hash and kept.operations == set(CHOSEN)
    for stored in case_file.read(cases).stored(OPS):
        op, case = OPS[stored.case.spec.op], stored.case
        y, cache = op.forward(*case.inputs.values(), **case.options)
        own = kept.arrays[case.id, "numpy", op.output]
        assert (own[0].dtype, own[0].tobytes()) == (y.dtype, np.ascontiguousarray(y).tobytes())
        assert kept.arrays[case.id, "pytorch", op.output][0].tobytes() == own[0].tobytes()
        (name, gradient), *_ = zip(op.differentiable(case.options), op.backward(case.cotangents[1], cache), strict=True)
        assert kept.arrays[case.id, "numpy", f"d{name}"][1].tobytes() == np.ascontiguousarray(gradient).tobytes()
    wrong = next(f for f in read(whole / "findings.jsonl").findings if f["status"] == "wrong")
    key = (wrong["case"], "keras", wrong["quantity"])
    assert str(kept.at(key, wrong["worst"]["cotangent"], tuple(wrong["worst"]["index"]))) == wrong["worst"]["got"]
    assert kept.at(key, 0, (999, 0)) is None and kept.at(("none", "keras", "y"), 0, ()) is None


def test_results_of_another_dtype_or_shape_are_kept_as_they_are():
    arrays = {
        ("c", "numpy", "y"): [np.ones((2, 3), np.float32)],
        ("c", "a", "y"): [np.full((2, 3), 2.0)],
        ("c", "b", "y"): [np.ones(5, np.float32)],
        ("c", "d", "y"): [np.ones((3, 2), np.float32)],
        ("c", "e", "y"): [np.array(["text"])],
    }
    path = ROOT / "nowhere"
    content = results.header("h") + results.part("op", arrays)
    handle = __import__("io").BytesIO(content)
    (_, _, _), (told, body, end) = results._parts(handle)
    assert end == len(content) and results.read(path).cases == ""
    for key, (array,) in results._arrays(told, body).items():
        assert (array.dtype, array.shape, array.tobytes()) == (
            arrays[key][0].dtype,
            arrays[key][0].shape,
            arrays[key][0].tobytes(),
        )
    assert ("c", "e", "y") not in results._arrays(told, body)


def test_laws_of_the_frame_hold_here_too(cases, tmp_path):
    def strange(request, reply):
        if request.op == "affine":
            return Reply("ok", reply.y.T, reply.gradients)
        if request.op == "softplus":
            return Reply("ok", reply.y.astype(np.float64), tuple({"x": g["x"] + np.nan} for g in reply.gradients))
        return Reply("broken", message="it died")

    assert fake_cell(f"{PY}-{NP}-keras315", cases, tmp_path, {"keras": "3.15.1"}, {"keras": strange}) == 1
    found = read(tmp_path / f"{PY}-{NP}-keras315" / "findings.jsonl").findings
    reasons = {(f["op"], f["status"], f["reason"]) for f in found if f["implementation"] == "keras"}
    assert ("affine", "wrong", "wrong-shape") in reasons
    assert ("softplus", "wrong", "wrong-dtype") in reasons and ("softplus", "wrong", "non-finite") in reasons
    assert ("max_pool2d", "broken", "") in reasons


def test_exit_codes(cases, tmp_path):
    def broken(_request, _reply):
        return Reply("broken", message="it died")

    keras = {"keras": "3.15.1"}
    name = f"{PY}-{NP}-keras315"
    assert fake_cell(f"{PY}-{NP}-bare", cases, tmp_path) == 0
    assert fake_cell(name, cases, tmp_path, keras) == 0
    assert fake_cell(name, cases, tmp_path, keras, {"keras": broken}) == 3
    assert fake_cell(name, cases, tmp_path, keras, {"keras": broken}, record=True) == 0
    assert fake_cell(name, cases, tmp_path, keras, {"keras": wrong_pooling}, record=True) == 0
    assert fake_cell(f"{PY}-{NP}-keras314", cases, tmp_path, keras, record=True) == 1


def test_a_cell_runs_without_flint_and_hypothesis(cases, tmp_path):
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("flint", "hypothesis", "rich", "jinja2", "jsonschema", "markupsafe"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from pathlib import Path
from gradproof.matrix import cell
from gradproof.panel import Panel
sys.exit(cell.run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), panel=Panel(()), installed=eval(sys.argv[4])))
"""
    arguments = [f"{PY}-{NP}-bare", str(cases), str(tmp_path), repr(HERE)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "no page was written: " in done.stderr
    assert read(tmp_path / arguments[0] / "findings.jsonl").end["comparisons"] > 0


# -- killed and gone on with ----------------------------------------------------------------------------------------


def test_a_killed_cell_goes_on_from_the_operations_that_are_whole(cases, whole, tmp_path):
    folder = tmp_path / whole.name
    folder.mkdir()
    lines = (whole / "findings.jsonl").read_bytes().splitlines(keepends=True)
    middle = next(k for k, line in enumerate(lines) if b'"op":"max_pool2d"' in line and b'"record":"case"' in line)
    (folder / "findings.jsonl").write_bytes(b"".join(lines[: middle + 1]) + lines[middle + 1][:40])
    raw = (whole / "results.bin").read_bytes()
    first = results.LENGTH.unpack_from(raw)[0] + 8
    second = first + 8 + results.LENGTH.unpack_from(raw, first)[0]
    (folder / "results.bin").write_bytes(raw[: second + 30])
    asked: list[str] = []

    def listening(request, reply):
        asked.append(request.op)
        return wrong_pooling(request, reply)

    versions = {"torch": "2.13.0", "keras": "3.14.1"}
    assert fake_cell(whole.name, cases, tmp_path, versions, {"keras": listening}, resume=True) == 1
    assert set(asked) == {"max_pool2d", "softplus"}
    before, after = read(whole / "findings.jsonl"), read(folder / "findings.jsonl")
    assert sorted(map(str, after.findings)) == sorted(map(str, before.findings))
    assert set(after.details) == set(before.details) and set(after.cases) == set(before.cases)
    assert {**after.end, "seconds": 0} == {**before.end, "seconds": 0}
    kept = [results.read(path / "results.bin").arrays for path in (whole, folder)]
    assert kept[0].keys() == kept[1].keys()


@pytest.mark.parametrize(
    ("versions", "seed", "words"),
    [
        ({"torch": "2.13.1", "keras": "3.14.1"}, 0, "other versions"),
        ({"torch": "2.13.0", "keras": "3.14.1"}, 1, "another case"),
    ],
)
def test_another_run_is_not_gone_on_with(cases, whole, tmp_path, versions, seed, words):
    (tmp_path / whole.name).mkdir()
    (tmp_path / whole.name / "findings.jsonl").write_bytes((whole / "findings.jsonl").read_bytes())
    other = cases
    if seed:
        other = tmp_path / "other.npz"
        drawing_cases.draw(other, {"affine": OPS["affine"]}, 1, seed, ("float64",))
    with pytest.raises(ValueError, match=words):
        fake_cell(whole.name, other, tmp_path, versions, resume=True)


def test_ctrl_c_ends_a_cell_between_cases(cases, tmp_path):
    def interrupted(request, reply):
        if request.op == "max_pool2d":
            raise KeyboardInterrupt
        return reply

    name = f"{PY}-{NP}-keras315"
    assert fake_cell(name, cases, tmp_path, {"keras": "3.15.1"}, {"keras": interrupted}) == 2
    found = read(tmp_path / name / "findings.jsonl")
    assert found.end["status"] == "interrupted" and found.end["exit"] == 2
    assert {record["op"] for record in found.cases.values()} == {"affine"}


# -- the name -------------------------------------------------------------------------------------------------------

EVERYTHING = {
    "py": "3.11.7", "np": "2.4.6", "torch": "2.13.0+cpu", "tf": "2.21.0", "keras": "3.15.1", "jax": "0.10.2"
}  # fmt: skip


FULL = "py311-np24-torch213-tf221-keras315-jax010"


def lies(name: str, bounds: dict[str, str] | None = None, **here: str) -> list[str]:
    return cell_name.lies(cell_name.parse(name), {**EVERYTHING, **here}, bounds)


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("py311-np24-torch213-tf221-keras315-jax010", {}),
        ("np24-py311-keras315-jax010-tf221-torch213", {}),
        (
            "py310-np126-bare",
            {"py": "3.10.13", "np": "1.26.4", "torch": "absent", "tf": "absent", "keras": "absent", "jax": "absent"},
        ),
        ("py311-np24-keras315-torch213-kerastorch", {"tf": "absent", "jax": "absent"}),
        ("py311-np24-kerasjax", {"tf": "absent", "torch": "absent"}),
    ],
)
def test_a_name_that_is_true(name, here):
    assert lies(name, **here) == []


@pytest.mark.parametrize(
    ("name", "here", "said"),
    [
        ("py312-np24-torch213-tf221-keras315-jax010", {}, "the name says py312, and Python is 3.11.7 (py311)"),
        ("py311-np126-torch213-tf221-keras315-jax010", {}, "the name says np126, and NumPy is 2.4.6 (np24)"),
        ("py311-np24-torch21-tf221-keras315-jax010", {}, "the name says torch21, and PyTorch is 2.13.0+cpu (torch213)"),
        ("py311-np24-torch213-tf221-keras314-jax010", {}, "the name says keras314, and Keras is 3.15.1 (keras315)"),
        (FULL, {"tf": "absent"}, "the name says tf221, and TensorFlow is not installed"),
        ("py311-np24-torch213-tf221-jax010", {}, "Keras 3.15.1 is installed, and the name does not name it (keras315)"),
        (FULL.replace("torch", "tocrh"), {"torch": "absent"}, "'tocrh213', which is no factor; did you mean torch213?"),
        ("py311-np24-torch-tf221-keras315-jax010", {"torch": "absent"}, "'torch', which is no factor"),
        ("py311-np24-torch213-tf221-keras315-jax010-cu12", {}, "'cu12', which is no factor"),
        ("py311-np24-torch213-tf221-keras315-jax010-", {}, "'', which is no factor; known are pyXY"),
        ("py311-py312-np24-torch213-tf221-keras315-jax010", {}, "the name says py311 and py312"),
        (FULL.replace("jax010", "kerasjax"), {"jax": "absent"}, "the name says kerasjax, and JAX is not installed"),
    ],
)  # fmt: skip
def test_one_sentence_for_the_one_lie(name, here, said):
    found = lies(name, **here)
    assert len(found) == 1 and said in found[0]


def test_bare_means_no_framework():
    said = lies("py311-np24-bare", tf="absent", keras="absent", jax="absent")
    assert said == ["PyTorch 2.13.0+cpu is installed, and the name says bare"]
    assert "the name says bare, and names a framework (torch)" in lies("py311-bare-torch213")


def test_every_lie_has_its_sentence():
    assert len(lies("py312-np25-tocrh213-keras314", tf="absent")) == 6


def test_lowest_is_held_to_the_bounds_of_the_requirements():
    bounds = {"numpy": "2.0", "torch": "2.7", "keras": "3.12", "tensorflow-cpu": "2.19", "jax": "0.6"}
    lowest = {"np": "2.0.2", "torch": "2.7.1", "keras": "3.12.0", "tf": "2.19.1", "jax": "absent"}
    assert lies("py311-lowest", bounds, **lowest) == []
    assert lies("py311-lowest", bounds, **{**lowest, "np": "2.1.0"}) == [
        "the name says lowest, which is NumPy 2.0, and 2.1.0 is installed"
    ]
    assert "has no lower bound" in lies("py311-lowest", {"numpy": "2.0"}, **{**lowest, "torch": "2.7.1"})[0]
    assert lies("py311-lowest", {}, **lowest)[0].startswith("the name says lowest, and no lower bound")
    assert {"numpy", "torch", "keras", "jax", "tensorflow-cpu"} <= set(cell_name.lower_bounds())


def test_a_framework_that_does_not_run_fails_its_cell(cases, tmp_path, capsys):
    said = Hello("broken", "keras could not start: it was killed by SIGILL")
    panel = FakePanel((), fakes=(FakeWorker("keras", "keras", said),))
    from gradproof.matrix import cell

    name = f"{PY}-{NP}-keras315"
    code = cell.run(name, cases, tmp_path, panel=panel, installed={**HERE, "keras": "3.15.1"}, record=True)
    assert code == 3
    assert "the name says Keras, and nothing of it runs: keras is broken" in capsys.readouterr().err
    assert read(tmp_path / name / "findings.jsonl").findings == []


def test_a_framework_that_computes_with_another_version_is_a_lie(cases, tmp_path, capsys):
    panel = FakePanel((), fakes=(FakeWorker("keras", "keras", Hello("ready", "", {"keras": "3.14.0"})),))
    from gradproof.matrix import cell

    name = f"{PY}-{NP}-keras315"
    assert cell.run(name, cases, tmp_path, panel=panel, installed={**HERE, "keras": "3.15.1"}) == 1
    assert "keras computes with keras 3.14.0, and 3.15.1 is what is installed" in capsys.readouterr().err


def test_a_backend_row_needs_its_backend():
    hellos = {
        "pytorch": Hello("ready"),
        "keras": Hello("ready"),
        "keras_torch": Hello("absent", "torch is not installed"),
    }
    here = {**HERE, "keras": "3.15.1", "torch": "2.13.0"}
    (said,) = cell_name.silent(cell_name.parse("py311-kerastorch-keras315"), hellos, here)
    assert "keras_torch is absent" in said


def test_the_command_line_says_lies_and_usage(cases, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gradproof.matrix.cell_name.installed", lambda: dict(HERE))
    lying = ["cell", "py27-np24-bare", "--cases", str(cases), "--output", str(tmp_path), "--format", "json"]
    assert main(lying) == 1
    shown = capsys.readouterr()
    assert "gradproof: py27-np24-bare: the name says py27" in shown.err
    assert json.loads(shown.out)["cell"]["lies"] and json.loads(shown.out)["exit"] == 1
    for arguments, words in (
        (["cell", "../x", "--cases", str(cases)], "is not a cell's name"),
        (["cell", "py311", "--cases", str(tmp_path / "none")], "there is no case file"),
        (["cell", "py311"], "--cases"),
    ):
        with pytest.raises(SystemExit) if arguments[-1] == "py311" else __import__("contextlib").nullcontext():
            assert main(arguments) == 4
        assert words in capsys.readouterr().err


# -- NumPy before 2.0 -----------------------------------------------------------------------------------------------


def promoted(monkeypatch, version: str, change: float) -> tuple[str, str]:
    """Status and reason of a loss that came out as float64 under that NumPy, its value off by a factor."""
    op = OPS["squared_error"]
    spec = next(drawing_cases.plain_specs(op, 1, 0, ["float32"]))
    stored = drawing_cases.with_truth(spec, op)
    monkeypatch.setattr(np, "__version__", version)
    real = judging.frame.run

    def run(pair, inputs, cotangents):
        results = real(pair, inputs, cotangents)
        return Results(np.float64(results.y) * change, results.gradients)

    monkeypatch.setattr(judging.frame, "run", run)
    grounds = (stored.truth, lambda: stored.wide)
    twin = case_file.twin(stored.case)
    opened = judging.open_against(lambda _: grounds, stored.case, twin, op, {}, Panel(()), read_known(), (), 0.0)
    finding: Finding = opened.finish().findings[0]
    return finding.status, finding.reason


def test_a_promoted_scalar_is_a_declared_difference_before_numpy_2_and_its_number_is_judged(monkeypatch):
    assert promoted(monkeypatch, "1.26.4", 1.0) == ("known-difference", "numpy-1-promotes-scalars")


def test_a_promoted_scalar_that_is_wrong_is_wrong(monkeypatch):
    assert promoted(monkeypatch, "1.26.4", 1.5) == ("wrong", "beyond-allowance")


def test_under_numpy_2_a_float64_loss_of_float32_is_wrong(monkeypatch):
    assert promoted(monkeypatch, "2.0.0", 1.0) == ("wrong", "wrong-dtype")
