"""Where the lectures contradict each other: each contradiction is shown by numbers, and one that is none is not."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest

from gradproof.lectures.claims import claims, lectures, reporting
from gradproof.lectures.claims._claim import Examined, examine
from gradproof.lectures.claims._contradiction import Contradiction, Reading, Side, compare, side
from gradproof.lectures.claims.contradictions import checked, contradictions, lines

ALL = contradictions()
SUBJECTS = {
    "squared-error-scale",
    "cross-entropy-scale",
    "mean-or-sum",
    "log-base",
    "weight-indices",
    "weights-left-or-right",
    "gradient-row-or-column",
    "layer-count",
    "deep-from",
    "dropout-rates",
    "sign-of-error",
    "name-y",
    "name-sigma",
    "bias-place",
    "relu-at-0",
    "cost-arguments",
}
HALF = Reading("half", "o - y", lambda o: o / 2, lambda o: 2 * (o / 2), (side("003", "076", "half"),))
WHOLE = Reading("whole", "2 (o - y)", lambda o: o, None, (side("003", "068", "whole"),))


def made(*readings: Reading) -> Contradiction:
    return Contradiction("made-up", "a scale", "divide", readings, {"o": [3]}, {"o": "N"})


@pytest.mark.parametrize("contradiction", ALL, ids=lambda contradiction: contradiction.id)
def test_a_contradiction_is_shown(contradiction: Contradiction):
    found = compare(contradiction)
    assert found.shown, found.text
    assert len(found.values) == len(contradiction.readings) == len(set(found.values))


@pytest.mark.parametrize("contradiction", ALL, ids=lambda contradiction: contradiction.id)
def test_readings_that_are_not_settled_do_not_pass_for_settled(contradiction: Contradiction):
    unsettled = replace(contradiction, readings=tuple(replace(r, settled=None) for r in contradiction.readings))
    if contradiction.id != "relu-at-0":  # its readings agree as they are, at every other point than 0
        assert not compare(unsettled).shown


@pytest.mark.parametrize("contradiction", ALL, ids=lambda contradiction: contradiction.id)
def test_one_reading_twice_is_no_contradiction(contradiction: Contradiction):
    first = contradiction.readings[0]
    found = compare(replace(contradiction, readings=(*contradiction.readings, replace(first, name="again"))))
    assert not found.shown and f"{first.name} and again are not told apart" in found.text


def test_the_subjects_of_the_lectures_are_there():
    assert {contradiction.id for contradiction in ALL} >= SUBJECTS
    assert {number for contradiction in ALL for number in contradiction.lectures} == set(lectures())


def test_a_contradiction_that_is_none_is_not_shown():
    assert compare(made(HALF, WHOLE)).shown
    same_again = compare(made(replace(HALF, formula=lambda o: (o + o) / 2), WHOLE))
    assert not same_again.shown and "half and whole are not told apart" in same_again.text


def test_what_does_not_settle_it_is_found():
    found = compare(made(replace(HALF, settled=lambda o: 3 * (o / 2)), WHOLE))
    assert not found.shown and "whole, settled, does not agree with half" in found.text


def test_a_difference_is_found_in_a_reading_that_cannot_be_computed_and_not_where_none_can():
    def product(o: np.ndarray) -> np.ndarray:
        return np.stack([o, o]) @ np.stack([o, o, o])

    impossible = replace(HALF, formula=product)
    found = compare(made(impossible, WHOLE))
    assert found.shown and found.values == ("cannot be computed", "[3]")
    assert not compare(made(impossible, replace(WHOLE, formula=product, settled=lambda o: o))).shown


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda: made(HALF), "it needs two readings"),
        (lambda: made(HALF, replace(WHOLE, sides=())), "each reading needs a side"),
        (lambda: made(HALF, replace(WHOLE, consequence="")), "and a consequence"),
        (lambda: made(HALF, replace(WHOLE, sides=(Side(("003-068", "001-046"), "x"),))), "claims are of one lecture"),
        (lambda: checked((made(HALF, replace(WHOLE, sides=(side("003", "068 999", "x"),))),)), "no claim 003-999"),
        (lambda: checked((made(HALF, WHOLE), made(HALF, WHOLE))), "the name is taken twice"),
    ],
)
def test_a_record_that_does_not_fit_together_is_refused(broken, said: str):
    with pytest.raises(ValueError, match=said):
        broken()


def test_a_side_stands_on_the_lines_of_its_claims():
    assert lines(("003-068", "003-064")) == [285, 303]


# -- reports ---------------------------------------------------------------------------------------------------


@pytest.fixture
def one_claim(monkeypatch: pytest.MonkeyPatch):
    """Reports over a single claim, which holds."""
    claim = next(claim for claim in claims("003") if claim.id == "003-068")
    monkeypatch.setattr(reporting, "claims", lambda lecture: (claim,))
    monkeypatch.setattr(reporting, "examine", lambda claim: Examined(claim, examine(claim).evidence))


def written(output_format: str, lecture: str | None = None) -> tuple[str, int]:
    stream = io.StringIO()
    code = reporting.show(lecture, output_format, stream)
    return stream.getvalue(), code


@pytest.mark.usefixtures("one_claim")
def test_the_table_stands_in_every_format():
    text, code = written("text")
    assert code == 0 and f"\n{len(ALL)} contradictions" in text
    assert all(f"\n  {c.subject[:40]}" in text for c in ALL)
    data = json.loads(written("json")[0])
    assert [c["id"] for c in data["contradictions"]] == [c.id for c in ALL]
    sides = data["contradictions"][0]["readings"][0]["sides"]
    assert sides[0] == {
        "lecture": "003",
        "says": "the sum of squared errors",
        "claims": ["003-068", "003-064"],
        "lines": [285, 303],
    }
    page = written("html")[0]
    assert all(f'id="contradiction-{c.id}"' in page for c in ALL)
    assert '<a href="#c003-068">' in page and "#c003-064" not in page  # a link only to what is on the page


@pytest.mark.usefixtures("one_claim")
def test_one_lecture_is_shown_with_its_own_contradictions():
    data = json.loads(written("json", "001")[0])
    assert 0 < len(data["contradictions"]) < len(ALL)
    assert all("001" in c["lectures"] for c in data["contradictions"])


@pytest.mark.usefixtures("one_claim")
@pytest.mark.parametrize("output_format", ["text", "json", "html"])
def test_a_contradiction_that_is_none_ends_with_1_and_is_named(output_format: str, monkeypatch: pytest.MonkeyPatch):
    none = made(replace(HALF, formula=lambda o: (o + o) / 2), WHOLE)
    monkeypatch.setattr(reporting, "contradictions", lambda lecture: (none,))
    text, code = written(output_format)
    assert code == 1
    assert "half and whole are not told apart" in " ".join(text.split())
    if output_format == "text":
        assert "NOT as recorded: made-up" in text.splitlines()[0]
