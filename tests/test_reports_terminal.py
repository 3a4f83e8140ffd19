"""The terminal report: words that stand without colour, at every width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from reports import render, terminal
from reports.findings import Findings, collect
from tests import reports_synthetic as synthetic


def text(findings: Findings, width: int = 100) -> str:
    return render(findings, "text", width=width)


def coloured(findings: Findings, monkeypatch: pytest.MonkeyPatch, no_color: str | None) -> str:
    if no_color is None:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.setenv("NO_COLOR", no_color)
    out = io.StringIO()
    terminal.render(findings, Console(file=out, width=100, force_terminal=True, color_system="standard"))
    return out.getvalue()


def test_the_cells_are_words_and_ratios():
    lines = text(collect(synthetic.run())).splitlines()
    head = next(line for line in lines if line.startswith("operation "))
    assert head.split() == ["operation", *synthetic.IMPLEMENTATIONS]
    softplus = next(line for line in lines if line.startswith("softplus "))
    assert "wrong inf" in softplus
    assert "agree 0.7" in softplus
    assert softplus.endswith("absent")


def test_the_worst_findings_come_first_with_both_numbers():
    report = text(collect(synthetic.run()), 200)
    worst = report[report.index("Worst findings") :].splitlines()[1:]
    assert worst[0].startswith("wrong softplus, numpy, dx: ")
    assert "true -1.1752, got -2.3504, beyond any allowance" in worst[0]
    assert worst[0].endswith(" [softplus:f64:ordinary:0000]")
    assert "6e15x the allowance" in worst[1]
    assert "the worker was killed by signal 11 (SIGSEGV)" in worst[2]


def test_a_case_that_does_not_fit_has_a_line_of_its_own():
    lines = text(collect(synthetic.run()), 80).splitlines()
    assert "  softplus:f64:ordinary:0000" in lines


def test_what_was_not_exercised_is_last():
    report = text(collect(synthetic.run()))
    assert report.index("Worst findings") < report.index("Not exercised") < report.index("jax: absent (jax is not")


def test_an_empty_run_says_so_in_a_sentence():
    assert text(Findings()).startswith("Nothing was compared: the file holds no findings.")


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width):
    report = text(collect(synthetic.run()), width)
    assert max(len(line) for line in report.splitlines()) <= width
    joined = " ".join(report.split())
    for word in ("wrong", "broken", "inaccurate", "absent", "agree 0."):
        assert word in joined


def test_five_implementations_fit_as_a_table_in_80_columns():
    assert any(line.startswith("operation ") for line in text(collect(synthetic.run()), 80).splitlines())


def test_a_narrow_terminal_gets_the_cells_under_each_other():
    lines = text(collect(synthetic.run()), 50).splitlines()
    assert lines[lines.index("affine") + 1].startswith("  numpy agree 0.")
    assert "  keras wrong 6e15x" in lines


def test_the_words_are_the_same_without_colour(monkeypatch):
    findings = collect(synthetic.run())
    plain = coloured(findings, monkeypatch, "1")
    rich = coloured(findings, monkeypatch, None)
    assert "\x1b[31" not in plain and "\x1b[32" not in plain
    assert "\x1b[32m" in rich
    from rich.text import Text

    assert Text.from_ansi(rich).plain == Text.from_ansi(plain).plain


def test_hostile_text_reaches_no_terminal():
    report = text(collect(synthetic.hostile()), 120)
    assert "\x1b" not in report and "\x07" not in report and "\u202e" not in report
    assert "\\x1b[31mred" in report
    assert "[bold]" in report


def test_a_finding_without_its_case_and_detail_is_shown():
    of = synthetic.case()
    assert "affine, keras, dx" in text(collect([synthetic.wrong(of)]))
    bare = {k: synthetic.wrong(of)[k] for k in ("record", "case", "op", "implementation", "quantity", "status")}
    assert "no reason given" in text(collect([bare]))


def test_a_long_list_is_cut_and_says_so():
    report = text(collect(synthetic.large(2000)))
    assert "more; the html report lists them" in report
    assert len(report.splitlines()) < 250
