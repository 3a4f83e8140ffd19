"""Lecture 002: its listings stand as in the text, printed sums and matrices are read, and a slip in them is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradproof.lectures.claims import claims
from gradproof.lectures.claims._exact import same
from gradproof.lectures.claims._listings import listing
from gradproof.lectures.claims.lecture_002._pieces import NETWORK, layers, printed_matrix, printed_sum
from gradproof.lectures.claims.lecture_002._programs import AS_PRINTED, QUESTIONS, answers, repaired

TEXTS = Path(__file__).resolve().parent.parent.parent / "shared" / "lectures"
NO_TEXT = pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")
SUM = r"h_{11}w_{12}^{h2} + h_{12}w_{22}^{h2} + h_{13}w_{32}^{h2} + b_2"
MATRIX = r"w_{11}^{o} & w_{12}^{o} \\ w_{21}^{o} & w_{22}^{o} \\ w_{31}^{o} & w_{32}^{o} \\ w_{41}^{o} & w_{42}^{o}"


def text() -> list[str]:
    (path,) = TEXTS.glob("002_*.txt")
    return path.read_text(encoding="utf-8").split("\n")


@NO_TEXT
@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_stand_as_in_the_text(name: str):
    first, last = AS_PRINTED[name]
    lines = [line.rstrip() for line in text()[first - 1 : last]]
    printed = [line for line in lines if line and not line.startswith("```")]
    assert [line.rstrip() for line in listing(name).split("\n") if line.strip()] == printed


@NO_TEXT
def test_every_slide_has_a_claim():
    # Line 1 is the title; lines 175, 220, 234, 252 and 407 are parts of a slide.
    parts = {1, 175, 220, 234, 252, 407}
    slides = {number for number, line in enumerate(text(), start=1) if re.match(r"#+ \S", line)} - parts - CODE
    assert slides == {claim.place.heading_line for claim in claims("002")}


CODE = {700, 707, 724, 738}
"""Comments of the listings, which look like headings."""


# -- what is read from the text ---------------------------------------------------------------------


def sum_of_neuron_2(**a):
    return (layers(a)["h1"] @ a["w2"] + a["b2"])[0, 1]


def test_a_printed_sum_is_the_entry_of_the_matrix_form():
    assert same(printed_sum(SUM), sum_of_neuron_2, NETWORK).holds


@pytest.mark.parametrize(
    ("right", "slip"),
    [
        ("w_{22}", "w_{21}"),
        ("w_{22}", "w_{23}"),
        ("w_{32}^{h2}", "w_{32}^{o}"),
        ("h_{12}", "h_{22}"),
        ("h_{11}", "h_{12}"),
        ("b_2", "b_1"),
    ],
)
def test_a_slip_in_a_printed_sum_is_found(right: str, slip: str):
    assert right in SUM
    assert same(printed_sum(SUM.replace(right, slip)), sum_of_neuron_2, NETWORK).holds is False


@pytest.mark.parametrize(
    "unreadable", ["", "x + y", SUM.removesuffix(" + b_2"), SUM.replace("h_{11}", "q_{11}"), "h_{11}w_{12}^{h2}"]
)
def test_what_is_no_sum_is_refused(unreadable: str):
    with pytest.raises(ValueError, match="not a sum of products and a bias"):
        printed_sum(unreadable)


def test_a_slip_in_a_printed_matrix_is_found():
    def right(**a):
        return 1 * a["wo"]

    assert same(printed_matrix(MATRIX), right, NETWORK).holds
    for slip in (MATRIX.replace("w_{32}", "w_{23}"), MATRIX.replace("w_{31}^{o}", "w_{31}^{h2}")):
        assert same(printed_matrix(slip), right, NETWORK).holds is False


def test_what_is_no_matrix_is_refused():
    with pytest.raises(ValueError, match="not a matrix of weights"):
        printed_matrix("1 & 2")


# -- listings ---------------------------------------------------------------------------------------


def test_an_answer_that_differs_is_not_taken():
    assert answers("sigmoid derivative", "[[0.25], [0.25]]").holds is False
    assert "has no attribute 'sub'" in answers("sigmoid derivative", "").text


def test_a_question_does_not_see_what_another_changed():
    assert answers("relu", "[[0.0, 0.0], [3.0, 0.0]]").holds
    assert len(QUESTIONS) == len(set(QUESTIONS.values()))


def test_a_repair_of_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"'np\.add\(9' does not occur in the listing"):
        repaired(listing("002_functions_meant"), {"np.add(9": ""})


@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_as_meant_differ_from_the_text_only_in_what_was_lost(name: str):
    # Without quotes, indentation and the broken docstring of the last one: the code lines are those printed.
    meant = {"".join(line.split()).replace('"', "") for line in listing("002_functions_meant").split("\n")}
    printed = {"".join(line.split()).replace('"', "") for line in listing(name).split("\n")} - {""}
    lost = {line for line in printed if line not in meant and not line.startswith(("#", "x:", "the", "samples", "of"))}
    lost = {line for line in lost if not line.startswith(("reference:", "softmax-activation"))}
    assert lost <= {r"Z[Z\le0.0]=0.0", "=Softmax(Z)", "=np.eye(s.shape[-1])"}
