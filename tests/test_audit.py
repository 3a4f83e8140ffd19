"""The audit of the reference alone: its file, its exit codes, its resumption, and a planted mistake."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gradproof import cli
from gradproof.audit import FINDINGS, PAGE, PREVIOUS, Audit, Settings, Tally, prepare
from gradproof.cases import parse
from gradproof.panel import Panel
from gradproof.reference import operations
from gradproof.reference._domain import real
from gradproof.reference._op import Op
from gradproof.reports.findings import check_record, read, validate

OPERATIONS = operations()
FEW = {name: OPERATIONS[name] for name in ("absolute_error", "affine", "softmax")}
BIAS = 1.0


# -- planted operations --------------------------------


def scaled_forward(x, w):
    """Product of two arrays, plus one."""
    return x * w + BIAS, (x, w)


def scaled_backward(dy, cache):
    x, w = cache
    return dy * w, dy * x


def wrong_backward(dy, cache):
    x, w = cache
    return dy * w, 2 * dy * x


def wrong_in_long_rows_backward(dy, cache):
    x, w = cache
    dw = dy * x
    dw[..., 3:] = 0
    return dy * w, dw


def planted(backward, name="scaled", forward=scaled_forward, **details):
    details = {"inputs": (real("x", "N D"), real("w", "N D")), "cite": "nowhere", "empty": ("N",), **details}
    return Op(name=name, forward=forward, backward=backward, **details)


def audit(folder, ops=FEW, **settings):
    """Exit code and findings of an audit of these operations by the reference alone."""
    with Panel([]) as panel:
        code = Audit(ops, panel, folder, Settings(**{"cases": 12, **settings})).run()
    return code, read(folder / FINDINGS)


def key(finding):
    return tuple(
        str(finding[k])
        for k in ("op", "case", "implementation", "quantity", "status", "reason", "ratio", "worst", "entries")
    )


# -- the file --------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An audit of three operations and a wrong one, run to its end."""
    folder = tmp_path_factory.mktemp("whole")
    code, found = audit(folder, {**FEW, "scaled": planted(wrong_backward)})
    return folder, code, found


def test_the_file_is_valid_and_says_what_was_done(whole):
    folder, code, found = whole
    assert validate(folder / FINDINGS) > 50
    for line in (folder / FINDINGS).read_text().splitlines():
        check_record(json.loads(line))
    assert found.header["settings"] == {
        "operations": [*FEW, "scaled"],
        "cases": 12,
        "seed": 0,
        "dtypes": ["float32", "float64"],
    }
    assert found.header["implementations"]["numpy"]["status"] == "ready"
    assert set(found.header["operations"]) == {*FEW, "scaled"}
    assert found.end["status"] == "finished" and found.end["exit"] == code == 1
    assert {c["op"] for c in found.cases.values()} == {*FEW, "scaled"}
    assert (folder / PAGE).stat().st_size > 1000
    assert sorted(p.name for p in folder.iterdir()) == sorted([FINDINGS, PAGE])


def test_every_case_id_can_be_parsed_and_every_finding_has_its_case(whole):
    _, _, found = whole
    ops = {**OPERATIONS, "scaled": planted(wrong_backward)}
    for case in found.cases:
        assert parse(case, ops).id == case
    assert {f["case"] for f in found.findings} <= set(found.cases)
    quantities = {
        "absolute_error": {"y", "dprediction"},
        "affine": {"y", "dx", "dw", "db"},
        "softmax": {"y", "dx"},
        "scaled": {"y", "dx", "dw"},
    }
    for name, expected in quantities.items():
        assert {f["quantity"] for f in found.findings if f["op"] == name} == expected


def test_the_right_operations_agree_and_are_proved(whole):
    _, _, found = whole
    right = [f for f in found.findings if f["op"] != "scaled"]
    assert {f["status"] for f in right} == {"agree"}
    assert {c["proof"]["status"] for c in found.cases.values() if c["op"] != "scaled"} == {"proved"}
    assert {f["dtype"] for f in right} == {"float32", "float64"}
    assert set(found.details) == {(name, "numpy") for name in (*FEW, "scaled")}


def test_every_regime_and_dtype_has_its_turn(tmp_path):
    _, found = audit(tmp_path, {"relu": OPERATIONS["relu"]}, cases=24)
    assert len({(c["regime"], c["dtype"]) for c in found.cases.values()}) == 2 * len(
        found.header["operations"]["relu"]["regimes"]
    )


