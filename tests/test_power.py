"""Detection power, measured: kills, proofs of equivalence, planted errors, right variants, broken processes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradproof.mistakes.catalogue import Mistake, Written, mistakes
from gradproof.mistakes.written._records import Wrong
from gradproof.pair import Pair
from gradproof.power import processes
from gradproof.power.checkers import CHECKERS, chosen, fair, verdict_of
from gradproof.power.checkers._checker import Checker, Rejected, Setting, Subject
from gradproof.power.equivalence import agreement
from gradproof.power.measuring import MUTANTS, Measuring, Settings, Unit
from gradproof.power.outcomes import findings_at, made_by, outcome_of
from gradproof.power.patience import TimedOut, patience
from gradproof.power.points import Point, Points
from gradproof.power.run import sample
from gradproof.power.smallest import JUDGE, planted, point_of, smallest
from gradproof.power.variants import variants_of
from reference import operations

OPS = operations()


def named(identity: str) -> Mistake:
    op = OPS[identity.split("/")[0]]
    return next(m for m in mistakes(op) if m.id == identity)


def first(name: str, count: int = 4) -> Points:
    return Points(OPS[name], count, 0)


# -- the judge ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identity", "status", "reason"),
    [
        ("tanh/wrong-sign", "wrong", "beyond-allowance"),
        ("tanh/noise-in-the-last-place", "wrong", "not-repeatable"),
        ("tanh/one-minus-y-squared", "inaccurate", "rounding"),
    ],
)
def test_a_mistake_is_killed(identity: str, status: str, reason: str):
    """By its numbers, by its frame, and by the digits that it loses."""
    mistake = named(identity)
    found = outcome_of(first("tanh", 30), made_by(mistake))
    assert (found.outcome, found.status, found.reason) == ("killed", status, reason)
    assert found.inputs >= 1 and found.quantity and found.case


def test_a_derived_mistake_is_killed():
    mistake = next(m for m in mistakes(OPS["affine"]) if m.origin == "derived" and m.function == "backward")
    assert outcome_of(first("affine", 30), made_by(mistake)).outcome == "killed"


def test_what_raises_is_named_apart():
    def make(_: Point) -> Pair:
        raise RuntimeError("no such axis")

    found = outcome_of(first("tanh"), make)
    assert (found.outcome, found.inputs) == ("raises", 1) and "no such axis" in found.message


def test_a_change_that_changes_nothing_is_proved_to_be_none():
    def make(point: Point) -> Pair:
        return replace(point.pair, backward=lambda dy, saved: tuple(g + 0 for g in point.pair.backward(dy, saved)))

    found = outcome_of(first("affine", 6), make)
    assert (found.outcome, found.inputs) == ("equivalent", 6)


def test_the_same_function_with_other_roundings_is_told_apart():
    def make(point: Point) -> Pair:
        def backward(dy: Any, saved: Any) -> Any:
            dx, dw, _ = point.pair.backward(dy, saved)
            return dx, dw, dy[::-1].sum(axis=0)

        return replace(point.pair, backward=backward)

    assert outcome_of(first("affine", 20), make).outcome == "rounding"


@pytest.mark.parametrize(("factor", "status"), [(1 + 2.0**-60, "rounding"), (1 + 2.0**-50, "different")])
def test_less_than_half_a_unit_in_the_last_place_is_no_mistake(factor: float, status: str):
    def changed(point: Point) -> Pair:
        def backward(dy: Any, saved: Any) -> Any:
            return tuple(g + g * (factor - 1 if factor > 1 else 2.0**-60) for g in point.pair.backward(dy, saved))

        return replace(point.pair, backward=backward)

    points = [p for p in first("tanh", 24) if p.spec.regime == "ordinary" and p.spec.dtype == "float64"]
    assert points and {agreement(p, changed(p)).status for p in points} == {status}


def test_what_is_computed_of_options_alone_is_compared_exactly():
    """In floats, 0.9 ** 2.5 is off by a rounding that no proof may take for a mistake."""

    def changed(factor: float) -> Any:
        def make(point: Point) -> Pair:
            o = point.case.options
            return replace(
                point.pair,
                forward=lambda rate: (rate * (o["factor"] * factor) ** (o["step"] / o["over"]), None),
            )

        return make

    assert outcome_of(first("exponential_decay", 24), changed(1.0)).outcome in ("rounding", "equivalent")
    assert outcome_of(first("exponential_decay", 24), changed(1 + 1e-5)).outcome == "killed"


def test_where_rows_sum_to_one_they_do_so_in_a_proof():
    """Dividing by their sum changes nothing but roundings there, by their largest entry does."""

    def changed(divisor: Any) -> Any:
        def make(point: Point) -> Pair:
            forward = point.pair.forward
            return replace(point.pair, forward=lambda p, t: forward(p / divisor(p), t))

        return make

    of = [p for p in first("categorical_cross_entropy", 60) if not p.case.options["normalize"]]
    assert outcome_of(of, changed(lambda p: p.sum(axis=1, keepdims=True))).outcome == "rounding"
    assert outcome_of(of, changed(lambda p: p.max(axis=1, keepdims=True))).outcome == "killed"


def test_a_mistake_that_was_written_down_and_never_shows_has_survived():
    found = outcome_of(first("affine", 3), lambda point: point.pair, known=True)
    assert found.outcome == "survived" and "equivalent on every input" in found.message


def test_a_survivor_is_listed_with_what_stands_against_a_proof():
    """Wrong by less than a rounding: no float shows it, and no ball calls it the same."""

    def make(point: Point) -> Pair:
        def backward(dy: Any, saved: Any) -> Any:
            return tuple(g * (1 + 2.0**-60) if np.asarray(g).dtype != object else g * 1.5 for g in
                         point.pair.backward(dy, saved))  # fmt: skip

        return replace(point.pair, backward=backward)

    points = [p for p in first("tanh", 12) if p.spec.regime == "ordinary"]
    found = outcome_of(points, make)
    assert found.outcome == "survived" and "differs from the reference's" in found.message


def test_balls_tell_a_convention_at_a_kink_from_a_mistake():
    op = OPS["relu"]
    point = next(p for p in Points(op, 40, 0) if p.spec.regime == "kinks" and (p.case.inputs["x"] == 0).any())

    def pair(at_zero: float) -> Pair:
        def backward(dy: Any, saved: Any) -> Any:
            (g,) = point.pair.backward(dy, saved)
            x = point.case.inputs["x"]
            return (np.where(x == 0, dy * at_zero, g),)

        return replace(point.pair, backward=backward)

    assert agreement(point, pair(0.0)).status == "same"
    assert agreement(point, pair(1.0)).status == "convention"
    assert agreement(point, pair(2.0)).status == "different"


def test_outputs_of_another_shape_do_not_pass_as_joined():
    op = OPS["lstm_cell"]
    point = Points(op, 1, 0).first(1)[0]

    def separately(*inputs: Any) -> Any:
        returned, saved = point.pair.separately(*inputs)
        return [np.asarray(y).T for y in returned], saved

    found = findings_at(point, lambda p: replace(p.pair, separately=separately))
    assert any(f.reason == "wrong-shape" for f in found)


# -- the other checkers ---------------------------------------------------------------------------------------------


def test_fast_gradcheck_passes_an_entry_wrong_elevenfold():
    pytest.importorskip("torch")
    point, checker = point_of("tanh", "float64", 1024, 0), CHECKERS["gradcheck-fast"]
    default = checker.settings[0]
    assert fair(checker, default, point).status == "passes"
    assert verdict_of(checker, default, point, lambda p: planted(p, 10.0)).status == "passes"
    assert verdict_of(CHECKERS["gradcheck"], CHECKERS["gradcheck"].settings[0], point_of("tanh", "float64", 30, 0),
                      lambda p: planted(p, 10.0)).status == "rejects"  # fmt: skip
    noticed = smallest("tanh", JUDGE, "default", "float64", 1024, 0)
    assert noticed["error"] is not None and noticed["error"] < 1e-12


def without_derivative(point: Point) -> Pair:
    return replace(point.pair, backward=lambda dy, saved: (np.zeros_like(dy),))


def test_check_grads_in_forward_mode_passes_a_zero_derivative_at_500_entries():
    pytest.importorskip("jax")
    point = point_of("tanh", "float32", 500, 0)
    forward, reverse = CHECKERS["check_grads-forward"], CHECKERS["check_grads"]
    assert verdict_of(forward, forward.settings[0], point, without_derivative).status == "passes"
    assert verdict_of(reverse, reverse.settings[0], point, without_derivative).status == "rejects"
    assert any(f.failed for f in findings_at(point, without_derivative))


def test_check_vjp_says_what_check_grads_says_of_a_custom_vjp():
    """The shortcut around callbacks is none in what is checked."""
    jax = pytest.importorskip("jax")
    pytest.importorskip("jax.test_util")

    point = point_of("tanh", "float32", 6, 0)

    def says(make: Any) -> str:
        subject = Subject(point, make(point), "float32")
        (x,) = subject.values
        out = jax.ShapeDtypeStruct(x.shape, x.dtype)

        @jax.custom_vjp
        def f(x: Any) -> Any:
            return jax.pure_callback(lambda x: subject.forward([np.asarray(x)])[0], out, x)

        def backward(x: Any, dy: Any) -> Any:
            def call(x: Any, dy: Any) -> Any:
                x = np.asarray(x)
                return subject.backward(np.asarray(dy), subject.forward([x])[1])[0]

            return (jax.pure_callback(call, out, x, dy),)

        f.defvjp(lambda x: (f(x), x), backward)
        try:
            jax.test_util.check_grads(f, (x,), order=1, modes=("rev",))
        except AssertionError:
            return "rejects"
        return "passes"

    checker = CHECKERS["check_grads"]
    for make in (lambda p: p.pair, without_derivative, lambda p: planted(p, 1e-4), lambda p: planted(p, 3.0)):
        assert says(make) == verdict_of(checker, checker.settings[0], point, make).status


NEEDS = {name: c.needs[0] for name, c in CHECKERS.items() if c.needs}


@pytest.mark.parametrize("name", list(CHECKERS))
def test_every_checker_notices_a_wrong_sign_and_passes_the_reference(name: str):
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    checker, point = CHECKERS[name], point_of("affine", "float64", 12, 3)

    def make(p: Point) -> Pair:
        return replace(p.pair, backward=lambda dy, saved: tuple(-g for g in p.pair.backward(dy, saved)))

    best = checker.settings[-1]
    assert fair(checker, best, point).status == "passes"
    assert verdict_of(checker, best, point, make).status == "rejects"


@pytest.mark.parametrize("name", [n for n, c in CHECKERS.items() if c.derives])
def test_outputs_without_a_derivative_are_not_differentiated(name: str):
    """batch_norm's running statistics: no checker may call the reference wrong for having no gradient there."""
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    checker = CHECKERS[name]
    point = next(p for p in first("batch_norm", 20) if p.spec.regime == "ordinary" and p.case.inputs["x"].size < 120)
    assert fair(checker, checker.settings[-1], point).status == "passes"


