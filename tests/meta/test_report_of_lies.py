"""What was not compared is never called agreement: not by the verdict, not by the exit code, not in a report."""

from __future__ import annotations

import dataclasses
import math
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.audit import FINDINGS, Audit, Settings, Tally
from gradproof.cli import main
from gradproof.frame import run
from gradproof.pair import of_operation
from gradproof.truth import Proof, TrueArray, Truth
from gradproof.verdict import About, Finding, Results, judge
from gradproof.workers.pool import Hello, Reply
from reference import operations
from reports import findings as findings_file
from reports import render, table

TANH = operations()["tanh"]


# -- the verdict on strange results ------------------------------------------------------------------------


def true_array(values: Any, allowance: Any = 1e-12) -> TrueArray:
    high = np.array(values, dtype=np.float64)
    return TrueArray((high, np.zeros_like(high)), (high.copy(), np.zeros_like(high)), np.full(high.shape, allowance))


def truth_of(values: Any, allowance: Any = 1e-12) -> Truth:
    true = true_array(values, allowance)
    return Truth(true, ({"x": true},), Proof("proved"), "proved backward")


def verdicts(truth: Truth, y: Any, dx: Any, dtype: str = "float64") -> list[Finding]:
    about = About("a case", "an operation", dtype, "ordinary", "an implementation")
    return judge(about, truth, Results(y, tuple({"x": dx} for _ in truth.gradients)))


RIGHT = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
STRANGE: dict[str, Any] = {
    "none": None,
    "nan-everywhere": np.full((3, 2), np.nan),
    "nan-in-one-entry": np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 6.0]]),
    "infinite": np.array([[1.0, 2.0], [3.0, np.inf], [5.0, 6.0]]),
    "one-row-less": np.array(RIGHT[:2]),
    "one-axis-more": np.array([RIGHT]),
    "one-axis-less": np.array(RIGHT).ravel(),
    "transposed": np.array(RIGHT).T,
    "broadcastable-row": np.array(RIGHT[:1]),
    "broadcastable-scalar": np.float64(1.0),
    "empty": np.empty((0, 2)),
    "complex": np.array(RIGHT) + 0j,
    "objects": np.array(RIGHT, dtype=object),
    "text": np.array(RIGHT).astype(str),
    "bytes": np.array(RIGHT).astype(bytes),
    "ragged-list": [[1.0, 2.0], [3.0], [5.0, 6.0]],
    "whole-numbers": np.array(RIGHT).astype(int),
    "booleans": np.array(RIGHT).astype(bool),
    "float32": np.array(RIGHT, dtype=np.float32),
    "float16": np.array(RIGHT, dtype=np.float16),
    "dates": np.array(RIGHT).astype("datetime64[s]"),
    "a-dict": {"x": RIGHT},
    "a-set": {1.0, 2.0},
    "a-function": np.sin,
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_a_strange_result_never_agrees(strange: Any) -> None:
    right = np.array(RIGHT)
    of_y, of_dx = (
        [f.status for f in verdicts(truth_of(RIGHT), strange, right)],
        [f.status for f in verdicts(truth_of(RIGHT), right, strange)],
    )
    assert of_y == ["wrong", "agree"]
    assert of_dx == ["agree", "wrong"]


@pytest.mark.skipif(np.longdouble(0).itemsize == 8, reason="long double is float64 on this platform")
def test_a_long_double_never_agrees() -> None:
    assert [f.status for f in verdicts(truth_of(RIGHT), np.array(RIGHT, dtype=np.longdouble), None)] == ["wrong"] * 2


@pytest.mark.parametrize(
    ("true", "got"),
    [
        pytest.param([1.0, 1.0, 1.0], np.ones((3, 1)), id="column-for-vector"),
        pytest.param([[1.0], [1.0], [1.0]], np.ones(3), id="vector-for-column"),
        pytest.param([1.0], np.array(1.0), id="scalar-for-vector-of-one"),
        pytest.param(1.0, np.ones(1), id="vector-of-one-for-scalar"),
        pytest.param(1.0, [1.0], id="list-of-one-for-scalar"),
        pytest.param(1.0, 1, id="int-for-scalar"),
        pytest.param(1.0, True, id="bool-for-scalar"),
        pytest.param(1.0, 1 + 0j, id="complex-for-scalar"),
        pytest.param(1.0, "1.0", id="text-for-scalar"),
        pytest.param(1.0, math.nan, id="nan-for-scalar"),
        pytest.param(1.0, np.float32(1), id="float32-for-scalar"),
        pytest.param([], np.empty((0, 1)), id="another-empty-shape"),
    ],
)
def test_shapes_and_scalars_are_not_taken_for_each_other(true: Any, got: Any) -> None:
    assert {f.status for f in verdicts(truth_of(true), got, got)} == {"wrong"}