# -- a planted mistake --------------------------------


def test_a_wrong_gradient_is_found_refuted_and_nothing_else_is(whole):
    _, _, found = whole
    wrong = [f for f in found.findings if f["status"] == "wrong"]
    assert {(f["op"], f["quantity"]) for f in wrong} == {("scaled", "dw")}
    statuses = {c["proof"]["status"] for c in found.cases.values() if c["op"] == "scaled"}
    assert "refuted" in statuses


def test_the_mistake_is_shrunk_and_explained_and_its_reproducer_runs(whole, tmp_path):
    _, _, found = whole
    detail = found.details["scaled", "numpy"]
    assert (detail["status"], detail["quantity"]) == ("wrong", "dw")
    assert np.prod(detail["shape"]) <= 2
    case = found.cases[detail["case"]]
    assert case["layout"] == "contiguous"
    assert "allowance" in detail["explanation"]
    assert detail["cite"] == "nowhere"
    done = subprocess.run(
        [sys.executable, "-I", "-c", detail["reproducer"]], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    lines = {
        label: line.split()[-1]
        for line in done.stdout.splitlines()
        for label in ("this formula", "true value")
        if line.startswith(label)
    }
    (finding,) = [f for f in found.findings if (f["case"], f["quantity"]) == (detail["case"], "dw")]
    assert float(lines["this formula"]) == float(finding["worst"]["got"])
    assert float(lines["true value"]) == float(finding["worst"]["true"])


def test_a_mistake_of_long_rows_is_shrunk_to_the_shortest_that_shows_it(tmp_path):
    code, found = audit(tmp_path, {"scaled": planted(wrong_in_long_rows_backward)}, cases=30)
    detail = found.details["scaled", "numpy"]
    assert (code, detail["status"], detail["quantity"]) == (1, "wrong", "dw")
    assert detail["shape"] == [1, 4]


# -- exit codes --------------------------------


def test_exit_codes(tmp_path):
    assert audit(tmp_path / "right", {"scaled": planted(scaled_backward)}, cases=6)[0] == 0
    code, found = audit(tmp_path / "nothing", {})
    assert (code, found.end["comparisons"], found.end["cases"]) == (5, 0, 0)
    floor = planted(scaled_backward, forward=floored_forward)
    code, found = audit(tmp_path / "broken", {"scaled": floor}, cases=4)
    assert code == 3
    assert {(f["status"], f["reason"]) for f in found.findings} == {("broken", "reference")}
    assert "floor" in found.findings[0]["message"]
    validate(tmp_path / "broken" / FINDINGS)


def floored_forward(x, w):
    """A forward that exact numbers cannot run."""
    return np.floor(x) * w, (x, w)


def test_an_operation_that_says_nothing_is_not_a_pass(tmp_path):
    """All of its gradients are zero: every case is refused, and nothing was compared."""

    def forward(x, w):
        """Zero."""
        return x * 0 + w * 0, (x, w)

    only = {r: "not of interest here" for r in ("tails", "tiny", "huge", "offset")}
    op = planted(lambda dy, cache: (dy * 0, dy * 0), forward=forward, excluded=only, empty=())
    _, found = audit(tmp_path, {"scaled": op}, cases=6)
    ordinary = [c for c in found.cases.values() if c["regime"] not in ("size-one", "empty")]
    assert ordinary == [] and len(found.vacuous) > 0
    assert found.end["vacuous"] > 0
    validate(tmp_path / FINDINGS)


@pytest.mark.parametrize(
    ("statuses", "comparisons", "code"),
    [
        ({"agree": 3}, 9, 0),
        ({"agree": 3, "wrong": 1}, 9, 1),
        ({"agree": 3, "inaccurate": 1}, 9, 1),
        ({"wrong": 1, "broken": 1}, 9, 1),
        ({"agree": 3, "broken": 1}, 9, 3),
        ({}, 0, 5),
        ({"absent": 2}, 0, 5),
        ({"undecided": 2}, 0, 5),
        ({"agree": 1, "undecided": 2}, 1, 0),
        ({"agree": 2, "kink-convention": 1, "known-difference": 1}, 9, 0),
    ],
)
def test_the_exit_code_of_a_tally(statuses, comparisons, code):
    assert Tally(comparisons=comparisons, statuses=statuses).exit_code() == code


def test_an_interrupted_run_says_so_and_keeps_what_it_found(tmp_path):
    done = []

    def progress(operation, count):
        done.append(operation)
        if len(done) == 5:
            raise KeyboardInterrupt

    with Panel([]) as panel:
        code = Audit(FEW, panel, tmp_path, Settings(12), progress).run()
    found = read(tmp_path / FINDINGS)
    assert (code, found.end["status"], found.end["exit"], len(found.cases)) == (2, "interrupted", 2, 5)
    assert (tmp_path / PAGE).exists()
    validate(tmp_path / FINDINGS)
    code, resumed = audit(tmp_path, resume=True)
    assert (code, resumed.end["status"]) == (0, "finished")
    assert list(resumed.cases) == list(audit(tmp_path / "other")[1].cases)


# -- the same again --------------------------------


def test_the_same_seed_draws_the_same_cases_and_another_does_not(tmp_path):
    ops = {"affine": FEW["affine"]}
    _, first = audit(tmp_path / "a", ops, cases=60)
    _, again = audit(tmp_path / "b", ops, cases=60)
    _, other = audit(tmp_path / "c", ops, cases=60, seed=1)
    assert list(first.cases) == list(again.cases)
    assert len(set(first.cases) - set(other.cases)) > 20
    assert [key(f) for f in first.findings] == [key(f) for f in again.findings]


def test_an_operation_draws_the_same_alone_and_in_company(tmp_path):
    _, company = audit(tmp_path / "a")
    _, alone = audit(tmp_path / "b", {"affine": FEW["affine"]})
    assert [c for c, record in company.cases.items() if record["op"] == "affine"] == list(alone.cases)


# -- killed and resumed --------------------------------


def test_a_run_killed_anywhere_and_resumed_ends_with_the_same_findings(whole, tmp_path):
    """Cut at the bounds of lines, inside of them, in the header, before the end and after it."""
    folder, code, full = whole
    raw = (folder / FINDINGS).read_bytes()
    ends = [i + 1 for i, byte in enumerate(raw) if byte == ord("\n")]
    rng = np.random.default_rng(50)
    header = ends[0]
    # the bounds of the last lines are where the shrunk case, the details and the end are written
    cuts = {
        0,
        header // 2,
        header,
        header + 1,
        len(raw) - 2,
        len(raw),
        *ends[-9:],
        *map(int, rng.integers(header, len(raw), 6)),
    }
    for cut in sorted(cuts):
        killed = tmp_path / str(cut)
        killed.mkdir()
        (killed / FINDINGS).write_bytes(raw[:cut])
        again, resumed = audit(killed, {**FEW, "scaled": planted(wrong_backward)}, resume=True)
        assert (again, resumed.end["status"]) == (code, "finished"), cut
        validate(killed / FINDINGS)
        drawn = {case for case in full.cases if case != full.details["scaled", "numpy"]["case"]}
        assert drawn <= set(resumed.cases), cut
        assert len(resumed.cases) <= len(full.cases) + 1, cut
        assert {key(f) for f in full.findings if f["case"] in drawn} == {
            key(f) for f in resumed.findings if f["case"] in drawn
        }, cut
        assert len({key(f) for f in resumed.findings}) == len(resumed.findings), cut
        assert set(resumed.details) == set(full.details), cut
        assert {k: d["status"] for k, d in resumed.details.items()} == {
            k: d["status"] for k, d in full.details.items()
        }, cut


def test_a_resumed_run_of_right_operations_counts_what_a_whole_one_counts(tmp_path):
    _, full = audit(tmp_path / "full")
    raw = (tmp_path / "full" / FINDINGS).read_bytes()
    for k, cut in enumerate((len(raw) // 3, len(raw) // 2, len(raw))):
        killed = tmp_path / str(k)
        killed.mkdir()
        (killed / FINDINGS).write_bytes(raw[:cut])
        _, resumed = audit(killed, resume=True)
        assert list(resumed.cases) == list(full.cases)
        for count in ("cases", "comparisons", "exit", "status"):
            assert resumed.end[count] == full.end[count], (count, cut)


def test_resuming_a_finished_run_judges_nothing_again(whole, tmp_path, monkeypatch):
    folder, code, full = whole
    (tmp_path / FINDINGS).write_bytes((folder / FINDINGS).read_bytes())
    monkeypatch.setattr("gradproof.audit.judge_case", None)
    again, resumed = audit(tmp_path, {**FEW, "scaled": planted(wrong_backward)}, resume=True)
    assert again == code
    assert list(resumed.cases) == list(full.cases)
    assert [key(f) for f in resumed.findings] == [key(f) for f in full.findings]


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"cases": 13}, "cases=12, now 13"), ({"seed": 7}, "seed=0, now 7"), ({"dtypes": ("float32",)}, "dtypes=")],
)
def test_resuming_with_other_settings_is_refused_in_words(whole, tmp_path, changed, word):
    folder, _, _ = whole
    (tmp_path / FINDINGS).write_bytes((folder / FINDINGS).read_bytes())
    before = (tmp_path / FINDINGS).read_bytes()
    with pytest.raises(ValueError) as refusal:
        audit(tmp_path, {**FEW, "scaled": planted(wrong_backward)}, resume=True, **changed)
    assert "--resume" in str(refusal.value) and word in str(refusal.value) and "\n" not in str(refusal.value)
    assert (tmp_path / FINDINGS).read_bytes() == before
    with pytest.raises(ValueError, match="operations="):
        audit(tmp_path, FEW, resume=True)


