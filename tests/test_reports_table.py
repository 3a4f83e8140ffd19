"""The findings added up: the grid, the headline, the proofs, and what was not exercised."""

from __future__ import annotations

import random
from typing import Any

import pytest

from reports import gaps, html, markdown, table, words
from reports.findings import STATUSES, Findings, collect, rank
from tests import reports_synthetic as synthetic


def found(*records: dict[str, Any], header: dict[str, Any] | None = None) -> Findings:
    return collect([header or synthetic.header(), *records, synthetic.end()])


def said(findings: Findings) -> str:
    return "\n".join(str(gap) for gap in gaps.not_exercised(findings))


def test_a_cell_is_its_worst_finding():
    of, other = synthetic.case(), synthetic.case(number=1)
    records = [
        synthetic.finding(of, "keras", "y", ratio=0.9),
        synthetic.wrong(of, "keras", "dw", ratio=50.0),
        synthetic.wrong(other, "keras", "dw", ratio=6e9),
    ]
    cell = table.grid(found(of, other, *records)).cells["affine", "keras"]
    assert (cell.status, cell.ratio, cell.case) == ("wrong", 6e9, other["case"])
    assert cell.counts == {"agree": 1, "wrong": 2}
    assert cell.entries == 36
    assert cell.text() == "wrong 6e9x"


def test_unknown_is_not_run_and_never_agree():
    of = synthetic.case()
    cells = table.grid(found(of, synthetic.finding(of, "numpy", "y")))
    assert cells.cells["affine", "numpy"].status == "agree"
    assert cells.cells["affine", "keras"].text() == "not run"
    assert cells.cells["softmax", "numpy"].text() == "not run"
    assert cells.cells["softmax", "jax"].text() == "absent"
    assert "agree" not in {cells.cells[op, name].word for op, name in cells.cells if (op, name) != ("affine", "numpy")}


@pytest.mark.parametrize("status", STATUSES[:-1])
def test_nothing_but_agreement_alone_is_called_agree(status):
    of = synthetic.case()
    other = synthetic.finding(of, "numpy", "dx", status=status, ratio=None)
    cell = table.grid(found(of, synthetic.finding(of, "numpy", "y"), other)).cells["affine", "numpy"]
    assert cell.status == status
    assert not cell.text().startswith("agree")
    assert cell.counts["agree"] == 1


def test_absent_counts_no_entries_and_says_where_the_rest_compared():
    of = synthetic.case()
    absent = synthetic.uncompared(of, "numpy", "dx", "absent", "no such layer")
    cell = table.grid(found(of, synthetic.finding(of, "numpy", "y", ratio=0.41), absent)).cells["affine", "numpy"]
    assert (cell.text(), cell.entries) == ("partly absent 0.41", 12)
    alone = table.grid(found(of, {**absent, "entries": 12})).cells["affine", "numpy"]
    assert (alone.text(), alone.entries) == ("absent", 0)


def test_a_wrong_shape_has_no_ratio_borrowed_from_what_agrees():
    of = synthetic.case()
    shapeless = synthetic.wrong(of, "numpy", "dx", ratio=None, reason="wrong-shape")
    cell = table.grid(found(of, shapeless, synthetic.finding(of, "numpy", "y"))).cells["affine", "numpy"]
    assert cell.text() == "wrong"


def test_the_grid_does_not_depend_on_the_order_of_the_findings():
    records = synthetic.run()
    shuffled = records[1:-1]
    random.Random(0).shuffle(shuffled)
    first, second = table.grid(collect(records)), table.grid(collect([records[0], *shuffled, records[-1]]))
    assert first.operations == second.operations
    assert {k: c.text() for k, c in first.cells.items()} == {k: c.text() for k, c in second.cells.items()}


def test_operations_come_worst_first():
    cells = table.grid(collect(synthetic.run()))
    places = [min(rank(c.status) for c in cells.row(op) if c.worst) for op in cells.operations]
    assert places == sorted(places)
    assert cells.operations[:2] == ("softplus", "affine")