def test_a_checker_that_is_not_installed_is_absent_and_never_asked():
    fake = replace(CHECKERS["cs231n"], needs=("no_such_module_here",))
    assert fake.missing() == "no_such_module_here"
    measuring = Measuring(Settings(checkers=("cs231n",), shared=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CHECKERS, "cs231n", fake)
        assert measuring.mutant(named("tanh/wrong-sign"), True)["others"] == []
        assert smallest("tanh", "cs231n", "best", "float64", 10, 0)["why"].startswith("absent")


def made(check: Any) -> Checker:
    return Checker("fake", "a fake", "", "", (Setting("default", "", ""),), check)


def test_exceptions_and_hanging_are_verdicts_of_their_own(monkeypatch: pytest.MonkeyPatch):
    point = first("tanh").first(1)[0]

    def raises(*_: Any) -> None:
        raise ZeroDivisionError("oh")

    def rejects(*_: Any) -> None:
        raise Rejected("no")

    def hangs(*_: Any) -> None:
        while True:
            pass

    monkeypatch.setattr("gradproof.power.checkers._checker.SECONDS", 0.2)
    for check, status in ((raises, "raises"), (rejects, "rejects"), (hangs, "times-out")):
        checker = made(check)
        assert verdict_of(checker, checker.settings[0], point, lambda p: p.pair).status == status


def test_a_checker_that_rejects_the_reference_too_has_killed_nothing():
    def rejects(*_: Any) -> None:
        raise Rejected("never pleased")

    checker = made(rejects)
    measuring = Measuring(Settings())
    found = measuring._asked(checker, checker.settings[0], first("tanh").first(2), made_by(named("tanh/wrong-sign")))
    assert (found["outcome"], found["inputs"], found["unfair"]) == ("unfair", 2, 2)


def test_patience_is_lost_and_restored():
    with pytest.raises(TimedOut), patience(0.05):
        while True:
            pass
    with patience(60):
        pass


def test_unknown_checkers_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="--checkers: 'gradchek' is not known; none, or of gradcheck, "):
        chosen("gradchek")
    assert chosen("none") == [] and chosen("cs231n,gradcheck") == ["gradcheck", "cs231n"]


