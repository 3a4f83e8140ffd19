"""Every claim of the lectures: its check runs and gives the verdict on record; the checks and the record can fail."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from gradproof.lectures.claims import claims, lectures, reporting
from gradproof.lectures.claims._claim import UNSETTLED, VERDICTS, Claim, Evidence, Examined, Place, examine
from gradproof.lectures.claims._exact import derivative, has_shape, rounds_to, same
from gradproof.lectures.claims._listings import AS_PRINTED, execute, listing
from gradproof.lectures.claims._outcome import Outcome, conventional, every, judged, misread
from gradproof.lectures.claims._points import points

TEXTS = Path(__file__).resolve().parent.parent.parent / "shared" / "lectures"
ALL = claims()
CHECKABLE = [claim for claim in ALL if claim.check is not None]
PLACE = Place("Somewhere", 1, 2)
TRUE, FALSE, UNKNOWN = Outcome(True, "it is so"), Outcome(False, "it is not"), Outcome(None, "who knows")

examined = cache(examine)  # a check may train a network: once is enough for all tests


def text_of(lecture: str) -> list[str]:
    (path,) = TEXTS.glob(f"{lecture}_*.txt")
    return path.read_text(encoding="utf-8").split("\n")


# -- every claim -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ALL, ids=lambda claim: claim.id)
def test_the_check_gives_the_verdict_on_record(claim: Claim):
    found = examined(claim)
    assert found.as_expected, f"{claim.says}: expected {claim.expected}, found {found.evidence}"
    assert found.evidence.text


@pytest.mark.parametrize("claim", CHECKABLE[::7], ids=lambda claim: claim.id)
def test_an_inverted_expectation_fails(claim: Claim):
    other = "erratum" if claim.expected == "holds" else "holds"
    inverted = replace(claim, expected=other, corrected="x" if other == "erratum" else "", convention="")
    assert not Examined(inverted, examined(claim).evidence).as_expected


def test_ids_are_unique_and_without_gaps():
    for lecture in lectures():
        numbers = sorted(int(claim.id.partition("-")[2]) for claim in claims(lecture))
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_verdict_occurs():
    assert {claim.expected for claim in ALL} == set(VERDICTS)


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")
@pytest.mark.parametrize("lecture", lectures())
def test_places_and_excerpts_are_those_of_the_text(lecture: str):
    text = text_of(lecture)
    for claim in claims(lecture):
        place = claim.place
        assert text[place.heading_line - 1].strip() == place.heading, claim.id
        assert place.heading_line <= place.line <= len(text), claim.id
        assert claim.printed in text[place.line - 1], claim.id


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the lectures' texts are not part of the repository")
@pytest.mark.parametrize("name", AS_PRINTED)
def test_listings_stand_as_in_the_text(name: str):
    first, last = AS_PRINTED[name]
    text = [line.rstrip() for line in text_of(name.partition("_")[0])[first - 1 : last]]
    printed = [line for line in text if line and not line.startswith("```")]
    assert [line.rstrip() for line in listing(name).split("\n") if line.strip()] == printed


# -- the record ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "3-17"}, "an id is lecture and number"),
        ({"kind": "opinion"}, "kind 'opinion' is none of"),
        ({"expected": "wrong"}, "verdict 'wrong' is none of"),
        ({"expected": "erratum"}, "needs a corrected form"),
        ({"corrected": "2"}, "no other has one"),
        ({"expected": "convention"}, "is named"),
        ({"check": None}, "only an uncheckable claim has no check"),
        ({"reason": "lost"}, "and no other, gives a reason"),
    ],
)
def test_a_record_that_does_not_fit_together_is_refused(changes: dict[str, object], said: str):
    good = Claim("003-999", PLACE, "It is so.", "statement", "holds", lambda: Evidence("holds", "seen"))
    with pytest.raises(ValueError, match=re.escape(said)):
        replace(good, **changes)


def test_a_check_that_raises_is_broken_and_never_as_expected():
    def check() -> Evidence:
        raise RuntimeError("no luck")

    found = examine(Claim("003-999", PLACE, "It is so.", "statement", "holds", check))
    assert (found.evidence.verdict, found.as_expected) == ("broken", False)
    assert "RuntimeError: no luck" in found.evidence.text


def test_an_unknown_lecture_is_refused():
    with pytest.raises(ValueError, match="no claims of a lecture '999'; there are"):
        claims("999")


# -- verdicts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        (judged(TRUE), "holds"),
        (judged(FALSE), "erratum"),
        (judged(TRUE, TRUE), "holds"),
        (judged(FALSE, TRUE), "erratum"),
        (judged(FALSE, FALSE), "undecided"),
        (judged(FALSE, UNKNOWN), "undecided"),
        (judged(UNKNOWN), "undecided"),
        (misread(FALSE, TRUE), "transcription"),
        (misread(TRUE, TRUE), "holds"),
        (misread(FALSE, FALSE), "undecided"),
        (conventional(TRUE, FALSE), "convention"),
        (conventional(TRUE, TRUE), "holds"),
        (conventional(FALSE, TRUE), "erratum"),
        (conventional(FALSE, FALSE), "erratum"),
        (conventional(TRUE, UNKNOWN), "undecided"),
        (judged(every(TRUE, FALSE)), "erratum"),
        (judged(every(TRUE, UNKNOWN)), "undecided"),
    ],
)
def test_verdicts_follow_from_outcomes(evidence: Evidence, verdict: str):
    assert evidence.verdict == verdict
    assert evidence.verdict in {*VERDICTS, *UNSETTLED}


# -- propositions in exact numbers -----------------------------------------------------------------------------


def test_points_have_scalars_zeros_and_unequal_sizes():
    shapes = {"x": "N D", "w": "D C"}
    sizes = {(*p["x"].shape, p["w"].shape[1]) for p in points(shapes)}
    assert (1, 1, 1) in sizes and any(len(set(s)) == 3 and min(s) > 1 for s in sizes)
    assert all(max(s[axis] for s in sizes) >= 3 for axis in range(3))
    assert any(not p["x"].any() for p in points(shapes))
    assert all(min(p["w"].shape) >= 2 for p in points(shapes, least=2))


def test_a_formula_that_differs_only_far_out_is_found():
    at = {"x": "N"}
    assert same(lambda x: (x - 1) * (x + 1), lambda x: x * x - 1, at).holds
    assert same(lambda x: x + 1e-15 * x**2, lambda x: x, at).holds is False


def test_a_wrong_shape_or_an_exception_is_a_difference():
    at = [{"x": np.ones((2, 3))}]
    assert "it has shape (3,), not (2,)" in same(lambda x: x.sum(axis=0), lambda x: x.sum(axis=1), at).text
    assert "cannot be computed" in same(lambda x: x @ x, lambda x: x.sum(axis=1), at).text


def test_an_error_in_the_right_formula_is_not_taken_for_evidence():
    with pytest.raises(ValueError, match="matmul"):
        same(lambda x: x, lambda x: x @ x, [{"x": np.ones((2, 3))}])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda dy, x, w: dy @ x,
        lambda dy, x, w: -(x.T @ dy),
        lambda dy, x, w: x.T @ dy / len(x),
        lambda dy, x, w: x[:1].T @ dy[:1],
        lambda dy, x, w: x.T @ dy * (1 + 1e-9),
        lambda dy, x, w: x.T @ np.ones_like(dy),
        lambda dy, x, w: (x.T @ dy)[:, :1],
    ],
)
def test_a_wrong_gradient_is_refuted(wrong):
    shapes = {"x": "N D", "w": "D C"}
    assert derivative(lambda x, w: x @ w, lambda dy, x, w: x.T @ dy, shapes, by="w").holds
    assert derivative(lambda x, w: x @ w, wrong, shapes, by="w").holds is False


def test_a_counterexample_is_the_smallest_point_that_shows_it():
    found = derivative(lambda x: (x**2).sum(), lambda dy, x: dy * x, {"x": "N"}, by="x")
    assert found.text == "at x = [1] the derivative by x[0] is 2, not 1"


@pytest.mark.parametrize(
    ("printed", "value", "holds"),
    [
        ("0.12", Fraction(115, 1000), True),
        ("0.12", Fraction(125, 1000), True),
        ("0.12", Fraction(1149999, 10**7), False),
        ("0.12", Fraction(1250001, 10**7), False),
        ("-0.37", Fraction(-13, 100), False),
        ("14", Fraction(29, 2), True),
        ("14", Fraction(146, 10), False),
    ],
)
def test_a_printed_decimal_stands_for_half_a_unit_of_its_last_place(printed: str, value: Fraction, holds: bool):
    assert rounds_to(printed, value).holds is holds


def test_a_shape_that_fits_only_square_arrays_is_refused():
    shapes = {"x": "N D", "w": "D C"}
    assert has_shape(lambda x, w: x @ w, "N C", shapes).holds
    assert has_shape(lambda x, w: x @ w, "N D", shapes).holds is False
    assert has_shape(lambda x, w: w @ x, "N C", shapes).holds is False


# -- listings --------------------------------------------------------------------------------------------------


def test_an_exception_of_a_listing_is_its_evidence():
    run = execute("print('before'); 1 / 0")
    assert (run.exception, run.printed.strip()) == ("ZeroDivisionError: division by zero", "before")
    assert run.outcome.holds is False


def test_a_listing_does_not_see_this_checkout():
    assert execute("import lectures").exception.startswith("ModuleNotFoundError")


# -- reports ---------------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch):
    """Reports over claims that were examined before."""
    monkeypatch.setattr(reporting, "examine", examined)


def shown(output_format: str, lecture: str | None = None) -> tuple[str, int]:
    stream = io.StringIO()
    code = reporting.show(lecture, output_format, stream)
    return stream.getvalue(), code


@pytest.mark.usefixtures("quick")
def test_the_text_counts_and_lists_errata_first():
    text, code = shown("text")
    assert code == 0
    assert "every verdict is the one on record" in text.splitlines()[0]
    for claim in ALL:
        assert (f"\n{claim.id}  " in text) == (claim.expected in ("erratum", "transcription")), claim.id
    assert text.index("  erratum  ") < text.index("  transcription  f")


@pytest.mark.usefixtures("quick")
def test_one_lecture_is_shown_in_full():
    text, code = shown("text", "003")
    assert code == 0
    assert all(f"\n{claim.id}  " in text for claim in claims("003"))
    assert max(map(len, text.splitlines())) <= 200


@pytest.mark.usefixtures("quick")
def test_json_holds_every_claim_and_the_counts():
    text, code = shown("json")
    data = json.loads(text)
    assert code == 0 and {record["id"] for record in data["claims"]} == {claim.id for claim in ALL}
    assert sum(sum(row.values()) for row in data["counts"].values()) == len(ALL)
    assert data["claims"][0]["verdict"] == "erratum" and data["claims"][0]["corrected"]


class Reader(HTMLParser):
    """Collects tags, ids and what a page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)
        self.loads += [tag] if tag in ("script", "link", "img", "iframe") else []
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.usefixtures("quick")
def test_the_page_is_whole_and_stands_alone():
    page, code = shown("html")
    reader = Reader()
    reader.feed(page)
    assert code == 0 and not reader.open and not reader.loads
    assert {f"c{claim.id}" for claim in ALL} <= set(reader.ids) and len(set(reader.ids)) == len(reader.ids)
    assert all(link.removeprefix("#") in reader.ids for link in reader.links)
    assert "✗ erratum" in page and "prefers-color-scheme: dark" in page