def test_an_implementation_and_an_operation_that_no_header_names_have_their_cells():
    of = synthetic.case(op="unheard_of")
    cells = table.grid(collect([synthetic.wrong(of, "pytorch-old", "y")]))
    assert (cells.operations, cells.implementations) == (("unheard_of",), ("pytorch-old",))


def test_a_composed_operation_is_marked():
    of = synthetic.case()
    cells = table.grid(found(of, synthetic.finding(of, "numpy", "y", native=False)))
    assert not cells.cells["affine", "numpy"].native


def test_findings_that_differ_only_in_their_case_are_one_group():
    cases = [synthetic.case(number=n) for n in range(3)]
    records = [synthetic.wrong(of, "keras", "dw", ratio=10.0**n) for n, of in enumerate(cases, start=1)]
    broken = [synthetic.uncompared(cases[0], "jax", q, "broken", "killed") for q in ("y", "dx")]
    groups = table.worst(found(*cases, *broken, *records))
    assert [(g.worst["status"], g.number) for g in groups] == [("wrong", 3), ("broken", 2)]
    assert groups[0].worst["ratio"] == 1000.0


def test_headline_of_nothing():
    assert table.headline(Findings()) == "Nothing was compared: the file holds no findings."


def test_headline_of_a_run_in_which_everything_was_absent():
    of = synthetic.case()
    assert table.headline(found(of, synthetic.uncompared(of, "jax", "y", "absent", ""))).startswith("Nothing was comp")


def test_headline_leads_with_what_is_worst():
    first, second, *others = table.headline_sentences(collect(synthetic.run()))
    assert first == "numpy is wrong in 1 operation and keras in 1."
    assert second == "The worst is numpy in softplus, dx: beyond any allowance."
    assert "tensorflow broke in 1 operation." in others


def test_headline_of_a_run_that_only_broke_does_not_say_that_all_is_well():
    of = synthetic.case()
    broken = synthetic.uncompared(of, "keras", "y", "broken", "killed")
    text = table.headline(found(of, synthetic.finding(of, "numpy", "y"), broken))
    assert text.startswith("Nothing is wrong, but not all is well. keras broke in 1 operation.")


def test_headline_of_agreement_names_the_worst_ratio():
    of = synthetic.case()
    text = table.headline(found(of, synthetic.finding(of, "numpy", "y", ratio=0.83)))
    expected = "1 implementation, 1 operation; the worst agreeing entry reaches 0.83 of its allowance."
    assert text == f"Nothing is wrong: {expected}"


def test_a_refuted_proof_is_in_the_headline():
    of = synthetic.case(proof={"status": "refuted", "radius": 1e-30, "precision": 128, "ties": 0, "message": "by 0.9"})
    findings = found(of, synthetic.finding(of, "numpy", "y"))
    assert table.headline(findings).startswith("The hand-written backward of affine is proved wrong.")
    (proof,) = table.proofs(findings)
    assert (proof.refuted, proof.proved, proof.radius, proof.message) == (1, 0, None, "by 0.9")


def test_a_case_without_a_derivative_is_no_proof():
    asked, step, other = synthetic.case(), synthetic.case(op="adam", number=1), synthetic.case(op="sgd", number=2)
    none = {"status": "not-asked", "radius": None, "precision": 128, "ties": 0, "message": "no derivative asked"}
    step["proof"], other["proof"] = none, none
    findings = found(asked, step, other, *(synthetic.finding(of, "numpy", "y") for of in (asked, step, other)))
    proofs = {p.op: (p.cases, p.proved, p.undecided, p.not_asked) for p in table.proofs(findings)}
    assert proofs == {"affine": (1, 1, 0, 0), "adam": (0, 0, 0, 1), "sgd": (0, 0, 0, 1)}
    sentence = "No derivative is asked of adam and sgd: they are judged by their outputs alone."
    assert table.without_derivative(table.proofs(findings)) == sentence
    page, text = html.render(findings), markdown.render(findings)
    for shown in (page, text):
        section = shown[shown.rindex("Proofs") :]
        assert sentence in section
    assert "| affine | 1 | 1 | 0 | 0 |" in text
    assert "| adam | 0" not in text
    assert '<th scope="row">affine</th>' in page[page.index('id="proofs"') :]
    assert '<th scope="row">adam</th>' not in page[page.index('id="proofs"') :]
    assert "No derivative asked: the forward ran on exact numbers at 128 bits." in page