def test_resuming_nothing_is_a_new_run(tmp_path):
    code, found = audit(tmp_path / "new", {"affine": FEW["affine"]}, resume=True)
    assert code == 0 and found.header and len(found.cases) == 12


def test_a_new_run_keeps_the_earlier_one_beside_it(tmp_path):
    audit(tmp_path, {"affine": FEW["affine"]}, cases=4)
    first = (tmp_path / FINDINGS).read_bytes()
    audit(tmp_path, {"affine": FEW["affine"]}, cases=4, seed=1)
    assert (tmp_path / PREVIOUS).read_bytes() == first != (tmp_path / FINDINGS).read_bytes()


# -- where it cannot write --------------------------------


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("something else")
    for folder in (in_the_way, in_the_way / "deeper"):
        with pytest.raises(ValueError) as error:
            audit(folder)
        assert (
            "--output: cannot write in" in str(error.value)
            and str(folder) in str(error.value)
            and "\n" not in str(error.value)
        )
    assert in_the_way.read_text() == "something else"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_said_in_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ValueError, match="--output: cannot write in"):
        prepare(tmp_path, resume=False)
    tmp_path.chmod(0o700)


def test_a_findings_file_of_something_else_is_not_resumed(tmp_path):
    (tmp_path / FINDINGS).write_text('{"a": 1}\n')
    with pytest.raises(ValueError, match="not a findings file"):
        audit(tmp_path, resume=True)
    assert (tmp_path / FINDINGS).read_text() == '{"a": 1}\n'