def test_hostile_text_is_escaped(monkeypatch: pytest.MonkeyPatch):
    hostile = "<script>alert('&')</script>"
    found = Evidence("erratum", hostile)
    place = Place(hostile, 1, 2)
    claim = Claim("003-001", place, hostile, "statement", "erratum", lambda: found, printed=hostile, corrected=hostile)
    monkeypatch.setattr(reporting, "claims", lambda lecture: (claim,))
    page, _ = shown("html")
    assert "<script" not in page and page.count("&lt;script&gt;") == 5


@pytest.mark.parametrize("output_format", ["text", "json", "html"])
def test_a_verdict_that_is_not_on_record_ends_with_1_and_leads(output_format: str, monkeypatch: pytest.MonkeyPatch):
    good = Claim("003-001", PLACE, "First.", "statement", "holds", lambda: Evidence("holds", "seen"))
    bad = Claim("003-002", PLACE, "Second.", "statement", "holds", lambda: Evidence("erratum", "found wrong"))
    monkeypatch.setattr(reporting, "claims", lambda lecture: (good, bad))
    text, code = shown(output_format)
    assert code == 1
    assert "003-001" not in text or text.index("003-002") < text.index("003-001")
    assert "found wrong" in text
    if output_format == "text":
        assert "NOT as recorded: 003-002" in text.splitlines()[0]


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format 'pdf' is none of text, json, html"):
        shown("pdf")