@pytest.mark.parametrize("got", [np.array(1.0), np.float64(1), 1.0], ids=["array", "numpy-scalar", "python-float"])
def test_a_scalar_may_come_in_three_ways(got: Any) -> None:
    assert {f.status for f in verdicts(truth_of(1.0), got, got)} == {"agree"}


@pytest.mark.parametrize("got", [math.nan, math.inf, 0.0, 1.0])
@pytest.mark.parametrize(
    ("true", "allowance"), [(math.nan, 1e-12), (1.0, math.inf), (math.inf, 1e-12), (1.0, math.nan)]
)
def test_nothing_agrees_where_the_truth_is_unknown(true: float, allowance: float, got: float) -> None:
    array = np.array([got, got])
    findings = verdicts(truth_of([true, true], allowance), array, array)
    assert {f.status for f in findings} == {"undecided"}
    assert {f.undecided for f in findings} == {2}


def test_an_unknown_entry_hides_no_wrong_one() -> None:
    got = np.array([math.nan, 5.0])
    assert {f.status for f in verdicts(truth_of([math.nan, 1.0]), got, got)} == {"wrong"}


def test_an_exact_truth_has_no_allowance() -> None:
    got = np.array([1.0, np.nextafter(2.0, 3.0)])
    findings = verdicts(truth_of([1.0, 2.0], 0.0), got, got)
    assert {(f.status, f.ratio) for f in findings} == {("wrong", math.inf)}


def test_a_gradient_that_was_not_returned_is_missing() -> None:
    about = About("a case", "an operation", "float64", "ordinary", "an implementation")
    findings = judge(about, truth_of(RIGHT), Results(np.array(RIGHT), ({},)))
    assert [(f.quantity, f.status, f.reason) for f in findings] == [("y", "agree", ""), ("dx", "wrong", "missing")]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_another_number_of_cotangents_never_agrees(count: int) -> None:
    about = About("a case", "an operation", "float64", "ordinary", "an implementation")
    truth = dataclasses.replace(truth_of(RIGHT), gradients=truth_of(RIGHT).gradients * 2)
    try:
        findings = judge(about, truth, Results(np.array(RIGHT), ({"x": np.array(RIGHT)},) * count))
    except ValueError:
        return
    assert findings[1].status == "wrong"


# -- whole runs ----------------------------------------------------------------------------------------------


class Panel:
    """A panel of one implementation beside the reference, that answers every case alike."""

    slow: frozenset[str] = frozenset()

    def __init__(self, answer: Any, hello: str = "ready") -> None:
        self.answer = answer
        self.hellos = {"other": Hello(hello)}

    def framework(self, name: str) -> str:
        return name

    def share(self, name: str) -> int:
        return 1

    def ask(self, case: Any, op: Any, turn: int = 0, only: str | None = None) -> dict[str, Future[Reply]]:
        if only == "" or self.hellos["other"].status != "ready":
            return {}
        future: Future[Reply] = Future()
        future.set_result(self.answer(case, op))
        return {"other": future}

    def described(self) -> dict[str, Any]:
        none = {"versions": {}, "message": ""}
        return {"numpy": {"status": "ready", **none}, "other": {"status": self.hellos["other"].status, **none}}


def audit(
    folder: Path, answer: Any, ops: Any = None, hello: str = "ready"
) -> tuple[int, findings_file.Findings, Tally]:
    ops = {"tanh": TANH} if ops is None else ops
    run_ = Audit(ops, Panel(answer, hello), folder, Settings(cases=len(ops) * 9, seed=0))  # type: ignore[arg-type]
    code = run_.run()
    return code, findings_file.read(folder / FINDINGS), run_.tally


def right(case: Any, op: Any) -> Reply:
    results = run(of_operation(op, case.options), case.inputs, case.cotangents)
    return Reply("ok", results.y, tuple(dict(g) for g in results.gradients))


def by_numpy(status: str) -> Any:
    return lambda case, op: Reply(status, message=f"it is {status}")


def test_absent_is_not_agreement(tmp_path: Path) -> None:
    code, found, tally = audit(tmp_path, by_numpy("absent"))
    cell = table.grid(found).cells["tanh", "other"]
    assert code == 0  # the reference was compared, and agrees
    assert (cell.status, set(cell.counts), cell.entries) == ("absent", {"absent"}, 0)
    assert tally.statuses["absent"] == tally.cases
    assert tally.comparisons == table.grid(found).cells["tanh", "numpy"].entries
    assert "other agrees" not in render(found, "text")


def test_partly_absent_is_not_agreement(tmp_path: Path) -> None:
    turns = iter([right, by_numpy("absent")] * 100)
    _, found, _ = audit(tmp_path, lambda case, op: next(turns)(case, op))
    cell = table.grid(found).cells["tanh", "other"]
    assert {"agree", "absent"} <= set(cell.counts)
    assert cell.word == "partly absent"