def test_proofs_are_counted_and_a_case_without_one_is_undecided():
    cases = [synthetic.case(number=n) for n in range(3)]
    cases[1]["proof"] = {"status": "proved", "radius": 1e-25, "precision": 256, "ties": 2, "message": ""}
    cases[2].pop("proof")
    (proof,) = table.proofs(found(*cases))
    assert (proof.cases, proof.proved, proof.undecided, proof.ties) == (3, 2, 1, 1)
    assert (proof.radius, proof.precision) == (1e-25, (128, 256))


def test_what_was_not_exercised_is_named():
    text = said(collect(synthetic.run()))
    assert "jax: absent (jax is not installed in this Python)" in text
    assert "no case in the regimes integers, ties and empty" in text
    assert "softmax: no case with axis=0" in text
    assert "huber: 1 drawn case refused as vacuous (the true gradient is zero)" in text
    assert "huber: a true value that is zero or constant tells nothing: dprediction in 4 cases" in text
    assert "tensorflow: absent in two_layer_network (no such layer)" in text
    assert "tensorflow: not-applicable in huber (delta is fixed)" in text


def test_operations_without_a_case_and_cells_that_did_not_run_are_named():
    of = synthetic.case()
    text = said(found(of, synthetic.finding(of, "numpy", "y")))
    assert "softmax, softplus, conv2d" in text
    assert "no case at all" in text
    assert "keras and tensorflow: not run in" in text
    assert "the run: has no case in float32" in text


def test_a_run_without_an_end_says_so():
    records = synthetic.run(1)
    assert "the run: has no end: it was killed" in said(collect(records[:-1]))
    assert "the run: was interrupted before" in said(collect([*records[:-1], synthetic.end(status="interrupted")]))
    assert "has no end" not in said(collect(records))
    cut = collect(records)
    cut.cut = True
    assert "the file: was cut in the middle" in said(cut)
    assert "was stopped before it wrote" in said(Findings())


def test_nothing_missing_leaves_nothing_to_say():
    header = synthetic.header(implementations={"numpy": {"status": "ready", "versions": {}, "message": ""}})
    header["settings"] = {"operations": ["affine"], "cases": 1, "seed": 0, "dtypes": ["float64"]}
    header["operations"] = {"affine": {**synthetic.about("affine"), "regimes": ["ordinary"]}}
    of = synthetic.case()
    assert gaps.not_exercised(found(of, synthetic.finding(of, "numpy", "y"), header=header)) == []


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (1e-9, "<0.001"),
        (0.0123, "0.012"),
        (0.41, "0.41"),
        (0.8, "0.80"),
        (0.9994, "0.999"),
        (0.99999999, "0.999"),
        (1.0, "1.00"),
        (1.0000001, "1.01x"),
        (1.25, "1.2x"),
        (17.3, "17x"),
        (999.7, "1e3x"),
        (6.2e9, "6e9x"),
        (float("inf"), "inf"),
    ],
)
def test_ratios_in_a_few_characters(ratio, text):
    assert words.times(ratio) == text


def test_two_numbers_are_shown_with_the_digits_that_tell_them_apart():
    assert words.pair("-1.1752011936438014", "-2.3504023872876028") == ("-1.1752", "-2.3504")
    assert words.pair("0.12345678912", "0.12345678934") == ("0.12345678912", "0.12345678934")
    assert words.pair("0.123456789012345678", "0.123456789012345679") == (
        "0.123456789012345678",
        "0.123456789012345679",
    )
    assert words.pair("[0, 1]", None) == ("[0, 1]", "None")


def test_control_characters_become_visible():
    assert words.line("a\x1b[31mb\x00\n\tc\u202e") == "a\\x1b[31mb\\x00 c\\u202e"
    assert words.plain("a\n\x07b") == "a\n\\x07b"
    assert words.line("x" * 50, 10) == "xxxxxxxxxx… (40 more characters)"
