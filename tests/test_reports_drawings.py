"""What the pages draw: errors in ulp counted, curves of a training, and which findings a long list keeps."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.curves import panels
from reports.findings import badness, collect
from reports.histogram import histogram, svg
from reports.listed import listed
from reports.training import MOST_BYTES, Run, render
from tests import reports_synthetic as synthetic

EPSILON = 2.0**-52


def counted(true: list[Any], got: list[Any], ratio: list[Any], dtype: str = "float64") -> dict[str, int]:
    found = histogram({"true": true, "got": got, "ratio": ratio}, dtype)
    assert found
    return {b.name: b.entries for b in found.bins if b.entries}


def test_errors_are_counted_in_units_in_the_last_place():
    true = [1.0] * 6
    got = [1.0, 1 + EPSILON, 1 + 3 * EPSILON, 1 + 100 * EPSILON, 1.5, 1e308]
    assert counted(true, got, [0, 0.5, 2, 3, 4, 5]) == {"0": 1, "1": 1, "4": 1, "1e2": 1, "more": 2}


def test_a_float32_has_units_of_its_own():
    unit = 2.0**-23
    assert counted([1.0, 1.0, 2.0**-149], [1 + unit / 2, 1 + unit, 0.0], [0] * 3, "float32") == {"0.5": 1, "1": 2}
    assert histogram({"true": [1], "got": [1], "ratio": [0]}, "int64") is None


def test_what_is_not_finite_and_where_the_truth_is_zero_stand_apart():
    true, got = ["nan", "inf", 1.0, 0.0, 0.0, None], ["nan", "-inf", "nan", 1e-9, -0.0, 1.0]
    assert counted(true, got, [0, "inf", "inf", 2, 0, None]) == {"0": 2, "true 0": 1, "inf, nan": 3}


def test_within_beyond_and_not_judged_are_told_apart():
    found = histogram({"true": [1.0] * 3, "got": [2.0] * 3, "ratio": [0.5, 2, "nan"]}, "float64")
    assert found and (found.bins[-1].within, found.bins[-1].beyond, found.bins[-1].unjudged) == (1, 1, 1)
    drawn = ElementTree.fromstring(svg(found))
    assert [r.get("class") for r in drawn.iter("rect")] == ["within", "unjudged", "beyond"]
    assert found.sentence == (
        "3 entries in float64: 0 without error, the median 4.504e+15 ulp, the largest 4.504e+15 ulp; "
        "1 beyond the allowance"
    )


@pytest.mark.parametrize("missing", [{}, {"true": [1.0]}, {"true": [1.0], "got": [1.0, 2.0]}, {"true": [], "got": []}])
def test_without_arrays_there_is_no_histogram(missing: dict[str, Any]):
    assert histogram(missing, "float64") is None


def test_a_long_list_keeps_the_worst_and_one_of_each():
    findings = sorted(collect(synthetic.large(2_000)).findings, key=badness, reverse=True)
    kept = listed(findings, 900)
    assert len(kept) == 900 and kept == sorted(kept, key=badness, reverse=True)
    cells = {(f["op"], f["implementation"], f["quantity"]) for f in findings}
    assert {(f["op"], f["implementation"], f["quantity"]) for f in kept} == cells
    assert kept[: len(kept) // 4] == findings[: len(kept) // 4]
    assert listed(findings, 5_000) == findings


# -- curves -----------------------------------------------------------------------------------------------------------


def test_quantities_of_a_kind_share_a_panel():
    records = [
        {"epoch": k, "loss": 2.0**-k, "test_loss": 1.0, "accuracy": 0.1 * k, "rate": 1, "note": "x"} for k in range(9)
    ]
    drawn = panels(records)
    assert [p.title for p in drawn] == ["loss", "accuracy", "rate"]
    assert [name for _, name in drawn[0].legend] == ["loss", "test_loss"]
    for panel in drawn:
        root = ElementTree.fromstring(panel.svg)
        points = " ".join(line.get("points", "") for line in root.iter("polyline"))
        places = [tuple(map(float, p.split(","))) for p in points.split()]
        assert all(0 <= x <= 560 and 0 <= y <= 300 for x, y in places)


def test_a_line_has_a_gap_where_it_is_not_finite():
    losses = [3.0, 2.0, math.nan, "inf", 1.0, 0.5]
    (panel,) = panels([{"epoch": k, "loss": v} for k, v in enumerate(losses)])
    assert panel.svg.count("<polyline") == 2 and "not finite 2 times" in panel.svg


@pytest.mark.parametrize(
    "records",
    [[], [{"loss": 1.0}], [{"loss": math.nan}] * 3, [{"loss": 0.0}] * 3, [{"loss": 1e308}, {"loss": -1e308}],
     [{"epoch": 0, "loss": 1.0}, {"epoch": 0, "loss": 2.0}], [{"loss": 5e-324}, {"loss": 1e300}]],
)  # fmt: skip
def test_any_history_is_drawn_or_left_out(records: list[dict[str, Any]]):
    for panel in panels(records):
        assert ElementTree.fromstring(panel.svg) is not None and "nan" not in re.sub("aria-label=.*?>", "", panel.svg)


def test_pictures_beyond_the_pages_room_are_named():
    pictures = [("first", b"x" * (MOST_BYTES - 1)), ("second", b"xx")]
    page = render(Run("name", "", "", [], [], [], [], pictures))
    assert page.count("<img") == 1 and "Truncated to keep this page light: second." in page
    assert "Matplotlib is missing" in render(Run("name", "", "", [], [], [], [], no_pictures="Matplotlib is missing"))