# -- right programs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["affine", "tanh", "softmax", "batch_norm", "lstm_cell", "conv2d"])
def test_right_variants_are_not_rejected(name: str):
    found = Measuring(Settings(variants=6, shared=1, checkers=())).variants(
        name, [v.name for v in variants_of(OPS[name])]
    )
    asked = [r for r in found if r["checked"][0]["inputs"]]
    assert len(asked) >= 3
    assert [(r["variant"], r["checked"][0]["message"]) for r in asked if r["checked"][0]["alarms"]] == []


def test_a_wrong_variant_is_rejected(monkeypatch: pytest.MonkeyPatch):
    wrong = replace(variants_of(OPS["tanh"])[0], make=without_derivative)
    monkeypatch.setattr("gradproof.power.measuring.variants_of", lambda op: [wrong])
    (record,) = Measuring(Settings(variants=3, shared=1, checkers=())).variants("tanh", ["reference"])
    assert record["checked"][0]["alarms"] == 3 and record["checked"][0]["case"]


def test_the_reversed_batch_is_used_only_where_it_is_the_same_function():
    affine = OPS["affine"]

    def forward(x: Any, w: Any, b: Any) -> Any:
        """Each example by its own number: no batch."""
        return affine.forward(x * (1 + np.arange(len(x)))[:, None].astype(w.dtype), w, b)

    def backward(dy: Any, saved: Any) -> Any:
        dx, dw, db = affine.backward(dy, saved)
        return dx * (1 + np.arange(len(dx)))[:, None].astype(dw.dtype), dw, db

    weighted = replace(affine, name="weighted_examples", forward=forward, backward=backward)

    def reversed_of(op: Any) -> list[bool]:
        variant = next(v for v in variants_of(op) if v.name == "batch-reversed")
        points = [p for p in Points(op, 12, 0) if dict(p.spec.sizes).get("N", 0) >= 2]
        return [variant.make(p) is not None for p in points]

    assert all(reversed_of(OPS["affine"]))
    assert not any(reversed_of(weighted))