@pytest.mark.parametrize("hello", ["absent", "broken"])
def test_who_never_started_has_no_findings_and_does_not_agree(tmp_path: Path, hello: str) -> None:
    _, found, _ = audit(tmp_path, right, hello=hello)
    assert [f for f in found.findings if f["implementation"] == "other"] == []
    cell = table.grid(found).cells["tanh", "other"]
    assert (cell.status, cell.entries, cell.counts) == (hello, 0, {})


def test_who_was_never_asked_is_not_run(tmp_path: Path) -> None:
    class Silent(Panel):
        def ask(self, *_: Any, **__: Any) -> dict[str, Future[Reply]]:
            return {}

    Audit({"tanh": TANH}, Silent(right), tmp_path, Settings(cases=9)).run()  # type: ignore[arg-type]
    assert table.grid(findings_file.read(tmp_path / FINDINGS)).cells["tanh", "other"].status == table.NOT_RUN


def test_who_broke_at_the_start_decides_the_exit_code_too(tmp_path: Path) -> None:
    assert audit(tmp_path, right, hello="broken")[0] == 3


def test_who_broke_decides_the_exit_code(tmp_path: Path) -> None:
    code, found, _ = audit(tmp_path, by_numpy("broken"))
    assert code == found.end["exit"] == 3
    assert table.grid(found).cells["tanh", "other"].status == "broken"


def test_a_run_whose_only_implementation_broke_exits_3(tmp_path: Path) -> None:
    def forward(x: Any) -> Any:
        """Hyperbolic tangent that exact numbers cannot pass through."""
        return np.tanh(np.array([float(v) for v in x.ravel()]).reshape(x.shape)), x

    broken = dataclasses.replace(TANH, forward=forward)
    code, found, tally = audit(tmp_path, right, {"tanh": broken}, hello="absent")
    assert code == found.end["exit"] == 3
    assert tally.comparisons == 0
    assert set(tally.statuses) == {"broken"}
    assert main(["report", str(tmp_path)]) == 3


def test_wrong_outweighs_broken(tmp_path: Path) -> None:
    def wrong(case: Any, op: Any) -> Reply:
        reply = right(case, op)
        return dataclasses.replace(reply, y=np.negative(reply.y))

    turns = iter([wrong, by_numpy("broken")] * 100)
    code, _, tally = audit(tmp_path, lambda case, op: next(turns)(case, op))
    assert tally.statuses["broken"]
    assert code == 1


def test_an_empty_run_exits_5(tmp_path: Path) -> None:
    code, found, _ = audit(tmp_path, right, {})
    assert code == found.end["exit"] == 5
    assert main(["report", str(tmp_path)]) == 5


def test_a_run_of_vacuous_cases_exits_5(tmp_path: Path) -> None:
    def zero_forward(x: Any) -> Any:
        """Zero, whatever the input."""
        return x * 0, x

    def zero_backward(dy: Any, x: Any) -> Any:
        return (dy * x * 0,)

    vacuous = dataclasses.replace(
        TANH,
        forward=zero_forward,
        backward=zero_backward,
        excluded={r: "for this test" for r in ("tails", "tiny", "huge", "offset", "size-one", "empty")},
    )
    code, found, tally = audit(tmp_path, right, {"tanh": vacuous})
    assert (code, tally.comparisons) == (5, 0)
    assert found.end["vacuous"] > 0


def finding(status: str, **details: Any) -> Finding:
    return Finding("a case", "an operation", "float64", "ordinary", "an implementation", "y", status, **details)


@pytest.mark.parametrize(
    ("statuses", "compared", "code"),
    [
        ([], 0, 5),
        (["agree"], 0, 5),
        (["absent"], 0, 5),
        (["not-applicable"], 0, 5),
        (["undecided"], 0, 5),
        (["agree", "absent"], 4, 0),
        (["agree", "kink-convention", "known-difference"], 4, 0),
        (["agree", "broken"], 4, 3),
        (["broken"], 0, 3),
        (["agree", "inaccurate"], 4, 1),
        (["broken", "wrong"], 4, 1),
    ],
)
def test_exit_codes(statuses: list[str], compared: int, code: int) -> None:
    assert Tally(comparisons=compared, statuses={s: 1 for s in statuses}).exit_code() == code


def test_a_run_that_was_cut_off_is_not_finished(tmp_path: Path) -> None:
    audit(tmp_path, right)
    path = tmp_path / FINDINGS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]) + lines[-2][:20])
    assert main(["report", str(tmp_path)]) == 3


@pytest.mark.parametrize("status", ["wrong", "inaccurate", "broken", "absent", "undecided", "agree"])
def test_only_wrong_and_inaccurate_fail(status: str) -> None:
    assert finding(status).failed == (status in ("wrong", "inaccurate"))