# -- the command --------------------------------


def test_the_command_writes_its_file_and_returns_its_code(tmp_path, capsys):
    code = cli.main(["audit", "relu", "--cases", "4", "--frameworks", "none", "--output", str(tmp_path)])
    assert code == 0
    validate(tmp_path / FINDINGS)
    out, err = capsys.readouterr()
    assert "relu" in out and str(tmp_path / FINDINGS) in err.replace("\n", "")


def test_the_command_says_what_is_in_the_way(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["audit", "relu", "--frameworks", "none", "--output", str(tmp_path / "file")]) == 4
    err = capsys.readouterr().err
    assert err.startswith("gradproof: --output: cannot write in") and len(err.splitlines()) == 1


def test_an_audit_of_the_whole_catalogue_agrees(tmp_path: Path):
    code, found = audit(tmp_path, OPERATIONS, cases=3)
    assert code == 0
    assert {f["status"] for f in found.findings} == {"agree"}
    assert {c["op"] for c in found.cases.values()} == set(OPERATIONS)


# -- ctrl-C --------------------------------


def test_a_signal_inside_hypothesis_own_code_ends_the_run_in_order(tmp_path, monkeypatch):
    """There a KeyboardInterrupt comes out as another error: the run must end as interrupted all the same."""
    from hypothesis import core

    digest, met = core.function_digest, []

    def interrupted(function):
        os.kill(os.getpid(), signal.SIGINT)
        met.append(1)
        return digest(function)

    monkeypatch.setattr(core, "function_digest", interrupted)
    before = signal.getsignal(signal.SIGINT)
    code, found = audit(tmp_path)
    assert met
    assert code == 2 and found.end["status"] == "interrupted"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_while_a_case_is_judged_ends_it_there(tmp_path, monkeypatch):
    from gradproof import audit as module

    def interrupted(*_, **__):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass
        pytest.fail("the signal was not heeded")

    monkeypatch.setattr(module, "open_case", interrupted)
    code, found = audit(tmp_path)
    assert code == 2 and found.end["status"] == "interrupted" and not found.cases