# -- samples and processes ---------------------------------------------------------------------------------------------


def test_a_sample_is_half_written_in_order_and_repeatable():
    every = mistakes(OPS["affine"])
    some = sample(every, 8, 0)
    assert [m.id for m in some] == [m.id for m in sample(every, 8, 0)] != [m.id for m in sample(every, 8, 1)]
    assert sum(m.origin == "written" for m in some) == 4
    assert [every.index(m) for m in some] == sorted(every.index(m) for m in some)
    assert sample(every, None, 0) == every and sample(every, 0, 0) == []


def test_a_process_that_dies_is_a_fault_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch):
    ids = tuple(m.id for m in mistakes(OPS["tanh"])[:2])
    units = [Unit(MUTANTS, "tanh", (ids[0], "tanh/no-such-mistake", ids[1]))]
    found = [record for _, record in processes.measured(units, Settings(cases=2, checkers=()), 1)]
    assert [r.get("mutant") for r in found if r["record"] == "mutant"] == list(ids)
    (fault,) = [r for r in found if r["record"] == "fault"]
    assert fault["item"] == "tanh/no-such-mistake" and "KeyError" in fault["message"]


def test_a_check_that_hangs_has_noticed_no_error(monkeypatch: pytest.MonkeyPatch):
    def patient_with_the_right_one(subject: Subject, _: Setting) -> None:
        if subject.pair is not subject.point.pair:
            while True:
                pass

    monkeypatch.setattr("gradproof.power.checkers._checker.SECONDS", 0.3)
    monkeypatch.setitem(CHECKERS, "fake", made(patient_with_the_right_one))
    found = smallest("tanh", "fake", "default", "float64", 10, 0)
    assert found["error"] is None and "did not finish" in found["why"]


def test_a_known_gap_of_the_judge_is_named_where_a_written_mistake_survives():
    op = OPS["affine"]
    none = Wrong("none", "wrong sign", op.forward, op.backward, "dx", missed="nothing is wrong", says="nothing")
    found = Measuring(Settings(cases=3, checkers=())).mutant(Written(op, none), False)
    assert found["outcome"] == "survived" and found["message"].endswith("; known: nothing is wrong")
