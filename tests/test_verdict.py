"""From results to statuses: the frame first, then error against allowance, then what explains an error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradproof import frame, verdict
from gradproof.cases import Spec, build, example_sizes
from gradproof.pair import Pair, of_operation
from gradproof.reference import operations
from gradproof.truth import Proof, TrueArray, Truth, coarse, find_truth
from gradproof.verdict import FAILURES, About, Finding, Results, judge, ratio_of

OPERATIONS = operations()
ABOUT = About("case:id", "test", "float64", "ordinary", "somebody")


def true_array(low, high=None, allowance=0.0):
    low = np.asarray(low, dtype=np.float64)
    high = low if high is None else np.asarray(high, dtype=np.float64)
    return TrueArray(
        (low, np.zeros_like(low)),
        (high, np.zeros_like(low)),
        np.broadcast_to(np.asarray(allowance, dtype=float), low.shape).copy(),
    )


def truth_with(true, y=None, **details):
    return Truth(
        true_array(0.0, allowance=1.0) if y is None else y,
        ({"x": true},),
        Proof("proved"),
        "proved backward",
        **details,
    )


def judged(true, got, *, coarse=None, reference=None, dtype="float64", **details):
    about = About("case:id", "test", dtype, "ordinary", "somebody")
    own = None if reference is None else Results(0.0, ({"x": reference},))
    y, dx = judge(about, truth_with(true, **details), Results(0.0, ({"x": got},)), coarse, own)
    assert (y.status, y.quantity, dx.quantity) == ("agree", "y", "dx")
    return dx


def wider(allowance):
    return lambda true=None: truth_with(true_array([1.0, 2.0, 4.0], allowance=allowance))


# -- numbers --------------------------------


def test_within_the_allowance_is_agreement():
    finding = judged(true_array([1.0, 2.0, 4.0], allowance=[0.1, 0.2, 0.4]), np.array([1.05, 2.0, 4.1]))
    assert (finding.status, finding.reason, finding.entries, finding.failed) == ("agree", "", 3, False)
    assert finding.ratio == pytest.approx(0.5)
    assert finding.worst.index == (0,)
    assert (finding.worst.true, finding.worst.got) == ("1.0", "1.05")


def test_beyond_the_allowance_is_wrong_and_the_worst_entry_is_named():
    finding = judged(true_array([[1.0, 2.0], [4.0, 8.0]], allowance=0.5), np.array([[1.0, 2.0], [4.0, -8.0]]))
    assert (finding.status, finding.reason, finding.failed) == ("wrong", "beyond-allowance", True)
    assert (finding.ratio, finding.worst.index, finding.worst.cotangent) == (32.0, (1, 1), 0)
    assert finding.ulp == 16 / np.spacing(8.0)
    true, got, ratio = finding.pictures
    assert (true[1, 1], got[1, 1], ratio[1, 1]) == (8, -8, 32)


def test_an_exact_truth_asks_for_the_very_bits():
    assert judged(true_array([1.0, 0.0, -2.0]), np.array([1.0, -0.0, -2.0])).status == "agree"
    finding = judged(true_array([1.0, 0.0, -2.0]), np.array([1.0, 5e-324, -2.0]))
    assert (finding.status, finding.ratio, finding.worst.index) == ("wrong", math.inf, (1,))


def test_the_low_half_of_the_truth_counts():
    true = TrueArray((np.array([1.0]), np.array([1e-17])), (np.array([1.0]), np.array([1e-17])), np.array([2e-17]))
    assert judged(true, np.array([1.0])).ratio == pytest.approx(0.5)


def test_the_worst_cotangent_is_shown():
    truth = Truth(
        true_array(0.0, allowance=1.0),
        tuple({"x": true_array([1.0, 2.0], allowance=1.0)} for _ in range(3)),
        Proof("proved"),
        "",
    )
    got = [np.array([1.0, 2.0]), np.array([1.0, 9.0]), np.array([3.0, 2.0])]
    finding = judge(ABOUT, truth, Results(0.0, tuple({"x": g} for g in got)))[1]
    assert (finding.status, finding.entries, finding.worst.cotangent, finding.worst.index, finding.ratio) == (
        "wrong",
        6,
        1,
        (1,),
        7,
    )
    np.testing.assert_array_equal(finding.pictures[1], got[1])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_wrong(bad):
    finding = judged(true_array([1.0, 2.0], allowance=1e300), np.array([1.0, bad]))
    assert (finding.status, finding.reason, finding.ratio) == ("wrong", "non-finite", math.inf)
    assert str(bad) in finding.message and "2" in finding.message
    assert judged(
        true_array([1.0, 2.0], allowance=1.0),
        np.array([1.0, bad]),
        coarse=lambda: truth_with(true_array([1.0, 2.0], allowance=1e300)),
    ).failed
    assert judged(true_array([1.0, 2.0], allowance=1.0), np.array([1.0, bad]), uncertain=1).status == "wrong"


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.floats(1e-12, 1e3), st.floats(0, 8))
def test_the_status_follows_the_ratio(values, allowance, times):
    true = true_array(values, allowance=allowance)
    got = np.array(values) + times * allowance
    finding = judged(true, got)
    assert finding.status == ("agree" if finding.ratio <= 1 else "wrong")
    assert finding.ratio == float(np.max(true.error(got) / allowance))


# -- undecided --------------------------------


def test_an_undefined_truth_is_undecided_entry_by_entry():
    true = true_array([math.nan, 2.0], allowance=[0.0, 0.5])
    finding = judged(true, np.array([7.0, 2.25]))
    assert (finding.status, finding.undecided, finding.ratio) == ("agree", 1, 0.5)
    assert judged(true, np.array([math.nan, 9.0])).status == "wrong"
    finding = judged(true_array([math.nan, 2.0], allowance=[0, math.inf]), np.array([1.0, 2.0]))
    assert (finding.status, finding.undecided, finding.entries, finding.worst) == ("undecided", 2, 2, None)
    assert finding.message


def test_a_branch_that_rounding_decides_makes_an_error_undecided_not_an_agreement_less():
    true = true_array([1.0, 2.0], allowance=0.5)
    assert judged(true, np.array([1.0, 2.0]), uncertain=1).status == "agree"
    finding = judged(true, np.array([1.0, 5.0]), uncertain=1)
    assert (finding.status, finding.reason) == ("undecided", "branch")


# -- inaccurate --------------------------------


def test_an_error_of_rounding_at_unit_scale_is_inaccurate():
    true = true_array([1.0, 2.0, 4.0], allowance=1e-16)
    got = np.array([1.0, 2.0 + 1e-9, 4.0])
    finding = judged(true, got, coarse=wider(1e-8))
    assert (finding.status, finding.reason, finding.failed) == ("inaccurate", "rounding", True)
    assert judged(true, got, coarse=wider(1e-10)).status == "wrong"
    assert judged(true, got).status == "wrong"


def test_the_coarse_truth_is_asked_for_only_when_needed():
    def never():
        raise RuntimeError("asked")

    assert judged(true_array([1.0]), np.array([1.0]), coarse=never).status == "agree"
    with pytest.raises(RuntimeError, match="asked"):
        judged(true_array([1.0]), np.array([2.0]), coarse=never)


def test_a_formula_that_loses_digits_is_inaccurate_end_to_end():
    pair = Pair(
        "t",
        lambda x: (np.tanh(x), x),
        lambda dy, x: (dy * (4 * (e := np.exp(-2 * np.abs(x))) / (1 + e) ** 2),),
        ("x",),
        ("x",),
    )
    x, dy = {"x": np.linspace(3, 8, 7)}, [np.ones(7)]
    truth = find_truth(pair, x, dy)
    y = np.tanh(x["x"])
    statuses = {}
    for name, dx in {"good": 1 / np.cosh(x["x"]) ** 2, "digits lost": 1 - y * y, "bug": 1 - y}.items():
        findings = judge(ABOUT, truth, Results(y, ({"x": dx},)), lambda: coarse(pair, x, dy, truth))
        statuses[name] = findings[1].status
    assert statuses == {"good": "agree", "digits lost": "inaccurate", "bug": "wrong"}


# -- kinks --------------------------------


def test_another_convention_at_a_kink_is_said_and_not_a_failure():
    true = true_array([0.0, 1.0], [3.0, 1.0], allowance=1e-12)
    own = np.array([0.0, 1.0])
    finding = judged(true, np.array([1.5, 1.0]), reference=own)
    assert (finding.status, finding.reason, finding.failed, finding.kinks) == ("kink-convention", "tie", False, 1)
    assert "[0]" in finding.message and "50%" in finding.message and "0 to 3" in finding.message
    assert judged(true, own, reference=own).status == "agree"
    assert judged(true, np.array([1.5, 1.0])).status == "agree"  # nobody's convention to compare with
    assert judged(true, np.array([3.1, 1.0]), reference=own).status == "wrong"
    assert judged(true, np.array([-0.1, 1.0]), reference=own).status == "wrong"
    assert judged(true, np.array([1.5, 2.0]), reference=own).status == "wrong"


def test_the_worst_entry_at_a_kink_is_held_against_the_nearer_end():
    true = true_array([0.0], [3.0], allowance=1.0)
    assert (judged(true, np.array([5.0])).worst.true, judged(true, np.array([-5.0])).worst.true) == ("3.0", "0.0")


# -- the frame --------------------------------


class Stubborn:
    def __array__(self, *_, **__):
        raise ValueError("cannot be an array")


@pytest.mark.parametrize(
    ("got", "reason", "words"),
    [
        (None, "missing", "was not returned"),
        (np.zeros((2, 1)), "wrong-shape", "(2, 1); expected (2,)"),
        (np.zeros(3), "wrong-shape", "(3,); expected (2,)"),
        (1.0, "wrong-shape", "(); expected (2,)"),
        (np.zeros(2, dtype=np.float32), "wrong-dtype", "float32; expected float64"),
        (np.zeros(2, dtype=np.int64), "wrong-dtype", "int64; expected float64"),
        ([1, 2], "wrong-dtype", "int64; expected float64"),
        (np.array([1 + 0j, 2]), "not-numbers", "complex128"),
        (np.array(["a", "b"]), "not-numbers", "expected float64"),
        (np.array([None, 1.0]), "not-numbers", "object"),
        ([[1.0], [2.0, 3.0]], "not-an-array", "is not an array"),
        (Stubborn(), "not-an-array", "cannot be an array"),
    ],
)
def test_the_frame_comes_before_the_numbers(got, reason, words):
    finding = judged(true_array([1.0, 2.0], allowance=100.0), got)
    assert (finding.status, finding.reason, finding.ratio, finding.worst) == ("wrong", reason, None, None)
    assert words in finding.message and finding.message.startswith("dx ")


def test_a_plain_float_has_no_dtype_and_a_float64_scalar_has():
    about = About("c", "t", "float32", "ordinary", "somebody")
    truth = truth_with(true_array([1.0]), y=true_array(0.5, allowance=1e-6))
    gradients = ({"x": np.ones(1, np.float32)},)
    statuses = {}
    for y in (0.5, np.float32(0.5), np.float64(0.5), np.array(0.5)):
        statuses[type(y).__name__] = judge(about, truth, Results(y, gradients))[0].reason
    assert statuses == {"float": "", "float32": "", "float64": "wrong-dtype", "ndarray": "wrong-dtype"}


def test_a_gradient_that_one_cotangent_lacks_is_missing():
    truth = Truth(true_array(0.0), tuple({"x": true_array([1.0])} for _ in range(2)), Proof("proved"), "")
    finding = judge(ABOUT, truth, Results(0.0, ({"x": np.ones(1)}, {})))[1]
    assert finding.reason == "missing"


def test_the_dtype_of_a_quantity_may_be_another():
    truth = truth_with(true_array([1.0]))
    findings = judge(ABOUT, truth, Results(0.0, ({"x": np.ones(1, np.float32)},)), dtypes={"dx": "float32"})
    assert [f.status for f in findings] == ["agree", "agree"]


def test_an_empty_array_of_the_right_frame_agrees():
    finding = judged(true_array(np.zeros((0, 3))), np.zeros((0, 3)))
    assert (finding.status, finding.entries, finding.ratio) == ("agree", 0, None) and finding.message
    assert judged(true_array(np.zeros((0, 3))), np.zeros((3, 0))).reason == "wrong-shape"


# -- end to end --------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_the_catalogue_agrees_and_each_spoiled_quantity_is_the_one_found(name, dtype):
    op = OPERATIONS[name]
    options = op.defaults()
    sizes = tuple(example_sizes(op, options).items())
    case = build(Spec(name, dtype, sizes, tuple(options.items()), "ordinary", "strided", 5), op)
    pair = of_operation(op, case.options)
    truth = find_truth(pair, case.inputs, case.cotangents)
    results = frame.run(pair, case.inputs, case.cotangents)
    about = About(case.id, name, dtype, "ordinary", "numpy")

    def statuses(y, gradients):
        return {
            f.quantity: f.status
            for f in judge(
                about, truth, Results(y, gradients), lambda: coarse(pair, case.inputs, case.cotangents, truth), results
            )
        }

    right = statuses(results.y, results.gradients)
    assert set(right.values()) == {"agree"} and list(right) == ["y", *(f"d{n}" for n in pair.differentiable)]
    assert statuses(results.y * 2, results.gradients) == {**right, "y": "wrong"}
    for n in pair.differentiable:
        spoiled = statuses(results.y, tuple({**by, n: by[n] * by[n].dtype.type(-3)} for by in results.gradients))
        found = spoiled.pop(f"d{n}")
        if dtype == "float64":
            assert found == "wrong"
        else:  # in a deep network the bounds of float32 may be wider than the gradient itself: then nothing is seen
            blind = any((by[n].allowance >= np.abs(by[n].nearest)).any() for by in truth.gradients)
            assert found in (FAILURES if not blind else (*FAILURES, "agree"))
        assert spoiled == {q: status for q, status in right.items() if q != f"d{n}"}


def test_a_ratio_is_never_negative_and_nan_only_where_nothing_can_be_said():
    true = true_array([1.0, 2.0, math.nan, 4.0], [1.0, 3.0, math.nan, 4.0], allowance=[0, 1, 1, math.inf])
    np.testing.assert_array_equal(
        ratio_of(true.error(np.array([1.0, 2.5, 1.0, 9.0])), true), [0, 0, math.nan, math.nan]
    )
    np.testing.assert_array_equal(
        ratio_of(true.error(np.array([math.nan, math.nan, math.nan, math.nan])), true),
        [math.inf, math.inf, math.nan, math.nan],
    )


def test_statuses_are_those_of_the_reports():
    from gradproof.reports import findings

    assert verdict.STATUSES == findings.STATUSES
    assert set(verdict.FAILURES) <= set(verdict.STATUSES)


def test_a_mismatch_is_an_assertion_that_carries_its_findings():
    finding = Finding("c", "t", "float64", "ordinary", "somebody", "dx", "wrong")
    error = verdict.Mismatch("dx is wrong", [finding])
    assert isinstance(error, AssertionError) and error.findings == [finding] and str(error) == "dx is wrong"
